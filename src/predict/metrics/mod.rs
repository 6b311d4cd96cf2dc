//! Scores of predictions: functions of plain numbers, each usable alone.
//!
//! Probabilities of a class are those of the **mean** over the draws
//! ([`mean_probabilities`]), logarithms are natural, entropies in nats. Two lists of different
//! lengths panic; numbers that no score can be made of, such as NaN, and empty lists are errors,
//! so that no score is silently a NaN. Entropies and densities of a single observation, which
//! return a plain number, pass a NaN on.

mod calibration;
mod information;
mod labels;
mod quantities;
mod ranking;

pub use calibration::{Bin, expected_calibration_error, maximum_calibration_error, reliability};
pub use information::{
    entropy, expected_entropy, log_predictive_density, mean_probabilities, mutual_information,
};
pub use labels::{accuracy, brier, log_loss, most_probable};
pub use quantities::{interval_coverage, rmse};
pub use ranking::{Referral, aurc, auroc, referral_curve};

use crate::data::names::number;
use crate::error::{Error, Place, Result};

/// Panics unless there are as many of the ones as of the others.
#[track_caller]
pub(super) fn same_length(score: &str, (a, some): (usize, &str), (b, others): (usize, &str)) {
    assert!(a == b, "{score}: {a} {some} and {b} {others}");
}

fn not_empty(rows: usize, score: &str) -> Result<()> {
    if rows > 0 {
        return Ok(());
    }
    Err(Error::Empty {
        what: score.into(),
        mend: "a score needs a prediction to judge".into(),
    })
}

/// Whether every number lies in `range`, in which NaN is not; else where the first stands.
fn all_in(x: &[f64], [low, high]: [f64; 2]) -> Result<(), usize> {
    match x.iter().position(|&x| !(low <= x && x <= high)) {
        None => Ok(()),
        Some(at) => Err(at),
    }
}

fn no_nan(x: &[f64]) -> Result<()> {
    all_in(x, [f64::NEG_INFINITY, f64::INFINITY])
        .map_err(|row| refused(row, number(x[row]), "a number"))
}

fn all_finite(x: &[f64]) -> Result<()> {
    all_in(x, [f64::MIN, f64::MAX]).map_err(|row| refused(row, number(x[row]), "a finite number"))
}

pub(super) fn refused(row: usize, found: String, needed: impl Into<String>) -> Error {
    Error::Value {
        place: Place::row(row),
        found,
        needed: needed.into(),
        mend: "leave the row out, or mend what computed it".into(),
    }
}
