//! Another process of this test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::Anything;
use crate::options::Options;

/// A process of this test; it dies with its owner.
pub(crate) struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    pub(crate) fn start(options: &Options) -> Anything<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(options.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout: ChildStdout = child.stdout.take().ok_or("no output of a process")?;
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines })
    }

    /// The first line that it prints.
    pub(crate) fn first_line(&self) -> Anything<String> {
        Ok(self.lines.recv_timeout(Duration::from_secs(30))?)
    }

    /// The number behind that word in what it has printed since, the greatest of them.
    pub(crate) fn told(&self, word: &str) -> Anything<Option<u64>> {
        let mut greatest = None;
        for line in self.lines.try_iter() {
            if let Some(number) = line.strip_prefix(word) {
                greatest = greatest.max(Some(number.trim().parse()?));
            }
        }
        Ok(greatest)
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Anything<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    pub(crate) fn signal(&self, name: &str) -> Anything {
        let id = self.child.id().to_string();
        match Command::new("kill").args(["-s", name, &id]).status()?.success() {
            true => Ok(()),
            false => Err(format!("the worker did not get {name}").into()),
        }
    }

    /// Kill -9, and the body is taken away. One that is gone already needs neither.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
