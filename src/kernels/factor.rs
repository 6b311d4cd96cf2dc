//! Factors of small matrices, A = L L' and P A = L U, and solving by substitution.
//!
//! A matrix is n x n, row major; right sides are rows of n numbers. Each new number is one inner
//! product of two contiguous runs, added up as [`reduce::sum`] does, so that its error hardly
//! grows with n; the bounds are those of Higham (2002), Accuracy and Stability of Numerical
//! Algorithms, chapters 8 to 10. Branches look at values alone: over dual numbers the same lines
//! differentiate.

use super::{Scalar, reduce};

/// Σ aₖ bₖ.
///
/// # Panics
/// If `b` is shorter than `a`.
pub fn dot<S: Scalar>(a: &[S], b: &[S]) -> S {
    let b = &b[..a.len()];
    reduce::sum_of(a.len(), &|k| a[k] * b[k])
}

/// Writes the transpose of a `rows` x `columns` matrix into `to`.
///
/// # Panics
/// If `from` or `to` holds fewer numbers.
pub fn transpose<S: Scalar>(from: &[S], rows: usize, columns: usize, to: &mut [S]) {
    for j in 0..columns {
        for i in 0..rows {
            to[j * rows + i] = from[i * columns + j];
        }
    }
}

/// Transposes an n x n matrix where it stands.
///
/// # Panics
/// If `a` holds fewer numbers.
pub fn transpose_square<S: Scalar>(a: &mut [S], n: usize) {
    for i in 0..n {
        for j in 0..i {
            a.swap(i * n + j, j * n + i);
        }
    }
}

/// Writes the identity.
pub fn identity<S: Scalar>(a: &mut [S], n: usize) {
    a.fill(S::ZERO);
    for diagonal in a.iter_mut().step_by(n + 1) {
        *diagonal = S::ONE;
    }
}

/// The lower triangular L with L L' = (A + A') / 2 and a positive diagonal; 0 above it. Where the
/// matrix is not positive definite the lower triangle is NaN.
///
/// Source: Higham (2002), algorithm 10.2, row by row.
///
/// # Panics
/// If `a` or `l` holds fewer than n² numbers.
pub fn cholesky<S: Scalar>(a: &[S], n: usize, l: &mut [S]) {
    let half = S::of(0.5);
    for i in 0..n {
        let (above, row) = l.split_at_mut(i * n);
        for j in 0..i {
            let other = &above[j * n..][..n];
            // Halves first: the sum of two large numbers overflows.
            let a = half * a[i * n + j] + half * a[j * n + i];
            row[j] = (a - dot(&row[..j], other)) / other[j];
        }
        let pivot = a[i * n + i] - dot(&row[..i], &row[..i]);
        row[i] = pivot.sqrt();
        row[i + 1..n].fill(S::ZERO);
        let is_positive = pivot > S::ZERO; // false for a NaN
        if !is_positive {
            for i in 0..n {
                l[i * n..][..=i].fill(S::of(f64::NAN));
                l[i * n..][i + 1..n].fill(S::ZERO);
            }
            return;
        }
    }
}

/// P A = L U where it stands: U on and above the diagonal, L, whose own diagonal is 1, below. P
/// exchanges row j with row `swaps[j]`, for j = 0, 1, …, n - 1 in turn, so that no number of L is
/// larger than 1. `column` is scratch of n numbers.
///
/// A matrix is singular if one of U's diagonal is 0.
///
/// Source: Golub and Van Loan (2013), Matrix Computations, section 3.4.6: column by column, the
/// form in which a number is one inner product.
///
/// # Panics
/// If `a` holds fewer than n² numbers, or `column` fewer than n, where n is the length of `swaps`.
pub fn lu<S: Scalar>(a: &mut [S], swaps: &mut [u32], column: &mut [S]) {
    let n = swaps.len();
    for j in 0..n {
        for i in 0..n {
            let row = &a[i * n..][..n];
            column[i] = row[j] - dot(&row[..i.min(j)], column);
        }
        let mut p = j;
        for i in j + 1..n {
            if column[i].abs() > column[p].abs() {
                p = i;
            }
        }
        swaps[j] = p as u32;
        if p != j {
            column.swap(j, p);
            let (head, tail) = a.split_at_mut(p * n);
            head[j * n..][..n].swap_with_slice(&mut tail[..n]);
        }
        let pivot = column[j];
        for (i, &x) in column[..n].iter().enumerate() {
            // Below a pivot that is 0 there is nothing left to eliminate (or a NaN, which stays).
            let scaled = i > j && pivot != S::ZERO;
            a[i * n + j] = if scaled { x / pivot } else { x };
        }
    }
}

/// Solves T x = b for each row b of `rows`, which becomes x; T is the lower or the upper triangle
/// of `t`, whose other numbers are not read, nor is the diagonal if it is `unit`, 1 throughout.
/// NaN if T is singular: one of its diagonal is 0.
///
/// Source: Higham (2002), algorithm 8.1.
///
/// # Panics
/// If `t` holds fewer than n² numbers.
pub fn solve_triangular<S: Scalar>(t: &[S], n: usize, lower: bool, unit: bool, rows: &mut [S]) {
    if !unit && (0..n).any(|i| t[i * n + i] == S::ZERO) {
        rows.fill(S::of(f64::NAN));
        return;
    }
    for x in rows.chunks_exact_mut(n.max(1)) {
        for step in 0..n {
            let i = if lower { step } else { n - 1 - step };
            let known = if lower { 0..i } else { i + 1..n };
            let row = &t[i * n..][..n];
            let rest = x[i] - dot(&row[known.clone()], &x[known]);
            x[i] = if unit { rest } else { rest / row[i] };
        }
    }
}

