//! The Poisson distribution, by the logarithm of its rate.

use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

use super::divergence::{excess, mass_divergence, weighted};
use super::incomplete::gamma_parts;
use super::parameters::elementwise;
use super::stirling::stirling_rest;
use super::{Cumulative, Distribution, KlDivergence, Moments, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Poisson with rate e^`log_rate`, on the counts 0, 1, 2, …
///
/// ```text
/// ln p(y) = y r - e^r - ln Γ(y + 1),   r = log_rate
/// ```
///
/// From y = 16 on, where these terms are large and cancel, it is computed as
///
/// ```text
/// ln p(y) = -y (e^u - 1 - u) - ln √(2πy) - δ(y),   u = r - ln y
/// δ(y) = 1/(12y) - 1/(360y³) + 1/(1260y⁵) - …
/// ```
///
/// with δ the rest of Stirling's series: in f32 the error of a count of 1000 near its rate is
/// then about 5e-6 instead of 5e-4, the last place of 1000 ln 1000.
///
/// Source: Loader (2000), Fast and accurate computation of binomial probabilities, for the idea;
/// Abramowitz and Stegun (1964), 6.1.41 for δ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson<T = Tensor> {
    /// ln of the expected count.
    pub log_rate: T,
}

elementwise!(Poisson { log_rate }, LogProb, Support::Count);

impl Poisson<f64> {
    /// -Σ p ln p in nats: summed up to a rate of 1000, beyond which the series
    ///
    /// ```text
    /// ln √(2πe λ) - 1/(12λ) - 1/(24λ²) - 19/(360λ³)
    /// ```
    ///
    /// is exact to 1e-13.
    pub fn entropy(&self) -> f64 {
        let rate = self.log_rate.exp();
        if rate < 1000.0 {
            // The mass beyond λ + 15 √λ + 40 is below 1e-40.
            let last = (rate + 15.0 * rate.sqrt() + 40.0) as u32;
            (0..=last)
                .map(|y| self.log_prob(f64::from(y)))
                .map(|l| -weighted(l.exp(), l))
                .sum()
        } else {
            let r = 1.0 / rate;
            0.5 + special::LN_SQRT_2PI + 0.5 * self.log_rate
                - r * (1.0 / 12.0 + r * (1.0 / 24.0 + r * 19.0 / 360.0))
        }
    }
}

impl Distribution for Poisson<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if y >= 0.0 && y.fract() == 0.0 {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let rate = self.log_rate.exp();
        match rand_distr::Poisson::new(rate) {
            Ok(poisson) => poisson.sample(rng),
            Err(rand_distr::PoissonError::ShapeTooSmall) => 0.0,
            Err(_) => {
                // Above 1e19 f64 does not tell a Poisson from this normal; a NaN stays one.
                let z: f64 = StandardNormal.sample(rng);
                rate + rate.sqrt() * z
            }
        }
    }
}

impl Moments for Poisson<f64> {
    fn mean(&self) -> f64 {
        self.log_rate.exp()
    }
    fn variance(&self) -> f64 {
        self.log_rate.exp()
    }
}

/// P(Y > y) is the incomplete gamma function P(y + 1, rate); from y = 1e6 on off by less than 1e-7.
impl Cumulative for Poisson<f64> {
    fn cdf(&self, y: f64) -> f64 {
        if y < 0.0 {
            return 0.0;
        }
        gamma_parts(y.floor() + 1.0, self.log_rate.exp())[1]
    }
    fn survival(&self, y: f64) -> f64 {
        if y < 0.0 {
            return 1.0;
        }
        gamma_parts(y.floor() + 1.0, self.log_rate.exp())[0]
    }
}

/// ```text
/// KL = e^q (q - p) - e^q + e^p = e^q (e^(p - q) - 1 - (p - q)),   q, p the logarithms of the rates
/// ```
impl<S: Scalar> KlDivergence<Poisson<S>, S> for Poisson<S> {
    fn kl_divergence(&self, p: &Poisson<S>) -> S {
        mass_divergence(self.log_rate, p.log_rate)
    }
}

/// y = ln p(y; r)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<2> for LogProb {
    const NAME: &'static str = "poisson_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, r]: [S; 2]) -> S {
        if y < S::of(16.0) {
            weighted(y, r) - r.exp() - (y + S::ONE).lgamma()
        } else {
            let half_log = S::of(0.5) * y.ln() + S::of(special::LN_SQRT_2PI);
            -y * excess(r - y.ln()) - half_log - stirling_rest(y)
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, r]: [S; 2], _: S) -> [S; 2] {
        [r - special::digamma(y + S::ONE), y - r.exp()]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of 16, from where on the logarithm of the factorial is a series.
    law!(LogProb, "poisson_log_prob", (y: "..." in Domain::between(0.0, 15.0), log_rate: "..." in Domain::REAL) => pointwise(LogProb, [y, log_rate])),
    law!(LogProb, "poisson_log_prob", (y: "..." in Domain::between(17.0, 40.0), log_rate: "..." in Domain::REAL) => pointwise(LogProb, [y, log_rate])),
];
