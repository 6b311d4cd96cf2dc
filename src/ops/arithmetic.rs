//! Arithmetic: sums, products, quotients and powers, and the operators that stand for them.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `add` | a + b | ȳ, ȳ | nothing |
//! | `sub` | a - b | ȳ, -ȳ | nothing |
//! | `mul` | a b | ȳ b, ȳ a | inputs |
//! | `div` | a / b | ȳ / b, -ȳ (a/b) / b | both |
//! | `neg` | -x | -ȳ | nothing |
//! | `add_constant`, `scale` | x + c, c x | ȳ, c ȳ | nothing |
//! | `divide_by_constant` | x / c | ȳ / c | nothing |
//! | `divide_constant` | c / x | -ȳ y / x | both |
//! | `square` | x² | 2 x ȳ | inputs |
//! | `powf` | x^p, p a constant | p x^(p-1) ȳ; 0 for p = 0, at x = 0 too | inputs |
//! | `pow` | a^b | b a^(b-1) ȳ, y ln a ȳ; 0 for b = 0, and at 0^b for b >= 0 | both |

use std::ops;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// y = a + b
#[derive(Clone, Copy)]
pub(super) struct Add;
impl Pointwise<2> for Add {
    const NAME: &'static str = "add";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a + b
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 2], _: S) -> [S; 2] {
        [S::ONE, S::ONE]
    }
}

/// y = a - b
#[derive(Clone, Copy)]
struct Sub;
impl Pointwise<2> for Sub {
    const NAME: &'static str = "sub";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a - b
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 2], _: S) -> [S; 2] {
        [S::ONE, -S::ONE]
    }
}

/// y = a b
#[derive(Clone, Copy)]
pub(super) struct Mul;
impl Pointwise<2> for Mul {
    const NAME: &'static str = "mul";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a * b
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] {
        [b, a]
    }
}

/// y = a / b
#[derive(Clone, Copy)]
pub(super) struct Div;
impl Pointwise<2> for Div {
    const NAME: &'static str = "div";
    const KEEPS: Keeps = Keeps::Both;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a / b
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [_, b]: [S; 2], y: S) -> [S; 2] {
        [S::ONE / b, -y / b]
    }
}

/// y = -x
#[derive(Clone, Copy)]
struct Neg;
impl Pointwise<1> for Neg {
    const NAME: &'static str = "neg";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        -x
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [-S::ONE]
    }
}

/// y = x + c
#[derive(Clone, Copy)]
struct AddConstant(f64);
impl Pointwise<1> for AddConstant {
    const NAME: &'static str = "add_constant";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x + S::of(self.0)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ONE]
    }
}

/// y = c x
#[derive(Clone, Copy)]
struct Scale(f64);
impl Pointwise<1> for Scale {
    const NAME: &'static str = "scale";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(self.0) * x
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::of(self.0)]
    }
}

/// y = x / c; not x (1/c), which is off in the last place for 49 / 49 and infinite for tiny c.
#[derive(Clone, Copy)]
struct DivideByConstant(f64);
impl Pointwise<1> for DivideByConstant {
    const NAME: &'static str = "divide_by_constant";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x / S::of(self.0)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 1], _: S) -> [S; 1] {
        [S::ONE / S::of(self.0)]
    }
}

/// y = c / x
#[derive(Clone, Copy)]
struct DivideConstant(f64);
impl Pointwise<1> for DivideConstant {
    const NAME: &'static str = "divide_constant";
    const KEEPS: Keeps = Keeps::Both;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        S::of(self.0) / x
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], y: S) -> [S; 1] {
        [-y / x]
    }
}

/// y = x²
#[derive(Clone, Copy)]
struct Square;
impl Pointwise<1> for Square {
    const NAME: &'static str = "square";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x * x
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x + x]
    }
}

/// y = x^p
#[derive(Clone, Copy)]
struct Powf(f64);
impl Pointwise<1> for Powf {
    const NAME: &'static str = "powf";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.powf(self.0)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let p = self.0;
        // x^0 is constant, also at 0, where p x^(p-1) would be 0 · inf.
        [if p == 0.0 {
            S::ZERO
        } else {
            S::of(p) * x.powf(p - 1.0)
        }]
    }
}

