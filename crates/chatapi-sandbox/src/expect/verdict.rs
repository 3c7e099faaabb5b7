//! Whether something is so.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Count, Expectation, Pacing, Unmet};
use crate::received::{Matcher, Submission};
use crate::world::{Subject, World};

pub(super) enum Verdict {
    /// It is so.
    Met(Vec<Submission>),
    /// It is not so, and can become so.
    NotYet(Unmet),
    /// It will not be so any more.
    Broken(Unmet),
}

/// Whether it is so right now.
pub(crate) fn now(expectation: &Expectation, world: &World) -> Result<Vec<Submission>, Unmet> {
    match judge(expectation, world) {
        Verdict::Met(messages) => Ok(messages),
        Verdict::NotYet(unmet) | Verdict::Broken(unmet) => Err(unmet),
    }
}

pub(super) fn judge(expectation: &Expectation, world: &World) -> Verdict {
    let matcher = match expectation.filter.compile() {
        Ok(matcher) => matcher,
        Err(error) => return Verdict::Broken(Unmet::invalid(error.to_string())),
    };
    let all = matcher.candidates(world);
    let (meant, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| matcher.fits(it));
    let unmet = |text: String| Unmet::new(text, &matcher, &meant, &others);
    if let Some(text) = broken(expectation, world, &meant) {
        return Verdict::Broken(unmet(text));
    }
    let there = meant.len();
    let missing = match expectation.count {
        Some(Count::Exactly(wanted)) if there < wanted => Some(format!("exactly {wanted}")),
        Some(Count::AtLeast(wanted)) if there < wanted => Some(format!("at least {wanted}")),
        _ => None,
    };
    if let Some(wanted) = missing {
        return Verdict::NotYet(unmet(format!("expected {wanted} messages, found {there}")));
    }
    match order(&expectation.order, &meant) {
        Order::Kept => Verdict::Met(meant),
        Order::Incomplete(text) => Verdict::NotYet(unmet(format!(
            "expected the texts in order {:?}; {text:?} has not left after those before it",
            expectation.order
        ))),
        Order::Wrong(found) => Verdict::Broken(unmet(format!(
            "expected the texts in order {:?}; they left in order {found:?}",
            expectation.order
        ))),
    }
}

/// What is exceeded.
fn broken(expectation: &Expectation, world: &World, meant: &[Submission]) -> Option<String> {
    let there = meant.len();
    match expectation.count {
        Some(Count::Exactly(wanted)) if there > wanted => {
            return Some(format!("expected exactly {wanted} messages, found {there}"));
        }
        Some(Count::AtMost(0)) if there > 0 => {
            return Some(format!("expected none of these messages, found {there}"));
        }
        Some(Count::AtMost(most)) if there > most => {
            return Some(format!("expected at most {most} messages, found {there}"));
        }
        _ => {}
    }
    if expectation.no_duplicates
        && let Some((first, second)) = duplicate(meant)
    {
        let (first, second) = (&first.id, &second.id);
        return Some(format!("expected nothing twice; messages {first} and {second} are alike"));
    }
    if let Some(pacing) = expectation.pacing
        && let Some(text) = too_fast(pacing, meant)
    {
        return Some(text);
    }
    let most = expectation.peak_queue?;
    let (line, peak) = deepest(expectation, world)?;
    (peak > most)
        .then(|| format!("expected queues of at most {most}; that of {line} once held {peak}"))
}

fn duplicate(meant: &[Submission]) -> Option<(&Submission, &Submission)> {
    let mut seen = BTreeMap::new();
    for message in meant {
        let Submission { subject, chat, text, file, caption, .. } = message;
        let said = (subject.to_string(), chat, text, file, caption);
        if let Some(first) = seen.insert(said, message) {
            return Some((first, message));
        }
    }
    None
}

fn too_fast(pacing: Pacing, meant: &[Submission]) -> Option<String> {
    let window = Duration::try_from_secs_f64(pacing.window).unwrap_or(Duration::MAX);
    let mut lines: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for message in meant {
        let left = lines.entry(message.subject.to_string()).or_default();
        left.extend(message.left);
    }
    lines.into_iter().find_map(|(line, left)| {
        let crowd = left.windows(pacing.most + 1).find(|crowd| match *crowd {
            [first, .., last] => last.since(*first) < window,
            // A pace of none at all.
            [_] => true,
            [] => false,
        })?;
        let (count, most) = (crowd.len(), pacing.most);
        let took = crowd.last()?.since(*crowd.first()?).as_secs_f64();
        let seconds = pacing.window;
        Some(format!("expected at most {most} in {seconds} s; {count} left {line} in {took} s"))
    })
}

fn deepest(expectation: &Expectation, world: &World) -> Option<(Subject, usize)> {
    let filter = &expectation.filter;
    let instances = world.instances.iter().filter(|it| match &filter.instance {
        Some(id) => it.id.as_str() == id,
        None => filter.channel.is_none(),
    });
    let key = filter.channel.as_ref().map(|name| world.find_channel(name.expose()));
    let channels = world.channels.iter().filter(|it| match key {
        Some(key) => key == Some(it.key),
        None => filter.instance.is_none(),
    });
    let instances = instances.map(|it| (it.subject(), it.queue_peak()));
    instances.chain(channels.map(|it| (it.subject(), it.line_peak()))).max_by_key(|(_, peak)| *peak)
}

enum Order<'a> {
    Kept,
    /// This text is still missing.
    Incomplete(&'a str),
    /// All are there, in this order.
    Wrong(Vec<&'a str>),
}

fn order<'a>(wanted: &'a [String], meant: &'a [Submission]) -> Order<'a> {
    let left: Vec<&str> = meant.iter().filter(|it| it.left.is_some()).map(|it| &*it.text).collect();
    let mut rest = left.iter();
    let Some(missing) = wanted.iter().find(|text| !rest.any(|left| left == text)) else {
        return Order::Kept;
    };
    let mut there = left.clone();
    let all_there = wanted.iter().all(|text| {
        let found = there.iter().position(|left| left == text);
        found.map(|place| there.remove(place)).is_some()
    });
    match all_there {
        true => {
            let named = |text: &&str| wanted.iter().any(|wanted| wanted == text);
            Order::Wrong(left.into_iter().filter(named).collect())
        }
        false => Order::Incomplete(missing),
    }
}

impl Unmet {
    fn new(
        text: String,
        matcher: &Matcher<'_>,
        meant: &[Submission],
        others: &[Submission],
    ) -> Self {
        let mut others: Vec<_> = others.iter().collect();
        others.sort_by_key(|other| std::cmp::Reverse(matcher.likeness(other)));
        Self::of(text, matcher.wanted(), meant, &others)
    }
}
