//! Factors, solutions, inverses and determinants, each held to what defines it: L L' = A, A X = B,
//! A⁻¹ A = I, and determinants to cofactors, eigenvalues and closed forms, over matrices that are
//! well and ill conditioned. Their rules of differentiation are in `tests/ops.rs`; here are their
//! derivatives up to the fourth, and the matrices for which there is no answer.
//!
//! Tolerances are bounds of Higham (2002), Accuracy and Stability of Numerical Algorithms: what is
//! computed is exact for a matrix that differs by roundings, however ill conditioned it is.

use std::panic::{self, AssertUnwindSafe};

use elbo::ops::Triangle;
use elbo::tape::Kind;
use elbo::{Dual, Scalar, Tape, Tensor, Var};
use proptest::prelude::*;

/// k roundings, together (Higham, lemma 3.1).
fn gamma(k: usize) -> f64 {
    let k = k as f64 * f64::EPSILON / 2.0;
    k / (1.0 - k)
}

/// A square matrix.
#[derive(Clone, Debug)]
struct Square {
    n: usize,
    data: Vec<f64>,
}

impl Square {
    fn new(n: usize, at: impl Fn(usize, usize) -> f64) -> Self {
        let data = (0..n * n).map(|k| at(k / n, k % n)).collect();
        Square { n, data }
    }
    fn of(tensor: &Tensor<f64>) -> Self {
        let [n, m] = *tensor.shape().dims() else {
            panic!("{} is no matrix", tensor.shape())
        };
        assert_eq!(n, m);
        Square::new(n, |i, j| tensor.as_slice()[i * n + j])
    }
    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.n + j]
    }
    fn tensor(&self) -> Tensor<f64> {
        Tensor::new([self.n, self.n], self.data.clone())
    }
    fn largest(&self) -> f64 {
        self.data.iter().fold(0.0, |most, a| a.abs().max(most))
    }
    /// |L| |U| is below this, number by number, because L is below 1 and U grows by 2 in a step at
    /// most (Higham, section 9.3).
    fn growth(&self) -> f64 {
        self.n as f64 * self.largest() * f64::from(1 << self.n)
    }
    /// Without row i and column j.
    fn minor(&self, i: usize, j: usize) -> Self {
        let skip = |k: usize, gone: usize| k + usize::from(k >= gone);
        Square::new(self.n - 1, |a, b| self.at(skip(a, i), skip(b, j)))
    }
    /// The determinant by cofactors, and the sum of its terms' sizes.
    fn determinant(&self) -> [f64; 2] {
        let mut sum = [0.0, 0.0];
        for j in 0..self.n {
            let sign = if j % 2 == 0 { 1.0 } else { -1.0 };
            let [minor, size] = self.minor(0, j).determinant();
            sum[0] += sign * self.at(0, j) * minor;
            sum[1] += self.at(0, j).abs() * size;
        }
        if self.n == 0 { [1.0, 1.0] } else { sum }
    }
    /// The inverse by cofactors.
    fn inverse(&self) -> Self {
        let [whole, _] = self.determinant();
        Square::new(self.n, |i, j| {
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            sign * self.minor(j, i).determinant()[0] / whole
        })
    }
}

