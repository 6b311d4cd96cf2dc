//! Solving by substitution.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `triangular_solve` | X = T⁻¹ B | B̄ = T⁻' X̄, T̄ = the triangle of -B̄ X' | T and output |
//! | transposed | X = T⁻' B | B̄ = T⁻¹ X̄, T̄ = the triangle of -X B̄' | T and output |
//!
//! where T is one triangle of a matrix: what stands in the other is neither read nor given a
//! gradient, and the same holds for the diagonal if it is 1 by definition. From T X = B follows
//! dX = T⁻¹ (dB - dT X), whose transpose this is.
//!
//! Source: Giles (2008), Collected matrix derivative results, section 2.

use super::factor::{Squares, is_still};
#[cfg(any(test, feature = "proptest"))]
use super::{
    factor::dominant,
    law::{Domain, Law, law},
};
use crate::kernels::{Scalar, factor, matmul::Matrix};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// Which part of a matrix is the triangular one, and how it is read.
///
/// ```
/// use elbo::ops::Triangle;
/// assert_eq!(Triangle::LOWER.t().unit(), Triangle { upper: false, transposed: true, unit: true });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The triangle above the diagonal, else the one below.
    pub upper: bool,
    /// Whether the transpose of the triangle is meant.
    pub transposed: bool,
    /// Whether the diagonal is 1 throughout, whatever the matrix holds there.
    pub unit: bool,
}

impl Triangle {
    /// On and below the diagonal, as a Cholesky factor is.
    pub const LOWER: Triangle = Triangle {
        upper: false,
        transposed: false,
        unit: false,
    };
    /// On and above the diagonal.
    pub const UPPER: Triangle = Triangle {
        upper: true,
        ..Triangle::LOWER
    };
    /// Its transpose.
    pub const fn t(self) -> Self {
        Triangle {
            transposed: !self.transposed,
            ..self
        }
    }
    /// With 1 throughout its diagonal.
    pub const fn unit(self) -> Self {
        Triangle { unit: true, ..self }
    }
}

/// Square matrices, each with as many right sides as its own has `columns`.
#[derive(Clone, Copy)]
pub(super) struct Systems {
    pub(super) squares: Squares,
    pub(super) columns: usize,
}

impl Systems {
    /// Numbers of the right sides of one matrix.
    pub(super) fn size(self) -> usize {
        self.squares.n * self.columns
    }
    /// n² for each right side: the unit in which substitutions are counted.
    pub(super) fn substitutions(self) -> u64 {
        (self.squares.count * self.size()) as u64 * self.squares.n as u64
    }
}

/// X = op(T)⁻¹ B.
struct TriangularSolve {
    systems: Systems,
    triangle: Triangle,
}

impl TriangularSolve {
    /// Solves with T, or with its transpose, for each of `rows`; `spare` is scratch for n² numbers.
    fn solve<S: Scalar>(&self, t: &[S], transposed: bool, spare: &mut [S], rows: &mut [S]) {
        let Triangle { upper, unit, .. } = self.triangle;
        let n = self.systems.squares.n;
        if transposed {
            factor::transpose(t, n, n, spare);
            factor::solve_triangular(spare, n, upper, unit, rows);
        } else {
            factor::solve_triangular(t, n, !upper, unit, rows);
        }
    }
}

impl<S: Scalar> Op<S> for TriangularSolve {
    fn name(&self) -> &'static str {
        "triangular_solve"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Only {
            inputs: &[0],
            output: true,
        }
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.systems.substitutions()
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let Systems { squares, columns } = self.systems;
        let (n, size) = (squares.n, self.systems.size());
        saved.numbers.resize(squares.size() + size, S::ZERO);
        let (spare, rows) = saved.numbers.split_at_mut(squares.size());
        for (k, at) in squares.places().enumerate() {
            factor::transpose(&x[1][k * size..], n, columns, rows);
            self.solve(&x[0][at], self.triangle.transposed, spare, rows);
            factor::transpose(rows, columns, n, &mut y[k * size..]);
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Systems { squares, columns } = self.systems;
        let Triangle {
            upper,
            transposed,
            unit,
        } = self.triangle;
        let (n, size) = (squares.n, self.systems.size());
        let mut scratch = x_bar.scratch(squares.size() + size);
        let (spare, rows) = scratch.split_at_mut(squares.size());
        for (k, at) in squares.places().enumerate() {
            let own = k * size..(k + 1) * size;
            if is_still(&y_bar[own.clone()]) {
                continue;
            }
            // The rows of B̄'.
            factor::transpose(&y_bar[own.clone()], n, columns, rows);
            self.solve(&x[0][at.clone()], !transposed, spare, rows);
            if let Some(d) = x_bar.of(1) {
                add_transposed(rows, columns, n, &mut d[own.clone()]);
            }
            if let Some(d) = x_bar.of(0) {
                let b_bar = Matrix::new(rows, columns, n).t();
                let solution = Matrix::new(&y[own], n, columns);
                let (left, right) = if transposed {
                    (solution, b_bar.t())
                } else {
                    (b_bar, solution.t())
                };
                S::gemm(left, right, false, spare);
                let d = &mut d[at];
                for i in 0..n {
                    let beside = usize::from(unit);
                    let triangle = if upper {
                        i + beside..n
                    } else {
                        0..i + 1 - beside
                    };
                    for j in triangle {
                        d[i * n + j] -= spare[i * n + j];
                    }
                }
            }
        }
        x_bar.give_back(scratch);
    }
}

