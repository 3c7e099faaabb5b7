//! Refusals in the envelope of an answer, and what they are understood as.

use chatapi_types::admin::Admin;
use chatapi_types::chat_api::ChatApi;
use chatapi_types::wamm::Wamm;
use chatapi_types::{Answer, Dialect, ErrorCode, Verdict};

use crate::files;

/// A file, the HTTP status it comes with, the vendor's words in it, the code they stand for, what
/// kind of no that is, and whether the same call may succeed a little later.
type Row = (&'static str, u16, &'static str, &'static str, Verdict, bool);

const CHAT_API: &[Row] = &[
    (
        "wrong_token",
        401,
        "Wrong token \"aaaaaaaaaaaaaaaa\" for instance \"100000\". Please provide token as a GET \
         parameter.",
        "WrongToken",
        Verdict::Unauthorized,
        false,
    ),
    (
        "wrong_token_short",
        401,
        "Wrong token. Please provide token as a GET parameter.",
        "WrongToken",
        Verdict::Unauthorized,
        false,
    ),
    (
        "not_paid",
        200,
        "Instance \"100000\" is not paid. Please pay at app.chat-api.com",
        "NotPaid",
        Verdict::Refused,
        false,
    ),
    ("unknown_method", 404, "Method not found", "Other", Verdict::Refused, false),
    ("message_beside_status", 500, "Internal error", "Other", Verdict::Refused, false),
    ("object", 200, r#"{"code":7,"text":"no"}"#, "Other", Verdict::Refused, false),
];

const ADMIN: &[Row] = &[("error", 200, "text", "Other", Verdict::Refused, false)];

/// `error` members that complain of nothing.
const NO_COMPLAINT: &[&str] = &["none_null", "none_false", "none_empty", "none_zero"];

const REFUSED: Verdict = Verdict::Refused;

const WAMM: &[Row] = &[
    ("token_fail", 200, "token fail", "TokenFail", Verdict::Unauthorized, false),
    ("acc_not_authorized", 200, "acc not authorized", "NotAuthorized", REFUSED, false),
    ("phone_fail", 200, "phone fail", "PhoneFail", REFUSED, false),
    ("no_whatsapp_on_the_number", 200, "no WhatsApp on the number", "NoWhatsApp", REFUSED, false),
    ("no_account_on_the_number", 200, "no Account on the number", "NoAccount", REFUSED, false),
    (
        "phone_not_checked_for_whatsapp_please_retry",
        200,
        "phone not checked for WhatsApp, please retry",
        "WhatsAppNotChecked",
        REFUSED,
        true,
    ),
    (
        "phone_not_checked_please_retry",
        200,
        "phone not checked, please retry",
        "NotChecked",
        REFUSED,
        true,
    ),
    ("text_fail", 200, "text fail", "TextFail", REFUSED, false),
    ("text_fail_more_4500", 200, "text fail, more 4500", "TextTooLong", REFUSED, false),
    ("text_fail_more_1500", 200, "text fail, more 1500", "TextTooLong", REFUSED, false),
    ("msg_id_fail", 200, "msg_id fail", "MsgIdFail", REFUSED, false),
    ("msg_not_be", 200, "msg not be", "MsgNotFound", REFUSED, false),
    (
        "channel_type_is_not_support_this_method",
        200,
        "Channel type is not support this method",
        "WrongMessenger",
        REFUSED,
        false,
    ),
    ("name_fail", 200, "name fail", "NameFail", REFUSED, false),
    ("name_fail_more_250", 200, "name fail, more 250", "NameTooLong", REFUSED, false),
    ("web_fail_more_150", 200, "web fail, more 150", "WebTooLong", REFUSED, false),
    ("email_fail_more_150", 200, "email fail, more 150", "EmailTooLong", REFUSED, false),
    ("phone_not_found", 200, "phone not found", "PhoneNotFound", REFUSED, false),
    ("not_found", 200, "not found", "NotFound", REFUSED, false),
    ("user_not_found", 200, "user not found", "UserNotFound", REFUSED, false),
    ("user_not_active", 200, "user not active", "UserNotActive", REFUSED, false),
    ("tag_not_entry", 200, "tag not entry", "TagNotEntered", REFUSED, false),
    ("user_id_fail", 200, "user_id fail", "UserIdFail", REFUSED, false),
    ("fail_get_data", 200, "fail get data", "NoData", REFUSED, false),
    ("fail_execution", 200, "fail execution", "ExecutionFail", Verdict::Unavailable, true),
    (
        "unknown_word",
        200,
        "limit of test account",
        "Unknown(UnknownWord(\"limit of test account\"))",
        REFUSED,
        false,
    ),
    ("number", 200, "5", "Unknown(UnknownWord(\"5\"))", REFUSED, false),
];

pub(crate) fn files() -> impl Iterator<Item = String> {
    let named = |vendor: &'static str, names: Vec<&'static str>| {
        names.into_iter().map(move |name| format!("{vendor}/errors/{name}.json"))
    };
    let rows = |rows: &[Row]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
    named("chat_api", rows(CHAT_API))
        .chain(named("chat_api", NO_COMPLAINT.to_vec()))
        .chain(named("admin", rows(ADMIN)))
        .chain(named("wamm", rows(WAMM)))
}

fn check<D: Dialect>(dialect: &D, vendor: &str, rows: &[Row]) {
    for (name, status, words, code, verdict, transient) in rows {
        let body = files::read(&format!("{vendor}/errors/{name}.json"));
        let answer = Answer::new(*status, Some("application/json"), &body);
        let complaint =
            dialect.complaint(&answer).unwrap_or_else(|| panic!("{name}: no complaint"));
        assert_eq!(complaint, *words, "{name}: the vendor's words are kept to the letter");
        let understood = D::Code::classify(&complaint);
        assert_eq!(format!("{understood:?}"), *code, "{name}");
        assert_eq!(understood.verdict(), *verdict, "{name}");
        assert_eq!(understood.is_transient(), *transient, "{name}");
        assert!(!understood.advice().is_empty(), "{name}");
    }
}

#[test]
fn refusals_keep_the_vendors_words_and_are_understood() {
    check(&ChatApi::path("100000"), "chat_api", CHAT_API);
    check(&Admin::json(), "admin", ADMIN);
    check(&Wamm::query(), "wamm", WAMM);
}

#[test]
fn an_error_member_may_complain_of_nothing() {
    for name in NO_COMPLAINT {
        let body = files::read(&format!("chat_api/errors/{name}.json"));
        let answer = Answer::new(200, None, &body);
        assert_eq!(ChatApi::path("100000").complaint(&answer), None, "{name}");
    }
}

#[test]
fn every_word_of_the_table_has_a_sample() {
    let words: Vec<_> = WAMM.iter().map(|row| row.2).collect();
    for known in chatapi_types::wamm::ErrorCode::KNOWN {
        assert!(words.contains(known), "{known}");
    }
}
