//! Scores equal those of scikit-learn and scipy (`tests/truth/make_metrics.py`), keep their laws,
//! and refuse what no score can be made of.

mod common;

use common::{array, assert_close, number, truth};
use elbo::dist::Normal;
use elbo::predict::Interval;
use elbo::predict::metrics::{
    accuracy, aurc, auroc, brier, entropy, expected_calibration_error, expected_entropy,
    interval_coverage, log_loss, log_predictive_density, maximum_calibration_error,
    mean_probabilities, most_probable, mutual_information, referral_curve, reliability, rmse,
};
use elbo::{Error, Tensor};
use proptest::prelude::*;
use serde_json::Value;

/// Both sides sum some hundred numbers of size 1: 1e-13 in all, with room.
const RTOL: f64 = 1e-12;

#[track_caller]
fn close(what: &str, got: f64, wanted: f64) {
    assert_close(what, &[got], &[wanted], RTOL, 0.0);
}

fn list(v: &Value) -> Vec<f64> {
    array::<f64>(v).as_slice().to_vec()
}

/// `[draws][rows][classes]` as, for each row, `[draws][classes]`.
fn by_row(draws: &Tensor<f64>) -> Vec<Vec<Vec<f64>>> {
    let [s, rows, classes] = *draws.shape().dims() else {
        panic!("draws of shape {}", draws.shape())
    };
    let at =
        |s: usize, row: usize| draws.as_slice()[(s * rows + row) * classes..][..classes].to_vec();
    (0..rows)
        .map(|row| (0..s).map(|s| at(s, row)).collect())
        .collect()
}

#[test]
fn scores_of_classes_equal_scikit_learn() {
    let file = truth("metrics.json");
    for case in file["classification"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let wanted = |key: &str| number(&case["expected"][key]);
        let rows = by_row(&array(&case["probs_draws"]));
        let labels: Vec<usize> = list(&case["y"]).iter().map(|&y| y as usize).collect();
        let p: Vec<Vec<f64>> = rows.iter().map(|draws| mean_probabilities(draws)).collect();
        let confidence: Vec<f64> = p.iter().map(|p| p[most_probable(p)]).collect();
        let correct: Vec<bool> = (p.iter().zip(&labels))
            .map(|(p, &label)| most_probable(p) == label)
            .collect();
        let wrong: Vec<bool> = correct.iter().map(|c| !c).collect();
        let loss: Vec<f64> = wrong.iter().copied().map(f64::from).collect();
        let unsure: Vec<f64> = confidence.iter().map(|c| -c).collect();

        close(id, accuracy(&p, &labels).unwrap(), wanted("accuracy"));
        close(id, log_loss(&p, &labels).unwrap(), wanted("log_loss"));
        close(id, brier(&p, &labels).unwrap(), wanted("brier"));
        close(id, aurc(&unsure, &loss).unwrap(), wanted("aurc"));
        let ece = expected_calibration_error(&confidence, &correct, 15).unwrap();
        close(id, ece, wanted("ece_15_width"));
        let mce = maximum_calibration_error(&confidence, &correct, 15).unwrap();
        close(id, mce, wanted("mce_15_width"));

        let table = reliability(&confidence, &correct, 15).unwrap();
        let expected = case["expected"]["reliability_table"].as_array().unwrap();
        assert_eq!(table.len(), expected.len(), "{id}");
        for (bin, row) in table.iter().zip(expected) {
            assert_eq!(bin.count as f64, number(&row[1]), "{id}");
            close(id, bin.low * 15.0, number(&row[0]));
            close(id, bin.confidence, number(&row[2]));
            close(id, bin.accuracy, number(&row[3]));
        }

        let each = |f: &dyn Fn(&Vec<Vec<f64>>) -> f64| rows.iter().map(f).collect::<Vec<_>>();
        let total = each(&|draws| entropy(&mean_probabilities(draws)));
        let parts = [
            ("predictive_entropy", &total),
            ("expected_entropy", &each(&|draws| expected_entropy(draws))),
            (
                "mutual_information",
                &each(&|draws| mutual_information(draws)),
            ),
        ];
        for (key, got) in parts {
            // The file has the mutual information of draws that agree as 1e-17.
            let what = format!("{id}: {key}");
            let wanted = list(&case["expected"][key]);
            for (got, wanted) in got.iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-14, "{what}: {got} and {wanted}");
            }
        }
        let area = auroc(&total, &wrong).unwrap().unwrap();
        close(id, area, wanted("auroc_error_by_entropy"));
        if p[0].len() == 2 {
            let score: Vec<f64> = p.iter().map(|p| p[1]).collect();
            let positive: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
            close(
                id,
                auroc(&score, &positive).unwrap().unwrap(),
                wanted("auroc"),
            );
            close(
                id,
                brier(&p, &labels).unwrap() / 2.0,
                wanted("brier_binary"),
            );
        }
    }
}

