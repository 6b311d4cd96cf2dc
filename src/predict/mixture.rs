//! Quantiles of mixtures with equal weights, by bisection in their distribution function.
//!
//! A mixture has no closed quantile, but its distribution function is the mean of its parts',
//! and is monotone. Solving for it is exact to rounding and needs no draws, so that an interval
//! does not wobble.

use crate::dist::{Normal, Poisson};
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

/// The least count k with `(1/S) Σ_s P(Y_s <= k) >= q`.
pub(super) fn poisson_quantile(draws: &[Poisson<f64>], q: f64) -> f64 {
    let enough = draws.len() as f64 * q;
    let reached = |k: f64| draws.iter().map(|&draw| poisson_cdf(draw, k)).sum::<f64>() >= enough;
    if reached(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while high.is_finite() && !reached(high) {
        (low, high) = (high, 2.0 * high);
    }
    while high - low > 1.0 {
        let middle = ((low + high) * 0.5).floor();
        // Beyond 2^53 counts are further apart than 1.
        if middle <= low || middle >= high {
            break;
        }
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// P(Y <= k), for a whole k >= 0.
///
/// ```text
/// P(Y <= k) = p(k) (1 + k/λ + k (k-1)/λ² + …)                 k < λ
/// P(Y > k)  = p(k+1) (1 + λ/(k+2) + λ²/((k+2) (k+3)) + …)     k >= λ
/// ```
///
/// Terms are positive and fall: some 8 √λ of them reach rounding. From λ = 1e6 on it is the
/// normal distribution with its first correction, off by less than 1e-7:
///
/// ```text
/// P(Y <= k) ≈ Φ(z) - φ(z) (z² - 1) / (6 √λ),   z = (k + 1/2 - λ) / √λ
/// ```
fn poisson_cdf(draw: Poisson<f64>, k: f64) -> f64 {
    let rate = draw.log_rate.exp();
    if rate == f64::INFINITY {
        return 0.0; // no count is as large
    }
    if rate >= 1e6 {
        let root = rate.sqrt();
        let z = (k + 0.5 - rate) / root;
        let skew = special::standard_normal_pdf(z) * (z * z - 1.0) / (6.0 * root);
        return (special::standard_normal_cdf(z) - skew).clamp(0.0, 1.0);
    }
    let series = |first: f64, ratio: &dyn Fn(f64) -> f64| {
        let (mut term, mut sum, mut i) = (first, first, 0.0);
        while term > 1e-17 * sum {
            term *= ratio(i);
            sum += term;
            i += 1.0;
        }
        sum
    };
    if k < rate {
        series(draw.log_prob(k).exp(), &|i| (k - i) / rate)
    } else {
        1.0 - series(draw.log_prob(k + 1.0).exp(), &|i| rate / (k + 2.0 + i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn poisson_cdf_is_the_sum_of_the_masses(log_rate in -5.0..6.0f64, k in 0u32..800) {
            let draw = Poisson { log_rate };
            let sum: f64 = (0..=k).map(|y| draw.log_prob(f64::from(y)).exp()).sum();
            // k terms, each of the relative error of exp(log_prob), some 1e-15 times ln p
            prop_assert!((poisson_cdf(draw, f64::from(k)) - sum.min(1.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn poisson_cdf_agrees_with_itself_where_its_form_changes() {
        let below = Poisson {
            log_rate: (1e6f64 - 1e-6).ln(),
        };
        let above = Poisson {
            log_rate: (1e6f64 + 1e-6).ln(),
        };
        for z in [-4.0, -1.0, 0.0, 0.5, 3.0] {
            let k = (1e6f64 + 1e3 * z).round();
            let (a, b) = (poisson_cdf(below, k), poisson_cdf(above, k));
            assert!((a - b).abs() < 1e-7, "z = {z}: {a} and {b}");
        }
    }
}
