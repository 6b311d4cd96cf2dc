//! Whether what should stand above stands above: AUROC, and what is left when the least sure
//! predictions are referred to somebody else.

use super::{all_finite, no_nan, not_empty, same_length};
use crate::error::Result;

/// The area under the receiver operating characteristic: how often a positive has a larger score
/// than a negative, over all pairs; a tie counts one half.
///
/// `None` if all are of one class: there is no pair then, and every number would be a guess.
///
/// # Errors
/// For no scores, or one that is NaN.
///
/// # Panics
/// If there is not one outcome a score.
///
/// ```
/// use elbo::predict::metrics::auroc;
/// assert_eq!(auroc(&[0.1, 0.9, 0.4], &[false, true, true])?, Some(1.0));
/// assert_eq!(auroc(&[0.5, 0.5], &[false, true])?, Some(0.5));
/// assert_eq!(auroc(&[0.1, 0.9], &[true, true])?, None);
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn auroc(score: &[f64], positive: &[bool]) -> Result<Option<f64>> {
    let (scores, outcomes) = (score.len(), positive.len());
    same_length("AUROC", (scores, "scores"), (outcomes, "outcomes"));
    not_empty(scores, "AUROC")?;
    no_nan(score)?;

    let mut order: Vec<usize> = (0..scores).collect();
    order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
    // Pairs in halves: twice the negatives below, and once those that tie.
    let (mut halves, mut below) = (0, 0);
    for ties in order.chunk_by(|&a, &b| score[a] == score[b]) {
        let positives = ties.iter().filter(|&&i| positive[i]).count();
        let negatives = ties.len() - positives;
        halves += positives * (2 * below + negatives);
        below += negatives;
    }
    let pairs = below * (scores - below);
    Ok((pairs > 0).then(|| halves as f64 / (2 * pairs) as f64))
}

/// One point of a [`referral_curve`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Referral {
    /// The fraction of the predictions that are referred.
    pub fraction: f64,
    /// How many are kept, at least one.
    pub kept: usize,
    /// The mean score of those that are kept.
    pub score: f64,
}

/// The mean score of what is kept when the most uncertain predictions are referred to somebody
/// else: for none referred, for one, and so on until one is kept.
///
/// With a score of 1 for right and 0 for wrong this is the accuracy against the fraction
/// referred. Of equally uncertain predictions the later ones are referred first.
///
/// # Errors
/// For no predictions, an uncertainty that is NaN, or a score that is not finite.
///
/// # Panics
/// If there is not one score a prediction.
///
/// ```
/// use elbo::predict::metrics::referral_curve;
/// let curve = referral_curve(&[0.1, 0.7, 0.2], &[1.0, 0.0, 1.0])?;
/// assert_eq!(curve[0].score, 2.0 / 3.0);
/// assert_eq!((curve[1].fraction, curve[1].kept, curve[1].score), (1.0 / 3.0, 2, 1.0));
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn referral_curve(uncertainty: &[f64], score: &[f64]) -> Result<Vec<Referral>> {
    let (rows, scores) = (uncertainty.len(), score.len());
    same_length(
        "referral curve",
        (rows, "uncertainties"),
        (scores, "scores"),
    );
    not_empty(rows, "the referral curve")?;
    no_nan(uncertainty)?;
    all_finite(score)?;

    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by(|&a, &b| uncertainty[a].total_cmp(&uncertainty[b]));
    let mut sum = 0.0;
    let mut curve: Vec<Referral> = (order.iter().zip(1..))
        .map(|(&i, kept)| {
            sum += score[i];
            Referral {
                fraction: (rows - kept) as f64 / rows as f64,
                kept,
                score: sum / kept as f64,
            }
        })
        .collect();
    curve.reverse();
    Ok(curve)
}

/// The area under the risk-coverage curve: the mean of [`referral_curve`] with a loss for a
/// score. Small if the predictions that are wrong are those that are unsure.
///
/// # Errors
/// As [`referral_curve`].
///
/// # Panics
/// As [`referral_curve`].
///
/// Source: Geifman et al. (2019), Bias-reduced uncertainty estimation for deep neural
/// classifiers, section 3.
#[track_caller]
pub fn aurc(uncertainty: &[f64], loss: &[f64]) -> Result<f64> {
    let curve = referral_curve(uncertainty, loss)?;
    let sum: f64 = curve.iter().map(|point| point.score).sum();
    Ok(sum / curve.len() as f64)
}
