//! Systems of linear equations, by L U with partial pivoting.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `solve` | X = A⁻¹ B | B̄ = A⁻' X̄, Ā = -B̄ X' | output; L U is saved |
//! | `inverse` | Y = A⁻¹ | -Y' Ȳ Y' | output |
//! | `log_abs_det` | ln \|det A\| = Σ ln \|Uᵢᵢ\| | ȳ A⁻' | nothing; L U is saved |
//! | `sign_det` | 1, -1 or 0 | 0 | nothing |
//!
//! of the matrices along the last two axes, one by one. From A X = B follows
//! dX = A⁻¹ (dB - dA X), and d ln |det A| is the trace of A⁻¹ dA.
//!
//! Source: Giles (2008), Collected matrix derivative results, section 2.

use super::elementary::Sign;
use super::factor::{Squares, is_still};
#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::Pointwise;
use super::triangular::{Systems, add_transposed};
use crate::kernels::{Scalar, factor, matmul::Matrix, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// Factors each matrix of `a`. `saved` holds all of L U, then n numbers of scratch, then `more`.
fn factorize<S: Scalar>(a: &[S], squares: Squares, more: usize, saved: &mut Saved<S>) {
    let n = squares.n;
    saved.numbers.clear();
    saved.numbers.extend_from_slice(a);
    saved.numbers.resize(a.len() + n + more, S::ZERO);
    saved.positions.resize(squares.count * n, 0);
    let (matrices, scratch) = saved.numbers.split_at_mut(a.len());
    for (k, at) in squares.places().enumerate() {
        let swaps = &mut saved.positions[k * n..][..n];
        factor::lu(&mut matrices[at], swaps, &mut scratch[..n]);
    }
}

/// X = A⁻¹ B.
struct Solve(Systems);

impl<S: Scalar> Op<S> for Solve {
    fn name(&self) -> &'static str {
        "solve"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Output
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.0.squares.cubes() * 2 / 3 + 2 * self.0.substitutions()
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let Systems { squares, columns } = self.0;
        let (n, size) = (squares.n, self.0.size());
        factorize(&x[0], squares, size, saved);
        let (matrices, scratch) = saved.numbers.split_at_mut(x[0].len());
        let rows = &mut scratch[n..];
        for (k, at) in squares.places().enumerate() {
            factor::transpose(&x[1][k * size..], n, columns, rows);
            factor::solve_lu(&matrices[at], &saved.positions[k * n..][..n], rows);
            factor::transpose(rows, columns, n, &mut y[k * size..]);
        }
    }
    fn vjp(
        &self,
        _: &Inputs<'_, S>,
        y: &[S],
        y_bar: &[S],
        saved: &Saved<S>,
        x_bar: &mut Grads<'_, S>,
    ) {
        let Systems { squares, columns } = self.0;
        let (n, size) = (squares.n, self.0.size());
        let mut scratch = x_bar.scratch(squares.size() + size);
        let (lu, rows) = scratch.split_at_mut(squares.size());
        for (k, at) in squares.places().enumerate() {
            let own = k * size..(k + 1) * size;
            if is_still(&y_bar[own.clone()]) {
                continue;
            }
            // The rows of B̄'.
            factor::transpose(&y_bar[own.clone()], n, columns, rows);
            factor::transpose(&saved.numbers[at.clone()], n, n, lu);
            factor::solve_lu_transposed(lu, &saved.positions[k * n..][..n], rows);
            if let Some(d) = x_bar.of(1) {
                add_transposed(rows, columns, n, &mut d[own.clone()]);
            }
            if let Some(d) = x_bar.of(0) {
                negate(rows);
                let b_bar = Matrix::new(rows, columns, n).t();
                let solution = Matrix::new(&y[own], n, columns);
                S::gemm(b_bar, solution.t(), true, &mut d[at]);
            }
        }
        x_bar.give_back(scratch);
    }
}

fn negate<S: Scalar>(x: &mut [S]) {
    for x in x {
        *x = -*x;
    }
}

/// Y = A⁻¹.
struct Inverse(Squares);

