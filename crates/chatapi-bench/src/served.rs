//! A benchmark's own program once more, as a process of its own on a core of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use core_affinity::CoreId;

use crate::memory;

/// What was given on the command line, without what cargo adds.
#[must_use]
pub fn given() -> Vec<String> {
    std::env::args().skip(1).filter(|given| given != "--bench").collect()
}

/// Pins this thread, and whatever it starts, to the machine's core of that number; says so where that
/// cannot be.
pub fn pin(core: usize) -> bool {
    // Not the number-th of those that may be had: to what a pinned program has started, that is one only.
    let is_pinned = core_affinity::set_for_current(CoreId { id: core });
    if !is_pinned {
        println!("not pinned: core {core} cannot be had");
    }
    is_pinned
}

/// A runtime of one thread.
///
/// # Panics
///
/// When there can be none.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// This program in a process of its own that serves until its input ends.
#[derive(Debug)]
pub struct Served {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    socket: SocketAddr,
}

impl Served {
    /// Starts this program with `serve` and these arguments. What it prints goes on to our output, up to
    /// the line that is the address of its socket.
    ///
    /// # Panics
    ///
    /// When it does not start, or ends before it says an address.
    #[must_use]
    pub fn start(args: &[&str]) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut child = Command::new(own)
            .arg("serve")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let socket = loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).expect("its address");
            assert!(length > 0, "it ended before it served");
            match line.trim().parse() {
                Ok(socket) => break socket,
                Err(_) => print!("{line}"),
            }
        };
        Self { input: child.stdin.take(), child, output, socket }
    }

    /// Where it listens.
    #[must_use]
    pub const fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// Its memory in bytes: resident now, and at most so far.
    #[must_use]
    pub fn memory(&self) -> (u64, u64) {
        (memory::of(self.child.id()), memory::peak_of(self.child.id()))
    }

    /// Ends it; what it says it has done.
    ///
    /// # Panics
    ///
    /// When what it says is no text.
    #[must_use]
    pub fn end(mut self) -> String {
        drop(self.input.take());
        let mut told = String::new();
        self.output.read_to_string(&mut told).expect("what it says");
        self.child.wait().expect("it ends");
        told.trim().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Until our input ends: what a served program waits for.
pub async fn input_ended() {
    let end = || std::io::stdin().read(&mut [0]).map(drop);
    let _ended = tokio::task::spawn_blocking(end).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is pinned hands that on to what it starts, and that must get away from there.
    #[test]
    fn what_is_pinned_to_one_core_can_be_pinned_to_another() {
        let cores = core_affinity::get_core_ids().unwrap();
        let (first, last) = (cores[0].id, cores[cores.len() - 1].id);
        let pinned = std::thread::spawn(move || {
            assert!(pin(last));
            assert!(pin(first));
            std::fs::read_to_string("/proc/thread-self/status").unwrap()
        });
        let status = pinned.join().unwrap();
        let here = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        assert_eq!(here.map(str::trim), Some(&*first.to_string()));
    }
}
