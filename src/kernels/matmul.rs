//! C = A B on matrixmultiply, whose calls are `unsafe`, as is dividing C among threads.
//!
//! A kernel of our own, tiles of C that plain loops keep in registers, gives the same bits. On an
//! Intel Xeon (family 6, model 207) with AVX-512, 2026-11-25, it took 1.0 (X W) to 1.8 (Ȳ W') times as
//! long as matrixmultiply at 128 x 400 x 400, and 0.9 to 1.4 times at 32 x 13 x 50; and whether LLVM
//! keeps a tile in registers hangs on lines around it that have nothing to do with it: where it does
//! not, the same loop took 200 times as long. One with intrinsics (8 x 48, B read where it stands) was
//! 1.02 to 1.11 times as fast at 128 x 784 x 400 to 128 x 1200 x 1200 (X W), 0.96 to 1.06 times (X' Ȳ),
//! and 1.5 to 2.2 times at 32 x 13 x 50 and 128 x 400 x 10: by the time of these small products half a
//! percent of a step of 784-400-400-10, and some four of one of 13-50-1.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use super::Scalar;
use super::task::with_scratch;
use super::vector;

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
    /// Whether its rows are the lines whose numbers stand side by side; else its columns are.
    pub(super) fn has_row_lines(self) -> bool {
        self.strides[1] == 1
    }
    /// Its numbers, and how many lie between the first ones of two lines.
    pub(super) fn lines(self) -> (&'a [S], usize) {
        (self.data, self.strides[usize::from(!self.has_row_lines())])
    }
    /// Its first column, if the numbers of it stand side by side.
    fn column(self) -> Option<&'a [S]> {
        (self.strides[0] == 1).then(|| &self.data[..self.rows()])
    }
    /// Columns `from..to`.
    fn columns_of(self, from: usize, to: usize) -> Self {
        self.t().rows_of(from, to).t()
    }
    /// Rows `from..to`.
    pub(super) fn rows_of(self, from: usize, to: usize) -> Self {
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

/// Multiplications that are worth a thread: some 15 us of work, the latency of handing it over
/// being a few.
pub(super) const TASK: usize = 1 << 20;

/// Inner dimensions above this are cut in halves that are added up, so that the error of a long
/// sum does not grow with its length. matrixmultiply adds 256 products at a time to C, one run of
/// them after the other.
const LONG: usize = 1 << 14;

/// Cuts in rows and columns fall on multiples of this, the height and width of the largest tile
/// that matrixmultiply computes at a time.
const TILE: usize = 16;

/// A block of C: element (i, j) stands `i * stride + j` behind the first.
///
/// The blocks of one C that are alive at the same time share no element: [`split`](Self::split),
/// which is the one way to get two of them, consumes the block that it divides.
struct Block<'c, S> {
    first: *mut S,
    shape: [usize; 2],
    stride: usize,
    borrows: PhantomData<&'c mut [S]>,
}

// SAFETY: a block stands for mutable references to its elements, which no other one has.
unsafe impl<S: Send> Send for Block<'_, S> {}

impl<'c, S> Block<'c, S> {
    /// All of a row-major matrix.
    fn new(c: &'c mut [S], rows: usize, columns: usize) -> Self {
        assert!(c.len() == rows * columns, "block: C is not m x n");
        Block {
            first: c.as_mut_ptr(),
            shape: [rows, columns],
            stride: columns,
            borrows: PhantomData,
        }
    }
    /// Its first `at` rows (of axis 0) or columns (of axis 1), and the others.
    fn split(self, axis: usize, at: usize) -> [Self; 2] {
        assert!(at <= self.shape[axis]);
        let mut shapes = [self.shape; 2];
        shapes[0][axis] = at;
        shapes[1][axis] -= at;
        let second = at * if axis == 0 { self.stride } else { 1 };
        [(0, shapes[0]), (second, shapes[1])].map(|(offset, shape)| Block {
            first: self.first.wrapping_add(offset),
            shape,
            ..self
        })
    }
}

