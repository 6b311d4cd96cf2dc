//! Special functions and derivatives that several rules share, over any [`Scalar`].

use super::{Dual, Scalar, select};

/// ln √(2π), the constant of every Gaussian density.
pub const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;

/// 1 - tanh²(x) = 4 e / (1 + e)², e = e^(-2|x|); `1 - y * y` is off 30-fold at x = 19.5.
#[inline(always)]
pub fn sech_squared<S: Scalar>(x: S) -> S {
    let minus_two_abs = if x < S::ZERO { x + x } else { -(x + x) };
    let e = minus_two_abs.exp();
    let r = S::ONE + e;
    S::of(4.0) * e / (r * r)
}

/// erf'(x) = 2/√π e^(-x²).
#[inline(always)]
pub fn erf_derivative<S: Scalar>(x: S) -> S {
    S::of(std::f64::consts::FRAC_2_SQRT_PI) * (-(x * x)).exp()
}

/// The density of N(0, 1) at x. The constant is a factor, not a term of the exponent, which
/// would be rounded once more: at x = -37 that alone is worth 6e-14.
#[inline(always)]
pub fn standard_normal_pdf<S: Scalar>(x: S) -> S {
    const ONE_OVER_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
    S::of(ONE_OVER_SQRT_2PI) * (-(x * x) * S::of(0.5)).exp()
}

/// Φ(x); see [`Scalar::normal_cdf`].
#[inline(always)]
pub fn standard_normal_cdf<S: Scalar>(x: S) -> S {
    x.normal_cdf()
}

/// asin'(x) = 1 / √((1 - x) (1 + x)); `1 - x * x` has no digits left near 1.
#[inline(always)]
pub fn asin_derivative<S: Scalar>(x: S) -> S {
    S::ONE / ((S::ONE - x) * (S::ONE + x)).sqrt()
}

/// atan'(x) = 1 / (1 + x²), by 1/x where x² may overflow.
#[inline(always)]
pub fn atan_derivative<S: Scalar>(x: S) -> S {
    if x.abs() <= S::ONE {
        S::ONE / (S::ONE + x * x)
    } else {
        let r = S::ONE / x;
        r * r / (S::ONE + r * r)
    }
}

/// acosh'(x) = 1 / (√(x - 1) √(x + 1)).
#[inline(always)]
pub fn acosh_derivative<S: Scalar>(x: S) -> S {
    S::ONE / ((x - S::ONE).sqrt() * (x + S::ONE).sqrt())
}

/// atanh'(x) = 1 / ((1 - x) (1 + x)).
#[inline(always)]
pub fn atanh_derivative<S: Scalar>(x: S) -> S {
    S::ONE / ((S::ONE - x) * (S::ONE + x))
}

/// arcosh x; libm's takes a number below -1 for its opposite.
pub(super) fn acosh(x: f64) -> f64 {
    if x < 1.0 { f64::NAN } else { libm::acosh(x) }
}

/// x / h and -y / h for h = x² + y², of which neither overflows; 0 at the origin.
pub fn atan2_partials<S: Scalar>(y: S, x: S) -> [S; 2] {
    let r = x.hypot(y);
    if r == S::ZERO {
        return [S::ZERO; 2];
    }
    [x / r / r, -y / r / r]
}

/// a / y and b / y for y = √(a² + b²); 0 at the origin.
pub fn hypot_partials<S: Scalar>(a: S, b: S, y: S) -> [S; 2] {
    if y == S::ZERO {
        return [S::ZERO; 2];
    }
    [a / y, b / y]
}

/// The partial derivatives of y = a^b.
///
/// ```text
/// ∂y/∂a = b a^(b-1)      0 for b = 0, also at a = 0, where it would be 0 · inf
/// ∂y/∂b = y ln a         0 where y = 0, and at 0^b for b >= 0
/// ```
///
/// Away from a = 0 no case is cut out: a factor that is 0 may still carry derivatives.
///
/// Of a negative a the power exists for whole b alone: its derivative in b is NaN.
pub fn pow_partials<S: Scalar>(a: S, b: S, y: S) -> [S; 2] {
    let at_zero = a == S::ZERO;
    let by_a = if at_zero && b == S::ZERO {
        S::ZERO
    } else {
        b.through(a.pow(b - S::ONE))
    };
    let by_b = if at_zero && b >= S::ZERO {
        S::ZERO
    } else {
        y.through(a.ln())
    };
    [by_a, by_b]
}

