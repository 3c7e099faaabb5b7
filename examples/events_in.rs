//! Receive what a gateway posts: a receiver on a socket, the emulated gateway posting to it, and a
//! consumer that acknowledges. No account, no network beyond this machine.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use chatapi::chat_api::Client;
use chatapi::sandbox::{HookFate, HookOutcome};
use chatapi::webhook::{
    Events, Gateways, Happening, Hook, MemoryInbox, PathSecret, Receiver, ServerOptions,
};
use chatapi::{Clock, Phone, Sandbox};
use http::Request;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");

    // The receiver keeps the hash of the secret, the vendor gets the address.
    let secret = PathSecret::generate()?;
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .hook(Hook::chat_api("12345", secret.hash()))
        .on_clock(sandbox.clock())
        .build();
    let server = receiver.serve_with(ServerOptions::new()).await?;
    let socket = server.socket();
    instance.webhook(Some(&format!("http://{socket}/hooks/{}", secret.expose())));
    instance.change_settings(|settings| {
        settings.ack_notifications_on = Some(true);
        settings.guaranteed_hooks = Some(true);
    });

    // Things happen. One message is posted twice, the next never.
    for (text, fate) in [
        ("Hello", HookFate::Doubled),
        ("Where is my parcel?", HookFate::Dropped),
        ("It was to come today", HookFate::Usual),
    ] {
        sandbox.webhooks().next_meets(fate);
        instance.contact_writes("79000000001", text);
    }
    let phone: Phone = "79000000001".parse()?;
    let client = Client::over(instance.gateway());
    client.messages().send_text(&phone, "On its way").send().await?;
    sandbox.run_until_idle();
    let mut posts = 0;
    for _ in 0..5 {
        posts += sandbox.webhooks().deliver(async |request| post(socket, request).await).await;
        sandbox.clock().sleep(Duration::from_secs(3600)).await;
    }
    println!("posted {posts} times; {:?}", receiver.counts());

    // The events, in order, each until it is acknowledged.
    let source = Gateways::new().chat_api("12345", instance.gateway());
    let mut events = Events::of(inbox).on_clock(sandbox.clock()).source(source);
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let event = events.next().await?;
        match event.happening() {
            Some(Happening::Message(message)) => {
                let who = if message.from_me { "we" } else { "they" };
                println!("{who} wrote: {} ({})", message.text, event.origin.as_str());
                seen.push(message.text);
            }
            Some(Happening::Delivery { delivery, .. }) => println!("ours is {delivery}"),
            _ => println!("{event:?}"),
        }
        event.ack().await?;
    }
    assert_eq!(seen, ["Hello", "Where is my parcel?", "It was to come today", "On its way"]);
    server.shutdown().await;
    Ok(())
}

/// What the vendor does: posts, and listens for a 200.
async fn post(socket: SocketAddr, request: Request<Bytes>) -> HookOutcome {
    let posted = tokio::task::spawn_blocking(move || -> std::io::Result<u16> {
        let mut stream = TcpStream::connect(socket)?;
        let (path, body) = (request.uri().path(), request.body());
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {socket}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        )?;
        stream.write_all(body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.ok_or_else(|| std::io::Error::other("no answer"))
    });
    match posted.await {
        Ok(Ok(status)) => HookOutcome::Status(status),
        _ => HookOutcome::Status(502),
    }
}
