//! What holds while several do things at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use chatapi_types::{ChatId, UnixMillis};
use tokio::task::JoinSet;

use crate::State;
use crate::machine::{Figures, Look, Verdict};
use crate::record::{LineName, OutboxId, Route};
use crate::store::{
    Change, Content, Enqueued, Intend, Intended, NewMessage, NotEnqueued, Place, Store, StoreError,
};

type Outcome = Result<(), String>;

/// How many things are done at once.
const MANY: u128 = 24;

fn told(error: StoreError) -> String {
    error.to_string()
}

fn message(namespace: &str, key: &str, route: Route) -> NewMessage {
    let chat = ChatId::new("79000000001@c.us");
    let look = Look::of_text(&chat, key);
    let content = Content::new(format!("{{\"text\":{key:?}}}"), None);
    let mut new = NewMessage::new(key, chat, route, look, content);
    new.namespace = namespace.to_owned();
    new
}

/// Ids are the caller's; these are told apart by the rule and a number.
fn id(rule: u128, number: u128) -> OutboxId {
    OutboxId::new(UnixMillis::from_millis(1_600_000_000_000), (rule << 64) | number)
}

async fn all<T: Send + 'static, F>(tasks: impl IntoIterator<Item = F>) -> Result<Vec<T>, String>
where
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let mut set: JoinSet<_> = tasks.into_iter().collect();
    let mut done = Vec::new();
    while let Some(task) = set.join_next().await {
        done.push(task.map_err(|error| error.to_string())?.map_err(told)?);
    }
    Ok(done)
}

pub(super) async fn one_key_is_one_message<S: Store + 'static>(store: Arc<S>) -> Outcome {
    let answers = all((0..MANY).map(|number| {
        let store = store.clone();
        let mut new = message("one key", "key", Route::line("nobody"));
        // A third says something else.
        new.content_hash = [u8::from(number % 3 == 0); 32];
        async move { store.enqueue(vec![(id(1, number), new)]).await }
    }));
    let answers = answers.await?.concat();
    let ids: BTreeSet<OutboxId> = answers
        .iter()
        .filter_map(|answer| match answer {
            Ok(Enqueued { id, .. }) | Err(NotEnqueued::Conflict { id }) => Some(*id),
            Err(_) => None,
        })
        .collect();
    let new = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|it| it.is_new)).count();
    let refused = answers.iter().filter(|answer| answer.is_err()).count();
    let expected = if refused == 8 { 16 } else { 8 };
    match ids.len() == 1 && new == 1 && answers.len() - refused == expected {
        true => Ok(()),
        false => Err(format!("{new} of one key are new, as {ids:?}, and {refused} are refused")),
    }
}

pub(super) async fn phones_of_a_group_share<S: Store + 'static>(store: Arc<S>) -> Outcome {
    let figures = Figures::default();
    let lines: Vec<LineName> =
        (0..6).map(|number| format!("sharing {number}").as_str().into()).collect();
    let mut grants = Vec::new();
    for line in &lines {
        store.add_line(line, Some("sharing".into())).await.map_err(told)?;
        grants.extend(store.acquire(line, "rules", &figures).await.map_err(told)?);
    }
    let new = |number| {
        let key = format!("key {number}");
        (id(2, number), message("sharing", &key, Route::group("sharing")))
    };
    store.enqueue((0..5).map(new).collect()).await.map_err(told)?;
    // Everyone twice at the same time: one phone has one message in flight.
    let twice = grants.iter().chain(&grants).cloned();
    let answers = all(twice.map(|grant| {
        let (store, figures, at) = (store.clone(), figures.clone(), grant.at);
        async move { store.intend(&Intend::new(grant, at), &figures).await }
    }));
    let mut sent = Vec::new();
    for answer in answers.await? {
        if let Intended::Send(intent) = answer {
            sent.push(intent.id);
        }
    }
    let different: BTreeSet<OutboxId> = sent.iter().copied().collect();
    match sent.len() == 5 && different.len() == 5 {
        true => Ok(()),
        false => Err(format!("six phones share five messages, and send {sent:?}")),
    }
}

