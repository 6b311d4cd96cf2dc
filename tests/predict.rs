//! Predictions: the same bits whatever the threads and the company of a row, uncertainty whose
//! parts add up, quantiles of the mixture, and everything in the units of the data.

mod common;

use std::borrow::Cow;

use common::{array, assert_close, truth};
use elbo::bayes::Noise;
use elbo::data::{Dataset, Target};
use elbo::dist::{Bernoulli, Categorical, Distribution, Moments, Normal, Poisson, Support};
use elbo::net::{BayesNet, Model, TargetSchema};
use elbo::optim::Adam;
use elbo::predict::{Draws, LIMIT, OwnPosterior, Predictive};
use elbo::train::Trainer;
use elbo::{Error, Tensor, bayes_net};
use proptest::prelude::*;

bayes_net! {
    /// A curve with noise that depends on x.
    net Curve(x: [2]) -> y {
        h = tanh(linear(x, 8));
        mean = linear(h, 1);
        raw = linear(h, 1);
        y ~ Normal(mean, softplus(raw));
    }
}

bayes_net! {
    /// A curve with one learned scale.
    net Homoscedastic(x: [2]) -> y {
        h = tanh(linear(x, 4));
        mean = linear(h, 2);
        std = learned(0.5);
        y ~ Normal(mean, std);
    }
}

bayes_net! {
    /// A class and a count.
    net Two(x: [2]) -> (kind, visits) {
        h = tanh(linear(x, 4));
        logits = linear(h, 3);
        log_rate = linear(h, 1);
        kind ~ Categorical(logits);
        visits ~ Poisson(log_rate);
    }
}

/// Numbers in [-2, 2) that look random.
fn number(i: usize) -> f64 {
    (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as f64 / 2.0_f64.powi(62) - 2.0
}

fn features(rows: usize) -> Vec<[f64; 2]> {
    (0..rows)
        .map(|i| [number(2 * i), 100.0 * number(2 * i + 1)])
        .collect()
}

fn curve_data(rows: usize) -> Dataset {
    let x = features(rows);
    let y: Vec<f64> = x
        .iter()
        .map(|x| 1000.0 + 50.0 * x[0].sin() + x[1])
        .collect();
    Dataset::from_rows(&x, &y).unwrap()
}

/// A model after two epochs: enough to have a schema and a scaling.
fn curve() -> Model<Curve> {
    let mut model = Model::new(Curve::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(1e-2)).epochs(2).quiet();
    trainer.fit(&mut model, &curve_data(64)).unwrap();
    model
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn bits_do_not_depend_on_threads() {
    let model = curve();
    let x = features(700); // three chunks, the last one short
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let p = pool.install(|| model.predict(&x).draws(11).seed(3).run().unwrap());
        (bits(&p.mean()), bits(&p.std()), bits(&p.quantile(0.3)))
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
    let other = model.predict(&x).draws(11).seed(4).run().unwrap();
    assert_ne!(one.0, bits(&other.mean()));
}

#[test]
fn a_row_does_not_depend_on_its_company() {
    let model = curve();
    let x = features(600);
    let all = model.predict(&x).draws(5).run().unwrap();
    for row in [0, 17, 511, 512, 599] {
        let alone = model.predict(&x[row]).draws(5).run().unwrap();
        for (a, b) in [
            (all.mean()[row], alone.mean()[0]),
            (all.std()[row], alone.std()[0]),
        ] {
            // 4 ulp of the f32 in which the net runs
            assert!(
                (a - b).abs() <= 4.0 * f64::from(f32::EPSILON) * a.abs(),
                "{row}: {a} and {b}"
            );
        }
    }
    // In its own place it is the same to the bit.
    let first = model.predict(&x[..512]).draws(5).run().unwrap();
    assert_eq!(bits(&first.mean()), bits(&all.mean()[..512]));
}

#[test]
fn several_threads_share_a_model() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let model = curve();
    let x = features(20);
    let wanted = model.predict(&x).draws(4).run().unwrap();
    shared(&model);
    shared(&wanted);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let p = model.predict(&x).draws(4).run().unwrap();
                assert_eq!(bits(&p.mean()), bits(&wanted.mean()));
            });
        }
    });
}

