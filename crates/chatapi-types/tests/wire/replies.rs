//! Replies: the canonical sample comes back byte for byte, its variants read as the same value.

use std::collections::BTreeSet;
use std::fmt::Debug;

use chatapi_types::admin::{self, Admin, Created, Deleted, Instances};
use chatapi_types::chat_api::{
    self, ActionsQueue, BanSettings, BanTest, ChangedSettings, Chat, ChatApi, ChatRead,
    ClearedActions, ClearedMessages, CommandReply, Dialogs, GroupCreated, HistoryPage,
    InstanceStatuses, Joined, LabelCreated, Labels, Me, MessagePage, MessagesQueue, NameSet, Order,
    OutputIp, ParticipantChanged, ReadFile, ReadQrCode, ReadScreenshot, Rebooted, Removed,
    Settings, Status, Webhook, WebhookSet, WebhookStatus,
};
use chatapi_types::wamm::{
    self, Channels, Done, FileSent, FoundContact, History, OpenChats, ReadState, Users, Wamm,
};
use chatapi_types::{Answer, Binary, Call, Dialect, Reply};

use crate::files;

/// One folder: `canonical.json` and its variants `same_*.json`.
struct Sample {
    folder: &'static str,
    check: fn(&str),
}

const fn reply<T: Reply + PartialEq + Debug>(folder: &'static str) -> Sample {
    Sample { folder, check: |folder| check::<T>(folder, same_value, false) }
}

const fn refusal<T: Reply + PartialEq + Debug>(folder: &'static str) -> Sample {
    Sample { folder, check: |folder| check::<T>(folder, same_value, true) }
}

/// For replies that hold a secret, which cannot be compared but by what is written.
const fn secret<T: Reply>(folder: &'static str) -> Sample {
    Sample { folder, check: |folder| check::<T>(folder, same_bytes, false) }
}

/// For replies whose form is unknown: each sample comes back to the letter.
const fn kept<T: Reply>(folder: &'static str) -> Sample {
    Sample { folder, check: check_kept::<T> }
}