/// Numbers from -1 to 1, and -1 to 1 times 10^-e beside a matrix of rank 1: nearly singular.
fn square(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Square> {
    let numbers = |n| prop::collection::vec(-1.0..1.0f64, n);
    let whole = move |n| {
        (
            Just(n),
            numbers(n * n),
            numbers(2 * n),
            0..9i32,
            any::<bool>(),
        )
    };
    sizes.prop_flat_map(whole).prop_map(|(n, a, uv, e, ill)| {
        Square::new(n, |i, j| {
            if ill {
                uv[i] * uv[n + j] + a[i * n + j] * 10f64.powi(-e)
            } else {
                a[i * n + j]
            }
        })
    })
}

/// D (B B' + 10^-e I) D for a diagonal D from 10^-4 to 10^4.
fn spd() -> impl Strategy<Value = Square> {
    let numbers = |n, most: f64| prop::collection::vec(-most..most, n);
    let whole = move |n| (Just(n), numbers(n * n, 1.0), numbers(n, 4.0), 0..9i32);
    (0usize..8).prop_flat_map(whole).prop_map(|(n, b, d, e)| {
        Square::new(n, |i, j| {
            let product: f64 = (0..n).map(|k| b[i * n + k] * b[j * n + k]).sum();
            let shift = if i == j { 10f64.powi(-e) } else { 0.0 };
            (product + shift) * 10f64.powf(d[i] + d[j])
        })
    })
}

/// Q diag(λ) Q' for a reflection Q along `v`.
fn with_eigenvalues(lambda: &[f64], v: &[f64]) -> Square {
    let q = reflection(v);
    Square::new(v.len(), |i, j| {
        let term = |k: usize| lambda[k] * (q.at(i, k) * q.at(j, k));
        (0..v.len()).map(term).sum()
    })
}

/// I - 2 v v' / v'v.
fn reflection(v: &[f64]) -> Square {
    let length: f64 = v.iter().map(|v| v * v).sum();
    Square::new(v.len(), |i, j| {
        f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / length
    })
}

/// An operation on matrices.
type Unary = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;
/// An operation on matrices and right sides.
type Binary = for<'t> fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;

const LOG_DETS: [Unary; 2] = [|a| a.log_det_spd(), |a| a.log_abs_det()];

/// The value of f and the gradient of its sum.
fn at(x: &Tensor<f64>, f: Unary) -> (Tensor<f64>, Tensor<f64>) {
    let tape = Tape::new();
    let x = tape.parameter(x);
    let y = f(x);
    let value = y.value();
    y.sum().backward();
    (value, x.grad())
}

fn value(x: &Tensor<f64>, f: Unary) -> Tensor<f64> {
    at(x, f).0
}

/// The vector of n numbers whose i-th is sin(i + 1): as good as any other.
fn right_side(n: usize) -> Tensor<f64> {
    Tensor::from_fn([n], |i| (i as f64 + 1.0).sin())
}

proptest! {
    /// |L L' - A| <= γ |L| |L'| (theorem 10.3), twice for the product made here.
    #[test]
    fn the_factor_multiplies_to_the_matrix(a in spd()) {
        let n = a.n;
        let l = Square::of(&value(&a.tensor(), |a| a.cholesky()));
        for i in 0..n {
            prop_assert!(l.at(i, i) > 0.0);
            for j in 0..n {
                let terms = (0..n).map(|k| l.at(i, k) * l.at(j, k));
                let size: f64 = terms.clone().map(f64::abs).sum();
                let error = (terms.sum::<f64>() - a.at(i, j)).abs();
                prop_assert!(error <= 2.0 * gamma(n + 1) * size, "{error:e} at {i}, {j}");
                prop_assert!(i >= j || l.at(i, j) == 0.0);
            }
        }
    }

    /// (A + A') / 2 is what is read, and its gradient is symmetric.
    #[test]
    fn a_factor_is_that_of_the_symmetric_part(a in square(0..7)) {
        let n = a.n;
        let dominant = |i: usize, j: usize| a.at(i, j) + if i == j { 2.0 * n as f64 } else { 0.0 };
        let whole = Square::new(n, dominant);
        let half = Square::new(n, |i, j| 0.5 * dominant(i, j) + 0.5 * dominant(j, i));
        let factored: [Unary; 2] = [|a| a.cholesky(), |a| a.log_det_spd()];
        for f in factored {
            let (y, d) = at(&whole.tensor(), f);
            let d = Square::of(&d);
            let own = value(&half.tensor(), f);
            prop_assert_eq!(y.as_slice(), own.as_slice());
            prop_assert!((0..n * n).all(|k| d.at(k / n, k % n) == d.at(k % n, k / n)));
        }
    }

    /// |T x - b| <= γ |T| |x| (theorem 8.5), for every form of T. The other triangle is NaN, and
    /// so is a diagonal that is 1 by definition.
    #[test]
    fn substitution_solves_whatever_the_triangle(a in square(0..7), form in any::<[bool; 3]>()) {
        let n = a.n;
        let [upper, transposed, unit] = form;
        let number = |i: usize, j: usize| match [i, j] {
            _ if i == j && unit => 1.0,
            _ if i == j => a.at(i, i) + 1.5, // not near 0, where solutions overflow
            _ if upper == (i < j) => a.at(i, j),
            _ => 0.0,
        };
        let given = Square::new(n, |i, j| match number(i, j) {
            1.0 | 0.0 => f64::NAN,
            number => number,
        });
        let tape = Tape::new();
        let b = right_side(n);
        let t = tape.parameter(&given.tensor());
        let x = t.triangular_solve(Triangle { upper, transposed, unit }, tape.parameter(&b));
        let solution = x.value();
        for i in 0..n {
            let entry = |k: usize| if transposed { number(k, i) } else { number(i, k) };
            let terms = (0..n).map(|k| entry(k) * solution.as_slice()[k]);
            let size: f64 = terms.clone().map(f64::abs).sum();
            let error = (terms.sum::<f64>() - b.as_slice()[i]).abs();
            prop_assert!(error <= 2.0 * gamma(n + 1) * size, "{error:e} at {i}");
        }
        x.sum().backward();
        for (d, t) in t.grad().as_slice().iter().zip(&given.data) {
            prop_assert!(d.is_finite() && (*d == 0.0 || !t.is_nan()));
        }
    }

    /// |A x - b| <= γ |L| |U| |x| (theorem 9.4), for one right side, for one of several, and for
    /// the rows of the inverse, which solve y A = e'.
    #[test]
    fn solutions_and_inverses_leave_no_more_than_roundings(a in square(0..8)) {
        let n = a.n;
        let bound = |x: &[f64]| {
            let size: f64 = x.iter().map(|x| x.abs()).sum();
            2.0 * gamma(3 * n + 1) * a.growth() * size
        };
        let tape = Tape::new();
        let matrix = tape.constant(&a.tensor());
        let b = right_side(n);
        let x = matrix.solve(tape.constant(&b)).value();
        let column = |i: usize| b.as_slice()[i / 2] * [1.0, -3.0][i % 2];
        let several = matrix.solve(tape.constant(&Tensor::from_fn([n, 2], column))).value();
        for (i, b) in b.as_slice().iter().enumerate() {
            prop_assert_eq!(several.as_slice()[2 * i], x.as_slice()[i]);
            let residual = |x: &dyn Fn(usize) -> f64, b: f64| {
                ((0..n).map(|k| a.at(i, k) * x(k)).sum::<f64>() - b).abs()
            };
            prop_assert!(residual(&|k| x.as_slice()[k], *b) <= bound(x.as_slice()));
            let second = |k: usize| several.as_slice()[2 * k + 1];
            prop_assert!(residual(&second, -3.0 * b) <= 3.0 * bound(x.as_slice()));
        }
        let inverse = Square::of(&matrix.inverse().value());
        for i in 0..n {
            let row = &inverse.data[i * n..][..n];
            for j in 0..n {
                let product: f64 = (0..n).map(|k| row[k] * a.at(k, j)).sum();
                prop_assert!((product - f64::from(u8::from(i == j))).abs() <= bound(row));
            }
        }
    }

    /// Cofactors give the determinant, its sign, and the inverse, which transposed is the gradient.
    #[test]
    fn determinants_are_those_of_cofactors(a in square(1..6)) {
        let n = a.n;
        let ([det, size], inverse) = (a.determinant(), a.inverse());
        let sum: f64 = inverse.data.iter().map(|x| x.abs()).sum();
        // L U is that of a matrix which differs by this much, number by number.
        let moved = gamma(3 * n + 1) * a.growth();
        let cofactors = gamma(n * n + n) * size / det.abs();
        let tolerance = 2.0 * moved * sum + cofactors;
        prop_assume!(tolerance < 1e-2);
        let (y, d) = at(&a.tensor(), |a| a.log_abs_det());
        // The logarithms themselves are rounded, those of small pivots and the sum.
        let error = (y.item() - det.abs().ln()).abs();
        prop_assert!(error <= tolerance + gamma(n + 3) * 100.0, "{error:e}, {tolerance:e}");
        prop_assert_eq!(value(&a.tensor(), |a| a.sign_det()).item(), det.signum());
        // A minor is at most a row of A shorter than the determinant: its terms are as many fewer.
        let minors = (0..n * n).map(|k| a.minor(k / n, k % n).determinant()[1]);
        let minor = minors.fold(0.0, f64::max);
        let tolerance = 2.0 * moved * sum * sum
            + gamma(n * n + n) * (minor + inverse.largest() * size) / det.abs();
        let found = Square::of(&value(&a.tensor(), |a| a.inverse()));
        let d = Square::of(&d);
        for i in 0..n {
            for j in 0..n {
                let exact = inverse.at(i, j);
                prop_assert!((found.at(i, j) - exact).abs() <= tolerance);
                prop_assert!((d.at(j, i) - exact).abs() <= tolerance);
            }
        }
    }

    /// ln det A = Σ ln λ, and its gradient is Q diag(1/λ) Q', for λ from 10^-3 to 10^3.
    #[test]
    fn determinants_are_products_of_eigenvalues(
        pairs in prop::collection::vec((-3.0..3.0f64, 0.1..1.0f64), 0..7),
    ) {
        let (logs, v): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let lambda: Vec<f64> = logs.iter().map(|u| 10f64.powf(*u)).collect();
        let (n, a) = (v.len(), with_eigenvalues(&lambda, &v));
        let exact: f64 = lambda.iter().map(|l| l.ln()).sum();
        let reciprocal: Vec<f64> = lambda.iter().map(|l| 1.0 / l).collect();
        let inverse = with_eigenvalues(&reciprocal, &v);
        // Roundings of A, made here, and of its factors, as a norm.
        let moved = n as f64 * gamma(5 * n + 20) * a.growth();
        let least = lambda.iter().copied().fold(f64::INFINITY, f64::min);
        for f in LOG_DETS {
            let (y, d) = at(&a.tensor(), f);
            let tolerance = 2.0 * moved * reciprocal.iter().sum::<f64>() + gamma(n + 3) * 100.0;
            prop_assert!((y.item() - exact).abs() <= tolerance);
            for (d, exact) in d.as_slice().iter().zip(&inverse.data) {
                prop_assert!((d - exact).abs() <= 2.0 * moved / (least * least));
            }
        }
    }
}

/// ρ^|i - j| has the determinant (1 - ρ²)^(n - 1), the condition ((1 + ρ) / (1 - ρ))² and an
/// inverse of three diagonals.
fn autocorrelation<S: Scalar>(n: usize, rho: f64) -> Tensor<S> {
    Tensor::from_fn([n, n], |k| S::of(rho.powi((k / n).abs_diff(k % n) as i32)))
}

#[test]
fn a_large_covariance_in_both_precisions() {
    let (n, rho) = (300, 0.9);
    let condition = (1.9f64 / 0.1).powi(2);
    let exact = (n - 1) as f64 * (1.0 - rho * rho).ln();
    let tape = Tape::new();
    let a = tape.constant(&autocorrelation::<f32>(n, rho));
    // n pivots, each off by as many roundings as the matrix is ill conditioned.
    let tolerance = n as f64 * f64::from(f32::EPSILON) * condition;
    for y in [a.log_det_spd(), a.log_abs_det()] {
        assert!((f64::from(y.item()) - exact).abs() < tolerance, "{y:?}");
    }
    let tolerance = tolerance * f64::EPSILON / f64::from(f32::EPSILON);
    for f in LOG_DETS {
        let (y, d) = at(&autocorrelation(n, rho), f);
        assert!((y.item() - exact).abs() < tolerance);
        for (k, d) in d.as_slice().iter().enumerate() {
            let (i, j) = (k / n, k % n);
            let inner = i > 0 && i + 1 < n;
            let inverse = match i.abs_diff(j) {
                0 if inner => 1.0 + rho * rho,
                0 => 1.0,
                1 => -rho,
                _ => 0.0,
            };
            // The norm of the inverse is 1 / 0.19 times at most 3.61.
            assert!((d - inverse / (1.0 - rho * rho)).abs() < 19.0 * tolerance);
        }
    }
}

#[test]
fn determinants_beyond_the_range_of_numbers() {
    for scale in [1e-200, 1e200] {
        let a = Square::new(3, |i, j| if i == j { scale } else { 0.0 });
        for f in LOG_DETS {
            let y = value(&a.tensor(), f).item();
            assert!((y / (3.0 * f64::ln(scale)) - 1.0).abs() < 1e-15);
        }
    }
    // Half the sum of two large numbers is no infinity.
    let large = Tensor::new([2, 2], vec![1.5e308, 1e308, 1e308, 1.5e308]);
    assert!(
        value(&large, |a| a.cholesky())
            .as_slice()
            .iter()
            .all(|l| l.is_finite())
    );
}

/// ln det A in three ways, b' A⁻¹ b in four.
fn scalars<'t, S: Scalar>(a: Var<'t, S>, b: Var<'t, S>) -> [Var<'t, S>; 7] {
    let n = b.shape().size();
    let l = a.cholesky();
    let diagonal: Vec<usize> = (0..n).map(|i| i * (n + 1)).collect();
    let log_det = 2.0 * l.flatten().index_select(0, &diagonal).log().sum();
    let half = l.triangular_solve(Triangle::LOWER, b);
    let applied = a.inverse().matmul(b.reshape([n, 1])).flatten();
    [
        a.log_det_spd(),
        a.log_abs_det(),
        log_det,
        (b * a.solve(b)).sum(),
        (b * applied).sum(),
        half.square().sum(),
        (b * l.triangular_solve(Triangle::LOWER.t(), half)).sum(),
    ]
}