/// √(2/π).
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;

/// e^(t²) erfc(t) for t >= 0, which neither underflows nor overflows.
///
/// From 10 on by the series 1/(t√π) Σ (-1)^k (2k-1)!! / (2t²)^k, of which eleven terms are exact
/// there. Source: Abramowitz and Stegun (1964), 7.1.23.
pub fn erfcx<S: Scalar>(t: S) -> S {
    if t < S::of(10.0) {
        return (t * t).exp() * t.erfc();
    }
    let r = S::of(0.5) / t / t;
    let odd = (1..=11).rev().map(|k| S::of(f64::from(2 * k - 1)));
    let sum = odd.fold(S::ONE, |sum, odd| S::ONE - odd * r * sum);
    S::of(0.5 * std::f64::consts::FRAC_2_SQRT_PI) * sum / t
}

/// Φ(x) = erfc(-x/√2) / 2. At x = -37 the rounding of x/√2 alone is worth 1.5e-13 of the value:
/// what it lost is put back by erfc(t + δ) = erfc(t) - δ 2/√π e^(-t²).
pub(super) fn normal_cdf(x: f64) -> f64 {
    const HIGH: f64 = std::f64::consts::FRAC_1_SQRT_2;
    const LOW: f64 = -4.833_646_656_726_457e-17; // 1/√2 - HIGH
    let t = -x * HIGH;
    let y = libm::erfc(t);
    if x.abs() < 1.0 || y == 0.0 {
        return 0.5 * y;
    }
    let lost = (-x).mul_add(HIGH, -t) - x * LOW;
    0.5 * (y - lost * erf_derivative(t))
}

/// ln Φ(x): on the left -x²/2 + ln(erfcx(-x/√2) / 2), on the right ln(1 - Φ(-x)).
pub(super) fn normal_log_cdf<S: Scalar>(x: S) -> S {
    let half = S::of(0.5);
    if x < S::ZERO {
        (half * erfcx(-x * S::of(std::f64::consts::FRAC_1_SQRT_2))).ln() - half * x * x
    } else {
        (-(-x).normal_cdf()).ln_1p()
    }
}

/// d/dx ln Φ(x) = φ(x) / Φ(x), on the left √(2/π) / erfcx(-x/√2).
pub fn normal_log_cdf_derivative<S: Scalar>(x: S) -> S {
    if x < S::ZERO {
        S::of(SQRT_2_OVER_PI) / erfcx(-x * S::of(std::f64::consts::FRAC_1_SQRT_2))
    } else {
        standard_normal_pdf(x) / x.normal_cdf()
    }
}

/// The y with erf(y) = x.
///
/// A start that is right to 0.4 % (Winitzki 2008), then Halley's steps, each of which triples the
/// digits: on erf near 0, on erfc where 1 - |x| is exact, so that no digit is lost.
pub(super) fn erfinv(x: f64) -> f64 {
    use std::f64::consts::PI;
    const A: f64 = 0.147;
    let right = x.abs();
    if right.is_nan() || right >= 1.0 {
        return if right == 1.0 {
            f64::INFINITY.copysign(x)
        } else {
            f64::NAN
        };
    }
    let log = libm::log1p(-right) + libm::log1p(right);
    let half = 2.0 / (PI * A) + 0.5 * log;
    let mut y = ((half * half - log / A).sqrt() - half).max(0.0).sqrt();
    for _ in 0..3 {
        let error = if right < 0.5 {
            libm::erf(y) - right
        } else {
            (1.0 - right) - libm::erfc(y)
        };
        let step = error / erf_derivative(y);
        y -= step / (1.0 + y * step);
    }
    y.copysign(x)
}