/// y = a^b
#[derive(Clone, Copy)]
struct Pow;
impl Pointwise<2> for Pow {
    const NAME: &'static str = "pow";
    const KEEPS: Keeps = Keeps::Both;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a.pow(b)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], y: S) -> [S; 2] {
        special::pow_partials(a, b, y)
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// x², element by element.
    #[track_caller]
    pub fn square(self) -> Self {
        pointwise(Square, [self])
    }
    /// x^p for a constant p, element by element.
    ///
    /// Of a negative x, p must be whole, else the result is NaN. The derivative is p x^(p-1),
    /// and 0 for p = 0 also where x is 0.
    #[track_caller]
    pub fn powf(self, p: f64) -> Self {
        pointwise(Powf(p), [self])
    }
    /// self^b, element by element.
    ///
    /// The derivative in self is b self^(b-1), and 0 for b = 0 also where self is 0. The one in b is
    /// y ln(self): 0 at 0^b for b >= 0, and NaN for a negative self, whose powers exist for whole b
    /// alone. A `b` of which no gradient is asked does not mind.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn pow(self, b: Self) -> Self {
        pointwise(Pow, [self, b])
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:expr, |$x:ident, $c:ident| $with:expr, $from:expr) => {
        impl<'t, S: Scalar> ops::$trait for Var<'t, S> {
            type Output = Var<'t, S>;
            #[track_caller]
            fn $method(self, other: Self) -> Self {
                pointwise($op, [self, other])
            }
        }
        impl<'t, S: Scalar> ops::$trait<f64> for Var<'t, S> {
            type Output = Var<'t, S>;
            #[track_caller]
            fn $method(self, $c: f64) -> Self {
                let $x = self;
                $with
            }
        }
        impl<'t, S: Scalar> ops::$trait<Var<'t, S>> for f64 {
            type Output = Var<'t, S>;
            #[track_caller]
            fn $method(self, $x: Var<'t, S>) -> Var<'t, S> {
                let $c = self;
                $from
            }
        }
    };
}
operator!(
    Add,
    add,
    Add,
    |x, c| pointwise(AddConstant(c), [x]),
    pointwise(AddConstant(c), [x])
);
operator!(
    Sub,
    sub,
    Sub,
    |x, c| pointwise(AddConstant(-c), [x]),
    pointwise(AddConstant(c), [-x])
);
operator!(
    Mul,
    mul,
    Mul,
    |x, c| pointwise(Scale(c), [x]),
    pointwise(Scale(c), [x])
);
operator!(
    Div,
    div,
    Div,
    |x, c| pointwise(DivideByConstant(c), [x]),
    pointwise(DivideConstant(c), [x])
);

impl<'t, S: Scalar> ops::Neg for Var<'t, S> {
    type Output = Var<'t, S>;
    #[track_caller]
    fn neg(self) -> Self {
        pointwise(Neg, [self])
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Add, "add", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => a + b),
    law!(Sub, "sub", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => a - b),
    law!(Mul, "mul", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => a * b),
    law!(Div, "div", (a: "..." in Domain::NONZERO, b: "..." in Domain::NONZERO) => a / b),
    law!(Neg, "neg", (x: "..." in Domain::REAL) => -x),
    law!(AddConstant, "add_constant", (x: "..." in Domain::REAL) => x + 1.25),
    law!(AddConstant, "add_constant", (x: "..." in Domain::REAL) => 1.25 - x),
    law!(Scale, "scale", (x: "..." in Domain::REAL) => x * 0.7),
    law!(Scale, "scale", (x: "..." in Domain::REAL) => 1.7 * x),
    law!(DivideByConstant, "divide_by_constant", (x: "..." in Domain::REAL) => x / 1.7),
    law!(DivideConstant, "divide_constant", (x: "..." in Domain::NONZERO) => 2.5 / x),
    law!(Square, "square", (x: "..." in Domain::REAL) => x.square()),
    law!(Powf, "powf", (x: "..." in Domain::POSITIVE) => x.powf(-1.5)),
    law!(Powf, "powf", (x: "..." in Domain::REAL) => x.powf(3.0)),
    law!(Powf, "powf", (x: "..." in Domain::REAL) => x.powf(1.0)),
    law!(Powf, "powf", (x: "..." in Domain::REAL) => x.powf(0.0)),
    law!(Pow, "pow", (a: "..." in Domain::POSITIVE, b: "..." in Domain::REAL) => a.pow(b)),
];
