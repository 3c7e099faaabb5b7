//! When an answer comes that is not what was hoped for.

use serde_json::json;

use super::*;

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";

fn doubt(ask: Ask, what: &str) -> String {
    match ask.may_be_repeated() {
        true => format!("{what}; repeating it is safe: try again in a little while"),
        false => format!(
            "{what}; it may have been done all the same: look in the vendor's records before you \
             repeat it"
        ),
    }
}

fn not_understood(ask: Ask, why: &str) -> String {
    let advice = "check that the base address leads to the gateway";
    let name = ask.name();
    match ask.may_be_repeated() {
        true => format!(
            "{name}: the answer cannot be understood ({why}); repeating it is safe, but first {advice}"
        ),
        false => format!(
            "{name}: the answer cannot be understood ({why}); it may have been done all the same: \
             look in the vendor's records before you repeat it, and {advice}"
        ),
    }
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let transport = transport();
    for page in ["<html><title>Log in to the hotel's Wi-Fi</title>", "  <!DOCTYPE html>"] {
        for ask in Ask::ALL {
            let script = [Step::Read, Step::answer(200, HTML, page)];
            let error = ask.fails(&transport, &script).await;
            let line = not_understood(ask, "a web page instead of JSON");
            assert_says(&error, ErrorKind::Malformed, true, false, &line);

            let script = [Step::Read, Step::answer(502, HTML, page)];
            let error = ask.fails(&transport, &script).await;
            let what = format!(
                "{}: {} is out of order (HTTP 502: a web page, so from something in front of the \
                 gateway)",
                ask.name(),
                ask.vendor()
            );
            assert_says(&error, ErrorKind::Unavailable, true, true, &doubt(ask, &what));
        }
    }
}

#[tokio::test]
async fn an_unreadable_answer_may_hide_a_done_call() {
    let transport = transport();
    let cut = "the document ends too early at line 1";
    for (body, why) in [
        ("", "an empty answer instead of JSON"),
        (" \r\n", "an empty answer instead of JSON"),
        ("{\"sent\":tr", &format!("{cut} column 10")),
        ("{\"sent\":true,\"id\":\"fal", &format!("{cut} column 22")),
        ("{", &format!("{cut} column 1")),
        ("OK", "not JSON at line 1 column 1"),
    ] {
        for ask in Ask::ALL {
            let error = ask.fails(&transport, &[Step::Read, Step::json(body)]).await;
            let line = not_understood(ask, why);
            assert_says(&error, ErrorKind::Malformed, true, false, &line);
        }
    }
}

