//! Elementary and special functions of one number.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `exp` | e^x | y ȳ | output |
//! | `expm1` | e^x - 1 | e^x ȳ; not (y + 1) ȳ, which is 0 at x = -40 | inputs |
//! | `log` | ln x, x > 0 | ȳ / x | inputs |
//! | `log1p` | ln(1 + x), x > -1 | ȳ / (1 + x) | inputs |
//! | `sqrt` | √x, x > 0 | ȳ / (2 y) | output |
//! | `sin` | sin x | cos x ȳ | inputs |
//! | `cos` | cos x | -sin x ȳ | inputs |
//! | `abs` | \|x\| | sign(x) ȳ; 0 at 0 | inputs |
//! | `erf` | error function | 2/√π e^(-x²) ȳ | inputs |
//! | `lgamma` | ln Γ(x), x > 0 | ψ(x) ȳ | inputs |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// y = e^x
#[derive(Clone, Copy)]
pub(super) struct Exp;
impl Pointwise<1> for Exp {
    const NAME: &'static str = "exp";
    const KEEPS: Keeps = Keeps::Output;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.exp()
    }
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
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.exp_m1()
    }
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
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.ln()
    }
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
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.ln_1p()
    }
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
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sqrt()
    }
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [S::of(0.5) / y]
    }
}

/// y = sin x
#[derive(Clone, Copy)]
struct Sin;
impl Pointwise<1> for Sin {
    const NAME: &'static str = "sin";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sin()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.cos()]
    }
}

/// y = cos x
#[derive(Clone, Copy)]
struct Cos;
impl Pointwise<1> for Cos {
    const NAME: &'static str = "cos";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.cos()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [-x.sin()]
    }
}

/// y = |x|
#[derive(Clone, Copy)]
struct Abs;
impl Pointwise<1> for Abs {
    const NAME: &'static str = "abs";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.abs()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [sign(x)]
    }
}

/// y = 2/√π ∫₀ˣ e^(-t²) dt
#[derive(Clone, Copy)]
struct Erf;
impl Pointwise<1> for Erf {
    const NAME: &'static str = "erf";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.erf()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::erf_derivative(x)]
    }
}

/// y = ln Γ(x)
#[derive(Clone, Copy)]
struct Lgamma;
impl Pointwise<1> for Lgamma {
    const NAME: &'static str = "lgamma";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.lgamma()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::digamma(x)]
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
    /// Sine of radians, element by element.
    #[track_caller]
    pub fn sin(self) -> Self {
        pointwise(Sin, [self])
    }
    /// Cosine of radians, element by element.
    #[track_caller]
    pub fn cos(self) -> Self {
        pointwise(Cos, [self])
    }
    /// |x|, element by element, with derivative 0 at 0.
    #[track_caller]
    pub fn abs(self) -> Self {
        pointwise(Abs, [self])
    }
    /// Error function, element by element.
    #[track_caller]
    pub fn erf(self) -> Self {
        pointwise(Erf, [self])
    }
    /// ln Γ(x) for x > 0, element by element; its derivative is the digamma function.
    #[track_caller]
    pub fn lgamma(self) -> Self {
        pointwise(Lgamma, [self])
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Exp, "exp", (x: "..." in Domain::REAL) => x.exp()),
    law!(Expm1, "expm1", (x: "..." in Domain::REAL) => x.expm1()),
    law!(Log, "log", (x: "..." in Domain::POSITIVE) => x.log()),
    law!(Log1p, "log1p", (x: "..." in Domain::between(-0.9, 3.0)) => x.log1p()),
    law!(Sqrt, "sqrt", (x: "..." in Domain::POSITIVE) => x.sqrt()),
    law!(Sin, "sin", (x: "..." in Domain::REAL) => x.sin()),
    law!(Cos, "cos", (x: "..." in Domain::REAL) => x.cos()),
    law!(Abs, "abs", (x: "..." in Domain::NONZERO) => x.abs()),
    law!(Erf, "erf", (x: "..." in Domain::REAL) => x.erf()),
    law!(Lgamma, "lgamma", (x: "..." in Domain::between(0.1, 15.0)) => x.lgamma()),
];
