//! The Laplace distribution.

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1};

use super::divergence::{excess, log_ratio};
use super::parameters::elementwise;
use super::{Cumulative, Distribution, KlDivergence, Moments, Normal, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Laplace(location, scale) on the real numbers: two exponential tails, back to back. As a prior
/// it pulls small weights to 0 harder than a Normal does, and large ones less.
///
/// ```text
/// ln p(y) = -|y - location| / scale - ln(2 scale)
/// ```
///
/// The variance is 2 scale². `scale` must be positive; otherwise the results are NaN. At
/// the location, where the density has a kink, the gradient is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace<T = Tensor> {
    /// The median and mean.
    pub location: T,
    /// The mean distance from the location, in its units.
    pub scale: T,
}

elementwise!(Laplace { location, scale }, LogProb, Support::Real);

impl Laplace<f64> {
    /// d/dy ln p(y) = -sign(y - location) / scale.
    #[inline(always)]
    pub fn score<S: Scalar>(&self, y: S) -> S {
        LogProb.partials([y, S::of(self.location), S::of(self.scale)], S::ZERO)[0]
    }
    /// P(Y <= y).
    pub fn cdf(&self, y: f64) -> f64 {
        let z = (y - self.location) / self.scale;
        if z < 0.0 {
            0.5 * z.exp()
        } else {
            1.0 - 0.5 * (-z).exp()
        }
    }
    /// Differential entropy, 1 + ln(2 scale), in nats.
    pub fn entropy(&self) -> f64 {
        1.0 + (2.0 * self.scale).ln()
    }
    /// KL(N(mean, std²) ‖ self) as a prior, where the weight's `log_std` = ln std is known by
    /// itself and may be a number whose exponential underflows.
    ///
    /// ```text
    /// m = mean - location,   z = m / std
    /// E|w - location| = m erf(z / √2) + std √(2/π) e^(-z²/2)
    /// KL = E|w - location| / scale + ln(2 scale) - log_std - ln √(2πe)
    /// ```
    ///
    /// Neither term of the expected distance is negative. It is |m| where std is 0.
    #[inline(always)]
    pub fn kl<S: Scalar>(&self, mean: S, std: S, log_std: S) -> S {
        let m = mean - S::of(self.location);
        let (within, bell) = folded(m, std);
        let distance = m * within + std * bell;
        let constant = (2.0 * self.scale).ln() - 0.5 - special::LN_SQRT_2PI;
        distance / S::of(self.scale) + S::of(constant) - log_std
    }
    /// The derivatives of [`kl`](Laplace::kl) with respect to `mean` and `log_std`:
    ///
    /// ```text
    /// erf(z / √2) / scale,   std √(2/π) e^(-z²/2) / scale - 1
    /// ```
    #[inline(always)]
    pub fn kl_partials<S: Scalar>(&self, mean: S, std: S) -> [S; 2] {
        let (m, scale) = (mean - S::of(self.location), S::of(self.scale));
        let (within, bell) = folded(m, std);
        [within / scale, std * bell / scale - S::ONE]
    }
}

/// erf(z/√2) and √(2/π) e^(-z²/2) for z = m / std.
#[inline(always)]
fn folded<S: Scalar>(m: S, std: S) -> (S, S) {
    const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
    if m.abs() > S::of(40.0) * std {
        // e^(-z²/2) is 0 in f64 too, and z² might overflow.
        let side = if m > S::ZERO { S::ONE } else { -S::ONE };
        (side, S::ZERO)
    } else if std == S::ZERO {
        (S::ZERO, S::of(SQRT_2_OVER_PI)) // m is 0 as well, and m / std undefined
    } else {
        let z = m / std;
        let within = (z * S::of(std::f64::consts::FRAC_1_SQRT_2)).erf();
        let bell = S::of(SQRT_2_OVER_PI) * (S::of(-0.5) * z * z).exp();
        (within, bell)
    }
}

impl Distribution for Laplace<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        self.log_prob(y)
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let distance: f64 = Exp1.sample(rng);
        let sign = if rng.random() { 1.0 } else { -1.0 };
        self.location + self.scale * distance * sign
    }
}

impl Moments for Laplace<f64> {
    fn mean(&self) -> f64 {
        self.location
    }
    fn variance(&self) -> f64 {
        2.0 * self.scale * self.scale
    }
}

impl Cumulative for Laplace<f64> {
    fn cdf(&self, y: f64) -> f64 {
        self.cdf(y)
    }
    fn survival(&self, y: f64) -> f64 {
        // Mirrored at the location.
        self.cdf(2.0 * self.location - y)
    }
}

/// ```text
/// r = q.scale / p.scale,   t = |q.location - p.location| / q.scale
/// KL = (r - 1 - ln r) + r (e^-t - 1 + t)
/// ```
///
/// Two terms that are not negative, the first 0 for equal scales, the second for equal locations.
impl<S: Scalar> KlDivergence<Laplace<S>, S> for Laplace<S> {
    fn kl_divergence(&self, p: &Laplace<S>) -> S {
        let log_r = log_ratio(self.scale, p.scale);
        let z = (self.location - p.location) / self.scale;
        // Not |z|, whose derivatives end at 0, where the divergence is smooth.
        let t = if z < S::ZERO { -z } else { z };
        excess(log_r) + self.scale / p.scale * excess(-t)
    }
}

/// The form of [`Laplace::kl`].
impl KlDivergence<Laplace<f64>> for Normal<f64> {
    fn kl_divergence(&self, p: &Laplace<f64>) -> f64 {
        p.kl(self.mean, self.std, self.std.ln())
    }
}

/// y = ln p(y; location, scale)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "laplace_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, location, scale]: [S; 3]) -> S {
        -((y - location) / scale).abs() - (scale + scale).ln()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, location, scale]: [S; 3], _: S) -> [S; 3] {
        let z = (y - location) / scale;
        let slope = if z > S::ZERO {
            S::ONE / scale
        } else if z < S::ZERO {
            -S::ONE / scale
        } else {
            z * S::ZERO // 0 at the kink; a NaN stays one
        };
        [-slope, slope, (z.abs() - S::ONE) / scale]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of the kink at the location.
    law!(LogProb, "laplace_log_prob", (y: "..." in Domain::between(0.1, 3.0), location: "..." in Domain::between(-3.0, -0.1), scale: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, location, scale])),
    law!(LogProb, "laplace_log_prob", (y: "..." in Domain::between(-3.0, -0.1), location: "..." in Domain::between(0.1, 3.0), scale: "..." in Domain::between(0.3, 3.0)) => pointwise(LogProb, [y, location, scale])),
];
