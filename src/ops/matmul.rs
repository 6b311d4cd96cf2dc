//! Matrix products.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `matmul` | A B | ȳ B', A' ȳ | inputs |
//! | `affine` | X W + b | ȳ W', X' ȳ, Σ_rows ȳ | inputs |
//!
//! With transposed operands the same, transposed where the operand is. Each product of the way
//! back adds into the gradient itself, so that a value that is used twice costs no copy.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, matmul::Matrix, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// The numbers of input `i` as the matrix that they are.
fn matrix<'a, S: Scalar>(x: &'a Inputs<'_, S>, i: usize) -> Matrix<'a, S> {
    let shape = x.shape(i);
    Matrix::new(&x[i], shape.dim(0), shape.dim(1))
}

/// Y = op(A) op(B), where op transposes if told so.
struct MatMul {
    transpose: [bool; 2],
    /// m, n
    result: [usize; 2],
}

impl<S: Scalar> Op<S> for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn flops(&self, x: &Inputs<'_, S>, y: Shape) -> u64 {
        let inner = x.shape(0).dim(usize::from(!self.transpose[0]));
        2 * (y.size() * inner) as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let [ta, tb] = self.transpose;
        S::gemm(matrix(x, 0).t_if(ta), matrix(x, 1).t_if(tb), false, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let [ta, tb] = self.transpose;
        let a = matrix(x, 0).t_if(ta);
        let b = matrix(x, 1).t_if(tb);
        let y_bar = Matrix::new(y_bar, self.result[0], self.result[1]);
        if let Some(d) = x_bar.of(0) {
            // Ā = Ȳ B'; of A' it is the transpose, B Ȳ'.
            if ta {
                S::gemm(b, y_bar.t(), true, d);
            } else {
                S::gemm(y_bar, b.t(), true, d);
            }
        }
        if let Some(d) = x_bar.of(1) {
            if tb {
                S::gemm(y_bar.t(), a, true, d);
            } else {
                S::gemm(a.t(), y_bar, true, d);
            }
        }
    }
}

/// Y = X W + b, with b added to each row.
struct Affine {
    rows: usize,
    units: usize,
}

impl<S: Scalar> Op<S> for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn flops(&self, x: &Inputs<'_, S>, y: Shape) -> u64 {
        2 * (y.size() * x.shape(0).dim(1)) as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for row in y.chunks_exact_mut(self.units.max(1)) {
            row.copy_from_slice(&x[2]);
        }
        S::gemm(matrix(x, 0), matrix(x, 1), true, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let y_bar_matrix = Matrix::new(y_bar, self.rows, self.units);
        if let Some(d) = x_bar.of(0) {
            S::gemm(y_bar_matrix, matrix(x, 1).t(), true, d);
        }
        if let Some(d) = x_bar.of(1) {
            S::gemm(matrix(x, 0).t(), y_bar_matrix, true, d);
        }
        if let Some(d) = x_bar.of(2) {
            reduce::add_sums(y_bar, [1, self.rows, self.units], d);
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The matrix product of `[m, k]` and `[k, n]`.
    ///
    /// # Panics
    /// If an operand is no matrix or the inner dimensions differ.
    #[track_caller]
    pub fn matmul(self, other: Self) -> Self {
        self.matmul_with([false, false], other)
    }
    /// The matrix product of operands that are transposed where `transpose` says so, without
    /// moving their numbers.
    ///
    /// # Panics
    /// If an operand is no matrix or the inner dimensions differ.
    #[track_caller]
    pub fn matmul_with(self, transpose: [bool; 2], other: Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        assert!(
            a.rank() == 2 && b.rank() == 2,
            "matmul: {a} x {b}: both operands must be matrices"
        );
        let [ta, tb] = transpose.map(usize::from);
        let (m, k) = (a.dim(ta), a.dim(1 - ta));
        let (l, n) = (b.dim(tb), b.dim(1 - tb));
        let mark = |t: bool| if t { "'" } else { "" };
        assert!(
            k == l,
            "matmul: {a}{} x {b}{}: inner dimensions {k} and {l} differ",
            mark(transpose[0]),
            mark(transpose[1])
        );
        let op = MatMul {
            transpose,
            result: [m, n],
        };
        self.tape().apply(op, [self, other], Shape::new(&[m, n]))
    }
    /// X W + b for X `[rows, k]`, W `[k, units]`, b `[units]`.
    ///
    /// # Panics
    /// If the shapes are not these.
    #[track_caller]
    pub fn affine(self, weight: Self, bias: Self) -> Self {
        let (x, w, b) = (self.shape(), weight.shape(), bias.shape());
        assert!(
            x.rank() == 2 && w.rank() == 2 && x.dim(1) == w.dim(0) && b.dims() == [w.dim(1)],
            "affine: {x} x {w} + {b}: wants [rows, k] x [k, units] + [units]"
        );
        let (rows, units) = (x.dim(0), w.dim(1));
        let op = Affine { rows, units };
        self.tape()
            .apply(op, [self, weight, bias], Shape::new(&[rows, units]))
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul_with([true, false], b)),
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "nk" in Domain::REAL) => a.matmul_with([false, true], b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "nk" in Domain::REAL) => a.matmul_with([true, true], b)),
    law!(Affine, "affine", (x: "mk" in Domain::REAL, w: "kn" in Domain::REAL, b: "n" in Domain::REAL) => x.affine(w, b)),
];
