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

    /// What a target may be, where `parameters` is the shape that the parameters of one row
    /// have together.
    fn support(parameters: Shape) -> Support;
    /// The shape of one row of the target: `parameters` itself, if every one of them belongs to
    /// a value of its own.
    fn target(parameters: Shape) -> Shape {
        parameters
    }
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
