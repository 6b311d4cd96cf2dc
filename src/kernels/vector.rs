//! Products of a matrix and a vector.

use super::Scalar;
use super::matmul::{Matrix, TASK};
use super::simd::vectorize;
use super::task::chunks;

/// Lanes of a sum over numbers that stand side by side.
const LANES: usize = 16;

/// Products that are added up one after the other, before these sums are.
const RUN: usize = 256;

/// Numbers of y whose sums are made at a time, on the stack.
const SUMS: usize = 256;

/// y = A x, or y += A x where `accumulate` is true.
///
/// Each number of A is read once, where it stands. No multiplication is fused with an addition, and
/// the order of the additions depends on the sizes and on how A stands in memory alone, so that every
/// machine gives the same bits.
///
/// # Panics
/// If the lengths of x and y are not the sizes of A.
pub(super) fn product<S: Scalar>(a: Matrix<'_, S>, x: &[S], accumulate: bool, y: &mut [S]) {
    assert!(a.columns() == x.len() && a.rows() == y.len());
    let rows = (TASK / x.len().max(1)).max(1).next_multiple_of(SUMS);
    chunks(y, rows, |task, y| {
        let first = task * rows;
        let a = a.rows_of(first, first + y.len());
        let (numbers, stride) = a.lines();
        if !accumulate {
            y.fill(S::ZERO);
        }
        vectorize(
            y.len().saturating_mul(x.len()),
            #[inline(always)]
            || {
                if a.has_row_lines() {
                    add_dots(numbers, stride, x, y);
                } else {
                    add_columns(numbers, stride, x, y);
                }
            },
        );
    });
}

/// y_i += Σ_l a_il x_l, where row i of A is line i.
#[inline(always)]
fn add_dots<S: Scalar>(a: &[S], stride: usize, x: &[S], y: &mut [S]) {
    for (i, y) in y.iter_mut().enumerate() {
        let a = &a[i * stride..][..x.len()];
        for (a, x) in a.chunks(LANES * RUN).zip(x.chunks(LANES * RUN)) {
            *y += dot(a, x);
        }
    }
}

/// Σ_l a_l x_l, lane by lane.
#[inline(always)]
fn dot<S: Scalar>(a: &[S], x: &[S]) -> S {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (x, x_rest) = x.as_chunks::<LANES>();
    let mut sums = [S::ZERO; LANES];
    for (a, x) in a.iter().zip(x) {
        for ((sum, &a), &x) in sums.iter_mut().zip(a).zip(x) {
            *sum += a * x;
        }
    }
    let mut rest = S::ZERO;
    for (&a, &x) in a_rest.iter().zip(x_rest) {
        rest += a * x;
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        let (left, right) = sums.split_at_mut(width);
        for (left, right) in left.iter_mut().zip(right) {
            *left += *right;
        }
    }
    sums[0] + rest
}

/// y_i += Σ_l a_il x_l, where column l of A is line l.
#[inline(always)]
fn add_columns<S: Scalar>(a: &[S], stride: usize, x: &[S], y: &mut [S]) {
    for (block, y) in y.chunks_mut(SUMS).enumerate() {
        for (run, x) in x.chunks(RUN).enumerate() {
            let mut sums = [S::ZERO; SUMS];
            let sums = &mut sums[..y.len()];
            for (l, &x) in x.iter().enumerate() {
                let column = &a[(run * RUN + l) * stride + block * SUMS..][..y.len()];
                for (sum, &a) in sums.iter_mut().zip(column) {
                    *sum += a * x;
                }
            }
            for (y, &sum) in y.iter_mut().zip(&*sums) {
                *y += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::simd::Level;
    use super::*;

    proptest! {
        /// That they are the right numbers, the laws of [`super::super::matmul`] say.
        #[test]
        fn every_level_gives_the_same_bits(rows in 1usize..300, columns in 1usize..300, by_rows: bool) {
            let number = |i: usize| ((i * 37) % 1009) as f32 / 7.0;
            let a: Vec<f32> = (0..rows * columns).map(number).collect();
            let x: Vec<f32> = (0..columns).map(number).collect();
            let bits = |level: Level| {
                let mut y = vec![0.1; rows];
                level.run(
                    #[inline(always)]
                    || {
                        if by_rows {
                            add_dots(&a, columns, &x, &mut y);
                        } else {
                            add_columns(&a, rows, &x, &mut y);
                        }
                    },
                );
                y
            };
            for level in Level::available() {
                prop_assert_eq!(bits(level), bits(Level::Baseline));
            }
        }
    }
}