/// With eigenvalues λ and c = Q' b, the k-th derivatives along t of ln det (A + t I) and of
/// b' (A + t I)⁻¹ b are sums of powers of λ + t.
#[test]
fn four_derivatives_along_a_growing_diagonal() {
    type Third = Dual<Dual<Dual<f64>>>;
    let (lambda, v, n) = ([0.5, 1.0, 2.0, 3.5], [0.3, -0.2, 0.8, 0.5], 4);
    let (a, q, b) = (with_eigenvalues(&lambda, &v), reflection(&v), right_side(4));
    let c = |i: usize| (0..n).map(|k| q.at(k, i) * b.as_slice()[k]).sum::<f64>();
    let t = 0.3;
    let exact = |quadratic: bool, k: i32| {
        let power = |i: usize| {
            if quadratic {
                f64::from(k) * c(i) * c(i) * (lambda[i] + t).powi(-k - 1)
            } else {
                -(lambda[i] + t).powi(-k)
            }
        };
        let factorial: i32 = (1..k).product();
        f64::from(factorial) * f64::from((-1i32).pow(k as u32)) * (0..n).map(power).sum::<f64>()
    };
    for which in 0..7 {
        let tape = Tape::new();
        let x = tape.parameter(&Tensor::scalar(Third {
            v: Dual {
                v: Dual { v: t, d: 1.0 },
                d: Dual::ONE,
            },
            d: Dual::ONE,
        }));
        let lift = |x: &Tensor<f64>| tape.constant(&x.map(Third::of));
        let eye = lift(&Square::new(n, |i, j| f64::from(u8::from(i == j))).tensor());
        scalars(lift(&a.tensor()) + x * eye, lift(&b))[which].backward();
        let d = x.grad().item();
        for (k, found) in (1..).zip([d.v.v.v, d.d.v.v, d.d.d.v, d.d.d.d]) {
            let exact = exact(which > 2, k);
            // About ten roundings for each of a few hundred steps, of a condition below 10.
            let error = (found / exact - 1.0).abs();
            assert!(
                error < 1e-12,
                "{which}, derivative {k}: {found}, not {exact}"
            );
        }
    }
}

