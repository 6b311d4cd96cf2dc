//! Sums whose error does not grow with their length.

use super::Scalar;

/// Runs below this length are added up in eight lanes, longer ones are halved.
const RUN: usize = 256;

/// Σ x, pairwise: the error grows with log n instead of n, and the order of the additions
/// depends on the length alone.
///
/// Source: Higham (1993), The accuracy of floating point summation, section 3.
pub fn sum<S: Scalar>(x: &[S]) -> S {
    sum_of(x.len(), &|i| x[i])
}

/// Σ_i f(i) for i in 0..n, in the order of [`sum`].
pub fn sum_of<S: Scalar>(n: usize, f: &impl Fn(usize) -> S) -> S {
    range(0, n, f)
}

fn range<S: Scalar>(from: usize, to: usize, f: &impl Fn(usize) -> S) -> S {
    if to - from > RUN {
        // The left half a whole number of runs, so that lanes stay full.
        let half = ((to - from) / 2).next_multiple_of(RUN);
        return range(from, from + half, f) + range(from + half, to, f);
    }
    let mut lanes = [S::ZERO; 8];
    let full = (to - from) / 8 * 8;
    for i in (0..full).step_by(8) {
        for (l, lane) in lanes.iter_mut().enumerate() {
            *lane += f(from + i + l);
        }
    }
    for i in full..to - from {
        lanes[i % 8] += f(from + i);
    }
    let [a, b, c, d, e, g, h, i] = lanes;
    ((a + e) + (b + g)) + ((c + h) + (d + i))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sum_is_the_exact_sum_rounded(x in prop::collection::vec(-100i32..100, 0..3000)) {
            // Integers are added exactly in any order.
            let floats: Vec<f32> = x.iter().map(|&v| v as f32).collect();
            prop_assert_eq!(f64::from(sum(&floats)), f64::from(x.iter().sum::<i32>()));
        }
    }

    #[test]
    fn error_does_not_grow_with_the_length() {
        let x = vec![0.1f32; 10_000_000];
        let exact = 10_000_000.0 * f64::from(0.1f32);
        assert!((f64::from(sum(&x)) / exact - 1.0).abs() < 1e-6);
    }
}
