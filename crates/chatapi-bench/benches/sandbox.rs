//! The sandbox: a day of a thousand phones, their full queues, and what it answers over a socket.
//!
//! `cargo bench -p chatapi-bench --bench sandbox` measures the first three, each in a process of
//! its own, because memory is measured too. `-- beside URL` measures the sends in turn with another
//! server's that answers the same request (`beside-prism.sh`), `-- start PROGRAM` how long
//! `PROGRAM sandbox` takes to its first answer and what memory it then has (`start.sh`).

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement"
)]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chatapi_bench::load::{Load, Target};
use chatapi_bench::served::{Served, given, input_ended, pin, runtime};
use chatapi_bench::{TEXT, about_this_machine, interleaved, memory};
use chatapi_sandbox::{ClockMode, Profile, Sandbox};

/// How many phones.
const PHONES: usize = 1_000;
/// How many sends one round over the socket has, from how many connections, and how many rounds.
const SENDS: usize = 20_000;
const AT_ONCE: usize = 64;
const ROUNDS: usize = 9;
/// How much faster than the machine's the served sandbox's clock runs, so that its phones drain
/// what they are sent.
const SCALE: f64 = 200.0;

fn main() {
    let given = given();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    match &*given {
        [] => {
            about_this_machine();
            alone(&["day", "usual"]);
            alone(&["day", "300"]);
            alone(&["queued"]);
            sends(None);
        }
        ["day", history] => day(history.parse().ok()),
        ["queued"] => queued(),
        ["serve", requests] => serve(*requests == "journal"),
        ["beside", url] => {
            about_this_machine();
            sends(Some(url));
        }
        ["start", program] => {
            about_this_machine();
            start(program);
        }
        other => panic!("not known: {other:?}"),
    }
}

/// One measurement in a process of its own.
fn alone(arguments: &[&str]) {
    let own = std::env::current_exe().expect("this program");
    let status = Command::new(own).args(arguments).status().expect("it starts");
    assert!(status.success(), "{arguments:?} failed");
}

fn numbered(phone: usize) -> String {
    format!("{}", 200_001 + phone)
}