const OPERATIONS: [(&str, Binary); 9] = [
    ("cholesky", |a, _| a.cholesky()),
    ("log_det_spd", |a, _| a.log_det_spd()),
    ("triangular_solve", |a, b| {
        a.triangular_solve(Triangle::LOWER, b)
    }),
    ("triangular_solve", |a, b| {
        a.triangular_solve(Triangle::UPPER.t(), b)
    }),
    ("triangular_solve", |a, b| {
        a.triangular_solve(Triangle::LOWER.t().unit(), b)
    }),
    ("solve", |a, b| a.solve(b)),
    ("inverse", |a, _| a.inverse()),
    ("log_abs_det", |a, _| a.log_abs_det()),
    ("sign_det", |a, _| a.sign_det()),
];

/// Value and gradients of a batch, from the cotangent `y_bar(i)`.
fn both(f: Binary, [a, b]: [&Tensor<f64>; 2], y_bar: fn(usize) -> f64) -> [Vec<f64>; 3] {
    let tape = Tape::new();
    let (a, b) = (tape.parameter(a), tape.parameter(b));
    let y = f(a, b);
    let value = y.value();
    y.backward_with(&Tensor::from_fn(y.shape(), y_bar));
    [value, a.grad(), b.grad()].map(|x| x.as_slice().to_vec())
}

