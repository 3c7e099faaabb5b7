//! The whole story on an emulated gateway, in a few seconds.

use std::sync::Arc;
use std::time::Duration;

use chatapi_admin::{Admin, ApiKey, Platform};
use chatapi_client::chat_api::Client;
use chatapi_client::line::Submitted;
use chatapi_client::{Tracking, wamm};
use chatapi_sandbox::{ClockMode, InstanceHandle, Sandbox, Server, VirtualClock};
use chatapi_transport::{Clock, Gateway, TokioClock, Transport, network};
use chatapi_types::{Delivery, Messenger, Phone, Token};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::exit::{Code, Failure};
use crate::live::LiveTable;
use crate::out::{self, heading};

/// Who gets a message, and whether the messenger knows the number.
const FRIENDS: [(&str, &str); 3] =
    [("Anna", "79000000001"), ("Boris", "79000000002"), ("Clara", "79000000003")];
const NOBODY: (&str, &str) = ("Nobody", "79000000009");

/// Tells the story.
pub(crate) async fn run(speed: f64) -> Result<Code, Failure> {
    if !(1.0..=1000.0).contains(&speed) {
        return Err(Failure::Usage("--speed takes 1 to 1000".to_owned()));
    }
    let stopwatch = TokioClock::new();
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(speed)).build();
    let clock = sandbox.clock();
    let began = clock.now();
    sandbox.add_account("demo-account");
    sandbox.add_channel("demo-channel", Messenger::WhatsApp);
    sandbox.no_account(NOBODY.1);
    let serving = sandbox.serve().await;
    let server = serving
        .map_err(|error| Failure::Machine(format!("no loopback port could be opened: {error}")))?;
    out::line(format_args!("An emulated gateway listens on {}", server.address()))?;
    out::line(format_args!("Its clock runs {speed} times as fast as yours."))?;

    let transport: Arc<dyn Transport> = Arc::new(network()?);
    let told = tell(&sandbox, &server, &transport).await;
    let (real, emulated) = (stopwatch.now().since_start(), clock.now().since(began));
    server.shutdown().await;
    told?;
    heading("What next?")?;
    out::line(format_args!(
        "That took {:.1} s here and {} min on the gateway's clock.",
        real.as_secs_f64(),
        emulated.as_secs().div_ceil(60)
    ))?;
    out::line(
        "To play with it yourself, in two terminals (`chatapi` is `cargo run --release --`):",
    )?;
    out::line("")?;
    out::line(
        "  chatapi sandbox --port 8080        # prints the lines to export in the other one",
    )?;
    out::line("  chatapi send 79000000001 hello --follow read")?;
    out::line("  chatapi status; chatapi queue; chatapi doctor --watch 5")?;
    out::line("  chatapi help                       # everything else")?;
    Ok(Code::Done)
}

async fn tell(
    sandbox: &Sandbox,
    server: &Server,
    transport: &Arc<dyn Transport>,
) -> Result<(), Failure> {
    heading("1  An account creates an instance")?;
    let dialect = chatapi_types::admin::Admin::json();
    let key = ApiKey::new("demo-account");
    let gateway = Gateway::new(server.admin_address(), dialect, key, Arc::clone(transport));
    let admin = Admin::over(gateway.on_clock(sandbox.clock()));
    let created = admin.instances().create(Platform::WhatsApp).await?;
    out::line(format_args!("instance {} at {}", created.id(), created.api_url()))?;
    let client = created.client()?;
    let phone = sandbox.instance(created.id());

    heading("2  It is brought up: loading, QR code, authenticated")?;
    bring_up(&client, &phone).await?;

    heading("3  Messages are sent, one of them to a number without an account")?;
    let mut sent = Vec::new();
    for (name, number) in FRIENDS.into_iter().chain([NOBODY]) {
        sent.push(send(&client, name, number, "Your order is on its way").await?);
    }
    sandbox.clock().sleep(Duration::from_secs(4)).await;

    heading("4  The phone goes offline, and more messages are sent")?;
    phone.phone_offline();
    for (name, number) in FRIENDS {
        sent.push(send(&client, name, number, "It arrives tomorrow").await?);
    }
    let queue = client.queue().show().await?;
    out::line(format_args!("{} wait in the vendor's queue. Why?", queue.total))?;
    out::line(client.queue().diagnose().run().await?)?;

    heading("5  The phone comes back, and every message is followed to its end")?;
    phone.phone_online();
    let stuck = follow_all(&client, sent).await?;
    if stuck > 0 {
        out::line(format_args!("{stuck} did not leave. Why?"))?;
        out::line(client.queue().diagnose().run().await?)?;
        let cleared = client.queue().clear().await?;
        out::line(format_args!("The queue is cleared: {}.", cleared.message))?;
    }

    heading("6  The same through wamm.chat")?;
    through_wamm(server, transport, sandbox.clock()).await
}

