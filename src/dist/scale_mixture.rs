//! The scale mixture of two normal distributions, a prior.

use rand::{Rng, RngExt};

use super::{Distribution, Moments, Normal};
use crate::kernels::{Scalar, select, special};

/// A mixture of two normal distributions around 0, wide and narrow: a prior of weights of which
/// most are near 0 and some are not.
///
/// ```text
/// p(w) = pi N(w; 0, sigma1²) + (1 - pi) N(w; 0, sigma2²)
///
/// ln p(w) = ln pi + ln N(w; 0, sigma1²) + softplus(-c)   or   ln (1 - pi) + ln N(w; 0, sigma2²) + softplus(c)
/// c = ln (pi N(w; 0, sigma1²) / ((1 - pi) N(w; 0, sigma2²))),   whichever component is larger
/// ```
///
/// `pi` lies between 0 and 1; at the ends this is exactly one component. `sigma1` and `sigma2`
/// are positive standard deviations. Nothing is added inside the logarithm, so a weight far out
/// feels its full pull.
///
/// Source: Blundell et al. (2015), Weight uncertainty in neural networks, equation 7.
///
/// ```
/// use elbo::dist::ScaleMixture;
/// let prior = ScaleMixture { pi: 0.5, sigma1: 0.1, sigma2: 0.001 };
/// // 2 is 20 sigma out, where both densities underflow in f32
/// assert!((prior.log_prob(2.0f32) + 199.309_5).abs() < 1e-4);
/// assert_eq!(prior.score(2.0f32), -200.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleMixture {
    /// Probability of the first component.
    pub pi: f64,
    /// Standard deviation of the first component.
    pub sigma1: f64,
    /// Standard deviation of the second component.
    pub sigma2: f64,
}

impl ScaleMixture {
    #[inline(always)]
    fn components(&self) -> [Normal<f64>; 2] {
        [self.sigma1, self.sigma2].map(|std| Normal { mean: 0.0, std })
    }
    /// c, the logarithm of how much likelier the first component is to have made `w`:
    ///
    /// ```text
    /// c = ln (pi / (1 - pi)) - ln (sigma1 / sigma2) + w²/2 (1/sigma2² - 1/sigma1²)
    /// ```
    ///
    /// The difference of the precisions is taken before it meets w, so that it is exact where
    /// the sigmas are close, and infinite rather than NaN where w² overflows.
    #[inline(always)]
    fn log_odds<S: Scalar>(&self, w: S) -> S {
        let (a, b) = (1.0 / self.sigma1, 1.0 / self.sigma2);
        let constant = self.pi.ln() - (1.0 - self.pi).ln() + (a / b).ln();
        let c = S::of(constant) + S::of(0.5 * (b - a) * (b + a)) * w * w;
        // e^-87 = 1.6e-38 leaves nothing of the other component in f64 either, and is a normal
        // number in f32: with subnormal ones a processor takes ten times as long.
        let c = select(c > S::of(87.0), S::of(87.0), c);
        select(c < S::of(-87.0), S::of(-87.0), c)
    }
    /// ln (weight N(w; 0, std²)), where `log_weight` is ln weight.
    #[inline(always)]
    fn weighted<S: Scalar>(log_weight: f64, std: f64, w: S) -> S {
        let z = w * S::of(1.0 / std);
        S::of(log_weight - std.ln() - special::LN_SQRT_2PI) - S::of(0.5) * z * z
    }
    /// ln p(w), for any kind of number.
    #[inline(always)]
    pub fn log_prob<S: Scalar>(&self, w: S) -> S {
        let c = self.log_odds(w);
        let likelier = select(
            c > S::ZERO,
            Self::weighted(self.pi.ln(), self.sigma1, w),
            Self::weighted((1.0 - self.pi).ln(), self.sigma2, w),
        );
        likelier + select(c > S::ZERO, -c, c).softplus()
    }
    /// d/dw ln p(w), each component's pull weighted by its responsibility for `w`:
    ///
    /// ```text
    /// -w (σ(c) / sigma1² + σ(-c) / sigma2²)
    /// ```
    #[inline(always)]
    pub fn score<S: Scalar>(&self, w: S) -> S {
        let c = self.log_odds(w);
        let [a, b] = [self.sigma1, self.sigma2].map(|std| w * S::of(1.0 / std) * S::of(1.0 / std));
        -(c.sigmoid() * a + (-c).sigmoid() * b)
    }
    /// P(W <= w).
    pub fn cdf(&self, w: f64) -> f64 {
        let [first, second] = self.components();
        self.pi * first.cdf(w) + (1.0 - self.pi) * second.cdf(w)
    }
}

impl Distribution for ScaleMixture {
    fn log_prob(&self, y: f64) -> f64 {
        self.log_prob(y)
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let [first, second] = self.components();
        if rng.random::<f64>() < self.pi {
            first.sample(rng)
        } else {
            second.sample(rng)
        }
    }
}

impl Moments for ScaleMixture {
    fn mean(&self) -> f64 {
        0.0
    }
    fn variance(&self) -> f64 {
        self.pi * self.sigma1 * self.sigma1 + (1.0 - self.pi) * self.sigma2 * self.sigma2
    }
}