#[test]
fn each_matrix_of_a_batch_stands_alone() {
    let (n, columns) = (3, 2);
    let side = |i: usize| (i as f64 * 1.3).cos();
    for (name, f) in OPERATIONS {
        let pivots = ["solve", "inverse", "log_abs_det", "sign_det"].contains(&name);
        let number = |i: usize| {
            let (k, row, column) = (i / n / n, i / n % n, i % n);
            // Large on the diagonal, or where another one of the matrices has no pivot.
            let place = if pivots { (row + k) % n } else { row };
            let shift = if column == place { 3.0 } else { 0.0 };
            (i as f64 * 0.7).sin() + shift
        };
        for right in [&[n, columns][..], &[n]] {
            let whole = [
                Tensor::from_fn([2, 2, n, n], number),
                Tensor::from_fn(&[&[2, 2], right].concat()[..], side),
            ];
            let batch = both(f, whole.each_ref(), |_| 1.0);
            let mut apart = [vec![], vec![], vec![]];
            for k in 0..4 {
                let size: usize = right.iter().product();
                let a = Tensor::from_fn([n, n], |i| number(k * n * n + i));
                let b = Tensor::from_fn(right, |i| side(k * size + i));
                for (all, own) in apart.iter_mut().zip(both(f, [&a, &b], |_| 1.0)) {
                    all.extend(own);
                }
            }
            assert_eq!(batch, apart, "{name}");
            assert!(batch[0].iter().all(|y| y.is_finite()), "{name}");
        }
    }
}