#[test]
fn areas_under_the_curve_equal_scikit_learn() {
    let file = truth("metrics.json");
    for case in file["detection"].as_array().unwrap() {
        let positive: Vec<bool> = list(&case["positive"]).iter().map(|&y| y == 1.0).collect();
        let area = auroc(&list(&case["score"]), &positive).unwrap().unwrap();
        close("auroc", area, number(&case["expected"]["auroc"]));
    }
}

#[test]
fn scores_of_numbers_equal_scipy() {
    let file = truth("metrics.json");
    for case in file["regression"].as_array().unwrap() {
        let (id, expected) = (case["id"].as_str().unwrap(), &case["expected"]);
        let (y, mean, std) = (list(&case["y"]), list(&case["mean"]), list(&case["std"]));
        close(id, rmse(&mean, &y).unwrap(), number(&expected["rmse"]));
        // Quantiles of N(0, 1) from tables.
        for (level, z) in [
            ("0.5", 0.674_489_750_196_081_7),
            ("0.8", 1.281_551_565_544_600_4),
            ("0.9", 1.644_853_626_951_472_2),
            ("0.95", 1.959_963_984_540_054),
        ] {
            let intervals: Vec<Interval> = (mean.iter().zip(&std))
                .map(|(mean, std)| Interval {
                    low: mean - z * std,
                    high: mean + z * std,
                })
                .collect();
            let coverage = interval_coverage(&intervals, &y).unwrap();
            close(id, coverage, number(&expected["coverage_gaussian"][level]));
            let width: f64 = intervals.iter().map(Interval::width).sum();
            let wanted = number(&expected["mean_width_gaussian"][level]);
            close(id, width / y.len() as f64, wanted);
        }
        let squares: Vec<f64> = mean.iter().zip(&y).map(|(m, y)| (m - y).powi(2)).collect();
        let wanted = number(&expected["aurc_squared_error_by_std"]);
        close(id, aurc(&std, &squares).unwrap(), wanted);
    }
}

#[test]
fn log_predictive_density_equals_scipy() {
    let file = truth("metrics.json");
    let case = &file["decomposition"][0];
    let (mean, std) = (
        array::<f64>(&case["mean_draws"]),
        array::<f64>(&case["std_draws"]),
    );
    let y = list(&case["y"]);
    let wanted = list(&case["expected"]["mixture_log_prob"]);
    for (row, &y) in y.iter().enumerate() {
        let of_draws: Vec<f64> = (0..mean.shape().dim(0))
            .map(|s| {
                Normal {
                    mean: mean.row(s)[row],
                    std: std.row(s)[row],
                }
                .log_prob(y)
            })
            .collect();
        close(
            "log density",
            log_predictive_density(&of_draws),
            wanted[row],
        );
    }
}

#[test]
fn information_of_two_draws() {
    let draws = [[0.3, 0.2, 0.5], [0.1, 0.8, 0.1]];
    close(
        "total",
        entropy(&mean_probabilities(&draws)),
        1.029_653_014_064_573_4,
    );
    close(
        "aleatoric",
        expected_entropy(&draws),
        0.834_342_436_857_375_2,
    );
    close(
        "epistemic",
        mutual_information(&draws),
        0.195_310_577_207_198_3,
    );
    assert_eq!(mutual_information(&[[0.3, 0.2, 0.5]; 7]), 0.0);
    // Draws that differ by one rounding.
    let near = [[0.3, 0.7], [0.3 + 1e-16, 0.7 - 1e-16]];
    assert!(mutual_information(&near) >= 0.0);
    assert_eq!(entropy(&[0.0, 1.0]), 0.0);
    // Certain draws that disagree: 1 + (p - m) / m has no digit of p left.
    let apart = [[1.0, 1e-17], [1e-17, 1.0]];
    close("apart", mutual_information(&apart), std::f64::consts::LN_2);
}

