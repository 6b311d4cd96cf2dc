//! Dual numbers: forward-mode derivatives by ordinary arithmetic.

use std::cmp::Ordering;
use std::f64::consts::{LOG2_E, LOG10_E};
use std::fmt::{self, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use super::matmul::Matrix;
use super::scalar::{Scalar, sealed::Sealed};
use super::special;

/// `v + d ε` with `ε² = 0`: a value and its derivative along one direction.
///
/// ```text
/// f(v + d ε) = f(v) + f'(v) d ε
/// ```
///
/// Because `Dual<S>` is a [`Scalar`] again, a tape over `Dual<f64>` computes a gradient together
/// with its own directional derivative, a Hessian-vector product; and `Dual<Dual<f64>>` gives
/// third derivatives. Equality and order look at `v` alone.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Dual<S> {
    /// The value.
    pub v: S,
    /// The derivative.
    pub d: S,
}

impl<S: Scalar> Dual<S> {
    /// f at this number, from the value and the derivative of f at `v`. A tangent that is exactly
    /// 0 stays so, also where f is steep, as √x is at 0.
    #[inline]
    fn chain(self, value: S, derivative: S) -> Self {
        Dual {
            v: value,
            d: self.d.through(derivative),
        }
    }
    /// f at this number and another, from the value and the partial derivatives of f.
    #[inline]
    fn chain2(self, other: Self, value: S, partials: [S; 2]) -> Self {
        Dual {
            v: value,
            d: self.d.through(partials[0]) + other.d.through(partials[1]),
        }
    }
}

impl<S: Scalar> Display for Dual<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {} ε", self.v, self.d)
    }
}
impl<S: Scalar> PartialEq for Dual<S> {
    fn eq(&self, other: &Self) -> bool {
        self.v == other.v
    }
}
impl<S: Scalar> PartialOrd for Dual<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.v.partial_cmp(&other.v)
    }
}
impl<S: Scalar> Add for Dual<S> {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        Dual {
            v: self.v + o.v,
            d: self.d + o.d,
        }
    }
}
impl<S: Scalar> Sub for Dual<S> {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        Dual {
            v: self.v - o.v,
            d: self.d - o.d,
        }
    }
}
impl<S: Scalar> Mul for Dual<S> {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        Dual {
            v: self.v * o.v,
            d: o.d.through(self.v) + self.d.through(o.v),
        }
    }
}
impl<S: Scalar> Div for Dual<S> {
    type Output = Self;
    #[inline]
    fn div(self, o: Self) -> Self {
        let v = self.v / o.v;
        let moved = self.d - o.d.through(v);
        let d = if moved.is_zero() {
            S::ZERO
        } else {
            moved / o.v // not times 1 / o.v, which may overflow where the quotient does not
        };
        Dual { v, d }
    }
}
impl<S: Scalar> Neg for Dual<S> {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Dual {
            v: -self.v,
            d: -self.d,
        }
    }
}
impl<S: Scalar> AddAssign for Dual<S> {
    #[inline]
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}
impl<S: Scalar> SubAssign for Dual<S> {
    #[inline]
    fn sub_assign(&mut self, o: Self) {
        *self = *self - o;
    }
}
impl<S: Scalar> MulAssign for Dual<S> {
    #[inline]
    fn mul_assign(&mut self, o: Self) {
        *self = *self * o;
    }
}

impl<S: Scalar> Sealed for Dual<S> {}
impl<S: Scalar> Scalar for Dual<S> {
    type Wide = Dual<S::Wide>;

    const ZERO: Self = Dual {
        v: S::ZERO,
        d: S::ZERO,
    };
    const EPSILON: f64 = S::EPSILON;
    const ONE: Self = Dual {
        v: S::ONE,
        d: S::ZERO,
    };

