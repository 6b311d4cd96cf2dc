//! Student's t distribution.

use rand::Rng;
use rand_distr::{ChiSquared, Distribution as _, StandardNormal};

use super::incomplete::beta_parts;
use super::parameters::elementwise;
use super::stirling::{digamma_rising, log_rising};
use super::{Cumulative, Distribution, Moments, Support};
use crate::kernels::Scalar;
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// ln √π.
const LN_SQRT_PI: f64 = 0.572_364_942_924_700_1;

/// StudentT(df, loc, scale) on the real numbers: a Normal with tails that fall as a power, in which
/// a single value far out moves the rest but little.
///
/// ```text
/// ln p(y) = ln Γ((ν+1)/2) - ln Γ(ν/2) - ln √(πν) - ln scale - (ν+1)/2 ln(1 + z²/ν)
/// z = (y - loc) / scale,   ν = df
/// ```
///
/// `df`, the degrees of freedom, and `scale` must be positive; otherwise the results are NaN. df = 1
/// is the Cauchy distribution; as df grows it becomes Normal(loc, scale²). `scale` is not the
/// standard deviation, which is scale √(ν / (ν - 2)) for ν > 2 and else infinite; the mean does
/// not exist for ν <= 1 and is NaN.
///
/// Source: Lange, Little and Taylor (1989), Robust statistical modeling using the t distribution.
///
/// ```
/// use elbo::dist::{Moments, StudentT};
/// let d = StudentT { df: 4.0, loc: 1.0, scale: 0.5 };
/// assert_eq!((d.mean(), d.variance()), (1.0, 0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT<T = Tensor> {
    /// The degrees of freedom ν.
    pub df: T,
    /// The location: median, and mean where there is one.
    pub loc: T,
    /// The scale, in the units of the location.
    pub scale: T,
}

elementwise!(StudentT { df, loc, scale }, LogProb, Support::Real);

impl StudentT<f64> {
    /// Differential entropy in nats.
    ///
    /// ```text
    /// (ν+1)/2 (ψ((ν+1)/2) - ψ(ν/2)) + ln √ν + ln B(ν/2, 1/2) + ln scale
    /// ```
    pub fn entropy(&self) -> f64 {
        let half = 0.5 * self.df;
        let log_beta = LN_SQRT_PI - log_rising(half, 0.5);
        (half + 0.5) * digamma_rising(half, 0.5) + 0.5 * self.df.ln() + log_beta + self.scale.ln()
    }
    /// P(Y <= y), and P(Y > y).
    fn parts(&self, y: f64) -> [f64; 2] {
        let t = (y - self.loc) / self.scale / self.df.sqrt();
        let (near, far) = (1.0 / (1.0 + t * t), 1.0 / (1.0 + 1.0 / (t * t)));
        let [outside, _] = beta_parts([0.5 * self.df, 0.5], [near, far]);
        let tail = 0.5 * outside;
        if t < 0.0 {
            [tail, 1.0 - tail]
        } else {
            [1.0 - tail, tail]
        }
    }
}

impl Distribution for StudentT<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        self.log_prob(y)
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        // The error is a df that is not positive, of which all results are NaN.
        let squares = ChiSquared::new(self.df).map_or(f64::NAN, |chi| chi.sample(rng));
        self.loc + self.scale * z / (squares / self.df).sqrt()
    }
}

impl Moments for StudentT<f64> {
    fn mean(&self) -> f64 {
        if self.df > 1.0 { self.loc } else { f64::NAN }
    }
    fn variance(&self) -> f64 {
        if self.df > 2.0 {
            self.scale * self.scale * self.df / (self.df - 2.0)
        } else if self.df > 1.0 {
            f64::INFINITY
        } else {
            f64::NAN
        }
    }
}

/// P(Y <= y) = I_x(ν/2, 1/2) / 2 left of the location, x = ν / (ν + z²).
impl Cumulative for StudentT<f64> {
    fn cdf(&self, y: f64) -> f64 {
        self.parts(y)[0]
    }
    fn survival(&self, y: f64) -> f64 {
        self.parts(y)[1]
    }
}

/// y = ln p(y; df, loc, scale)
#[derive(Clone, Copy)]
struct LogProb;

/// ln(1 + t²) and t² / (1 + t²), where t² may overflow.
fn tail<S: Scalar>(t: S) -> (S, S) {
    if t.abs() > S::ONE {
        let r = S::ONE / (t * t);
        let log = t.abs().ln();
        (log + log + r.ln_1p(), S::ONE / (S::ONE + r))
    } else {
        let square = t * t;
        (square.ln_1p(), square / (S::ONE + square))
    }
}

impl Pointwise<4> for LogProb {
    const NAME: &'static str = "student_t_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [y, df, loc, scale]: [S; 4]) -> S {
        let half = S::of(0.5) * df;
        let (log, _) = tail((y - loc) / scale / df.sqrt());
        // ln √ν beside the ratio of gamma functions, which is as large.
        let peak = log_rising(half, S::of(0.5)) - S::of(0.5) * df.ln() - S::of(LN_SQRT_PI);
        peak - scale.ln() - (half + S::of(0.5)) * log
    }
    /// ```text
    /// ∂/∂loc = -∂/∂y = (ν+1) q / z / scale,   q = z² / (ν + z²)
    /// ∂/∂scale = ((ν+1) q - 1) / scale = ν (z² - 1) / (ν + z²) / scale
    /// ∂/∂ν = (ψ((ν+1)/2) - ψ(ν/2) - 1/ν + q/ν + (q - ln(1 + z²/ν))) / 2
    /// ```
    fn partials<S: Scalar>(&self, [y, df, loc, scale]: [S; 4], _: S) -> [S; 4] {
        let z = (y - loc) / scale;
        let t = z / df.sqrt();
        let (log, q) = tail(t);
        let half = S::of(0.5) * df;
        let by_df = (digamma_rising(half, S::of(0.5)) - S::ONE / df) + (q / df + (q - log));
        let (pull, by_scale) = if t.abs() > S::ONE {
            let (r, w) = (S::ONE / t, S::ONE / z);
            let pull = r / (S::ONE + r * r) / df.sqrt();
            (pull, (S::ONE - w) * (S::ONE + w) * q * df)
        } else {
            let near = S::ONE / (S::ONE + t * t);
            (z / df * near, (z - S::ONE) * (z + S::ONE) * near)
        };
        let by_loc = (df + S::ONE) * pull / scale;
        [-by_loc, S::of(0.5) * by_df, by_loc, by_scale / scale]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of z² = ν, from where on z² could overflow, and of ν = 32, from where on the
    // gamma functions are series.
    law!(LogProb, "student_t_log_prob", (y: "..." in Domain::between(-1.0, 1.0), df: "..." in Domain::between(1.0, 10.0), loc: "..." in Domain::between(2.5, 3.5), scale: "..." in Domain::between(4.6, 6.0)) => pointwise(LogProb, [y, df, loc, scale])),
    law!(LogProb, "student_t_log_prob", (y: "..." in Domain::between(-1.0, 1.0), df: "..." in Domain::between(1.0, 10.0), loc: "..." in Domain::between(4.0, 5.0), scale: "..." in Domain::between(0.3, 0.8)) => pointwise(LogProb, [y, df, loc, scale])),
    law!(LogProb, "student_t_log_prob", (y: "..." in Domain::REAL, df: "..." in Domain::between(33.0, 50.0), loc: "..." in Domain::REAL, scale: "..." in Domain::between(1.5, 3.0)) => pointwise(LogProb, [y, df, loc, scale])),
];
