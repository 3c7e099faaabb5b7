//! The machine under a seeded simulator: dispatchers that crash, freeze and lose their leases at any
//! step, clocks that jump, a vendor in bad weather. A counterexample prints its seed.
//!
//! `OUTBOX_SEEDS=100000 cargo test -p chatapi-outbox --lib simulation` runs as many as wanted.

#![expect(clippy::print_stdout, reason = "counterexamples are to be read")]

mod vendor;
mod world;

use std::collections::BTreeMap;

use world::World;

/// What is deliberately broken, so that the simulator is known to find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Planted {
    /// Former owners may still write.
    pub(crate) no_fence: bool,
    /// The intent is written down after the request.
    pub(crate) intent_after_send: bool,
    /// What is in doubt is sent again without looking.
    pub(crate) resends_on_unknown: bool,
    /// What was in flight when a dispatcher died is run again, as job queues do.
    pub(crate) re_executes: bool,
    /// The store says that something is done before it is on disk, and the power fails.
    pub(crate) unsynced: bool,
}

/// Which assumptions are lifted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lifted {
    /// R1 (A3): a process is frozen between its deadline check and the socket for longer than the
    /// guard and the settle time cover.
    pub(crate) freezes_too_long: bool,
    /// R2 (A1): the vendor takes a message in later than the settle time.
    pub(crate) accepts_too_late: bool,
    /// R3 (A2): somebody sends the same text to the same chat by hand.
    pub(crate) others_send_the_same: bool,
    /// R4: a failover forgets committed transactions.
    pub(crate) store_forgets: bool,
}

const STEPS: u32 = 240;

fn seeds(usual: u64) -> u64 {
    std::env::var("OUTBOX_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// Runs seeds until one fails.
fn first_failure(seeds: u64, planted: Planted, lifted: Lifted) -> Option<(u64, String)> {
    (0..seeds).find_map(|seed| {
        let mut world = World::new(seed, planted, lifted);
        world.run(STEPS).err().map(|violation| (seed, violation))
    })
}

/// What a share of the seeds came to: their steps, the rows they reached, and the first that failed.
#[derive(Default)]
struct Share {
    steps: u64,
    reached: BTreeMap<&'static str, u64>,
    failed: Option<(u64, String)>,
}

fn share(seeds: impl Iterator<Item = u64>) -> Share {
    let mut share = Share::default();
    for seed in seeds {
        let mut world = World::new(seed, Planted::default(), Lifted::default());
        if let Err(violation) = world.run(STEPS) {
            share.failed = Some((seed, format!("{violation}\n{}", world.story())));
            return share;
        }
        share.steps += u64::from(world.steps);
        for (row, count) in &world.reached {
            *share.reached.entry(row).or_default() += count;
        }
    }
    share
}

#[test]
fn nothing_is_lost_or_sent_twice_whatever_dies() {
    let seeds = seeds(600);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let shares: Vec<Share> = std::thread::scope(|scope| {
        let begin = |thread| scope.spawn(move || share((thread..seeds).step_by(threads as usize)));
        let running: Vec<_> = (0..threads).map(begin).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    if let Some((seed, violation)) = shares.iter().filter_map(|share| share.failed.as_ref()).min() {
        panic!("seed {seed}: {violation}");
    }
    let steps: u64 = shares.iter().map(|share| share.steps).sum();
    let mut reached: BTreeMap<&str, u64> = BTreeMap::new();
    for (row, count) in shares.iter().flat_map(|share| &share.reached) {
        *reached.entry(row).or_default() += count;
    }
    println!("{seeds} seeds, {steps} steps; rows of the failure matrix: {reached:#?}");
    for row in world::ROWS {
        assert!(reached.contains_key(row), "no seed reached: {row}");
    }
}

#[test]
fn every_planted_fault_is_found() {
    let none = Planted::default();
    for (name, planted) in [
        ("no fence", Planted { no_fence: true, ..none }),
        ("intent after send", Planted { intent_after_send: true, ..none }),
        ("resend on unknown", Planted { resends_on_unknown: true, ..none }),
        ("re-execution", Planted { re_executes: true, ..none }),
        ("answered before it is on disk", Planted { unsynced: true, ..none }),
    ] {
        let found = first_failure(3_000, planted, Lifted::default());
        let (seed, violation) = found.unwrap_or_else(|| panic!("{name} was not found"));
        println!("{name}: seed {seed}: {violation}");
        assert!(violation.contains("twice") || violation.contains("lost"), "{name}: {violation}");
    }
}

#[test]
fn the_residual_risks_are_real_once_their_assumption_is_lifted() {
    let none = Lifted::default();
    for (name, lifted, expected) in [
        ("R1: frozen too long", Lifted { freezes_too_long: true, ..none }, "was sent twice"),
        ("R2: accepted too late", Lifted { accepts_too_late: true, ..none }, "was sent twice"),
        (
            "R3: others send the same",
            Lifted { others_send_the_same: true, ..none },
            "is sent and the vendor does not have it: lost",
        ),
        ("R4: the store forgets", Lifted { store_forgets: true, ..none }, "was lost by the store"),
    ] {
        let found = first_failure(3_000, Planted::default(), lifted);
        let (seed, violation) = found.unwrap_or_else(|| panic!("{name} was not seen"));
        println!("{name}: seed {seed}: {violation}");
        assert!(violation.contains(expected), "{name}: {violation}");
        let mut restored = World::new(seed, Planted::default(), none);
        assert_eq!(
            restored.run(STEPS),
            Ok(()),
            "{name}, seed {seed}, with the assumption restored"
        );
    }
}
