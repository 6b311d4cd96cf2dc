//! Scores of the probabilities of classes.

use super::{all_in, not_empty, refused, same_length};
use crate::data::names::number;
use crate::error::Result;

const PROBABILITY: &str = "a probability from 0 to 1";

/// The index of the largest number; of equal ones the first.
///
/// # Panics
/// If there is none.
///
/// ```
/// use elbo::predict::metrics::most_probable;
/// assert_eq!(most_probable(&[0.1, 0.45, 0.45]), 1);
/// ```
#[track_caller]
pub fn most_probable(p: &[f64]) -> usize {
    assert!(!p.is_empty(), "most_probable: no class");
    (0..p.len()).fold(0, |best, i| if p[i] > p[best] { i } else { best })
}

/// How often the [most probable](most_probable) class is the true one. `probabilities` are
/// `[rows][classes]`.
///
/// # Errors
/// For no rows, a probability that is none, or a label that is no class.
///
/// # Panics
/// If there is not one label a row.
///
/// ```
/// use elbo::predict::metrics::accuracy;
/// assert_eq!(accuracy(&[[0.9, 0.1], [0.4, 0.6]], &[0, 0])?, 0.5);
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn accuracy(probabilities: &[impl AsRef<[f64]>], labels: &[usize]) -> Result<f64> {
    mean_over_rows("the accuracy", probabilities, labels, |p, label| {
        f64::from(most_probable(p) == label)
    })
}

/// The Brier score: `Σ_k (p_k - [k is the label])²`, the mean over the rows. Between 0 and 2; of
/// two classes it is twice the square of `p_1 - y`.
///
/// # Errors
/// For no rows, a probability that is none, or a label that is no class.
///
/// # Panics
/// If there is not one label a row.
///
/// Source: Brier (1950), Verification of forecasts expressed in terms of probability.
#[track_caller]
pub fn brier(probabilities: &[impl AsRef<[f64]>], labels: &[usize]) -> Result<f64> {
    mean_over_rows("the Brier score", probabilities, labels, |p, label| {
        let terms = p.iter().enumerate();
        terms
            .map(|(k, p)| (p - f64::from(k == label)).powi(2))
            .sum()
    })
}

/// The negative log-likelihood `-ln p_label` in nats, the mean over the rows; infinite if a
/// label was given the probability 0.
///
/// # Errors
/// For no rows, a probability that is none, or a label that is no class.
///
/// # Panics
/// If there is not one label a row.
#[track_caller]
pub fn log_loss(probabilities: &[impl AsRef<[f64]>], labels: &[usize]) -> Result<f64> {
    mean_over_rows("the log loss", probabilities, labels, |p, label| {
        0.0 - p[label].ln()
    })
}

#[track_caller]
fn mean_over_rows(
    score: &str,
    probabilities: &[impl AsRef<[f64]>],
    labels: &[usize],
    of_row: impl Fn(&[f64], usize) -> f64,
) -> Result<f64> {
    let rows = probabilities.len();
    same_length(score, (rows, "predictions"), (labels.len(), "labels"));
    not_empty(rows, score)?;
    let mut sum = 0.0;
    for (row, (p, &label)) in probabilities.iter().zip(labels).enumerate() {
        let p = p.as_ref();
        if label >= p.len() {
            return Err(refused(
                row,
                label.to_string(),
                format!("a label below {}", p.len()),
            ));
        }
        if let Err(at) = all_in(p, [0.0, 1.0]) {
            return Err(refused(row, number(p[at]), PROBABILITY));
        }
        sum += of_row(p, label);
    }
    Ok(sum / rows as f64)
}
