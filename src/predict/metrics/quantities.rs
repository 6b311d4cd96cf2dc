//! Scores of predicted numbers.

use super::{all_finite, no_nan, not_empty, same_length};
use crate::error::Result;
use crate::predict::Interval;

/// The root of the mean squared error, in the units of `y`; infinite if a prediction is.
///
/// # Errors
/// For no predictions, a prediction that is NaN, or a truth that is not finite.
///
/// # Panics
/// If there is not one truth a prediction.
///
/// ```
/// use elbo::predict::metrics::rmse;
/// assert_eq!(rmse(&[1.0, 2.0], &[4.0, 6.0])?, 12.5_f64.sqrt());
/// # Ok::<(), elbo::Error>(())
/// ```
#[track_caller]
pub fn rmse(mean: &[f64], y: &[f64]) -> Result<f64> {
    let (rows, truths) = (mean.len(), y.len());
    same_length("RMSE", (rows, "predictions"), (truths, "truths"));
    not_empty(rows, "RMSE")?;
    no_nan(mean)?;
    all_finite(y)?;
    let squares = mean.iter().zip(y).map(|(mean, y)| (mean - y).powi(2));
    Ok((squares.sum::<f64>() / rows as f64).sqrt())
}

/// How often an interval holds its number; an end belongs to the interval.
///
/// # Errors
/// For no intervals, or a number that is NaN.
///
/// # Panics
/// If there is not one number an interval.
#[track_caller]
pub fn interval_coverage(intervals: &[Interval], y: &[f64]) -> Result<f64> {
    let (rows, truths) = (intervals.len(), y.len());
    same_length("interval coverage", (rows, "intervals"), (truths, "truths"));
    not_empty(rows, "the interval coverage")?;
    for interval in intervals {
        no_nan(&[interval.low, interval.high])?;
    }
    no_nan(y)?;
    let held = intervals.iter().zip(y).filter(|(i, y)| i.contains(**y));
    Ok(held.count() as f64 / rows as f64)
}
