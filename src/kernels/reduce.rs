//! Sums whose error does not grow with their length.

use std::ops::RangeInclusive;

use super::Scalar;
use super::simd::vectorize;

/// to += from, element by element.
pub fn add<S: Scalar>(to: &mut [S], from: &[S]) {
    vectorize(
        to.len(),
        #[inline(always)]
        || {
            for (to, &from) in to.iter_mut().zip(from) {
                *to += from;
            }
        },
    );
}

/// Σ x², to some six digits, as an f64: no square of an f32 overflows there, or underflows.
pub fn sum_of_squares(x: &[f32]) -> f64 {
    /// Sums of a run that lie in between have lost nothing to overflow or underflow.
    const SAFE: RangeInclusive<f32> = 1e-25..=1e37;
    let mut sum = Running::new(0.0);
    vectorize(
        x.len(),
        #[inline(always)]
        move || {
            for x in x.chunks(4 * RUN) {
                let run = run_of_squares(x);
                sum.add(if SAFE.contains(&run) {
                    f64::from(run)
                } else {
                    x.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
                });
            }
            sum.total()
        },
    )
}

/// Σ x² of a run, in lanes.
#[inline(always)]
fn run_of_squares(x: &[f32]) -> f32 {
    const LANES: usize = 32;
    let mut lanes = [0.0; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for x in whole {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane += x * x;
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += x * x;
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        let (left, right) = lanes.split_at_mut(width);
        for (left, right) in left.iter_mut().zip(right) {
            *left += *right;
        }
    }
    lanes[0]
}

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

/// A running sum of twice the digits, so that each value of a long one is as good as the rounded
/// exact one.
///
/// Source: Dekker (1971), A floating-point technique for extending the available precision.
#[derive(Clone, Copy, Debug)]
pub struct Running<S> {
    high: S,
    low: S,
}

impl<S: Scalar> Running<S> {
    /// A sum of one term.
    pub fn new(first: S) -> Self {
        Running {
            high: first,
            low: S::ZERO,
        }
    }
    /// Adds `x`.
    pub fn add(&mut self, x: S) {
        let (high, lost) = two_sum(self.high, x);
        let (high, low) = two_sum(high, self.low + lost);
        *self = Running { high, low };
    }
    /// The sum of all terms so far.
    pub fn total(self) -> S {
        self.high
    }
}

/// a + b, rounded, and what rounding took away; nothing of an infinite sum.
fn two_sum<S: Scalar>(a: S, b: S) -> (S, S) {
    let sum = a + b;
    let added = sum - a;
    let lost = (a - (sum - added)) + (b - added);
    (
        sum,
        if sum.value().is_finite() {
            lost
        } else {
            S::ZERO
        },
    )
}

/// Columns whose sums are made at a time: few enough for the stack of a small thread.
const COLUMNS: usize = 16;

/// Rows that are added up one after the other: as many as one lane of [`sum`] takes.
const ROWS: usize = RUN / 8;

/// Adds to `out`, of shape `[outer, inner]`, the sums over the middle axis of `x`, of shape
/// `[outer, n, inner]`; pairwise, as [`sum`] does.
///
/// # Panics
/// If the lengths are not `outer n inner` and `outer inner`.
#[track_caller]
pub fn add_sums<S: Scalar>(x: &[S], [outer, n, inner]: [usize; 3], out: &mut [S]) {
    assert!(
        x.len() == outer * n * inner && out.len() == outer * inner,
        "add_sums: {} and {} numbers for {outer} x {n} x {inner}",
        x.len(),
        out.len()
    );
    if x.is_empty() {
        return;
    }
    for (x, out) in x.chunks(n * inner).zip(out.chunks_mut(inner)) {
        if let [out] = out {
            *out += sum(x);
            continue;
        }
        for (block, out) in out.chunks_mut(COLUMNS).enumerate() {
            let sums = columns(&x[block * COLUMNS..], inner, n, out.len());
            for (out, sum) in out.iter_mut().zip(sums) {
                *out += sum;
            }
        }
    }
}

/// The sums of [`add_sums`], written over the first `outer inner` numbers of `x`; what stands
/// behind them is no longer meaningful.
///
/// # Panics
/// If the length is not `outer n inner`.
#[track_caller]
pub fn sums_in_place<S: Scalar>(x: &mut [S], [outer, n, inner]: [usize; 3]) {
    assert!(
        x.len() == outer * n * inner && n > 0,
        "sums_in_place: {} numbers for {outer} x {n} x {inner}",
        x.len()
    );
    // A result stands no further back than the first number that it takes: those that are still
    // to be read stand behind.
    for o in 0..outer {
        let block = o * n * inner;
        if inner == 1 {
            x[o] = sum(&x[block..block + n]);
            continue;
        }
        for first in (0..inner).step_by(COLUMNS) {
            let count = COLUMNS.min(inner - first);
            let sums = columns(&x[block + first..block + n * inner], inner, n, count);
            x[o * inner + first..][..count].copy_from_slice(&sums[..count]);
        }
    }
}

/// Adds to `out` the rows of `x` that start at `places`; pairwise, as [`sum`] does.
///
/// # Panics
/// If a row does not lie in `x`.
#[track_caller]
pub fn add_rows<S: Scalar>(x: &[S], places: &[usize], out: &mut [S]) {
    for (block, out) in out.chunks_mut(COLUMNS).enumerate() {
        let place = |row: usize| places[row] + block * COLUMNS;
        let sums = rows(x, &place, [0, places.len()], out.len());
        for (out, sum) in out.iter_mut().zip(sums) {
            *out += sum;
        }
    }
}

/// Sums over `n` rows, `width` apart, of the first `count` columns of `x`.
fn columns<S: Scalar>(x: &[S], width: usize, n: usize, count: usize) -> [S; COLUMNS] {
    rows(x, &|row| row * width, [0, n], count)
}

/// Sums of `count` numbers each, which for row r in `from..to` start at `place(r)`.
fn rows<S: Scalar>(
    x: &[S],
    place: &impl Fn(usize) -> usize,
    [from, to]: [usize; 2],
    count: usize,
) -> [S; COLUMNS] {
    let mut sums = [S::ZERO; COLUMNS];
    if to - from > ROWS {
        let half = from + ((to - from) / 2).next_multiple_of(ROWS);
        sums = rows(x, place, [from, half], count);
        for (sum, rest) in sums.iter_mut().zip(rows(x, place, [half, to], count)) {
            *sum += rest;
        }
    } else {
        for row in from..to {
            for (sum, &x) in sums.iter_mut().zip(&x[place(row)..][..count]) {
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
        fn sums_along_an_axis_are_exact_sums_rounded(
            outer in 0usize..4,
            inner in prop_oneof![Just(1usize), 0usize..40],
            n in prop_oneof![Just(0usize), 1usize..1200],
            start in -5i32..5,
        ) {
            let at = |k: usize| (k * 31 % 23) as i32 - 11;
            let mut x: Vec<f32> = (0..outer * n * inner).map(|k| at(k) as f32).collect();
            let exact = |o: usize, i: usize| (0..n).map(|j| at((o * n + j) * inner + i)).sum::<i32>();
            let mut out = vec![start as f32; outer * inner];
            add_sums(&x, [outer, n, inner], &mut out);
            for (k, out) in out.iter().enumerate() {
                prop_assert_eq!(*out, (start + exact(k / inner, k % inner)) as f32);
            }
            if n > 0 {
                sums_in_place(&mut x, [outer, n, inner]);
                for (k, x) in x[..outer * inner].iter().enumerate() {
                    prop_assert_eq!(*x, exact(k / inner, k % inner) as f32);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn sums_of_squares_neither_overflow_nor_underflow(
            x in prop::collection::vec(-1f32..1.0, 0..1000),
            exponent in -140i32..127,
        ) {
            let x: Vec<f32> = x.iter().map(|x| x * 2f32.powi(exponent)).collect();
            let exact: f64 = x.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            // 31 additions in f32 one after the other and five more, each off by half an ulp, though
            // never all of them, nor all to one side.
            prop_assert!((sum_of_squares(&x) - exact).abs() <= 18.0 * f64::from(f32::EPSILON) * exact);
        }
    }

    #[test]
    fn running_sums_of_infinities() {
        let total = |x: &[f64]| {
            let mut running = Running::new(1.0);
            for &x in x {
                running.add(x);
            }
            running.total()
        };
        assert_eq!(total(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(total(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert_eq!(total(&[1e100, 1.0, -1e100]), 2.0);
    }

    #[test]
    fn error_does_not_grow_with_the_length() {
        let x = vec![0.1f32; 10_000_000];
        let exact = 10_000_000.0 * f64::from(0.1f32);
        assert!((f64::from(sum(&x)) / exact - 1.0).abs() < 1e-6);
        let mut running = Running::new(0.0f32);
        for &x in &x {
            running.add(x);
        }
        assert!((f64::from(running.total()) / exact - 1.0).abs() < 1e-6);
        let mut columns = [0.0; 2];
        add_sums(&x, [1, 5_000_000, 2], &mut columns);
        assert!((2.0 * f64::from(columns[0]) / exact - 1.0).abs() < 1e-6);
    }
}
