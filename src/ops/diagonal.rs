//! Diagonals and triangles of matrices; of each matrix, if axes stand before the last two.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `diagonal` | y_i = x_ii | ȳ on the diagonal, 0 elsewhere | nothing |
//! | `diag` | x on the diagonal, 0 elsewhere | x̄_i = ȳ_ii | nothing |
//! | `tril`, `triu` | x in the triangle, 0 elsewhere | ȳ there, 0 elsewhere | nothing |
//!
//! and what is made of these: `trace`. An offset k means the elements (i, i + k): 0 is the main
//! diagonal, those above are positive.

use std::ops::Range;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
use crate::kernels::reduce::add;
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{MAX_RANK, Shape};

/// The places of a diagonal in matrices of one shape that stand one after the other.
#[derive(Default)]
struct Places {
    /// Elements of a matrix.
    size: usize,
    /// The first place in each.
    start: usize,
    /// From one to the next.
    step: usize,
    /// How many there are in each.
    count: usize,
}

impl Places {
    fn new([rows, columns]: [usize; 2], offset: isize) -> Self {
        let distance = offset.unsigned_abs();
        let [down, right] = if offset < 0 {
            [distance, 0]
        } else {
            [0, distance]
        };
        let count = rows.saturating_sub(down).min(columns.saturating_sub(right));
        if count == 0 {
            return Places::default(); // it may lie anywhere
        }
        Places {
            size: rows * columns,
            start: down * columns + right,
            step: columns + 1,
            count,
        }
    }
    /// All of them, matrix by matrix.
    fn of(&self, matrices: usize) -> impl Iterator<Item = usize> {
        (0..matrices).flat_map(move |matrix| {
            let start = matrix * self.size + self.start;
            (0..self.count).map(move |i| start + i * self.step)
        })
    }
}

/// y_i = x_(place i)
struct Diagonal {
    places: Places,
    matrices: usize,
}

impl<S: Scalar> Op<S> for Diagonal {
    fn name(&self) -> &'static str {
        "diagonal"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let x = &x[0];
        for (y, place) in y.iter_mut().zip(self.places.of(self.matrices)) {
            *y = x[place];
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for (&y_bar, place) in y_bar.iter().zip(self.places.of(self.matrices)) {
            d[place] += y_bar;
        }
    }
}

/// y_(place i) = x_i
struct Diag {
    places: Places,
    matrices: usize,
}

impl<S: Scalar> Op<S> for Diag {
    fn name(&self) -> &'static str {
        "diag"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.fill(S::ZERO);
        for (&x, place) in x[0].iter().zip(self.places.of(self.matrices)) {
            y[place] = x;
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for (d, place) in d.iter_mut().zip(self.places.of(self.matrices)) {
            *d += y_bar[place];
        }
    }
}

/// y_ij = x_ij where j - i <= k (lower) or j - i >= k (upper), else 0.
struct Triangle {
    name: &'static str,
    is_lower: bool,
    offset: isize,
    rows: usize,
    columns: usize,
}

impl Triangle {
    /// The places of each row that lie in the triangle.
    fn parts(&self, len: usize) -> impl Iterator<Item = Range<usize>> {
        let columns = self.columns;
        (0..len)
            .step_by(columns.max(1))
            .enumerate()
            .map(move |(row, start)| {
                // Where the diagonal crosses the row; the lower triangle includes it, too.
                let on = (row % self.rows) as isize;
                let end = on.saturating_add(self.offset);
                if self.is_lower {
                    start..start + end.saturating_add(1).clamp(0, columns as isize) as usize
                } else {
                    start + end.clamp(0, columns as isize) as usize..start + columns
                }
            })
    }
}

