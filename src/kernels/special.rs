//! Special functions and derivatives that several rules share, over any [`Scalar`].

use super::Scalar;

/// ln √(2π), the constant of every Gaussian density.
pub const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;

/// 1 - tanh²(x) = 4 e / (1 + e)², e = e^(-2|x|); `1 - y * y` is off 30-fold at x = 19.5.
pub fn sech_squared<S: Scalar>(x: S) -> S {
    let minus_two_abs = if x < S::ZERO { x + x } else { -(x + x) };
    let e = minus_two_abs.exp();
    let r = S::ONE + e;
    S::of(4.0) * e / (r * r)
}

/// erf'(x) = 2/√π e^(-x²).
pub fn erf_derivative<S: Scalar>(x: S) -> S {
    S::of(std::f64::consts::FRAC_2_SQRT_PI) * (-(x * x)).exp()
}

/// The density of N(0, 1) at x. The constant is a factor, not a term of the exponent, which
/// would be rounded once more: at x = -37 that alone is worth 6e-14.
pub fn standard_normal_pdf<S: Scalar>(x: S) -> S {
    const ONE_OVER_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
    S::of(ONE_OVER_SQRT_2PI) * (-(x * x) * S::of(0.5)).exp()
}

/// Φ(x), the distribution function of N(0, 1), by erfc, so that the left tail keeps its digits.
pub fn standard_normal_cdf<S: Scalar>(x: S) -> S {
    S::of(0.5) * (-x * S::of(std::f64::consts::FRAC_1_SQRT_2)).erfc()
}

/// ψ(x) = d/dx ln Γ(x) for x > 0.
///
/// ```text
/// ψ(x) = ψ(x + 1) - 1/x                                     up to x >= 10, then
/// ψ(x) = ln x - 1/(2x) - Σ_k B_2k / (2k x^2k)
/// ```
///
/// Only arithmetic and `ln`, so that its own derivatives come from [`Dual`](super::Dual).
/// Source: Abramowitz and Stegun (1964), 6.3.5 and 6.3.18.
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
pub fn log_softplus_derivative<S: Scalar>(x: S) -> S {
    if x < S::of(-18.0) {
        S::ONE - S::of(0.5) * x.exp()
    } else {
        x.sigmoid() / x.softplus()
    }
}

/// The x with softplus(x) = y, for y > 0: y + ln(1 - e^(-y)).
///
/// `softplus_inverse(100)` is 100, and `softplus_inverse(1e-20)` is -46.05.
pub fn softplus_inverse<S: Scalar>(y: S) -> S {
    y + (-((-y).exp_m1())).ln()
}
