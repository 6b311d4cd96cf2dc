//! Taking time.

use std::time::Instant;

#[allow(dead_code)] // not every bench counts calls
/// The least time of `runs` calls, in microseconds, after as many to warm up.
pub(crate) fn least(runs: usize, mut f: impl FnMut()) -> f64 {
    (0..2 * runs)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64() * 1e6
        })
        .skip(runs)
        .fold(f64::INFINITY, f64::min)
}

/// Whether `cargo test --benches` called, for which nothing is timed.
pub(crate) fn is_a_test() -> bool {
    std::env::args().any(|argument| argument == "--test")
}