/// Phones that all have much to send: what became of one message and the intent of the next.
pub(super) async fn phones_take_turns_at_once<S: Store + 'static>(store: Arc<S>) -> Outcome {
    const EACH: u128 = 4;
    let figures = Figures::default();
    let verdict = |line: &LineName, number: u128| Verdict::Accepted {
        id: Some(format!("{line} {number}").into()),
        queue_number: None,
    };
    let mut flying = Vec::new();
    for index in 0..MANY {
        let line = LineName::new(format!("turning {index}"));
        store.add_line(&line, None).await.map_err(told)?;
        let grant = store.acquire(&line, "rules", &figures).await.map_err(told)?;
        let grant = grant.ok_or("a new phone cannot be taken over")?;
        let new = |number| {
            let of_line = index * EACH + number;
            let key = format!("key {of_line}");
            let mut new = message("turning", &key, Route::Line(line.clone()));
            // In order, so that the next one waits for the one before.
            new.order_key = Some(line.as_str().into());
            (id(5, of_line), new)
        };
        store.enqueue((0..EACH).map(new).collect()).await.map_err(told)?;
        let ask = Intend::new(grant.clone(), grant.at);
        match store.intend(&ask, &figures).await.map_err(told)? {
            Intended::Send(intent) => flying.push((index, ask, intent)),
            other => return Err(format!("{line} has much to send, and is told {other:?}")),
        }
    }
    for number in 1..=EACH {
        let turns = std::mem::take(&mut flying).into_iter().map(|(index, ask, intent)| {
            let (store, figures) = (store.clone(), figures.clone());
            let verdict = verdict(&ask.grant.line, number);
            async move {
                let turned = store.turn(&ask, &intent, &verdict, &figures).await?;
                Ok((index, ask, turned))
            }
        });
        for (index, ask, turned) in all(turns).await? {
            let expected = id(5, index * EACH + number);
            match turned.next {
                Some(Intended::Send(intent)) if number < EACH && intent.id == expected => {
                    flying.push((index, ask, intent));
                }
                Some(Intended::Nothing { .. }) if number == EACH => {}
                next => {
                    let line = &ask.grant.line;
                    return Err(format!("{line} was to send {expected} next, not {next:?}"));
                }
            }
        }
    }
    let mut there = 0;
    for number in 0..MANY * EACH {
        let record = store.message(id(5, number)).await.map_err(told)?;
        there += usize::from(record.is_some_and(|record| record.state == State::AtVendor));
    }
    match there == (MANY * EACH) as usize {
        true => Ok(()),
        false => Err(format!("{there} of {} are at the vendor", MANY * EACH)),
    }
}

pub(super) async fn the_feed_tells_everything<S: Store + 'static>(store: Arc<S>) -> Outcome {
    let writers = (0..MANY).map(|number| {
        let store = store.clone();
        async move {
            let line = Route::line("nobody");
            for part in 0..4 {
                let key = format!("{number} {part}");
                let new = message("feed", &key, line.clone());
                store.enqueue(vec![(id(3, number * 4 + part), new)]).await?;
                store.cancel(id(3, number * 4 + part)).await?;
            }
            Ok(())
        }
    });
    let mut writers: JoinSet<Result<(), StoreError>> = writers.collect();
    let mut place = Place::default();
    let mut seen: Vec<Change> = Vec::new();
    let mut patience = 20_000;
    let expected = MANY as usize * 8;
    let of_rule: BTreeSet<OutboxId> = (0..MANY * 4).map(|number| id(3, number)).collect();
    while seen.len() < expected && patience > 0 {
        patience -= 1;
        // A page that is smaller than what is there.
        for (at, change) in store.changes(place, 7).await.map_err(told)? {
            if at <= place {
                return Err("the feed goes back".to_owned());
            }
            place = at;
            if of_rule.contains(&change.id) {
                seen.push(change);
            }
        }
        tokio::task::yield_now().await;
    }
    while let Some(task) = writers.join_next().await {
        task.map_err(|error| error.to_string())?.map_err(told)?;
    }
    for id in of_rule {
        let of_one = seen.iter().filter(|change| change.id == id);
        let states: Vec<_> = of_one.map(|change| change.to.as_str()).collect();
        if states != ["ready", "cancelled"] {
            return Err(format!("the feed tells of {id}: {states:?}"));
        }
    }
    Ok(())
}

pub(super) async fn a_caller_who_leaves_is_served<S: Store + 'static>(store: Arc<S>) -> Outcome {
    // Asked once, so that it is on its way, and then given up.
    for number in 0..MANY {
        let new = message("leaving", &format!("key {number}"), Route::line("nobody"));
        let asked = store.enqueue(vec![(id(4, number), new)]);
        let mut asked = std::pin::pin!(asked);
        std::future::poll_fn(|context| {
            drop(asked.as_mut().poll(context));
            std::task::Poll::Ready(())
        })
        .await;
    }
    // Whatever comes later comes after them.
    let new = message("leaving", "the last", Route::line("nobody"));
    store.enqueue(vec![(id(4, MANY), new)]).await.map_err(told)?;
    for number in 0..MANY {
        if store.message(id(4, number)).await.map_err(told)?.is_none() {
            return Err(format!("number {number} was not enqueued, because its caller left"));
        }
    }
    Ok(())
}