#[test]
fn rows_come_in_many_forms() {
    let model = curve();
    let rows = features(3);
    let wanted = model.predict(&rows).draws(3).run().unwrap().mean();
    let rows32: Vec<[f32; 2]> = rows.iter().map(|x| x.map(|v| v as f32)).collect();
    let data = Dataset::builder()
        .column("x[1]", rows.iter().map(|x| x[1]).collect::<Vec<_>>())
        .column("x[0]", rows.iter().map(|x| x[0]).collect::<Vec<_>>())
        .build()
        .unwrap();
    let flat: Vec<f64> = rows.iter().flatten().copied().collect();
    let by_name = model.predict(&data).draws(3).run().unwrap();
    let tensor = model
        .predict(&Tensor::new([3, 2], flat))
        .draws(3)
        .run()
        .unwrap();
    assert_eq!(by_name.mean(), wanted);
    assert_eq!(tensor.mean(), wanted);
    let single = model.predict(&rows32).draws(3).run().unwrap();
    assert_close("f32", &single.mean(), &wanted, 1e-5, 0.0);
    assert_eq!(
        model.predict(&rows32[1][..]).draws(3).run().unwrap().rows(),
        1
    );
}

#[test]
fn draws_are_those_of_the_source() {
    let model = curve();
    let x = features(5);
    let own = model.predict(&x).draws(3).seed(9).run().unwrap();
    let ensemble: Vec<Curve> = (0..3)
        .map(|s| model.net().sample(Noise::new(9).draw(s)))
        .collect();
    let given = model.predict(&x).draws_from(&ensemble).run().unwrap();
    assert_eq!(given.draws(), 3); // all that there are
    assert_eq!(bits(&own.mean()), bits(&given.mean()));
    assert!(matches!(
        model.predict(&x).draws_from(&ensemble).draws(4).run(),
        Err(Error::Setting { name: "draws", .. })
    ));
    let posterior = OwnPosterior::new(model.net(), 9);
    let theta: Cow<'_, Curve> = posterior.theta(2);
    assert_eq!(theta.h.weight.mu, ensemble[2].h.weight.mu);
}

