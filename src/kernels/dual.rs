//! Dual numbers: forward-mode derivatives by ordinary arithmetic.

use std::cmp::Ordering;
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
    /// f at this number, from the value and the derivative of f at `v`.
    #[inline]
    fn chain(self, value: S, derivative: S) -> Self {
        Dual {
            v: value,
            d: derivative * self.d,
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
            d: self.v * o.d + self.d * o.v,
        }
    }
}
impl<S: Scalar> Div for Dual<S> {
    type Output = Self;
    #[inline]
    fn div(self, o: Self) -> Self {
        let v = self.v / o.v;
        Dual {
            v,
            d: (self.d - v * o.d) / o.v,
        }
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
    const ZERO: Self = Dual {
        v: S::ZERO,
        d: S::ZERO,
    };
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
    fn is_finite(self) -> bool {
        self.v.is_finite() && self.d.is_finite()
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
    fn erf(self) -> Self {
        self.chain(self.v.erf(), special::erf_derivative(self.v))
    }
    fn erfc(self) -> Self {
        self.chain(self.v.erfc(), -special::erf_derivative(self.v))
    }
    fn lgamma(self) -> Self {
        self.chain(self.v.lgamma(), special::digamma(self.v))
    }

    /// (A + A'ε)(B + B'ε) = A B + (A B' + A' B) ε: three products of S over copied parts. The
    /// copies cost little beside the products, and keep this file free of `unsafe`.
    fn gemm(a: Matrix<'_, Self>, b: Matrix<'_, Self>, accumulate: bool, c: &mut [Self]) {
        let (av, ad) = (parts(a, |x| x.v), parts(a, |x| x.d));
        let (bv, bd) = (parts(b, |x| x.v), parts(b, |x| x.d));
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

/// One part of a matrix of dual numbers, copied row major.
fn parts<S: Scalar>(m: Matrix<'_, Dual<S>>, part: impl Fn(Dual<S>) -> S) -> Vec<S> {
    let mut out = Vec::with_capacity(m.rows() * m.columns());
    for i in 0..m.rows() {
        out.extend((0..m.columns()).map(|j| part(m.at(i, j))));
    }
    out
}
