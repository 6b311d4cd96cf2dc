//! [`Scalar`] for `f64`: the functions of [`libm`], which give the same bits on every machine. Those
//! of the standard library are the system's, which may choose by the instructions that it finds.

use super::matmul::{self, Matrix};
use super::scalar::{Scalar, sealed::Sealed};
use super::special;

/// Functions of one number.
macro_rules! by {
    ($($name:ident $f:path;)+) => {$(
        #[inline]
        fn $name(self) -> Self {
            $f(self)
        }
    )+};
}

impl Sealed for f64 {}
impl Scalar for f64 {
    type Wide = f64;

    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const EPSILON: f64 = f64::EPSILON;

    #[inline]
    fn of(v: f64) -> Self {
        v
    }
    #[inline]
    fn value(self) -> f64 {
        self
    }
    #[inline]
    fn widen(self) -> f64 {
        self
    }
    #[inline]
    fn narrow(wide: f64) -> Self {
        wide
    }
    #[inline]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
    #[inline]
    fn is_zero(self) -> bool {
        self == 0.0
    }
    by! {
        exp libm::exp;
        exp_m1 libm::expm1;
        ln libm::log;
        ln_1p libm::log1p;
        log2 libm::log2;
        log10 libm::log10;
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
        tanh libm::tanh;
        asinh libm::asinh;
        acosh special::acosh;
        atanh libm::atanh;
        erf libm::erf;
        erfc libm::erfc;
        erfinv special::erfinv;
        normal_cdf special::normal_cdf;
        normal_log_cdf special::normal_log_cdf;
        lgamma libm::lgamma;
    }
    #[inline]
    fn atan2(self, x: Self) -> Self {
        libm::atan2(self, x)
    }
    #[inline]
    fn hypot(self, other: Self) -> Self {
        libm::hypot(self, other)
    }
    #[inline]
    fn powf(self, p: f64) -> Self {
        libm::pow(self, p)
    }
    #[inline]
    fn pow(self, p: Self) -> Self {
        libm::pow(self, p)
    }
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
        matmul::dgemm(a, b, accumulate, c);
    }
}
