//! Runs an emulated gateway.

mod ready;

use std::fmt::Display;
use std::future::pending;
use std::io;
use std::path::Path;

use chatapi_sandbox::{Keeper, Sandbox, Scenario, Server, ServerOptions, Store, StoreError, Tls};
use chatapi_types::Messenger;

use crate::exit::{Code, Failure};
use crate::options::SandboxOptions;
use crate::out;

use ready::Ready;

/// Serves until interrupted.
pub(crate) async fn run(mut options: SandboxOptions, json: bool) -> Result<Code, Failure> {
    // Before anything is said: who reads that it serves may stop it at once.
    let interruption = Interruption::listen()?;
    if let Some(id) = options.claimed_twice() {
        return Err(Failure::Usage(format!("--instance: {id} is given two tokens: give it one")));
    }
    let scenario = options.scenario.as_deref().map(scenario).transpose()?;
    let mut builder = Sandbox::builder().clock(options.clock).seed(options.seed);
    if let Some(profile) = options.profile.take() {
        builder = builder.profile(profile);
    }
    let sandbox = builder.build();
    let state = match &options.data {
        Some(path) => Some(State::of(&sandbox, path).await?),
        None => None,
    };
    let is_new = state.as_ref().is_none_or(|state| state.is_new);
    if !options.is_peopled() && (is_new || has_the_usual(&sandbox)) {
        options.people();
    }
    people(&sandbox, &options);
    if let Some(scenario) = scenario {
        let playing = sandbox.play(&scenario);
        playing.map_err(|error| Failure::Usage(format!("--scenario: {error}")))?;
    }
    let server = serve(&sandbox, &options).await?;
    let ready = Ready::new(server, &options)?;
    match ready.tell(json) {
        // It serves all the same: its port was given, perhaps.
        Ok(()) | Err(Failure::Unread) => {}
        Err(failure) => return Err(failure),
    }
    if !options.bind.is_loopback() {
        out::aside(format_args!(
            "chatapi: whoever reaches {} can read and change everything in this sandbox",
            ready.socket()
        ));
    }
    tokio::select! {
        () = interruption.comes() => {}
        () = troubles(state.as_ref()) => {}
    }
    ready.end().await;
    if let Some(state) = state {
        state.keep().await?;
    }
    Ok(Code::Done)
}

/// Reads a scenario.
fn scenario(path: &Path) -> Result<Scenario, Failure> {
    let bad =
        |error: &dyn Display| Failure::Usage(format!("--scenario: {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    Scenario::read(&text).map_err(|error| bad(&error))
}

/// State in a file, saved whenever it changes.
struct State {
    store: Store,
    keeper: Keeper,
    /// Whether the file held none.
    is_new: bool,
}

impl State {
    /// The name of the sandbox in its file.
    const NAME: &str = "main";

    /// Puts the sandbox into the state that the file holds, if it holds any.
    async fn of(sandbox: &Sandbox, path: &Path) -> Result<Self, Failure> {
        let store = Store::open(path).await.map_err(unkept)?;
        let is_new = store.load(Self::NAME).await.map_err(unkept)?.is_none();
        let keeper = store.keep(Self::NAME, sandbox).await.map_err(unkept)?;
        Ok(Self { store, keeper, is_new })
    }

    /// Saves for the last time.
    async fn keep(self) -> Result<(), Failure> {
        self.keeper.close().await.map_err(|error| {
            Failure::Machine(format!(
                "--data: {error}. Lost is what happened since the last save that worked, which the \
                 file still holds"
            ))
        })?;
        self.store.close().await.map_err(unkept)
    }
}

/// Tells, for as long as it is let, when saving begins to fail and when it works again.
async fn troubles(state: Option<&State>) {
    let Some(State { keeper, .. }) = state else {
        return pending().await;
    };
    let mut known = None;
    loop {
        known = keeper.other_trouble(known.as_ref()).await;
        match &known {
            Some(error) => out::aside(format_args!(
                "chatapi: --data: {error}. It serves on, and what happens is in memory only until \
                 saving works again"
            )),
            None => out::aside("chatapi: --data: saving works again, and nothing is lost"),
        }
    }
}

fn unkept(error: StoreError) -> Failure {
    Failure::Machine(format!("--data: {error}"))
}

/// Whether those are there who are made when nobody is asked for.
fn has_the_usual(sandbox: &Sandbox) -> bool {
    sandbox.instance("12345").exists() && sandbox.channel("channel").exists()
}

/// Makes whom the options ask for, unless he is there already.
fn people(sandbox: &Sandbox, options: &SandboxOptions) {
    for instance in &options.instances {
        let known = sandbox.instance(instance.id.as_str());
        if known.exists() {
            known.replace_token(instance.token.as_str());
        } else {
            sandbox.add_instance(instance.id.as_str(), instance.token.as_str());
        }
    }
    for token in &options.channels {
        if !sandbox.channel(token.as_str()).exists() {
            sandbox.add_channel(token.as_str(), Messenger::WhatsApp);
        }
    }
    for key in &options.uids {
        sandbox.add_account(key.as_str());
    }
}

async fn serve(sandbox: &Sandbox, options: &SandboxOptions) -> Result<Server, Failure> {
    let mut serving = ServerOptions::new().bind(options.bind).port(options.port);
    if !options.bind.is_loopback() {
        serving = serving.exposed();
    }
    if let Some(port) = options.tls {
        serving = serving.tls(Tls::new(port));
    }
    if let Some(url) = &options.public_url {
        serving = serving.public_url(url);
    }
    if options.allow_remote_webhooks {
        serving = serving.allow_remote_webhooks();
    }
    sandbox.serve_with(serving).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "; another program listens there: choose another port, or 0 for any that is free"
            }
            io::ErrorKind::PermissionDenied => {
                "; ports below 1024 need privileges: choose another port"
            }
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            _ => "",
        };
        Failure::Machine(format!("{error}{advice}"))
    })
}

/// Ctrl-C or, where there is such a thing, SIGTERM.
struct Interruption {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Interruption {
    #[cfg(unix)]
    fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen =
            |kind| signal(kind).map_err(|error| Failure::Machine(format!("signals: {error}")));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn comes(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn comes(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
