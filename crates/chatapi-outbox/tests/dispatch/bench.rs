//! An outbox in memory, a sandbox, and one clock for both.

use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::{Dispatcher, Running};
use chatapi_outbox::machine::Figures;
use chatapi_outbox::record::Record;
use chatapi_outbox::store::{Filter, MemoryStore, Tables};
use chatapi_outbox::{Message, Outbox, OutboxId, Route, State};
use chatapi_sandbox::fault::{Effect, Fault, Scope, When};
use chatapi_sandbox::{ClockMode, InstanceHandle, Sandbox, VirtualClock};
use chatapi_transport::Clock;
use chatapi_types::{Phone, UnixMillis};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) phone: InstanceHandle,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: VirtualClock,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::builder().clock(ClockMode::Auto).build();
        let phone = sandbox.add_instance("12345", "token");
        let clock = sandbox.clock();
        let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
        Self { sandbox, phone, store, clock }
    }

    pub(crate) async fn dispatcher(&self, owner: &str) -> Running {
        self.dispatcher_with(owner, |dispatcher| dispatcher).await
    }

    pub(crate) async fn dispatcher_with(
        &self,
        owner: &str,
        settings: impl FnOnce(Dispatcher) -> Dispatcher,
    ) -> Running {
        let dispatcher = Dispatcher::new(self.store.clone())
            .clock(Arc::new(self.clock.clone()))
            .owner(owner)
            .figures(Figures::default())
            .line("shop", Arc::new(Client::over(self.phone.gateway())));
        settings(dispatcher).start().await.unwrap()
    }

    pub(crate) fn fault(&self, effect: Effect, when: When) {
        // What befalls messages is not bound to a method.
        let scope = Scope::instance("12345");
        let scope = match effect {
            Effect::MessageDropped {} => scope,
            _ => scope.method("sendMessage"),
        };
        self.sandbox.faults().add(Fault::new(effect).at(scope).when(when)).unwrap();
    }

    pub(crate) fn outbox(&self) -> Outbox {
        Outbox::new(self.store.clone(), Route::line("shop")).clock(Arc::new(self.clock.clone()))
    }

    /// Enqueues a text, in order with all others.
    pub(crate) async fn enqueue(&self, text: &str) -> OutboxId {
        let message = Message::text(anna(), text).order_key("anna");
        self.outbox().enqueue(message, text).await.unwrap().id
    }

    /// Enqueues a message under a key of its own.
    pub(crate) async fn put(&self, message: Message) -> OutboxId {
        let known = self.store.find(&Filter::all().limit(u32::MAX)).await.unwrap().len();
        let key = format!("put {known}");
        self.outbox().enqueue(message, key).await.unwrap().id
    }

    pub(crate) async fn record(&self, id: OutboxId) -> Record {
        self.store.message(id).await.unwrap().unwrap()
    }

    pub(crate) async fn all(&self) -> Vec<Record> {
        self.store.find(&Filter::all().limit(1000)).await.unwrap()
    }

    /// When a method of the gateway's was called, as far as the sandbox remembers.
    pub(crate) fn calls(&self, method: &str) -> Vec<UnixMillis> {
        let exchanges = self.sandbox.exchanges().into_iter();
        exchanges
            .filter(|one| {
                one.target.text.split('?').next().is_some_and(|path| path.ends_with(method))
            })
            .map(|one| one.at)
            .collect()
    }

    pub(crate) async fn state(&self, id: OutboxId) -> State {
        self.store.message(id).await.unwrap().unwrap().state
    }

    /// Lets time pass until everything is settled, at most so long.
    pub(crate) async fn settle(&self, within: Duration) {
        let until = self.clock.now().plus(within);
        while self.clock.now() < until {
            let all = self.store.find(&Filter::all()).await.unwrap();
            if all.iter().all(|record| record.state.is_settled()) {
                return;
            }
            self.clock.sleep(Duration::from_secs(1)).await;
        }
    }

    /// The texts that left the phone, in their order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.phone.sent().into_iter().map(|message| message.body).collect()
    }

    /// Through which states a message went, and why.
    pub(crate) async fn story(&self, id: OutboxId) -> String {
        let history = self.store.history(id).await.unwrap();
        let lines =
            history.iter().map(|change| format!("{} {}: {}", change.at, change.to, change.cause));
        lines.collect::<Vec<_>>().join("\n")
    }
}
