//! Many products of small matrices, and sums of products.

use std::ops::Range;

use rayon::prelude::*;

use super::Scalar;
use super::matmul::{Matrix, TASK};
use super::reduce;

/// C_i = Σ_t A_it B_it for each of the m x n matrices C_i that stand one after the other in `c`,
/// or C_i += Σ_t A_it B_it where `accumulate` is true. `factors(i, t)` are A_it and B_it, for t in
/// 0..`terms`; all of them have the same shapes.
///
/// The sums are pairwise, as those of [`reduce`] are, and the order of the additions depends on
/// the sizes alone. One product alone is [`Scalar::gemm`]'s, to the bit.
///
/// # Panics
/// If the factors' shapes do not fit each other or `[m, n]`.
pub fn products<'a, S: Scalar>(
    [m, n]: [usize; 2],
    terms: usize,
    factors: &(impl Fn(usize, usize) -> [Matrix<'a, S>; 2] + Sync),
    accumulate: bool,
    c: &mut [S],
) {
    if c.is_empty() {
        return;
    }
    let size = m * n;
    let count = c.len() / size;
    if [count, terms] == [1, 1] {
        let [a, b] = factors(0, 0);
        return S::gemm(a, b, accumulate, c);
    }
    let one = |(i, c): (usize, &mut [S])| sum(0..terms, &|t| factors(i, t), accumulate, c);
    let inner = if terms == 0 {
        0
    } else {
        factors(0, 0)[0].columns()
    };
    let work = terms.saturating_mul(size).saturating_mul(inner).max(1);
    if count == 1 || count.saturating_mul(work) < 2 * TASK {
        c.chunks_exact_mut(size).enumerate().for_each(one);
    } else {
        // Each matrix is computed in the same way, whichever thread does it.
        c.par_chunks_exact_mut(size)
            .with_min_len((TASK / work).max(1))
            .enumerate()
            .for_each(one);
    }
}

/// Terms that are added up one after the other, as many as one lane of [`reduce::sum`] takes.
const RUN: usize = 32;

/// C = Σ_t A_t B_t, or C += Σ_t A_t B_t, over a range of t.
fn sum<'a, S: Scalar>(
    terms: Range<usize>,
    factors: &impl Fn(usize) -> [Matrix<'a, S>; 2],
    accumulate: bool,
    c: &mut [S],
) {
    if terms.len() > RUN {
        let half = terms.start + (terms.len() / 2).next_multiple_of(RUN);
        sum(terms.start..half, factors, accumulate, c);
        let mut rest = vec![S::ZERO; c.len()];
        sum(half..terms.end, factors, false, &mut rest);
        for (c, rest) in c.iter_mut().zip(rest) {
            *c += rest;
        }
    } else if terms.is_empty() && !accumulate {
        c.fill(S::ZERO);
    } else {
        for t in terms.clone() {
            let [a, b] = factors(t);
            product(a, b, accumulate || t > terms.start, c);
        }
    }
}

/// Products of up to this many multiplications are plain loops: `gemm` copies its operands into a
/// buffer of its own first, and takes 280 ns for 3 x 3 x 3, the loops 45 ns. At 6 x 6 x 6 both take
/// the same.
const SMALL: usize = 128;

/// C = A B, or C += A B.
fn product<S: Scalar>(a: Matrix<'_, S>, b: Matrix<'_, S>, accumulate: bool, c: &mut [S]) {
    let (m, k, n) = (a.rows(), a.columns(), b.columns());
    assert!(
        k == b.rows() && c.len() == m * n,
        "products: {m} x {k} times {} x {n} is not {} numbers",
        b.rows(),
        c.len()
    );
    if c.len() == 1 || c.len().saturating_mul(k) <= SMALL {
        plain(a, b, accumulate, c);
    } else {
        S::gemm(a, b, accumulate, c);
    }
}

fn plain<S: Scalar>(a: Matrix<'_, S>, b: Matrix<'_, S>, accumulate: bool, c: &mut [S]) {
    let k = a.columns();
    for (i, row) in c.chunks_exact_mut(b.columns()).enumerate() {
        for (j, c) in row.iter_mut().enumerate() {
            let term = |l| a.at(i, l) * b.at(l, j);
            let sum = if k > RUN {
                reduce::sum_of(k, &term)
            } else {
                (0..k).fold(S::ZERO, |sum, l| sum + term(l))
            };
            *c = if accumulate { *c + sum } else { sum };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dual;
    use super::*;
    use proptest::prelude::*;

    /// Whole numbers, so that sums are exact in any order.
    fn number(i: usize, salt: usize) -> f64 {
        ((i * 37 + salt * 11) % 17) as f64 - 8.0
    }

    fn law<S: Scalar>(
        [m, k, n]: [usize; 3],
        [count, terms]: [usize; 2],
        transposed: [bool; 2],
        accumulate: bool,
    ) -> Result<(), TestCaseError> {
        let numbers = |len: usize, salt: usize| -> Vec<S> {
            (0..len).map(|i| S::of(number(i, salt))).collect()
        };
        let (a, b) = (numbers(count * terms * m * k, 1), numbers(terms * k * n, 2));
        let factors = |i: usize, t: usize| {
            let a = &a[(i * terms + t) * m * k..][..m * k];
            let b = &b[t * k * n..][..k * n];
            let of = |data, rows, columns, transposed| {
                if transposed {
                    Matrix::new(data, columns, rows).t()
                } else {
                    Matrix::new(data, rows, columns)
                }
            };
            [of(a, m, k, transposed[0]), of(b, k, n, transposed[1])]
        };
        let start = numbers(count * m * n, 3);
        let mut c = start.clone();
        products([m, n], terms, &factors, accumulate, &mut c);
        for (place, (c, start)) in c.iter().zip(start).enumerate() {
            let (i, row, column) = (place / (m * n), place / n % m, place % n);
            let mut expected = if accumulate { start } else { S::ZERO };
            for t in 0..terms {
                let [a, b] = factors(i, t);
                for l in 0..k {
                    expected += a.at(row, l) * b.at(l, column);
                }
            }
            prop_assert_eq!(c.value(), expected.value());
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn products_equal_the_plain_loop(
            sizes in prop_oneof![
                3 => [0usize..12, 0usize..12, 0usize..12],
                1 => [Just(1usize).boxed(), (0usize..400).boxed(), Just(1usize).boxed()],
            ],
            count in 0usize..4,
            terms in prop_oneof![3 => 0usize..4, 1 => 30usize..100],
            transposed in [any::<bool>(), any::<bool>()],
            accumulate: bool,
        ) {
            law::<f32>(sizes, [count, terms], transposed, accumulate)?;
            law::<Dual<f64>>(sizes, [count, terms], transposed, accumulate)?;
        }
    }

    #[test]
    fn large_batches_equal_the_plain_loop() {
        law::<f64>([20, 30, 40], [200, 1], [false, true], false).unwrap();
        law::<f32>([2, 3, 2], [300, 2000], [true, false], true).unwrap();
    }

    #[test]
    fn error_does_not_grow_with_the_number_of_terms() {
        let terms = 1_000_000;
        let x = vec![0.1f32; terms];
        let factors = |_, t: usize| [Matrix::new(&x[t..=t], 1, 1), Matrix::new(&[1.0], 1, 1)];
        let mut c = [0.0];
        products([1, 1], terms, &factors, false, &mut c);
        let exact = terms as f64 * f64::from(0.1f32);
        assert!((f64::from(c[0]) / exact - 1.0).abs() < 1e-6, "{}", c[0]);
    }
}