/// Solves A x = b for each row b of `rows`, which becomes x, from the [`lu`] of A. NaN if A is
/// singular.
///
/// # Panics
/// If `lu` holds fewer than n² numbers, where n is the length of `swaps`.
pub fn solve_lu<S: Scalar>(lu: &[S], swaps: &[u32], rows: &mut [S]) {
    let n = swaps.len();
    for x in rows.chunks_exact_mut(n.max(1)) {
        for (j, &p) in swaps.iter().enumerate() {
            x.swap(j, p as usize);
        }
    }
    solve_triangular(lu, n, true, true, rows);
    solve_triangular(lu, n, false, false, rows);
}

/// Solves A' x = b for each row b of `rows`, which becomes x, from the transpose of the [`lu`] of
/// A: A' = U' L' P. NaN if A is singular.
///
/// # Panics
/// If `transposed` holds fewer than n² numbers, where n is the length of `swaps`.
pub fn solve_lu_transposed<S: Scalar>(transposed: &[S], swaps: &[u32], rows: &mut [S]) {
    let n = swaps.len();
    solve_triangular(transposed, n, true, false, rows);
    solve_triangular(transposed, n, false, true, rows);
    for x in rows.chunks_exact_mut(n.max(1)) {
        for (j, &p) in swaps.iter().enumerate().rev() {
            x.swap(j, p as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dual;
    use super::*;
    use proptest::prelude::*;

    /// The numbers of n x n matrices between -1 and 1, n up to 12.
    fn matrix() -> impl Strategy<Value = (usize, Vec<f64>)> {
        (0usize..13).prop_flat_map(|n| (Just(n), prop::collection::vec(-1.0..1.0f64, n * n)))
    }

    /// Higham's γ: what k roundings make of 1, at most.
    fn gamma<S: Scalar>(k: usize) -> f64 {
        let mut unit = S::ONE;
        while S::ONE + unit != S::ONE {
            unit *= S::of(0.5);
        }
        k as f64 * unit.value() / (1.0 - k as f64 * unit.value())
    }

    /// |P A - L U| <= γ |L| |U|, number by number (Higham, theorem 9.3), in whatever precision.
    fn lu_is_exact<S: Scalar>(n: usize, a: &[f64]) -> Result<(), TestCaseError> {
        let a: Vec<S> = a.iter().map(|&a| S::of(a)).collect();
        let (mut f, mut swaps, mut scratch) = (a.clone(), vec![0; n], vec![S::ZERO; n]);
        lu(&mut f, &mut swaps, &mut scratch);
        let mut order: Vec<usize> = (0..n).collect();
        for (j, &p) in swaps.iter().enumerate() {
            prop_assert!(p as usize >= j);
            order.swap(j, p as usize);
        }
        for (i, &from) in order.iter().enumerate() {
            for j in 0..n {
                let (mut sum, mut size) = (0.0, 0.0);
                for k in 0..=i.min(j) {
                    let l = if k == i { 1.0 } else { f[i * n + k].value() };
                    prop_assert!(l.abs() <= 1.0);
                    sum += l * f[k * n + j].value();
                    size += (l * f[k * n + j].value()).abs();
                }
                let error = (sum - a[from * n + j].value()).abs();
                prop_assert!(error <= (gamma::<S>(n) + gamma::<f64>(n)) * size);
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn lu_multiplies_to_the_rows_exchanged((n, a) in matrix()) {
            lu_is_exact::<f64>(n, &a)?;
            lu_is_exact::<f32>(n, &a)?;
            lu_is_exact::<Dual<f64>>(n, &a)?;
        }

        /// L L' = A over dual numbers: values and tangents both.
        #[test]
        fn tangents_of_a_cholesky_factor_are_those_of_its_product((n, a) in matrix()) {
            let symmetric = |i: usize, j: usize| a[i * n + j] + a[j * n + i];
            // Diagonally dominant, so positive definite; the tangent is any symmetric matrix.
            let entry = |at: usize| {
                let (i, j) = (at / n, at % n);
                let shift = if i == j { 2.0 * n as f64 + 1.0 } else { 0.0 };
                Dual { v: symmetric(i, j) + shift, d: symmetric(n - 1 - j, n - 1 - i) }
            };
            let a: Vec<_> = (0..n * n).map(entry).collect();
            let mut l = vec![Dual::ONE; n * n];
            cholesky(&a, n, &mut l);
            for i in 0..n {
                for j in 0..n {
                    let product = dot(&l[i * n..][..n], &l[j * n..][..n]);
                    let exact = a[i * n + j];
                    // Dominance makes L well conditioned; numbers are below 4 n + 1.
                    let tolerance = gamma::<f64>(8 * n * n) * (4 * n + 1) as f64;
                    prop_assert!((product.v - exact.v).abs() <= tolerance);
                    prop_assert!((product.d - exact.d).abs() <= tolerance);
                }
            }
        }
    }

    #[test]
    fn a_nan_is_not_lost_beside_a_pivot_of_zero() {
        for place in 0..9 {
            let mut a = [0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 3.0];
            a[place] = f64::NAN;
            let (mut swaps, mut scratch) = ([0; 3], [0.0; 3]);
            lu(&mut a, &mut swaps, &mut scratch);
            let diagonal: f64 = a[0] * a[4] * a[8];
            assert!(diagonal.is_nan(), "{place}: {a:?}");
        }
    }
}
