//! Standardizing is exact where it can be, and inverts.

use elbo::data::Scaling;
use proptest::prelude::*;

/// sqrt(3/2): what [-a, 0, a] must be for three equidistant numbers, dividing by n.
const A: f64 = 1.224_744_871_391_589;

fn standardized(values: &[f64], width: usize) -> Vec<f64> {
    let mut values = values.to_vec();
    Scaling::learn(&values, width).apply(&mut values);
    values
}

#[test]
fn a_constant_column_becomes_exactly_zero() {
    for constant in [
        14.62,
        0.0,
        -0.1,
        1e-300,
        1e300,
        f64::MIN_POSITIVE,
        1.0 / 3.0,
    ] {
        for n in [1, 2, 3, 7, 1000] {
            assert_eq!(
                standardized(&vec![constant; n], 1),
                vec![0.0; n],
                "{constant} x {n}"
            );
        }
    }
}

#[test]
fn a_column_that_varies_by_its_rounding_alone_is_not_blown_up() {
    // 0.1 + 0.2 and 0.3 are one number to whoever wrote them.
    let z = standardized(&[0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3], 1);
    assert!(z.iter().all(|z| z.abs() < 1e-15), "{z:?}");
}

#[test]
fn three_equidistant_numbers_give_minus_a_zero_a_at_any_place_and_scale() {
    let columns = [
        [1e-20, 2e-20, 3e-20],
        [1e8, 1e8 + 1.0, 1e8 + 2.0],
        [-1e12, -1e12 + 0.5, -1e12 + 1.0],
        [1e-200, 2e-200, 3e-200],
        [1e200, 2e200, 3e200],
        [1e-300, 2e-300, 3e-300],
        [-1.0, 0.0, 1.0],
    ];
    for column in columns {
        let z = standardized(&column, 1);
        for (z, wanted) in z.iter().zip([-A, 0.0, A]) {
            assert!(
                (z - wanted).abs() < 1e-12,
                "{column:?} gives {z}, not {wanted}"
            );
        }
    }
}

#[test]
fn the_mean_of_many_large_numbers_loses_nothing_to_its_sum() {
    let x: Vec<f64> = (0..200_000).map(|i| 1e8 + 0.1 * f64::from(i % 7)).collect();
    let scaling = Scaling::learn(&x, 1);
    let mut z = x;
    scaling.apply(&mut z);
    // z is exact but for the rounding of the mean itself to half an ulp of 1e8, 2^-27.
    let tolerance = 2_f64.powi(-27) / scaling.std()[0];
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    assert!(mean.abs() <= 1.1 * tolerance, "{mean} against {tolerance}");
}

#[test]
fn columns_are_scaled_apart() {
    let z = standardized(
        &[1.0, 1e8, 5.0, 2.0, 1e8 + 1.0, 5.0, 3.0, 1e8 + 2.0, 5.0],
        3,
    );
    for (z, wanted) in z.iter().zip([-A, -A, 0.0, 0.0, 0.0, 0.0, A, A, 0.0]) {
        assert!((z - wanted).abs() < 1e-12, "{z} against {wanted}");
    }
}

#[test]
fn a_spread_has_no_mean_to_add() {
    let scaling = Scaling::learn(&[10.0, 20.0], 1);
    let mut spread = [1.0, 2.0, 0.0];
    scaling.invert_std(&mut spread);
    assert_eq!(spread, [5.0, 10.0, 0.0]);
}

#[test]
#[should_panic(expected = "standardize: 7 values are no whole number of rows of 2 columns")]
fn half_a_row_is_a_programmers_error() {
    Scaling::learn(&[0.0; 7], 2);
}

proptest! {
    /// z has mean 0 and mean square 1, by plain sums; and invert(apply(x)) = x.
    #[test]
    fn standardized_columns_have_mean_zero_and_mean_square_one_and_invert(
        rows in prop::collection::vec([-1e3..1e3_f64, -1e3..1e3_f64], 2..50),
        place in -1e3..1e3_f64,
        exponent in -30..30_i32,
    ) {
        let unit = 10_f64.powi(exponent);
        let x: Vec<f64> = rows.iter().flatten().map(|x| (x + place) * unit).collect();
        let scaling = Scaling::learn(&x, 2);
        let mut z = x.clone();
        scaling.apply(&mut z);

        for column in 0..2 {
            let z: Vec<f64> = z.iter().skip(column).step_by(2).copied().collect();
            let n = z.len() as f64;
            let mean = z.iter().sum::<f64>() / n;
            let square = z.iter().map(|z| z * z).sum::<f64>() / n;
            // An error of one ulp of x is ulp(x) / std in z: at most 4e3 units of 1e-16
            // relative to a spread that is rarely below 1e-3 of a unit.
            let tolerance = 1e-15 * 4e3 * unit / scaling.std()[column] + 1e-12;
            prop_assert!(mean.abs() < tolerance, "mean {mean}");
            prop_assert!((square - 1.0).abs() < 4.0 * tolerance, "mean square {square}");
        }

        scaling.invert(&mut z);
        for (back, x) in z.iter().zip(&x) {
            // One rounding of x - mean and one of each step back, relative to the
            // largest number in play.
            prop_assert!((back - x).abs() <= 1e-15 * 8e3 * unit, "{back} against {x}");
        }
    }
}
