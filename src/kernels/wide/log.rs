//! ln x and what is built on it, in f64 for an f32.
//!
//! ```text
//! x = 2^e (1 + f),  √½ <= 1 + f < √2,  s = f / (2 + f)      ln x = e ln 2 + 2s + s³ p(s²)
//! ```

use std::f64::consts::{LN_2, LOG2_E, LOG10_E};

use super::exp::exp;
use super::{poly, select};

/// p(z) = (ln((1 + s) / (1 - s)) - 2s) / s³, z = s², minimax; ln is off by less than 2^-36 of itself.
const P: [f64; 4] = [
    0.666_666_658_361,
    0.400_003_011_883_4,
    0.285_391_281_761_2,
    0.235_519_288_047_1,
];

/// The bits of √½.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// ln x.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    at_ends(x, finite(x))
}

/// ln(1 + x).
#[inline(always)]
pub(super) fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    // What u lost of 1 + x, by the smaller term.
    let lost = select(x < 1.0, x - (u - 1.0), 1.0 - (u - x));
    let y = at_ends(u, finite(u) + lost / u);
    select(x.abs() < 1e-20, x, y) // -0 stays one
}

/// log₂ x, exact at powers of 2.
#[inline(always)]
pub(super) fn log2(x: f64) -> f64 {
    let (e, near) = split(x);
    at_ends(x, e + near * LOG2_E)
}

/// log₁₀ x.
#[inline(always)]
pub(super) fn log10(x: f64) -> f64 {
    ln(x) * LOG10_E
}

/// ln(1 + e^x).
#[inline(always)]
pub(super) fn softplus(x: f64) -> f64 {
    // t = e^(-|x|) is in [0, 1]: 1 + t = 2^e (1 + f) has an exact f.
    let t = exp(-x.abs());
    let high = t > 0.414_213_56;
    let f = select(high, 0.5 * (t - 1.0), t);
    select(x > 0.0, x, 0.0) + (select(high, LN_2, 0.0) + near_one(f))
}

/// The zero of ln softplus, ln(e - 1), in two parts.
const ZERO: [f64; 2] = [0.541_324_854_612_918_1, -1.813_857_092_550_732_5e-17];

/// The series of ln softplus around it, without the constant that is 0.
const SERIES: [f64; 7] = [
    0.632_120_558_828_6,
    -0.083_516_121_479_45,
    0.000_454_226_376_619_9,
    0.002_428_527_907_753,
    -0.000_200_858_486_595_8,
    -0.000_117_676_343_954_2,
    2.288_672_611_02e-5,
];

/// ln softplus(x). Where it is near 0 its digits are those that softplus does not have; and below
/// -30 it is x, as softplus is e^x.
#[inline(always)]
pub(super) fn log_softplus(x: f64) -> f64 {
    let d = (x - ZERO[0]) - ZERO[1];
    let y = select(d.abs() < 0.125, d * poly(d, &SERIES), ln(softplus(x)));
    select(x < -30.0, x, y)
}

/// ln x for a normal number x > 0.
#[inline(always)]
fn finite(x: f64) -> f64 {
    let (e, near) = split(x);
    e * LN_2 + near
}

/// A logarithm y of x, completed: -inf at 0, NaN below, infinity and NaN of themselves.
#[inline(always)]
fn at_ends(x: f64, y: f64) -> f64 {
    let y = select(x < f64::INFINITY, y, x);
    let y = select(x == 0.0, f64::NEG_INFINITY, y);
    select(x < 0.0, f64::NAN, y)
}

/// e and ln(1 + f) of a normal number x = 2^e (1 + f) > 0.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let bits = x.to_bits().wrapping_sub(SQRT_HALF);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF));
    // The upper half of the bits holds the exponent: i32 converts to f64 at every level.
    let e = f64::from(((bits >> 32) as i32) >> 20);
    (e, near_one(m - 1.0))
}

/// ln(1 + f), √½ <= 1 + f < √2.
#[inline(always)]
fn near_one(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    s * (2.0 + z * poly(z, &P))
}
