//! The Gaussian prior.

use crate::dist::Normal;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted};
use crate::tape::{Keeps, Var};

/// Σ KL(N(mu, softplus(rho)²) || N(mean, std²)).
pub(super) fn kl<'t, S: Scalar>(
    wanted: Wanted,
    p: Normal<f64>,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, Kl(p), [mu, rho])
}
/// Σ E[-log N(theta; mean, std²)] for weights of these means and variances.
pub(super) fn cross_entropy<'t, S: Scalar>(
    wanted: Wanted,
    p: Normal<f64>,
    mu: Var<'t, S>,
    variance: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, CrossEntropy(p), [mu, variance])
}

/// log N(w; mean, std²)
#[derive(Clone, Copy)]
pub(in crate::bayes) struct LogProb(pub(in crate::bayes) Normal<f64>);
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "normal_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        self.0.log_prob(w)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [w]: [S; 1], _: S) -> [S; 1] {
        [self.0.score(w)]
    }
}

/// [`Normal::kl`] with ln sigma = ln softplus(rho), which does not underflow where sigma does.
#[derive(Clone, Copy)]
pub(in crate::bayes) struct Kl(pub(in crate::bayes) Normal<f64>);
impl Pointwise<2> for Kl {
    const NAME: &'static str = "kl_normal";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, rho]: [S; 2]) -> S {
        self.0.kl(mu, rho.log_softplus())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, rho]: [S; 2], _: S) -> [S; 2] {
        let [by_mu, by_log_sigma] = self.0.kl_partials(mu, rho.softplus());
        [by_mu, by_log_sigma * special::log_softplus_derivative(rho)]
    }
}

/// ((mu - mean)² + variance) / (2 std²) + ln std + ln √(2π)
#[derive(Clone, Copy)]
struct CrossEntropy(Normal<f64>);
impl Pointwise<2> for CrossEntropy {
    const NAME: &'static str = "normal_cross_entropy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, variance]: [S; 2]) -> S {
        let half_precision = S::of(0.5 / (self.0.std * self.0.std));
        variance * half_precision - self.0.log_prob(mu)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, _]: [S; 2], _: S) -> [S; 2] {
        let half_precision = S::of(0.5 / (self.0.std * self.0.std));
        [-self.0.score(mu), half_precision]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "normal_prior", (w: "..." in Domain::REAL) => pointwise_sum(LogProb(Normal { mean: 0.5, std: 0.8 }), [w])),
    law!(Kl, "kl_normal", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL) => kl(Wanted::Value, Normal { mean: 0.5, std: 0.8 }, mu, rho)),
    law!(CrossEntropy, "normal_cross_entropy", (mu: "..." in Domain::REAL, variance: "..." in Domain::between(0.01, 3.0)) => cross_entropy(Wanted::Value, Normal { mean: 0.5, std: 0.8 }, mu, variance)),
];