fn requests(phones: usize) -> Vec<(String, Bytes)> {
    let target = |phone| {
        let target = format!("/instance{0}/sendMessage?token=token{0}xyz", numbered(phone));
        let body = format!(r#"{{"phone":7900{phone:07},"body":"{TEXT}"}}"#);
        (target, Bytes::from(body))
    };
    (0..phones).map(target).collect()
}

fn add_phones(sandbox: &Sandbox) {
    for phone in 0..PHONES {
        let number = numbered(phone);
        sandbox.add_instance(&*number, format!("token{number}xyz"));
    }
}

/// Whether it was taken.
fn send(sandbox: &Sandbox, target: &str, body: &Bytes) -> bool {
    let request = http::Request::post(target).header("content-type", "application/json");
    let answer = sandbox.answer(request.body(body.clone()).expect("a request"));
    answer.body().starts_with(br#"{"sent":true"#)
}

fn day(history: Option<usize>) {
    let mut profile = Profile::chat_api_2020();
    profile.chat_api.history = history.unwrap_or(profile.chat_api.history);
    let kept = profile.chat_api.history;
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).profile(profile).build();
    add_phones(&sandbox);
    let requests = requests(PHONES);
    let began = Instant::now();
    let mut taken = 0_usize;
    for _minute in 0..24 * 60 {
        for (target, body) in &requests {
            taken += usize::from(send(&sandbox, target, body));
        }
        sandbox.clock().advance(Duration::from_secs(60));
    }
    sandbox.run_until_idle();
    let took = began.elapsed();
    assert_eq!(taken, PHONES * 24 * 60, "all were taken");
    let last = sandbox.instance(numbered(PHONES - 1)).sent();
    assert_eq!(last.len(), kept.min(24 * 60), "all have left");
    assert!(last.iter().all(|sent| sent.delivery.progress() == Some(3)), "all were read");
    println!(
        "24 virtual hours of {PHONES} phones, a send a minute with its acks, a history of {kept}: \
         {:.1} s, at most {} MB",
        took.as_secs_f64(),
        memory::peak() / 1_000_000
    );
}

fn queued() {
    let before = memory::now();
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    add_phones(&sandbox);
    for phone in 0..PHONES {
        sandbox.instance(numbered(phone)).phone_offline();
    }
    let requests = requests(PHONES);
    let began = Instant::now();
    for _ in 0..400 {
        for (target, body) in &requests {
            assert!(send(&sandbox, target, body), "there is room");
        }
    }
    let took = began.elapsed();
    let (target, body) = &requests[0];
    assert!(!send(&sandbox, target, body), "there is none for one more");
    println!(
        "{PHONES} phones × 400 queued: {:.1} s, {} MB ({} MB before)",
        took.as_secs_f64(),
        memory::now() / 1_000_000,
        before / 1_000_000
    );
}

/// Serves on one core until its input ends.
fn serve(journal: bool) {
    println!("sandbox pinned to a core: {}", pin(0));
    runtime().block_on(async {
        let mut builder = Sandbox::builder().clock(ClockMode::Scaled(SCALE));
        if !journal {
            builder = builder.exchanges(0, 0);
        }
        let sandbox = builder.build();
        add_phones(&sandbox);
        let server = sandbox.serve().await.expect("a port");
        println!("{}", server.socket());
        input_ended().await;
    });
}

/// Sends over the socket: with the journal of requests beside without, or beside another server.
fn sends(other: Option<&str>) {
    let pinned = pin(1);
    println!(
        "generator pinned to another: {pinned}; {AT_ONCE} connections, {SENDS} sends a round, \
         {ROUNDS} rounds, clock ×{SCALE}"
    );
    let runtime = runtime();
    let sandbox = Served::start(&["journal"]);
    let round = |target: &Target, sends: usize| {
        let load = Load::new(AT_ONCE, sends);
        let run = runtime.block_on(load.run(target));
        assert_eq!(run.sent, sends, "every send is taken: {run:?}");
        run.took / u32::try_from(sends).expect("not so many")
    };
    let rate = |each: Duration| 1.0 / each.as_secs_f64();
    let ours = Target::new(sandbox.socket(), requests(PHONES));
    match other {
        None => {
            let bare = Served::start(&["none"]);
            let bare = Target::new(bare.socket(), requests(PHONES)).keep(bare);
            let (a, b, ratio) = interleaved(ROUNDS, || round(&ours, SENDS), || round(&bare, SENDS));
            println!("sendMessage, {PHONES} draining phones: {:.0} sent:true/s", rate(a));
            println!("the same without the journal of requests: {:.0}/s", rate(b));
            println!("with beside without: {:.3}x", 1.0 / ratio);
        }
        Some(url) => {
            let socket = url.trim_start_matches("http://").trim_end_matches('/');
            let socket = socket.parse().expect("http://IP:PORT");
            let other = Target::new(socket, requests(PHONES));
            // A slower server gets fewer, so that a round takes either about as long.
            let fewer = SENDS / 5;
            let (a, b, ratio) =
                interleaved(ROUNDS, || round(&ours, SENDS), || round(&other, fewer));
            println!("sendMessage, {PHONES} draining phones: {:.0} sent:true/s", rate(a));
            println!("the other server: {:.0}/s", rate(b));
            println!("beside the other: {:.1}x", 1.0 / ratio);
        }
    }
}

/// Starts `PROGRAM sandbox` again and again: to its first answer, and its memory then.
fn start(program: &str) {
    let once = || {
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["sandbox", "--port", "0", "--json", "--instance", "200001:token"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let output = child.stdout.take().expect("its output");
        let socket = BufReader::new(output).lines().find_map(|line| {
            let line = line.expect("text");
            let at = line.find("127.0.0.1:")?;
            let end = line[at + 10..]
                .find(|c: char| !c.is_ascii_digit())
                .map_or(line.len(), |n| at + 10 + n);
            line[at..end].parse::<SocketAddr>().ok()
        });
        let socket = socket.expect("an address on 127.0.0.1");
        let target = Target::new(
            socket,
            vec![(
                "/instance200001/sendMessage?token=token".to_owned(),
                Bytes::from_static(br#"{"phone":79000000001,"body":"hi"}"#),
            )],
        );
        let first = Load::new(1, 1);
        let run = runtime().block_on(first.run(&target));
        let took = began.elapsed();
        assert_eq!(run.sent, 1, "its first answer: {run:?}");
        let memory = memory::of(child.id());
        child.kill().expect("it can be ended");
        child.wait().expect("it has ended");
        (took, memory)
    };
    let mut runs: Vec<_> = (0..15).map(|_| once()).collect();
    runs.sort();
    let (took, _) = runs[runs.len() / 2];
    let (slowest, _) = runs[runs.len() - 1];
    let memory = runs.iter().map(|(_, memory)| *memory).max().unwrap_or_default();
    println!(
        "{program} sandbox: {:.0} ms to the first answer (median of {}; slowest {:.0} ms), {:.1} MB",
        took.as_secs_f64() * 1e3,
        runs.len(),
        slowest.as_secs_f64() * 1e3,
        memory as f64 / 1e6
    );
}