#[test]
fn settings_and_rows_are_checked() {
    let model = curve();
    let x = features(2);
    let error = model.predict(&x).draws(0).run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "draws = 0: needed at least one draw of the weights"
    );
    let none: Vec<[f64; 2]> = Vec::new();
    assert!(matches!(
        model.predict(&none).run(),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        model.predict(&[1.0, 2.0, 3.0]).run(),
        Err(Error::Mismatch { .. })
    ));
    assert!(matches!(
        model.predict(&[1.0, f64::NAN]).run(),
        Err(Error::NotFinite { .. })
    ));
    let fresh = Model::new(Curve::new(0));
    let error = fresh.predict(&x).run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model of net `Curve` has seen no data; fit it, or load one that was fitted"
    );
    let error = model.predict(&x[..1]).draws(1 << 28).run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a prediction of 1 row with 268435456 draws needs 2 GiB, the limit is 1 GiB; predict fewer \
         rows at a time, or take fewer draws"
    );
    // mean and std: 8 bytes for each draw and row
    match model.predict(&x).draws(1 << 40).run() {
        Err(Error::TooLarge { bytes, limit, .. }) => assert_eq!((bytes, limit), (1 << 44, LIMIT)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prediction_that_is_no_number_is_an_error() {
    let model = curve();
    let mut theta = model.net().sample(Noise::new(0));
    // Plus and minus infinity meet where the hidden units have both signs.
    theta.mean.weight.mu = Tensor::full([8, 1], f32::INFINITY);
    let broken = vec![theta];
    let error = model
        .predict(&features(3))
        .draws_from(&broken)
        .run()
        .unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    assert_eq!(error.place().unwrap().row_index(), Some(0));

    let mut theta = model.net().sample(Noise::new(0));
    theta.mean.bias.mu = Tensor::full([1], f32::NEG_INFINITY);
    let error = (model.predict(&features(3)).draws_from(&vec![theta])).run();
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("found -inf in the prediction")
    );
}

#[test]
fn a_scale_of_zero_gives_no_nan() {
    let p = normal(&[(1.0, 0.0), (2.0, 0.0)]);
    assert_eq!((p.aleatoric()[0], p.epistemic()[0]), (0.0, 0.25));
    assert_eq!((p.quantile(0.2)[0], p.quantile(0.8)[0]), (1.0, 2.0));
    let data = Dataset::builder()
        .column("x", [0.0])
        .target(Target::column("y"), [7.0])
        .build()
        .unwrap();
    assert_eq!(p.log_likelihood(&data).unwrap(), [f64::NEG_INFINITY]);
}

#[test]
fn numbers_come_back_in_the_units_of_the_data() {
    // One model, told the same data in metres and in millimetres.
    let data = curve_data(64);
    let (x, y) = (features(64), data.column("y").unwrap());
    let millimetres: Vec<f64> = y.iter().map(|y| 1000.0 * y).collect();
    let scaled = Dataset::from_rows(&x, &millimetres).unwrap();
    let fit = |data: &Dataset| {
        let mut model = Model::new(Curve::new(1)).standardize();
        let trainer = Trainer::new(Adam::new(1e-2)).epochs(2).quiet();
        trainer.fit(&mut model, data).unwrap();
        let p = model.predict(data).draws(9).run().unwrap();
        let report = p.evaluate(data).unwrap();
        (p, report)
    };
    let ((metre, a), (milli, b)) = (fit(&data), fit(&scaled));
    let times = |x: Vec<f64>, c: f64| x.iter().map(|x| c * x).collect::<Vec<_>>();
    // f32 inside: the scaled targets may round to different neighbours, and training amplifies it.
    assert_close("mean", &milli.mean(), &times(metre.mean(), 1e3), 1e-4, 0.0);
    assert_close("std", &milli.std(), &times(metre.std(), 1e3), 1e-3, 0.0);
    assert_close(
        "total",
        &milli.total(),
        &times(metre.total(), 1e6),
        2e-3,
        0.0,
    );
    let shift = a.log_likelihood.value - b.log_likelihood.value;
    assert!((shift - 1e3_f64.ln()).abs() < 1e-3, "{shift}");
}

#[test]
fn evaluate_equals_a_loop_by_hand() {
    let (model, data) = (curve(), curve_data(40));
    let p = model.predict(&data).draws(13).run().unwrap();
    let report = p.evaluate(&data).unwrap();
    let y = data.column("y").unwrap();
    // The draws of the net itself, scaled by hand.
    let schema = &model.schema().unwrap().targets[0];
    let (centre, scale) = (schema.mean[0], schema.std[0]);
    let each: Vec<Vec<Normal<f64>>> = (0..13)
        .map(|s| {
            let one = vec![model.net().sample(Noise::new(0).draw(s))];
            let p = model.predict(&data).draws_from(&one).run().unwrap();
            let pairs = p.mean().into_iter().zip(p.std());
            pairs.map(|(mean, std)| Normal { mean, std }).collect()
        })
        .collect();
    let (mut squares, mut log, mut inside) = (0.0, 0.0, 0);
    for (row, &y) in y.iter().enumerate() {
        let mean = each.iter().map(|draw| draw[row].mean).sum::<f64>() / 13.0;
        let density = |draw: &Vec<Normal<f64>>| draw[row].log_prob(y).exp();
        squares += (mean - y).powi(2);
        log += (each.iter().map(density).sum::<f64>() / 13.0).ln();
        let cdf = each.iter().map(|draw| draw[row].cdf(y)).sum::<f64>() / 13.0;
        inside += usize::from((0.05..=0.95).contains(&cdf));
    }
    let n = y.len() as f64;
    assert_close(
        "RMSE",
        &[report.rmse[0].value],
        &[(squares / n).sqrt()],
        1e-9,
        0.0,
    );
    assert_close("log", &[report.log_likelihood.value], &[log / n], 1e-9, 0.0);
    assert_eq!(report.coverage.value, inside as f64 / n);
    // Wilson's ends solve |p - end| = √(end (1 - end) / n); the error is half their distance.
    let share = report.coverage.value;
    let root = |q: f64| (q - share).powi(2) - q * (1.0 - q) / n;
    let middle = (share + 0.5 / n) / (1.0 + 1.0 / n);
    for end in [
        middle - report.coverage.std_error,
        middle + report.coverage.std_error,
    ] {
        assert!(root(end).abs() < 1e-15, "{end} of {share}: {}", root(end));
    }
    assert!(scale > 10.0 && centre > 900.0);
    let mean = p.log_likelihood(&data).unwrap().iter().sum::<f64>() / n;
    assert_eq!(mean, report.log_likelihood.value);
    assert!(report.to_string().contains("RMSE of `y`"));
}

#[test]
fn truth_binds_by_name_and_number_of_rows() {
    let (model, data) = (curve(), curve_data(10));
    let p = model.predict(&data).draws(2).run().unwrap();
    let error = p.evaluate(&curve_data(9)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the data do not fit the prediction of `y`: they have 9 rows, 10 were predicted; \
         give the data that `predict` was given"
    );
    let renamed = Dataset::builder()
        .column("x", [0.0; 10])
        .target(Target::column("price"), [1.0; 10])
        .build()
        .unwrap();
    let error = p.evaluate(&renamed).unwrap_err().to_string();
    assert_eq!(
        error,
        "the data do not fit the prediction of `y`: target `y` was trained on `y`, the data have \
         the targets `price`; if one of them is `y`, say so with .named(\"y\")"
    );
    let none = Dataset::builder().column("x", [0.0; 10]).build().unwrap();
    assert!(matches!(p.evaluate(&none), Err(Error::Truth { .. })));
}

#[test]
fn a_scale_of_all_rows_and_several_columns() {
    let x = features(50);
    let (a, b): (Vec<f64>, Vec<f64>) = x.iter().map(|x| (x[0] * 3.0, x[1] - 7.0)).unzip();
    let rows: Vec<f64> = a.iter().zip(&b).flat_map(|(a, b)| [*a, *b]).collect();
    let data = Dataset::builder()
        .column("u", x.iter().map(|x| x[0]).collect::<Vec<_>>())
        .column("v", x.iter().map(|x| x[1]).collect::<Vec<_>>())
        .target(Target::columns(["a", "b"]), rows)
        .build()
        .unwrap();
    let mut model = Model::new(Homoscedastic::new(5)).standardize();
    Trainer::new(Adam::new(1e-2))
        .epochs(1)
        .quiet()
        .fit(&mut model, &data)
        .unwrap();
    let p = model.predict(&data).draws(6).run().unwrap();
    assert_eq!((p.rows(), p.columns(), p.mean().len()), (50, 2, 100));
    // The learned scale is a point: every row and draw has it, times the scale of its column.
    let scale = &model.schema().unwrap().targets[0].std;
    let aleatoric = p.aleatoric();
    let ratio = aleatoric[1] / aleatoric[0];
    assert!((ratio / (scale[1] / scale[0]).powi(2) - 1.0).abs() < 1e-12);
    assert!(
        aleatoric
            .iter()
            .step_by(2)
            .all(|v| (v / aleatoric[0] - 1.0).abs() < 1e-12)
    );
    let report = p.evaluate(&data).unwrap();
    assert_eq!(report.rmse.len(), 2);
    let worst = p.most_uncertain(1);
    assert!(worst[0].column.is_some());
}

#[test]
fn several_targets_are_predicted_together() {
    let x = features(30);
    let kinds: Vec<&str> = x
        .iter()
        .map(|x| {
            if x[0] < -0.5 {
                "low"
            } else if x[0] < 0.7 {
                "mid"
            } else {
                "top"
            }
        })
        .collect();
    let visits: Vec<f64> = x.iter().map(|x| (x[0] * x[0]).round()).collect();
    let data = Dataset::builder()
        .column("u", x.iter().map(|x| x[0]).collect::<Vec<_>>())
        .column("v", x.iter().map(|x| x[1]).collect::<Vec<_>>())
        .labels(Target::column("kind").classes(["low", "mid", "top"]), kinds)
        .target(Target::column("visits"), visits)
        .build()
        .unwrap();
    let mut model = Model::new(Two::new(3)).standardize();
    Trainer::new(Adam::new(1e-2))
        .epochs(3)
        .quiet()
        .fit(&mut model, &data)
        .unwrap();
    let p = model.predict(&data).draws(8).run().unwrap();
    let report = p.kind.evaluate(&data).unwrap();
    let probabilities = p.kind.probabilities();
    assert_eq!(probabilities.shape().dims(), [30, 3]);
    let labels = data.column("kind").unwrap();
    let hits = p
        .kind
        .class()
        .iter()
        .zip(&labels)
        .filter(|(c, y)| **c as f64 == **y)
        .count();
    assert_eq!(report.accuracy.value, hits as f64 / 30.0);
    let log: f64 = (labels.iter().enumerate())
        .map(|(row, &y)| probabilities.row(row)[y as usize].ln())
        .sum();
    assert_close(
        "log",
        &[report.log_likelihood.value],
        &[log / 30.0],
        1e-12,
        0.0,
    );
    assert!(["low", "mid", "top"].contains(&p.kind.class_name(4)));
    assert_eq!(
        p.kind.referral_curve(&data).unwrap()[0].score,
        report.accuracy.value
    );
    let ece: f64 = (p.kind.reliability(&data).unwrap().iter())
        .map(|bin| bin.count as f64 * bin.gap() / 30.0)
        .sum();
    assert_close("ECE", &[report.calibration_error.value], &[ece], 1e-12, 0.0);
    assert!(p.visits.mean().iter().all(|&mean| mean > 0.0));
    p.visits.evaluate(&data).unwrap();
}

/// A target of one column, unscaled.
fn target(support: Support, classes: &[&str]) -> TargetSchema {
    TargetSchema {
        name: "y".into(),
        columns: vec!["y".into()],
        support,
        classes: classes.iter().map(ToString::to_string).collect(),
        mean: vec![0.0],
        std: vec![1.0],
    }
}

fn normal(draws: &[(f32, f32)]) -> Predictive<Normal> {
    let shape = [draws.len(), 1];
    let (mean, std) = draws.iter().copied().unzip();
    let draws = Normal {
        mean: Tensor::new(shape, mean),
        std: Tensor::new(shape, std),
    };
    Predictive::new(draws, target(Support::Real, &[]))
}

fn poisson(log_rates: Vec<f32>) -> Predictive<Poisson> {
    let log_rate = Tensor::new([log_rates.len(), 1], log_rates);
    Predictive::new(Poisson { log_rate }, target(Support::Count, &[]))
}

fn binary(logits: Vec<f32>) -> Predictive<Bernoulli> {
    let logits = Tensor::new([logits.len(), 1], logits);
    Predictive::new(
        Bernoulli { logits },
        target(Support::Binary, &["benign", "malignant"]),
    )
}

#[test]
fn variance_falls_into_parts_as_in_the_reference() {
    let case = &truth("metrics.json")["decomposition"][0];
    let draws = Normal {
        mean: array(&case["mean_draws"]),
        std: array(&case["std_draws"]),
    };
    let p = Predictive::new(draws, target(Support::Real, &[]));
    let wanted = |key: &str| array::<f64>(&case["expected"][key]);
    // The parameters are rounded to f32.
    for (key, got) in [
        ("aleatoric", p.aleatoric()),
        ("epistemic_biased", p.epistemic()),
        ("total", p.total()),
    ] {
        assert_close(key, &got, wanted(key).as_slice(), 1e-6, 1e-6);
    }
}

#[test]
fn information_of_classes() {
    let p = [[0.3_f64, 0.2, 0.5], [0.1, 0.8, 0.1]];
    let logits = p.iter().flatten().map(|p| p.ln() as f32).collect();
    let draws = Categorical {
        logits: Tensor::new([2, 1, 3], logits),
    };
    let p = Predictive::new(
        draws,
        target(Support::Class { classes: 3 }, &["a", "b", "c"]),
    );
    // Logits are rounded to f32.
    assert_close("total", &p.entropy(), &[1.029_653_014_064_573_4], 1e-6, 0.0);
    assert_close(
        "aleatoric",
        &p.aleatoric(),
        &[0.834_342_436_857_375_2],
        1e-6,
        0.0,
    );
    assert_close(
        "epistemic",
        &p.mutual_information(),
        &[0.195_310_577_207_198_3],
        1e-6,
        0.0,
    );
    assert_eq!((p.class(), p.class_name(0)), (vec![1], "b"));
}

#[test]
fn one_draw_has_no_epistemic_part() {
    assert_eq!(normal(&[(0.3, 2.0)]).epistemic(), [0.0]);
    assert_eq!(poisson(vec![0.7]).epistemic(), [0.0]);
    assert_eq!(binary(vec![0.7]).epistemic(), [0.0]);
    // And no draw adds none: equal ones, whose sum rounds.
    assert_eq!(normal(&[(0.1, 2.0); 3]).epistemic(), [0.0]);
}

#[test]
fn density_of_two_normals() {
    let p = normal(&[(0.0, 1.0), (3.0, 1.0)]);
    let data = Dataset::builder()
        .column("x", [0.0])
        .target(Target::column("y"), [0.0])
        .build()
        .unwrap();
    let log = p.log_likelihood(&data).unwrap();
    assert_close("log", &log, &[-1.601_037_968_916_024_3], 1e-15, 0.0);
}

#[test]
fn the_least_sure_stand_on_one_line_each() {
    let logits = Bernoulli {
        logits: Tensor::new([2, 3], vec![9.0, 0.1, 4.0, 9.0, 0.3, -4.0]),
    };
    let p = Predictive::new(logits, target(Support::Binary, &["benign", "malignant"]));
    let lines: Vec<String> = p
        .most_uncertain(2)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "row 2: benign (0.50), 0.693 nats = 0.090 aleatoric + 0.603 epistemic, \
             mostly epistemic",
            "row 1: malignant (0.55), 0.688 nats = 0.687 aleatoric + 1.24e-3 epistemic, \
             mostly aleatoric",
        ]
    );
    assert_eq!(p.most_uncertain(9).len(), 3);
    assert_eq!(
        normal(&[(1.0, 0.5), (2.0, 0.5)]).most_uncertain(1)[0].to_string(),
        "row 0: 1.500 ± 0.707, 0.500 variance = 0.250 aleatoric + 0.250 epistemic, \
         mostly aleatoric"
    );
}

