//! H: a chain of operations on single numbers, forward and backward.

use elbo::{Result, Tape, Tensor};

use super::line::Measured;
use super::stopwatch::Stopwatch;

/// Three operations each.
const LINKS: usize = 3333;

pub(crate) fn h(mut stopwatch: Stopwatch) -> Result<Measured> {
    let (start, constant) = (Tensor::scalar(0.3), Tensor::scalar(0.5));
    let mut tape: Tape = Tape::new();
    let mut slope = 0.0;
    stopwatch.time(|| {
        let (x, c) = (tape.parameter(&start), tape.parameter(&constant));
        (0..LINKS).fold(x, |x, _| x.sin() * x + c).backward();
        slope = c.grad().item();
        tape.clear();
        Ok(())
    })?;
    Ok(Measured {
        times: stopwatch.times(),
        check: vec![("dc", f64::from(slope))],
    })
}
