//! Elementary functions of one number: exponentials, logarithms, roots and whole parts.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `exp` | e^x | y ȳ | output |
//! | `expm1` | e^x - 1 | e^x ȳ; not (y + 1) ȳ, which is 0 at x = -40 | inputs |
//! | `log` | ln x, x > 0 | ȳ / x | inputs |
//! | `log1p` | ln(1 + x), x > -1 | ȳ / (1 + x) | inputs |
//! | `sqrt` | √x, x > 0 | ȳ / (2 y) | output |
//! | `log2`, `log10` | x > 0 | ȳ / (x ln 2), ȳ / (x ln 10) | inputs |
//! | `rsqrt` | 1 / √x, x > 0 | -ȳ y / (2x) | both |
//! | `sign`, `floor`, `ceil`, `round` | | 0 | nothing |
//! | `abs` | \|x\| | sign(x) ȳ; 0 at 0 | inputs |
//! | `huber` | x² / 2; δ (\|x\| - δ / 2) beyond δ | x ȳ, x cut off at -δ and δ | inputs |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::Scalar;
use crate::tape::{Keeps, Var};

/// y = e^x
#[derive(Clone, Copy)]
pub(super) struct Exp;
impl Pointwise<1> for Exp {
    const NAME: &'static str = "exp";
    const KEEPS: Keeps = Keeps::Output;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.exp()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [y]
    }
}

/// y = e^x - 1
#[derive(Clone, Copy)]
struct Expm1;
impl Pointwise<1> for Expm1 {
    const NAME: &'static str = "expm1";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.exp_m1()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.exp()]
    }
}

/// y = ln x
#[derive(Clone, Copy)]
struct Log;
impl Pointwise<1> for Log {
    const NAME: &'static str = "log";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.ln()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::ONE / x]
    }
}

/// y = ln(1 + x)
#[derive(Clone, Copy)]
struct Log1p;
impl Pointwise<1> for Log1p {
    const NAME: &'static str = "log1p";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.ln_1p()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::ONE / (S::ONE + x)]
    }
}

/// y = √x
#[derive(Clone, Copy)]
struct Sqrt;
impl Pointwise<1> for Sqrt {
    const NAME: &'static str = "sqrt";
    const KEEPS: Keeps = Keeps::Output;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sqrt()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [S::of(0.5) / y]
    }
}

/// y = |x|
#[derive(Clone, Copy)]
struct Abs;
impl Pointwise<1> for Abs {
    const NAME: &'static str = "abs";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.abs()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [sign(x)]
    }
}

/// y = log₂ x
#[derive(Clone, Copy)]
struct Log2;
impl Pointwise<1> for Log2 {
    const NAME: &'static str = "log2";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.log2()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::of(std::f64::consts::LOG2_E) / x]
    }
}

/// y = log₁₀ x
#[derive(Clone, Copy)]
struct Log10;
impl Pointwise<1> for Log10 {
    const NAME: &'static str = "log10";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.log10()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::of(std::f64::consts::LOG10_E) / x]
    }
}

/// y = 1 / √x
#[derive(Clone, Copy)]
struct Rsqrt;
impl Pointwise<1> for Rsqrt {
    const NAME: &'static str = "rsqrt";
    const KEEPS: Keeps = Keeps::Both;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::ONE / x.sqrt()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], y: S) -> [S; 1] {
        [S::of(-0.5) * y / x]
    }
}

/// y = -1, 0 or 1
#[derive(Clone, Copy)]
pub(super) struct Sign;
impl Pointwise<1> for Sign {
    const NAME: &'static str = "sign";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x.value().is_nan() {
            x.constant()
        } else {
            sign(x)
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ZERO]
    }
}

/// y = the next whole number below
#[derive(Clone, Copy)]
struct Floor;
impl Pointwise<1> for Floor {
    const NAME: &'static str = "floor";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(x.value().floor())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ZERO]
    }
}

/// y = the next whole number above
#[derive(Clone, Copy)]
struct Ceil;
impl Pointwise<1> for Ceil {
    const NAME: &'static str = "ceil";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(x.value().ceil())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ZERO]
    }
}

/// y = the nearest whole number, of two the even one
#[derive(Clone, Copy)]
struct Round;
impl Pointwise<1> for Round {
    const NAME: &'static str = "round";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(x.value().round_ties_even())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ZERO]
    }
}

/// y = x² / 2 where |x| <= δ, else δ (|x| - δ / 2)
#[derive(Clone, Copy)]
struct Huber {
    delta: f64,
}
impl Pointwise<1> for Huber {
    const NAME: &'static str = "huber";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let (delta, half) = (S::of(self.delta), S::of(0.5));
        if x.abs() > delta {
            delta * (x.abs() - half * delta)
        } else {
            half * x * x
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let delta = S::of(self.delta);
        [if x.abs() > delta { sign(x) * delta } else { x }]
    }
}

