//! The Laplace prior.

use std::f64::consts::FRAC_2_SQRT_PI;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::dist::Laplace;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise_sum};
use crate::tape::{Keeps, Var};

/// Σ log Laplace(theta; location, scale).
pub(super) fn log_prob<S: Scalar>(p: Laplace<f64>, theta: Var<'_, S>) -> Var<'_, S> {
    pointwise_sum(LogProb(p), [theta])
}
/// Σ KL(N(mu, softplus(rho)²) || Laplace(location, scale)).
pub(super) fn kl<'t, S: Scalar>(p: Laplace<f64>, mu: Var<'t, S>, rho: Var<'t, S>) -> Var<'t, S> {
    pointwise_sum(Kl(p), [mu, rho])
}

/// log Laplace(w; location, scale), with derivative 0 at the location.
#[derive(Clone, Copy)]
struct LogProb(Laplace<f64>);
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "laplace_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        self.0.log_prob(w)
    }
    fn partials<S: Scalar>(&self, [w]: [S; 1], _: S) -> [S; 1] {
        let Laplace { location, scale } = self.0;
        let pull = S::of(1.0 / scale);
        if w > S::of(location) {
            [-pull]
        } else if w < S::of(location) {
            [pull]
        } else {
            [S::ZERO]
        }
    }
}

/// With sigma = softplus(rho), d = mu - location, z = d / sigma and b the scale:
///
/// ```text
/// E|theta - location| = sigma √(2/π) e^(-z²/2) + d erf(z / √2)
/// KL = E|theta - location| / b + ln(2b) - ln sigma - ln √(2π) - 1/2
/// ```
#[derive(Clone, Copy)]
struct Kl(Laplace<f64>);
impl Kl {
    /// d, sigma, √(2/π) e^(-z²/2) and erf(z / √2).
    fn parts<S: Scalar>(&self, mu: S, rho: S) -> [S; 4] {
        let d = mu - S::of(self.0.location);
        let sigma = rho.softplus();
        // Where sigma has underflowed, z is infinite, or 0 for d = 0.
        let z = if d == S::ZERO { d } else { d / sigma };
        let density = S::of(FRAC_2_SQRT_PI * FRAC_1_SQRT_2) * (-(z * z) * S::of(0.5)).exp();
        [d, sigma, density, (z * S::of(FRAC_1_SQRT_2)).erf()]
    }
}
impl Pointwise<2> for Kl {
    const NAME: &'static str = "kl_laplace";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [mu, rho]: [S; 2]) -> S {
        let b = self.0.scale;
        let [d, sigma, density, erf] = self.parts(mu, rho);
        let constant = (2.0 * b).ln() - 0.5 * (2.0 * PI).ln() - 0.5;
        (sigma * density + d * erf) / S::of(b) + S::of(constant) - rho.log_softplus()
    }
    fn partials<S: Scalar>(&self, [mu, rho]: [S; 2], _: S) -> [S; 2] {
        let b = S::of(self.0.scale);
        let [_, _, density, erf] = self.parts(mu, rho);
        // The derivatives of e^(-z²/2) and of erf cancel against each other.
        let log_sigma = special::log_softplus_derivative(rho);
        [erf / b, density * rho.sigmoid() / b - log_sigma]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "laplace_prior", (w: "..." in Domain::REAL.without(0.5)) => log_prob(Laplace { location: 0.5, scale: 0.8 }, w)),
    law!(Kl, "kl_laplace", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL) => kl(Laplace { location: 0.5, scale: 0.8 }, mu, rho)),
];
