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

/// Columns whose sums are made at a time: few enough for the stack of a small thread.
const COLUMNS: usize = 16;

/// Rows that are added up one after the other: as many as one lane of [`sum`] takes.
const ROWS: usize = RUN / 8;

/// Adds to `out` the sums over the rows of `x`, which holds rows as long as `out`; pairwise, as
/// [`sum`] does.
///
/// # Panics
/// If `x` does not hold whole rows.
pub fn add_rows<S: Scalar>(x: &[S], out: &mut [S]) {
    if out.is_empty() || x.is_empty() {
        return; // no column, or no row to add
    }
    let width = out.len();
    assert!(
        x.len().is_multiple_of(width),
        "add_rows: {} numbers are no rows of {width}",
        x.len()
    );
    for (block, out) in out.chunks_mut(COLUMNS).enumerate() {
        let sums = columns(&x[block * COLUMNS..], width, x.len() / width, out.len());
        for (out, sum) in out.iter_mut().zip(sums) {
            *out += sum;
        }
    }
}

/// Sums over `rows` rows, `width` apart, of the first `count` columns of `x`.
fn columns<S: Scalar>(x: &[S], width: usize, rows: usize, count: usize) -> [S; COLUMNS] {
    let mut sums = [S::ZERO; COLUMNS];
    if rows > ROWS {
        let half = (rows / 2).next_multiple_of(ROWS);
        sums = columns(x, width, half, count);
        let rest = columns(&x[half * width..], width, rows - half, count);
        for (sum, rest) in sums.iter_mut().zip(rest) {
            *sum += rest;
        }
    } else {
        for row in 0..rows {
            for (sum, &x) in sums.iter_mut().zip(&x[row * width..][..count]) {
                *sum += x;
            }
        }
    }
    sums
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

    proptest! {
        #[test]
        fn sums_of_columns_are_exact_sums_rounded(
            width in 0usize..40,
            rows in prop_oneof![Just(0usize), 1usize..1200],
            start in -5i32..5,
        ) {
            let at = |i: usize, j: usize| ((i * 31 + j * 17) % 23) as i32 - 11;
            let cell = |k: usize| at(k / width.max(1), k % width.max(1)) as f32;
            let x: Vec<f32> = (0..rows * width).map(cell).collect();
            let mut out = vec![start as f32; width];
            add_rows(&x, &mut out);
            for (j, out) in out.iter().enumerate() {
                let exact = start + (0..rows).map(|i| at(i, j)).sum::<i32>();
                prop_assert_eq!(f64::from(*out), f64::from(exact));
            }
        }
    }

    #[test]
    fn error_does_not_grow_with_the_length() {
        let x = vec![0.1f32; 10_000_000];
        let exact = 10_000_000.0 * f64::from(0.1f32);
        assert!((f64::from(sum(&x)) / exact - 1.0).abs() < 1e-6);
        let mut columns = [0.0; 2];
        add_rows(&x, &mut columns);
        assert!((2.0 * f64::from(columns[0]) / exact - 1.0).abs() < 1e-6);
    }
}
