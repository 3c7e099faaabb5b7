//! The page in a real browser.
//!
//! Needs Debian's packages `chromium` and `chromium-driver`, and says so where they are missing. It
//! runs when it is asked for by name: `cargo test -p chatapi-sandbox --features page --test browser`.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/life.rs"]
mod life;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/people.rs"]
mod people;
#[path = "browser/pictures.rs"]
mod pictures;
#[path = "browser/portrait.rs"]
mod portrait;
#[path = "browser/receiver.rs"]
mod receiver;
#[path = "browser/scenario.rs"]
mod scenario;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use chatapi_sandbox::Server;

/// Calls the sandbox as a client in another language does; gives back the body of the answer.
fn call(server: &Server, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.socket()).unwrap();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        server.socket(),
        body.len(),
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
