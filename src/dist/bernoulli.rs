//! The Bernoulli distribution, by logits.

use rand::{Rng, RngExt};

use super::divergence::{excess, mass_divergence, weighted};
use super::parameters::elementwise;
use super::{Classes, Distribution, KlDivergence, Moments, Support};
use crate::kernels::Scalar;
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Bernoulli with P(y = 1) = σ(logits), on 0 and 1.
///
/// ```text
/// ln p(y) = y ln σ(l) + (1 - y) ln σ(-l) = -(1 - y) max(l, 0) - y max(-l, 0) - ln(1 + e^-|l|)
/// ```
///
/// The last form keeps the digits of ln p(1) = -4.2e-18 at l = 40, where y l - softplus(l) is 0.
/// A `y` between 0 and 1 is a soft label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bernoulli<T = Tensor> {
    /// ln (P(1) / P(0)).
    pub logits: T,
}

elementwise!(Bernoulli { logits }, LogProb, Support::Binary);

impl Distribution for Bernoulli<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if y == 0.0 || y == 1.0 {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        f64::from(rng.random::<f64>() < self.logits.sigmoid())
    }
}

impl Moments for Bernoulli<f64> {
    fn mean(&self) -> f64 {
        self.logits.sigmoid()
    }
    fn variance(&self) -> f64 {
        self.logits.sigmoid() * (-self.logits).sigmoid()
    }
}

impl Classes for Bernoulli<f64> {
    fn probabilities(&self) -> Vec<f64> {
        vec![(-self.logits).sigmoid(), self.logits.sigmoid()]
    }
    fn entropy(&self) -> f64 {
        let l = self.logits;
        weighted(l.sigmoid(), (-l).softplus()) + weighted((-l).sigmoid(), l.softplus())
    }
}

/// ```text
/// KL = Σ_y (q_y ln(q_y / p_y) - q_y + p_y) = Σ_y q_y (e^u_y - 1 - u_y),   u_y = ln(p_y / q_y)
/// ```
///
/// Each term is not negative. Where the logits a of q and b of p are less than 1 apart, u₁ and u₀
/// are -ln(1 + σ(∓a) (e^∓(b - a) - 1)) instead of differences of logarithms.
impl<S: Scalar> KlDivergence<Bernoulli<S>, S> for Bernoulli<S> {
    fn kl_divergence(&self, p: &Bernoulli<S>) -> S {
        let (a, b) = (self.logits, p.logits);
        let d = b - a;
        if d.abs() < S::ONE {
            let u1 = -((-a).sigmoid() * (-d).exp_m1()).ln_1p();
            let u0 = -(a.sigmoid() * d.exp_m1()).ln_1p();
            a.sigmoid() * excess(u1) + (-a).sigmoid() * excess(u0)
        } else {
            mass_divergence(-(-a).softplus(), -(-b).softplus())
                + mass_divergence(-a.softplus(), -b.softplus())
        }
    }
}

/// y = ln p(y; l)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<2> for LogProb {
    const NAME: &'static str = "bernoulli_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, l]: [S; 2]) -> S {
        let (miss, tail) = if l > S::ZERO {
            (weighted(S::ONE - y, l), (-l).exp())
        } else {
            (weighted(y, -l), l.exp())
        };
        -miss - tail.ln_1p()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, l]: [S; 2], _: S) -> [S; 2] {
        [l, y * (-l).sigmoid() - (S::ONE - y) * l.sigmoid()]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "bernoulli_log_prob", (y: "..." in Domain::between(0.0, 1.0), logits: "..." in Domain::REAL) => pointwise(LogProb, [y, logits])),
];