impl<S: Scalar> Op<S> for Inverse {
    fn name(&self) -> &'static str {
        "inverse"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Output
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.0.cubes() * 8 / 3
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let n = self.0.n;
        saved.numbers.resize(self.0.size() + n, S::ZERO);
        saved.positions.resize(n, 0);
        let (lu, column) = saved.numbers.split_at_mut(self.0.size());
        for at in self.0.places() {
            // Row j of the inverse solves A' w = eⱼ: it is made where it belongs.
            factor::transpose(&x[0][at.clone()], n, n, lu);
            factor::lu(lu, &mut saved.positions, column);
            factor::identity(&mut y[at.clone()], n);
            factor::solve_lu(lu, &saved.positions, &mut y[at]);
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = self.0.n;
        let mut left = x_bar.scratch(self.0.size());
        let Some(d) = x_bar.of(0) else { return };
        for at in self.0.places().filter(|at| !is_still(&y_bar[at.clone()])) {
            let y = Matrix::new(&y[at.clone()], n, n).t();
            S::gemm(y, Matrix::new(&y_bar[at.clone()], n, n), false, &mut left);
            negate(&mut left);
            S::gemm(Matrix::new(&left, n, n), y, true, &mut d[at]);
        }
        x_bar.give_back(left);
    }
}

/// A part of det A = ± e^y.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    LogAbs,
    Sign,
}

/// One part of the determinant.
struct Determinant {
    squares: Squares,
    part: Part,
}

/// |x|, which rises from 0 whichever way a tangent goes.
fn magnitude<S: Scalar>(x: S) -> S {
    if x < S::ZERO { -x } else { x }
}

impl<S: Scalar> Op<S> for Determinant {
    fn name(&self) -> &'static str {
        match self.part {
            Part::LogAbs => "log_abs_det",
            Part::Sign => "sign_det",
        }
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.squares.cubes() * 2 / 3
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let n = self.squares.n;
        factorize(&x[0], self.squares, 0, saved);
        for (k, (y, at)) in y.iter_mut().zip(self.squares.places()).enumerate() {
            let lu = &saved.numbers[at];
            let diagonal = |i: usize| lu[i * n + i];
            *y = match self.part {
                Part::LogAbs => reduce::sum_of(n, &|i| magnitude(diagonal(i)).ln()),
                Part::Sign => {
                    let swaps = saved.positions[k * n..][..n].iter().enumerate();
                    let odd = swaps.filter(|&(j, &p)| j != p as usize).count() % 2 == 1;
                    let start = if odd { -S::ONE } else { S::ONE };
                    (0..n).fold(start, |y, i| y * Sign.value([diagonal(i)]))
                }
            };
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
        if self.part == Part::Sign {
            return;
        }
        let n = self.squares.n;
        let mut inverse = x_bar.scratch(self.squares.size());
        let Some(d) = x_bar.of(0) else { return };
        for (k, (y_bar, at)) in y_bar.iter().zip(self.squares.places()).enumerate() {
            if y_bar.is_zero() {
                continue;
            }
            // Row j solves A w = eⱼ: it is column j of A⁻¹.
            factor::identity(&mut inverse, n);
            let swaps = &saved.positions[k * n..][..n];
            factor::solve_lu(&saved.numbers[at.clone()], swaps, &mut inverse);
            for (d, &entry) in d[at].iter_mut().zip(inverse.iter()) {
                *d += *y_bar * entry;
            }
        }
        x_bar.give_back(inverse);
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// A⁻¹ B: the X with A X = B for each matrix A `[.., n, n]` of this value.
    ///
    /// B is `[.., n, columns]`, or `[.., n]` for one right side each, behind the same batch axes;
    /// [`broadcast_to`](Var::broadcast_to) makes them the same. For a symmetric positive definite A
    /// its [`cholesky`](Var::cholesky) and two [`triangular_solve`](Var::triangular_solve)s do
    /// with less.
    ///
    /// Of a singular A, one with a pivot that is exactly 0, X is NaN, and the gradient too unless
    /// its cotangent is 0: [`Tape::watch`](crate::Tape::watch) names it.
    ///
    /// # Panics
    /// If the matrices are not square, or B has another shape.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let a = tape.constant(&Tensor::new([2, 2], vec![0.0f64, 2.0, 4.0, 1.0]));
    /// let b = tape.constant(&Tensor::new([2], vec![6.0, 7.0]));
    /// assert_eq!(a.solve(b).value().as_slice(), [1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn solve(self, b: Self) -> Self {
        let systems = self.systems("solve", b);
        self.tape().apply(Solve(systems), [self, b], b.shape())
    }
    /// A⁻¹ of each matrix A `[.., n, n]`. To apply it, [`solve`](Var::solve) is faster and more
    /// exact.
    ///
    /// Of a singular A it is NaN, as for [`solve`](Var::solve).
    ///
    /// # Panics
    /// If the last two axes are no square matrices.
    #[track_caller]
    pub fn inverse(self) -> Self {
        let (squares, _) = self.squares("inverse");
        self.tape().apply(Inverse(squares), [self], self.shape())
    }
    /// ln |det A| of each matrix A `[.., n, n]`: no determinant over- or underflows on the way.
    ///
    /// -inf, with a gradient that is NaN, if A is singular. Of a symmetric positive definite A
    /// [`log_det_spd`](Var::log_det_spd) is twice as fast.
    ///
    /// # Panics
    /// If the last two axes are no square matrices.
    #[track_caller]
    pub fn log_abs_det(self) -> Self {
        self.determinant("log_abs_det", Part::LogAbs)
    }
    /// The sign of det A of each matrix A `[.., n, n]`: 1, -1, or 0 if A is singular. No gradient
    /// flows.
    ///
    /// # Panics
    /// If the last two axes are no square matrices.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let a = tape.constant(&Tensor::new([2, 2], vec![0.0f64, 2.0, 4.0, 1.0]));
    /// let det = a.sign_det() * a.log_abs_det().exp();
    /// assert!((det.item() + 8.0).abs() < 1e-14);
    /// ```
    #[track_caller]
    pub fn sign_det(self) -> Self {
        self.determinant("sign_det", Part::Sign)
    }
    #[track_caller]
    fn determinant(self, name: &str, part: Part) -> Self {
        let (squares, batch) = self.squares(name);
        let op = Determinant { squares, part };
        self.tape().apply(op, [self], batch)
    }
}

