//! Of how many lines something is remembered: a secret may be for any number of them.

use chatapi_types::InstanceId;

/// Of so many lines, unless the caller says otherwise.
pub(crate) const LINES: usize = 10_000;

/// Those that go, when something is remembered of `count` and of no more than `limit` it is to be: of
/// which nothing was heard for longest, and a few more at once, so that not every new line is a search
/// through all. `heard` is what can go, each with when something was last heard of it.
pub(crate) fn going<'a>(
    count: usize,
    limit: usize,
    heard: impl Iterator<Item = (u64, &'a InstanceId)>,
) -> Vec<InstanceId> {
    if count <= limit {
        return Vec::new();
    }
    let mut heard: Vec<_> = heard.collect();
    heard.sort_unstable_by_key(|(heard, _)| *heard);
    let going = heard.into_iter().take(count - limit + limit / 8);
    going.map(|(_, line)| line.clone()).collect()
}