#[test]
fn quantiles_of_one_draw_are_its_own() {
    let p = normal(&[(2.0, 3.0)]);
    for (q, z) in [
        (0.5, 0.0),
        (0.95, 1.644_853_626_951_472_2),
        (0.05, -1.644_853_626_951_472_2),
        (1e-9, -5.997_807_015_007_687),
    ] {
        assert_close("quantile", &p.quantile(q), &[2.0 + 3.0 * z], 1e-13, 0.0);
    }
    // The counts of rate 4 up to which 5%, 50% and 95% of the mass lie, from its table.
    let p = poisson(vec![4.0_f32.ln()]);
    assert_eq!([0.05, 0.5, 0.95].map(|q| p.quantile(q)[0]), [1.0, 4.0, 8.0]);
    assert_eq!(poisson(vec![f32::NEG_INFINITY]).quantile(0.99), [0.0]);
    let huge = poisson(vec![30.0]).quantile(0.5)[0];
    assert!((huge / 30.0_f64.exp() - 1.0).abs() < 1e-6);
}

#[test]
fn rates_beyond_the_range_are_infinite_and_never_nan() {
    let inf = f64::INFINITY;
    // e^710 is beyond f64.
    for (log_rates, low) in [
        (vec![710.0], inf),
        (vec![710.0, 710.0], inf),
        (vec![4.0_f32.ln(), 710.0], 4.0), // a quarter of both is half of the first
    ] {
        let p = poisson(log_rates.clone());
        let found = (p.mean(), p.std(), p.total());
        assert_eq!(found, (vec![inf], vec![inf], vec![inf]), "{log_rates:?}");
        assert!(!p.aleatoric()[0].is_nan() && !p.epistemic()[0].is_nan());
        let quantiles = (p.quantile(0.25)[0], p.quantile(0.75)[0]);
        assert_eq!(quantiles, (low, inf), "{log_rates:?}");
        assert!(p.most_uncertain(1)[0].to_string().contains("inf ± inf"));
    }
    // The sum of the means is beyond f64, their mean is not.
    let p = poisson([1.0].into_iter().chain([709.0; 40]).collect());
    assert!((p.mean()[0] / (709.0_f64.exp() * (40.0 / 41.0)) - 1.0).abs() < 1e-12);

    let mut huge = target(Support::Real, &[]);
    huge.std = vec![1e300];
    let draws = Normal {
        mean: Tensor::new([2, 1], vec![1e9, 1.0]),
        std: Tensor::new([2, 1], vec![1e9, 1.0]),
    };
    let p = Predictive::new(draws, huge);
    let found = (p.mean(), p.std(), p.total());
    assert_eq!(found, (vec![inf], vec![inf], vec![inf]));
}

