//! What [`Predictive::evaluate`] finds: scores with their standard errors.

use std::fmt::{self, Display};

use super::labels::{Labels, Outcomes};
use super::metrics::{Bin, brier, reliability};
use super::predictive::Predictive;
use super::quantity::Quantity;
use crate::error::Result;

/// Bins of the calibration error.
pub(super) const BINS: usize = 15;

/// The level of the intervals whose coverage is reported.
const LEVEL: f64 = 0.9;

/// A score of the rows at hand, and how far it may be from that of all rows of their kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The score.
    pub value: f64,
    /// Its standard error: the standard deviation over the rows (divided by n - 1) over √n. NaN
    /// for a single row, which tells nothing of it, and for a score that is infinite. Of a
    /// [share](Estimate::share_of) it is the half width of Wilson's interval.
    pub std_error: f64,
}

impl Estimate {
    /// The mean of `x`, one number a row.
    pub fn mean_of(x: &[f64]) -> Self {
        let n = x.len() as f64;
        let value = x.iter().sum::<f64>() / n;
        let squares: f64 = x.iter().map(|x| (x - value).powi(2)).sum();
        Estimate {
            value,
            std_error: (squares / (n - 1.0) / n).sqrt(),
        }
    }

    /// How often `hits` is true, one or more a row: p of n. The standard error is half the
    /// width of Wilson's interval of one standard deviation,
    ///
    /// ```text
    /// √(p (1 - p) / n + 1 / (4 n²)) / (1 + 1/n)
    /// ```
    ///
    /// which is not 0 where all of them or none are: 20 hits of 20 do not prove a share of 1.
    ///
    /// Source: Wilson (1927), Probable inference, the law of succession, and statistical
    /// inference.
    ///
    /// ```
    /// use elbo::predict::Estimate;
    /// let all = Estimate::share_of(&[true; 19]);
    /// assert_eq!((all.value, all.std_error), (1.0, 0.025)); // 1 / (2 (n + 1))
    /// ```
    pub fn share_of(hits: &[bool]) -> Self {
        let n = hits.len() as f64;
        let p = hits.iter().filter(|&&hit| hit).count() as f64 / n;
        Estimate {
            value: p,
            std_error: (p * (1.0 - p) / n + 0.25 / (n * n)).sqrt() / (1.0 + 1.0 / n),
        }
    }
}

/// `0.9720 ± 0.0138`; the value alone where a single row leaves no standard error.
impl Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.value)?;
        if self.std_error.is_nan() {
            return Ok(());
        }
        write!(f, " ± {:.4}", self.std_error)
    }
}

/// How good predictions of classes were.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LabelReport {
    /// The number of rows with a value.
    pub rows: usize,
    /// The number of missing values, which are left out.
    pub missing: usize,
    /// How often the most probable class was the true one.
    pub accuracy: Estimate,
    /// The log predictive density of a row, in nats.
    pub log_likelihood: Estimate,
    /// The expected calibration error over 15 bins. Its standard error holds the sign of each
    /// bin's gap fixed; where gaps are within their noise the error itself is too large.
    pub calibration_error: Estimate,
    /// The Brier score, over all classes: 0 is best, 2 is worst.
    pub brier: Estimate,
}

impl LabelReport {
    pub(super) fn new<L: Labels>(prediction: &Predictive<L>, truth: &[f64]) -> Result<Self> {
        let outcomes = Outcomes::new(prediction, truth);
        let Outcomes {
            confidence,
            correct,
        } = &outcomes;
        let hits: Vec<f64> = correct.iter().copied().map(f64::from).collect();
        let bins = reliability(confidence, correct, BINS)?;
        let probabilities = prediction.probabilities_of_values();
        let of_rows: Result<Vec<f64>> = (probabilities.iter().zip(truth))
            .filter(|(_, label)| !label.is_nan())
            .map(|(p, &label)| brier(&[p], &[label as usize]))
            .collect();
        let densities = prediction.log_densities_there(truth);
        Ok(LabelReport {
            rows: densities.len(),
            missing: missing(truth),
            accuracy: Estimate::share_of(correct),
            log_likelihood: Estimate::mean_of(&densities),
            calibration_error: calibration_error(&bins, confidence, &hits),
            brier: Estimate::mean_of(&of_rows?),
        })
    }
}

