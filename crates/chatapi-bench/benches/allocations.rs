//! The same as `null_transport`, counting allocations. Apart from it, because counting costs time.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement")]

use allocation_counter::{AllocationInfo, measure};
use chatapi_bench::SENT;
use chatapi_bench::null::{gateway, list, list_by_hand, page, send, send_by_hand};
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let phone = "79000000001".parse().expect("a phone");
    let page = page();
    let (sending, listing) = (gateway(SENT.as_bytes()), gateway(page));
    let sent = measure(|| runtime.block_on(send(&sending, &phone)));
    tell("sendMessage", &sent, &measure(send_by_hand));
    let listed = measure(|| runtime.block_on(list(&listing)));
    tell("messages, a page of 100", &listed, &measure(|| list_by_hand(page)));
}

fn tell(name: &str, ours: &AllocationInfo, by_hand: &AllocationInfo) {
    println!(
        "{name}: {} allocations per call, by hand {}; {} bytes, by hand {}",
        ours.count_total, by_hand.count_total, ours.bytes_total, by_hand.bytes_total
    );
}