/// erfinv'(x) = √π/2 e^(y²), for y = erfinv(x).
#[inline(always)]
pub fn erfinv_derivative<S: Scalar>(y: S) -> S {
    S::of(1.0 / std::f64::consts::FRAC_2_SQRT_PI) * (y * y).exp()
}

/// ln(x / (1 - x)). Between 1/4 and 3/4 by ln(1 + (2x - 1) / (1 - x)), where 2x - 1 is exact: the
/// difference of two logarithms has no digits left at 0.5 + 1e-10.
#[inline(always)]
pub fn logit<S: Scalar>(x: S) -> S {
    if x > S::of(0.25) && x < S::of(0.75) {
        ((x + x - S::ONE) / (S::ONE - x)).ln_1p()
    } else {
        x.ln() - (-x).ln_1p()
    }
}

/// ψ(x) = d/dx ln |Γ(x)|; NaN at the poles -1, -2, …
///
/// ```text
/// ψ(x) = ψ(1 - x) - π cos(π x) / sin(π x)                   for x < 0, else
/// ψ(x) = ψ(x + 1) - 1/x                                     up to x >= 10, then
/// ψ(x) = ln x - 1/(2x) - Σ_k B_2k / (2k x^2k)
/// ```
///
/// Only arithmetic and `ln`, so that its own derivatives come from [`Dual`].
/// Source: Abramowitz and Stegun (1964), 6.3.5, 6.3.7 and 6.3.18.
pub fn digamma<S: Scalar>(mut x: S) -> S {
    /// B_2k / 2k for k = 1..=7
    const SERIES: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32760.0,
        1.0 / 12.0,
    ];
    if x < S::ZERO {
        let r = x - S::of(x.value().round()); // the cotangent repeats at each whole number
        if r == S::ZERO {
            return S::of(f64::NAN);
        }
        let pi = S::of(std::f64::consts::PI);
        // Not by the tangent, whose derivatives overflow their digits at a half.
        return digamma(S::ONE - x) - pi * (pi * r).cos() / (pi * r).sin();
    }
    let mut y = S::ZERO;
    while x < S::of(10.0) {
        y -= S::ONE / x;
        x += S::ONE;
    }
    let r = S::ONE / (x * x);
    let tail = SERIES
        .iter()
        .rev()
        .fold(S::ZERO, |sum, &b| (sum + S::of(b)) * r);
    y + x.ln() - S::of(0.5) / x - tail
}

/// d/dx ln softplus(x) = σ(x) / softplus(x), and 1 where both underflow; see
/// [`Scalar::log_softplus`].
#[inline(always)]
pub fn log_softplus_derivative<S: Scalar>(x: S) -> S {
    let y = x.softplus();
    // Below, y = t - t²/2 + … of t = e^x: what t - y is goes lost.
    select(x < S::of(-18.0), S::ONE - S::of(0.5) * y, x.sigmoid() / y)
}

/// ψ'(x), the derivative of [`digamma`], which is told by a dual number.
pub fn trigamma<S: Scalar>(x: S) -> S {
    digamma(Dual { v: x, d: S::ONE }).d
}

/// The x with softplus(x) = y, for y > 0: y + ln(1 - e^(-y)).
///
/// `softplus_inverse(100)` is 100, and `softplus_inverse(1e-20)` is -46.05. Around the root ln 2
/// it is ln(1 + 2 (e^(y - ln 2) - 1)), where the sum has no digits left.
#[inline(always)]
pub fn softplus_inverse<S: Scalar>(y: S) -> S {
    const LN_2_LOW: f64 = 2.319_046_813_846_299_6e-17; // ln 2 - LN_2
    if y > S::of(0.35) && y < S::of(1.38) {
        let r = y - S::of(std::f64::consts::LN_2) - S::of(LN_2_LOW);
        let e = r.exp_m1();
        return (e + e).ln_1p();
    }
    y + (-((-y).exp_m1())).ln()
}

/// Its derivative, 1 / (1 - e^(-y)).
#[inline(always)]
pub fn softplus_inverse_derivative<S: Scalar>(y: S) -> S {
    -S::ONE / (-y).exp_m1()
}
