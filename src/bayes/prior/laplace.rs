//! The Laplace prior.

use crate::dist::Laplace;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted};
use crate::tape::{Keeps, Var};

/// Σ log Laplace(theta; location, scale).
pub(super) fn log_prob<S: Scalar>(
    wanted: Wanted,
    p: Laplace<f64>,
    theta: Var<'_, S>,
) -> Var<'_, S> {
    pointwise_sum_wanted(wanted, LogProb(p), [theta])
}
/// Σ KL(N(mu, softplus(rho)²) || Laplace(location, scale)).
pub(super) fn kl<'t, S: Scalar>(
    wanted: Wanted,
    p: Laplace<f64>,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, Kl(p), [mu, rho])
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

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "laplace_prior", (w: "..." in Domain::REAL.without(0.5)) => log_prob(Wanted::Value, Laplace { location: 0.5, scale: 0.8 }, w)),
    law!(Kl, "kl_laplace", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL) => kl(Wanted::Value, Laplace { location: 0.5, scale: 0.8 }, mu, rho)),
];
