//! Quantiles of mixtures of normal distributions with equal weights, by bisection in their
//! distribution function.
//!
//! A mixture has no closed quantile, but its distribution function is the mean of its parts',
//! and is monotone. Solving for it is exact to rounding and needs no draws, so that an interval
//! does not wobble.

use crate::dist::Normal;
use crate::kernels::special;

/// The y with `(1/S) Σ_s Φ((y - mean_s) / std_s) = q`.
///
/// It lies between the smallest and the largest of the parts' own quantiles. Above the median
/// the mirrored problem is solved, because there Φ is near 1 and has lost the digits of the tail.
pub(super) fn normal_quantile(draws: &[Normal<f64>], q: f64) -> f64 {
    if q > 0.5 {
        let mirrored: Vec<_> = (draws.iter())
            .map(|&Normal { mean, std }| Normal { mean: -mean, std })
            .collect();
        return -normal_quantile(&mirrored, 1.0 - q);
    }
    // Φ(-40) is 0 in f64.
    let z = bisect(-40.0, 0.0, |z| special::standard_normal_cdf(z) >= q);
    let parts = draws.iter().map(|draw| draw.mean + draw.std * z);
    let (low, high) = parts.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
        (low.min(y), high.max(y))
    });
    let enough = draws.len() as f64 * q;
    bisect(low, high, |y| {
        draws.iter().map(|draw| draw.cdf(y)).sum::<f64>() >= enough
    })
}

/// The least y in `low..=high` of which the monotone `reached` is true; `high` is taken to be.
fn bisect(mut low: f64, mut high: f64, reached: impl Fn(f64) -> bool) -> f64 {
    if reached(low) {
        return low;
    }
    loop {
        let middle = low + 0.5 * (high - low);
        // No number is left between them; nor is there one if either is not finite.
        if !(low < middle && middle < high) {
            return high;
        }
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}
