//! Whether probabilities keep their word: of all predictions with confidence 0.8, eight of ten
//! should be right.

use super::{all_in, not_empty, refused, same_length};
use crate::data::names::number;
use crate::error::{Error, Result};

/// The predictions whose confidence lies in one bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Where the bin begins; the number itself belongs to the bin below, and 0 to the first.
    pub low: f64,
    /// Where it ends; the number belongs to it.
    pub high: f64,
    /// How many predictions fall in it, at least one.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// How often they were right.
    pub accuracy: f64,
}

impl Bin {
    /// `|accuracy - confidence|`.
    pub fn gap(&self) -> f64 {
        (self.accuracy - self.confidence).abs()
    }
}

/// The bins `(i/n, (i+1)/n]` in which there is a prediction, in order; the first holds 0 as well.
///
/// # Errors
/// For no bins, no predictions, or a confidence that is no probability.
///
/// # Panics
/// If there is not one outcome a prediction.
///
/// ```
/// use elbo::predict::metrics::reliability;
/// let bins = reliability(&[0.95, 1.0], &[true, false], 10)?;
/// assert_eq!((bins.len(), bins[0].low, bins[0].count), (1, 0.9, 2));
/// assert_eq!((bins[0].confidence, bins[0].accuracy), (0.975, 0.5));
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn reliability(confidence: &[f64], correct: &[bool], bins: usize) -> Result<Vec<Bin>> {
    let score = "the reliability table";
    let (predictions, outcomes) = (confidence.len(), correct.len());
    same_length(score, (predictions, "confidences"), (outcomes, "outcomes"));
    if bins == 0 {
        return Err(Error::setting("bins", 0, "at least one bin"));
    }
    not_empty(predictions, score)?;
    if let Err(row) = all_in(confidence, [0.0, 1.0]) {
        let needed = "a confidence from 0 to 1";
        return Err(refused(row, number(confidence[row]), needed));
    }

    let edge = |i: usize| i as f64 / bins as f64;
    let mut sums = vec![(0, 0.0, 0); bins];
    for (&confidence, &correct) in confidence.iter().zip(correct) {
        // c n rounds; the edge itself decides.
        let mut i = ((confidence * bins as f64) as usize).min(bins - 1);
        while i > 0 && confidence <= edge(i) {
            i -= 1;
        }
        while i + 1 < bins && confidence > edge(i + 1) {
            i += 1;
        }
        let (count, sum, hits) = &mut sums[i];
        *count += 1;
        *sum += confidence;
        *hits += usize::from(correct);
    }
    let filled = (0..bins).zip(sums).filter(|(_, (count, ..))| *count > 0);
    Ok(filled
        .map(|(i, (count, sum, hits))| Bin {
            low: edge(i),
            high: edge(i + 1),
            count,
            confidence: sum / count as f64,
            accuracy: hits as f64 / count as f64,
        })
        .collect())
}

/// The expected calibration error, `Σ_b (n_b / n) |accuracy_b - confidence_b|` over the bins of
/// [`reliability`], with the mean confidence of each bin and not its centre.
///
/// # Errors
/// As [`reliability`].
///
/// # Panics
/// As [`reliability`].
///
/// Source: Guo et al. (2017), On calibration of modern neural networks, equation 3.
///
/// ```
/// use elbo::predict::metrics::expected_calibration_error;
/// let ece = expected_calibration_error(&[0.95, 1.0], &[true, false], 10)?;
/// assert!((ece - 0.475).abs() < 1e-15);
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn expected_calibration_error(
    confidence: &[f64],
    correct: &[bool],
    bins: usize,
) -> Result<f64> {
    let bins = reliability(confidence, correct, bins)?;
    let sum: f64 = bins.iter().map(|bin| bin.count as f64 * bin.gap()).sum();
    Ok(sum / confidence.len() as f64)
}

/// The largest gap of a bin of [`reliability`].
///
/// # Errors
/// As [`reliability`].
///
/// # Panics
/// As [`reliability`].
#[track_caller]
pub fn maximum_calibration_error(confidence: &[f64], correct: &[bool], bins: usize) -> Result<f64> {
    let bins = reliability(confidence, correct, bins)?;
    Ok(bins.iter().map(Bin::gap).fold(0.0, f64::max))
}
