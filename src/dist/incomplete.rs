//! The incomplete gamma and beta functions: what the distribution functions of Gamma, Beta,
//! StudentT and NegativeBinomial are made of.
//!
//! Both come as a pair that adds up to 1, of which the smaller one has its full digits.

use super::divergence::{excess, log_ratio};
use super::stirling::{LARGE, log_rising, stirling_rest};
use crate::kernels::{Scalar, special};

/// More terms than any argument in reach needs: about 8 √a of them below 1e6.
const MOST: u32 = 100_000;

/// ln(x^a e^-x / Γ(a)) for x > 0: from a = 16 on
///
/// ```text
/// -a (e^u - 1 - u) + ln √(a / 2π) - δ(a),   u = ln(x / a)
/// ```
pub(super) fn log_gamma_kernel<S: Scalar>(a: S, x: S) -> S {
    if a < S::of(LARGE) {
        let [a, x] = [a, x].map(S::widen);
        return S::narrow(a * x.ln() - x - a.lgamma());
    }
    let root = S::of(0.5) * a.ln() - S::of(special::LN_SQRT_2PI);
    root - a * excess(log_ratio(x, a)) - stirling_rest(a)
}

/// ln(x^a y^b / B(a, b)) for x + y = 1, both above 0: where a and b are at least 16
///
/// ```text
/// -a (e^u - 1 - u) - b (e^v - 1 - v) + ln √(ab / 2πn) + δ(n) - δ(a) - δ(b)
/// n = a + b,   u = ln(n x / a),   v = ln(n y / b)
/// ```
pub(super) fn log_beta_kernel<S: Scalar>([a, b]: [S; 2], [x, y]: [S; 2]) -> S {
    let (n, large) = (a + b, S::of(LARGE));
    if a >= large && b >= large {
        let (u, v) = (log_ratio(n * x, a), log_ratio(n * y, b));
        let root = S::of(0.5) * ((a / n).ln() + b.ln()) - S::of(special::LN_SQRT_2PI);
        let rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
        return root - a * excess(u) - b * excess(v) + rest;
    }
    let [a, b, x, y] = [a, b, x, y].map(S::widen);
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let powers = a * log_part(x, y) + b * log_part(y, x);
    S::narrow(powers + log_rising(high, low) - low.lgamma())
}

/// ln x of x + y = 1, with the digits that y has where x is near 1.
#[inline(always)]
pub(super) fn log_part<S: Scalar>(x: S, y: S) -> S {
    if x < S::of(0.5) { x.ln() } else { (-y).ln_1p() }
}

/// P(a, x) = (1/Γ(a)) ∫₀ˣ t^(a-1) e^-t dt and Q = 1 - P, for a > 0.
///
/// ```text
/// P = x^a e^-x / Γ(a + 1) (1 + x/(a+1) + x²/((a+1)(a+2)) + …)          x < a + 1
/// Q = x^a e^-x / Γ(a) (1/(x+1-a - 1·(1-a)/(x+3-a - 2·(2-a)/(…))))      else
/// ```
///
/// From a = 1e6 on, by the normal distribution of the cube root with mean 1 - 1/(9a) and variance
/// 1/(9a), off by less than 1e-7.
///
/// Source: Abramowitz and Stegun (1964), 6.5.29 and 6.5.31; Wilson and Hilferty (1931), The
/// distribution of chi-square.
pub(super) fn gamma_parts(a: f64, x: f64) -> [f64; 2] {
    if x.is_nan() || a.is_nan() {
        return [f64::NAN; 2];
    }
    if x <= 0.0 {
        return [0.0, 1.0];
    }
    if x == f64::INFINITY {
        return [1.0, 0.0];
    }
    if a >= 1e6 {
        let ninth = 1.0 / (9.0 * a);
        let z = ((x / a).cbrt() - (1.0 - ninth)) / ninth.sqrt();
        return [z, -z].map(special::standard_normal_cdf);
    }
    let kernel = log_gamma_kernel(a, x).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for i in 1..MOST {
            term *= x / (a + f64::from(i));
            sum += term;
            if term < 1e-17 * sum {
                break;
            }
        }
        let low = (kernel * sum).min(1.0);
        return [low, 1.0 - low];
    }
    let part = |i: u32| {
        let i = f64::from(i);
        (-i * (i - a), x + 2.0 * i + 1.0 - a)
    };
    let high = (kernel / continued_fraction(x + 1.0 - a, part)).min(1.0);
    [1.0 - high, high]
}

