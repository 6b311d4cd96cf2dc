//! e^x and e^x - 1 in f32.
//!
//! ```text
//! x = n ln 2 + r,  |r| <= ln(2)/2      e^x = 2^n e^r,   e^r = 1 + r + r² q(r)
//! ```
//!
//! `FMA` says whether the machine multiplies and adds in one rounding, as in all files of this
//! family: one formula, of which a machine that cannot loses a digit more.

use super::{fma, poly, select};

/// Adding it rounds a small number n to a whole one; the lowest nine bits are then n + 254, twice
/// the bias of an exponent.
const ROUND: f32 = 12_582_912.0 + 254.0; // 1.5 · 2^23 + 254

/// ln 2 in two parts. The first has 15 bits, so that its products with n are exact.
const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];

/// q(r) = (e^r - 1 - r) / r², minimax; r² q is off by less than 2^-28.
const Q: [f32; 5] = [
    0.5,
    1.666_651_5e-1,
    4.166_658_6e-2,
    8.369_341_5e-3,
    1.392_111_2e-3,
];

/// e^x, at most 1.1 ulp off; subnormal results, 0 and infinity included.
#[inline(always)]
pub(super) fn exp<const FMA: bool>(x: f32) -> f32 {
    // Beyond these the result is infinite, or rounds to 0. A NaN fails both comparisons.
    let x = select(x > 89.0, 89.0, x);
    let x = select(x < -105.0, -105.0, x);
    let (bits, r, _) = reduce::<FMA>(x);
    let y = 1.0 + fma::<FMA>(r * r, poly::<FMA, 5>(r, &Q), r);
    // 2^n in two halves, so that only the last product rounds to a subnormal number.
    let half = bits >> 1;
    y * power_of_two(half) * power_of_two(bits.wrapping_sub(half))
}

/// e^x - 1, at most 1.1 ulp off.
#[inline(always)]
pub(super) fn exp_m1<const FMA: bool>(x: f32) -> f32 {
    let inside = select(x > 89.0, 89.0, x);
    let inside = select(inside < -20.0, -20.0, inside);
    let (bits, r, lost) = reduce::<FMA>(inside);
    let small = fma::<FMA>(r * r, poly::<FMA, 5>(r, &Q), lost);
    // Half of 2^n (1 + r + small) - 1, because 2^128 is no f32. A sum of a large and a small part
    // keeps what rounding takes from it.
    let half = power_of_two(bits.wrapping_sub(128));
    let (a, b) = (half - 0.5, half * r);
    let y = a + b;
    let lost = (a - y) + b; // |a| > |b|, or a = 0: exact
    let y = 2.0 * (y + fma::<FMA>(half, small, lost));
    // Halves of subnormal numbers are inexact, and -0 would become 0.
    select(x.abs() < 1e-8, x, y)
}

/// The bits of n + 254, and r and what it lost, where x = n ln 2 + r.
#[inline(always)]
fn reduce<const FMA: bool>(x: f32) -> (u32, f32, f32) {
    let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let high = x - n * LN_2[0]; // exact
    let low = n * LN_2[1];
    let r = high - low;
    (shifted.to_bits(), r, (high - r) - low)
}

/// 2^(b - 127), where the lowest nine of `bits` are b, 0 < b < 255.
#[inline(always)]
fn power_of_two(bits: u32) -> f32 {
    f32::from_bits(bits << 23)
}
