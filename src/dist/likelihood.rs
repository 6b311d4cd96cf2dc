//! What the plain numbers of a distribution can do, and what a prediction needs of the
//! parameters of many rows.

use std::fmt::Debug;

use rand::Rng;

use super::Support;
use crate::tape::Module;
use crate::tensor::{Shape, Tensor};

/// A distribution of one number whose parameters are plain numbers.
pub trait Distribution {
    /// ln of the density, or of the mass, at `y`, in nats; -inf outside of the support.
    fn log_prob(&self, y: f64) -> f64;
    /// One draw.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64;
}

/// A [`Distribution`] of quantities, of which mean and variance mean something.
pub trait Moments: Distribution {
    /// The expectation of y.
    fn mean(&self) -> f64;
    /// The expectation of (y - mean)².
    fn variance(&self) -> f64;
}

/// A distribution of quantities whose distribution function is known, and so its quantiles.
pub trait Cumulative: Moments + Sized {
    /// P(Y <= y).
    fn cdf(&self, y: f64) -> f64;
    /// P(Y > y), with all digits where it is small.
    fn survival(&self, y: f64) -> f64 {
        1.0 - self.cdf(y)
    }
    /// The least y with P(Y <= y) >= q.
    ///
    /// # Panics
    /// If `q` does not lie between 0 and 1, both excluded.
    ///
    /// ```
    /// use elbo::dist::{Cumulative, StudentT};
    /// let cauchy = StudentT { df: 1.0, loc: 0.0, scale: 2.0 };
    /// assert!((cauchy.quantile(0.75) - 2.0).abs() < 1e-14);
    /// ```
    #[track_caller]
    fn quantile(&self, q: f64) -> f64 {
        quantile(std::slice::from_ref(self), q)
    }
}

/// The least y with `(1/S) Σ_s P(Y_s <= y) >= q`, for the mixture of S parts with equal weight: by
/// bisection over all numbers of f64, of which there are 2^64. Above the median it is asked of
/// P(Y > y), which keeps the digits of that tail.
///
/// # Panics
/// If `q` does not lie between 0 and 1, both excluded.
#[track_caller]
pub(crate) fn quantile<D: Cumulative>(parts: &[D], q: f64) -> f64 {
    assert!(
        q > 0.0 && q < 1.0,
        "quantile: {q} does not lie between 0 and 1"
    );
    let n = parts.len() as f64;
    let reached = |y: f64| {
        if q > 0.5 {
            parts.iter().map(|part| part.survival(y)).sum::<f64>() <= n * (1.0 - q)
        } else {
            parts.iter().map(|part| part.cdf(y)).sum::<f64>() >= n * q
        }
    };
    let (mut low, mut high) = (ordered(f64::NEG_INFINITY), ordered(f64::INFINITY));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reached(from_ordered(middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    from_ordered(high) + 0.0 // -0 becomes 0
}

/// The place of `x` among all numbers of f64, from the least to the largest.
fn ordered(x: f64) -> i128 {
    let bits = i128::from(x.abs().to_bits());
    if x.is_sign_negative() { -bits } else { bits }
}

fn from_ordered(place: i128) -> f64 {
    let size = f64::from_bits(place.unsigned_abs() as u64);
    if place < 0 { -size } else { size }
}

/// A [`Distribution`] of classes 0, 1, …, k - 1.
pub trait Classes: Distribution {
    /// The probability of each class; they add up to 1.
    fn probabilities(&self) -> Vec<f64>;
    /// -Σ p ln p in nats, between 0 and ln k.
    fn entropy(&self) -> f64;
}

/// What a net says of its target: a distribution whose parameters are tensors, row by row.
///
/// The first axis of the parameters are the rows of the data. They broadcast together, so that
/// a `std` of shape `[]` serves all rows.
///
/// ```
/// use elbo::Tensor;
/// use elbo::dist::{Likelihood, Moments, Normal};
/// let y = Normal { mean: Tensor::new([3, 2], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), std: Tensor::scalar(0.5) };
/// assert_eq!(y.columns(), 2);
/// let element = y.element(2, 1);
/// assert_eq!((element.mean(), element.variance()), (5.0, 0.25));
/// assert_eq!(y.log_prob(2, &[4.0, 5.0]), 2.0 * element.log_prob(5.0));
/// ```
pub trait Likelihood: Module<Tensor> + Clone + Debug + Send + Sync + 'static {
    /// The distribution of one target value.
    type Element: Distribution;
    /// The name that a net declares it by, such as `Normal`.
    const NAME: &'static str;

    /// What a target may be, where `parameters` are the shapes of the parameters of one row.
    fn support(parameters: &[Shape]) -> Support;
    /// Number of target values of a row.
    fn columns(&self) -> usize;
    /// The distribution of the value at (row, column).
    ///
    /// # Panics
    /// If there is no such row or column.
    fn element(&self, row: usize, column: usize) -> Self::Element;

    /// ln p(y) of a whole row, summed over its columns.
    ///
    /// # Panics
    /// If there is no such row, or `y` has not as many values as it has columns.
    #[track_caller]
    fn log_prob(&self, row: usize, y: &[f64]) -> f64 {
        assert!(
            y.len() == self.columns(),
            "{}: a row has {} values, but {} were given",
            Self::NAME,
            self.columns(),
            y.len()
        );
        y.iter()
            .enumerate()
            .map(|(column, &y)| self.element(row, column).log_prob(y))
            .sum()
    }
    /// One draw of a whole row.
    ///
    /// # Panics
    /// If there is no such row.
    fn sample<R: Rng + ?Sized>(&self, row: usize, rng: &mut R) -> Vec<f64> {
        (0..self.columns())
            .map(|column| self.element(row, column).sample(rng))
            .collect()
    }
}