/// No answer is NaN, or -inf of a logarithm, and `watch` finds it; a matrix of which nothing is
/// asked has no gradient.
#[test]
fn matrices_without_an_answer() {
    let indefinite = [1.0, 2.0, 2.0, 1.0];
    let semidefinite = [4.0, 2.0, 2.0, 1.0];
    let not_a_number = [1.0, 0.5, 0.5, f64::NAN];
    let singular = [0.0, 2.0, 0.0, 5.0];
    let cases: [(&str, Binary, &[[f64; 4]]); 7] = [
        ("cholesky", |a, _| a.cholesky(), &[indefinite, semidefinite]),
        ("cholesky", |a, _| a.cholesky(), &[not_a_number]),
        (
            "log_det_spd",
            |a, _| a.log_det_spd(),
            &[indefinite, semidefinite],
        ),
        ("solve", |a, b| a.solve(b), &[semidefinite, singular]),
        ("inverse", |a, _| a.inverse(), &[semidefinite, singular]),
        (
            "log_abs_det",
            |a, _| a.log_abs_det(),
            &[semidefinite, singular],
        ),
        (
            "triangular_solve",
            |a, b| a.triangular_solve(Triangle::UPPER.t(), b),
            &[singular],
        ),
    ];
    let good = Tensor::new([2, 2], vec![2.0, 1.0, 1.0, 3.0]);
    let ones = |shape: &[usize]| Tensor::from_fn(shape, |_| 1.0);
    for (name, f, bad) in cases {
        for bad in bad {
            let tape = Tape::new();
            tape.watch(true);
            let a = Tensor::new([2, 2], bad.to_vec());
            let y = f(tape.parameter(&a), tape.constant(&ones(&[2, 2]))).value();
            for (i, y) in y.as_slice().iter().enumerate() {
                match (name, i) {
                    ("cholesky", 1) => assert_eq!(*y, 0.0),
                    ("log_abs_det", _) => assert_eq!(*y, f64::NEG_INFINITY),
                    _ => assert!(y.is_nan(), "{name} of {bad:?}"),
                }
            }
            let culprit = tape.find_non_finite().expect("it is not finite");
            // A NaN that came in with the matrix was not born in the operation.
            let is_finite = bad.iter().all(|a| a.is_finite());
            let op = if is_finite { name } else { "parameter" };
            assert_eq!((culprit.kind, culprit.op), (Kind::Value, op));

            let [_, d, _] = both(f, [&a, &ones(&[2, 2])], |_| 1.0);
            let read = |i: usize| name != "triangular_solve" || i != 2;
            for (i, d) in d.iter().enumerate() {
                assert!(d.is_nan() == read(i), "{name} of {bad:?} has {d} at {i}");
            }

            // The cotangent of the first matrix of a batch is 0, that of the second 1.
            let batch = Tensor::new([2, 2, 2], [bad, good.as_slice()].concat());
            let second: fn(usize) -> f64 = match y.shape().rank() {
                0 => |i| i as f64,
                _ => |i| (i / 4) as f64,
            };
            let [_, d, d_sides] = both(f, [&batch, &ones(&[2, 2, 2])], second);
            let [_, own, own_sides] = both(f, [&good, &ones(&[2, 2])], |_| 1.0);
            assert_eq!(d, [vec![0.0; 4], own].concat(), "{name}");
            assert_eq!(d_sides, [vec![0.0; 4], own_sides].concat(), "{name}");
        }
    }
    let singular = Tensor::new([2, 2], singular.to_vec());
    assert_eq!(value(&singular, |a| a.sign_det()).item(), 0.0);
}

