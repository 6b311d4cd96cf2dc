//! [`Scalar`] for `f32` and `f64`.

use super::matmul::{self, Matrix};
use super::scalar::{Scalar, sealed::Sealed};
use super::special;

/// The functions that the standard library has in both widths are taken from it. `erf`, `erfc`
/// and `lgamma` come from `libm` in f64, also for f32, whose own versions are less exact; so do
/// the inverse hyperbolic functions, of which the standard library's lose digits near 1 and -1.
macro_rules! float {
    ($f:ident, $gemm:path) => {
        impl Sealed for $f {}
        impl Scalar for $f {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline]
            fn of(v: f64) -> Self {
                v as $f
            }
            #[inline]
            fn value(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn is_finite(self) -> bool {
                $f::is_finite(self)
            }
            #[inline]
            fn is_zero(self) -> bool {
                self == 0.0
            }
            #[inline]
            fn exp(self) -> Self {
                $f::exp(self)
            }
            #[inline]
            fn exp_m1(self) -> Self {
                $f::exp_m1(self)
            }
            #[inline]
            fn ln(self) -> Self {
                $f::ln(self)
            }
            #[inline]
            fn ln_1p(self) -> Self {
                $f::ln_1p(self)
            }
            #[inline]
            fn log2(self) -> Self {
                $f::log2(self)
            }
            #[inline]
            fn log10(self) -> Self {
                $f::log10(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $f::sqrt(self)
            }
            #[inline]
            fn sin(self) -> Self {
                $f::sin(self)
            }
            #[inline]
            fn cos(self) -> Self {
                $f::cos(self)
            }
            #[inline]
            fn tan(self) -> Self {
                $f::tan(self)
            }
            #[inline]
            fn asin(self) -> Self {
                $f::asin(self)
            }
            #[inline]
            fn acos(self) -> Self {
                $f::acos(self)
            }
            #[inline]
            fn atan(self) -> Self {
                $f::atan(self)
            }
            #[inline]
            fn atan2(self, x: Self) -> Self {
                $f::atan2(self, x)
            }
            #[inline]
            fn hypot(self, other: Self) -> Self {
                $f::hypot(self, other)
            }
            #[inline]
            fn sinh(self) -> Self {
                $f::sinh(self)
            }
            #[inline]
            fn cosh(self) -> Self {
                $f::cosh(self)
            }
            #[inline]
            fn tanh(self) -> Self {
                $f::tanh(self)
            }
            #[inline]
            fn asinh(self) -> Self {
                libm::asinh(f64::from(self)) as $f
            }
            #[inline]
            fn acosh(self) -> Self {
                libm::acosh(f64::from(self)) as $f
            }
            #[inline]
            fn atanh(self) -> Self {
                libm::atanh(f64::from(self)) as $f
            }
            #[inline]
            fn powf(self, p: f64) -> Self {
                $f::powf(self, p as $f)
            }
            #[inline]
            fn pow(self, p: Self) -> Self {
                $f::powf(self, p)
            }
            #[inline]
            fn erf(self) -> Self {
                libm::erf(f64::from(self)) as $f
            }
            #[inline]
            fn erfc(self) -> Self {
                libm::erfc(f64::from(self)) as $f
            }
            #[inline]
            fn erfinv(self) -> Self {
                special::erfinv(f64::from(self)) as $f
            }
            #[inline]
            fn normal_cdf(self) -> Self {
                special::normal_cdf(f64::from(self)) as $f
            }
            #[inline]
            fn normal_log_cdf(self) -> Self {
                special::normal_log_cdf(f64::from(self)) as $f
            }
            #[inline]
            fn lgamma(self) -> Self {
                libm::lgamma(f64::from(self)) as $f
            }
            fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
                $gemm(a, b, accumulate, c);
            }
        }
    };
}
float!(f32, matmul::sgemm);
float!(f64, matmul::dgemm);
