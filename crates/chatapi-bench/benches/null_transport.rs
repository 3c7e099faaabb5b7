//! A call over a transport that answers at once, beside building and decoding the same JSON by hand:
//! what the layers cost in processor time.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement")]

use std::time::Duration;

use chatapi_bench::null::{gateway, list, list_by_hand, page, send, send_by_hand};
use chatapi_bench::{SENT, about_this_machine, interleaved};
use cpu_time::ThreadTime;
use tokio::runtime::{Builder, Runtime};

const CALLS: u32 = 200;
const ROUNDS: usize = 41;

fn main() {
    about_this_machine();
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let phone = "79000000001".parse().expect("a phone");
    let page = page();
    let (sending, listing) = (gateway(SENT.as_bytes()), gateway(page));
    compare(&runtime, "sendMessage", async || send(&sending, &phone).await, send_by_hand);
    let by_hand = || list_by_hand(page);
    compare(&runtime, "messages, a page of 100", async || list(&listing).await, by_hand);
}

fn compare(runtime: &Runtime, name: &str, ours: impl AsyncFn(), by_hand: impl Fn()) {
    let round = || {
        runtime.block_on(async {
            let start = ThreadTime::now();
            for _ in 0..CALLS {
                ours().await;
            }
            start.elapsed() / CALLS
        })
    };
    let round_by_hand = || {
        let start = ThreadTime::now();
        (0..CALLS).for_each(|_| by_hand());
        start.elapsed() / CALLS
    };
    let (a, b, ratio) = interleaved(ROUNDS, round, round_by_hand);
    let nanos = |time: Duration| time.as_nanos();
    println!("{name}: cpu per call {} ns, by hand {} ns: {ratio:.2}x", nanos(a), nanos(b));
}
