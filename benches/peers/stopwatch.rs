//! The time of single steps.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The fewest steps that are timed, however long they take.
const FEWEST: usize = 5;
/// The most steps that are timed, however short they are.
const MOST: usize = 20_000;
/// The fewest steps to warm up.
const WARMUP: usize = 2;

/// Times steps: first those that warm up, which do not count, then as many as fit into the time.
pub(crate) struct Stopwatch {
    warmup: Duration,
    seconds: Duration,
    warming: bool,
    /// When the warm-up or the timed part began.
    start: Instant,
    /// When the step began.
    lap: Instant,
    times: Vec<Duration>,
}

/// What a stopwatch saw.
pub(crate) struct Times {
    pub(crate) min_us: f64,
    pub(crate) median_us: f64,
    pub(crate) steps: usize,
}

impl Stopwatch {
    /// The warm-up begins here: the making of data and net belongs to it.
    pub(crate) fn new(warmup: Duration, seconds: Duration) -> Self {
        let now = Instant::now();
        Stopwatch {
            warmup,
            seconds,
            warming: true,
            start: now,
            lap: now,
            times: Vec::with_capacity(MOST),
        }
    }
    /// A step has ended, and the next one begins unless it is enough.
    pub(crate) fn lap(&mut self) -> ControlFlow<()> {
        self.times.push(self.lap.elapsed());
        let (steps, passed) = (self.times.len(), self.start.elapsed());
        if self.warming {
            if steps >= WARMUP && passed >= self.warmup {
                self.warming = false;
                self.times.clear();
                self.start = Instant::now();
            }
        } else if steps >= MOST || (steps >= FEWEST && passed >= self.seconds) {
            return ControlFlow::Break(());
        }
        self.lap = Instant::now();
        ControlFlow::Continue(())
    }
    /// Does `step` until it is enough.
    pub(crate) fn time(&mut self, mut step: impl FnMut() -> elbo::Result<()>) -> elbo::Result<()> {
        loop {
            step()?;
            if self.lap().is_break() {
                return Ok(());
            }
        }
    }
    /// The times of all steps that count.
    pub(crate) fn times(mut self) -> Times {
        self.times.sort_unstable();
        let n = self.times.len();
        let us = |i: usize| self.times[i].as_secs_f64() * 1e6;
        Times {
            min_us: us(0),
            median_us: 0.5 * (us((n - 1) / 2) + us(n / 2)),
            steps: n,
        }
    }
}
