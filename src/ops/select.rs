//! Choosing: the larger, the smaller, the bounded, comparisons, and one of two by a mask.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `maximum`, `minimum` | max(a, b), min(a, b) | ȳ to the one taken, half to each of equals | inputs |
//! | `clamp` | min(max(x, low), high) | ȳ where low <= x <= high, else 0 | inputs |
//! | `gt`, `ge`, `lt`, `le`, `eq`, `ne` | 1 where it is so, else 0 | 0 | nothing |
//! | `select` | a where the mask is not 0, else b | ȳ to the one taken, nothing to the other | the mask |

use std::cmp::Ordering;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::operands::common_shape;
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::Scalar;
use crate::tape::{Keeps, Tape, Var};

/// What a variable is compared with: another one, or a number.
pub trait Operand<'t, S: Scalar>: sealed::Sealed {
    /// This operand on a tape.
    #[track_caller]
    fn on(self, tape: &'t Tape<S>) -> Var<'t, S>;
}
impl<'t, S: Scalar> Operand<'t, S> for Var<'t, S> {
    fn on(self, _: &'t Tape<S>) -> Var<'t, S> {
        self
    }
}
impl<'t, S: Scalar> Operand<'t, S> for f64 {
    #[track_caller]
    fn on(self, tape: &'t Tape<S>) -> Var<'t, S> {
        tape.scalar(self)
    }
}
mod sealed {
    pub trait Sealed {}
    impl<S> Sealed for crate::tape::Var<'_, S> {}
    impl Sealed for f64 {}
}

/// A number between equals, with the mean of their derivatives; not (a + b) / 2, which may overflow.
pub(super) fn halfway<S: Scalar>(a: S, b: S) -> S {
    if a.value().is_finite() {
        a + S::of(0.5) * (b - a)
    } else {
        S::of(0.5) * a + S::of(0.5) * b
    }
}

/// 1 for what is taken, 1/2 for each of equals.
fn shares<S: Scalar>(a_is_taken: bool, b_is_taken: bool) -> [S; 2] {
    if a_is_taken {
        [S::ONE, S::ZERO]
    } else if b_is_taken {
        [S::ZERO, S::ONE]
    } else {
        [S::of(0.5); 2]
    }
}

/// y = max(a, b)
#[derive(Clone, Copy)]
struct Maximum;
impl Pointwise<2> for Maximum {
    const NAME: &'static str = "maximum";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        match a.partial_cmp(&b) {
            Some(Ordering::Greater) => a,
            Some(Ordering::Less) => b,
            Some(Ordering::Equal) => halfway(a, b),
            None => a + b, // NaN
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] {
        shares(a > b, a < b)
    }
}

/// y = min(a, b)
#[derive(Clone, Copy)]
struct Minimum;
impl Pointwise<2> for Minimum {
    const NAME: &'static str = "minimum";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        match a.partial_cmp(&b) {
            Some(Ordering::Greater) => b,
            Some(Ordering::Less) => a,
            Some(Ordering::Equal) => halfway(a, b),
            None => a + b, // NaN
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] {
        shares(a < b, a > b)
    }
}

/// y = min(max(x, low), high)
#[derive(Clone, Copy)]
struct Clamp {
    low: f64,
    high: f64,
}
impl Pointwise<1> for Clamp {
    const NAME: &'static str = "clamp";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let [low, high] = [self.low, self.high].map(S::of);
        if x < low {
            low
        } else if x > high {
            high
        } else {
            x
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let inside = S::of(self.low) <= x && x <= S::of(self.high);
        [if inside { S::ONE } else { S::ZERO }]
    }
}

/// A comparison of two numbers.
#[derive(Clone, Copy)]
enum Relation {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Relation::Greater => "gt",
            Relation::GreaterOrEqual => "ge",
            Relation::Less => "lt",
            Relation::LessOrEqual => "le",
            Relation::Equal => "eq",
            Relation::NotEqual => "ne",
        }
    }
}

/// y = 1 where a and b stand in a relation, else 0
#[derive(Clone, Copy)]
struct Compare(Relation);
impl Pointwise<2> for Compare {
    const NAME: &'static str = "compare";
    const KEEPS: Keeps = Keeps::Nothing;
    #[inline(always)]
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        let holds = match self.0 {
            Relation::Greater => a > b,
            Relation::GreaterOrEqual => a >= b,
            Relation::Less => a < b,
            Relation::LessOrEqual => a <= b,
            Relation::Equal => a == b,
            Relation::NotEqual => a != b,
        };
        if holds { S::ONE } else { S::ZERO }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, _: [S; 2], _: S) -> [S; 2] {
        [S::ZERO; 2]
    }
}

