//! The gamma distribution.

use rand::Rng;
use rand_distr::Distribution as _;

use super::divergence::{excess, log_ratio, remainder};
use super::incomplete::{gamma_parts, log_gamma_kernel};
use super::parameters::elementwise;
use super::stirling::{log_gamma_rest, log_less_digamma};
use super::{Cumulative, Distribution, KlDivergence, Moments, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Gamma(concentration, rate) on the numbers above 0: waiting times, amounts, insurance claims. The
/// second parameter is a **rate**, the inverse of a scale, as in Stan and PyTorch.
///
/// ```text
/// ln p(y) = a ln(b y) - b y - ln Γ(a) - ln y,   a = concentration, b = rate
/// mean = a / b,   variance = a / b²
/// ```
///
/// From a = 16 on, where these terms are large and cancel, it is computed as
///
/// ```text
/// ln p(y) = -a (e^u - 1 - u) + ln √(a / 2π) - δ(a) - ln y,   u = ln(b y / a)
/// ```
///
/// with δ the rest of Stirling's series. Both parameters must be positive; otherwise the results
/// are NaN. A net that predicts the mean writes `Gamma(a, a / mean)`.
///
/// Source: Loader (2000), Fast and accurate computation of binomial probabilities, for the idea.
///
/// ```
/// use elbo::dist::{Gamma, Moments};
/// let d = Gamma { concentration: 3.0, rate: 2.0 };
/// assert_eq!((d.mean(), d.variance()), (1.5, 0.75));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma<T = Tensor> {
    /// The shape: 1 is the exponential distribution, and the larger, the more like a Normal.
    pub concentration: T,
    /// The inverse of the scale, in units of 1/y.
    pub rate: T,
}

elementwise!(
    Gamma {
        concentration,
        rate
    },
    LogProb,
    Support::Positive
);

impl Gamma<f64> {
    /// Differential entropy in nats, a - ln b + ln Γ(a) + (1 - a) ψ(a), without its large terms:
    ///
    /// ```text
    /// (ln Γ(a) - a ln a + a) + (a - 1) (ln a - ψ(a)) + ln a - ln b
    /// ```
    pub fn entropy(&self) -> f64 {
        let a = self.concentration;
        let scale = a.ln() - self.rate.ln();
        log_gamma_rest(a) + (a - 1.0) * log_less_digamma(a) + scale
    }
}

impl Distribution for Gamma<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if Support::Positive.contains(y) {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        // The error is a parameter that is not positive, of which all results are NaN.
        rand_distr::Gamma::new(self.concentration, 1.0 / self.rate)
            .map_or(f64::NAN, |gamma| gamma.sample(rng))
    }
}

impl Moments for Gamma<f64> {
    fn mean(&self) -> f64 {
        self.concentration / self.rate
    }
    fn variance(&self) -> f64 {
        self.concentration / self.rate / self.rate
    }
}

/// P(Y <= y) is the incomplete gamma function P(a, b y); from a = 1e6 on off by less than 1e-7.
impl Cumulative for Gamma<f64> {
    fn cdf(&self, y: f64) -> f64 {
        gamma_parts(self.concentration, self.rate * y)[0]
    }
    fn survival(&self, y: f64) -> f64 {
        gamma_parts(self.concentration, self.rate * y)[1]
    }
}

/// ```text
/// KL = a_p (r - 1 - ln r) + (g(a_p) - g(a_q) - g'(a_q) (a_p - a_q))
/// r = (b_p a_q) / (b_q a_p),   g(a) = ln Γ(a) - a ln a + a
/// ```
///
/// Neither term is negative, since g is convex; the first is 0 for equal means, the second for equal
/// concentrations.
impl<S: Scalar> KlDivergence<Gamma<S>, S> for Gamma<S> {
    fn kl_divergence(&self, p: &Gamma<S>) -> S {
        let (a, b) = (self.concentration, p.concentration);
        let log_r = log_ratio(p.rate, self.rate) - log_ratio(b, a);
        let shapes = remainder(
            [a],
            [b],
            |[a]| log_gamma_rest(a),
            |[a]| [-log_less_digamma(a)],
            |[a], [d]| d * d * (special::trigamma(a) - S::ONE / a),
        );
        b * excess(log_r) + shapes
    }
}

/// y = ln p(y; concentration, rate)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "gamma_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [y, a, b]: [S; 3]) -> S {
        log_gamma_kernel(a, b * y) - y.ln()
    }
    /// ```text
    /// ∂/∂y = (a - 1)/y - b,   ∂/∂a = ln(b y / a) + (ln a - ψ(a)),   ∂/∂b = a/b - y
    /// ```
    fn partials<S: Scalar>(&self, [y, a, b]: [S; 3], _: S) -> [S; 3] {
        let by_concentration = log_ratio(b * y, a) + log_less_digamma(a);
        [(a - S::ONE) / y - b, by_concentration, a / b - y]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of 16, from where on the gamma function is a series.
    law!(LogProb, "gamma_log_prob", (y: "..." in Domain::between(0.2, 5.0), concentration: "..." in Domain::between(0.5, 5.0), rate: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, concentration, rate])),
    law!(LogProb, "gamma_log_prob", (y: "..." in Domain::between(5.0, 15.0), concentration: "..." in Domain::between(17.0, 40.0), rate: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, concentration, rate])),
];
