//! Special functions of statistics.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `erf`, `erfc` | 2/√π ∫₀ˣ e^(-t²) dt, 1 - erf x | ±2/√π e^(-x²) ȳ | inputs |
//! | `erfinv` | erf(y) = x, \|x\| <= 1 | √π/2 e^(y²) ȳ | output |
//! | `normal_cdf` | Φ(x) | φ(x) ȳ | inputs |
//! | `normal_log_cdf` | ln Φ(x) | φ(x)/Φ(x) ȳ, on the left by e^(t²) erfc(t) | inputs |
//! | `lgamma` | ln \|Γ(x)\| | ψ(x) ȳ | inputs |
//! | `digamma` | ψ(x) | ψ'(x) ȳ | inputs |
//! | `logit` | ln(x / (1 - x)) | ȳ / (x (1 - x)) | inputs |
//! | `softplus_inverse` | x + ln(1 - e^(-x)) | ȳ / (1 - e^(-x)) | inputs |
//! | `xlogy` | a ln b; 0 where a = 0 | (ln b, a/b) ȳ; 0 where a = 0 >= b | inputs |
//! | `logaddexp` | ln(e^a + e^b) | (σ(a - b), σ(b - a)) ȳ | inputs |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use super::select::halfway;
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// y = 2/√π ∫₀ˣ e^(-t²) dt
#[derive(Clone, Copy)]
struct Erf;
impl Pointwise<1> for Erf {
    const NAME: &'static str = "erf";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.erf()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::erf_derivative(x)]
    }
}

/// y = 1 - erf(x)
#[derive(Clone, Copy)]
struct Erfc;
impl Pointwise<1> for Erfc {
    const NAME: &'static str = "erfc";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.erfc()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [-special::erf_derivative(x)]
    }
}

/// erf(y) = x
#[derive(Clone, Copy)]
struct Erfinv;
impl Pointwise<1> for Erfinv {
    const NAME: &'static str = "erfinv";
    const KEEPS: Keeps = Keeps::Output;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.erfinv()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [special::erfinv_derivative(y)]
    }
}

/// y = Φ(x)
#[derive(Clone, Copy)]
struct NormalCdf;
impl Pointwise<1> for NormalCdf {
    const NAME: &'static str = "normal_cdf";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.normal_cdf()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::standard_normal_pdf(x)]
    }
}

/// y = ln Φ(x)
#[derive(Clone, Copy)]
struct NormalLogCdf;
impl Pointwise<1> for NormalLogCdf {
    const NAME: &'static str = "normal_log_cdf";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.normal_log_cdf()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::normal_log_cdf_derivative(x)]
    }
}

/// y = ln |Γ(x)|
#[derive(Clone, Copy)]
struct Lgamma;
impl Pointwise<1> for Lgamma {
    const NAME: &'static str = "lgamma";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.lgamma()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.digamma()]
    }
}

/// y = ψ(x) = Γ'(x) / Γ(x)
#[derive(Clone, Copy)]
struct Digamma;
impl Pointwise<1> for Digamma {
    const NAME: &'static str = "digamma";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.digamma()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::trigamma(x)]
    }
}

/// y = ln(x / (1 - x))
#[derive(Clone, Copy)]
struct Logit;
impl Pointwise<1> for Logit {
    const NAME: &'static str = "logit";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::narrow(special::logit(x.widen()))
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::ONE / (x * (S::ONE - x))]
    }
}

/// y + ln(1 - e^(-y)), where softplus gives y
#[derive(Clone, Copy)]
struct SoftplusInverse;
impl Pointwise<1> for SoftplusInverse {
    const NAME: &'static str = "softplus_inverse";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::narrow(special::softplus_inverse(x.widen()))
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::softplus_inverse_derivative(x)]
    }
}

/// y = a ln b; 0 where a = 0, also for b = 0
#[derive(Clone, Copy)]
struct Xlogy;
impl Pointwise<2> for Xlogy {
    const NAME: &'static str = "xlogy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        if a == S::ZERO && b <= S::ZERO {
            S::ZERO
        } else {
            a * b.ln()
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] {
        if a == S::ZERO && b <= S::ZERO {
            [S::ZERO; 2]
        } else {
            [b.ln(), a / b]
        }
    }
}

