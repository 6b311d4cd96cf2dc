//! sin, cos and tan in f32, for every angle.
//!
//! x = 2^k m with a whole m below 2^24. Quarter turns count modulo 4, so of 2/π only the bits
//! from 2^(1-k) down matter: the product of m and 96 of them gives x · 2/π modulo 4 in 64 bits,
//! exact to two units of 2^-62. No f32 but 0 comes closer to a whole number of quarter turns than
//! 2^-32, so that the rest has all digits of an f32.
//!
//! The 96 bits are found by selections, not in a table: to gather from memory was slower than to
//! compute one number after the other.
//!
//! Source: Payne and Hanek (1983), Radian reduction for trigonometric functions.

use super::super::poly as poly_wide;
use super::{poly, select};

/// sin(π/2 f) / f in powers of f², |f| <= ½, minimax; off by less than 2^-37 of itself.
const SIN: [f64; 5] = [
    1.570_796_326_788,
    -0.645_964_096_100_2,
    0.079_692_581_789_47,
    -0.004_681_260_232_306,
    0.000_158_194_177_150_3,
];

/// cos(π/2 f) in powers of f², |f| <= ½, minimax; off by less than 2^-34.
const COS: [f64; 5] = [
    0.999_999_999_943_8,
    -1.233_700_539_547,
    0.253_669_182_194_1,
    -0.020_859_933_128_76,
    0.000_903_356_519_423_5,
];

/// [`SIN`] and [`COS`], rounded.
const SIN_F32: [f32; 5] = rounded(SIN);
const COS_F32: [f32; 5] = rounded(COS);

const fn rounded(from: [f64; 5]) -> [f32; 5] {
    let mut to = [0.0; 5];
    let mut i = 0;
    while i < to.len() {
        to[i] = from[i] as f32;
        i += 1;
    }
    to
}

/// The bits of 2/π, from that of 2^63 down.
const TWO_OVER_PI: [u32; 9] = [
    0,
    0,
    0xA2F9_836E,
    0x4E44_1529,
    0xFC27_57D1,
    0xF534_DDC0,
    0xDB62_9599,
    0x3C43_9041,
    0xFE51_63AB,
];

/// What the last bits of the two halves of the product count, in quarter turns.
const UPPER: f64 = 1.0 / (1u64 << 30) as f64;
const LOWER: f64 = 1.0 / (1u64 << 61) as f64;

/// Sine, at most 0.6 ulp off.
#[inline(always)]
pub(super) fn sin(x: f32) -> f32 {
    let (turns, sin, cos) = quarter(x);
    let y = select(turns & 1 == 0, sin, cos);
    // Two quarter turns change the sign, and so does that of x.
    let sign = (turns << 30 ^ x.to_bits()) & 0x8000_0000;
    let y = f32::from_bits((y as f32).to_bits() ^ sign);
    finite(x, select(x.abs() < 1e-4, x, y))
}

/// Cosine, at most 0.6 ulp off.
#[inline(always)]
pub(super) fn cos(x: f32) -> f32 {
    let (turns, sin, cos) = quarter(x);
    let y = select(turns & 1 == 0, cos, sin);
    let sign = (turns.wrapping_add(turns & 1) << 30) & 0x8000_0000;
    finite(x, f32::from_bits((y as f32).to_bits() ^ sign))
}

/// Tangent, at most 0.6 ulp off.
#[inline(always)]
pub(super) fn tan(x: f32) -> f32 {
    let (turns, sin, cos) = quarter(x);
    let even = turns & 1 == 0;
    let y = select(even, sin, -cos) / select(even, cos, sin);
    let y = f32::from_bits((y as f32).to_bits() ^ (x.to_bits() & 0x8000_0000));
    finite(x, select(x.abs() < 1e-4, x, y))
}

/// Sine and cosine of `turns` / 2^32 turns, of which the first 24 bits count; at most 2^-23 off.
#[inline(always)]
pub(in crate::kernels) fn sin_cos_turns<const FMA: bool>(turns: u32) -> (f32, f32) {
    // The nearest whole number of quarter turns, and the rest, exactly.
    let whole = turns.wrapping_add(1 << 29) >> 30;
    let rest = (turns & 0xffff_ff00).wrapping_sub(whole << 30) as i32;
    let f = rest as f32 * (1.0 / (1 << 30) as f32);
    let z = f * f;
    let (sin, cos) = (f * poly::<FMA, 5>(z, &SIN_F32), poly::<FMA, 5>(z, &COS_F32));
    let odd = whole & 1 != 0;
    let (s, c) = (select(odd, cos, sin), select(odd, sin, cos));
    let sign = |y: f32, sign: u32| f32::from_bits(y.to_bits() ^ (sign & 0x8000_0000));
    (
        sign(s, whole << 30),
        sign(c, whole.wrapping_add(whole & 1) << 30),
    )
}

/// |x| as a whole number of quarter turns, modulo 4, and sine and cosine of the rest.
#[inline(always)]
fn quarter(x: f32) -> (u32, f64, f64) {
    let bits = x.to_bits();
    let exponent = bits >> 23 & 0xff;
    // Below 2^-14 a sine is its angle, and a cosine is 1: any small angle will do.
    let start = select(exponent < 113, 25, exponent.wrapping_sub(88));
    let [mut a, mut b, mut c, mut d] = [0; 4];
    for word in 0..6 {
        let from = start >= 32 * word as u32;
        a = select(from, TWO_OVER_PI[word], a);
        b = select(from, TWO_OVER_PI[word + 1], b);
        c = select(from, TWO_OVER_PI[word + 2], c);
        d = select(from, TWO_OVER_PI[word + 3], d);
    }
    let [ab, cd] = [[a, b], [c, d]].map(|[a, b]| u64::from(a) << 32 | u64::from(b));
    let shift = u64::from(start & 31);
    let high = ab << shift | (cd >> 32) >> (32 - shift);
    let low = (cd << shift) >> 32;
    let m = u64::from(bits & 0x007f_ffff | 0x0080_0000);
    let turns = m.wrapping_mul(high).wrapping_add((m * low) >> 32);
    let whole = turns.wrapping_add(1 << 61) >> 62;
    let rest = turns.wrapping_sub(whole << 62);
    // Halves of the 64 bits, because not every level converts them at once.
    let [upper, lower] = [(rest >> 32) as i32, (rest as u32 >> 1) as i32];
    let f = f64::from(upper) * UPPER + f64::from(lower) * LOWER;
    let z = f * f;
    (whole as u32, f * poly_wide(z, &SIN), poly_wide(z, &COS))
}

/// No angle is infinite.
#[inline(always)]
fn finite(x: f32, y: f32) -> f32 {
    select(x.abs() < f32::INFINITY, y, f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_of_every_part_of_a_turn() {
        for turns in (0..1 << 24).step_by(7) {
            let (sin, cos) = sin_cos_turns::<true>(turns << 8);
            let exact = (std::f64::consts::TAU * f64::from(turns) / 16_777_216.0).sin_cos();
            let error = (f64::from(sin) - exact.0)
                .abs()
                .max((f64::from(cos) - exact.1).abs());
            assert!(error <= 2f64.powi(-23), "{turns}: {error:e}");
        }
    }
}