/// Adds the transpose of a `rows` x `columns` matrix to a gradient.
pub(super) fn add_transposed<S: Scalar>(from: &[S], rows: usize, columns: usize, d: &mut [S]) {
    for j in 0..columns {
        for i in 0..rows {
            d[j * rows + i] += from[i * columns + j];
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// T⁻¹ B: the X with T X = B, where T is a triangle of each matrix `[.., n, n]` of this value.
    ///
    /// B is `[.., n, columns]`, or `[.., n]` for one right side each, behind the same batch axes;
    /// [`broadcast_to`](Var::broadcast_to) makes them the same.
    ///
    /// The gradient is 0 outside of the triangle, and on a diagonal that is 1 by definition. Of a
    /// triangle with a 0 on its diagonal, which is singular, X is NaN, and the gradient too unless
    /// its cotangent is 0: [`Tape::watch`](crate::Tape::watch) names it.
    ///
    /// # Panics
    /// If the matrices are not square, or B has another shape.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::Triangle};
    /// let tape = Tape::new();
    /// let l = tape.constant(&Tensor::new([2, 2], vec![2.0f64, 0.0, 1.0, 4.0]));
    /// let b = tape.constant(&Tensor::new([2], vec![2.0, 9.0]));
    /// assert_eq!(l.triangular_solve(Triangle::LOWER, b).value().as_slice(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn triangular_solve(self, triangle: Triangle, b: Self) -> Self {
        let systems = self.systems("triangular_solve", b);
        let op = TriangularSolve { systems, triangle };
        self.tape().apply(op, [self, b], b.shape())
    }
    /// The matrices along the last two axes, of which `b` holds the right sides.
    #[track_caller]
    pub(super) fn systems(self, name: &str, b: Self) -> Systems {
        let (squares, batch) = self.squares(name);
        let (a, b) = (self.shape(), b.shape());
        let rows = &a.dims()[..a.rank() - 1];
        let columns = match b.dims().strip_prefix(rows) {
            Some([]) => 1,
            Some([columns]) => *columns,
            _ => {
                let rows = Shape::new(rows).to_string();
                let open = rows.trim_end_matches(']');
                panic!("{name}: matrices {a} want right sides {rows} or {open}, columns], not {b}");
            }
        };
        // As for the matrices: those that are not there need no scratch.
        let columns = if batch.size() == 0 { 0 } else { columns };
        Systems { squares, columns }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => dominant(x).triangular_solve(Triangle::LOWER, b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => dominant(x).triangular_solve(Triangle::UPPER, b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => dominant(x).triangular_solve(Triangle::LOWER.t(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => dominant(x).triangular_solve(Triangle::UPPER.t(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => x.triangular_solve(Triangle::LOWER.unit(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => x.triangular_solve(Triangle::UPPER.unit(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => x.triangular_solve(Triangle::LOWER.t().unit(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => x.triangular_solve(Triangle::UPPER.t().unit(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "nn" in Domain::REAL, b: "n" in Domain::REAL) => dominant(x).triangular_solve(Triangle::LOWER, b)),
    law!(TriangularSolve, "triangular_solve", (x: "annn" in Domain::REAL, b: "ann" in Domain::REAL) => dominant(x).triangular_solve(Triangle::LOWER.t(), b)),
    law!(TriangularSolve, "triangular_solve", (x: "ann" in Domain::REAL, b: "ank" in Domain::REAL) => dominant(x).triangular_solve(Triangle::UPPER, b)),
];