const SAMPLES: &[Sample] = &[
    reply::<Status>("chat_api/status/authenticated"),
    reply::<Status>("chat_api/status/init"),
    reply::<Status>("chat_api/status/not_paid"),
    reply::<Status>("chat_api/status/got_qr_code"),
    reply::<Status>("chat_api/status/expired_qr"),
    reply::<Status>("chat_api/status/conflict"),
    reply::<Status>("chat_api/status/syncing"),
    reply::<Status>("chat_api/status/battery_low_1"),
    reply::<Status>("chat_api/status/battery_low_2"),
    reply::<chat_api::Sent>("chat_api/sendMessage/taken"),
    reply::<chat_api::Sent>("chat_api/sendMessage/as_specified"),
    reply::<chat_api::Sent>("chat_api/sendMessage/not_authenticated"),
    refusal::<chat_api::Sent>("chat_api/sendMessage/declined_empty_body"),
    refusal::<chat_api::Sent>("chat_api/sendMessage/declined_phone"),
    reply::<chat_api::Sent>("chat_api/sendFile/taken"),
    reply::<chat_api::Sent>("chat_api/sendFile/as_specified"),
    reply::<MessagePage>("chat_api/messages/page"),
    reply::<MessagePage>("chat_api/messages/empty"),
    reply::<MessagePage>("chat_api/messages/later_fields"),
    reply::<MessagePage>("chat_api/messages/specified_fields"),
    reply::<chat_api::PhoneCheck>("chat_api/checkPhone/exists"),
    reply::<chat_api::PhoneCheck>("chat_api/checkPhone/not_exists"),
    refusal::<chat_api::PhoneCheck>("chat_api/checkPhone/failed"),
    reply::<MessagesQueue>("chat_api/showMessagesQueue/two"),
    reply::<MessagesQueue>("chat_api/showMessagesQueue/more_than_listed"),
    reply::<MessagesQueue>("chat_api/showMessagesQueue/empty"),
    reply::<MessagesQueue>("chat_api/showMessagesQueue/without_type"),
    reply::<ClearedMessages>("chat_api/clearMessagesQueue/two"),
    reply::<ClearedMessages>("chat_api/clearMessagesQueue/none"),
    reply::<Settings>("chat_api/settings/new_instance"),
    reply::<Settings>("chat_api/settings/in_use"),
    reply::<ChangedSettings>("chat_api/settings/changed"),
    reply::<Webhook>("chat_api/webhook/read"),
    reply::<Webhook>("chat_api/webhook/none"),
    reply::<WebhookSet>("chat_api/webhook/set"),
    refusal::<WebhookSet>("chat_api/webhook/declined"),
    reply::<CommandReply>("chat_api/takeover/accepted"),
    reply::<CommandReply>("chat_api/takeover/accepted_as_specified"),
    reply::<CommandReply>("chat_api/takeover/accepted_live"),
    reply::<CommandReply>("chat_api/takeover/declined"),
    reply::<CommandReply>("chat_api/takeover/declined_as_specified"),
    reply::<CommandReply>("chat_api/takeover/declined_live"),
    reply::<CommandReply>("chat_api/takeover/failed"),
    reply::<CommandReply>("chat_api/expiry/accepted"),
    reply::<CommandReply>("chat_api/expiry/accepted_as_specified"),
    reply::<CommandReply>("chat_api/expiry/accepted_live"),
    reply::<CommandReply>("chat_api/expiry/declined"),
    reply::<CommandReply>("chat_api/expiry/declined_as_specified"),
    reply::<CommandReply>("chat_api/expiry/declined_live"),
    reply::<CommandReply>("chat_api/retry/accepted"),
    reply::<CommandReply>("chat_api/retry/accepted_as_specified"),
    reply::<CommandReply>("chat_api/retry/accepted_live"),
    reply::<CommandReply>("chat_api/retry/declined"),
    reply::<CommandReply>("chat_api/retry/declined_as_specified"),
    reply::<CommandReply>("chat_api/retry/declined_live"),
    reply::<CommandReply>("chat_api/logout/accepted"),
    reply::<CommandReply>("chat_api/logout/accepted_as_specified"),
    reply::<CommandReply>("chat_api/logout/accepted_live"),
    reply::<Rebooted>("chat_api/reboot/done"),
    reply::<Rebooted>("chat_api/reboot/declined"),
    reply::<Me>("chat_api/me/linked"),
    reply::<Me>("chat_api/me/bare"),
    reply::<OutputIp>("chat_api/outputIP/known"),
    reply::<NameSet>("chat_api/setName/done"),
    refusal::<NameSet>("chat_api/setName/declined"),
    reply::<chat_api::Done>("chat_api/setStatus/done"),
    reply::<chat_api::Done>("chat_api/repeatHook/done"),
    reply::<chat_api::Sent>("chat_api/sendPTT/taken"),
    reply::<chat_api::Sent>("chat_api/sendLink/taken"),
    reply::<chat_api::Sent>("chat_api/sendContact/taken"),
    reply::<chat_api::Sent>("chat_api/sendLocation/taken"),
    reply::<chat_api::Sent>("chat_api/sendVCard/taken"),
    reply::<chat_api::Sent>("chat_api/forwardMessage/taken"),
    reply::<chat_api::Done>("chat_api/deleteMessage/done"),
    refusal::<chat_api::Done>("chat_api/deleteMessage/failed"),
    reply::<chat_api::Sent>("chat_api/sendButtons/taken"),
    reply::<chat_api::Sent>("chat_api/sendProduct/taken"),
    reply::<HistoryPage>("chat_api/messagesHistory/page"),
    reply::<HistoryPage>("chat_api/messagesHistory/beyond"),
    kept::<chat_api::Unspecified>("chat_api/getProducts/unknown"),
    kept::<chat_api::Unspecified>("chat_api/getProduct/unknown"),
    reply::<Order>("chat_api/getOrder/order"),
    reply::<Order>("chat_api/getOrder/bare"),
    reply::<Dialogs>("chat_api/dialogs/two"),
    reply::<Dialogs>("chat_api/dialogs/as_specified"),
    reply::<Dialogs>("chat_api/dialogs/none"),
    reply::<Chat>("chat_api/dialog/private"),
    reply::<Chat>("chat_api/dialog/labelled"),
    reply::<Chat>("chat_api/dialog/bare"),
    reply::<GroupCreated>("chat_api/group/created"),
    reply::<GroupCreated>("chat_api/group/queued"),
    refusal::<GroupCreated>("chat_api/group/declined"),
    reply::<ParticipantChanged>("chat_api/addGroupParticipant/taken"),
    reply::<ParticipantChanged>("chat_api/removeGroupParticipant/taken"),
    reply::<ParticipantChanged>("chat_api/promoteGroupParticipant/taken"),
    reply::<ParticipantChanged>("chat_api/demoteGroupParticipant/taken"),
    refusal::<ParticipantChanged>("chat_api/addGroupParticipant/declined"),
    reply::<Joined>("chat_api/joinGroup/joined"),
    refusal::<Joined>("chat_api/joinGroup/failed"),
    reply::<Removed>("chat_api/leaveGroup/done"),
    refusal::<Removed>("chat_api/leaveGroup/bad_chat"),
    refusal::<Removed>("chat_api/leaveGroup/failed"),
    reply::<ChatRead>("chat_api/readChat/read"),
    refusal::<ChatRead>("chat_api/readChat/declined"),
    reply::<chat_api::Done>("chat_api/unreadChat/done"),
    reply::<chat_api::Done>("chat_api/pinChat/done"),
    refusal::<chat_api::Done>("chat_api/pinChat/failed"),
    reply::<chat_api::Done>("chat_api/unpinChat/done"),
    reply::<Removed>("chat_api/removeChat/done"),
    refusal::<Removed>("chat_api/removeChat/bad_chat"),
    reply::<chat_api::Done>("chat_api/typing/done"),
    reply::<chat_api::Done>("chat_api/recording/done"),
    kept::<chat_api::Unspecified>("chat_api/archiveChat/unknown"),
    kept::<chat_api::Unspecified>("chat_api/unarchiveChat/unknown"),
    kept::<chat_api::Unspecified>("chat_api/clearChat/unknown"),
    kept::<chat_api::Unspecified>("chat_api/disappearingChat/unknown"),
    reply::<Labels>("chat_api/labelsList/two"),
    reply::<Labels>("chat_api/labelsList/none"),
    reply::<LabelCreated>("chat_api/createLabel/created"),
    refusal::<LabelCreated>("chat_api/createLabel/exists"),
    reply::<chat_api::Done>("chat_api/updateLabel/done"),
    reply::<chat_api::Done>("chat_api/removeLabel/done"),
    reply::<chat_api::Done>("chat_api/labelChat/done"),
    reply::<chat_api::Done>("chat_api/unlabelChat/done"),
    kept::<chat_api::Unspecified>("chat_api/userStatus/unknown"),
    reply::<ActionsQueue>("chat_api/showActionsQueue/two"),
    reply::<ActionsQueue>("chat_api/showActionsQueue/empty"),
    reply::<ClearedActions>("chat_api/clearActionsQueue/three"),
    reply::<ClearedActions>("chat_api/clearActionsQueue/none"),
    reply::<BanSettings>("chat_api/banSettings/set"),
    reply::<BanSettings>("chat_api/banSettings/nobody"),
    reply::<BanTest>("chat_api/banTest/banned"),
    reply::<BanTest>("chat_api/banTest/free"),
    reply::<InstanceStatuses>("chat_api/instanceStatuses/two"),
    reply::<InstanceStatuses>("chat_api/instanceStatuses/none"),
    reply::<WebhookStatus>("chat_api/webhookStatus/sent"),
    reply::<WebhookStatus>("chat_api/webhookStatus/queued"),
    secret::<Created>("admin/newInstance/created"),
    reply::<Deleted>("admin/deleteInstance/deleted"),
    reply::<Instances>("admin/listInstances/two"),
    reply::<Instances>("admin/listInstances/none"),
    kept::<admin::Done>("admin/cleanInstance/done"),
    kept::<admin::Done>("admin/reloadInstance/done"),
    kept::<admin::Done>("admin/transferDays/done"),
    reply::<wamm::Sent>("wamm/msg_to/taken"),
    reply::<wamm::Sent>("wamm/msg_to/greatest_id"),
    reply::<ReadState>("wamm/msg_state/viewed"),
    reply::<ReadState>("wamm/msg_state/no_account"),
    reply::<ReadState>("wamm/msg_state/not_sent"),
    reply::<ReadState>("wamm/msg_state/without_phone"),
    reply::<wamm::PhoneCheck>("wamm/check_phone/exists"),
    reply::<History>("wamm/msg_get/two"),
    reply::<History>("wamm/msg_get/empty"),
    reply::<History>("wamm/msg_get_last/two"),
    reply::<History>("wamm/msg_get_last/empty"),
    reply::<Done>("wamm/msg_edit/done"),
    reply::<Channels>("wamm/channel_list/three"),
    reply::<Channels>("wamm/channel_list/none"),
    reply::<FileSent>("wamm/file_to/taken"),
    reply::<FileSent>("wamm/file_to/without_id"),
    reply::<FileSent>("wamm/file_from_base64/taken"),
    reply::<Done>("wamm/contact_to/insert"),
    reply::<Done>("wamm/contact_to/update"),
    reply::<Done>("wamm/contact_delete/deleted"),
    reply::<FoundContact>("wamm/contact_get/user"),
    reply::<FoundContact>("wamm/contact_get/group"),
    reply::<Done>("wamm/contact_open/done"),
    reply::<Done>("wamm/contact_to_user/done"),
    reply::<Done>("wamm/contact_tag_delete/done"),
    reply::<Users>("wamm/user_list/two"),
    reply::<Users>("wamm/user_list/none"),
    reply::<OpenChats>("wamm/user_chats/two"),
    reply::<OpenChats>("wamm/user_chats/none"),
];

