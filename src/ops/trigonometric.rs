//! Trigonometric and hyperbolic functions, their inverses, and the length of a vector in the plane.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `sin`, `cos` | sin x, cos x | cos x ȳ, -sin x ȳ | inputs |
//! | `tan` | tan x | (1 + y²) ȳ | output |
//! | `asin`, `acos` | \|x\| <= 1 | ±ȳ / √((1 - x) (1 + x)) | inputs |
//! | `atan` | atan x | ȳ / (1 + x²) | inputs |
//! | `sinh`, `cosh` | sinh x, cosh x | cosh x ȳ, sinh x ȳ | inputs |
//! | `asinh` | asinh x | ȳ / hypot(1, x) | inputs |
//! | `acosh` | x >= 1 | ȳ / (√(x - 1) √(x + 1)) | inputs |
//! | `atanh` | \|x\| <= 1 | ȳ / ((1 - x) (1 + x)) | inputs |
//! | `atan2` | angle of the point (x, y) | (x, -y) ȳ / (x² + y²); 0 at the origin | inputs |
//! | `hypot` | √(a² + b²) | (a, b) ȳ / y; 0 at the origin | both |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// y = sin x
#[derive(Clone, Copy)]
struct Sin;
impl Pointwise<1> for Sin {
    const NAME: &'static str = "sin";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sin()
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.cos()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [-x.sin()]
    }
}

/// y = tan x
#[derive(Clone, Copy)]
struct Tan;
impl Pointwise<1> for Tan {
    const NAME: &'static str = "tan";
    const KEEPS: Keeps = Keeps::Output;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.tan()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [S::ONE + y * y]
    }
}

/// y = asin x
#[derive(Clone, Copy)]
struct Asin;
impl Pointwise<1> for Asin {
    const NAME: &'static str = "asin";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.asin()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::asin_derivative(x)]
    }
}

/// y = acos x
#[derive(Clone, Copy)]
struct Acos;
impl Pointwise<1> for Acos {
    const NAME: &'static str = "acos";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.acos()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [-special::asin_derivative(x)]
    }
}

/// y = atan x
#[derive(Clone, Copy)]
struct Atan;
impl Pointwise<1> for Atan {
    const NAME: &'static str = "atan";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.atan()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::atan_derivative(x)]
    }
}

/// y = sinh x
#[derive(Clone, Copy)]
struct Sinh;
impl Pointwise<1> for Sinh {
    const NAME: &'static str = "sinh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sinh()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.cosh()]
    }
}

/// y = cosh x
#[derive(Clone, Copy)]
struct Cosh;
impl Pointwise<1> for Cosh {
    const NAME: &'static str = "cosh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.cosh()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.sinh()]
    }
}

/// y = asinh x
#[derive(Clone, Copy)]
struct Asinh;
impl Pointwise<1> for Asinh {
    const NAME: &'static str = "asinh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.asinh()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::ONE / S::ONE.hypot(x)]
    }
}

/// y = acosh x
#[derive(Clone, Copy)]
struct Acosh;
impl Pointwise<1> for Acosh {
    const NAME: &'static str = "acosh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.acosh()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::acosh_derivative(x)]
    }
}

/// y = atanh x
#[derive(Clone, Copy)]
struct Atanh;
impl Pointwise<1> for Atanh {
    const NAME: &'static str = "atanh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.atanh()
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::atanh_derivative(x)]
    }
}

/// The angle of the point (x, y): atan(y / x) where x > 0
#[derive(Clone, Copy)]
struct Atan2;
impl Pointwise<2> for Atan2 {
    const NAME: &'static str = "atan2";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [y, x]: [S; 2]) -> S {
        y.atan2(x)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [y, x]: [S; 2], _: S) -> [S; 2] {
        special::atan2_partials(y, x)
    }
}

