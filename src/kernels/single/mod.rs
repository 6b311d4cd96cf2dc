//! [`Scalar`] for `f32`: functions that are free of branches and calls, so that a loop over them
//! vectorises, and within 2 ulp of the true value for every one of the 2^32 arguments.
//!
//! One family a file; read `exp.rs` first. A function without a formula of its own here is that of
//! [`Wide`], rounded. What an error bound says was measured over all arguments: the table stands in
//! [`kernels`](super), the command in `tests/ulp/main.rs`.
//!
//! A choice is a [`select`] of two numbers that are both at hand, never a branch.
//!
//! Each formula exists twice: for `f32` with a product and a sum, which every machine has, and for
//! [`Fused`] with both in one rounding, faster and a digit better, for loops on machines that can:
//! [`Scalar::map`] chooses. In either form the numbers are the same at every instruction level and
//! in every build.
#![allow(unsafe_code)]

mod exp;
mod log;
mod logistic;
mod trig;

pub(super) use log::ln_normal;
pub(super) use trig::sin_cos_turns;

use std::fmt::{self, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use super::map::{Formula, each};
use super::matmul::{self, Matrix};
use super::scalar::{Scalar, sealed::Sealed};
use super::simd::Level;
use super::{Wide, select};

/// a b + c, in one rounding if `FMA`. Without the instruction that is a slow call, which is why a
/// loop asks first.
#[inline(always)]
fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// c₀ + c₁ x + c₂ x² + …, by Horner's rule.
#[inline(always)]
fn poly<const FMA: bool, const N: usize>(x: f32, c: &[f32; N]) -> f32 {
    let mut y = c[N - 1];
    for &c in c[..N - 1].iter().rev() {
        y = fma::<FMA>(y, x, c);
    }
    y
}

/// An `f32` whose functions multiply and add in one rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Fused(f32);

impl Fused {
    #[inline(always)]
    fn raw(self) -> f32 {
        self.0
    }
    /// The same numbers.
    #[inline(always)]
    fn of_slice(x: &[f32]) -> &[Fused] {
        // SAFETY: `Fused` is `repr(transparent)` over f32: one type in memory, and no bits of
        // either are invalid. Length and lifetime stay.
        unsafe { &*(std::ptr::from_ref(x) as *const [Fused]) }
    }
    /// The same numbers, to be written.
    #[inline(always)]
    fn of_slice_mut(x: &mut [f32]) -> &mut [Fused] {
        // SAFETY: as above; the borrow is unique because that of `x` is.
        unsafe { &mut *(std::ptr::from_mut(x) as *mut [Fused]) }
    }
}

impl Display for Fused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Neg for Fused {
    type Output = Fused;
    #[inline(always)]
    fn neg(self) -> Fused {
        Fused(-self.0)
    }
}

/// Operators of two numbers.
macro_rules! operators {
    ($($trait:ident $f:ident;)+) => {$(
        impl $trait for Fused {
            type Output = Fused;
            #[inline(always)]
            fn $f(self, other: Fused) -> Fused {
                Fused(self.0.$f(other.0))
            }
        }
    )+};
}
operators! { Add add; Sub sub; Mul mul; Div div; }

/// The same with assignment.
macro_rules! assignments {
    ($($trait:ident $f:ident;)+) => {$(
        impl $trait for Fused {
            #[inline(always)]
            fn $f(&mut self, other: Fused) {
                self.0.$f(other.0);
            }
        }
    )+};
}
assignments! { AddAssign add_assign; SubAssign sub_assign; MulAssign mul_assign; }

/// Functions of one number that have a formula of their own.
macro_rules! by {
    ($of:expr, $raw:expr; $($name:ident $f:expr;)+) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            $of($f($raw(self)))
        }
    )+};
}

/// Functions of one number that are those of [`Wide`], rounded.
macro_rules! rounded {
    ($($name:ident)+) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            Self::narrow(self.widen().$name())
        }
    )+};
}

/// [`Scalar`] for a type that is an `f32`: `of` makes it one, `raw` is the number.
macro_rules! single {
    ($type:ident, $fma:literal, $of:expr, $raw:expr, { $($own:tt)* }) => {
impl Sealed for $type {}
impl Scalar for $type {
    type Wide = Wide;

    const ZERO: Self = $of(0.0);
    const ONE: Self = $of(1.0);
    const EPSILON: f64 = f32::EPSILON as f64;

    #[inline(always)]
    fn of(v: f64) -> Self {
        $of(v as f32)
    }
    #[inline(always)]
    fn value(self) -> f64 {
        f64::from($raw(self))
    }
    #[inline(always)]
    fn widen(self) -> Wide {
        Wide(f64::from($raw(self)))
    }
    #[inline(always)]
    fn narrow(wide: Wide) -> Self {
        $of(wide.0 as f32)
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        $raw(self).is_finite()
    }
    #[inline(always)]
    fn is_zero(self) -> bool {
        $raw(self) == 0.0
    }
    by! { $of, $raw;
        exp exp::exp::<$fma>;
        exp_m1 exp::exp_m1::<$fma>;
        ln log::ln::<$fma>;
        ln_1p log::ln_1p::<$fma>;
        sqrt f32::sqrt;
        abs f32::abs;
        sin trig::sin;
        cos trig::cos;
        tan trig::tan;
        tanh logistic::tanh::<$fma>;
        sigmoid logistic::sigmoid::<$fma>;
        softplus logistic::softplus::<$fma>;
        log_softplus logistic::log_softplus::<$fma>;
    }
    rounded! {
        log2 log10
        asin acos atan
        sinh cosh asinh acosh atanh
        erf erfc erfinv normal_cdf normal_log_cdf
        lgamma digamma
    }
    #[inline(always)]
    fn atan2(self, x: Self) -> Self {
        Self::narrow(self.widen().atan2(x.widen()))
    }
    #[inline(always)]
    fn hypot(self, other: Self) -> Self {
        Self::narrow(self.widen().hypot(other.widen()))
    }
    #[inline(always)]
    fn powf(self, p: f64) -> Self {
        Self::narrow(self.widen().powf(p))
    }
    #[inline(always)]
    fn pow(self, p: Self) -> Self {
        Self::narrow(self.widen().pow(p.widen()))
    }
    $($own)*
}
    };
}

single!(
    f32,
    false,
    std::convert::identity,
    std::convert::identity,
    {
        fn map<const N: usize, const M: usize>(
            f: impl Formula<N, M>,
            x: [&[Self]; N],
            y: [&[Self]; 2],
            to: [&mut [Self]; M],
        ) {
            if !Level::current().is_fused() {
                return each(f, x, y, to);
            }
            let (x, y) = (x.map(Fused::of_slice), y.map(Fused::of_slice));
            let to = to.map(Fused::of_slice_mut);
            Level::run_fused(
                #[inline(always)]
                move || each(f, x, y, to),
            );
        }
        fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
            matmul::sgemm(a, b, accumulate, c);
        }
    }
);

single!(Fused, true, Fused, Fused::raw, {});
