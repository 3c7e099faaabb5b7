//! Strangers do not decide how much memory an answer takes.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

use std::time::Duration;

use chatapi_transport::conformance::{Server, Step};
use chatapi_transport::{Gateway, ReqwestTransport, Response};
use chatapi_types::Token;
use chatapi_types::chat_api::{ChatApi, ShowMessagesQueue};

const MIB: u64 = 1 << 20;

/// The most bytes that were set aside at once, by client and server together, for an exchange.
fn peak(limit: u64, script: Vec<Step>) -> u64 {
    // One thread, because only one is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let exchange = async {
        let server = Server::start([script]).await.unwrap();
        let dialect = ChatApi::path("1");
        let gateway = Gateway::new(server.address().clone(), dialect, Token::new("t"), transport)
            .answers_at_most(usize::try_from(limit).unwrap())
            .attempts_within(Duration::from_secs(20));
        gateway.call(&ShowMessagesQueue::new()).await.unwrap_err();
    };
    allocation_counter::measure(|| runtime.block_on(exchange)).bytes_max
}

fn endless(head: &str, part: Vec<u8>) -> Vec<Step> {
    let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
    vec![Step::Read, Step::Write(head.into()), Step::Endless(part.into())]
}

#[test]
fn an_endless_answer_takes_no_more_than_its_limit_allows() {
    let spaces = vec![b' '; 65_536];
    let chunk = [b"10000\r\n", &*spaces, b"\r\n"].concat();
    for limit in [MIB / 4, MIB, 4 * MIB] {
        for script in
            [endless("Transfer-Encoding: chunked\r\n", chunk.clone()), endless("", spaces.clone())]
        {
            let peak = peak(limit, script);
            // What was read, what it grows into, and what HTTP reads ahead.
            assert!(peak <= 3 * limit + MIB, "{peak} B for a limit of {limit} B");
        }
    }
}

#[test]
fn an_announced_length_sets_nothing_aside() {
    for announced in [15 * MIB, 1 << 40, u64::MAX] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n");
        let peak = peak(16 * MIB, vec![Step::Read, Step::Write(head.into())]);
        assert!(peak <= MIB, "{peak} B for an announcement of {announced} B");
    }
}

#[test]
fn the_measure_measures() {
    let answer = Response::json(vec![b' '; 5 << 20]).body().len();
    let peak = peak(16 * MIB, vec![Step::Read, Step::json(vec![b' '; answer])]);
    assert!(peak >= 5 * MIB, "{peak} B for an answer of {answer} B");
}
