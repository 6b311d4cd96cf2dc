//! A mixture of normal distributions: the output of a mixture density network.

use rand::Rng;

use super::parameters::{at, joint, leaves};
use super::{Categorical, Classes, Cumulative, Distribution, Likelihood, Moments, Normal, Support};
use crate::kernels::Scalar;
use crate::tape::Var;
use crate::tensor::{Shape, Tensor};

/// MixtureOfNormals(logits, means, stds) on the real numbers: k normal distributions, each with a
/// probability of its own. For a target that, given the input, may lie here or there.
///
/// ```text
/// p(y) = Σ_j w_j N(y; mean_j, std_j²),   w = softmax(logits)
/// ln p(y) = logsumexp_j (ln w_j + ln N(y; mean_j, std_j²))
/// ```
///
/// By the logarithms alone: nothing overflows, and far from all components the nearest one still
/// pulls. The last axis of the parameters are the components; `stds` may be one number for all, and
/// must be positive, otherwise the results are NaN.
///
/// Source: Bishop (1994), Mixture density networks.
///
/// ```
/// use elbo::dist::{Cumulative, MixtureOfNormals, Moments};
/// let d = MixtureOfNormals { logits: vec![0.0, 0.0], means: vec![-3.0, 3.0], stds: vec![1.0, 1.0] };
/// assert_eq!((d.mean(), d.variance()), (0.0, 10.0));
/// assert!((d.cdf(0.0) - 0.5).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixtureOfNormals<T = Tensor> {
    /// ln of the probabilities of the components up to a constant; in plain numbers a `Vec`.
    pub logits: T,
    /// The mean of each component.
    pub means: T,
    /// The standard deviation of each component.
    pub stds: T,
}

leaves!(MixtureOfNormals {
    logits,
    means,
    stds
});

impl MixtureOfNormals<Vec<f64>> {
    /// Which component.
    fn component(&self) -> Categorical<Vec<f64>> {
        Categorical {
            logits: self.logits.clone(),
        }
    }
    fn normal(&self, j: usize) -> Normal<f64> {
        Normal {
            mean: self.means[j],
            std: self.stds[j],
        }
    }
    /// The mean over the components.
    fn mean_of(&self, f: impl Fn(Normal<f64>) -> f64) -> f64 {
        let weights = self.component().probabilities();
        (weights.iter().enumerate())
            .map(|(j, weight)| weight * f(self.normal(j)))
            .sum()
    }
}

impl Distribution for MixtureOfNormals<Vec<f64>> {
    fn log_prob(&self, y: f64) -> f64 {
        let component = self.component();
        let terms: Vec<f64> = (0..self.logits.len())
            .map(|j| component.log_prob(j as f64) + self.normal(j).log_prob(y))
            .collect();
        let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return terms.iter().sum(); // -inf, or a NaN among them
        }
        let sum: f64 = terms.iter().map(|term| (term - largest).exp()).sum();
        largest + sum.ln()
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let j = self.component().sample(rng) as usize;
        self.normal(j).sample(rng)
    }
}

impl Moments for MixtureOfNormals<Vec<f64>> {
    fn mean(&self) -> f64 {
        self.mean_of(|normal| normal.mean)
    }
    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.mean_of(|normal| normal.variance() + (normal.mean - mean).powi(2))
    }
}

impl Cumulative for MixtureOfNormals<Vec<f64>> {
    fn cdf(&self, y: f64) -> f64 {
        self.mean_of(|normal| normal.cdf(y))
    }
    fn survival(&self, y: f64) -> f64 {
        self.mean_of(|normal| normal.survival(y))
    }
}

impl<'t, S: Scalar> MixtureOfNormals<Var<'t, S>> {
    /// ln p(y) of each row, in the shape of `y`: `[rows, 1]` or `[rows]`, where logits are
    /// `[rows, components]`.
    ///
    /// # Panics
    /// If y has not one number for each row of logits, or the parameters do not broadcast.
    #[track_caller]
    pub fn log_prob(&self, y: Var<'t, S>) -> Var<'t, S> {
        let parameters = [self.logits, self.means, self.stds].map(Var::shape);
        let (joint, wanted) = (joint("MixtureOfNormals", &parameters), y.shape());
        let fits = joint.rank() == 2
            && self.logits.shape() == joint
            && (wanted == Shape::new(&[joint.dim(0)]) || wanted == Shape::new(&[joint.dim(0), 1]));
        assert!(
            fits,
            "MixtureOfNormals: parameters of shape {joint} do not fit a target of shape {wanted}; \
             there is one number for each row of components"
        );
        let y = y.reshape([joint.dim(0), 1]).broadcast_to(joint);
        let component = Normal {
            mean: self.means,
            std: self.stds,
        };
        let terms = self.logits.log_softmax(1) + component.log_prob(y);
        terms.logsumexp(1).reshape(wanted)
    }
}

impl Likelihood for MixtureOfNormals {
    type Element = MixtureOfNormals<Vec<f64>>;
    const NAME: &'static str = "MixtureOfNormals";
    fn support(_: &[Shape]) -> Support {
        Support::Real
    }
    fn columns(&self) -> usize {
        1
    }
    fn element(&self, row: usize, column: usize) -> MixtureOfNormals<Vec<f64>> {
        assert!(
            column == 0,
            "row {row}, column {column}: a MixtureOfNormals has one column"
        );
        let leaves = [&self.logits, &self.means, &self.stds];
        let joint = joint("MixtureOfNormals", &leaves.map(Tensor::shape));
        let components = joint.dim(joint.rank() - 1);
        let numbers = |leaf: &Tensor| (0..components).map(|j| at(leaf, joint, row, j)).collect();
        MixtureOfNormals {
            logits: numbers(&self.logits),
            means: numbers(&self.means),
            stds: numbers(&self.stds),
        }
    }
}
