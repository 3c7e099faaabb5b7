//! Webhooks over real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_sandbox::{ClockMode, HookOutcome, HookState, Sandbox, ServerOptions};
use chatapi_types::Messenger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::last;
use crate::wire::PHONE;

/// A receiver that gives each request the next of its answers, and the last one for ever.
struct Receiver {
    url: String,
    requests: mpsc::UnboundedReceiver<String>,
    most_at_once: Arc<Mutex<(usize, usize)>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn answering(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=secret", listener.local_addr().unwrap());
        let (heard, requests) = mpsc::unbounded_channel();
        let most_at_once = Arc::new(Mutex::new((0, 0)));
        let counts = Arc::clone(&most_at_once);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (heard, counts) = (heard.clone(), Arc::clone(&counts));
                let answer = answers[number.min(answers.len() - 1)];
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"}") {
                        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    {
                        let mut counts = counts.lock().unwrap();
                        counts.0 += 1;
                        counts.1 = counts.1.max(counts.0);
                    }
                    // Room for another, if another were sent.
                    for _ in 0..50 {
                        tokio::task::yield_now().await;
                    }
                    counts.lock().unwrap().0 -= 1;
                    let _ = heard.send(String::from_utf8(request).unwrap());
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, requests, most_at_once, task }
    }

    async fn next(&mut self) -> String {
        tokio::time::timeout(Duration::from_secs(10), self.requests.recv()).await.unwrap().unwrap()
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const ELSEWHERE: &str =
    "HTTP/1.1 302 Go\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Waits until nothing is open.
async fn settled(sandbox: &Sandbox) {
    let all = async {
        while !sandbox.webhooks().is_idle() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_hears_what_happens_without_anybody_calling() {
    let mut receiver = Receiver::answering(&[OK]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(100.0)).build();
    let server = sandbox.serve().await.unwrap();
    let instance = sandbox.add_instance("123", "token");
    instance.webhook(Some(&receiver.url));
    instance.change_settings(|settings| settings.ack_notifications_on = Some(true));
    crate::wire::call(&sandbox, "sendMessage", &format!(r#"{{"phone":"{PHONE}","body":"hi"}}"#));
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(receiver.next().await);
    }
    let head = heard[0].to_ascii_lowercase();
    assert!(head.starts_with("post /hook?key=secret http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert!(heard[0].contains(r#"{"messages":[{"id":"true_79000000001@c.us_3EB0"#));
    for (heard, status) in heard[1..].iter().zip(["sent", "delivered", "viewed"]) {
        assert!(heard.contains(&format!(r#""status":"{status}""#)), "{heard}");
    }
    settled(&sandbox).await;
    assert!(sandbox.webhooks().deliveries().iter().all(|hook| hook.state == HookState::Delivered));
    // Files that come in can be fetched from where the server is.
    instance.contact_sends(PHONE, chatapi_sandbox::Inbound::image("a.png", "IMAGE"));
    let base = server.address().to_string();
    assert!(receiver.next().await.contains(&format!(r#""body":"{base}/files/"#)));
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_follow_the_clock_and_only_200_counts() {
    let mut receiver = Receiver::answering(&[BROKEN, ELSEWHERE, OK]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let _server = sandbox.serve().await.unwrap();
    let instance = sandbox.add_instance("123", "token");
    instance.webhook(Some(&receiver.url));
    instance.change_settings(|settings| settings.guaranteed_hooks = Some(true));
    instance.contact_writes(PHONE, "hi");
    for attempts in 1..=3 {
        receiver.next().await;
        while last(&sandbox).attempts.len() < attempts {
            tokio::task::yield_now().await;
        }
        sandbox.clock().advance(Duration::from_secs(2));
    }
    let hook = last(&sandbox);
    let outcomes: Vec<_> = hook.attempts.iter().map(|attempt| attempt.outcome.clone()).collect();
    let expected = [500, 302, 200].map(HookOutcome::Status);
    assert_eq!((outcomes, hook.state), (expected.to_vec(), HookState::Delivered));
    assert!(receiver.requests.try_recv().is_err(), "redirects are not followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_after_the_other_unless_side_by_side_is_allowed() {
    for parallel in [false, true] {
        let mut receiver = Receiver::answering(&[OK]).await;
        let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
        let instance = sandbox.add_instance("123", "token");
        instance.webhook(Some(&receiver.url));
        instance.change_settings(|settings| settings.parallel_hooks = Some(parallel));
        for number in 0..20 {
            instance.contact_writes(PHONE, &format!("n{number}"));
        }
        let _server = sandbox.serve().await.unwrap();
        let mut heard = Vec::new();
        for _ in 0..20 {
            heard.push(receiver.next().await);
        }
        let most = receiver.most_at_once.lock().unwrap().1;
        if parallel {
            assert!(most > 1, "side by side");
        } else {
            assert_eq!(most, 1);
            let number = |(number, heard): (usize, &String)| {
                heard.contains(&format!(r#""body":"n{number}""#))
            };
            assert!(heard.iter().enumerate().all(number), "in order");
        }
        settled(&sandbox).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_are_on_their_way_at_once_is_a_figure() {
    for (limits, most) in [((64, 3), 3), ((2, 16), 2), ((0, 0), 1)] {
        let mut profile = chatapi_sandbox::Profile::default();
        (profile.limits.hooks, profile.limits.hooks_of_each) = limits;
        let mute = Receiver::answering(&[""]).await;
        let sandbox = Sandbox::builder().clock(ClockMode::Frozen).profile(profile).build();
        let instance = sandbox.add_instance("123", "token");
        instance.webhook(Some(&mute.url));
        instance.change_settings(|settings| settings.parallel_hooks = Some(true));
        for number in 0..20 {
            instance.contact_writes(PHONE, &format!("n{number}"));
        }
        let _server = sandbox.serve().await.unwrap();
        let hooks = || sandbox.webhooks().deliveries().into_iter();
        let under_way = || hooks().filter(|hook| hook.state == HookState::UnderWay).count();
        while under_way() == 0 {
            tokio::task::yield_now().await;
        }
        // Those that may go go together, and nobody answers.
        assert_eq!(under_way(), most);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_of_many_at_once_holds_up_nobody_else() {
    let mut profile = chatapi_sandbox::Profile::default();
    profile.chat_api.hooks.answer_within = Duration::from_secs(1);
    let mute = Receiver::answering(&[""]).await;
    let mut quick = Receiver::answering(&[OK]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).profile(profile).build();
    let (slow, other) = (sandbox.add_instance("1", "token"), sandbox.add_instance("2", "token"));
    slow.webhook(Some(&mute.url));
    slow.change_settings(|settings| settings.parallel_hooks = Some(true));
    for number in 0..100 {
        slow.contact_writes(PHONE, &format!("n{number}"));
    }
    let _server = sandbox.serve().await.unwrap();
    other.webhook(Some(&quick.url));
    other.contact_writes(PHONE, "hi");
    assert!(quick.next().await.contains(r#""body":"hi""#));
    let hooks = sandbox.webhooks().deliveries();
    let under_way = hooks.iter().filter(|hook| hook.state == HookState::UnderWay).count();
    let tried = hooks.iter().filter(|hook| !hook.attempts.is_empty()).count();
    assert!(
        under_way <= 17 && tried <= 1,
        "{under_way} under way, {tried} tried: before any time is up"
    );
    // Those that were put aside are told once there is room, and none is forgotten.
    slow.webhook(Some(&quick.url));
    settled(&sandbox).await;
    let hooks = sandbox.webhooks().deliveries();
    let count = |state| hooks.iter().filter(|hook| hook.state == state).count();
    let (delivered, given_up) = (count(HookState::Delivered), count(HookState::GivenUp));
    assert!(delivered + given_up == 101 && delivered > 50, "{delivered} and {given_up}");
    assert!(quick.most_at_once.lock().unwrap().1 <= 17);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_or_is_not_there_is_written_down() {
    let mut profile = chatapi_sandbox::Profile::default();
    profile.chat_api.hooks.answer_within = Duration::from_millis(100);
    let mute = Receiver::answering(&[""]).await;
    let gone = Receiver::answering(&[OK]).await.url.clone();
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).profile(profile).build();
    let _server = sandbox.serve().await.unwrap();
    let instance = sandbox.add_instance("123", "token");
    let outcome = async |url: &str| {
        instance.webhook(Some(url));
        instance.contact_writes(PHONE, "hi");
        settled(&sandbox).await;
        let hook = last(&sandbox);
        assert_eq!(hook.state, HookState::GivenUp);
        assert!(!format!("{hook}").contains("secret"));
        hook.attempts[0].outcome.clone()
    };
    assert_eq!(outcome(&mute.url).await, HookOutcome::TimedOut);
    // Its socket may live a moment longer than it.
    let refused = outcome(&gone).await;
    assert!(
        matches!(&refused, HookOutcome::Refused(why) if !why.contains("secret")),
        "{refused:?}"
    );
    for elsewhere in ["http://192.0.2.1/hook", "http://[::ffff:192.0.2.1]/", "http://0xC0000201/"] {
        let forbidden = outcome(elsewhere).await;
        let reason = forbidden.to_string();
        assert!(matches!(forbidden, HookOutcome::Forbidden(_)), "{elsewhere}: {reason}");
        assert!(reason.contains("not on this machine"), "{reason}");
    }
}

/// However far the world's clock jumps, a receiver has the machine's time to answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_receiver_is_the_machines() {
    let mut slow = Receiver::answering(&[""]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let _server = sandbox.serve().await.unwrap();
    let instance = sandbox.add_instance("123", "token");
    instance.webhook(Some(&slow.url));
    instance.contact_writes(PHONE, "hi");
    slow.next().await;
    for _ in 0..24 {
        sandbox.clock().advance(Duration::from_secs(3_600));
        // Who carries it has looked at the clock when he has told somebody else of the same time.
        let mut quick = Receiver::answering(&[OK]).await;
        let channel = sandbox.add_channel("T", Messenger::WhatsApp);
        channel.webhook(Some(&quick.url));
        channel.contact_writes(PHONE, "hi");
        quick.next().await;
        let hooks = sandbox.webhooks().deliveries();
        assert_eq!(hooks[0].state, HookState::UnderWay);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_looked_up_and_a_server_that_is_gone_delivers_nothing() {
    let mut receiver = Receiver::answering(&[OK]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Real).build();
    let instance = sandbox.add_instance("123", "token");
    let server = sandbox.serve_with(ServerOptions::new()).await.unwrap();
    instance.webhook(Some(&receiver.url.replace("127.0.0.1", "localhost")));
    instance.contact_writes(PHONE, "hi");
    receiver.next().await;
    settled(&sandbox).await;
    server.shutdown().await;
    // Who carries webhooks has stopped.
    instance.contact_writes(PHONE, "unheard");
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(last(&sandbox).state, HookState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_world_has_its_postman_as_long_as_it_is_there() {
    let mut receiver = Receiver::answering(&[OK]).await;
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.add_instance("123", "token").webhook(Some(&receiver.url));
    let worlds = chatapi_sandbox::Worlds::new(sandbox);
    let _server = worlds.serve_with(ServerOptions::new()).await.unwrap();
    let one = worlds.open("one").unwrap();
    one.instance("123").contact_sends(PHONE, chatapi_sandbox::Inbound::image("a.png", "IMAGE"));
    let heard = receiver.next().await;
    assert!(heard.contains("/_world/one/files/"), "{heard}");
    settled(&one).await;
    worlds.delete("one").unwrap();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    one.instance("123").contact_writes(PHONE, "unheard");
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(last(&one).state, HookState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_when_the_sandbox_is_put_back_is_called_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "token");
    instance.webhook(Some(&format!("http://{}/", listener.local_addr().unwrap())));
    let _server = sandbox.serve_with(ServerOptions::new()).await.unwrap();
    instance.contact_writes(PHONE, "of before");
    let (mut before, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert_ne!(before.read_buf(&mut request).await.unwrap(), 0);
    }
    sandbox.reset();
    instance.contact_writes(PHONE, "of now");
    let (mut now, _) = listener.accept().await.unwrap();
    // Long before the receiver's time is up, nobody waits for him any more.
    let hung_up = before.read_to_end(&mut request);
    tokio::time::timeout(Duration::from_secs(5), hung_up).await.unwrap().unwrap();
    assert_eq!(last(&sandbox).state, HookState::UnderWay);
    // An answer before the question is none.
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert_ne!(now.read_buf(&mut request).await.unwrap(), 0);
    }
    now.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    settled(&sandbox).await;
    let told = last(&sandbox);
    assert_eq!((told.state, told.attempts.len(), told.id), (HookState::Delivered, 1, 1));
}

/// A webhook on its way to a receiver who has read it.
async fn under_way(sandbox: &Sandbox) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let instance = sandbox.add_instance("123", "token");
    instance.webhook(Some(&format!("http://{}/", listener.local_addr().unwrap())));
    instance.contact_writes(PHONE, "hi");
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_waits_for_webhooks_on_their_way() {
    let sandbox = Sandbox::builder().clock(ClockMode::Real).build();
    let server = sandbox.serve().await.unwrap();
    let socket = server.socket();
    let mut receiver = under_way(&sandbox).await;
    let stopping = tokio::spawn(server.shutdown());
    while TcpStream::connect(socket).await.is_ok() {}
    // What comes now is not set out with.
    sandbox.instance("123").contact_writes(PHONE, "later");
    assert!(!stopping.is_finished());
    receiver.write_all(OK.as_bytes()).await.unwrap();
    stopping.await.unwrap();
    let states: Vec<_> = sandbox.webhooks().deliveries().iter().map(|hook| hook.state).collect();
    assert_eq!(states, [HookState::Delivered, HookState::Waiting]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_does_not_wait_for_a_mute_receiver_for_ever() {
    let sandbox = Sandbox::builder().clock(ClockMode::Real).build();
    let options = ServerOptions::new().grace(Duration::from_millis(100));
    let server = sandbox.serve_with(options).await.unwrap();
    let mut receiver = under_way(&sandbox).await;
    tokio::time::timeout(Duration::from_secs(10), server.shutdown()).await.unwrap();
    assert_eq!(receiver.read(&mut [0]).await.unwrap_or(0), 0, "hung up");
    // Nobody carries it any more, and it waits for whoever does next.
    while last(&sandbox).state != HookState::Waiting {
        tokio::task::yield_now().await;
    }
    let mut next = Receiver::answering(&[OK]).await;
    sandbox.instance("123").webhook(Some(&next.url));
    sandbox.instance("123").contact_writes(PHONE, "and now");
    let _server = sandbox.serve().await.unwrap();
    for text in ["hi", "and now"] {
        let heard = next.next().await;
        assert!(heard.contains(&format!(r#""body":"{text}""#)), "{heard}");
    }
    settled(&sandbox).await;
}
