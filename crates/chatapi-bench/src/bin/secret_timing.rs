//! Whether the time that a receiver takes to refuse a secret tells how much of it was right.
//!
//! `cargo run --release -p chatapi-bench --bin secret_timing -- [SAMPLES]`. In the manner of dudect: guesses
//! of two classes, in an order drawn by chance, each timed by itself; Welch's t of the two lots of
//! times, all of them and without the slowest. From |t| ≥ 4.5 on the classes count as told apart. So that
//! it is known to see what there is to see, a comparison that stops at the first wrong character is
//! measured alike, and must be told apart; and a class beside itself must not. Ends with an error
//! when any of these is otherwise.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a measurement"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use chatapi_bench::about_this_machine;
use chatapi_webhook::{Hook, MemoryInbox, PathSecret, Receiver};
use fastrand::Rng;
use http::Request;
use http::request::Parts;

/// From here on two classes count as told apart.
const BAR: f64 = 4.5;
/// How many guesses there are of each class; each is taken many times.
const GUESSES: usize = 4096;
/// How many digits of the secret the better guesses have right.
const RIGHT: usize = 40;
/// Which parts of the times are looked at, from the fastest on.
const PARTS: [f64; 6] = [1.0, 0.999, 0.99, 0.9, 0.75, 0.5];

fn main() -> ExitCode {
    about_this_machine();
    let samples = std::env::args().nth(1).and_then(|given| given.parse().ok());
    let samples: usize = samples.unwrap_or(2_000_000);
    let seed = Rng::new().u64(..);
    let mut random = Rng::with_seed(seed);
    println!("{samples} guesses each, seed {seed}; told apart from |t| = {BAR} on");
    // The last of eight hooks, which is exchanging its secret: both of its secrets are compared.
    let (secret, previous) = (drawn(&mut random), drawn(&mut random));
    let mut builder = Receiver::builder(MemoryInbox::new());
    for line in 0..7_u64 {
        builder = builder.hook(Hook::chat_api(line, drawn(&mut random).hash()));
    }
    let hook = Hook::chat_api(7_u64, secret.hash()).previous(previous.hash());
    let receiver = builder.hook(hook).build();
    let refuse = |guess: &Parts| receiver.admit(None, guess).is_err();
    let naive = |guess: &Parts| {
        let guess = guess.uri.path().as_bytes()[7..].iter();
        !guess.zip(secret.expose().as_bytes()).all(|(one, other)| black_box(one) == other)
    };

    let mut all_well = true;
    let mut judge = |what: &str, is_apart: bool, t: [f64; PARTS.len()]| {
        let most = t.iter().fold(0.0, |most: f64, t| most.max(t.abs()));
        let well = (most >= BAR) == is_apart;
        all_well &= well;
        let told: Vec<_> =
            PARTS.iter().zip(t).map(|(part, t)| format!("{part}: {t:+.2}")).collect();
        let verdict = if most >= BAR { "told apart" } else { "not told apart" };
        let wrong = if well { "" } else { ", AND SHOULD BE OTHERWISE" };
        println!("{what}\n    t of the fastest {}; {verdict}{wrong}", told.join(", "));
    };
    let mut measure = |secret: &PathSecret, right: [usize; 2], refuse: &dyn Fn(&Parts) -> bool| {
        let guesses = Guesses::new(secret, right, &mut random);
        guesses.times(samples, &mut random, refuse)
    };
    judge(
        "stops at the first wrong digit: none right, 40 right",
        true,
        measure(&secret, [0, RIGHT], &naive),
    );
    judge(
        "receiver, a class beside itself: none right, none right",
        false,
        measure(&secret, [0, 0], &refuse),
    );
    judge(
        "receiver, the present secret: none right, 40 right",
        false,
        measure(&secret, [0, RIGHT], &refuse),
    );
    judge(
        "receiver, the present secret: none right, 1 right",
        false,
        measure(&secret, [0, 1], &refuse),
    );
    judge(
        "receiver, the one before: none right, 40 right",
        false,
        measure(&previous, [0, RIGHT], &refuse),
    );
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn drawn(random: &mut Rng) -> PathSecret {
    PathSecret::from_random(std::array::from_fn(|_| random.u8(..)))
}

/// Requests of two classes, in one place, mixed, so that no class lies better in the cache.
struct Guesses {
    requests: Vec<Parts>,
    /// Which of them are of the one class, and which of the other.
    places: [Vec<usize>; 2],
}

impl Guesses {
    /// Guesses with so many digits right, the next one wrong, and the rest drawn.
    fn new(secret: &PathSecret, right: [usize; 2], random: &mut Rng) -> Self {
        let mut classes: Vec<usize> = (0..GUESSES * 2).map(|number| number % 2).collect();
        random.shuffle(&mut classes);
        let digits = b"0123456789abcdef";
        let mut places = [Vec::new(), Vec::new()];
        let requests = classes.iter().enumerate().map(|(place, class)| {
            places[*class].push(place);
            let mut guess = secret.expose().as_bytes().to_vec();
            for (at, digit) in guess.iter_mut().enumerate().skip(right[*class]) {
                let before = *digit;
                *digit = digits[random.usize(..16)];
                while at == right[*class] && *digit == before {
                    *digit = digits[random.usize(..16)];
                }
            }
            let guess = String::from_utf8(guess).expect("digits");
            let request = Request::post(format!("/hooks/{guess}")).body(()).expect("a request");
            request.into_parts().0
        });
        Self { requests: requests.collect(), places }
    }

    /// Welch's t of what the two classes take.
    fn times(
        &self,
        samples: usize,
        random: &mut Rng,
        refuse: &dyn Fn(&Parts) -> bool,
    ) -> [f64; PARTS.len()] {
        let mut times = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
        for turn in 0..samples * 2 + GUESSES {
            let class = random.usize(..2);
            let place = self.places[class][random.usize(..GUESSES)];
            let guess = black_box(&self.requests[place]);
            let begun = Instant::now();
            let refused = black_box(refuse(guess));
            let took = begun.elapsed();
            assert!(refused, "a guess got in");
            // The first ones warm up.
            if turn >= GUESSES {
                times[class].push(took.as_nanos() as f64);
            }
        }
        PARTS.map(|part| {
            // Both are cut at the same time, which is that of all of them.
            let mut all: Vec<f64> = times.iter().flatten().copied().collect();
            let last = ((all.len() as f64 * part) as usize).saturating_sub(1);
            let (_, limit, _) = all.select_nth_unstable_by(last, f64::total_cmp);
            let limit = *limit;
            welch(times.each_ref().map(|times| moments(times, limit)))
        })
    }
}

/// How many, their mean, and the variance, of those up to a limit.
fn moments(times: &[f64], limit: f64) -> (f64, f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for time in times.iter().filter(|time| **time <= limit) {
        count += 1.0;
        let off = time - mean;
        mean += off / count;
        squares += off * (time - mean);
    }
    (count, mean, squares / (count - 1.0))
}

fn welch([one, other]: [(f64, f64, f64); 2]) -> f64 {
    let error = (one.2 / one.0 + other.2 / other.0).sqrt();
    (one.1 - other.1) / error
}