async fn bring_up(client: &Client, phone: &InstanceHandle) -> Result<(), Failure> {
    let scanner = phone.clone();
    let waiting = client.state().wait_until_ready().on_qr(move |qr| {
        let bytes = qr.image().map_or(0, |image| image.len());
        let scanned = if scanner.scan_qr() { "scanned" } else { "too old" };
        // Should nobody read any more, the next line finds out.
        let _ = out::line(format_args!("a QR code of {bytes} bytes is shown … {scanned}"));
    });
    let ready = waiting.every(Duration::from_secs(1)).run().await?;
    out::line(format_args!(
        "{}: {}",
        ready.status().account_status,
        ready.status().advice().meaning
    ))?;
    match ready.is_ready() {
        true => Ok(()),
        false => Err(Failure::Machine("the emulated instance did not come up".to_owned())),
    }
}

/// A message on its way.
struct OnItsWay {
    to: String,
    text: &'static str,
    message: Submitted,
}

async fn send(
    client: &Client,
    name: &str,
    number: &str,
    text: &'static str,
) -> Result<OnItsWay, Failure> {
    let phone: Phone = number.parse().map_err(|bad| Failure::Usage(format!("{number}: {bad}")))?;
    let sent = client.messages().send_text(&phone, text).send().await?;
    out::line(format_args!(
        "to {name:<7} {}  queue number {}",
        phone.masked(),
        sent.queue_number.unwrap_or(0)
    ))?;
    Ok(OnItsWay { to: name.to_owned(), text, message: Submitted::from(&sent) })
}

/// Follows messages side by side on a live table; says how many did not leave.
async fn follow_all(client: &Client, sent: Vec<OnItsWay>) -> Result<usize, Failure> {
    let mut table = LiveTable::new(&["to", "message", "state"]);
    let (tell, mut told) = mpsc::channel(16);
    let mut followers = JoinSet::new();
    for (at, OnItsWay { to, text, message }) in sent.into_iter().enumerate() {
        let (client, tell) = (client.clone(), tell.clone());
        followers.spawn(async move {
            let tracking = Tracking::new(&client, message).until(Delivery::Read);
            let tracking = tracking.every(Duration::from_secs(2)).within(Duration::from_secs(300));
            let mut changes = tracking.changes();
            let mut left = false;
            while let Some(change) = next(&mut changes).await {
                let state = match change {
                    Ok(state) => {
                        left |= state.delivery.has_reached(&Delivery::Sent);
                        state.delivery.to_string()
                    }
                    Err(error) => error.to_string(),
                };
                let _ = tell.send((at, vec![to.clone(), text.to_owned(), state])).await;
            }
            if !left {
                let given_up = "still queued after 5 min".to_owned();
                let _ = tell.send((at, vec![to, text.to_owned(), given_up])).await;
            }
            left
        });
    }
    drop(tell);
    while let Some((at, row)) = told.recv().await {
        table.set(at, row)?;
    }
    Ok(followers.join_all().await.into_iter().filter(|left| !left).count())
}

/// The next item of a stream.
async fn next<S: futures_core::Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

async fn through_wamm(
    server: &Server,
    transport: &Arc<dyn Transport>,
    clock: VirtualClock,
) -> Result<(), Failure> {
    let address = server.wamm_address();
    let dialect = chatapi_types::wamm::Wamm::query();
    let gateway = Gateway::new(address, dialect, Token::new("demo-channel"), Arc::clone(transport));
    let client = wamm::Client::over(gateway.on_clock(clock));
    let channel = client.channels().this().await?;
    out::line(format_args!(
        "channel {} on {}, {}",
        channel.api_id, channel.api_tip, channel.state
    ))?;
    let phone: Phone = FRIENDS[0].1.parse().map_err(|bad| Failure::Usage(format!("{bad}")))?;
    let sent = client.messages().send_text(&phone, "And by the other way").send().await?;
    out::print(format_args!("message {} to {}:", sent.msg_id, FRIENDS[0].0))?;
    let mut changes = client.messages().track(&sent).until(Delivery::Read).changes();
    while let Some(change) = next(&mut changes).await {
        let state = change?;
        out::print(format_args!(" {}", state.word.as_deref().unwrap_or("?")))?;
    }
    out::line("")?;
    Ok(())
}