/// I_x(a, b) = (1/B(a, b)) ∫₀ˣ t^(a-1) (1-t)^(b-1) dt and 1 - I, for a, b > 0; y = 1 - x is given,
/// since it may be small. Where x lies beyond the mean, of the mirrored distribution:
///
/// ```text
/// I = x^a y^b / B(a, b) / (β₀ + α₁/(β₁ + α₂/(β₂ + …))),   λ = a - (a + b) x = (a + b) y - b
/// αₙ = (a+n-1) (a+b+n-1) / (a+2n-1)² n (b-n) x²
/// βₙ = n + n (b-n) x / (a+2n-1) + (a+n) / (a+2n+1) (λ + 1 + n (1 + y))
/// ```
///
/// Source: DiDonato and Morris (1992), Algorithm 708: significant digit computation of the
/// incomplete beta function ratios.
pub(super) fn beta_parts([a, b]: [f64; 2], [x, y]: [f64; 2]) -> [f64; 2] {
    if x.is_nan() || a.is_nan() || b.is_nan() {
        return [f64::NAN; 2];
    }
    if x <= 0.0 {
        return [0.0, 1.0];
    }
    if y <= 0.0 {
        return [1.0, 0.0];
    }
    let lambda = if x < y {
        a - (a + b) * x
    } else {
        (a + b) * y - b
    };
    if lambda < 0.0 {
        let [high, low] = lower_beta([b, a], [y, x], -lambda);
        return [low, high];
    }
    lower_beta([a, b], [x, y], lambda)
}

fn lower_beta([a, b]: [f64; 2], [x, y]: [f64; 2], lambda: f64) -> [f64; 2] {
    let part = |i: u32| {
        let n = f64::from(i);
        let step = a + 2.0 * n - 1.0;
        let weight = n * (b - n) * x;
        let alpha = (a + n - 1.0) / step * ((a + b + n - 1.0) / step) * (weight * x);
        let rest = lambda + 1.0 + n * (1.0 + y);
        (alpha, n + weight / step + (a + n) / (step + 2.0) * rest)
    };
    let first = a / (a + 1.0) * (lambda + 1.0);
    let low = log_beta_kernel([a, b], [x, y]).exp() / continued_fraction(first, part);
    let low = low.min(1.0);
    [low, 1.0 - low]
}

/// `first + a₁/(b₁ + a₂/(b₂ + …))`, where `part(i)` is (aᵢ, bᵢ), from the front: products of
/// ratios of which neither is ever 0.
///
/// Source: Thompson and Barnett (1986), Coulomb and Bessel functions of complex arguments and
/// order, for Lentz's method.
fn continued_fraction(first: f64, part: impl Fn(u32) -> (f64, f64)) -> f64 {
    let nonzero = |x: f64| if x.abs() < 1e-290 { 1e-290 } else { x };
    let mut value = nonzero(first);
    let (mut ahead, mut behind) = (value, 0.0);
    for i in 1..MOST {
        let (a, b) = part(i);
        behind = 1.0 / nonzero(b + a * behind);
        ahead = nonzero(b + a / ahead);
        let factor = ahead * behind;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// P(a + 1, x) = P(a, x) - x^a e^-x / Γ(a + 1), whichever form each of them takes.
        #[test]
        fn neighbours_differ_by_a_term(a in 0.1..300.0f64, at in 0.1..3.0f64) {
            let x = a * at;
            let [low, high] = gamma_parts(a, x);
            let [next, _] = gamma_parts(a + 1.0, x);
            let term = log_gamma_kernel(a, x).exp() / a;
            prop_assert!((low - term - next).abs() < 1e-13, "{} {} {}", low, term, next);
            prop_assert!((low + high - 1.0).abs() < 1e-15);
        }

        /// I_x(a + 1, b) = I_x(a, b) - x^a y^b / (a B(a, b)).
        #[test]
        fn neighbours_of_beta_differ_by_a_term(a in 0.1..300.0f64, b in 0.1..300.0f64, x in 0.01..0.99f64) {
            let parts = [x, 1.0 - x];
            let [low, _] = beta_parts([a, b], parts);
            let [next, _] = beta_parts([a + 1.0, b], parts);
            let term = log_beta_kernel([a, b], parts).exp() / a;
            prop_assert!((low - term - next).abs() < 1e-13, "{} {} {}", low, term, next);
        }
    }

    #[test]
    fn the_normal_form_meets_the_series() {
        for z in [-4.0, -1.0, 0.0, 0.5, 3.0] {
            let at = |a: f64| gamma_parts(a, a + z * a.sqrt())[0];
            let (below, above) = (at(1e6 - 1e-3), at(1e6));
            assert!((below - above).abs() < 1e-7, "z = {z}: {below} and {above}");
        }
    }
}
