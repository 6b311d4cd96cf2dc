//! Products of matrices and vectors.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `matmul` | A B | ȳ B', A' ȳ | inputs |
//! | `matmul` of two vectors | Σ a b | ȳ b, ȳ a | inputs |
//! | `outer` | a b' | ȳ b, ȳ' a | inputs |
//! | `affine` | X W + b | ȳ W', X' ȳ, Σ_rows ȳ | X, W |
//!
//! With transposed operands the same, transposed where the operand is. A batch of products is that
//! of each pair of matrices; where an operand's matrix is read by several of them, its x̄ is the sum
//! over these. Each product of the way back adds into the gradient itself, so that a value that is
//! used twice, or by many products of a batch, costs no copy.

#[cfg(any(test, feature = "proptest"))]
use super::einsum::einsum;
#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, batch, matmul::Matrix, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Broadcast, MAX_RANK, Readers, Shape, broadcast};

/// Matrices of one shape, one after the other.
#[derive(Clone, Copy)]
struct Stack<'a, S> {
    data: &'a [S],
    /// As they stand there.
    shape: [usize; 2],
    /// Whether they are read transposed.
    transposed: bool,
}

impl<'a, S: Scalar> Stack<'a, S> {
    /// Matrices that are `shape` when read.
    fn new(data: &'a [S], [rows, columns]: [usize; 2], transposed: bool) -> Self {
        let shape = stored([rows, columns], transposed);
        Stack {
            data,
            shape,
            transposed,
        }
    }
    fn at(&self, i: usize) -> Matrix<'a, S> {
        let [rows, columns] = self.shape;
        let size = rows * columns;
        Matrix::new(&self.data[i * size..][..size], rows, columns).t_if(self.transposed)
    }
}

/// How a matrix that is `[rows, columns]` when read is stored.
fn stored([rows, columns]: [usize; 2], transposed: bool) -> [usize; 2] {
    if transposed {
        [columns, rows]
    } else {
        [rows, columns]
    }
}

/// Y = op(A) op(B), where op transposes if told so, for each index of the batch axes.
pub(super) struct MatMul {
    name: &'static str,
    transpose: [bool; 2],
    /// m, k, n
    size: [usize; 3],
    /// The batch axes of A, B and Y.
    batch: [Shape; 3],
}

impl MatMul {
    /// `count` products of matrices that stand one after the other in each operand, whatever axes
    /// these have; the sizes are m, k and n.
    pub(super) fn batch(transpose: [bool; 2], size: [usize; 3], count: usize) -> Self {
        MatMul {
            name: "matmul",
            transpose,
            size,
            batch: [Shape::new(&[count]); 3],
        }
    }
    /// The last batch axes in which there is but one B are rows of A: of many products they make
    /// one large one, and of the sum over them that is B̄, its inner dimension.
    fn collapsed(mut self) -> Self {
        while !self.transpose[0]
            && let [_, b, y] = &self.batch
            && let (Some(&rows), None | Some(1)) = (y.dims().last(), b.dims().last())
        {
            self.size[0] *= rows;
            self.batch = self.batch.map(without_last);
        }
        self
    }
    fn operands<'a, S: Scalar>(&self, x: &'a Inputs<'_, S>) -> [Stack<'a, S>; 2] {
        let [m, k, n] = self.size;
        let [ta, tb] = self.transpose;
        [Stack::new(&x[0], [m, k], ta), Stack::new(&x[1], [k, n], tb)]
    }
    /// Which matrix of operand `i` each product reads.
    fn read(&self, i: usize) -> Broadcast {
        Broadcast::new(self.batch[i], self.batch[2])
    }
    /// Which products read each matrix of operand `i`.
    fn readers(&self, i: usize) -> Readers {
        Readers::new(self.batch[i], self.batch[2])
    }
}

/// A shape without its last axis, if it has one.
fn without_last(shape: Shape) -> Shape {
    match shape.rank() {
        0 => shape,
        rank => shape.without(rank - 1),
    }
}

