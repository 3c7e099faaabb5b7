//! Calls through `Retry<ReqwestTransport>` beside bare reqwest with the same JSON, 64 at once. The
//! server has one core, the client another.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a measurement"
)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chatapi_bench::served::{pin, runtime};
use chatapi_bench::{SENT, TEXT, about_this_machine, interleaved};
use chatapi_transport::{ATTEMPT_TIMEOUT, Gateway, ReqwestTransport, Retry, RetryPolicy};
use chatapi_types::chat_api::{ChatApi, SendMessage, Sent};
use chatapi_types::{Phone, Token};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;

const AT_ONCE: usize = 64;
const CALLS: usize = 6_400;
const ROUNDS: usize = 15;

fn main() {
    about_this_machine();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let pinned = pin(0);
        runtime().block_on(serve(&tell, pinned));
    });
    let (address, server_pinned) = told.recv().expect("a server");
    let client_pinned = pin(1);
    println!("server pinned: {server_pinned}, client pinned: {client_pinned}, {AT_ONCE} at once");

    let phone: Phone = "79000000001".parse().expect("a phone");
    let base = format!("http://{address}");
    let transport = ReqwestTransport::new().expect("a transport");
    let gateway = Gateway::new(
        base.parse().expect("an address"),
        ChatApi::path("12345"),
        Token::new("abcdefgh12345678"),
        Retry::new(transport, RetryPolicy::default()),
    );
    // As a careful person sets it up: with limits, and no redirects.
    let bare = reqwest::Client::builder()
        .timeout(ATTEMPT_TIMEOUT)
        .connect_timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let url = format!("{base}/instance12345/sendMessage?token=abcdefgh12345678");

    let runtime = runtime();
    let ours = || {
        let (gateway, phone) = (gateway.clone(), phone.clone());
        runtime.block_on(many(move || {
            let (gateway, phone) = (gateway.clone(), phone.clone());
            async move {
                let sent = gateway.call(&SendMessage::new(phone, TEXT)).await.expect("sent");
                assert!(sent.sent);
            }
        }))
    };
    let by_hand = || {
        let (bare, url) = (bare.clone(), url.clone());
        runtime.block_on(many(move || {
            let (bare, url) = (bare.clone(), url.clone());
            async move {
                let body =
                    serde_json::to_vec(&json!({ "phone": 79_000_000_001_u64, "body": TEXT }));
                let request = bare.post(&*url).header("content-type", "application/json");
                let answer = request.body(body.expect("JSON")).send().await.expect("an answer");
                let body = answer.error_for_status().expect("200").bytes().await.expect("a body");
                let sent: Sent = serde_json::from_slice(&body).expect("JSON");
                assert!(sent.sent);
            }
        }))
    };
    let (a, b, ratio) = interleaved(ROUNDS, ours, by_hand);
    let rate = |time: Duration| CALLS as f64 / time.as_secs_f64();
    println!("sendMessage through Retry<ReqwestTransport>: {:.0}/s", rate(a));
    println!("sendMessage through bare reqwest:            {:.0}/s", rate(b));
    println!("throughput beside bare reqwest: {:.2}x", 1.0 / ratio);
}

async fn many<F: Future<Output = ()> + 'static>(
    call: impl Fn() -> F + Clone + 'static,
) -> Duration {
    let local = tokio::task::LocalSet::new();
    let start = Instant::now();
    local
        .run_until(async move {
            let workers: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let call = call.clone();
                    tokio::task::spawn_local(async move {
                        for _ in 0..CALLS / AT_ONCE {
                            call().await;
                        }
                    })
                })
                .collect();
            for worker in workers {
                worker.await.expect("a worker");
            }
        })
        .await;
    start.elapsed()
}

async fn serve(tell: &mpsc::Sender<(SocketAddr, bool)>, pinned: bool) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    tell.send((listener.local_addr().expect("an address"), pinned)).expect("a listener");
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async move {
            loop {
                let (socket, _) = listener.accept().await.expect("a connection");
                let _ = socket.set_nodelay(true);
                tokio::task::spawn_local(async move {
                    let answer =
                        service_fn(|request: hyper::Request<hyper::body::Incoming>| async {
                            let _ = request.into_body().collect().await;
                            let mut response =
                                http::Response::new(Full::new(Bytes::from_static(SENT.as_bytes())));
                            let json = http::HeaderValue::from_static("application/json");
                            response.headers_mut().insert(http::header::CONTENT_TYPE, json);
                            Ok::<_, Infallible>(response)
                        });
                    let socket = TokioIo::new(socket);
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(socket, answer)
                        .await;
                });
            }
        })
        .await;
}
