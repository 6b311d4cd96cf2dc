//! The beta distribution.

use rand::Rng;
use rand_distr::Distribution as _;

use super::divergence::remainder;
use super::incomplete::{beta_parts, log_beta_kernel, log_part};
use super::parameters::elementwise;
use super::stirling::{digamma_rising, log_rising};
use super::{Cumulative, Distribution, KlDivergence, Moments, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Beta(concentration1, concentration0) on the numbers between 0 and 1: rates, shares, concentrations.
///
/// ```text
/// ln p(y) = (a - 1) ln y + (b - 1) ln(1 - y) - ln B(a, b),   a = concentration1, b = concentration0
/// mean = a / (a + b),   variance = mean (1 - mean) / (a + b + 1)
/// ```
///
/// Where both are at least 16 the large terms, which cancel, are taken away first: with n = a + b
///
/// ```text
/// -a (e^u - 1 - u) - b (e^v - 1 - v) + ln √(ab / 2πn) + δ(n) - δ(a) - δ(b) - ln y - ln(1 - y)
/// u = ln(n y / a),   v = ln(n (1 - y) / b)
/// ```
///
/// and δ the rest of Stirling's series. Both parameters must be positive; otherwise the results are
/// NaN. The ends 0 and 1 are not in the support: their density may be infinite. A net that predicts
/// a mean m and a precision n writes `Beta(m * n, (1 - m) * n)`.
///
/// Source: Ferrari and Cribari-Neto (2004), Beta regression for modelling rates and proportions;
/// Loader (2000), Fast and accurate computation of binomial probabilities, for large parameters.
///
/// ```
/// use elbo::dist::{Beta, Moments};
/// let d = Beta { concentration1: 3.0, concentration0: 1.0 };
/// assert_eq!((d.mean(), d.variance()), (0.75, 0.0375));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta<T = Tensor> {
    /// What pulls towards 1: a.
    pub concentration1: T,
    /// What pulls towards 0: b.
    pub concentration0: T,
}

elementwise!(
    Beta {
        concentration1,
        concentration0
    },
    LogProb,
    Support::Unit
);

impl Beta<f64> {
    /// Differential entropy in nats.
    ///
    /// ```text
    /// ln B(a, b) + (a - 1) (ψ(a + b) - ψ(a)) + (b - 1) (ψ(a + b) - ψ(b))
    /// ```
    pub fn entropy(&self) -> f64 {
        let (a, b) = (self.concentration1, self.concentration0);
        log_beta(a, b) + (a - 1.0) * digamma_rising(a, b) + (b - 1.0) * digamma_rising(b, a)
    }
}

/// ln B(a, b).
fn log_beta<S: Scalar>(a: S, b: S) -> S {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    low.lgamma() - log_rising(high, low)
}

impl Distribution for Beta<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if Support::Unit.contains(y) {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        // The error is a parameter that is not positive, of which all results are NaN.
        rand_distr::Beta::new(self.concentration1, self.concentration0)
            .map_or(f64::NAN, |beta| beta.sample(rng))
    }
}

impl Moments for Beta<f64> {
    fn mean(&self) -> f64 {
        self.concentration1 / (self.concentration1 + self.concentration0)
    }
    fn variance(&self) -> f64 {
        let (a, b) = (self.concentration1, self.concentration0);
        let n = a + b;
        a / n * (b / n) / (n + 1.0)
    }
}

/// P(Y <= y) is the incomplete beta function.
impl Cumulative for Beta<f64> {
    fn cdf(&self, y: f64) -> f64 {
        beta_parts([self.concentration1, self.concentration0], [y, 1.0 - y])[0]
    }
    fn survival(&self, y: f64) -> f64 {
        beta_parts([self.concentration1, self.concentration0], [y, 1.0 - y])[1]
    }
}

/// ```text
/// KL = A(p) - A(q) - ∇A(q)·(p - q),   A(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b)
/// ```
///
/// It is not negative, since A is convex.
impl<S: Scalar> KlDivergence<Beta<S>, S> for Beta<S> {
    fn kl_divergence(&self, p: &Beta<S>) -> S {
        let to = [p.concentration1, p.concentration0];
        let from = [self.concentration1, self.concentration0];
        remainder(
            from,
            to,
            |[a, b]| log_beta(a, b),
            |[a, b]| [-digamma_rising(a, b), -digamma_rising(b, a)],
            |[a, b], [c, d]| {
                c * c * special::trigamma(a) + d * d * special::trigamma(b)
                    - (c + d) * (c + d) * special::trigamma(a + b)
            },
        )
    }
}

/// y = ln p(y; concentration1, concentration0)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "beta_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [y, a, b]: [S; 3]) -> S {
        let rest = S::ONE - y;
        log_beta_kernel([a, b], [y, rest]) - log_part(y, rest) - log_part(rest, y)
    }
    /// ```text
    /// ∂/∂y = (a - 1)/y - (b - 1)/(1 - y)
    /// ∂/∂a = ln y + ψ(a + b) - ψ(a),   ∂/∂b = ln(1 - y) + ψ(a + b) - ψ(b)
    /// ```
    fn partials<S: Scalar>(&self, [y, a, b]: [S; 3], _: S) -> [S; 3] {
        let rest = S::ONE - y;
        [
            (a - S::ONE) / y - (b - S::ONE) / rest,
            log_part(y, rest) + digamma_rising(a, b),
            log_part(rest, y) + digamma_rising(b, a),
        ]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of 16, from where on the gamma function is a series, and of y = 1/2.
    law!(LogProb, "beta_log_prob", (y: "..." in Domain::between(0.1, 0.45), concentration1: "..." in Domain::between(0.5, 5.0), concentration0: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, concentration1, concentration0])),
    law!(LogProb, "beta_log_prob", (y: "..." in Domain::between(0.55, 0.9), concentration1: "..." in Domain::between(17.0, 30.0), concentration0: "..." in Domain::between(17.0, 30.0)) => pointwise(LogProb, [y, concentration1, concentration0])),
];
