//! The kill test of the outbox: dispatchers die by `kill -9` at random moments while a gateway that
//! loses answers takes their messages in, and the gateway's own log says what became of them.
//!
//! ```sh
//! cargo run --release -p chatapi-bench --bin kill-test -- --messages 20000 --kills 100
//! ```
//!
//! `--help` names the other options. Three processes: this one, which kills and counts; the
//! sandbox; and the worker, which enqueues and dispatches and is the one to die. Each message goes
//! to a number of its own, so that the gateway's log tells how often each was taken.

#![expect(clippy::print_stdout, reason = "its report is its purpose")]

mod gateway;
mod options;
mod process;
mod report;
mod rounds;
mod tally;
mod truth;
mod worker;

use std::process::ExitCode;

use options::Options;

type Anything<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::read(&arguments) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln(&problem);
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match options.role.as_str() {
                "gateway" => gateway::serve(&options).await.map(|()| true),
                "worker" => worker::work(&options).await.map(|()| true),
                _ => rounds::play(&options).await,
            }
        })
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln(&format!("kill test: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "where errors are told")]
fn eprintln(text: &str) {
    eprintln!("{text}");
}
