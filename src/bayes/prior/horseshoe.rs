//! The horseshoe prior.
//!
//! Source: Carvalho, Polson and Scott (2010), The horseshoe estimator for sparse signals,
//! Biometrika 97; for variational inference Ghosh, Yao and Doshi-Velez (2018), Structured
//! variational learning of Bayesian neural networks with horseshoe priors, arXiv:1806.05975, and
//! Louizos, Ullrich and Welling (2017), Bayesian compression for deep learning, arXiv:1705.08665.
//!
//! ```text
//! w | lambda ~ N(0, scale² lambda²),   lambda ~ half-Cauchy(0, 1), one for each weight
//! log p(w) = ln E(c) - ln scale - ln √(2π³),   E(c) = e^c E₁(c),   c = w² / (2 scale²)
//! ```
//!
//! E₁ is the exponential integral: the density is infinite at 0 and falls as 1/w². Its derivative
//! at draws near 0 is so large that no mean over draws settles. The lambdas are what makes it
//! tractable. With a posterior q(lambda) of any form beside q(w), the bound is best where
//! q(lambda) ∝ p(lambda) N(√E[w²]; 0, scale² lambda²), and then
//!
//! ```text
//! E[-log p(w, lambda)] - H(lambda) = -log p(√E[w²])
//! ```
//!
//! So the KL of weights and lambdas together takes the density once, at the second moment of q(w),
//! which is never 0: it has no noise, and no parameters for the lambdas. It is an upper bound of the
//! KL of the weights alone, and the ELBO with it a lower bound of the evidence.

use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted};
use crate::tape::{Keeps, Var};

/// Σ E[-log p(w, lambda)] - H(lambda) for weights of these means and variances.
pub(super) fn cross_entropy<'t, S: Scalar>(
    wanted: Wanted,
    scale: f64,
    mu: Var<'t, S>,
    variance: Var<'t, S>,
) -> Var<'t, S> {
    pointwise_sum_wanted(wanted, CrossEntropy { scale }, [mu, variance])
}

/// ln √(2π³)
const LN_SQRT_2PI_CUBED: f64 = 2.063_668_419_054_071;

/// E(c) = e^c E₁(c), and d/dc ln E(c) = 1 - 1/(c E(c)).
///
/// By the series of E₁ below 3/2, by its continued fraction above, E = 1/(c + t), where the
/// derivative is -t/c: Abramowitz and Stegun (1964), 5.1.11 and 5.1.22. The counts of terms leave
/// less than the rounding error of an f64.
#[inline(always)]
fn scaled_integral<S: Scalar>(c: S) -> (S, S) {
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    if c < S::of(1.5) {
        // -γ - ln c + c - c²/(2·2!) + c³/(3·3!) - ..
        let (mut power, mut sum) = (S::ONE, S::ZERO);
        for k in 1..=24 {
            let k = f64::from(k);
            power = -power * c * S::of(1.0 / k);
            sum -= power * S::of(1.0 / k);
        }
        let e = c.exp() * (sum - S::of(GAMMA) - c.ln());
        (e, S::ONE - S::ONE / (c * e))
    } else {
        // 1 - 1²/(c + 3 - 2²/(c + 5 - 3²/(c + 7 - ..)))
        let mut tail = S::ZERO;
        for k in (1..=64).rev() {
            let k = f64::from(k);
            tail = S::of(k * k) / (c + S::of(2.0 * k + 1.0) - tail);
        }
        let t = S::ONE - tail;
        (S::ONE / (c + t), -t / c)
    }
}

/// log p(w), the lambdas integrated out.
#[derive(Clone, Copy)]
pub(super) struct LogProb {
    pub(super) scale: f64,
}
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "horseshoe_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        -CrossEntropy { scale: self.scale }.value([w, S::ZERO])
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [w]: [S; 1], y: S) -> [S; 1] {
        let [by_mu, _] = CrossEntropy { scale: self.scale }.partials([w, S::ZERO], y);
        [-by_mu]
    }
}

/// See [`cross_entropy`].
#[derive(Clone, Copy)]
struct CrossEntropy {
    scale: f64,
}
impl CrossEntropy {
    /// c = (mu² + variance) / (2 scale²).
    #[inline(always)]
    fn c<S: Scalar>(self, [mu, variance]: [S; 2]) -> S {
        (mu * mu + variance) * S::of(0.5 / (self.scale * self.scale))
    }
}
impl Pointwise<2> for CrossEntropy {
    const NAME: &'static str = "horseshoe_cross_entropy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, q: [S; 2]) -> S {
        let (e, _) = scaled_integral(self.c(q));
        S::of(self.scale.ln() + LN_SQRT_2PI_CUBED) - e.ln()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, variance]: [S; 2], _: S) -> [S; 2] {
        let (_, slope) = scaled_integral(self.c([mu, variance]));
        let by_variance = -slope * S::of(0.5 / (self.scale * self.scale));
        [(by_variance + by_variance) * mu, by_variance]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "horseshoe_prior", (w: "..." in Domain::NONZERO) => pointwise_sum(LogProb { scale: 0.7 }, [w])),
    law!(CrossEntropy, "horseshoe_cross_entropy", (mu: "..." in Domain::REAL, variance: "..." in Domain::between(0.01, 3.0)) => cross_entropy(Wanted::Value, 0.7, mu, variance)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of mpmath, to 16 digits, and no step between the two ways.
    #[test]
    fn the_exponential_integral_is_the_true_one() {
        for (c, scaled) in [
            (0.5, 0.922_910_632_483_730_5),
            (1.0, 0.596_347_362_323_194_1),
            (2.0, 0.361_328_616_888_222_6),
            (10.0, 0.091_563_333_939_788_08),
        ] {
            let (e, _) = scaled_integral(c);
            assert!((e / scaled - 1.0).abs() < 4e-15, "{c}: {e}");
        }
        let [(a, slope_a), (b, slope_b)] = [1.5 - 1e-15, 1.5].map(scaled_integral);
        assert!((a / b - 1.0).abs() < 1e-14 && (slope_a / slope_b - 1.0).abs() < 1e-13);
    }

    /// The density is the mixture over lambda that it is said to be, by quadrature over
    /// u = atan(lambda), in which the half-Cauchy is uniform.
    #[test]
    fn the_density_is_a_mixture_over_half_cauchy_scales() {
        for (w, scale) in [(0.3, 1.0), (2.5, 0.4), (0.01, 0.1)] {
            let n = 400_000;
            let width = std::f64::consts::FRAC_PI_2 / f64::from(n);
            let mixture: f64 = (0..n)
                .map(|i| {
                    let std = scale * ((f64::from(i) + 0.5) * width).tan();
                    let normal = crate::dist::Normal { mean: 0.0, std };
                    normal.log_prob(w).exp() / f64::from(n)
                })
                .sum();
            let log_p = LogProb { scale }.value([w]);
            // The midpoint rule is off by a few widths² f''.
            assert!((log_p - mixture.ln()).abs() < 1e-8, "{w} {scale}");
        }
    }
}
