//! The Laplace prior.

use crate::bayes::posterior::mean_field::HALF_LN_2PI_E;
use crate::dist::Laplace;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted};
use crate::tape::{Keeps, Var};

/// Σ KL(N(mu, softplus(rho)²) || Laplace(location, scale)).
pub(super) fn kl<'t, S: Scalar>(
    wanted: Wanted,
    p: Laplace<f64>,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, Kl(p), [mu, rho])
}
/// Σ E[-log Laplace(theta; location, scale)] for Gaussian weights of these means and variances.
pub(super) fn cross_entropy<'t, S: Scalar>(
    wanted: Wanted,
    p: Laplace<f64>,
    mu: Var<'t, S>,
    variance: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, CrossEntropy(p), [mu, variance])
}

/// log Laplace(w; location, scale), with derivative 0 at the location.
#[derive(Clone, Copy)]
pub(in crate::bayes) struct LogProb(pub(in crate::bayes) Laplace<f64>);
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "laplace_prior";
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

/// [`Laplace::kl`] with sigma = softplus(rho).
#[derive(Clone, Copy)]
pub(in crate::bayes) struct Kl(pub(in crate::bayes) Laplace<f64>);
impl Pointwise<2> for Kl {
    const NAME: &'static str = "kl_laplace";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, rho]: [S; 2]) -> S {
        self.0.kl(mu, rho.softplus(), rho.log_softplus())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, rho]: [S; 2], _: S) -> [S; 2] {
        let [by_mu, by_log_sigma] = self.0.kl_partials(mu, rho.softplus());
        [by_mu, by_log_sigma * special::log_softplus_derivative(rho)]
    }
}

/// [`Laplace::kl`] without the entropy of the Gaussian, ln std + ln √(2πe).
#[derive(Clone, Copy)]
struct CrossEntropy(Laplace<f64>);
impl Pointwise<2> for CrossEntropy {
    const NAME: &'static str = "laplace_cross_entropy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, variance]: [S; 2]) -> S {
        let std = variance.sqrt();
        self.0.kl(mu, std, S::ZERO) + S::of(HALF_LN_2PI_E)
    }
    /// ∂/∂std is the density of |z| at 0, √(2/π) e^(-z²/2), over the scale.
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, variance]: [S; 2], _: S) -> [S; 2] {
        let std = variance.sqrt();
        let [by_mu, _] = self.0.kl_partials(mu, std);
        let bell = special::standard_normal_pdf((mu - S::of(self.0.location)) / std);
        [by_mu, bell / (std * S::of(self.0.scale))]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "laplace_prior", (w: "..." in Domain::REAL.without(0.5)) => pointwise_sum(LogProb(Laplace { location: 0.5, scale: 0.8 }), [w])),
    law!(Kl, "kl_laplace", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL) => kl(Wanted::Value, Laplace { location: 0.5, scale: 0.8 }, mu, rho)),
    law!(CrossEntropy, "laplace_cross_entropy", (mu: "..." in Domain::REAL, variance: "..." in Domain::between(0.01, 3.0)) => cross_entropy(Wanted::Value, Laplace { location: 0.5, scale: 0.8 }, mu, variance)),
];