    fn of(v: f64) -> Self {
        Dual {
            v: S::of(v),
            d: S::ZERO,
        }
    }
    fn value(self) -> f64 {
        self.v.value()
    }
    fn widen(self) -> Self::Wide {
        Dual {
            v: self.v.widen(),
            d: self.d.widen(),
        }
    }
    fn narrow(wide: Self::Wide) -> Self {
        Dual {
            v: S::narrow(wide.v),
            d: S::narrow(wide.d),
        }
    }
    fn is_finite(self) -> bool {
        self.v.is_finite() && self.d.is_finite()
    }
    fn is_zero(self) -> bool {
        self.v.is_zero() && self.d.is_zero()
    }
    fn exp(self) -> Self {
        let y = self.v.exp();
        self.chain(y, y)
    }
    fn exp_m1(self) -> Self {
        self.chain(self.v.exp_m1(), self.v.exp())
    }
    fn ln(self) -> Self {
        self.chain(self.v.ln(), S::ONE / self.v)
    }
    fn ln_1p(self) -> Self {
        self.chain(self.v.ln_1p(), S::ONE / (S::ONE + self.v))
    }
    fn log2(self) -> Self {
        self.chain(self.v.log2(), S::of(LOG2_E) / self.v)
    }
    fn log10(self) -> Self {
        self.chain(self.v.log10(), S::of(LOG10_E) / self.v)
    }
    fn sqrt(self) -> Self {
        let y = self.v.sqrt();
        self.chain(y, S::of(0.5) / y)
    }
    fn sin(self) -> Self {
        self.chain(self.v.sin(), self.v.cos())
    }
    fn cos(self) -> Self {
        self.chain(self.v.cos(), -self.v.sin())
    }
    fn tan(self) -> Self {
        let y = self.v.tan();
        self.chain(y, S::ONE + y * y)
    }
    fn asin(self) -> Self {
        self.chain(self.v.asin(), special::asin_derivative(self.v))
    }
    fn acos(self) -> Self {
        self.chain(self.v.acos(), -special::asin_derivative(self.v))
    }
    fn atan(self) -> Self {
        self.chain(self.v.atan(), special::atan_derivative(self.v))
    }
    fn atan2(self, x: Self) -> Self {
        let partials = special::atan2_partials(self.v, x.v);
        self.chain2(x, self.v.atan2(x.v), partials)
    }
    fn hypot(self, other: Self) -> Self {
        let y = self.v.hypot(other.v);
        self.chain2(other, y, special::hypot_partials(self.v, other.v, y))
    }
    fn sinh(self) -> Self {
        self.chain(self.v.sinh(), self.v.cosh())
    }
    fn cosh(self) -> Self {
        self.chain(self.v.cosh(), self.v.sinh())
    }
    fn asinh(self) -> Self {
        self.chain(self.v.asinh(), S::ONE / S::ONE.hypot(self.v))
    }
    fn acosh(self) -> Self {
        self.chain(self.v.acosh(), special::acosh_derivative(self.v))
    }
    fn atanh(self) -> Self {
        self.chain(self.v.atanh(), special::atanh_derivative(self.v))
    }
    fn tanh(self) -> Self {
        self.chain(self.v.tanh(), special::sech_squared(self.v))
    }
    fn powf(self, p: f64) -> Self {
        let derivative = if p == 0.0 {
            S::ZERO // x^0 is 1 everywhere, also at 0, where p x^(p-1) is 0 · inf
        } else {
            S::of(p) * self.v.powf(p - 1.0)
        };
        self.chain(self.v.powf(p), derivative)
    }
    fn pow(self, p: Self) -> Self {
        let y = self.v.pow(p.v);
        self.chain2(p, y, special::pow_partials(self.v, p.v, y))
    }
    fn erf(self) -> Self {
        self.chain(self.v.erf(), special::erf_derivative(self.v))
    }
    fn erfc(self) -> Self {
        self.chain(self.v.erfc(), -special::erf_derivative(self.v))
    }
    fn erfinv(self) -> Self {
        let y = self.v.erfinv();
        self.chain(y, special::erfinv_derivative(y))
    }
    fn normal_cdf(self) -> Self {
        self.chain(self.v.normal_cdf(), special::standard_normal_pdf(self.v))
    }
    fn normal_log_cdf(self) -> Self {
        let derivative = special::normal_log_cdf_derivative(self.v);
        self.chain(self.v.normal_log_cdf(), derivative)
    }
    fn lgamma(self) -> Self {
        self.chain(self.v.lgamma(), self.v.digamma())
    }

    /// (A + A'ε)(B + B'ε) = A B + (A B' + A' B) ε: three products of S over copied parts. The
    /// copies cost little beside the products, and keep this file free of `unsafe`.
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
        let (av, ad) = (a.map(|x| x.v), a.map(|x| x.d));
        let (bv, bd) = (b.map(|x| x.v), b.map(|x| x.d));
        let (m, k, n) = (a.rows(), a.columns(), b.columns());
        let mut v = vec![S::ZERO; m * n];
        let mut d = vec![S::ZERO; m * n];
        let left = |data| Matrix::new(data, m, k);
        let right = |data| Matrix::new(data, k, n);
        S::gemm(left(&av), right(&bv), false, &mut v);
        S::gemm(left(&av), right(&bd), false, &mut d);
        S::gemm(left(&ad), right(&bv), true, &mut d);
        for ((c, v), d) in c.iter_mut().zip(v).zip(d) {
            let product = Dual { v, d };
            *c = if accumulate { *c + product } else { product };
        }
    }
}
