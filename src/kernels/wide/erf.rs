//! The error function, in f64 for an f32.
//!
//! ```text
//! erf x = x p(x²)  for |x| < 1       erfc x = e^(-x²) g(x)  for x >= 0,   erfc(-x) = 2 - erfc x
//! ```

use super::exp::exp;
use super::{poly, select};

/// erf(x) / x in powers of x², |x| <= 1, minimax; off by less than 2^-34 of itself.
const ERF: [f64; 8] = [
    1.128_379_167_058,
    -0.376_126_384_346_9,
    0.112_837_819_746_5,
    -0.026_865_400_068_72,
    0.005_220_945_493_363,
    -0.000_848_282_955_465_9,
    0.000_112_569_520_653_8,
    -9.641_525_759_187e-6,
];

/// (1 + 2x) e^(x²) erfc(x) in powers of t = (x - 3) / (x + 3), for 0 <= x <= 10.2, minimax; off by
/// less than 2^-30 of itself.
const TAIL: [f64; 12] = [
    1.253_008_058_946,
    -0.135_621_112_703_3,
    -0.047_562_384_264_91,
    0.129_645_415_025_6,
    -0.119_271_620_725_8,
    0.068_305_940_434_61,
    -0.023_787_751_346_42,
    0.002_529_826_241_518,
    0.001_950_414_265_579,
    -0.000_741_619_444_220_6,
    -0.000_183_062_856_752_9,
    3.520_509_336_079e-5,
];

/// 2/√π ∫₀ˣ e^(-t²) dt.
#[inline(always)]
pub(super) fn erf(x: f64) -> f64 {
    let near = x * poly(x * x, &ERF);
    let far = (1.0 - tail(x.abs())).copysign(x);
    select(x.abs() < 1.0, near, far)
}

/// 1 - erf x, exact in the right tail.
#[inline(always)]
pub(super) fn erfc(x: f64) -> f64 {
    let tail = tail(x.abs());
    select(x < 0.0, 2.0 - tail, tail)
}

/// Φ(x) = ½ erfc(-x/√2), exact in the left tail.
#[inline(always)]
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(x * -std::f64::consts::FRAC_1_SQRT_2)
}

/// erfc x for x >= 0.
#[inline(always)]
fn tail(x: f64) -> f64 {
    // Where erfc is 0 in f32, g may be any number.
    let near = select(x > 10.2, 10.2, x);
    // One division for both quotients.
    let (a, b) = (near + 3.0, 1.0 + 2.0 * near);
    let r = 1.0 / (a * b);
    exp(-(x * x)) * poly((near - 3.0) * b * r, &TAIL) * (a * r)
}