/// y = ln(e^a + e^b) = a + ln(1 + e^(b - a)), a the larger
#[derive(Clone, Copy)]
struct Logaddexp;
impl Pointwise<2> for Logaddexp {
    const NAME: &'static str = "logaddexp";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        if a == b && !a.value().is_finite() {
            // Their difference is no number. Of -inf twice the derivatives are 0.
            if a > S::ZERO {
                halfway(a, b)
            } else {
                a.constant()
            }
        } else if a >= b {
            a + (b - a).exp().ln_1p()
        } else {
            b + (a - b).exp().ln_1p() // NaN, if there is one
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] {
        if a == b && !a.value().is_finite() {
            [if a > S::ZERO { S::of(0.5) } else { S::ZERO }; 2]
        } else {
            [(a - b).sigmoid(), (b - a).sigmoid()]
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// Error function, element by element.
    #[track_caller]
    pub fn erf(self) -> Self {
        pointwise(Erf, [self])
    }
    /// 1 - erf(x), element by element; exact in the right tail, where the difference is 0.
    #[track_caller]
    pub fn erfc(self) -> Self {
        pointwise(Erfc, [self])
    }
    /// The number whose error function is x, element by element; infinite at -1 and 1, NaN beyond.
    #[track_caller]
    pub fn erfinv(self) -> Self {
        pointwise(Erfinv, [self])
    }
    /// Φ(x), the distribution function of N(0, 1), element by element; exact in the left tail.
    #[track_caller]
    pub fn normal_cdf(self) -> Self {
        pointwise(NormalCdf, [self])
    }
    /// ln Φ(x), element by element; exact in both tails: at -100 it is -5005.5, and the derivative
    /// 100.01.
    #[track_caller]
    pub fn normal_log_cdf(self) -> Self {
        pointwise(NormalLogCdf, [self])
    }
    /// ln |Γ(x)|, element by element; its derivative is the digamma function. Infinite at 0, -1, …
    #[track_caller]
    pub fn lgamma(self) -> Self {
        pointwise(Lgamma, [self])
    }
    /// Digamma function, the derivative of ln Γ(x), element by element; NaN at -1, -2, …
    #[track_caller]
    pub fn digamma(self) -> Self {
        pointwise(Digamma, [self])
    }
    /// ln(x / (1 - x)), element by element, the inverse of `sigmoid`; infinite at 0 and 1, NaN outside.
    #[track_caller]
    pub fn logit(self) -> Self {
        pointwise(Logit, [self])
    }
    /// The number whose softplus is x > 0, element by element; `softplus_inverse(100)` is 100.
    #[track_caller]
    pub fn softplus_inverse(self) -> Self {
        pointwise(SoftplusInverse, [self])
    }
    /// self · ln(other), element by element; 0 with gradient 0 where self is 0 and other is 0 or
    /// less, so that an entropy may meet a probability of 0.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn xlogy(self, other: Self) -> Self {
        pointwise(Xlogy, [self, other])
    }
    /// ln(e^self + e^other), element by element, without overflow; -inf adds nothing.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn logaddexp(self, other: Self) -> Self {
        pointwise(Logaddexp, [self, other])
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Erf, "erf", (x: "..." in Domain::REAL) => x.erf()),
    law!(Erfc, "erfc", (x: "..." in Domain::REAL) => x.erfc()),
    law!(Erfinv, "erfinv", (x: "..." in Domain::UNIT) => x.erfinv()),
    law!(NormalCdf, "normal_cdf", (x: "..." in Domain::REAL) => x.normal_cdf()),
    law!(NormalLogCdf, "normal_log_cdf", (x: "..." in Domain::REAL) => x.normal_log_cdf()),
    law!(Lgamma, "lgamma", (x: "..." in Domain::between(0.1, 15.0)) => x.lgamma()),
    law!(Lgamma, "lgamma", (x: "..." in Domain::between(-1.8, -1.2)) => x.lgamma()),
    law!(Digamma, "digamma", (x: "..." in Domain::between(0.1, 15.0)) => x.digamma()),
    law!(Digamma, "digamma", (x: "..." in Domain::between(-1.8, -1.2)) => x.digamma()),
    law!(Logit, "logit", (x: "..." in Domain::between(0.05, 0.95)) => x.logit()),
    law!(SoftplusInverse, "softplus_inverse", (x: "..." in Domain::POSITIVE) => x.softplus_inverse()),
    law!(Xlogy, "xlogy", (a: "..." in Domain::REAL, b: "..." in Domain::POSITIVE) => a.xlogy(b)),
    law!(Logaddexp, "logaddexp", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => a.logaddexp(b)),
];
