//! [`Wide`]: the digits that an f32 lacks on the way of a formula.
//!
//! One family a file, as for `f32`; read `exp.rs` first.

mod erf;
mod exp;
mod log;
mod power;

use std::fmt::{self, Display};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::scalar::{Scalar, sealed::Sealed};
use super::{poly, select, special};

/// An f64 on its way to an f32: a formula of several steps is computed in it, and rounded once.
///
/// ```
/// use elbo::Scalar;
/// assert_eq!(1.0f32 / 41.0 * 41.0, 0.99999994);
/// let [x, y] = [1.0f32, 41.0].map(Scalar::widen);
/// assert_eq!(f32::narrow(x / y * y), 1.0);
/// ```
///
/// Its functions are free of branches and calls, so that a loop over them vectorises, and off by
/// at most 2^-28 of the value: rounded to an f32, that is at most 0.54 ulp. What is rare, such as
/// `lgamma`, is a call of [`libm`], off by 2^-52.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Wide(pub(super) f64);

impl Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Operators of two, with and without assignment.
macro_rules! operators {
    ($($trait:ident $f:ident $assign:ident $g:ident;)+) => {$(
        impl $trait for Wide {
            type Output = Wide;
            #[inline(always)]
            fn $f(self, other: Wide) -> Wide {
                Wide($trait::$f(self.0, other.0))
            }
        }
        impl $assign for Wide {
            #[inline(always)]
            fn $g(&mut self, other: Wide) {
                $assign::$g(&mut self.0, other.0);
            }
        }
    )+};
}
operators! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
}
impl Neg for Wide {
    type Output = Wide;
    #[inline(always)]
    fn neg(self) -> Wide {
        Wide(-self.0)
    }
}

/// Functions of one number that are functions of an f64.
macro_rules! by {
    ($($name:ident $f:path;)+) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            Wide($f(self.0))
        }
    )+};
}

impl Sealed for Wide {}
impl Scalar for Wide {
    type Wide = Wide;

    const ZERO: Self = Wide(0.0);
    const ONE: Self = Wide(1.0);
    const EPSILON: f64 = f64::EPSILON;

    #[inline(always)]
    fn of(v: f64) -> Self {
        Wide(v)
    }
    #[inline(always)]
    fn value(self) -> f64 {
        self.0
    }
    #[inline(always)]
    fn widen(self) -> Wide {
        self
    }
    #[inline(always)]
    fn narrow(wide: Wide) -> Self {
        wide
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        self.0.is_finite()
    }
    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0 == 0.0
    }
    by! {
        exp exp::exp;
        exp_m1 exp::exp_m1;
        ln log::ln;
        ln_1p log::ln_1p;
        log2 log::log2;
        log10 log::log10;
        sqrt f64::sqrt;
        abs f64::abs;
        sin libm::sin;
        cos libm::cos;
        tan libm::tan;
        asin libm::asin;
        acos libm::acos;
        atan libm::atan;
        sinh libm::sinh;
        cosh libm::cosh;
        tanh exp::tanh;
        asinh libm::asinh;
        acosh special::acosh;
        atanh libm::atanh;
        erf erf::erf;
        erfc erf::erfc;
        erfinv special::erfinv;
        normal_cdf erf::normal_cdf;
        lgamma libm::lgamma;
        sigmoid exp::sigmoid;
        softplus log::softplus;
        log_softplus log::log_softplus;
    }
    #[inline(always)]
    fn normal_log_cdf(self) -> Self {
        special::normal_log_cdf(self)
    }
    #[inline(always)]
    fn digamma(self) -> Self {
        Wide(special::digamma(self.0))
    }
    #[inline(always)]
    fn atan2(self, x: Self) -> Self {
        Wide(libm::atan2(self.0, x.0))
    }
    #[inline(always)]
    fn hypot(self, other: Self) -> Self {
        Wide(libm::hypot(self.0, other.0))
    }
    #[inline(always)]
    fn powf(self, p: f64) -> Self {
        Wide(power::pow(self.0, p))
    }
    #[inline(always)]
    fn pow(self, p: Self) -> Self {
        Wide(power::pow(self.0, p.0))
    }
}