/// What the table uses.
pub(crate) fn files() -> BTreeSet<String> {
    let samples = SAMPLES.iter().flat_map(|sample| {
        files::within(sample.folder).filter(|file| {
            let name = file.rsplit('/').next().unwrap();
            name == "canonical.json" || name.starts_with("same_")
        })
    });
    samples.collect()
}

fn decode<T: Reply>(file: &str) -> T {
    let body = files::read(file);
    let answer = Answer::new(200, Some("application/json; charset=utf-8"), &body);
    let complaint = match file.split('/').next().unwrap() {
        "chat_api" => ChatApi::path("100000").complaint(&answer),
        "admin" => Admin::json().complaint(&answer),
        "wamm" => Wamm::query().complaint(&answer),
        other => panic!("whose is {other}?"),
    };
    assert_eq!(complaint, None, "{file}: the envelope complains of nothing");
    T::decode(&answer).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn same_value<T: PartialEq + Debug>(one: &T, other: &T, file: &str) {
    assert_eq!(one, other, "{file}");
}

fn same_bytes<T: Reply>(one: &T, other: &T, file: &str) {
    assert_eq!(text(one), text(other), "{file}");
}

fn text<T: Reply>(reply: &T) -> String {
    let (kind, body) = reply.encode();
    assert_eq!(kind, "application/json; charset=utf-8");
    String::from_utf8(body).unwrap()
}

fn check<T: Reply>(folder: &str, same: fn(&T, &T, &str), refused: bool) {
    let canonical = format!("{folder}/canonical.json");
    let reply: T = decode(&canonical);
    let written = String::from_utf8(files::read(&canonical)).unwrap();
    assert_eq!(text(&reply), written, "{canonical}: comes back byte for byte");
    assert_eq!(reply.refusal().is_some(), refused, "{canonical}: refused?");
    let mut variants = 0;
    for file in files::within(folder).filter(|file| *file != canonical) {
        let variant: T = decode(&file);
        same(&variant, &reply, &file);
        assert_eq!(text(&variant), written, "{file}: is written in canonical form");
        assert_eq!(variant.refusal(), reply.refusal(), "{file}: says no alike");
        variants += 1;
    }
    assert!(variants > 0, "{folder}: a sample needs a variant");
}

fn check_kept<T: Reply>(folder: &str) {
    let mut samples = 0;
    for file in files::within(folder) {
        let reply: T = decode(&file);
        assert_eq!(text(&reply).as_bytes(), files::read(&file), "{file}: kept to the letter");
        assert_eq!(reply.refusal(), None, "{file}: refused?");
        samples += 1;
    }
    assert!(samples > 1, "{folder}: a sample needs a variant");
}

#[test]
fn samples_come_back_byte_for_byte_and_variants_read_as_the_same_value() {
    for sample in SAMPLES {
        (sample.check)(sample.folder);
    }
}

/// Calls that are answered with bytes, of which nothing can be sampled.
const BINARY: [&str; 3] = [ReadQrCode::NAME, ReadScreenshot::NAME, ReadFile::NAME];

#[test]
fn every_call_has_samples() {
    let catalogues =
        [("chat_api", chat_api::CATALOGUE), ("admin", admin::CATALOGUE), ("wamm", wamm::CATALOGUE)];
    for (vendor, catalogue) in catalogues {
        for name in catalogue.iter().map(|entry| entry.operation.name) {
            let start = format!("{vendor}/{name}/");
            let sampled = SAMPLES.iter().any(|sample| sample.folder.starts_with(&start));
            assert!(sampled != BINARY.contains(&name), "{vendor}: samples of {name}");
        }
    }
}

/// `GET /qr_code` (Chat API §2.3, grade A) answers with a picture.
#[test]
fn a_picture_is_kept_to_the_byte() {
    let picture = b"\x89PNG\r\n\x1a\n\0\0";
    let reply = Binary::decode(&Answer::new(200, Some("image/png"), picture)).unwrap();
    let (kind, bytes) = reply.encode();
    assert_eq!((&*kind, &*bytes), ("image/png", &picture[..]));
    let unlabelled = Binary::decode(&Answer::new(200, None, picture)).unwrap();
    assert_eq!(unlabelled.content_type, "application/octet-stream");
    assert!(Binary::decode(&Answer::new(200, Some("text/html"), b"<html>")).is_err());
}