#[test]
#[should_panic(expected = "interval: the level 1 does not lie between 0 and 1")]
fn no_interval_holds_everything() {
    normal(&[(0.0, 1.0)]).interval(1.0);
}

#[test]
#[should_panic(
    expected = "Normal: parameters of shapes [2, 1] and [3, 1] are not [draws, rows, ..] alike"
)]
fn draws_of_different_numbers_are_refused() {
    let draws = Normal {
        mean: Tensor::zeros([2, 1]),
        std: Tensor::zeros([3, 1]),
    };
    let _ = Predictive::new(draws, target(Support::Real, &[]));
}

#[test]
fn pictures_are_written() {
    use elbo::predict::{metrics, plot};
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let picture =
        |name: &str, draw: &dyn Fn(&std::path::Path) -> elbo::Result<()>, texts: &[&str]| {
            let path = folder.join(name);
            draw(&path).unwrap();
            let svg = std::fs::read_to_string(&path).unwrap();
            assert!(
                svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
                "{name}"
            );
            for text in texts {
                assert!(svg.contains(text), "{name} does not say {text}");
            }
        };
    let bins = metrics::reliability(&[0.6, 0.9, 1.0], &[true, false, true], 15).unwrap();
    let curve = metrics::referral_curve(&[0.3, 0.1], &[0.0, 1.0]).unwrap();
    let p = normal(&[(0.0, 1.0), (1.0, 1.0)]);
    let (mean, half, most) = (p.mean(), p.interval(0.5), p.interval(0.9));
    let band = plot::Band {
        x: &[0.0],
        mean: &mean,
        half: &half,
        most: &most,
        data: &[(0.0, 3.0)],
        title: "A title",
        x_name: "age [years]",
        y_name: "height [m]",
    };
    picture(
        "reliability.svg",
        &|path| plot::reliability_diagram(&bins, path),
        &["confidence", "perfectly calibrated"],
    );
    picture(
        "referral.svg",
        &|path| plot::referral_curve(&curve, path),
        &["accuracy of the rest", "nothing referred"],
    );
    picture(
        "elbo.svg",
        &|path| plot::elbo_curve(&[1.0], &[-2.0], &[-1.0], &[1.0], path),
        &["epoch", "nats per row", "KL"],
    );
    picture(
        "band.svg",
        &|path| plot::regression_band(&band, path),
        &["age [years]", "90% interval"],
    );

    let none: &[f64] = &[];
    let path = folder.join("none.svg");
    let nothing = plot::elbo_curve(none, none, none, none, &path).unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "the ELBO curve has no rows, needed at least one; a picture needs something to draw"
    );
    let nan = plot::elbo_curve(&[1.0], &[f64::NAN], &[0.0], &[0.0], &path);
    assert!(matches!(nan, Err(Error::Value { .. })));
    let nowhere = folder.join("no such folder").join("a.svg");
    assert!(matches!(
        plot::referral_curve(&curve, nowhere),
        Err(Error::Io { .. })
    ));
}