/// A well conditioned matrix of the same shape, whose pivots are not on its diagonal: numbers from
/// -3 to 3, as many as three in a row, and 10 added to one of them. It stands one column further to
/// the right in each row, and in each matrix, so that no two neighbours exchange the same rows.
#[cfg(any(test, feature = "proptest"))]
fn regular<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    let (shape, n) = (x.shape(), x.shape().dim(x.shape().rank() - 1));
    let pivots = |m: &mut [S]| {
        m.fill(S::ZERO);
        for (i, row) in m.chunks_exact_mut(n.max(1)).enumerate() {
            row[(i + i / n + 1) % n] = S::of(10.0);
        }
    };
    x + x.tape().generate(shape, pivots)
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Solve, "solve", (x: "nn" in Domain::REAL, b: "nk" in Domain::REAL) => regular(x).solve(b)),
    law!(Solve, "solve", (x: "nn" in Domain::REAL, b: "n" in Domain::REAL) => regular(x).solve(b)),
    law!(Solve, "solve", (x: "ann" in Domain::REAL, b: "ank" in Domain::REAL) => regular(x).solve(b)),
    law!(Solve, "solve", (x: "ann" in Domain::REAL, b: "an" in Domain::REAL) => regular(x).solve(b)),
    law!(Inverse, "inverse", (x: "nn" in Domain::REAL) => regular(x).inverse()),
    law!(Inverse, "inverse", (x: "ann" in Domain::REAL) => regular(x).inverse()),
    law!(Determinant, "log_abs_det", (x: "nn" in Domain::REAL) => regular(x).log_abs_det()),
    law!(Determinant, "log_abs_det", (x: "abnn" in Domain::REAL) => regular(x).log_abs_det()),
    law!(Determinant, "sign_det", (x: "ann" in Domain::REAL) => regular(x).sign_det()),
];
