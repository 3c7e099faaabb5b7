//! A thousand slow sockets, and one honest caller among them. Progress is counted in rounds (every
//! slow socket does what it does, once), not in seconds.

use std::time::Duration;

use chatapi_sandbox::{Server, ServerOptions};
use tokio::net::TcpStream;

use crate::server::{Client, TINY, USUAL, borne_with, sandbox};

const CROWD: usize = 1_000;

/// What a slow socket sends, a byte a round.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Idle,
    HeadByteByByte,
    HalfAHead,
    BodyByteByByte,
    HalfABody,
}

const MANNERS: [Manner; 5] = [
    Manner::Idle,
    Manner::HeadByteByByte,
    Manner::HalfAHead,
    Manner::BodyByteByByte,
    Manner::HalfABody,
];

const HEAD: &str = "POST /instance123/sendMessage?token=token HTTP/1.1\r\nHost: x\r\n";

struct Slow {
    socket: TcpStream,
    manner: Manner,
}

impl Slow {
    async fn come(server: &Server, manner: Manner) -> Self {
        let mut client = Client::of(server).await;
        match manner {
            Manner::Idle | Manner::HeadByteByByte => {}
            Manner::HalfAHead => client.write(HEAD).await,
            Manner::BodyByteByByte | Manner::HalfABody => {
                client.write(format!("{HEAD}Content-Length: 100000\r\n\r\nphone=7900000")).await;
            }
        }
        Self { socket: client.0, manner }
    }

    /// One round. Who was sent away stays away.
    fn goes_on(&self) {
        let _ = self.socket.try_write(self.manner.every_round());
    }

    fn is_gone(&self) -> bool {
        let mut told = [0; 512];
        loop {
            match self.socket.try_read(&mut told) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
    }
}

impl Manner {
    const fn every_round(self) -> &'static [u8] {
        match self {
            Self::HeadByteByByte | Self::BodyByteByByte => b"x",
            Self::Idle | Self::HalfAHead | Self::HalfABody => b"",
        }
    }
}

/// How many rounds pass until an honest caller, who comes now, has his answer.
async fn rounds(server: &Server, crowd: &[Slow]) -> usize {
    let mut client = Client::of(server).await;
    client.write("GET /instance123/status?token=token HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut answer = [0; 16];
    for round in 0..10_000 {
        crowd.iter().for_each(Slow::goes_on);
        tokio::task::yield_now().await;
        match client.0.try_read(&mut answer) {
            Ok(_) => {
                assert!(answer.starts_with(b"HTTP/1.1 200 OK"), "{answer:?}");
                return round;
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    usize::MAX
}

async fn worst_of_twenty(server: &Server, crowd: &[Slow]) -> usize {
    let mut worst = 0;
    for _ in 0..20 {
        worst = worst.max(rounds(server, crowd).await);
    }
    worst
}

/// Goes on in rounds until no more than so many are there.
async fn only_so_many_stay(most: usize, crowd: &[Slow]) {
    let mut there = crowd.len();
    for _ in 0..2_000 {
        crowd.iter().for_each(Slow::goes_on);
        tokio::task::yield_now().await;
        there = crowd.iter().filter(|slow| !slow.is_gone()).count();
        if there <= most {
            return;
        }
    }
    unreachable!("{there} of the crowd are still there, and not {most}");
}

/// One thread for all, so that a round is a round: between two of them everybody who can move does.
#[tokio::test]
async fn a_thousand_slow_sockets_do_not_disturb_an_honest_caller() {
    // With room for all of them, and with far too little.
    for places in [2 * CROWD, CROWD / 10] {
        let sandbox = sandbox();
        let options = ServerOptions::new().connections(places);
        let server = sandbox.serve_with(options).await.unwrap();
        let alone = worst_of_twenty(&server, &[]).await;
        let mut crowd = Vec::new();
        for at in 0..CROWD {
            crowd.push(Slow::come(&server, MANNERS[at % MANNERS.len()]).await);
        }
        let crowded = worst_of_twenty(&server, &crowd).await;
        // Alone, rounds are almost empty and the kernel needs some; measured were 0 to 17 either way.
        assert!(crowded <= alone + 100, "{crowded} rounds in the crowd, {alone} alone");
        only_so_many_stay(places, &crowd).await;
        // With room for all they have their time, and not a second more for what they send in it.
        tokio::time::pause();
        for _ in 0..=*USUAL.end() {
            crowd.iter().for_each(Slow::goes_on);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        only_so_many_stay(0, &crowd).await;
        tokio::time::resume();
        assert_eq!(sandbox.instance("123").queue_len(), 0, "no slow send became one");
    }
}

#[tokio::test(start_paused = true)]
async fn every_slow_manner_ends_in_time() {
    let server = sandbox().serve().await.unwrap();
    for manner in MANNERS {
        let Slow { socket, .. } = Slow::come(&server, manner).await;
        let (seconds, told) = borne_with(socket, manner.every_round()).await;
        assert!(USUAL.contains(&seconds), "{manner:?}: {seconds} s");
        let is_refused = told.starts_with("HTTP/1.1 408 ");
        match manner {
            Manner::BodyByteByByte | Manner::HalfABody => {
                assert!(is_refused, "{manner:?}: {told}");
            }
            _ => assert!(is_refused || told.is_empty(), "{manner:?}: {told}"),
        }
    }
}

#[tokio::test]
async fn who_takes_nothing_of_his_answers_is_let_go() {
    let sandbox = sandbox();
    let options = ServerOptions::new().answers_taken_within(TINY);
    let server = sandbox.serve_with(options).await.unwrap();
    let mut greedy = Client::of(&server).await;
    // Many requests, no answer taken: the buffers fill, and the server stops reading.
    let ask = "GET /instance123/qr_code?token=token HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let mut asked = 0;
    while tokio::io::AsyncWriteExt::write_all(&mut greedy.0, ask.as_bytes()).await.is_ok() {
        asked += 100;
        assert!(asked < 10_000_000, "it is served for ever");
    }
    let mut honest = Client::of(&server).await;
    assert!(honest.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
}
