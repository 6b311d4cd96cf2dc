//! C = A B on matrixmultiply, whose calls are `unsafe`.
#![allow(unsafe_code)]

use rayon::prelude::*;

/// A matrix in a slice: element (i, j) stands at `i * strides[0] + j * strides[1]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, S> {
    data: &'a [S],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a, S: Copy> Matrix<'a, S> {
    /// A row-major matrix.
    ///
    /// # Panics
    /// If `data` does not hold exactly `rows * columns` numbers.
    #[track_caller]
    pub fn new(data: &'a [S], rows: usize, columns: usize) -> Self {
        // Checked: a product that wraps around would let the bounds below wrap around too.
        assert!(
            rows.checked_mul(columns) == Some(data.len()),
            "matrix: {} numbers are no {rows} x {columns}",
            data.len()
        );
        Matrix {
            data,
            shape: [rows, columns],
            strides: [columns, 1],
        }
    }
    /// The transpose, without moving a number.
    pub fn t(self) -> Self {
        Matrix {
            data: self.data,
            shape: [self.shape[1], self.shape[0]],
            strides: [self.strides[1], self.strides[0]],
        }
    }
    /// The transpose if `yes`, else the matrix itself.
    pub fn t_if(self, yes: bool) -> Self {
        if yes { self.t() } else { self }
    }
    /// Number of rows.
    pub fn rows(self) -> usize {
        self.shape[0]
    }
    /// Number of columns.
    pub fn columns(self) -> usize {
        self.shape[1]
    }
    /// Element (i, j).
    pub fn at(self, i: usize, j: usize) -> S {
        self.data[i * self.strides[0] + j * self.strides[1]]
    }
    /// f of each element, row major.
    pub fn map<T>(self, f: impl Fn(S) -> T) -> Vec<T> {
        let mut out = Vec::with_capacity(self.rows() * self.columns());
        for i in 0..self.rows() {
            out.extend((0..self.columns()).map(|j| f(self.at(i, j))));
        }
        out
    }
    /// Columns `from..to`.
    fn columns_of(self, from: usize, to: usize) -> Self {
        self.t().rows_of(from, to).t()
    }
    /// Rows `from..to`.
    fn rows_of(self, from: usize, to: usize) -> Self {
        let data = if from == to || self.shape[1] == 0 {
            &[]
        } else {
            &self.data[from * self.strides[0]..]
        };
        Matrix {
            data,
            shape: [to - from, self.shape[1]],
            strides: self.strides,
        }
    }
}

/// Products above this many multiplications are cut into blocks of rows for rayon. The cut
/// depends on the sizes alone, so the bits do not depend on the number of threads.
pub(super) const BLOCK: usize = 1 << 21;

/// Inner dimensions above this are cut in halves that are added up, so that the error of a long
/// sum does not grow with its length. matrixmultiply adds 256 products at a time to C, one run of
/// them after the other.
const LONG: usize = 1 << 14;

macro_rules! gemm {
    ($name:ident, $block:ident, $f:ident, $extern:path) => {
        /// C = A B, or C += A B where `accumulate` is true; C is row major, m x n.
        ///
        /// # Panics
        /// If the inner dimensions differ or `c` is not m x n.
        pub(super) fn $name(a: Matrix<'_, $f>, b: Matrix<'_, $f>, accumulate: bool, c: &mut [$f]) {
            let (m, k, n) = (a.rows(), a.columns(), b.columns());
            assert_eq!(k, b.rows(), "gemm: inner dimensions differ");
            assert_eq!(c.len(), m * n, "gemm: C is not m x n");
            if k > LONG {
                let half = (k / 2).next_multiple_of(LONG);
                $name(a.columns_of(0, half), b.rows_of(0, half), accumulate, c);
                let mut rest = vec![0.0; m * n];
                $name(a.columns_of(half, k), b.rows_of(half, k), false, &mut rest);
                for (c, rest) in c.iter_mut().zip(rest) {
                    *c += rest;
                }
                return;
            }
            let rows = (BLOCK / (k * n).max(1)).next_multiple_of(16).max(16);
            if rows >= m || n == 0 {
                $block(a, b, accumulate, c);
            } else {
                c.par_chunks_mut(rows * n).enumerate().for_each(|(i, c)| {
                    let first = i * rows;
                    $block(a.rows_of(first, first + c.len() / n), b, accumulate, c);
                });
            }
        }

        /// One block of it, on this thread.
        fn $block(a: Matrix<'_, $f>, b: Matrix<'_, $f>, accumulate: bool, c: &mut [$f]) {
            let (m, k, n) = (a.rows(), a.columns(), b.columns());
            if m == 0 || n == 0 {
                return;
            }
            if k == 0 {
                if !accumulate {
                    c.fill(0.0);
                }
                return;
            }
            let last = |x: Matrix<'_, $f>| {
                (x.rows() - 1) * x.strides[0] + (x.columns() - 1) * x.strides[1]
            };
            assert!(last(a) < a.data.len() && last(b) < b.data.len() && c.len() == m * n);
            let beta = if accumulate { 1.0 } else { 0.0 };
            let [ar, ac] = a.strides.map(|s| s as isize);
            let [br, bc] = b.strides.map(|s| s as isize);
            // SAFETY: every element of A, B and C lies in its slice: the last one does by the
            // assertion above, the others stand before it because no stride is negative. No
            // product wraps around, because rows times columns of a `Matrix` is the length of
            // a slice, which `new` checks. C is borrowed mutably, so it overlaps neither A
            // nor B, and its strides (n, 1) give each element its own place.
            unsafe {
                $extern(
                    m,
                    k,
                    n,
                    1.0,
                    a.data.as_ptr(),
                    ar,
                    ac,
                    b.data.as_ptr(),
                    br,
                    bc,
                    beta,
                    c.as_mut_ptr(),
                    n as isize,
                    1,
                );
            }
        }
    };
}
gemm!(sgemm, sgemm_block, f32, matrixmultiply::sgemm);
gemm!(dgemm, dgemm_block, f64, matrixmultiply::dgemm);

