//! Webhooks in the hands of whoever delivers them, and the log of all.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chatapi_types::UnixMillis;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Uri};

use crate::Sandbox;
use crate::world::{HookDelivery, HookFate, HookOutcome, HookState, Taken};

/// The webhooks of a sandbox: what was told to whom and what became of it.
///
/// A server delivers them by itself. In-process nobody does, unless the test takes what is due and
/// says what became of it:
///
/// ```
/// use std::time::Duration;
/// use chatapi_sandbox::{HookOutcome, HookState, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sandbox = Sandbox::new();
/// let instance = sandbox.add_instance("123", "token");
/// instance.webhook(Some("http://receiver.test/hook"));
/// instance.contact_writes("79000000001", "hello");
///
/// let count = sandbox.webhooks().deliver(async |request| {
///     assert!(request.body().starts_with(br#"{"messages":[{"id":"false_79000000001@c.us_"#));
///     HookOutcome::Status(200)
/// }).await;
/// assert_eq!(count, 1);
/// assert_eq!(sandbox.webhooks().deliveries()[0].state, HookState::Delivered);
/// # }
/// ```
#[derive(Clone)]
pub struct Webhooks {
    sandbox: Sandbox,
}

/// A webhook that is to be delivered now.
#[derive(Debug)]
#[non_exhaustive]
pub struct DueHook {
    /// Its number in the log, under which it is [reported](Webhooks::report).
    pub id: u64,
    /// What the vendor would post.
    pub request: Request<Bytes>,
    /// Within which time the receiver has to answer.
    pub within: Duration,
}

impl Sandbox {
    /// The webhooks: the log, replay, and delivering them in-process.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks { sandbox: self.clone() }
    }
}

impl Webhooks {
    /// The latest webhooks, oldest first: 10,000 of them, or 64 MiB. Where there is no room, settled
    /// ones go first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<HookDelivery> {
        self.sandbox.with(|world| world.scene.hooks.views(world.scene.start).collect())
    }

    /// One webhook; `None` where the log does not have it.
    #[must_use]
    pub fn delivery(&self, id: u64) -> Option<HookDelivery> {
        self.sandbox.with(|world| world.scene.hooks.view(id, world.scene.start))
    }

    /// How many webhooks were forgotten before anything became of them, because too many waited.
    #[must_use]
    pub fn overflowed(&self) -> u64 {
        self.sandbox.with(|world| world.scene.hooks.overflowed())
    }

    /// Tells the same once more, word for word, to whoever listens now. Gives back the number of the
    /// new webhook; `None` where the log does not have the old one, or nobody listens.
    pub fn replay(&self, id: u64) -> Option<u64> {
        self.sandbox.with(|world| world.scene.tell_again(id))
    }

    /// The next webhook that is told, whoever tells it, meets this fate; several in their order.
    pub fn next_meets(&self, fate: HookFate) {
        self.sandbox.with(|world| world.scene.hooks.fates.push_back(fate));
    }

    /// When the next webhook is due, on the sandbox's clock; what waits for another's outcome does
    /// not count.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixMillis> {
        self.sandbox.with(|world| {
            let due = world.scene.hooks.next_due()?;
            Some(world.scene.start.plus(due.since_start()))
        })
    }

    /// Takes what is due: of every instance and channel one webhook, and where its settings allow
    /// them side by side, all. Each must be [reported](Self::report); what is not within its time
    /// **on the sandbox's clock** counts as timed out.
    ///
    /// (A server counts the machine's time instead: a receiver at the other end of a socket knows no
    /// other.)
    #[must_use]
    pub fn due(&self) -> Vec<DueHook> {
        self.sandbox.with(|world| {
            let mut due = Vec::new();
            // One that has no address to go to makes room for the next of its line.
            while let taken @ [_, ..] = &*world.scene.take_all_hooks() {
                for Taken { id, target, body, within } in taken {
                    match request(target, body) {
                        Ok(request) => due.push(DueHook { id: *id, request, within: *within }),
                        Err(why) => {
                            world.scene.hook_went(*id, HookOutcome::Forbidden(why.to_owned()));
                        }
                    }
                }
            }
            due
        })
    }

    /// Says what became of a webhook that was [taken](Self::due). Gives back whether it was waited
    /// for: what has timed out, or was dropped, is not any more.
    pub fn report(&self, id: u64, outcome: HookOutcome) -> bool {
        self.sandbox.with(|world| world.scene.hook_went(id, outcome))
    }

    /// Delivers what is due now, and what becomes due by that, one after the other, through `post`.
    /// Attempts that are due later are left for later: [`next_due`](Self::next_due) tells when. Gives
    /// back how many attempts there were.
    pub async fn deliver(&self, mut post: impl AsyncFnMut(Request<Bytes>) -> HookOutcome) -> usize {
        let mut attempts = 0;
        loop {
            let due = self.due();
            if due.is_empty() {
                return attempts;
            }
            for hook in due {
                attempts += 1;
                let outcome = post(hook.request).await;
                self.report(hook.id, outcome);
            }
        }
    }

    /// Whether anything waits or is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let is_open =
            |hook: HookDelivery| matches!(hook.state, HookState::Waiting | HookState::UnderWay);
        self.sandbox.with(|world| {
            let start = world.scene.start;
            !world.scene.hooks.views(start).any(is_open)
        })
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

/// What a vendor posts. That Chat API calls it JSON is grade B.
fn request(target: &str, body: &str) -> Result<Request<Bytes>, &'static str> {
    let uri: Uri = target.trim().parse().map_err(|_| "the address cannot be read")?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("the address must begin with http:// or https://");
    }
    let mut request = Request::new(Bytes::copy_from_slice(body.as_bytes()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    Ok(request)
}
