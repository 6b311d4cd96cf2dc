//! The Gaussian prior whose scale is learned: empirical Bayes.
//!
//! Source: MacKay (1992), A practical Bayesian framework for backpropagation networks, Neural
//! Computation 4, where the evidence chooses the scale; here the ELBO does, its lower bound.

use crate::dist::Normal;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted};
use crate::tape::{Keeps, Var};

/// Σ log N(theta; mean, softplus(rho)²).
pub(super) fn log_prob<'t, S: Scalar>(
    wanted: Wanted,
    mean: f64,
    theta: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, LogProb { mean }, [theta, rho])
}
/// Σ E[-log N(theta; mean, softplus(rho)²)] for weights of these means and variances.
pub(super) fn cross_entropy<'t, S: Scalar>(
    wanted: Wanted,
    mean: f64,
    mu: Var<'t, S>,
    variance: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, CrossEntropy { mean }, [mu, variance, rho])
}
/// The rho whose softplus is the scale that `p` starts from.
pub(in crate::bayes) fn initial(p: Normal<f64>) -> f64 {
    special::softplus_inverse(p.std)
}

/// log N(w; mean, s²), s = softplus(rho)
#[derive(Clone, Copy)]
struct LogProb {
    mean: f64,
}
impl Pointwise<2> for LogProb {
    const NAME: &'static str = "learned_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [w, rho]: [S; 2]) -> S {
        -CrossEntropy { mean: self.mean }.value([w, S::ZERO, rho])
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [w, rho]: [S; 2], y: S) -> [S; 2] {
        let of = CrossEntropy { mean: self.mean };
        let [by_mu, _, by_rho] = of.partials([w, S::ZERO, rho], y);
        [-by_mu, -by_rho]
    }
}

/// ((mu - mean)² + variance) / (2 s²) + ln s + ln √(2π), s = softplus(rho)
#[derive(Clone, Copy)]
struct CrossEntropy {
    mean: f64,
}
impl Pointwise<3> for CrossEntropy {
    const NAME: &'static str = "learned_cross_entropy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, variance, rho]: [S; 3]) -> S {
        let s = rho.softplus();
        let z = (mu - S::of(self.mean)) / s;
        let square = z * z + variance / s / s;
        S::of(0.5) * square + rho.log_softplus() + S::of(special::LN_SQRT_2PI)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, variance, rho]: [S; 3], _: S) -> [S; 3] {
        let s = rho.softplus();
        let z = (mu - S::of(self.mean)) / s;
        let square = z * z + variance / s / s;
        [
            z / s,
            S::of(0.5) / s / s,
            (S::ONE - square) * special::log_softplus_derivative(rho),
        ]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "learned_prior", (w: "..." in Domain::REAL, rho: "..." in Domain::between(-1.0, 3.0)) => log_prob(Wanted::Value, 0.5, w, rho)),
    law!(CrossEntropy, "learned_cross_entropy", (mu: "..." in Domain::REAL, variance: "..." in Domain::between(0.01, 3.0), rho: "..." in Domain::between(-1.0, 3.0)) => cross_entropy(Wanted::Value, 0.5, mu, variance, rho)),
];
