//! The gamma function where its arguments are large: Stirling's series, and differences of which
//! the large parts have been taken away by hand.
//!
//! ```text
//! ln Γ(x) = (x - 1/2) ln x - x + ln √(2π) + δ(x),   δ(x) = 1/(12x) - 1/(360x³) + 1/(1260x⁵) - …
//! ψ(x)    = ln x - 1/(2x) - ε(x),                   ε(x) = 1/(12x²) - 1/(120x⁴) + 1/(252x⁶) - …
//! ```
//!
//! Source: Abramowitz and Stegun (1964), 6.1.41 and 6.3.18.

use crate::kernels::{Scalar, special};

/// From here on the series are used.
pub(super) const LARGE: f64 = 16.0;

/// δ(x) for x >= 16; the first term left out is below 2e-16 there.
pub(super) fn stirling_rest<S: Scalar>(x: S) -> S {
    const SERIES: [f64; 5] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
    ];
    let r = S::ONE / x;
    let sum = SERIES
        .iter()
        .rev()
        .fold(S::ZERO, |sum, &b| sum * r * r + S::of(b));
    sum * r
}

/// ε(x) = -δ'(x) for x >= 16; the first term left out is below 1e-17 there.
fn digamma_rest<S: Scalar>(x: S) -> S {
    const SERIES: [f64; 6] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32760.0,
    ];
    let r = S::ONE / (x * x);
    (SERIES.iter().rev()).fold(S::ZERO, |sum, &b| (sum + S::of(b)) * r)
}

/// ln Γ(a + k) - ln Γ(a) for a > 0, k >= 0: of a whole k the logarithm of a (a+1) … (a+k-1).
///
/// ```text
/// k ln a + ((a + k - 1/2) ln(1 + k/a) - k) + δ(a + k) - δ(a)     a >= 16
/// ```
pub(super) fn log_rising<S: Scalar>(a: S, k: S) -> S {
    if a < S::of(LARGE) {
        return S::narrow((a + k).widen().lgamma() - a.widen().lgamma());
    }
    let growth = (a + k - S::of(0.5)) * (k / a).ln_1p() - k;
    k * a.ln() + growth + (stirling_rest(a + k) - stirling_rest(a))
}

/// ψ(a + k) - ψ(a), the derivative of [`log_rising`] with respect to a.
///
/// ```text
/// ln(1 + k/a) + k / (2a (a + k)) - (ε(a + k) - ε(a))     a >= 16
/// ```
pub(super) fn digamma_rising<S: Scalar>(a: S, k: S) -> S {
    if a < S::of(LARGE) {
        return S::narrow((a + k).widen().digamma() - a.widen().digamma());
    }
    let half = S::of(0.5) * k / (a * (a + k));
    (k / a).ln_1p() + half - (digamma_rest(a + k) - digamma_rest(a))
}

/// ln a - ψ(a), which is about 1/(2a) where both are large.
pub(super) fn log_less_digamma<S: Scalar>(a: S) -> S {
    if a < S::of(LARGE) {
        let a = a.widen();
        return S::narrow(a.ln() - a.digamma());
    }
    S::of(0.5) / a + digamma_rest(a)
}

/// ln Γ(a) - (a ln a - a), which is about -ln(a) / 2 where both are large.
pub(super) fn log_gamma_rest<S: Scalar>(a: S) -> S {
    if a < S::of(LARGE) {
        let a = a.widen();
        return S::narrow(a.lgamma() - a * a.ln() + a);
    }
    S::of(special::LN_SQRT_2PI) - S::of(0.5) * a.ln() + stirling_rest(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Both forms are good where a is between 16 and 100.
        #[test]
        fn the_series_meet_the_functions(a in 16.0..100.0f64, k in 0.0..50.0f64) {
            let near = |ours: f64, other: f64, size: f64| {
                assert!((ours - other).abs() <= 1e-15 * size, "{ours:e} and {other:e}");
            };
            // the rounding of each of the large numbers that the other form subtracts
            let size = 4.0 * (a + k).lgamma().abs();
            near(log_rising(a, k), (a + k).lgamma() - a.lgamma(), size);
            near(log_gamma_rest(a), a.lgamma() - a * a.ln() + a, size);
            near(digamma_rising(a, k), (a + k).digamma() - a.digamma(), 40.0);
            near(log_less_digamma(a), a.ln() - a.digamma(), 40.0);
        }
    }
}
