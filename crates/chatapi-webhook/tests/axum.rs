//! The receiver as an axum router, beside routes of the application's own.

#![cfg(feature = "axum")]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::routing::get;
use chatapi_types::UnixMillis;
use chatapi_webhook::{
    AllowList, Builder, Claim, Hook, Inbox, MemoryInbox, PathSecret, Receiver, router,
};
use http::{Method, Request};
use tower_service::Service as _;

const MESSAGE: &str = r#"{"messages":[{"id":"false_79000000001@c.us_1","body":"hi","fromMe":false,
    "time":1600000000,"chatId":"79000000001@c.us","messageNumber":1,"type":"chat"}],
    "instanceId":"7"}"#;

fn secret() -> PathSecret {
    PathSecret::from_random([1; 24])
}

fn builder(inbox: &MemoryInbox) -> Builder {
    Receiver::builder(inbox.clone()).hook(Hook::chat_api("7", secret().hash()))
}

/// An application: the receiver's routes, and one of its own.
fn application(receiver: Receiver) -> Router {
    Router::new().route("/health", get(async || "well")).merge(router(receiver))
}

fn post(path: &str) -> Request<Body> {
    Request::post(path).body(Body::from(MESSAGE)).unwrap()
}

/// Status, headers and body: all that the other side can see.
async fn seen(application: &mut Router, request: Request<Body>) -> (u16, String) {
    let (head, body) = application.call(request).await.unwrap().into_parts();
    let body = to_bytes(body, 1024).await.unwrap();
    (head.status.as_u16(), format!("{:?} {body:?}", head.headers))
}

async fn stored(inbox: &MemoryInbox) -> usize {
    let (now, until) = (UnixMillis::from_millis(0), UnixMillis::from_millis(1));
    inbox.lease(&Claim::new("test", 10, now, until)).await.unwrap().len()
}

#[tokio::test]
async fn what_is_posted_to_the_router_is_stored() {
    for prefix in ["/hooks", "/a/b", ""] {
        let inbox = MemoryInbox::new();
        let mut application = application(builder(&inbox).prefix(prefix).build());
        let path = format!("{prefix}/{}", secret().expose());
        let (status, _) = seen(&mut application, post(&path)).await;
        assert_eq!((status, stored(&inbox).await), (200, 1), "{prefix}");
        let health = Request::get("/health").body(Body::empty()).unwrap();
        let (status, body) = seen(&mut application, health).await;
        assert!(status == 200 && body.contains("well"), "{prefix}: {status} {body}");
    }
}

#[tokio::test]
async fn a_wrong_secret_looks_like_a_path_that_does_not_exist() {
    let inbox = MemoryInbox::new();
    let mut application = application(builder(&inbox).build());
    let good = secret().expose().to_owned();
    let nowhere = seen(&mut application, post("/hooks/nowhere/at/all")).await;
    assert_eq!(nowhere.0, 404);
    let deeper = format!("/hooks/{good}/x");
    let longer = format!("/hooks/{good}0");
    let encoded = format!("/hooks/%{:02x}{}", good.as_bytes()[0], &good[1..]);
    for wrong in ["/hooks/x", "/hooks/0101", &deeper, &longer, &encoded, "/nowhere", "/hooks/"] {
        let (status, rest) = seen(&mut application, post(wrong)).await;
        assert_eq!(status, 404, "{wrong}");
        let own_answer = wrong.strip_prefix("/hooks/").is_some_and(|rest| !rest.is_empty());
        assert!(!own_answer || rest == nowhere.1, "{wrong}: {rest}");
    }
    assert_eq!(stored(&inbox).await, 0);
    // Whoever knows the secret is told what is wrong.
    let path = format!("/hooks/{good}");
    let get = Request::builder().method(Method::GET).uri(&path).body(Body::empty()).unwrap();
    assert_eq!(seen(&mut application, get).await.0, 405);
    let mut zipped = post(&path);
    zipped.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(seen(&mut application, zipped).await.0, 415);
}

#[tokio::test]
async fn a_body_is_read_to_its_limit_only() {
    let inbox = MemoryInbox::new();
    let mut application = application(builder(&inbox).bodies_at_most(MESSAGE.len() - 1).build());
    let path = format!("/hooks/{}", secret().expose());
    assert_eq!(seen(&mut application, post(&path)).await.0, 413);
    assert_eq!(stored(&inbox).await, 0);
}

#[tokio::test]
async fn the_allow_list_goes_by_the_address_that_axum_tells() {
    let inbox = MemoryInbox::new();
    let allow = AllowList::new(["203.0.113.0/24"]).unwrap();
    let mut application = application(builder(&inbox).allow(allow).build());
    let path = format!("/hooks/{}", secret().expose());
    for (peer, status) in
        [(Some("203.0.113.5:443"), 200), (Some("198.51.100.1:443"), 404), (None, 404)]
    {
        let mut request = post(&path);
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        assert_eq!(seen(&mut application, request).await.0, status, "{peer:?}");
    }
    assert_eq!(stored(&inbox).await, 1);
}