/// Means and scales of several draws.
fn normals() -> impl Strategy<Value = Vec<(f32, f32)>> {
    prop::collection::vec((-50.0f32..50.0, 0.01f32..20.0), 1..12)
}

proptest! {
    #[test]
    fn total_is_the_sum_of_its_parts(
        draws in normals(),
        logits in prop::collection::vec(-40.0f32..40.0, 1..12),
    ) {
        let p = normal(&draws);
        prop_assert_eq!(p.total()[0], p.aleatoric()[0] + p.epistemic()[0]);
        // The law of total variance, by the second moment.
        let n = draws.len() as f64;
        let moment = |k: i32| draws.iter().map(|d| f64::from(d.0).powi(k)).sum::<f64>() / n;
        let within = draws.iter().map(|d| f64::from(d.1).powi(2)).sum::<f64>() / n;
        let wanted = within + moment(2) - moment(1).powi(2);
        prop_assert!((p.total()[0] - wanted).abs() < 1e-11 * (1.0 + moment(2)));
        prop_assert!((p.std()[0].powi(2) / p.total()[0] - 1.0).abs() < 1e-14);

        let p = binary(logits);
        prop_assert_eq!(p.total()[0], p.aleatoric()[0] + p.epistemic()[0]);
        prop_assert!(p.mutual_information()[0] >= 0.0);
        let m = p.probability()[0];
        let h = elbo::predict::metrics::entropy(&[1.0 - m, m]);
        prop_assert!((p.entropy()[0] - h).abs() < 1e-14);
    }

    #[test]
    fn draws_have_no_order(draws in normals(), by in 0usize..12) {
        let mut turned = draws.clone();
        turned.rotate_left(by % draws.len());
        let (a, b) = (normal(&draws), normal(&turned));
        let (q, r) = (a.quantile(0.1), b.quantile(0.1));
        for (a, b) in [(a.mean(), b.mean()), (a.std(), b.std()), (q, r)] {
            // sums of a dozen numbers below 50, in another order
            prop_assert!((a[0] - b[0]).abs() < 1e-11, "{} and {}", a[0], b[0]);
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function(
        draws in normals(),
        q in 0.001..0.999f64,
        r in 0.001..0.999f64,
    ) {
        let p = normal(&draws);
        let cdf = |y: f64| {
            let part = |&(mean, std): &(f32, f32)| {
                Normal { mean: f64::from(mean), std: f64::from(std) }.cdf(y)
            };
            draws.iter().map(part).sum::<f64>() / draws.len() as f64
        };
        let (a, b) = (p.quantile(q)[0], p.quantile(r)[0]);
        // The density is at most 40, where a number of size 100 is known to 1e-14.
        prop_assert!((cdf(a) - q).abs() < 1e-11);
        prop_assert!((q < r) == (a < b) || q == r || a == b);
        let interval = p.interval(0.9)[0];
        prop_assert!((cdf(interval.high) - cdf(interval.low) - 0.9).abs() < 1e-11);
    }

    #[test]
    fn quantiles_of_counts_are_the_first_to_reach(
        log_rates in prop::collection::vec(-4.0f32..6.0, 1..8),
        q in 0.001..0.999f64,
    ) {
        let draws: Vec<Poisson<f64>> = (log_rates.iter())
            .map(|&r| Poisson { log_rate: f64::from(r) })
            .collect();
        let k = poisson(log_rates).quantile(q)[0];
        let up_to = |k: f64| {
            let mass = |y: i64| {
                let each = draws.iter().map(|d| Distribution::log_prob(d, y as f64).exp());
                each.sum::<f64>()
            };
            (0..=k as i64).map(mass).sum::<f64>() / draws.len() as f64
        };
        prop_assert!(up_to(k) >= q - 1e-12);
        prop_assert!(k == 0.0 || up_to(k - 1.0) < q + 1e-12);
        let mean = draws.iter().map(Moments::mean).sum::<f64>() / draws.len() as f64;
        prop_assert!(mean > 0.0);
    }
}

/// Of n draws from the predictive itself, 90% lie in the 90% interval, up to four standard
/// errors √(0.09 / n) = 0.003: a test of the interval fails once in 16,000 by chance, and this
/// seed is not that one.
#[test]
fn intervals_hold_samples_of_the_predictive() {
    let draws = [(0.0, 1.0), (3.0, 0.2), (-1.0, 4.0)];
    let interval = normal(&draws).interval(0.9)[0];
    let n = 10_000;
    let mut rng = Noise::new(11).rng();
    let inside = (0..n)
        .filter(|i| {
            let (mean, std) = draws[i % draws.len()];
            let part = Normal {
                mean: f64::from(mean),
                std: f64::from(std),
            };
            interval.contains(part.sample(&mut rng))
        })
        .count();
    let error = (0.09 / n as f64).sqrt();
    assert!(
        (inside as f64 / n as f64 - 0.9).abs() < 4.0 * error,
        "{inside} of {n}"
    );
}
