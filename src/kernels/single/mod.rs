//! [`Scalar`] for `f32`: functions that are free of branches and calls, so that a loop over them
//! vectorises, and within 2 ulp of the true value for every one of the 2^32 arguments.
//!
//! One family a file; read `exp.rs` first. A function without a formula of its own here is that of
//! [`Wide`], rounded. What an error bound says was measured over all arguments: the table stands in
//! [`kernels`](super), the command in `tests/ulp/main.rs`.
//!
//! A choice is a [`select`] of two numbers that are both at hand, never a branch;
//! [`simd`](super::simd) says why there is no fused multiply-add.

mod exp;
mod log;
mod logistic;
mod trig;

pub(super) use log::ln_normal;
pub(super) use trig::sin_cos_turns;

use super::matmul::{self, Matrix};
use super::scalar::{Scalar, sealed::Sealed};
use super::{Wide, poly, select};

/// Functions of one number that have a formula of their own.
macro_rules! by {
    ($($name:ident $f:path;)+) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            $f(self)
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

impl Sealed for f32 {}
impl Scalar for f32 {
    type Wide = Wide;

    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn of(v: f64) -> Self {
        v as f32
    }
    #[inline(always)]
    fn value(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn widen(self) -> Wide {
        Wide(f64::from(self))
    }
    #[inline(always)]
    fn narrow(wide: Wide) -> Self {
        wide.0 as f32
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
    #[inline(always)]
    fn is_zero(self) -> bool {
        self == 0.0
    }
    by! {
        exp exp::exp;
        exp_m1 exp::exp_m1;
        ln log::ln;
        ln_1p log::ln_1p;
        sqrt f32::sqrt;
        abs f32::abs;
        sin trig::sin;
        cos trig::cos;
        tan trig::tan;
        tanh logistic::tanh;
        sigmoid logistic::sigmoid;
        softplus logistic::softplus;
        log_softplus logistic::log_softplus;
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
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
        matmul::sgemm(a, b, accumulate, c);
    }
}