impl<S: Scalar> Op<S> for Triangle {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.fill(S::ZERO);
        for part in self.parts(y.len()) {
            y[part.clone()].copy_from_slice(&x[0][part]);
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for part in self.parts(y_bar.len()) {
            add(&mut d[part.clone()], &y_bar[part]);
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The elements (i, i + k) of a matrix, or of each matrix in the last two axes:
    /// `[.., m, n]` to `[.., count]`. numpy and JAX take the first two axes unless told otherwise.
    ///
    /// A diagonal that lies beyond the matrix is empty.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::from_fn([2, 3], |i| i as f32));
    /// assert_eq!(x.diagonal(0).value().as_slice(), [0.0, 4.0]);
    /// assert_eq!(x.diagonal(-1).value().as_slice(), [3.0]);
    /// ```
    #[track_caller]
    pub fn diagonal(self, k: isize) -> Self {
        self.diagonals("diagonal", k)
    }
    /// The sum of the main diagonal of a matrix, or of each matrix in the last two axes:
    /// `[.., m, n]` to `[..]`.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn trace(self) -> Self {
        let diagonals = self.diagonals("trace", 0);
        diagonals.sum_axes(&[diagonals.shape().rank() - 1])
    }
    #[track_caller]
    fn diagonals(self, name: &str, k: isize) -> Self {
        let matrix = self.matrix_checked(name);
        let places = Places::new(matrix, k);
        let batch = self.shape().without(self.shape().rank() - 1);
        let last = batch.rank() - 1;
        let op = Diagonal {
            matrices: batch.without(last).size(),
            places,
        };
        let shape = batch.with(last, op.places.count);
        self.tape().apply(op, [self], shape)
    }
    /// The square matrix with these numbers in the places (i, i + k), and 0 elsewhere; of each row
    /// of the last axis: `[.., n]` to `[.., n + |k|, n + |k|]`.
    ///
    /// # Panics
    /// If there is no axis, there are eight, or the number of elements overflows.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([2], vec![3.0f32, 5.0]));
    /// assert_eq!(x.diag(0).value().as_slice(), [3.0, 0.0, 0.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn diag(self, k: isize) -> Self {
        let shape = self.shape();
        let Some((n, batch)) = shape.dims().split_last() else {
            panic!("diag: a number has no axis to be a diagonal");
        };
        assert!(
            shape.rank() < MAX_RANK,
            "diag: {shape} has {MAX_RANK} axes already"
        );
        let extent = n.saturating_add(k.unsigned_abs());
        let mut dims = [extent; MAX_RANK];
        dims[..batch.len()].copy_from_slice(batch);
        let Some(to) = Shape::checked(&dims[..=shape.rank()]) else {
            panic!("diag: {shape} with offset {k}: the number of elements overflows");
        };
        let op = Diag {
            places: Places::new([extent; 2], k),
            matrices: batch.iter().product(),
        };
        self.tape().apply(op, [self], to)
    }
    /// The lower triangle of a matrix, or of each matrix in the last two axes: the elements (i, j)
    /// with j - i <= k, and 0 elsewhere, also where x is infinite or NaN.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn tril(self, k: isize) -> Self {
        self.triangle("tril", true, k)
    }
    /// The upper triangle of a matrix, or of each matrix in the last two axes: the elements (i, j)
    /// with j - i >= k, and 0 elsewhere, also where x is infinite or NaN.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn triu(self, k: isize) -> Self {
        self.triangle("triu", false, k)
    }
    #[track_caller]
    fn triangle(self, name: &'static str, is_lower: bool, offset: isize) -> Self {
        let [rows, columns] = self.matrix_checked(name);
        let op = Triangle {
            name,
            is_lower,
            offset,
            rows,
            columns,
        };
        self.tape().apply(op, [self], self.shape())
    }
    /// The extents of the last two axes.
    #[track_caller]
    fn matrix_checked(self, name: &str) -> [usize; 2] {
        let shape = self.shape();
        let [.., rows, columns] = *shape.dims() else {
            panic!("{name}: {shape} is no matrix");
        };
        [rows, columns]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Diagonal, "diagonal", (x: "mn" in Domain::REAL) => x.diagonal(0)),
    law!(Diagonal, "diagonal", (x: "bmn" in Domain::REAL) => x.diagonal(1)),
    law!(Diagonal, "diagonal", (x: "bmn" in Domain::REAL) => x.diagonal(-1)),
    law!(Diagonal, "diagonal", (x: "bmn" in Domain::REAL) => x.trace()),
    law!(Diag, "diag", (x: "n" in Domain::REAL) => x.diag(0)),
    law!(Diag, "diag", (x: "bn" in Domain::REAL) => x.diag(1)),
    law!(Diag, "diag", (x: "bn" in Domain::REAL) => x.diag(-2)),
    law!(Triangle, "tril", (x: "mn" in Domain::REAL) => x.tril(0)),
    law!(Triangle, "tril", (x: "bmn" in Domain::REAL) => x.tril(-1)),
    law!(Triangle, "triu", (x: "mn" in Domain::REAL) => x.triu(0)),
    law!(Triangle, "triu", (x: "bmn" in Domain::REAL) => x.triu(1)),
];