/// y = a where the mask is not 0, else b
#[derive(Clone, Copy)]
struct Select;
impl Pointwise<3> for Select {
    const NAME: &'static str = "select";
    const KEEPS: Keeps = Keeps::Only {
        inputs: &[0],
        output: false,
    };
    #[inline(always)]
    fn value<S: Scalar>(&self, [mask, a, b]: [S; 3]) -> S {
        if mask == S::ZERO { b } else { a }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mask, _, _]: [S; 3], _: S) -> [S; 3] {
        let [a, b] = shares(mask != S::ZERO, mask == S::ZERO);
        [S::ZERO, a, b]
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The larger of two, element by element; equals have half of the gradient each, and a NaN
    /// stays one.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn maximum(self, other: impl Operand<'t, S>) -> Self {
        pointwise(Maximum, [self, other.on(self.tape())])
    }
    /// The smaller of two, element by element; equals have half of the gradient each, and a NaN
    /// stays one.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn minimum(self, other: impl Operand<'t, S>) -> Self {
        pointwise(Minimum, [self, other.on(self.tape())])
    }
    /// x within `low` and `high`, element by element; on a bound the derivative is 1, so that what
    /// stands there can come back.
    ///
    /// # Panics
    /// If `low` is above `high`, or one of them is NaN.
    #[track_caller]
    pub fn clamp(self, low: f64, high: f64) -> Self {
        assert!(low <= high, "clamp: nothing is between {low} and {high}");
        pointwise(Clamp { low, high }, [self])
    }
    /// 1 where self > other, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn gt(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::Greater, self, other)
    }
    /// 1 where self >= other, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn ge(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::GreaterOrEqual, self, other)
    }
    /// 1 where self < other, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn lt(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::Less, self, other)
    }
    /// 1 where self <= other, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn le(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::LessOrEqual, self, other)
    }
    /// 1 where self = other, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn eq(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::Equal, self, other)
    }
    /// 1 where self and other differ, else 0, element by element; no gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn ne(self, other: impl Operand<'t, S>) -> Self {
        compare(Relation::NotEqual, self, other)
    }
    /// `a` where this mask is not 0, else `b`, element by element. The branch not taken contributes
    /// nothing to a gradient, be it infinite or NaN.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![-1.0f64, 4.0]));
    /// let y = x.gt(0.0).select(x.sqrt(), x).retain();
    /// y.sum().backward();
    /// assert_eq!(y.value().as_slice(), [-1.0, 2.0]);
    /// assert_eq!(x.grad().as_slice(), [1.0, 0.25]);
    /// ```
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn select(self, a: impl Operand<'t, S>, b: impl Operand<'t, S>) -> Self {
        let tape = self.tape();
        pointwise(Select, [self, a.on(tape), b.on(tape)])
    }
}

#[track_caller]
fn compare<'t, S: Scalar>(relation: Relation, a: Var<'t, S>, b: impl Operand<'t, S>) -> Var<'t, S> {
    let b = b.on(a.tape());
    a.tape().check_inputs(relation.name(), &[a, b]);
    common_shape(relation.name(), [a, b]);
    let _paused = a.tape().pause();
    pointwise(Compare(relation), [a, b])
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Maximum, "maximum", (a: "..." in Domain::between(-3.0, 0.9), b: "..." in Domain::between(1.1, 3.0)) => a.maximum(b)),
    law!(Maximum, "maximum", (x: "..." in Domain::NONZERO) => x.maximum(0.0)),
    law!(Minimum, "minimum", (a: "..." in Domain::between(-3.0, 0.9), b: "..." in Domain::between(1.1, 3.0)) => a.minimum(b)),
    law!(Minimum, "minimum", (x: "..." in Domain::NONZERO) => x.minimum(0.0)),
    law!(Clamp, "clamp", (x: "..." in Domain::REAL.without(1.5)) => x.clamp(-4.0, 1.5)),
    law!(Clamp, "clamp", (x: "..." in Domain::REAL.without(-1.0)) => x.clamp(-1.0, 4.0)),
    law!(Compare, "compare", (a: "..." in Domain::between(-3.0, 0.9), b: "..." in Domain::between(1.1, 3.0)) => pointwise(Compare(Relation::Less), [a, b])),
    law!(Select, "select", (mask: "..." in Domain::whole(2), a: "..." in Domain::REAL, b: "..." in Domain::REAL) => mask.select(a, b)),
];
