//! proptest strategies, for your own numerics too: shapes, shapes that broadcast, numbers,
//! well-conditioned matrices, whole graphs, and cases for a [`Law`].
//!
//! Extents are small, because errors in a rule show at two elements, and 0 and 1 are frequent,
//! because there they hide.
//!
//! ```
//! use elbo::check::strategies;
//! use proptest::prelude::*;
//!
//! /// The solution of L x = b, row by row.
//! fn solve(l: &[f64], b: &[f64]) -> Vec<f64> {
//!     let mut x = vec![];
//!     for (row, b) in l.chunks(b.len()).zip(b) {
//!         let known: f64 = row.iter().zip(&x).map(|(l, x)| l * x).sum();
//!         x.push((b - known) / row[x.len()]);
//!     }
//!     x
//! }
//!
//! proptest! {
//!     # /*
//!     #[test]
//!     # */
//!     fn the_solution_solves(
//!         l in strategies::lower_triangular(3, 100.0),
//!         b in prop::collection::vec(-1.0..1.0f64, 3),
//!     ) {
//!         let x = solve(l.as_slice(), &b);
//!         for (row, b) in l.as_slice().chunks(3).zip(b) {
//!             let found: f64 = row.iter().zip(&x).map(|(l, x)| l * x).sum();
//!             // A few roundings, each of a hundredfold effect.
//!             prop_assert!((found - b).abs() <= 100.0 * 8.0 * f64::EPSILON);
//!         }
//!     }
//! }
//! # the_solution_solves();
//! ```

use std::cmp::Ordering;

use proptest::prelude::*;

use super::laws::Case;
pub use super::shrink::graph;
use crate::ops::{Domain, Law};
use crate::tensor::{Shape, Tensor};

/// The extent of an axis: 0 to 3.
pub fn extent() -> impl Strategy<Value = usize> {
    prop_oneof![2 => Just(0), 3 => Just(1), 9 => 2..=3usize]
}

/// A shape of rank 0 to 3.
pub fn shape() -> impl Strategy<Value = Shape> {
    dims().prop_map(|dims| Shape::new(&dims))
}

fn dims() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![1 => Just(0), 2 => Just(1), 6 => 2..=3usize]
        .prop_flat_map(|rank| prop::collection::vec(extent(), rank))
}

/// `n` shapes that broadcast together: parts of one shape, from an axis on, with some extents
/// replaced by 1.
pub fn broadcastable(n: usize) -> impl Strategy<Value = Vec<Shape>> {
    // The whole shape is frequent, or no operand would often have it.
    let start = prop_oneof![3 => Just(0), 1 => 0..=3usize];
    let ones = prop_oneof![2 => Just([false; 3]), 1 => any::<[bool; 3]>()];
    let parts = prop::collection::vec((start, ones), n);
    (dims(), parts).prop_map(|(dims, parts)| {
        let part = |(start, ones): (usize, [bool; 3])| {
            let kept: Vec<usize> = (start.min(dims.len())..dims.len())
                .map(|axis| if ones[axis] { 1 } else { dims[axis] })
                .collect();
            Shape::new(&kept)
        };
        parts.into_iter().map(part).collect()
    })
}

/// A tensor of this shape with numbers of `domain`: a quarter of them its
/// [landmarks](Domain::landmarks), so that equal ones meet too.
pub fn tensor(shape: Shape, domain: Domain) -> impl Strategy<Value = Tensor<f64>> {
    let uniform = (0.0..1.0f64).prop_map(move |u| domain.at(u));
    let landmarks = domain.landmarks();
    let number = if landmarks.is_empty() {
        uniform.boxed()
    } else {
        prop_oneof![3 => uniform, 1 => prop::sample::select(landmarks)].boxed()
    };
    prop::collection::vec(number, shape.size()).prop_map(move |x| Tensor::new(shape, x))
}

/// A matrix of full rank whose condition number in the Euclidean norm is `condition`, but for
/// rounding; 1 if it has a single row or column.
///
/// ```text
/// A = U Σ V', U and V products of rotations, Σ from 1 to the condition number
/// ```
///
/// # Panics
/// If `condition` is below 1.
#[track_caller]
pub fn matrix(rows: usize, columns: usize, condition: f64) -> impl Strategy<Value = Tensor<f64>> {
    let sigma = spectrum(rows.min(columns), condition);
    let parts = (rotation(rows), sigma, rotation(columns));
    parts.prop_map(move |(u, sigma, v)| {
        Tensor::from_fn([rows, columns], |at| {
            let (i, j) = (at / columns, at % columns);
            let terms = sigma.iter().enumerate();
            terms
                .map(|(k, s)| u[i * rows + k] * s * v[j * columns + k])
                .sum()
        })
    })
}

