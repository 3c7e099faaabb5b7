//! Messenger gateways from a shell.

mod commands;
mod connect;
mod demo;
mod exit;
mod live;
mod options;
mod out;

use clap::Parser;

use crate::options::{Command, Options};

fn main() -> std::process::ExitCode {
    let options = Options::parse();
    let json = options.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out::aside(format_args!("chatapi: no runtime could be started: {error}"));
            return std::process::ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(options)) {
        Ok(code) => code.into(),
        Err(failure) => {
            exit::tell(&failure, json);
            exit::code_of(&failure).into()
        }
    }
}

async fn run(options: Options) -> Result<exit::Code, exit::Failure> {
    let Options { command, json } = options;
    match command {
        Command::Demo { speed } => demo::run(speed).await,
        Command::Sandbox(sandbox) => commands::sandbox::run(*sandbox, json).await,
        Command::Status(gateway) => commands::status::run(gateway, json).await,
        Command::Send { gateway, send } => commands::send::run(gateway, send, json).await,
        Command::Follow { gateway, id, queue_number, until, within } => {
            let message = commands::follow::message(&id, queue_number);
            commands::follow::run(gateway, message, until, within, json).await
        }
        Command::Queue { gateway, clear } => commands::queue::run(gateway, clear, json).await,
        Command::Doctor { gateway, watch } => commands::doctor::run(gateway, watch, json).await,
        Command::Instances { account, command } => {
            commands::instances::run(account, command, json).await
        }
    }
}