#[tokio::test]
async fn wrong_types_are_named_by_place_and_never_by_value() {
    let transport = transport();
    let many = json!({"totalMessages": "canary", "first100": []});
    for (ask, body, place) in [
        (Ask::ChatApiSend, json!({"sent": ["canary"], "message": "canary"}), "`sent`"),
        (Ask::ChatApiSend, json!({"message": "canary"}), "`sent`"),
        (Ask::ChatApiRead, many, "`totalMessages`"),
        (Ask::WammSend, json!({"err": 0, "msg_id": {"canary": "canary"}}), "`msg_id`"),
        (Ask::WammRead, json!({"err": 0, "msg_data": "canary"}), "`msg_data`"),
        (Ask::AdminCreate, json!({"result": "canary"}), "`result`"),
        (Ask::AdminList, json!({"result": "canary"}), "`result`"),
    ] {
        let body = body.to_string();
        let error = ask.fails(&transport, &[Step::Read, Step::json(body)]).await;
        let why = error.message().unwrap();
        assert!(why.contains(place), "{why}");
        assert_says(&error, ErrorKind::Malformed, true, false, &not_understood(ask, why));
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn unknown_words_and_further_members_do_no_harm() {
    let transport = transport();
    let chat_api = async |body: &str| {
        let server = Server::start([vec![Step::Read, Step::json(body)]]).await.unwrap();
        (gateway(server.address(), ChatApi::path("1"), transport.clone()), server)
    };
    let wamm = async |body: &str| {
        let server = Server::start([vec![Step::Read, Step::json(body)]]).await.unwrap();
        (gateway(server.address(), Wamm::query(), transport.clone()), server)
    };
    for body in [
        r#"{"sent":true,"message":"m","id":"12","queueNumber":"5","new":{"deep":[null]}}"#,
        r#"{"sent":"true","message":null,"id":12,"queueNumber":5,"sent_at":1}"#,
        r#"{"new":[],"sent":1,"id":12,"queueNumber":5}"#,
    ] {
        let (gateway, _server) = chat_api(body).await;
        let sent = gateway.call(&chat_api::SendMessage::new(phone(), "hi")).await.unwrap();
        assert_eq!(sent.id.unwrap().as_str(), "12", "{body}");
        assert_eq!(sent.queue_number, Some(5), "{body}");
    }
    let (gateway, _server) = chat_api(r#"{"accountStatus":"hibernating","x":1}"#).await;
    let status = gateway.call(&chat_api::ReadStatus::new()).await.unwrap();
    assert_eq!(status.account_status.as_str(), "hibernating");

    // `err` as 0, "0", missing; ids as numbers and strings.
    for body in [
        r#"{"err":0,"msg_id":7}"#,
        r#"{"err":"0","msg_id":"7"}"#,
        r#"{"msg_id":7,"err":0,"new":{}}"#,
        r#"{"msg_id":"7","err":null}"#,
    ] {
        let (gateway, _server) = wamm(body).await;
        let sent = gateway.call(&wamm::MsgTo::new(phone(), "hi")).await.unwrap();
        assert_eq!(sent.msg_id.as_str(), "7", "{body}");
    }
    for body in [
        r#"{"err":0,"msg_data":{"msg_id":"7","phone":"79000000001","state":"yellowCard"}}"#,
        r#"{"err":"0","msg_data":{"msg_id":7,"phone":79000000001,"state":"yellowCard","x":1}}"#,
    ] {
        let (gateway, _server) = wamm(body).await;
        let state = gateway.call(&wamm::MsgState::new(7)).await.unwrap();
        assert_eq!((state.msg_id().as_str(), state.state().as_str()), ("7", "yellowCard"));
    }
}

/// The vendors' own words, with status and kind, whether it may have been done, and what to do.
#[tokio::test]
async fn refusals_are_told_in_the_vendors_words() {
    let transport = transport();
    let echo = format!(
        "Wrong token \"{TOKEN}\" for instance \"1\". Please provide token as a GET parameter."
    );
    let error = |text: &str| json!({ "error": text }).to_string();
    let err = |text: &str| json!({ "err": text }).to_string();
    let no_token = "does not accept the token or key";
    let check_token = "check instance number and token; the vendor may have replaced the token";
    let unknown = "read the vendor's words; the same call will most likely fail again";
    for (ask, status, body, kind, transient, line) in [
        (
            Ask::ChatApiSend,
            401,
            error(&echo),
            ErrorKind::Unauthorized,
            false,
            format!(
                "Chat API {no_token} (HTTP 401: Wrong token \"{{secret}}\" for instance \"1\". \
                 Please provide token as a GET parameter.); nothing was done, {check_token}"
            ),
        ),
        (
            // The same in a 200, and with the slashes escaped.
            Ask::ChatApiRead,
            200,
            error(&echo).replace('/', "\\/"),
            ErrorKind::Unauthorized,
            false,
            format!(
                "Chat API {no_token} (Wrong token \"{{secret}}\" for instance \"1\". Please \
                 provide token as a GET parameter.); nothing was done, {check_token}"
            ),
        ),
        (
            Ask::WammSend,
            200,
            err("token fail"),
            ErrorKind::Unauthorized,
            false,
            format!(
                "wamm.chat {no_token} (token fail); nothing was done, copy the token again from \
                 the channel's settings"
            ),
        ),
        (
            Ask::AdminList,
            403,
            String::new(),
            ErrorKind::Unauthorized,
            false,
            format!(
                "Chat API admin {no_token} (HTTP 403); nothing was done, check the token or key \
                 and what it belongs to"
            ),
        ),
        (
            Ask::ChatApiSend,
            200,
            json!({"sent": false, "message": "Message was not sent: empty body."}).to_string(),
            ErrorKind::Refused,
            false,
            "Chat API declined (Message was not sent: empty body.); nothing was done, give a text"
                .to_owned(),
        ),
        (
            Ask::ChatApiSend,
            200,
            json!({"sent": false}).to_string(),
            ErrorKind::Refused,
            false,
            format!("Chat API declined (no reason given); nothing was done, {unknown}"),
        ),
        (
            // Long, and not one line.
            Ask::ChatApiSend,
            200,
            error(&"no\n\u{1b}[31m".repeat(99)),
            ErrorKind::Refused,
            false,
            format!(
                "Chat API declined ({}…); nothing was done, {unknown}",
                &"no  [31m".repeat(38)[..300]
            ),
        ),
        (
            Ask::ChatApiRead,
            200,
            json!({"error": {"code": 5}}).to_string(),
            ErrorKind::Refused,
            false,
            format!("Chat API declined ({{\"code\":5}}); nothing was done, {unknown}"),
        ),
        (
            Ask::WammRead,
            200,
            err("acc not authorized"),
            ErrorKind::Refused,
            false,
            "wamm.chat declined (acc not authorized); nothing was done, connect the channel to its \
             messenger in the vendor's account"
                .to_owned(),
        ),
        (
            Ask::WammSend,
            200,
            err("phone not checked, please retry"),
            ErrorKind::Refused,
            true,
            "wamm.chat declined (phone not checked, please retry); nothing was done, the vendor \
             could not check the number in time: send again in a little while"
                .to_owned(),
        ),
        (
            Ask::WammSend,
            200,
            err("words never heard"),
            ErrorKind::Refused,
            false,
            format!("wamm.chat declined (words never heard); nothing was done, {unknown}"),
        ),
        (
            Ask::ChatApiRead,
            404,
            "Not Found".to_owned(),
            ErrorKind::WrongAddress,
            false,
            "the address does not lead to this method (HTTP 404: Not Found); nothing was done, \
             check the base address: scheme, host and path"
                .to_owned(),
        ),
    ] {
        let script = [Step::Read, Step::answer(status, "Content-Type: application/json\r\n", body)];
        let error = ask.fails(&transport, &script).await;
        assert_says(&error, kind, false, transient, &format!("{}: {line}", ask.name()));
        assert_eq!(error.status(), Some(status));
        assert!(!format!("{error:?}").contains("t0ken"), "{error:?}");
    }
}

#[tokio::test]
async fn a_result_that_failed_is_a_refusal() {
    let body = r#"{"result":"failed","message":"Phone is offline"}"#;
    let server = Server::start([vec![Step::Read, Step::json(body)]]).await.unwrap();
    let chat_api = gateway(server.address(), ChatApi::query("1"), transport());
    let error = chat_api.call(&chat_api::CheckPhone::new(phone())).await.unwrap_err();
    let line = "checkPhone: Chat API declined (Phone is offline); nothing was done, read the \
                vendor's words; the same call will most likely fail again";
    assert_says(&error, ErrorKind::Refused, false, false, line);
    assert_eq!(error.code(), Some(&chat_api::ErrorCode::Other));
}

#[tokio::test]
async fn a_messenger_that_gave_no_answer_leaves_doubt() {
    let transport = transport();
    for ask in [Ask::WammSend, Ask::WammRead] {
        let script = [Step::Read, Step::json(r#"{"err":"fail execution"}"#)];
        let error = ask.fails(&transport, &script).await;
        let what = format!("{}: wamm.chat is out of order (fail execution)", ask.name());
        assert_says(&error, ErrorKind::Unavailable, true, true, &doubt(ask, &what));
    }
}

#[tokio::test]
async fn a_gateway_says_when_to_come_again() {
    let transport = transport();
    // Far in the future, and long ago.
    let dates = ["Fri, 01 Jan 2100 00:00:00 GMT", "Sun, 13 Sep 2020 12:26:40 GMT"];
    for (value, least, most) in
        [("17", 17, 17), ("0", 0, 0), (dates[0], 86_400 * 365, u64::MAX), (dates[1], 0, 0)]
    {
        let headers = format!("Retry-After: {value}\r\n");
        for ask in Ask::ALL {
            let script = [Step::Read, Step::answer(429, &headers, "")];
            let error = ask.fails(&transport, &script).await;
            let wait = error.retry_after().unwrap().as_secs();
            assert!((least..=most).contains(&wait), "{wait} s for {value}");
            let line = format!(
                "{}: {} asks for fewer calls (HTTP 429); nothing was done, try again in {} s",
                ask.name(),
                ask.vendor(),
                error.retry_after().unwrap().as_secs_f64().ceil().max(1.0)
            );
            assert_says(&error, ErrorKind::RateLimited, false, true, &line);
        }
    }
    for value in ["", "Retry-After: soon\r\n"] {
        let script = [Step::Read, Step::answer(429, value, "slow down")];
        let error = Ask::ChatApiSend.fails(&transport, &script).await;
        let line = "sendMessage: Chat API asks for fewer calls (HTTP 429: slow down); nothing was \
                    done, try again in a little while";
        assert_says(&error, ErrorKind::RateLimited, false, true, line);
        assert_eq!(error.retry_after(), None);
    }
    let script = [Step::Read, Step::answer(503, "Retry-After: 17\r\n", "")];
    let error = Ask::ChatApiRead.fails(&transport, &script).await;
    let line = "showMessagesQueue: Chat API is out of order (HTTP 503); repeating it is safe: try \
                again in 17 s";
    assert_says(&error, ErrorKind::Unavailable, true, true, line);
}

#[tokio::test]
async fn redirects_are_refused_and_carry_no_secret() {
    let transport = transport();
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start([vec![Step::Read, Step::json("{}")]]).await.unwrap();
        let location = format!("Location: {}/x\r\n", elsewhere.address());
        for ask in Ask::ALL {
            let script = [Step::Read, Step::answer(status, &location, "")];
            let server = Server::start([script.to_vec()]).await.unwrap();
            let error = ask.of(server.address(), transport.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WrongAddress);
            assert!(!error.is_transient());
            // Programs answer a form with "see over there" after they have done what it says.
            let may_have_been_done = matches!(status, 302 | 303);
            assert_eq!(error.may_have_taken_effect(), may_have_been_done);
            let advice = "check the base address: scheme, host and path";
            let consequence = match (may_have_been_done, ask.may_be_repeated()) {
                (false, _) => format!("nothing was done, {advice}"),
                (true, true) => format!("repeating it is safe, but first {advice}"),
                (true, false) => format!(
                    "it may have been done all the same: look in the vendor's records before you \
                     repeat it, and {advice}"
                ),
            };
            assert_eq!(
                error.to_string(),
                format!(
                    "{}: the address does not lead to this method (HTTP {status}); {consequence}",
                    ask.name()
                )
            );
            for seen in server.requests() {
                let headers = seen.headers.join("\n");
                assert!(!headers.contains("t0ken") && seen.header("referer").is_none());
            }
        }
        assert_eq!(elsewhere.connections(), 0, "{status} was followed");
    }
}
