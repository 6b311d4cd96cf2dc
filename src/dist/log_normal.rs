//! The log-normal distribution.

use rand::Rng;

use super::parameters::elementwise;
use super::{Cumulative, Distribution, KlDivergence, Moments, Normal, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// LogNormal(mu, sigma) on the numbers above 0: its logarithm is Normal(mu, sigma²). For sizes,
/// prices and durations, of which errors are a percentage.
///
/// ```text
/// ln p(y) = -z²/2 - ln sigma - ln y - ln √(2π),   z = (ln y - mu) / sigma
/// mean = e^(mu + sigma²/2),   variance = (e^sigma² - 1) mean²,   median = e^mu
/// ```
///
/// `sigma` must be positive; otherwise the results are NaN.
///
/// Source: Johnson, Kotz and Balakrishnan (1994), Continuous univariate distributions, chapter 14.
///
/// ```
/// use elbo::dist::{Cumulative, LogNormal};
/// let d = LogNormal { mu: 3.0, sigma: 0.5 };
/// assert!((d.quantile(0.5) - 3f64.exp()).abs() < 1e-13);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal<T = Tensor> {
    /// The mean of ln y.
    pub mu: T,
    /// The standard deviation of ln y.
    pub sigma: T,
}

elementwise!(LogNormal { mu, sigma }, LogProb, Support::Positive);

impl LogNormal<f64> {
    /// The distribution of ln y.
    fn log(&self) -> Normal<f64> {
        Normal {
            mean: self.mu,
            std: self.sigma,
        }
    }
    /// Differential entropy, mu + ln(sigma √(2πe)), in nats.
    pub fn entropy(&self) -> f64 {
        self.mu + self.log().entropy()
    }
}

impl Distribution for LogNormal<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if Support::Positive.contains(y) {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.log().sample(rng).exp()
    }
}

impl Moments for LogNormal<f64> {
    fn mean(&self) -> f64 {
        (self.mu + 0.5 * self.sigma * self.sigma).exp()
    }
    fn variance(&self) -> f64 {
        let square = self.sigma * self.sigma;
        square.exp_m1() * (2.0 * self.mu + square).exp()
    }
}

impl Cumulative for LogNormal<f64> {
    fn cdf(&self, y: f64) -> f64 {
        if y > 0.0 { self.log().cdf(y.ln()) } else { 0.0 }
    }
    fn survival(&self, y: f64) -> f64 {
        if y > 0.0 {
            self.log().survival(y.ln())
        } else {
            1.0
        }
    }
}

/// That of the logarithms: a divergence does not change with the unit.
impl<S: Scalar> KlDivergence<LogNormal<S>, S> for LogNormal<S> {
    fn kl_divergence(&self, p: &LogNormal<S>) -> S {
        let log = |d: &LogNormal<S>| Normal {
            mean: d.mu,
            std: d.sigma,
        };
        log(self).kl_divergence(&log(p))
    }
}

/// y = ln p(y; mu, sigma)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "log_normal_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, mu, sigma]: [S; 3]) -> S {
        let log = y.ln();
        let z = (log - mu) / sigma;
        S::of(-0.5) * z * z - sigma.ln() - log - S::of(special::LN_SQRT_2PI)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, mu, sigma]: [S; 3], _: S) -> [S; 3] {
        let z = (y.ln() - mu) / sigma;
        let pull = z / sigma;
        // (z² - 1) / sigma, as a product, which is exact near |z| = 1
        let by_sigma = (z - S::ONE) * (z + S::ONE) / sigma;
        [-(S::ONE + pull) / y, pull, by_sigma]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "log_normal_log_prob", (y: "..." in Domain::between(0.2, 5.0), mu: "..." in Domain::REAL, sigma: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, mu, sigma])),
];
