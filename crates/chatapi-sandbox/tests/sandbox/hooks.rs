//! Webhooks out, delivered in-process on virtual time.

mod groups;
mod inbound;
mod rules;
#[cfg(feature = "server")]
mod served;
mod settings;

use chatapi_sandbox::{HookDelivery, HookKind, HookOutcome, Sandbox};

pub(crate) const URL: &str = "http://receiver.test/hook";

/// Delivers what is due to a receiver that takes everything; gives back the bodies.
pub(crate) fn received(sandbox: &Sandbox) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let due = sandbox.webhooks().due();
        if due.is_empty() {
            return bodies;
        }
        for hook in due {
            bodies.push(String::from_utf8(hook.request.body().to_vec()).unwrap());
            assert!(sandbox.webhooks().report(hook.id, HookOutcome::Status(200)));
        }
    }
}

/// Lets everything happen and delivers it; gives back the bodies.
pub(crate) fn all(sandbox: &Sandbox) -> Vec<String> {
    let mut bodies = received(sandbox);
    sandbox.run_until_idle();
    bodies.extend(received(sandbox));
    bodies
}

pub(crate) fn last(sandbox: &Sandbox) -> HookDelivery {
    sandbox.webhooks().deliveries().pop().unwrap()
}

pub(crate) fn kinds(sandbox: &Sandbox) -> Vec<HookKind> {
    sandbox.webhooks().deliveries().iter().map(|hook| hook.kind).collect()
}
