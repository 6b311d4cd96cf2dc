//! x^p in f64 for an f32: e^(p ln |x|).

use super::exp::exp;
use super::log::ln;
use super::select;

/// x^p, with the conventions of IEEE 754: x^0 and 1^p are 1 for every x and p, and a negative x has
/// powers with whole p alone.
#[inline(always)]
pub(super) fn pow(x: f64, p: f64) -> f64 {
    let whole = p == p.trunc();
    let odd = whole && p * 0.5 != (p * 0.5).trunc();

    // 0 · inf in the exponent is a NaN where the power is 1: of x = ±1, which is set here, and of
    // p = 0, below.
    let size = x.abs();
    let y = select(size == 1.0, 1.0, exp(p * ln(size)));
    // The sign bit counts: (-0)^-1 is -inf, but (-0)^0.5 is 0.
    let y = select(odd, y.copysign(x), y);
    let rootless = x < 0.0 && x > f64::NEG_INFINITY && !whole;
    let y = select(rootless, f64::NAN, y);
    // A NaN to the power of 0, and 1 to that of a NaN, are 1; (-1)^NaN is NaN.
    let y = select(p.is_nan(), p, y);
    select(p == 0.0 || x == 1.0, 1.0, y)
}