/// y = √(a² + b²)
#[derive(Clone, Copy)]
struct Hypot;
impl Pointwise<2> for Hypot {
    const NAME: &'static str = "hypot";
    const KEEPS: Keeps = Keeps::Both;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a.hypot(b)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], y: S) -> [S; 2] {
        special::hypot_partials(a, b, y)
    }
}

impl<'t, S: Scalar> Var<'t, S> {
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
    /// Tangent of radians, element by element.
    #[track_caller]
    pub fn tan(self) -> Self {
        pointwise(Tan, [self])
    }
    /// The angle in -π/2..π/2 whose sine is x, element by element; NaN outside of -1..1, and at its
    /// ends the derivative is infinite.
    #[track_caller]
    pub fn asin(self) -> Self {
        pointwise(Asin, [self])
    }
    /// The angle in 0..π whose cosine is x, element by element; NaN outside of -1..1, and at its
    /// ends the derivative is infinite.
    #[track_caller]
    pub fn acos(self) -> Self {
        pointwise(Acos, [self])
    }
    /// The angle in -π/2..π/2 whose tangent is x, element by element.
    #[track_caller]
    pub fn atan(self) -> Self {
        pointwise(Atan, [self])
    }
    /// Hyperbolic sine, element by element.
    #[track_caller]
    pub fn sinh(self) -> Self {
        pointwise(Sinh, [self])
    }
    /// Hyperbolic cosine, element by element.
    #[track_caller]
    pub fn cosh(self) -> Self {
        pointwise(Cosh, [self])
    }
    /// Inverse of the hyperbolic sine, element by element.
    #[track_caller]
    pub fn asinh(self) -> Self {
        pointwise(Asinh, [self])
    }
    /// Inverse of the hyperbolic cosine, element by element; NaN for x < 1, and at 1 the derivative
    /// is infinite.
    #[track_caller]
    pub fn acosh(self) -> Self {
        pointwise(Acosh, [self])
    }
    /// Inverse of the hyperbolic tangent, element by element; NaN outside of -1..1, infinite at its
    /// ends.
    #[track_caller]
    pub fn atanh(self) -> Self {
        pointwise(Atanh, [self])
    }
    /// The angle in -π..π of the point (x, self), element by element; `y.atan2(x)`, as in every
    /// other language. Its gradient at the origin is 0.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn atan2(self, x: Self) -> Self {
        pointwise(Atan2, [self, x])
    }
    /// √(self² + other²), element by element, without overflow on the way. Its gradient at the
    /// origin is 0.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn hypot(self, other: Self) -> Self {
        pointwise(Hypot, [self, other])
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Sin, "sin", (x: "..." in Domain::REAL) => x.sin()),
    law!(Cos, "cos", (x: "..." in Domain::REAL) => x.cos()),
    law!(Tan, "tan", (x: "..." in Domain::between(-1.2, 1.2)) => x.tan()),
    law!(Asin, "asin", (x: "..." in Domain::UNIT) => x.asin()),
    law!(Acos, "acos", (x: "..." in Domain::UNIT) => x.acos()),
    law!(Atan, "atan", (x: "..." in Domain::REAL) => x.atan()),
    law!(Sinh, "sinh", (x: "..." in Domain::REAL) => x.sinh()),
    law!(Cosh, "cosh", (x: "..." in Domain::REAL) => x.cosh()),
    law!(Asinh, "asinh", (x: "..." in Domain::REAL) => x.asinh()),
    law!(Acosh, "acosh", (x: "..." in Domain::between(1.1, 4.0)) => x.acosh()),
    law!(Atanh, "atanh", (x: "..." in Domain::UNIT) => x.atanh()),
    law!(Atan2, "atan2", (y: "..." in Domain::REAL, x: "..." in Domain::POSITIVE) => y.atan2(x)),
    law!(Atan2, "atan2", (y: "..." in Domain::POSITIVE, x: "..." in Domain::REAL) => y.atan2(x)),
    law!(Hypot, "hypot", (a: "..." in Domain::REAL, b: "..." in Domain::NONZERO) => a.hypot(b)),
];