#[test]
fn density_is_the_log_of_the_mean() {
    let at = |mean: f64| Normal { mean, std: 1.0 }.log_prob(0.0_f64);
    close(
        "two",
        log_predictive_density(&[at(0.0), at(3.0)]),
        -1.601_037_968_916_024_3,
    );
    assert_eq!(log_predictive_density(&[at(0.0)]), at(0.0));
    // Densities that underflow: ln (e^-1000 + e^-1001) / 2
    let far = log_predictive_density(&[-1000.0, -1001.0]);
    close(
        "far",
        far,
        -1000.0 + f64::midpoint(1.0, (-1.0_f64).exp()).ln(),
    );
    let none = log_predictive_density(&[f64::NEG_INFINITY; 2]);
    assert_eq!(none, f64::NEG_INFINITY);
    let one = log_predictive_density(&[f64::NEG_INFINITY, 0.0]);
    close("one", one, -std::f64::consts::LN_2);
}

/// `f64::max` takes the number where the other side is none; a score must not.
#[test]
fn what_is_no_number_makes_no_number_of_a_score() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for draws in [[[nan, nan], [0.5, 0.5]], [[0.5, 0.5], [0.5, nan]]] {
        assert!(mutual_information(&draws).is_nan(), "{draws:?}");
        assert!(expected_entropy(&draws).is_nan(), "{draws:?}");
    }
    assert!(entropy(&[nan, 1.0]).is_nan());
    for log_probs in [[nan, nan], [nan, -inf], [-inf, nan], [inf, nan], [nan, 0.0]] {
        assert!(log_predictive_density(&log_probs).is_nan(), "{log_probs:?}");
    }
}

#[test]
fn bins_are_open_below_and_closed_above() {
    let ece = expected_calibration_error(&[0.95, 1.0], &[true, false], 10).unwrap();
    close("one bin", ece, 0.475);
    for bins in 1..=40 {
        for i in 0..=bins {
            let edge = i as f64 / bins as f64;
            let bin = reliability(&[edge], &[true], bins).unwrap()[0];
            let above = bin.low < edge || (edge == 0.0 && bin.low == 0.0);
            assert!(above && edge <= bin.high, "{i}/{bins} fell in {bin:?}");
        }
    }
}

#[test]
fn what_cannot_be_scored_is_an_error() {
    let row = |error: Error| error.place().unwrap().row_index();
    assert!(matches!(
        reliability(&[0.5], &[true], 0),
        Err(Error::Setting { name: "bins", .. })
    ));
    assert!(matches!(
        reliability(&[], &[], 10),
        Err(Error::Empty { .. })
    ));
    let nan = reliability(&[0.5, f64::NAN], &[true, true], 10).unwrap_err();
    assert_eq!(row(nan), Some(1));
    let above = reliability(&[1.5], &[true], 10).unwrap_err();
    assert_eq!(
        above.to_string(),
        "row 0: found 1.5, needed a confidence from 0 to 1; leave the row out, or mend what \
         computed it"
    );
    let none: [[f64; 2]; 0] = [];
    assert!(matches!(accuracy(&none, &[]), Err(Error::Empty { .. })));
    assert_eq!(row(accuracy(&[[0.5, 0.5]], &[2]).unwrap_err()), Some(0));
    assert_eq!(row(brier(&[[0.5, f64::NAN]], &[0]).unwrap_err()), Some(0));
    assert_eq!(
        row(auroc(&[1.0, f64::NAN], &[true, false]).unwrap_err()),
        Some(1)
    );
    assert!(rmse(&[], &[]).is_err());
    assert!(rmse(&[0.0], &[f64::NAN]).is_err());
    assert!(interval_coverage(&[], &[]).is_err());
    let infinite = [f64::INFINITY, 1.0];
    assert_eq!(row(rmse(&infinite, &infinite).unwrap_err()), Some(0));
    assert_eq!(rmse(&infinite, &[0.0, 1.0]).unwrap(), f64::INFINITY);
    assert!(referral_curve(&[f64::NAN], &[1.0]).is_err());
    let both = referral_curve(&[0.1, 0.2], &[f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(row(both.unwrap_err()), Some(0));
    assert!(aurc(&[0.1], &[f64::INFINITY]).is_err());
    // Infinitely unsure is a rank like every other.
    assert_eq!(aurc(&[f64::INFINITY], &[1.0]).unwrap(), 1.0);
    let digits = reliability(&[1e300], &[true], 1).unwrap_err();
    assert!(digits.to_string().starts_with("row 0: found 1e300, needed"));
    assert_eq!(log_loss(&[[1.0, 0.0]], &[1]).unwrap(), f64::INFINITY);
    assert_eq!(log_loss(&[[1.0, 0.0]], &[0]).unwrap(), 0.0);
}

#[test]
fn one_class_has_no_area() {
    assert_eq!(auroc(&[0.1, 0.9, 0.5], &[true; 3]).unwrap(), None);
    assert_eq!(auroc(&[0.1, 0.9, 0.5], &[false; 3]).unwrap(), None);
    assert_eq!(
        auroc(&[0.5; 4], &[true, false, false, true]).unwrap(),
        Some(0.5)
    );
}

/// Draws of probabilities over 2 to 5 classes, some of them certain.
fn draws() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2usize..6, 1usize..9).prop_flat_map(|(classes, draws)| {
        let p = prop::collection::vec(prop_oneof![4 => 0.0..1.0f64, 1 => Just(0.0)], classes)
            .prop_map(|weights| {
                let sum: f64 = weights.iter().sum();
                match sum {
                    0.0 => weights
                        .iter()
                        .enumerate()
                        .map(|(i, _)| f64::from(i == 0))
                        .collect(),
                    sum => weights.iter().map(|w| w / sum).collect::<Vec<f64>>(),
                }
            });
        prop::collection::vec(p, draws)
    })
}

