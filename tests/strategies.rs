//! What the public strategies promise: shapes broadcast, matrices have the condition number that
//! was asked for, and what fails shrinks to something simple.

use elbo::Shape;
use elbo::check::strategies;
use elbo::tensor::broadcast;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// The singular values of a matrix, largest first: rotations of its columns until all are
/// orthogonal, whose lengths they then are (Hestenes 1958).
fn singular_values(x: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let column = |j: usize| -> Vec<f64> { (0..rows).map(|i| x[i * columns + j]).collect() };
    let mut a: Vec<Vec<f64>> = (0..columns).map(column).collect();
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    for _ in 0..30 {
        for p in 0..columns {
            for q in p + 1..columns {
                let (pp, qq, pq) = (dot(&a[p], &a[p]), dot(&a[q], &a[q]), dot(&a[p], &a[q]));
                let angle = 0.5 * (2.0 * pq).atan2(pp - qq);
                let (sin, cos) = angle.sin_cos();
                let (left, right) = a.split_at_mut(q);
                for (u, v) in left[p].iter_mut().zip(&mut right[0]) {
                    (*u, *v) = (cos * *u + sin * *v, cos * *v - sin * *u);
                }
            }
        }
    }
    let mut lengths: Vec<f64> = a.iter().map(|a| dot(a, a).sqrt()).collect();
    lengths.sort_by(|a, b| b.total_cmp(a));
    lengths.truncate(rows.min(columns));
    lengths
}

/// The inverse of a lower triangular matrix, column by column.
fn inverse(l: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for j in 0..n {
        for i in j..n {
            let known: f64 = (j..i).map(|k| l[i * n + k] * inverse[k * n + j]).sum();
            let unit = if i == j { 1.0 } else { 0.0 };
            inverse[i * n + j] = (unit - known) / l[i * n + i];
        }
    }
    inverse
}

/// The largest row sum of magnitudes.
fn row_norm(x: &[f64], n: usize) -> f64 {
    let sum = |row: &[f64]| row.iter().map(|x| x.abs()).sum::<f64>();
    x.chunks(n).map(sum).fold(0.0, f64::max)
}

/// A rotation rounds each element a few times, relative to the largest singular value; the smallest
/// one is 1.
fn rounding(condition: f64) -> f64 {
    100.0 * f64::EPSILON * condition
}

/// `values` lie between 1 and the condition number, and both are among them if there are two.
fn check_spectrum(values: &[f64], condition: f64) -> Result<(), TestCaseError> {
    let tolerance = rounding(condition);
    let [largest, .., smallest] = values else {
        prop_assert!(
            values
                .iter()
                .all(|s| (1.0 - tolerance..=condition + tolerance).contains(s))
        );
        return Ok(());
    };
    prop_assert!((largest - condition).abs() <= tolerance, "{values:?}");
    prop_assert!((smallest - 1.0).abs() <= tolerance, "{values:?}");
    Ok(())
}

proptest! {
    /// What the strategy calls broadcastable, numpy's rule does too, operand by operand.
    #[test]
    fn broadcastable_shapes_broadcast(shapes in strategies::broadcastable(3)) {
        let mut whole = Shape::SCALAR;
        for &shape in &shapes {
            let next = broadcast(whole, shape);
            prop_assert!(next.is_some(), "{shapes:?}");
            whole = next.expect("just seen");
        }
    }

    #[test]
    fn shapes_are_small(shape in strategies::shape()) {
        prop_assert!(shape.rank() <= 3 && shape.dims().iter().all(|&extent| extent <= 3));
    }

    #[test]
    fn matrices_have_their_condition_number(
        (rows, columns, condition, a) in (1..6usize, 1..6usize, 1.0..1e4f64).prop_flat_map(
            |(m, n, c)| (Just(m), Just(n), Just(c), strategies::matrix(m, n, c)),
        ),
    ) {
        prop_assert_eq!(a.shape(), Shape::new(&[rows, columns]));
        check_spectrum(&singular_values(a.as_slice(), rows, columns), condition)?;
    }

    #[test]
    fn positive_definite_matrices_have_their_condition_number(
        (n, condition, a) in (1..6usize, 1.0..1e4f64)
            .prop_flat_map(|(n, c)| (Just(n), Just(c), strategies::spd(n, c))),
    ) {
        let x = a.as_slice();
        for i in 0..n {
            for j in 0..n {
                prop_assert_eq!(x[i * n + j].to_bits(), x[j * n + i].to_bits());
            }
        }
        // Of a symmetric matrix, singular values are magnitudes of eigenvalues; none is negative if
        // A - s/2, s the smallest, still has x'Ax > 0: then shifting by it shifts all alike.
        let values = singular_values(x, n, n);
        check_spectrum(&values, condition)?;
        let shifted: Vec<f64> = (0..n * n)
            .map(|at| x[at] + if at / n == at % n { condition } else { 0.0 })
            .collect();
        let shifted = singular_values(&shifted, n, n);
        for (value, shifted) in values.iter().zip(shifted) {
            prop_assert!((value + condition - shifted).abs() <= 2.0 * rounding(condition));
        }
    }

    #[test]
    fn triangular_matrices_keep_their_condition_number(
        (n, condition, l) in (1..7usize, 1.0..1e4f64)
            .prop_flat_map(|(n, c)| (Just(n), Just(c), strategies::lower_triangular(n, c))),
    ) {
        let x = l.as_slice();
        for i in 0..n {
            prop_assert!(x[i * n + i] >= 1.0);
            prop_assert!(x[i * n + i + 1..(i + 1) * n].iter().all(|&x| x == 0.0));
        }
        let found = row_norm(x, n) * row_norm(&inverse(x, n), n);
        prop_assert!(found <= condition * (1.0 + rounding(1.0)), "{found} above {condition}");
    }
}

/// What is left of a matrix, whatever fails, is a diagonal one.
#[test]
fn matrices_shrink_to_diagonal_ones() {
    let mut runner = TestRunner::deterministic();
    let strategy = (strategies::matrix(3, 3, 10.0), strategies::spd(3, 10.0));
    let mut tree = strategy.new_tree(&mut runner).expect("matrices");
    while tree.simplify() {}
    let (a, b) = tree.current();
    for x in [a, b] {
        assert_eq!(x.as_slice(), [10.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    }
}

#[test]
#[should_panic(expected = "a condition number is at least 1, not 0.5")]
fn no_matrix_has_a_condition_number_below_one() {
    let _ = strategies::spd(2, 0.5);
}
