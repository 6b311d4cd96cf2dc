//! The Cholesky factor of a covariance, and the determinant that comes with it.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `cholesky` | L, lower triangular, L L' = A | ½ L⁻' (Φ + Φ') L⁻¹, Φ the lower triangle of L' L̄ with its diagonal halved | output |
//! | `log_det_spd` | ln det A = 2 Σ ln Lᵢᵢ | ȳ A⁻¹ | nothing; L is saved |
//!
//! of the matrices along the last two axes, one by one. Both read (A + A') / 2, so that the
//! gradient is symmetric: a step along it leads to a symmetric matrix again.
//!
//! From A = L L' follows dA = dL L' + L dL', hence L⁻¹ dA L⁻' = L⁻¹ dL + (L⁻¹ dL)', whose lower
//! triangle with half the diagonal is L⁻¹ dL. The transpose of this map is x̄.
//!
//! Source: Murray (2016), Differentiation of the Cholesky decomposition, section 3.

use std::ops::Range;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, factor, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// `count` matrices, n x n each, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Squares {
    pub(super) n: usize,
    pub(super) count: usize,
}

impl Squares {
    /// Numbers of one matrix.
    pub(super) fn size(self) -> usize {
        self.n * self.n
    }
    /// The numbers of each matrix in turn.
    pub(super) fn places(self) -> impl Iterator<Item = Range<usize>> {
        let size = self.size();
        (0..self.count).map(move |k| k * size..(k + 1) * size)
    }
    /// n³ for each matrix: the unit in which its algorithms are counted.
    pub(super) fn cubes(self) -> u64 {
        (self.count * self.size()) as u64 * self.n as u64
    }
}

/// Whether a cotangent is exactly 0, so that nothing is asked of a matrix that may be singular.
pub(super) fn is_still<S: Scalar>(y_bar: &[S]) -> bool {
    y_bar.iter().all(|y_bar| y_bar.is_zero())
}

/// L L' = A.
struct Cholesky(Squares);

impl<S: Scalar> Op<S> for Cholesky {
    fn name(&self) -> &'static str {
        "cholesky"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Output
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.0.cubes() / 3
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for at in self.0.places() {
            factor::cholesky(&x[0][at.clone()], self.0.n, &mut y[at]);
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = self.0.n;
        let mut scratch = x_bar.scratch(2 * self.0.size());
        let Some(d) = x_bar.of(0) else { return };
        let (upper, q) = scratch.split_at_mut(self.0.size());
        for at in self.0.places().filter(|at| !is_still(&y_bar[at.clone()])) {
            factor::transpose(&y[at.clone()], n, n, upper);
            // Row j of q is column j of L̄, of which what stands above the diagonal is not read. From
            // the diagonal on Q = Φ + Φ' takes its place: number i needs only those from i on.
            factor::transpose(&y_bar[at.clone()], n, n, q);
            for j in 0..n {
                for i in j..n {
                    let entry = factor::dot(&upper[i * n..][i..n], &q[j * n..][i..n]);
                    q[j * n + i] = entry;
                    q[i * n + j] = entry;
                }
            }
            // The rows of Q, which is symmetric, become those of Q L⁻¹, then those of L⁻' Q L⁻¹.
            factor::solve_triangular(upper, n, false, false, q);
            factor::transpose_square(q, n);
            factor::solve_triangular(upper, n, false, false, q);
            let d = &mut d[at];
            for i in 0..n {
                for j in 0..n {
                    // Symmetric but for rounding, and now exactly.
                    d[i * n + j] += S::of(0.25) * (q[i * n + j] + q[j * n + i]);
                }
            }
        }
        x_bar.give_back(scratch);
    }
}

/// y = ln det A, with L saved.
struct LogDetSpd(Squares);

