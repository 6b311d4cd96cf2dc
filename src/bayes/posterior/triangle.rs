//! A lower triangle with a positive diagonal, from numbers that may be anything: what a Cholesky
//! factor is made of.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `triangle` | rows of L: x below the diagonal, softplus(x) on it, 0 above | the cotangent of each place, times sigmoid(x) on the diagonal | inputs |

use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Shape, Tensor};

/// The last rows of a lower triangle: row i of `count` has `first + i` numbers before the one on
/// the diagonal. All of a triangle has `first` = 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) first: usize,
    pub(super) count: usize,
}

impl Rows {
    /// The rows of a triangle from the top.
    pub(super) fn whole(count: usize) -> Self {
        Rows { first: 0, count }
    }
    /// How many numbers stand in them: packed, row after row.
    pub(super) fn packed(self) -> usize {
        self.count * self.first + self.count * (self.count + 1) / 2
    }
    /// The `count` rows that are packed in so many numbers.
    pub(super) fn of_packed(count: usize, packed: usize) -> Self {
        let triangle = count * (count + 1) / 2;
        let first = (packed - triangle) / count.max(1);
        Rows { first, count }
    }
    /// All columns, those of zeros on the right included.
    fn columns(self) -> usize {
        self.first + self.count
    }
    /// Where row i and its diagonal stand among the packed numbers.
    fn row(self, i: usize) -> (usize, usize) {
        let start = i * self.first + i * (i + 1) / 2;
        (start, start + self.first + i)
    }
    /// Packed numbers that are 0 below the diagonal and `diagonal` on it, before softplus.
    pub(super) fn diagonal(self, diagonal: f32) -> Tensor {
        let mut packed = vec![0.0; self.packed()];
        for i in 0..self.count {
            packed[self.row(i).1] = diagonal;
        }
        Tensor::new([self.packed()], packed)
    }
    /// L, of `[count, first + count]`, from its packed numbers.
    #[track_caller]
    pub(super) fn unpack<S: Scalar>(self, packed: Var<'_, S>) -> Var<'_, S> {
        let shape = Shape::new(&[self.count, self.columns()]);
        packed.tape().apply(Unpack(self), [packed], shape)
    }
    /// The numbers on the diagonal before softplus.
    #[track_caller]
    pub(super) fn raw_diagonal<S: Scalar>(self, packed: Var<'_, S>) -> Var<'_, S> {
        let places: Vec<usize> = (0..self.count).map(|i| self.row(i).1).collect();
        packed.index_select(0, &places)
    }
}

/// See [`Rows::unpack`].
struct Unpack(Rows);

impl<S: Scalar> Op<S> for Unpack {
    fn name(&self) -> &'static str {
        "triangle"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let (rows, x) = (self.0, &x[0]);
        for (i, y) in y.chunks_exact_mut(rows.columns().max(1)).enumerate() {
            let (start, diagonal) = rows.row(i);
            let (below, rest) = y.split_at_mut(diagonal - start);
            below.copy_from_slice(&x[start..diagonal]);
            rest.fill(S::ZERO);
            rest[0] = x[diagonal].softplus();
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let (rows, x) = (self.0, &x[0]);
        for (i, y_bar) in y_bar.chunks_exact(rows.columns().max(1)).enumerate() {
            let (start, diagonal) = rows.row(i);
            for (d, &y_bar) in d[start..diagonal].iter_mut().zip(y_bar) {
                *d += y_bar;
            }
            d[diagonal] += y_bar[diagonal - start].through(x[diagonal].sigmoid());
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
fn from_square<S: Scalar>(square: Var<'_, S>, first: usize) -> Var<'_, S> {
    let n = square.shape().dim(0);
    let first = first.min(n / 2);
    let rows = Rows {
        first,
        count: n - first,
    };
    let numbers = square.reshape([n * n]).narrow(0, 0..rows.packed());
    rows.unpack(numbers)
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(Unpack, "triangle", (square: "nn" in Domain::REAL) => from_square(square, 0)),
    law!(Unpack, "triangle", (square: "nn" in Domain::REAL) => from_square(square, 1)),
];
