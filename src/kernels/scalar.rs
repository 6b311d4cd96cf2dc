//! The trait [`Scalar`]: the numbers that a tape can hold.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use super::map::{Formula, each};
use super::matmul::Matrix;
use super::{select, special};

pub(super) mod sealed {
    /// Keeps [`Scalar`](super::Scalar) to the types whose numerics this crate tests.
    pub trait Sealed {}
}

/// A number: `f32`, `f64`, or a [`Dual`](super::Dual) number over either.
///
/// Every rule of this crate is written once, over `S: Scalar`. Run over
/// `f32` it trains, over `f64` it is checked, and over `Dual<f64>` the very same
/// lines give forward-mode derivatives.
///
/// Comparisons look at the value alone, never at a derivative, so that a branch
/// taken over `f64` is taken over `Dual<f64>` too.
pub trait Scalar:
    sealed::Sealed
    + Copy
    + Default
    + Debug
    + Display
    + Send
    + Sync
    + PartialEq
    + PartialOrd
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The number with more digits for the way of a formula: [`Wide`](super::Wide) for f32, the type
    /// itself for f64.
    type Wide: Scalar;

    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// From 1 to the next number: 2^-23 for f32.
    const EPSILON: f64;

    /// The constant nearest to `v`.
    fn of(v: f64) -> Self;
    /// The value as an `f64`; of a dual number the innermost one.
    fn value(self) -> f64;
    /// The same number as a constant: without the derivatives that it carries.
    fn constant(self) -> Self {
        Self::of(self.value())
    }
    /// The same number with more digits, for a formula of several steps that is to be rounded once.
    fn widen(self) -> Self::Wide;
    /// The nearest number with fewer digits.
    fn narrow(wide: Self::Wide) -> Self;
    /// Whether the value and every derivative carried along is finite.
    fn is_finite(self) -> bool;
    /// Whether the value and every derivative carried along is exactly 0; `x == Self::ZERO` looks
    /// at the value alone.
    fn is_zero(self) -> bool;

    /// e^x.
    fn exp(self) -> Self;
    /// e^x - 1, exact near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + x), exact near 0.
    fn ln_1p(self) -> Self;
    /// Logarithm to the base 2, exact at powers of 2.
    fn log2(self) -> Self;
    /// Logarithm to the base 10.
    fn log10(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine, of radians.
    fn sin(self) -> Self;
    /// Cosine, of radians.
    fn cos(self) -> Self;
    /// Tangent, of radians.
    fn tan(self) -> Self;
    /// The angle in -π/2..π/2 with this sine.
    fn asin(self) -> Self;
    /// The angle in 0..π with this cosine.
    fn acos(self) -> Self;
    /// The angle in -π/2..π/2 with this tangent.
    fn atan(self) -> Self;
    /// The angle in -π..π of the point (x, self).
    fn atan2(self, x: Self) -> Self;
    /// √(self² + other²), without overflow on the way.
    fn hypot(self, other: Self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Inverse of the hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse of the hyperbolic cosine, for x >= 1.
    fn acosh(self) -> Self;
    /// Inverse of the hyperbolic tangent, for -1 <= x <= 1.
    fn atanh(self) -> Self;
    /// x^p for a constant p.
    fn powf(self, p: f64) -> Self;
    /// x^p.
    fn pow(self, p: Self) -> Self;
    /// Error function, 2/√π ∫₀ˣ e^(-t²) dt.
    fn erf(self) -> Self;
    /// 1 - erf(x), exact in the tail.
    fn erfc(self) -> Self;
    /// The y with erf(y) = x, for -1 <= x <= 1.
    fn erfinv(self) -> Self;
    /// Φ(x), the distribution function of N(0, 1), exact in the left tail.
    fn normal_cdf(self) -> Self;
    /// ln Φ(x), exact in both tails.
    fn normal_log_cdf(self) -> Self;
    /// ln |Γ(x)|.
    fn lgamma(self) -> Self;

    /// Digamma function, the derivative of ln |Γ(x)|.
    fn digamma(self) -> Self {
        special::digamma(self)
    }

    /// C = A B, or C += A B where `accumulate` is true. C is row major.
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
        for (i, row) in c.chunks_mut(b.columns().max(1)).enumerate() {
            for (j, c) in row.iter_mut().enumerate() {
                let start = if accumulate { *c } else { Self::ZERO };
                let term = |l| a.at(i, l) * b.at(l, j);
                *c = (0..a.columns()).fold(start, |sum, l| sum + term(l));
            }
        }
    }

    /// What [`Formula::at`] says becomes of `to[0][i], to[1][i], …`, for each i: in wide registers as
    /// far as it is `#[inline(always)]` and free of branches, and with fused multiply-add where the
    /// machine has it. An element depends on its numbers alone, not on where it stands.
    ///
    /// # Panics
    /// If the slices have different lengths.
    #[track_caller]
    fn map<const N: usize, const M: usize>(
        f: impl Formula<N, M>,
        x: [&[Self]; N],
        y: [&[Self]; 2],
        to: [&mut [Self]; M],
    ) {
        each(f, x, y, to);
    }

    /// `derivative` times this tangent or cotangent, by the chain rule; 0 where either is exactly
    /// 0, also where the other is infinite or NaN: what does not move contributes nothing.
    #[inline(always)]
    fn through(self, derivative: Self) -> Self {
        let still = self.is_zero() | derivative.is_zero();
        select(still, Self::ZERO, derivative * self)
    }
    /// |x|, with derivatives 0 at 0.
    fn abs(self) -> Self {
        if self > Self::ZERO {
            self
        } else if self < Self::ZERO {
            -self
        } else {
            // 0 with all derivatives 0, which x² alone has not; a NaN stays one.
            self * self * Self::ZERO
        }
    }
    /// The larger of two.
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    /// The smaller of two.
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// 1 / (1 + e^(-x)); relatively exact in the left tail, where `1 - sigmoid(-x)` would lose everything.
    fn sigmoid(self) -> Self {
        // The exponent is never positive, so nothing overflows.
        if self < Self::ZERO {
            let e = self.exp();
            e / (Self::ONE + e)
        } else {
            Self::ONE / (Self::ONE + (-self).exp())
        }
    }
    /// ln(1 + e^x), without overflow: `softplus(800) = 800`.
    fn softplus(self) -> Self {
        if self < Self::ZERO {
            self.exp().ln_1p()
        } else {
            self + (-self).exp().ln_1p()
        }
    }
    /// ln softplus(x). Below -18 the series ln ln(1 + t) = x - t/2 + O(t²), t = e^x, takes
    /// over, so that ln softplus(-200) is -200 with derivative 1 where softplus itself underflows.
    fn log_softplus(self) -> Self {
        if self < Self::of(-18.0) {
            self - Self::of(0.5) * self.exp()
        } else {
            self.softplus().ln()
        }
    }
}