/// -1, 0 or 1.
fn sign<S: Scalar>(x: S) -> S {
    if x > S::ZERO {
        S::ONE
    } else if x < S::ZERO {
        -S::ONE
    } else {
        S::ZERO
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// e^x, element by element.
    #[track_caller]
    pub fn exp(self) -> Self {
        pointwise(Exp, [self])
    }
    /// e^x - 1, element by element, exact near 0.
    #[track_caller]
    pub fn expm1(self) -> Self {
        pointwise(Expm1, [self])
    }
    /// Natural logarithm, element by element; NaN for x < 0, -inf at 0.
    #[track_caller]
    pub fn log(self) -> Self {
        pointwise(Log, [self])
    }
    /// ln(1 + x), element by element, exact near 0.
    #[track_caller]
    pub fn log1p(self) -> Self {
        pointwise(Log1p, [self])
    }
    /// Square root, element by element; its derivative is infinite at 0.
    #[track_caller]
    pub fn sqrt(self) -> Self {
        pointwise(Sqrt, [self])
    }
    /// |x|, element by element, with derivative 0 at 0.
    #[track_caller]
    pub fn abs(self) -> Self {
        pointwise(Abs, [self])
    }
    /// Logarithm to the base 2, element by element; exact at powers of 2.
    #[track_caller]
    pub fn log2(self) -> Self {
        pointwise(Log2, [self])
    }
    /// Logarithm to the base 10, element by element.
    #[track_caller]
    pub fn log10(self) -> Self {
        pointwise(Log10, [self])
    }
    /// 1 / √x, element by element; infinite at 0.
    #[track_caller]
    pub fn rsqrt(self) -> Self {
        pointwise(Rsqrt, [self])
    }
    /// -1, 0 or 1, element by element, with derivative 0; NaN stays.
    #[track_caller]
    pub fn sign(self) -> Self {
        pointwise(Sign, [self])
    }
    /// The next whole number below, element by element, with derivative 0.
    #[track_caller]
    pub fn floor(self) -> Self {
        pointwise(Floor, [self])
    }
    /// The next whole number above, element by element, with derivative 0.
    #[track_caller]
    pub fn ceil(self) -> Self {
        pointwise(Ceil, [self])
    }
    /// The nearest whole number, element by element, with derivative 0; halves go to the even one, as
    /// in numpy.
    #[track_caller]
    pub fn round(self) -> Self {
        pointwise(Round, [self])
    }
    /// x² / 2 where |x| is at most `delta`, else `delta` (|x| - `delta` / 2): a square that grows
    /// like |x| far out, so that no outlier rules the rest; element by element.
    ///
    /// Source: Huber (1964), Robust estimation of a location parameter.
    ///
    /// # Panics
    /// If `delta` is not positive.
    #[track_caller]
    pub fn huber(self, delta: f64) -> Self {
        assert!(delta > 0.0, "huber: delta is {delta}, but must be positive");
        pointwise(Huber { delta }, [self])
    }
    /// 1 / x, element by element.
    #[track_caller]
    pub fn recip(self) -> Self {
        1.0 / self
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Exp, "exp", (x: "..." in Domain::REAL) => x.exp()),
    law!(Expm1, "expm1", (x: "..." in Domain::REAL) => x.expm1()),
    law!(Log, "log", (x: "..." in Domain::POSITIVE) => x.log()),
    law!(Log1p, "log1p", (x: "..." in Domain::between(-0.9, 3.0)) => x.log1p()),
    law!(Sqrt, "sqrt", (x: "..." in Domain::POSITIVE) => x.sqrt()),
    law!(Abs, "abs", (x: "..." in Domain::NONZERO) => x.abs()),
    law!(Huber, "huber", (x: "..." in Domain::between(-1.4, 3.0).without(1.5)) => x.huber(1.5)),
    law!(Huber, "huber", (x: "..." in Domain::between(-3.0, 1.4).without(-1.5)) => x.huber(1.5)),
    law!(Log2, "log2", (x: "..." in Domain::POSITIVE) => x.log2()),
    law!(Log10, "log10", (x: "..." in Domain::POSITIVE) => x.log10()),
    law!(Rsqrt, "rsqrt", (x: "..." in Domain::POSITIVE) => x.rsqrt()),
    law!(Sign, "sign", (x: "..." in Domain::NONZERO) => x.sign()),
    law!(Floor, "floor", (x: "..." in Domain::between(1.1, 1.9)) => x.floor()),
    law!(Ceil, "ceil", (x: "..." in Domain::between(1.1, 1.9)) => x.ceil()),
    law!(Round, "round", (x: "..." in Domain::between(0.6, 1.4)) => x.round()),
];