/// A symmetric positive definite matrix whose condition number in the Euclidean norm is
/// `condition`, but for rounding; 1 if it has a single row. Symmetric in every bit.
///
/// ```text
/// A = Q Λ Q', Q a product of rotations, Λ from 1 to the condition number
/// ```
///
/// # Panics
/// If `condition` is below 1.
#[track_caller]
pub fn spd(n: usize, condition: f64) -> impl Strategy<Value = Tensor<f64>> {
    (rotation(n), spectrum(n, condition)).prop_map(move |(q, lambda)| {
        Tensor::from_fn([n, n], |at| {
            // The same products for (i, j) and (j, i).
            let (i, j) = ((at / n).min(at % n), (at / n).max(at % n));
            let terms = lambda.iter().enumerate();
            terms.map(|(k, l)| q[i * n + k] * q[j * n + k] * l).sum()
        })
    })
}

/// A lower triangular matrix with a positive diagonal, whose condition number in the norm of
/// largest row sums is at most `condition`.
///
/// ```text
/// L = D (1 + N), D diagonal from 1 to √condition, N strictly lower, with row sums of |N| up to t
/// |1 + N| |(1 + N)⁻¹| <= (1 + t) / (1 - t), which is √condition for t = (√c - 1) / (√c + 1)
/// ```
///
/// # Panics
/// If `condition` is below 1.
#[track_caller]
pub fn lower_triangular(n: usize, condition: f64) -> impl Strategy<Value = Tensor<f64>> {
    let root = condition.sqrt();
    let t = (root - 1.0) / (root + 1.0);
    let below = prop::collection::vec(-1.0..1.0f64, n * n);
    (spectrum(n, root), below).prop_map(move |(d, below)| {
        Tensor::from_fn([n, n], |at| {
            let (i, j) = (at / n, at % n);
            match i.cmp(&j) {
                Ordering::Less => 0.0,
                Ordering::Equal => d[i],
                // Row i has i such elements.
                Ordering::Greater => d[i] * below[at] * t / i as f64,
            }
        })
    })
}

/// `n` numbers from 1 to `condition`, both of them among the numbers if there are two or more. What
/// lies between has a size drawn evenly on the logarithmic scale.
#[track_caller]
fn spectrum(n: usize, condition: f64) -> impl Strategy<Value = Vec<f64>> {
    assert!(
        condition >= 1.0,
        "a condition number is at least 1, not {condition}"
    );
    let between = prop::collection::vec(0.0..1.0f64, n);
    between.prop_map(move |u| {
        let mut numbers: Vec<f64> = u.iter().map(|u| condition.powf(*u)).collect();
        if let [first, .., last] = &mut numbers[..] {
            [*first, *last] = [condition, 1.0];
        }
        numbers
    })
}

/// An orthogonal n x n matrix, row major: a rotation in each plane of two axes.
fn rotation(n: usize) -> impl Strategy<Value = Vec<f64>> {
    let planes: Vec<(usize, usize)> = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    let angles = prop::collection::vec(-3.2..3.2f64, planes.len());
    angles.prop_map(move |angles| {
        let is_diagonal = |at: usize| at / n == at % n;
        let mut q: Vec<f64> = (0..n * n)
            .map(|at| f64::from(u8::from(is_diagonal(at))))
            .collect();
        for (&(i, j), angle) in planes.iter().zip(angles) {
            let (sin, cos) = angle.sin_cos();
            for row in 0..n {
                let (a, b) = (q[row * n + i], q[row * n + j]);
                q[row * n + i] = cos * a - sin * b;
                q[row * n + j] = sin * a + cos * b;
            }
        }
        q
    })
}

/// Shapes for the inputs of `law`.
///
/// # Panics
/// When it draws, if a shape of the law is neither `...` nor letters and digits.
pub fn shapes(law: &Law) -> impl Strategy<Value = Vec<Shape>> + use<> {
    let inputs = law.inputs;
    let letters = prop::collection::vec(extent(), 26);
    (broadcastable(inputs.len()), letters).prop_map(move |(broadcast, letters)| {
        let named = |c: char| match c {
            '0'..='9' => c as usize - '0' as usize,
            'a'..='z' => letters[c as usize - 'a' as usize],
            'A'..='Z' => letters[c as usize - 'A' as usize].max(1),
            _ => panic!("a law's shape is `...`, or letters and digits, not {c:?}"),
        };
        let of_input = |(k, shape): (usize, &str)| match shape {
            "..." => broadcast[k],
            axes => Shape::new(&axes.chars().map(named).collect::<Vec<_>>()),
        };
        inputs
            .iter()
            .map(|input| input.shape)
            .enumerate()
            .map(of_input)
            .collect()
    })
}

/// A case for `law`: inputs of fitting shapes inside of their domains, and directions.
pub fn case(law: &Law) -> impl Strategy<Value = Case> + use<> {
    let inputs = law.inputs;
    shapes(law).prop_flat_map(move |shapes| {
        let tensors: Vec<_> = shapes
            .into_iter()
            .zip(inputs)
            .map(|(shape, input)| tensor(shape, input.domain).boxed())
            .collect();
        // A prime number of directions, so that no axis falls into step with them.
        let directions = prop::collection::vec(-1.0..1.0f64, 61).no_shrink();
        (tensors, directions).prop_map(|(inputs, directions)| Case { inputs, directions })
    })
}
