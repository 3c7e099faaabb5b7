//! Whatever stands in a token or a text arrives as it is.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::*;

const TOKENS: [&str; 8] =
    ["a/b", "a%b", "a%2Fb", "a&b=c#d?e", "a b+c", "ключ-🔑", "../..", "\"\\{}|^`<>"];

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Path segments and query pairs as a server that splits first and decodes then sees them.
fn taken_apart(target: &str) -> (Vec<String>, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.split('/').skip(1).map(decoded).collect();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    (path, pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
}

#[tokio::test]
async fn a_token_of_any_letters_arrives() {
    let transport = transport();
    for token in TOKENS {
        let sent = Step::json(r#"{"sent":true,"err":0,"msg_id":7,"result":[]}"#);
        let server = Server::start([vec![Step::Read, sent]]).await.unwrap();
        let address = || server.address().clone();
        let (text, to) = ("hi", phone());

        for dialect in [ChatApi::path("1"), ChatApi::query("1")] {
            let gateway = Gateway::new(address(), dialect, Token::new(token), transport.clone());
            gateway.call(&chat_api::SendMessage::new(&to, text)).await.unwrap();
            let (path, query) = taken_apart(server.requests().last().unwrap().target());
            assert_eq!(path.last().unwrap(), "sendMessage");
            assert_eq!(query.last().unwrap(), &("token".to_owned(), token.to_owned()));
        }

        let (path, query) = {
            let dialect = Wamm::query();
            let gateway = Gateway::new(address(), dialect, Token::new(token), transport.clone());
            gateway.call(&wamm::MsgTo::new(&to, text)).await.unwrap();
            taken_apart(server.requests().last().unwrap().target())
        };
        assert_eq!(path, ["msg_to", token, ""]);
        assert_eq!(query[1], ("text".to_owned(), text.to_owned()));

        for dialect in [Admin::json(), Admin::form(), Admin::query()] {
            let encoding = dialect.encoding();
            let gateway = Gateway::new(address(), dialect, ApiKey::new(token), transport.clone());
            gateway.call(&admin::ListInstances::new()).await.unwrap();
            let requests = server.requests();
            let seen = requests.last().unwrap();
            let body = std::str::from_utf8(&seen.body).unwrap();
            let uid = match encoding {
                admin::Encoding::Json => {
                    let body: Value = serde_json::from_str(body).unwrap();
                    body["uid"].as_str().unwrap().to_owned()
                }
                admin::Encoding::Form => taken_apart(&format!("?{body}")).1[0].1.clone(),
                _ => taken_apart(seen.target()).1[0].1.clone(),
            };
            assert_eq!(uid, token, "{encoding:?}");
        }
    }
}

#[tokio::test]
async fn the_longest_texts_arrive_in_an_address() {
    let transport = transport();
    let mixed = "Привет 🐈\u{200d}⬛/100% «&+?»\r\n".repeat(200);
    for text in ["д".repeat(4500), "😀".repeat(4500), mixed.chars().take(4500).collect()] {
        assert_eq!(text.chars().count(), 4500);
        let answers = [vec![Step::Read, Step::json(r#"{"err":0,"msg_id":7}"#)]];
        let server = Server::start(answers).await.unwrap();
        for dialect in [Wamm::query(), Wamm::path()] {
            let gateway = gateway(server.address(), dialect, transport.clone());
            let sent = gateway.call(&wamm::MsgTo::new(phone(), &*text)).await.unwrap();
            assert_eq!(sent.msg_id.as_str(), "7");
        }
        let requests = server.requests();
        let (path, query) = taken_apart(requests[0].target());
        assert_eq!(path, ["msg_to", TOKEN, ""]);
        let expected = [("phone", "79000000001"), ("text", &*text)];
        assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let (path, query) = taken_apart(requests[1].target());
        assert_eq!(path, ["msg_to", TOKEN, "79000000001", &*text]);
        assert_eq!(query, []);
        assert!(requests.iter().all(|seen| seen.body.is_empty()));
    }
}

#[tokio::test]
async fn long_texts_arrive_in_a_body() {
    let text = "Привет 🐈\u{200d}⬛ \"\\/\u{0}\u{2028}".repeat(10_000);
    let answers = [vec![Step::Read, Step::json(r#"{"sent":true}"#)]];
    let server = Server::start(answers).await.unwrap();
    let gateway = gateway(server.address(), ChatApi::path("1"), transport());
    gateway.call(&chat_api::SendMessage::new(phone(), &*text)).await.unwrap();
    let seen = server.requests().remove(0);
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["body"], text);
    assert_eq!(seen.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn requests_carry_these_headers_and_no_others() {
    let server = Server::start([vec![Step::Read, Step::json(r#"{"sent":true}"#)]]).await.unwrap();
    let named = ReqwestTransport::options().user_agent("shop/7 (ops@example.org)");
    for (transport, agent) in [
        (transport(), concat!("chatapi/", env!("CARGO_PKG_VERSION"))),
        (named.build().unwrap(), "shop/7 (ops@example.org)"),
    ] {
        let gateway = gateway(server.address(), ChatApi::path("1"), transport);
        gateway.call(&chat_api::SendMessage::new(phone(), "hi")).await.unwrap();
        let seen = server.requests().pop().unwrap();
        let mut headers = seen.headers.clone();
        headers.sort_unstable();
        let host = server.address().as_str().trim_start_matches("http://");
        let expected = [
            "accept: */*".to_owned(),
            format!("content-length: {}", seen.body.len()),
            "content-type: application/json".to_owned(),
            format!("host: {host}"),
            format!("user-agent: {agent}"),
        ];
        assert_eq!(headers, expected);
    }
}

#[test]
fn what_cannot_be_set_up_is_explained() {
    let wrong = [
        ReqwestTransport::options().user_agent("two\nlines"),
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        ReqwestTransport::options()
            .root_certificate("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n"),
    ];
    for options in wrong {
        let error = options.build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot set up HTTP: check the user agent and the certificates, yours and the system's"
        );
        assert!(std::error::Error::source(&error).is_some());
    }
}