/// C = A B, or C += A B where told so, of a block of C on this thread.
type Kernel<S> = fn(Matrix<'_, S>, Matrix<'_, S>, bool, Block<'_, S>);

/// C = A B, or C += A B where `accumulate` is true; C is row major, m x n.
///
/// # Panics
/// If the inner dimensions differ or `c` is not m x n.
fn gemm<S: Scalar>(
    kernel: Kernel<S>,
    a: Matrix<'_, S>,
    b: Matrix<'_, S>,
    accumulate: bool,
    c: &mut [S],
) {
    let (m, k, n) = (a.rows(), a.columns(), b.columns());
    assert_eq!(k, b.rows(), "gemm: inner dimensions differ");
    assert_eq!(c.len(), m * n, "gemm: C is not m x n");
    if c.is_empty() {
        return;
    }
    if k > LONG {
        let half = (k / 2).next_multiple_of(LONG);
        let part = |from, to| (a.columns_of(from, to), b.rows_of(from, to));
        let ((a1, b1), (a2, b2)) = (part(0, half), part(half, k));
        gemm(kernel, a1, b1, accumulate, c);
        with_scratch(c.len(), |rest: &mut [S]| {
            gemm(kernel, a2, b2, false, rest);
            for (c, rest) in c.iter_mut().zip(rest) {
                *c += *rest;
            }
        });
        return;
    }
    if n == 1
        && let Some(b) = b.column()
    {
        return vector::product(a, b, accumulate, c);
    }
    if m == 1
        && let Some(a) = a.t().column()
    {
        return vector::product(b.t(), a, accumulate, c);
    }
    let tasks = (m * n).saturating_mul(k) / TASK;
    let threads = if tasks > 1 {
        rayon::current_num_threads()
    } else {
        1
    };
    cut(
        kernel,
        a,
        b,
        accumulate,
        Block::new(c, m, n),
        tasks.min(threads),
    );
}

/// The product in as many blocks of C as there are threads to compute them, all of about the same
/// size. How many these are does not show in the bits: an element is the sum of its products in
/// the order of the inner dimension, wherever in a block it stands.
fn cut<S: Scalar>(
    kernel: Kernel<S>,
    a: Matrix<'_, S>,
    b: Matrix<'_, S>,
    accumulate: bool,
    c: Block<'_, S>,
    threads: usize,
) {
    let [m, n] = c.shape;
    // What is cut in columns copies all of A for each part, and what is cut in rows all of B.
    let axis = usize::from(n > m);
    let tiles = c.shape[axis].div_ceil(TILE);
    if threads < 2 || tiles < 2 {
        return kernel(a, b, accumulate, c);
    }
    let some = threads / 2;
    let at = TILE * (tiles * some / threads).max(1);
    let [left, right] = c.split(axis, at);
    let ([a1, a2], [b1, b2]) = if axis == 0 {
        ([a.rows_of(0, at), a.rows_of(at, m)], [b; 2])
    } else {
        ([a; 2], [b.columns_of(0, at), b.columns_of(at, n)])
    };
    rayon::join(
        || cut(kernel, a1, b1, accumulate, left, some),
        || cut(kernel, a2, b2, accumulate, right, threads - some),
    );
}

macro_rules! by {
    ($name:ident, $kernel:ident, $f:ident, $extern:path) => {
        /// [`gemm`] by matrixmultiply.
        pub(super) fn $name(a: Matrix<'_, $f>, b: Matrix<'_, $f>, accumulate: bool, c: &mut [$f]) {
            gemm($kernel, a, b, accumulate, c);
        }

        fn $kernel(a: Matrix<'_, $f>, b: Matrix<'_, $f>, accumulate: bool, c: Block<'_, $f>) {
            let ([m, n], k) = (c.shape, a.columns());
            assert!(a.rows() == m && b.rows() == k && b.columns() == n);
            if m == 0 || n == 0 {
                return;
            }
            let last = |x: Matrix<'_, $f>| {
                (x.rows() - 1) * x.strides[0] + (x.columns() - 1) * x.strides[1]
            };
            assert!(k == 0 || last(a) < a.data.len() && last(b) < b.data.len());
            let beta = if accumulate { 1.0 } else { 0.0 };
            let [ar, ac] = a.strides.map(|s| s as isize);
            let [br, bc] = b.strides.map(|s| s as isize);
            // SAFETY: every element of A and B lies in its slice: the last one does by the
            // assertion above, the others stand before it because no stride is negative. No
            // product wraps around, because rows times columns of a `Matrix` is the length of
            // a slice, which `new` checks. Every element of C lies in the slice of `Block::new`,
            // because `split` keeps within the shape. C is borrowed mutably, so it overlaps
            // neither A nor B, and its strides give each element its own place, which is in no
            // other block.
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
                    c.first,
                    c.stride as isize,
                    1,
                );
            }
        }
    };
}
by!(sgemm, sgemm_block, f32, matrixmultiply::sgemm);
by!(dgemm, dgemm_block, f64, matrixmultiply::dgemm);

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
            sizes in prop_oneof![
                2 => [0usize..40, 0usize..40, 0usize..40],
                1 => [Just(1usize).boxed(), (0usize..600).boxed(), (0usize..600).boxed()],
                1 => [(0usize..600).boxed(), (0usize..600).boxed(), Just(1usize).boxed()],
            ],
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
            law::<f32>([1, 5000, 700], both, transposed, f64::from(f32::EPSILON)).unwrap();
            law::<f32>([700, 5000, 1], both, transposed, f64::from(f32::EPSILON)).unwrap();
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

    /// The bits of a product, cut for this many threads.
    fn bits<S: Scalar>(kernel: Kernel<S>, [m, k, n]: [usize; 3], threads: usize) -> Vec<u64> {
        let numbers = |len: usize, salt: usize| -> Vec<S> {
            let number = |i: usize| ((i * 37 + salt * 11) % 1009) as f64 / 7.0;
            (0..len).map(|i| S::of(number(i))).collect()
        };
        let (a, b, mut c) = (numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3));
        let (a, b) = (Matrix::new(&a, k, m).t(), Matrix::new(&b, k, n));
        cut(kernel, a, b, true, Block::new(&mut c, m, n), threads);
        c.iter().map(|c| c.value().to_bits()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_cut_for_threads_does_not_show_in_the_bits(
            sizes in [1usize..150, 1usize..600, 1usize..150],
            threads in 2usize..9,
        ) {
            let [one, several] = [1, threads].map(|threads| bits(sgemm_block, sizes, threads));
            prop_assert_eq!(one, several);
            let [one, several] = [1, threads].map(|threads| bits(dgemm_block, sizes, threads));
            prop_assert_eq!(one, several);
        }
    }

    #[test]
    fn products_on_several_threads_equal_the_plain_loop() {
        law::<f32>([300, 90, 130], [false, true], true, f64::from(f32::EPSILON)).unwrap();
        law::<f64>([257, 129, 101], [true, false], false, f64::EPSILON).unwrap();
        law::<f64>([101, 129, 257], [true, true], true, f64::EPSILON).unwrap();
    }
}
