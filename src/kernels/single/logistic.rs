//! sigmoid, softplus and tanh in f32: the functions that are built on e^(-|x|).
//!
//! All of them take it by the same lines, so that the compiler computes it once where a loop asks
//! for several of them.

use super::exp::exp;
use super::log::{ln, ln_1p_unit};
use super::{fma, poly, select};

/// 1 / (1 + e^(-x)), at most 2 ulp off, in the left tail as well.
#[inline(always)]
pub(super) fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    let e = exp::<FMA>(-x.abs());
    let d = 1.0 + e;
    let y = select(x < 0.0, e, 1.0) / d;
    // What d lost of 1 + e changes y by y lost / d, and 1/d is 1 - e/2 within a tenth.
    let lost = (1.0 - d) + e;
    fma::<FMA>(-y, lost * fma::<FMA>(-0.5, e, 1.0), y)
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^(-|x|)), at most 2 ulp off; `softplus(-100)` is the
/// subnormal 3.78e-44.
#[inline(always)]
pub(super) fn softplus<const FMA: bool>(x: f32) -> f32 {
    let positive = select(x > 0.0, x, 0.0);
    let t = exp::<FMA>(-x.abs());
    positive + ln_1p_unit::<FMA>(t)
}

/// The zero of ln softplus, ln(e - 1), in two parts.
const ZERO: [f32; 2] = [0.541_324_85, 7.158_233e-10];

/// The series of ln softplus around it, without the constant that is 0.
const SERIES: [f32; 7] = [
    0.632_120_56,
    -0.083_516_12,
    4.542_264e-4,
    2.428_528e-3,
    -2.008_585e-4,
    -1.176_763_4e-4,
    2.288_672_6e-5,
];

/// ln softplus(x), at most 2^-22 off, relatively or absolutely; digits of a logarithm near 0 that
/// nobody asks for would cost twice as much. Below -20 it is x, as softplus is e^x.
#[inline(always)]
pub(super) fn log_softplus<const FMA: bool>(x: f32) -> f32 {
    let d = (x - ZERO[0]) - ZERO[1];
    let y = select(
        d.abs() < 0.125,
        d * poly::<FMA, 7>(d, &SERIES),
        ln::<FMA>(softplus::<FMA>(x)),
    );
    select(x < -20.0, x, y)
}

/// (tanh x / x - 1) / x² in powers of x², |x| <= 0.55, minimax.
const TANH: [f32; 5] = [
    -3.333_331_6e-1,
    1.333_253_7e-1,
    -5.384_629_6e-2,
    2.104_414_8e-2,
    -6.231_955e-3,
];

/// tanh |x| = 1 - 2e / (1 + e), e = e^(-2|x|), where that is above ½; at most 2 ulp off.
#[inline(always)]
pub(super) fn tanh<const FMA: bool>(x: f32) -> f32 {
    let size = x.abs();
    let z = size * size;
    let near = fma::<FMA>(size * z, poly::<FMA, 5>(z, &TANH), size);
    let e = exp::<FMA>(-2.0 * size);
    let far = 1.0 - 2.0 * e / (1.0 + e);
    select(size < 0.55, near, far).copysign(x)
}