/// The calibration error as a mean over the rows, `(1/n) Σ_i ±(hit_i - confidence_i)` with the
/// sign of the gap of the row's bin.
fn calibration_error(bins: &[Bin], confidence: &[f64], hits: &[f64]) -> Estimate {
    let of_rows: Vec<f64> = (confidence.iter().zip(hits))
        .map(|(&confidence, &hit)| {
            let bin = bins.iter().find(|bin| confidence <= bin.high);
            let gap = bin.map_or(0.0, |bin| bin.accuracy - bin.confidence);
            gap.signum() * (hit - confidence)
        })
        .collect();
    Estimate::mean_of(&of_rows)
}

impl Display for LabelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rows_and_missing(f, self.rows, self.missing)?;
        writeln!(f, "accuracy           {}", self.accuracy)?;
        writeln!(f, "log-likelihood    {} nats per row", self.log_likelihood)?;
        writeln!(
            f,
            "calibration error  {} ({BINS} bins)",
            self.calibration_error
        )?;
        write!(f, "Brier score        {}", self.brier)
    }
}

fn missing(truth: &[f64]) -> usize {
    truth.iter().filter(|y| y.is_nan()).count()
}

/// `114 rows`, or `110 rows, 4 values missing`.
fn rows_and_missing(f: &mut fmt::Formatter<'_>, rows: usize, missing: usize) -> fmt::Result {
    write!(f, "{rows} rows")?;
    if missing > 0 {
        write!(f, ", {missing} values missing")?;
    }
    writeln!(f)
}

/// How good predictions of numbers were.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QuantityReport {
    /// The number of rows with a value.
    pub rows: usize,
    /// The number of missing values, which are left out.
    pub missing: usize,
    /// The names of the target's columns.
    pub columns: Vec<String>,
    /// The root of the mean squared error of each column, in its units.
    pub rmse: Vec<Estimate>,
    /// The log predictive density of a row, in nats, in the data's units: a change of unit by a
    /// factor c changes it by ln c.
    pub log_likelihood: Estimate,
    /// How often the 90% interval held the true value, over all columns.
    pub coverage: Estimate,
}

impl QuantityReport {
    pub(super) fn new<L: Quantity>(prediction: &Predictive<L>, truth: &[f64]) -> Self {
        let columns = &prediction.target().columns;
        let squares: Vec<f64> = (prediction.mean().iter().zip(truth))
            .map(|(mean, y)| (mean - y).powi(2))
            .collect();
        let rmse = |column: usize| {
            let of_rows = (squares.iter().zip(truth))
                .skip(column)
                .step_by(columns.len());
            let there = of_rows.filter(|(_, y)| !y.is_nan());
            let mse = Estimate::mean_of(&there.map(|(&square, _)| square).collect::<Vec<_>>());
            let root = mse.value.sqrt();
            // d√m = dm / (2 √m)
            let std_error = if root > 0.0 {
                mse.std_error / (2.0 * root)
            } else {
                mse.std_error
            };
            Estimate {
                value: root,
                std_error,
            }
        };
        let inside: Vec<bool> = (prediction.interval(LEVEL).iter().zip(truth))
            .filter(|(_, y)| !y.is_nan())
            .map(|(interval, &y)| interval.contains(y))
            .collect();
        let densities = prediction.log_densities_there(truth);
        QuantityReport {
            rows: densities.len(),
            missing: missing(truth),
            columns: columns.clone(),
            rmse: (0..columns.len()).map(rmse).collect(),
            log_likelihood: Estimate::mean_of(&densities),
            coverage: Estimate::share_of(&inside),
        }
    }
}

impl Display for QuantityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rows_and_missing(f, self.rows, self.missing)?;
        for (column, rmse) in self.columns.iter().zip(&self.rmse) {
            writeln!(f, "RMSE of `{column}` {rmse}")?;
        }
        writeln!(f, "log-likelihood {} nats per row", self.log_likelihood)?;
        write!(f, "90% intervals hold {} of the values", self.coverage)
    }
}