#[cfg(test)]
mod tests {
    use super::super::{Dual, Scalar};
    use super::*;
    use proptest::prelude::*;

    /// The plain loop that every product is held to.
    fn plain<S: Scalar>(a: Matrix<'_, S>, b: Matrix<'_, S>, c: &[S]) -> Vec<S> {
        let n = b.columns();
        let mut out = c.to_vec();
        for i in 0..a.rows() {
            for j in 0..n {
                for l in 0..a.columns() {
                    out[i * n + j] += a.at(i, l) * b.at(l, j);
                }
            }
        }
        out
    }

    fn law<S: Scalar>(
        [m, k, n]: [usize; 3],
        transposed: [bool; 2],
        accumulate: bool,
        tolerance: f64,
    ) -> Result<(), TestCaseError> {
        let numbers = |len: usize, salt: usize| -> Vec<S> {
            (0..len)
                .map(|i| S::of(((i * 37 + salt * 11) % 17) as f64 / 8.0 - 1.0))
                .collect()
        };
        let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        let a = if transposed[0] {
            Matrix::new(&a, k, m).t()
        } else {
            Matrix::new(&a, m, k)
        };
        let b = if transposed[1] {
            Matrix::new(&b, n, k).t()
        } else {
            Matrix::new(&b, k, n)
        };
        let mut c = numbers(m * n, 3);
        let start = if accumulate {
            c.clone()
        } else {
            vec![S::ZERO; m * n]
        };
        let expected = plain(a, b, &start);
        S::gemm(a, b, accumulate, &mut c);
        for (x, y) in c.iter().zip(&expected) {
            // k products of numbers of at most 1, each rounded once
            prop_assert!((x.value() - y.value()).abs() <= tolerance * (k as f64 + 1.0));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn product_equals_the_plain_loop(
            sizes in [0usize..40, 0usize..40, 0usize..40],
            transposed in [any::<bool>(), any::<bool>()],
            accumulate: bool,
        ) {
            law::<f32>(sizes, transposed, accumulate, f64::from(f32::EPSILON))?;
            law::<f64>(sizes, transposed, accumulate, f64::EPSILON)?;
            law::<Dual<f64>>(sizes, transposed, accumulate, f64::EPSILON)?;
        }
    }

    #[test]
    #[should_panic(expected = "matrix: 2 numbers are no 3 x 6148914691236517206")]
    fn a_shape_whose_size_wraps_around_is_refused() {
        // 3 * 6148914691236517206 = 2^64 + 2
        let _ = Matrix::new(&[1.0f64; 2], 3, 6_148_914_691_236_517_206);
    }

    #[test]
    fn a_large_product_without_columns_is_empty() {
        law::<f32>([(1 << 21) + 5, 1, 0], [false, false], false, 0.0).unwrap();
    }

    #[test]
    fn long_inner_dimensions_equal_the_plain_loop() {
        for transposed in [false, true] {
            let both = [transposed, !transposed];
            law::<f64>([2, 3 * LONG + 5, 3], both, transposed, f64::EPSILON).unwrap();
            law::<f64>([1, LONG + 1, 1], both, !transposed, f64::EPSILON).unwrap();
        }
    }

    #[test]
    fn error_does_not_grow_with_the_inner_dimension() {
        let k = 10_000_000;
        let (x, y) = (vec![0.1f32; k], vec![1.0; k]);
        let mut c = [0.0];
        f32::gemm(Matrix::new(&x, 1, k), Matrix::new(&y, k, 1), false, &mut c);
        let exact = k as f64 * f64::from(0.1f32);
        // 256 roundings within a run, one for each run of a cut, one for each cut in halves. Without
        // cuts 39063 runs follow each other, and the error is 4e-4.
        let roundings = (256 + LONG / 256 + k.ilog2() as usize) as f64;
        let tolerance = roundings * f64::from(f32::EPSILON) / 2.0;
        assert!(
            (f64::from(c[0]) / exact - 1.0).abs() < tolerance,
            "{}",
            c[0]
        );
    }

    #[test]
    fn blocks_of_rows_equal_the_plain_loop() {
        law::<f32>([300, 90, 130], [false, true], true, f64::from(f32::EPSILON)).unwrap();
        law::<f64>([257, 129, 101], [true, false], false, f64::EPSILON).unwrap();
    }
}