proptest! {
    #[test]
    fn entropy_is_the_sum_of_its_parts(draws in draws()) {
        let parts = expected_entropy(&draws) + mutual_information(&draws);
        // Entropies of at most ln 5, a few dozen roundings.
        prop_assert!((entropy(&mean_probabilities(&draws)) - parts).abs() < 1e-14);
        let most = (draws.len() as f64).ln().min((draws[0].len() as f64).ln());
        prop_assert!((0.0..=most + 1e-14).contains(&mutual_information(&draws)));
    }

    #[test]
    fn area_is_the_share_of_ordered_pairs(
        rows in prop::collection::vec((0u8..6, any::<bool>()), 1..40),
    ) {
        let score: Vec<f64> = rows.iter().map(|&(s, _)| f64::from(s)).collect();
        let positive: Vec<bool> = rows.iter().map(|&(_, p)| p).collect();
        let (mut won, mut pairs) = (0.0, 0.0);
        for &(a, _) in rows.iter().filter(|row| row.1) {
            for &(b, _) in rows.iter().filter(|row| !row.1) {
                pairs += 1.0;
                won += 0.5 * (f64::from(a > b) + f64::from(a >= b));
            }
        }
        let wanted = (pairs > 0.0).then(|| won / pairs);
        prop_assert_eq!(auroc(&score, &positive).unwrap(), wanted);
    }

    #[test]
    fn referral_keeps_the_surest(
        rows in prop::collection::vec((0u8..9, 0u8..2), 1..30),
    ) {
        let unsure: Vec<f64> = rows.iter().map(|&(u, _)| f64::from(u)).collect();
        let score: Vec<f64> = rows.iter().map(|&(_, s)| f64::from(s)).collect();
        let curve = referral_curve(&unsure, &score).unwrap();
        prop_assert_eq!(curve.len(), rows.len());
        for (referred, point) in curve.iter().enumerate() {
            // Takes out the most uncertain one at a time, the last one of equals first.
            let pairs = unsure.iter().copied().zip(score.iter().copied());
            let mut left: Vec<(f64, f64)> = pairs.collect();
            for _ in 0..referred {
                let worst = left.iter().enumerate().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
                left.remove(worst.unwrap().0);
            }
            let mean = left.iter().map(|row| row.1).sum::<f64>() / left.len() as f64;
            prop_assert_eq!(point.kept, left.len());
            prop_assert!((point.score - mean).abs() < 1e-14);
            prop_assert_eq!(point.fraction, referred as f64 / rows.len() as f64);
        }
    }
}
