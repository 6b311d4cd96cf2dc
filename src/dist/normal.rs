//! The normal distribution.

use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

use super::divergence::{excess, log_ratio};
use super::parameters::elementwise;
use super::{Cumulative, Distribution, KlDivergence, Moments, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Normal(mean, std²) on the real numbers; the second parameter is a **standard deviation**,
/// not a variance.
///
/// ```text
/// ln p(y) = -z²/2 - ln std - ln √(2π),   z = (y - mean) / std
/// ```
///
/// `std` must be positive; otherwise the results are NaN.
///
/// ```
/// use elbo::dist::{KlDivergence, Normal};
/// let (q, p) = (Normal { mean: 1.0, std: 0.5 }, Normal { mean: 0.0, std: 0.5 });
/// assert_eq!(q.kl_divergence(&p), 2.0); // 0.5 read as a variance would give 1.0966
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal<T = Tensor> {
    /// The mean.
    pub mean: T,
    /// The standard deviation, in the units of the mean.
    pub std: T,
}

elementwise!(Normal { mean, std }, LogProb, Support::Real);

impl Normal<f64> {
    /// d/dy ln p(y) = -(y - mean) / std².
    #[inline(always)]
    pub fn score<S: Scalar>(&self, y: S) -> S {
        LogProb.partials([y, S::of(self.mean), S::of(self.std)], S::ZERO)[0]
    }
    /// P(Y <= y).
    pub fn cdf(&self, y: f64) -> f64 {
        special::standard_normal_cdf((y - self.mean) / self.std)
    }
    /// Differential entropy, ln(std √(2πe)), in nats.
    pub fn entropy(&self) -> f64 {
        0.5 + special::LN_SQRT_2PI + self.std.ln()
    }
    /// KL(N(mean, std²) ‖ self) as a prior, where the weight's `log_std` = ln std is known by
    /// itself and may be a number whose exponential underflows.
    ///
    /// ```text
    /// d = log_std - ln self.std
    /// KL = (mean - self.mean)² / (2 self.std²) + (e^2d - 1 - 2d) / 2
    /// ```
    ///
    /// Neither term is negative, and both are 0 at equality; in f32 too a `log_std` of -200
    /// gives 199.5 against N(0, 1).
    #[inline(always)]
    pub fn kl<S: Scalar>(&self, mean: S, log_std: S) -> S {
        let z = (mean - S::of(self.mean)) / S::of(self.std);
        let d = log_std - S::of(self.std.ln());
        S::of(0.5) * (z * z + excess(d + d))
    }
    /// The derivatives of [`kl`](Normal::kl) with respect to `mean` and ln `std`, at the weight's
    /// `std` itself:
    ///
    /// ```text
    /// (mean - self.mean) / self.std²,   (std / self.std)² - 1
    /// ```
    #[inline(always)]
    pub fn kl_partials<S: Scalar>(&self, mean: S, std: S) -> [S; 2] {
        let scale = S::of(1.0 / self.std);
        let r = std * scale;
        // as a product, which is exact near 1
        [
            (mean - S::of(self.mean)) * scale * scale,
            (r - S::ONE) * (r + S::ONE),
        ]
    }
}

impl Distribution for Normal<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        self.log_prob(y)
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        self.mean + self.std * z
    }
}

impl Moments for Normal<f64> {
    fn mean(&self) -> f64 {
        self.mean
    }
    fn variance(&self) -> f64 {
        self.std * self.std
    }
}

impl Cumulative for Normal<f64> {
    fn cdf(&self, y: f64) -> f64 {
        self.cdf(y)
    }
    fn survival(&self, y: f64) -> f64 {
        special::standard_normal_cdf((self.mean - y) / self.std)
    }
}

/// The form of [`Normal::kl`], with d = ln(q.std / p.std) taken from the ratio.
impl<S: Scalar> KlDivergence<Normal<S>, S> for Normal<S> {
    fn kl_divergence(&self, p: &Normal<S>) -> S {
        let z = (self.mean - p.mean) / p.std;
        let d = log_ratio(self.std, p.std);
        S::of(0.5) * (z * z + excess(d + d))
    }
}

/// y = ln p(y; mean, std)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "normal_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, mean, std]: [S; 3]) -> S {
        let z = (y - mean) / std;
        S::of(-0.5) * z * z - std.ln() - S::of(special::LN_SQRT_2PI)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, mean, std]: [S; 3], _: S) -> [S; 3] {
        let z = (y - mean) / std;
        // (z² - 1) / std, as a product, which is exact near |z| = 1
        [-z / std, z / std, (z - S::ONE) * (z + S::ONE) / std]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "normal_log_prob", (y: "..." in Domain::REAL, mean: "..." in Domain::REAL, std: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, mean, std])),
];