impl<S: Scalar> Op<S> for MatMul {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn flops(&self, _: &Inputs<'_, S>, y: Shape) -> u64 {
        2 * (y.size() * self.size[1]) as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let [m, _, n] = self.size;
        let [a, b] = self.operands(x);
        let [a_of, b_of] = [self.read(0), self.read(1)];
        let factors = |i, _| [a.at(a_of.index(i)), b.at(b_of.index(i))];
        batch::products([m, n], 1, &factors, false, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let [m, k, n] = self.size;
        let [ta, tb] = self.transpose;
        let [a, b] = self.operands(x);
        let y_bar = Stack::new(y_bar, [m, n], false);
        if let Some(d) = x_bar.of(0) {
            let (readers, b_of) = (self.readers(0), self.read(1));
            // Ā = Σ Ȳ B'; of A' it is the transpose, Σ B Ȳ'.
            let factors = |i, t| {
                let product = readers.at(i, t);
                let (b, y_bar) = (b.at(b_of.index(product)), y_bar.at(product));
                if ta { [b, y_bar.t()] } else { [y_bar, b.t()] }
            };
            batch::products(stored([m, k], ta), readers.count(), &factors, true, d);
        }
        if let Some(d) = x_bar.of(1) {
            let (readers, a_of) = (self.readers(1), self.read(0));
            let factors = |i, t| {
                let product = readers.at(i, t);
                let (a, y_bar) = (a.at(a_of.index(product)), y_bar.at(product));
                if tb { [y_bar.t(), a] } else { [a.t(), y_bar] }
            };
            batch::products(stored([k, n], tb), readers.count(), &factors, true, d);
        }
    }
}

/// y = Σ a b of two operands of the same size. Not by way of `gemm`: the sum is pairwise, and
/// nothing is copied.
pub(super) struct Dot;

impl<S: Scalar> Op<S> for Dot {
    fn name(&self) -> &'static str {
        "matmul"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn flops(&self, x: &Inputs<'_, S>, _: Shape) -> u64 {
        2 * x.shape(0).size() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let (a, b) = (&x[0], &x[1]);
        y[0] = reduce::sum_of(a.len(), &|i| a[i] * b[i]);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        for i in 0..2 {
            let Some(d) = x_bar.of(i) else { continue };
            for (d, &other) in d.iter_mut().zip(&x[1 - i]) {
                *d += y_bar[0].through(other);
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
        Keeps::Only {
            inputs: &[0, 1],
            output: false,
        }
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
        if let Some(d) = x_bar.grad(0) {
            S::gemm(y_bar_matrix, matrix(x, 1).t(), !d.is_new, d.numbers);
        }
        if let Some(d) = x_bar.grad(1) {
            S::gemm(matrix(x, 0).t(), y_bar_matrix, !d.is_new, d.numbers);
        }
        if let Some(d) = x_bar.of(2) {
            reduce::add_sums(y_bar, [1, self.rows, self.units], d);
        }
    }
}

/// The numbers of input `i` as the matrix that they are.
fn matrix<'a, S: Scalar>(x: &'a Inputs<'_, S>, i: usize) -> Matrix<'a, S> {
    let shape = x.shape(i);
    Matrix::new(&x[i], shape.dim(0), shape.dim(1))
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The matrix product, as numpy has it.
    ///
    /// ```text
    /// [m, k] x [k, n] -> [m, n]
    /// [k] x [k, n] -> [n]            a vector is a row on the left,
    /// [m, k] x [k] -> [m]            and a column on the right
    /// [k] x [k] -> []                Σ a b
    /// [.., m, k] x [.., k, n] -> [.., m, n]
    /// ```
    ///
    /// The last form is a batch of products; the axes before the last two broadcast, and no operand
    /// is copied for it. A batch times one matrix on the right is one large product.
    ///
    /// # Panics
    /// If an operand has no axis, the inner dimensions differ, the batch axes do not broadcast, or
    /// the number of elements overflows.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::<f32>::zeros([7, 2, 3]));
    /// let w = tape.constant(&Tensor::zeros([3, 4]));
    /// assert_eq!(x.matmul(w).shape().dims(), [7, 2, 4]);
    /// ```
    #[track_caller]
    pub fn matmul(self, other: Self) -> Self {
        self.matmul_with([false, false], other)
    }
    /// [`matmul`](Self::matmul) of operands whose last two axes are exchanged where `transpose`
    /// says so, without moving their numbers; a vector stays what it is.
    ///
    /// # Panics
    /// As [`matmul`](Self::matmul) does.
    #[track_caller]
    pub fn matmul_with(self, transpose: [bool; 2], other: Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        let mark = |t: bool| if t { "'" } else { "" };
        let product = || {
            format!(
                "matmul: {a}{} x {b}{}",
                mark(transpose[0]),
                mark(transpose[1])
            )
        };
        assert!(
            a.rank() > 0 && b.rank() > 0,
            "{}: a number is no matrix; `*` multiplies by it",
            product()
        );
        let transpose = [transpose[0] && a.rank() > 1, transpose[1] && b.rank() > 1];
        let ([m, k], of_a) = matrices(a, [1, a.dim(0)], transpose[0]);
        let ([l, n], of_b) = matrices(b, [b.dim(0), 1], transpose[1]);
        assert!(k == l, "{}: inner dimensions {k} and {l} differ", product());
        if a.rank() == 1 && b.rank() == 1 {
            return self.tape().apply(Dot, [self, other], Shape::SCALAR);
        }
        let Some(batch) = broadcast(of_a, of_b) else {
            panic!(
                "{}: batch axes {of_a} and {of_b} do not broadcast",
                product()
            );
        };
        let rank = batch.rank();
        let mut dims = [1; MAX_RANK];
        dims[..rank].copy_from_slice(batch.dims());
        [dims[rank], dims[rank + 1]] = [m, n];
        let Some(mut shape) = Shape::checked(&dims[..rank + 2]) else {
            panic!("{}: the number of elements overflows", product());
        };
        if b.rank() == 1 {
            shape = shape.without(rank + 1);
        }
        if a.rank() == 1 {
            shape = shape.without(rank);
        }
        let op = MatMul {
            name: "matmul",
            transpose,
            size: [m, k, n],
            batch: [of_a, of_b, batch],
        };
        self.tape().apply(op.collapsed(), [self, other], shape)
    }
    /// The outer product of two vectors: y_ij = a_i b_j.
    ///
    /// # Panics
    /// If an operand is no vector, or the number of elements overflows.
    #[track_caller]
    pub fn outer(self, other: Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        assert!(
            a.rank() == 1 && b.rank() == 1,
            "outer: {a} and {b}: both operands must be vectors"
        );
        let (m, n) = (a.size(), b.size());
        let Some(shape) = Shape::checked(&[m, n]) else {
            panic!("outer: {a} and {b}: the number of elements overflows");
        };
        let op = MatMul {
            name: "outer",
            transpose: [false, false],
            size: [m, 1, n],
            batch: [Shape::SCALAR; 3],
        };
        self.tape().apply(op, [self, other], shape)
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

/// Rows and columns of an operand of `matmul`, and its batch axes; `vector` is what it is without
/// a second axis.
fn matrices(shape: Shape, vector: [usize; 2], transposed: bool) -> ([usize; 2], Shape) {
    match shape.dims() {
        [batch @ .., rows, columns] => (stored([*rows, *columns], transposed), Shape::new(batch)),
        _ => (vector, Shape::SCALAR),
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul_with([true, false], b)),
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "nk" in Domain::REAL) => a.matmul_with([false, true], b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "nk" in Domain::REAL) => a.matmul_with([true, true], b)),
    // A vector on either side, or on both.
    law!(MatMul, "matmul", (a: "k" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "k" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "k" in Domain::REAL) => a.matmul_with([true, true], b)),
    law!(MatMul, "matmul", (a: "k" in Domain::REAL, b: "bkn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "bmk" in Domain::REAL, b: "k" in Domain::REAL) => a.matmul(b)),
    law!(Dot, "matmul", (a: "k" in Domain::REAL, b: "k" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "outer", (a: "m" in Domain::REAL, b: "n" in Domain::REAL) => a.outer(b)),
    // Batches: of both, of one, of each in axes of its own.
    law!(MatMul, "matmul", (a: "bmk" in Domain::REAL, b: "bkn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "bkm" in Domain::REAL, b: "bkn" in Domain::REAL) => a.matmul_with([true, false], b)),
    law!(MatMul, "matmul", (a: "bmk" in Domain::REAL, b: "bnk" in Domain::REAL) => a.matmul_with([false, true], b)),
    law!(MatMul, "matmul", (a: "bkm" in Domain::REAL, b: "bnk" in Domain::REAL) => a.matmul_with([true, true], b)),
    law!(MatMul, "matmul", (a: "bmk" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "bkm" in Domain::REAL, b: "kn" in Domain::REAL) => a.matmul_with([true, false], b)),
    law!(MatMul, "matmul", (a: "bmk" in Domain::REAL, b: "nk" in Domain::REAL) => a.matmul_with([false, true], b)),
    law!(MatMul, "matmul", (a: "mk" in Domain::REAL, b: "bkn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "km" in Domain::REAL, b: "bnk" in Domain::REAL) => a.matmul_with([true, true], b)),
    law!(MatMul, "matmul", (a: "b1mk" in Domain::REAL, b: "ckn" in Domain::REAL) => a.matmul(b)),
    law!(MatMul, "matmul", (a: "cmk" in Domain::REAL, b: "b1nk" in Domain::REAL) => a.matmul_with([false, true], b)),
    law!(MatMul, "matmul", (a: "bcmk" in Domain::REAL, b: "b1kn" in Domain::REAL) => a.matmul(b)),
    // What einsum makes of a pair.
    law!(MatMul, "matmul", (a: "ij" in Domain::REAL, b: "kj" in Domain::REAL) => einsum("ij,kj->ki", [a, b])),
    law!(MatMul, "matmul", (a: "bi" in Domain::REAL, b: "ib" in Domain::REAL) => einsum("bi,ib->b", [a, b])),
    law!(MatMul, "matmul", (a: "bij" in Domain::REAL, b: "jbk" in Domain::REAL, c: "k" in Domain::REAL) => einsum("bij,jbk,k->ib", [a, b, c])),
    law!(MatMul, "matmul", (a: "bij" in Domain::REAL, b: "jk" in Domain::REAL) => einsum("...ij,jk->...ik", [a, b])),
    law!(Dot, "matmul", (a: "ij" in Domain::REAL, b: "ji" in Domain::REAL) => einsum("ij,ji->", [a, b])),
    law!(Affine, "affine", (x: "mk" in Domain::REAL, w: "kn" in Domain::REAL, b: "n" in Domain::REAL) => x.affine(w, b)),
];
