//! Measurements, always beside a baseline in the same run.
//!
//! `cargo bench -p chatapi-bench` runs them all. Absolute figures belong to the machine they were
//! taken on; quote the ratios.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement is there to be read")]

pub mod contest;
pub mod engine;
pub mod load;
pub mod memory;
pub mod null;
pub mod served;
pub mod tally;

use std::time::Duration;

/// Measures two ways of doing the same thing in turn, A B A B …, so that a machine whose speed
/// drifts treats both alike. Each closure does one round and says how long it took.
///
/// Returns the medians of A and of B, and the median of their ratios pair by pair.
#[must_use]
pub fn interleaved(
    rounds: usize,
    mut a: impl FnMut() -> Duration,
    mut b: impl FnMut() -> Duration,
) -> (Duration, Duration, f64) {
    a();
    b();
    let pairs: Vec<_> = (0..rounds).map(|_| (a(), b())).collect();
    let ratios = pairs.iter().map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    let (a, b) = pairs.into_iter().map(|(a, b)| (a.as_secs_f64(), b.as_secs_f64())).unzip();
    (Duration::from_secs_f64(median(a)), Duration::from_secs_f64(median(b)), median(ratios))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints what the figures were taken on: processor, cores, load.
pub fn about_this_machine() {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    let version = env!("CARGO_PKG_VERSION");
    println!("{model}, {cores} cores, load {load}; chatapi {version}");
}

/// The `sendMessage` answer that all measurements use.
pub const SENT: &str = r#"{"sent":true,"message":"Sent to 79000000001@c.us","id":"true_79000000001@c.us_3EB0AAAAAAAAAAAAAAAA","queueNumber":7}"#;

/// The text that all measurements send.
pub const TEXT: &str = "Your order 1234 has shipped and will arrive tomorrow between 9 and 12. Track it at https://shop.example/t/1234";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_taken_pair_by_pair() {
        let mut speed = 0;
        let mut drift = || {
            speed += 1;
            Duration::from_millis(100 * speed)
        };
        let (a, b, ratio) = interleaved(3, || Duration::from_millis(50), &mut drift);
        assert_eq!((a, b), (Duration::from_millis(50), Duration::from_millis(300)));
        assert!((ratio - 50.0 / 300.0).abs() < 1e-9);
    }
}