#[test]
fn no_row_and_one_row() {
    let tape = Tape::<f64>::new();
    let zeros = |dims: &[usize]| tape.parameter(&Tensor::zeros(dims));
    let none = zeros(&[0, 0]);
    for y in [none.log_det_spd(), none.log_abs_det()] {
        assert_eq!(y.item(), 0.0); // no factor: the product is 1
        y.backward();
    }
    assert_eq!(none.sign_det().item(), 1.0);
    assert_eq!(zeros(&[2, 0, 0]).log_det_spd().value().as_slice(), [0.0; 2]);
    // Matrices that are not there take no memory, however large they would be.
    let (huge, right) = (zeros(&[0, 1 << 30, 1 << 30]), zeros(&[0, 1 << 30, 1 << 30]));
    for (name, f) in OPERATIONS {
        for (a, b) in [(none, zeros(&[0, 2])), (none, zeros(&[0])), (huge, right)] {
            let y = f(a, b);
            y.sum().backward();
            assert!(name.ends_with("det") || name == "log_det_spd" || y.shape().size() == 0);
        }
        let [y, a, b] = both(
            f,
            [&Tensor::new([1, 1], vec![4.0]), &Tensor::zeros([1, 0])],
            |_| 1.0,
        );
        assert!(b.is_empty());
        let expected = match name {
            "cholesky" => (vec![2.0], 0.25),
            "log_det_spd" | "log_abs_det" => (vec![f64::ln(4.0)], 0.25),
            "inverse" => (vec![0.25], -0.0625),
            "sign_det" => (vec![1.0], 0.0),
            _ => (vec![], 0.0),
        };
        assert_eq!((y, a[0]), expected, "{name}");
    }
}

#[test]
fn what_is_no_matrix_is_refused() {
    let tape = Tape::<f64>::new();
    let x = |dims: &[usize]| tape.constant(&Tensor::zeros(dims));
    let refused = |f: &dyn Fn()| {
        let panic = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it is refused");
        panic.downcast_ref::<String>().expect("a text").clone()
    };
    let cases: [(&dyn Fn(), &str); 8] = [
        (
            &|| _ = x(&[3]).cholesky(),
            "cholesky: [3] has no two axes for a matrix",
        ),
        (
            &|| _ = x(&[]).inverse(),
            "inverse: [] has no two axes for a matrix",
        ),
        (
            &|| _ = x(&[2, 3]).log_abs_det(),
            "log_abs_det: a matrix of [2, 3] is not square",
        ),
        (
            &|| _ = x(&[4, 2, 3]).log_det_spd(),
            "log_det_spd: a matrix of [4, 2, 3] is not square",
        ),
        (
            &|| _ = x(&[3, 3]).solve(x(&[2, 3])),
            "solve: matrices [3, 3] want right sides [3] or [3, columns], not [2, 3]",
        ),
        (
            &|| _ = x(&[2, 3, 3]).solve(x(&[3, 1])),
            "solve: matrices [2, 3, 3] want right sides [2, 3] or [2, 3, columns], not [3, 1]",
        ),
        (
            &|| _ = x(&[3, 3]).triangular_solve(Triangle::LOWER, x(&[])),
            "triangular_solve: matrices [3, 3] want right sides [3] or [3, columns], not []",
        ),
        (
            &|| _ = x(&[3, 3]).triangular_solve(Triangle::UPPER, x(&[3, 1, 1])),
            "triangular_solve: matrices [3, 3] want right sides [3] or [3, columns], not [3, 1, 1]",
        ),
    ];
    for (f, text) in cases {
        assert_eq!(refused(f), text);
    }
}