impl<S: Scalar> Op<S> for LogDetSpd {
    fn name(&self) -> &'static str {
        "log_det_spd"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.0.cubes() / 3
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let n = self.0.n;
        saved.numbers.resize(x[0].len(), S::ZERO);
        for (y, at) in y.iter_mut().zip(self.0.places()) {
            let l = &mut saved.numbers[at.clone()];
            factor::cholesky(&x[0][at], n, l);
            *y = S::of(2.0) * reduce::sum_of(n, &|i| l[i * n + i].ln());
        }
    }
    fn vjp(
        &self,
        _: &Inputs<'_, S>,
        _: &[S],
        y_bar: &[S],
        saved: &Saved<S>,
        x_bar: &mut Grads<'_, S>,
    ) {
        let n = self.0.n;
        let mut inverse = x_bar.scratch(self.0.size());
        let Some(d) = x_bar.of(0) else { return };
        for (y_bar, at) in y_bar.iter().zip(self.0.places()) {
            if y_bar.is_zero() {
                continue;
            }
            // Row j is column j of L⁻¹, which is 0 before the diagonal; A⁻¹ = L⁻' L⁻¹.
            factor::identity(&mut inverse, n);
            factor::solve_triangular(&saved.numbers[at.clone()], n, true, false, &mut inverse);
            let d = &mut d[at];
            for i in 0..n {
                for j in 0..=i {
                    let entry = factor::dot(&inverse[i * n..][i..n], &inverse[j * n..][i..n]);
                    d[i * n + j] += *y_bar * entry;
                    if j < i {
                        d[j * n + i] += *y_bar * entry;
                    }
                }
            }
        }
        x_bar.give_back(inverse);
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The Cholesky factor: the lower triangular L with L L' = A and a positive diagonal, for
    /// symmetric positive definite matrices A `[.., n, n]`.
    ///
    /// Reads (A + A') / 2, as JAX does by default (`symmetrize_input`), so that the gradient is
    /// symmetric; for a symmetric matrix this is the matrix itself.
    ///
    /// A matrix that is not positive definite has NaN for its lower triangle, and NaN for its
    /// gradient unless its cotangent is 0: [`Tape::watch`](crate::Tape::watch) names it. A
    /// multiple of the identity, added before, keeps away from that.
    ///
    /// # Panics
    /// If the last two axes are no square matrices.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let a = tape.constant(&Tensor::new([2, 2], vec![4.0f64, 2.0, 2.0, 10.0]));
    /// assert_eq!(a.cholesky().value().as_slice(), [2.0, 0.0, 1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn cholesky(self) -> Self {
        let (squares, _) = self.squares("cholesky");
        self.tape().apply(Cholesky(squares), [self], self.shape())
    }
    /// ln det A of symmetric positive definite matrices A `[.., n, n]`, by their Cholesky factor:
    /// no determinant over- or underflows on the way.
    ///
    /// Reads (A + A') / 2 as [`cholesky`](Var::cholesky) does; NaN, gradient included, for a matrix
    /// that is not positive definite.
    ///
    /// # Panics
    /// If the last two axes are no square matrices.
    #[track_caller]
    pub fn log_det_spd(self) -> Self {
        let (squares, batch) = self.squares("log_det_spd");
        self.tape().apply(LogDetSpd(squares), [self], batch)
    }
    /// The matrices along the last two axes, and the axes before.
    #[track_caller]
    pub(super) fn squares(self, name: &str) -> (Squares, Shape) {
        let shape = self.shape();
        let [batch @ .., rows, n] = shape.dims() else {
            panic!("{name}: {shape} has no two axes for a matrix");
        };
        assert!(rows == n, "{name}: a matrix of {shape} is not square");
        let batch = Shape::new(batch);
        // Matrices that are not there need no scratch, however large they would be.
        let n = if batch.size() == 0 { 0 } else { *n };
        let squares = Squares {
            n,
            count: batch.size(),
        };
        (squares, batch)
    }
}

/// A matrix of the same shape, of which both triangles and the symmetric part are well
/// conditioned: numbers from -3 to 3, as many as three in a row, beside 10 on the diagonal.
#[cfg(any(test, feature = "proptest"))]
pub(super) fn dominant<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    let (shape, rank) = (x.shape(), x.shape().rank());
    let eye = |m: &mut [S]| factor::identity(m, shape.dim(rank - 1));
    x + 10.0
        * x.tape()
            .generate(Shape::new(&shape.dims()[rank - 2..]), eye)
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Cholesky, "cholesky", (x: "nn" in Domain::REAL) => dominant(x).cholesky()),
    law!(Cholesky, "cholesky", (x: "bnn" in Domain::REAL) => dominant(x).cholesky()),
    law!(LogDetSpd, "log_det_spd", (x: "nn" in Domain::REAL) => dominant(x).log_det_spd()),
    law!(LogDetSpd, "log_det_spd", (x: "abnn" in Domain::REAL) => dominant(x).log_det_spd()),
];
