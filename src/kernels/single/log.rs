//! ln x and ln(1 + x) in f32.
//!
//! ```text
//! x = 2^e (1 + f),  √½ <= 1 + f < √2      ln x = e ln 2 + f - f²/2 + f³ p(f)
//! ```

use super::{fma, poly, select};

/// ln 2 in two parts. The first has 15 bits, so that its products with e are exact.
const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];

/// The bits of √½.
const SQRT_HALF: u32 = 0x3f35_04f3;

/// p(f) = (ln(1 + f) - f + f²/2) / f³, minimax; ln is off by less than 2^-27 of itself.
const P: [f32; 8] = [
    3.333_333e-1,
    -2.500_082_6e-1,
    2.000_126_5e-1,
    -1.662_322e-1,
    1.420_071_4e-1,
    -1.316_045_7e-1,
    1.276_948_5e-1,
    -7.644_043e-2,
];

/// ln x, at most 1 ulp off; -inf at 0, NaN below.
#[inline(always)]
pub(super) fn ln<const FMA: bool>(x: f32) -> f32 {
    // A subnormal number has fewer bits of exponent: take it 2^25 times.
    let tiny = x < f32::MIN_POSITIVE;
    let (e, f) = split(select(tiny, x * 33_554_432.0, x));
    let y = sum::<FMA>(e as f32 + select(tiny, -25.0, 0.0), f);
    let y = select(x < f32::INFINITY, y, x); // infinity, NaN
    let y = select(x == 0.0, f32::NEG_INFINITY, y);
    select(x < 0.0, f32::NAN, y)
}

/// [`ln`] of a normal positive number.
#[inline(always)]
pub(in crate::kernels) fn ln_normal<const FMA: bool>(x: f32) -> f32 {
    let (e, f) = split(x);
    sum::<FMA>(e as f32, f)
}

/// ln(1 + x), at most 1.3 ulp off; -inf at -1, NaN below.
#[inline(always)]
pub(super) fn ln_1p<const FMA: bool>(x: f32) -> f32 {
    let u = 1.0 + x;
    let (e, f) = split(u);
    // What u lost of 1 + x, by the smaller term: f + lost 2^-e is x itself where e = 0.
    let lost = select(x < 1.0, x - (u - 1.0), 1.0 - (u - x));
    // Large x lose what 2^-127 cannot scale, and nobody misses: ln has 24 bits of e ln 2 then.
    let scale = f32::from_bits(((127 - e.min(126)) as u32) << 23);
    let y = sum::<FMA>(e as f32, fma::<FMA>(lost, scale, f));
    let y = select(x < f32::INFINITY, y, x); // infinity, NaN
    let y = select(x == 0.0, x, y); // -0 stays one
    let y = select(x == -1.0, f32::NEG_INFINITY, y);
    select(x < -1.0, f32::NAN, y)
}

/// ln(1 + t) for t in [0, 1]; a NaN stays one.
#[inline(always)]
pub(super) fn ln_1p_unit<const FMA: bool>(t: f32) -> f32 {
    let high = t > 0.414_213_56;
    sum::<FMA>(select(high, 1.0, 0.0), select(high, 0.5 * (t - 1.0), t))
}

/// e and f, where x = 2^e (1 + f) is a normal number.
#[inline(always)]
fn split(x: f32) -> (i32, f32) {
    let bits = x.to_bits().wrapping_sub(SQRT_HALF);
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF));
    ((bits as i32) >> 23, m - 1.0)
}

/// e ln 2 + ln(1 + f), the small terms first.
#[inline(always)]
fn sum<const FMA: bool>(e: f32, f: f32) -> f32 {
    let square = f * f;
    let tail = fma::<FMA>(f * square, poly::<FMA, 8>(f, &P), -0.5 * square);
    fma::<FMA>(e, LN_2[0], f + fma::<FMA>(e, LN_2[1], tail))
}
