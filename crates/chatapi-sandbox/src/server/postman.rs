//! Lets the world of a served sandbox run by itself, and carries its webhooks.

mod destination;

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, redirect, retry};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::connection::told_to;
use crate::Sandbox;
use crate::world::{HookOutcome, Taken};
use destination::{Elsewhere, Resolver};

/// How long a connection may take to come about, of the time that the receiver has.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Who lets the world of a sandbox run while nobody calls, and carries its webhooks. Told to stop, he
/// sets out with nothing more, and is [home](Self::home) when what is on its way has arrived. Dropped,
/// he stops at once; what is on its way then is cut off and waits in its line again.
///
/// It does not sleep on the sandbox's clock, where in [`ClockMode::Auto`](crate::ClockMode::Auto) it
/// would make time fly, but follows it. The time that a receiver has is the machine's: a minute of
/// virtual time may be over before a socket has opened.
pub(crate) struct Postman {
    task: JoinHandle<()>,
}

impl Postman {
    /// Sets out for a sandbox, on the tokio runtime of the caller.
    pub(crate) fn start(
        sandbox: &Sandbox,
        allow_remote: bool,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let round = Arc::new(Round { allow_remote, client: OnceLock::new() });
        Self { task: tokio::spawn(run(sandbox.clone(), round, stopped)) }
    }

    /// Returns when he was told to stop and nothing is on its way.
    pub(crate) async fn home(mut self) {
        // A task that was cancelled with its runtime is nothing to wait for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Postman {
    fn drop(&mut self) {
        // What is on its way is owned by this task and goes with it.
        self.task.abort();
    }
}

/// Who carries what the world of a sandbox has handed out.
struct Hands(Sandbox);

impl Drop for Hands {
    fn drop(&mut self) {
        // Whoever carries webhooks next finds what did not arrive.
        self.0.quietly(|world| world.scene.regain_hooks());
    }
}

async fn run(sandbox: Sandbox, round: Arc<Round>, stopped: watch::Receiver<bool>) {
    let _hands = Hands(sandbox.clone());
    let clock = sandbox.clock();
    let (mut next, mut jumps) = (sandbox.next_moments(), clock.jumps());
    let (mut posts, mut era) = (JoinSet::new(), sandbox.replacements());
    let posted = |posted: Posted| {
        sandbox.with(|world| {
            // The number may mean another webhook by now.
            if sandbox.replacements() == posted.era {
                world.scene.hook_went(posted.id, posted.outcome);
            }
        });
    };
    let mut stop = pin!(told_to(stopped));
    loop {
        jumps.mark_unchanged();
        let (present, most, taken) = sandbox.quietly(|world| {
            let limits = &world.scene.profile.limits;
            let (most, of_each) = (limits.hooks.max(1), limits.hooks_of_each.max(1));
            let room = most.saturating_sub(posts.len());
            (sandbox.replacements(), most, world.scene.take_hooks(room, of_each))
        });
        if present != era {
            // What is on its way was told in a world that is gone.
            posts.abort_all();
            era = present;
        }
        for taken in taken {
            posts.spawn(Arc::clone(&round).post(taken, era));
        }
        // Nothing that is due is left, unless there is no room for it.
        let due = next.borrow_and_update().filter(|_| posts.len() < most);
        let nap = async {
            match due.and_then(|due| clock.machine_time_to(due)) {
                Some(time) => TokioClock::new().sleep(time).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = nap => {}
            changed = next.changed() => if changed.is_err() {
                return;
            },
            changed = jumps.changed() => if changed.is_err() {
                return;
            },
            Some(arrived) = posts.join_next() => if let Ok(arrived) = arrived {
                posted(arrived);
            },
            () = &mut stop => break,
        }
    }
    while let Some(arrived) = posts.join_next().await {
        if let Ok(arrived) = arrived {
            posted(arrived);
        }
    }
}

/// A webhook that went, the world that it was told in, and what became of it.
struct Posted {
    id: u64,
    era: u64,
    outcome: HookOutcome,
}

/// What every delivery needs.
struct Round {
    allow_remote: bool,
    /// Built when first needed: many sandboxes have no webhooks.
    client: OnceLock<Result<Client, String>>,
}

impl Round {
    async fn post(self: Arc<Self>, taken: Taken, era: u64) -> Posted {
        let outcome = self.attempt(&taken).await;
        Posted { id: taken.id, era, outcome }
    }

    async fn attempt(&self, taken: &Taken) -> HookOutcome {
        let url = match destination::of(&taken.target, self.allow_remote) {
            Ok(url) => url,
            Err(why) => return HookOutcome::Forbidden(why),
        };
        let client = match self.client.get_or_init(|| client(self.allow_remote)) {
            Ok(client) => client,
            Err(why) => return HookOutcome::Refused(why.clone()),
        };
        let request = client
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .timeout(taken.within)
            .body(taken.body.clone());
        match request.send().await {
            // What it says besides does not matter to anybody.
            Ok(answer) => HookOutcome::Status(answer.status().as_u16()),
            Err(error) => outcome_of(error.without_url()),
        }
    }
}

/// What follows no redirect and no proxy, repeats nothing, and finds only addresses that are allowed.
fn client(allow_remote: bool) -> Result<Client, String> {
    let client = Client::builder()
        .http1_only()
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(CONNECT_WITHIN)
        .dns_resolver(Arc::new(Resolver { allow_remote }));
    client.build().map_err(|error| format!("the client cannot be set up: {error}"))
}

fn outcome_of(error: reqwest::Error) -> HookOutcome {
    if error.is_timeout() {
        return HookOutcome::TimedOut;
    }
    let mut deepest: &(dyn std::error::Error + 'static) = &error;
    while let Some(source) = deepest.source() {
        if let Some(elsewhere) = source.downcast_ref::<Elsewhere>() {
            return HookOutcome::Forbidden(elsewhere.to_string());
        }
        deepest = source;
    }
    HookOutcome::Refused(deepest.to_string())
}
