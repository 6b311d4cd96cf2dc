//! e^x and what is built on it, in f64 for an f32.
//!
//! ```text
//! x = n ln 2 + r,  |r| <= ln(2)/2      e^x = 2^n e^r,   e^r = 1 + r + r² q(r)
//! ```

use super::{poly, select};

/// Adding it rounds a small number n to a whole one; the lowest twelve bits are then n + 2046,
/// twice the bias of an exponent.
const ROUND: f64 = 6_755_399_441_055_744.0 + 2046.0; // 1.5 · 2^52 + 2046

/// q(r) = (e^r - 1 - r) / r², minimax; e^r is off by less than 2^-34.
const Q: [f64; 6] = [
    0.500_000_007_592_2,
    0.166_666_668_587_3,
    0.041_666_274_707_45,
    0.008_333_264_722_644,
    0.001_394_580_679_954,
    0.000_199_182_151_481_4,
];

/// e^x.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let (r, [a, b]) = reduce(x);
    (1.0 + r) * a * b
}

/// e^x - 1.
#[inline(always)]
pub(super) fn exp_m1(x: f64) -> f64 {
    let (r, [a, b]) = reduce(x);
    let y = r * a * b + (a * b - 1.0); // for n = 0, where digits count, r itself
    y.copysign(x)
}

/// (e^|x| - e^(-|x|)) / (e^|x| + e^(-|x|)), with the sign of x.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let e = exp_m1(-2.0 * x.abs());
    (e / (2.0 + e)).copysign(x)
}

/// 1 / (1 + e^(-x)).
#[inline(always)]
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    select(x < 0.0, e, 1.0) / (1.0 + e)
}

/// e^(x - n ln 2) - 1, and two numbers whose product is 2^n, which itself may be none.
#[inline(always)]
fn reduce(x: f64) -> (f64, [f64; 2]) {
    // Beyond these e^x is infinite, or rounds to 0. A NaN fails both comparisons.
    let x = select(x > 710.0, 710.0, x);
    let x = select(x < -750.0, -750.0, x);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let r = x - (shifted - ROUND) * std::f64::consts::LN_2;
    let bits = shifted.to_bits();
    let half = bits >> 1;
    let powers = [half, bits.wrapping_sub(half)].map(|b| f64::from_bits(b << 52));
    (r + r * r * poly(r, &Q), powers)
}
