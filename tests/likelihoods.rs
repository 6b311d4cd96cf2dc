//! What each likelihood is for, from the declaration to the score: a net finds again what made the
//! data, and a target that it gives no probability to is refused with its place.

use elbo::bayes::{Ledger, Noise, Pass};
use elbo::data::{Dataset, Target};
use elbo::dist::{
    Beta, Categorical, Classes, Distribution, Gamma, Laplace, LogNormal, MixtureOfNormals,
    NegativeBinomial, Normal, Poisson, StudentT, Support,
};
use elbo::kernels::noise::Philox;
use elbo::net::{BayesNet, Model, Net};
use elbo::optim::Adam;
use elbo::predict::{Predictive, Quantity, QuantityReport, Summarize};
use elbo::train::Trainer;
use elbo::{Error, Tape, Tensor, Var, bayes_net};

bayes_net! { net Robust(x: [1]) -> y {
    loc = linear(x, 1); scale = learned(0.5); df = learned(5.0);
    y ~ StudentT(df, loc, scale);
} }
bayes_net! { net Median(x: [1]) -> y {
    location = linear(x, 1); scale = learned(0.5);
    y ~ Laplace(location, scale);
} }
bayes_net! { net Price(x: [1]) -> y {
    mu = linear(x, 1); sigma = learned(0.5);
    y ~ LogNormal(mu, sigma);
} }
bayes_net! { net Amount(x: [1]) -> y {
    log_mean = linear(x, 1); shape = learned(1.0);
    y ~ Gamma(shape, shape * exp(-log_mean));
} }
bayes_net! { net Share(x: [1]) -> y {
    mean = sigmoid(linear(x, 1)); precision = learned(5.0);
    y ~ Beta(mean * precision, (1 - mean) * precision);
} }
bayes_net! { net Counts(x: [1]) -> y {
    log_mean = linear(x, 1); r = learned(1.0);
    y ~ NegativeBinomial(r, log_mean - log(r));
} }

bayes_net! { net Grade(x: [1]) -> y {
    eta = linear(x, 1); cuts = cutpoints(2);
    y ~ Ordinal(eta, cuts);
} }
bayes_net! { net Branches(x: [1]) -> y {
    h = tanh(linear(x, 8)); logits = linear(h, 2); means = linear(h, 2); stds = softplus(linear(h, 2));
    y ~ MixtureOfNormals(logits, means, stds);
} }

/// 600 rows x in -1..1, the target drawn from `truth` of x.
fn drawn<D: Distribution>(truth: impl Fn(f64) -> D, seed: u64) -> Dataset {
    let mut rng = Philox::new(seed);
    let x: Vec<[f64; 1]> = (0..600).map(|i| [f64::from(i) / 300.0 - 1.0]).collect();
    let y: Vec<f64> = x.iter().map(|[x]| truth(*x).sample(&mut rng)).collect();
    Dataset::from_rows(&x, &y).unwrap()
}

/// Trains on one half and scores the other, which must be as likely as under `truth` itself but for
/// `slack` nats, and covered.
fn finds<N, L, D>(net: N, data: &Dataset, truth: impl Fn(f64) -> D, slack: f64) -> Predictive<L>
where
    N: BayesNet<Prediction = Predictive<L>>,
    L: Quantity + Summarize<Report = QuantityReport>,
    D: Distribution,
{
    let (train, test) = data.split(0.5, 3);
    let mut model = Model::new(net).standardize();
    Trainer::new(Adam::new(0.02))
        .epochs(150)
        .quiet()
        .fit(&mut model, &train)
        .unwrap();
    let prediction = model.predict(&test).draws(30).run().unwrap();
    let report = prediction.evaluate(&test).unwrap();
    let (x, y) = (test.column("x[0]").unwrap(), test.column("y").unwrap());
    let best: f64 = (x.iter().zip(&y))
        .map(|(&x, &y)| truth(x).log_prob(y))
        .sum::<f64>()
        / x.len() as f64;
    let found = report.log_likelihood.value;
    assert!(
        (found - best).abs() < slack,
        "{}: {found} of {best}",
        N::NAME
    );
    let coverage = report.coverage.value;
    assert!((0.84..=1.0).contains(&coverage), "{}: {coverage}", N::NAME);
    for (interval, quantile) in prediction
        .interval(0.5)
        .iter()
        .zip(prediction.quantile(0.25))
    {
        assert_eq!(interval.low, quantile);
    }
    for (part, total) in prediction.uncertainty().iter().zip(prediction.total()) {
        assert!(part.aleatoric >= 0.0 && part.epistemic >= 0.0);
        assert_eq!(part.total(), total);
    }
    assert_eq!(prediction.most_uncertain(2).len(), 2);
    prediction
}

#[test]
fn every_quantity_is_found_again() {
    let truth = |x: f64| StudentT {
        df: 4.0,
        loc: 20.0 + 5.0 * x,
        scale: 2.0,
    };
    finds(Robust::new(1), &drawn(truth, 1), truth, 0.05);
    let truth = |x: f64| Laplace {
        location: 3.0 - 2.0 * x,
        scale: 0.5,
    };
    finds(Median::new(1), &drawn(truth, 2), truth, 0.05);
    let truth = |x: f64| LogNormal {
        mu: 1.0 + x,
        sigma: 0.4,
    };
    finds(Price::new(1), &drawn(truth, 3), truth, 0.05);
    let truth = |x: f64| Gamma {
        concentration: 3.0,
        rate: 3.0 * (-0.5 - x).exp(),
    };
    finds(Amount::new(1), &drawn(truth, 4), truth, 0.05);
    let truth = |x: f64| {
        let mean = 1.0 / (1.0 + (-0.3 - x).exp());
        Beta {
            concentration1: 12.0 * mean,
            concentration0: 12.0 * (1.0 - mean),
        }
    };
    finds(Share::new(1), &drawn(truth, 5), truth, 0.05);
    let truth = |x: f64| NegativeBinomial {
        total_count: 2.5,
        logits: 1.0 + x,
    };
    finds(Counts::new(1), &drawn(truth, 6), truth, 0.05);
}

/// Where y may lie on either of two branches, one Normal would lie between them.
#[test]
fn a_mixture_finds_both_branches() {
    let truth = |x: f64| MixtureOfNormals {
        logits: vec![0.0, 1.0],
        means: vec![50.0 + 20.0 * x, 50.0 - 20.0 * x],
        stds: vec![2.0, 4.0],
    };
    let prediction = finds(Branches::new(1), &drawn(truth, 7), truth, 0.25);
    assert!(prediction.quantile(0.5).iter().all(|y| y.is_finite()));
}

#[test]
fn an_ordinal_finds_its_cutpoints() {
    let logistic = |z: f64| 1.0 / (1.0 + (-z).exp());
    let below = |x: f64| [logistic(-1.5 - 2.0 * x), logistic(0.5 - 2.0 * x)];
    let truth = |x: f64| Categorical {
        logits: {
            let [low, middle] = below(x);
            [low, middle - low, 1.0 - middle].map(f64::ln).to_vec()
        },
    };
    let data = drawn(truth, 8);
    let mut model = Model::new(Grade::new(1));
    let history = Trainer::new(Adam::new(0.02))
        .epochs(150)
        .quiet()
        .fit(&mut model, &data)
        .unwrap();
    assert!(history.last().is_some());
    let rows = [[-0.8f32], [0.0], [0.7]];
    let prediction = model.predict(&rows).draws(50).run().unwrap();
    for (p, [x]) in prediction.probabilities().as_slice().chunks(3).zip(rows) {
        for (p, truth) in p.iter().zip(truth(f64::from(x)).probabilities()) {
            assert!((p - truth).abs() < 0.07, "{p} at {x} for {truth}");
        }
    }
    assert_eq!(prediction.class().len(), 3);
    // of one row, and of more rows than one pass takes
    let one = model.predict(&[[0.7f32]]).draws(50).run().unwrap();
    let many = model.predict(&vec![[0.7f32]; 300]).draws(50).run().unwrap();
    assert_eq!(one.class()[0], many.class()[299]);
    let report = model.predict(&data).run().unwrap().evaluate(&data).unwrap();
    assert!(report.accuracy.value > 0.5, "{report}");
}

#[test]
fn an_ordinal_asks_for_the_order_of_text() {
    let data = |target: Target| {
        Dataset::builder()
            .column("x", [1.0, 2.0, 3.0])
            .labels(target, ["low", "middle", "high"])
            .build()
            .unwrap()
    };
    let trainer = Trainer::new(Adam::new(0.01)).epochs(2).quiet();
    let error = trainer
        .fit(&mut Model::new(Grade::new(1)), &data(Target::column("y")))
        .unwrap_err();
    assert!(
        error.to_string().contains("the order of its classes"),
        "{error}"
    );
    let ordered = data(Target::column("y").classes(["low", "middle", "high"]));
    let mut model = Model::new(Grade::new(1));
    trainer.fit(&mut model, &ordered).unwrap();
    assert_eq!(model.schema().unwrap().targets[0].classes[2], "high");
}

/// One value in fifty is 30 scales off: the slope of StudentT does not move, nor what it predicts.
#[test]
fn outliers_do_not_move_a_student_t() {
    let x: Vec<[f64; 1]> = (0..200).map(|i| [f64::from(i) / 100.0 - 1.0]).collect();
    let y: Vec<f64> = (x.iter().zip(0..))
        .map(|(&[x], i)| {
            let outlier = if i % 50 == 49 { 3.0 } else { 0.0 };
            x + 0.1 * (37.0 * x).sin() + outlier
        })
        .collect();
    let data = Dataset::from_rows(&x, &y).unwrap();
    let mut model = Model::new(Robust::new(2));
    Trainer::new(Adam::new(0.02))
        .epochs(200)
        .quiet()
        .fit(&mut model, &data)
        .unwrap();
    let ends = model.predict(&[[-1.0f32], [1.0]]).draws(100).run().unwrap();
    let median = ends.quantile(0.5);
    assert!(
        (median[0] + 1.0).abs() < 0.1 && (median[1] - 1.0).abs() < 0.1,
        "{median:?}"
    );
}

#[track_caller]
fn refused<N: BayesNet>(net: N, y: [f64; 3], parts: &[&str]) {
    let data = Dataset::from_rows(&[[0.0], [0.5], [1.0]], &y).unwrap();
    let error = Trainer::new(Adam::new(0.01))
        .quiet()
        .fit(&mut Model::new(net), &data)
        .unwrap_err();
    assert!(matches!(error, Error::Value { .. }), "{error:?}");
    for part in parts {
        assert!(
            error.to_string().contains(part),
            "{part:?} is not in: {error}"
        );
    }
}

#[test]
fn a_target_outside_of_the_support_is_named() {
    let place = "row 1, column `y`";
    refused(Price::new(1), [1.0, 0.0, 2.0], &[place, "a number above 0"]);
    refused(
        Amount::new(1),
        [1.0, -2.0, 2.0],
        &[place, "-2", "a number above 0"],
    );
    refused(
        Amount::new(1),
        [1.0, 1e-60, 2.0],
        &[place, "in f32, where this is 0"],
    );
    refused(
        Share::new(1),
        [0.5, 1.0, 0.2],
        &[place, "(y (n - 1) + 0.5) / n"],
    );
    refused(
        Share::new(1),
        [0.5, 45.0, 0.2],
        &[place, "divide percentages by 100"],
    );
    refused(
        Share::new(1),
        [0.5, 1.0 - 1e-12, 0.2],
        &[place, "in f32, where this is 1"],
    );
    refused(Counts::new(1), [0.0, 1.5, 2.0], &[place, "a count"]);
    assert!(!Support::Unit.contains(f64::NAN) && !Support::Positive.contains(f64::INFINITY));
    let text = Dataset::builder()
        .column("x", [1.0, 2.0])
        .labels(Target::column("y"), ["small", "large"])
        .build()
        .unwrap();
    let error = Trainer::new(Adam::new(0.01))
        .quiet()
        .fit(&mut Model::new(Amount::new(1)), &text)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("target is text, Gamma needs a number above 0"),
        "{error}"
    );
}

bayes_net! { net Two(x: [1]) -> (y, kind) {
    h = tanh(linear(x, 4)); mean = linear(h, 2); logits = linear(h, 2);
    y ~ Normal(mean, 0.3);
    kind ~ Categorical(logits);
} }
bayes_net! { net Line(x: [1]) -> y {
    mean = linear(x, 1);
    y ~ Normal(mean, 0.1);
} }

/// ln p(y | x, theta) of a net of `Line`'s form, and its gradient, on a tape.
fn line_log_likelihood(x: &[f64], targets: &[Tensor<f64>]) -> (f64, Vec<f64>) {
    let tape = Tape::<f64>::new();
    let net = Line::new(3);
    let on = net.map_on(&mut |_, leaf| tape.parameter(&leaf.cast()));
    let x = tape.constant(&Tensor::new([x.len(), 1], x.to_vec()));
    let targets: Vec<_> = targets.iter().map(|y| tape.constant(y)).collect();
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(1));
    let output = on.forward(&[x], &pass);
    let log_likelihood = <Line<Var<'_, f64>> as Net<f64>>::log_likelihood(&output, &targets);
    log_likelihood.backward();
    let mut gradient = vec![];
    for k in 0..tape.parameters() {
        tape.with_parameter_gradient(k, |g| gradient.extend_from_slice(g.unwrap()));
    }
    (log_likelihood.item(), gradient)
}

/// A weight of 2 is the row twice, and of 0 the row left out, whatever its target.
#[test]
fn weights_count_rows() {
    let column = |y: &[f64]| Tensor::new([y.len(), 1], y.to_vec());
    let repeated = line_log_likelihood(&[0.5, -0.5, -0.5], &[column(&[1.0, 2.0, 2.0])]);
    let weighted = line_log_likelihood(
        &[0.5, -0.5, 0.1],
        &[column(&[1.0, 2.0, 1e200]), column(&[1.0, 2.0, 0.0])],
    );
    assert!((repeated.0 - weighted.0).abs() < 1e-12 * repeated.0.abs());
    for (a, b) in repeated.1.iter().zip(&weighted.1) {
        assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} and {b}");
    }
}

#[test]
fn missing_values_are_left_out_counted_and_reported() -> elbo::Result<()> {
    let nan = f64::NAN;
    let x: Vec<f64> = (0..60).map(|i| f64::from(i) / 30.0 - 1.0).collect();
    // Every third y of the first column, every row of 30 on of the second, and one row of both.
    let y: Vec<f64> = (x.iter().enumerate())
        .flat_map(|(i, x)| {
            let first = if i % 3 == 0 { nan } else { 5.0 + x };
            let second = if i >= 30 { nan } else { -3.0 * x };
            [first, second]
        })
        .collect();
    let kinds = (x.iter().enumerate()).map(|(i, x)| match i {
        7 | 33 => "",
        _ if *x > 0.0 => "right",
        _ => "left",
    });
    let target = Target::columns(["a", "b"]).named("y").allow_missing();
    let data = Dataset::builder()
        .column("x", &x)
        .target(target, &y)
        .labels(Target::column("kind").allow_missing(), kinds)
        .build()?;
    assert_eq!((data.missing("a"), data.missing("b")), (Some(20), Some(30)));
    assert_eq!((data.missing("kind"), data.missing("x")), (Some(2), None));
    let mut model = Model::new(Two::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(0.02))
        .epochs(200)
        .batch_size(10)
        .quiet();
    let history = trainer.fit(&mut model, &data)?;
    let text = history.to_string();
    assert!(
        text.contains("missing: 50 of 120 values of `y`, left out"),
        "{text}"
    );
    assert!(text.contains("missing: 2 of 60 values of `kind`"), "{text}");
    assert_eq!(history.missing()[1].values, 2);
    let scaling = &model.schema().unwrap().targets[0];
    // The mean of what is there: of the second column, the first 30 rows.
    assert!((scaling.mean[1] - 3.0 * (0.5 + 1.0 / 60.0)).abs() < 1e-12);
    let p = model.predict(&data).run()?;
    let (y, kind) = (p.y.evaluate(&data)?, p.kind.evaluate(&data)?);
    assert_eq!(
        (y.rows, y.missing, kind.rows, kind.missing),
        (50, 50, 58, 2)
    );
    assert!(
        y.to_string().starts_with("50 rows, 50 values missing"),
        "{y}"
    );
    assert!(y.rmse.iter().all(|rmse| rmse.value < 0.5), "{y}");
    assert!(kind.accuracy.value > 0.9, "{kind}");
    // Row 30 has neither value of y: it costs nothing.
    let log_likelihood = p.y.log_likelihood(&data)?;
    assert_eq!(log_likelihood[30], 0.0);
    assert!(log_likelihood.iter().all(|l| l.is_finite()));
    assert_eq!(p.kind.referral_curve(&data)?.len(), 58);

    // A batch in which all are missing is a step like others.
    let late = Dataset::builder()
        .column("x", [1.0, 2.0, 3.0, 4.0])
        .target(Target::column("y").allow_missing(), [nan, nan, nan, 0.5])
        .build()?;
    trainer
        .clone()
        .batch_size(1)
        .fit(&mut Model::new(Line::new(1)), &late)?;
    Ok(())
}

#[test]
fn missing_values_need_leave_and_some_that_are_there() {
    let nan = f64::NAN;
    let build = |target: Target, y: [f64; 2]| {
        let builder = Dataset::builder().column("x", [1.0, 2.0]);
        builder.target(target, y).build()
    };
    let error = build(Target::column("y"), [1.0, nan])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("row 1, column `y`") && error.contains(".allow_missing()"),
        "{error}"
    );
    let infinite = build(Target::column("y").allow_missing(), [1.0, f64::INFINITY]);
    assert!(matches!(infinite, Err(Error::NotFinite { .. })));
    let none = build(Target::column("y").allow_missing(), [nan, nan]).unwrap();
    let trainer = Trainer::new(Adam::new(0.01)).epochs(1).quiet();
    let error = trainer
        .fit(&mut Model::new(Line::new(1)), &none)
        .unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
    let mut model = Model::new(Line::new(1));
    trainer
        .fit(&mut model, &build(Target::column("y"), [1.0, 2.0]).unwrap())
        .unwrap();
    let evaluated = model.predict(&none).run().unwrap().evaluate(&none);
    assert!(matches!(evaluated, Err(Error::Empty { .. })));
}

#[cfg(feature = "csv")]
#[test]
fn missing_cells_of_a_file_need_leave() -> elbo::Result<()> {
    let read =
        |file: &str, target: Target| Dataset::from_csv_reader(file.as_bytes(), "data.csv", target);
    let numbers = "x,y\n1,0.5\n2,\n3,NA\n4,nan\n";
    assert!(read(numbers, Target::column("y")).is_err());
    let data = read(numbers, Target::column("y").allow_missing())?;
    assert_eq!(data.missing("y"), Some(3));
    let texts = "x,y\n1,left\n2,\n3,right\n";
    assert!(read(texts, Target::column("y")).is_err());
    let data = read(texts, Target::column("y").allow_missing())?;
    assert_eq!(
        (data.classes("y").unwrap().len(), data.missing("y")),
        (2, Some(1))
    );
    assert_eq!(data.labels("y").unwrap(), ["left", "", "right"]);
    // A feature is never missing, and a text that is a class by the user's word is one.
    assert!(read("x,y\n,1\n", Target::column("y").allow_missing()).is_err());
    let listed = Target::column("y").classes(["NA", "left"]).allow_missing();
    assert_eq!(read("x,y\n1,NA\n2,left\n", listed)?.missing("y"), Some(0));
    Ok(())
}

#[test]
fn weights_are_a_column_and_not_negative() -> elbo::Result<()> {
    let data = |weights: [f64; 3]| {
        Dataset::builder()
            .column("x", [0.0, 1.0, 1.0])
            .column("w", weights)
            .target("y", [0.0, 1.0, 100.0])
            .build()
    };
    let error = data([1.0, -1.0, 1.0])?
        .weights("w")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("row 1, column `w`") && error.contains("at least 0"),
        "{error}"
    );
    assert!(matches!(
        data([0.0; 3])?.weights("w"),
        Err(Error::Empty { .. })
    ));
    assert!(data([1.0; 3])?.weights("v").is_err());
    assert!(data([1.0, f64::NAN, 1.0]).is_err());
    // The outlier weighs nothing, also after a selection.
    let train = data([1.0, 1.0, 0.0])?.weights("w")?.select(&[2, 1, 0, 1]);
    assert_eq!(train.features(), ["x"]);
    let mut model = Model::new(Line::new(1));
    Trainer::new(Adam::new(0.05))
        .epochs(300)
        .quiet()
        .fit(&mut model, &train)?;
    let at_one = model.predict(&[[1.0f32]]).run()?.mean()[0];
    assert!((at_one - 1.0).abs() < 0.2, "{at_one}");
    Ok(())
}

bayes_net! { net Claims(x: [1], years: [1]) -> claims {
    log_rate = linear(x, 1);
    claims ~ Poisson(log_rate + log(years));
} }
bayes_net! { net Measured(x: [1], sigma: [1]) -> y {
    mean = linear(x, 1);
    y ~ Normal(mean, sigma);
} }

/// Twice the exposure is twice the count, whatever is standardized.
#[test]
fn an_exposure_multiplies_the_rate() -> elbo::Result<()> {
    let mut rng = Philox::new(9);
    let x: Vec<f64> = (0..400).map(|i| 50.0 + f64::from(i) / 20.0).collect();
    let years: Vec<f64> = (0..400).map(|i| [0.5, 1.0, 4.0, 30.0][i % 4]).collect();
    let claims: Vec<f64> = (x.iter().zip(&years))
        .map(|(x, years)| {
            let log_rate = 0.1 * (x - 60.0) + years.ln();
            Poisson { log_rate }.sample(&mut rng)
        })
        .collect();
    let data = |years: &[f64]| {
        let builder = Dataset::builder().column("x", &x).column("years", years);
        builder.target("claims", &claims).build()
    };
    let train = data(&years)?;
    let mut model = Model::new(Claims::new(1)).standardize();
    let trainer = Trainer::new(Adam::new(0.02)).epochs(150).quiet();
    trainer.fit(&mut model, &train)?;
    let schema = model.schema().unwrap();
    assert!(schema.inputs[0].scaling.is_some() && schema.inputs[1].scaling.is_none());
    let rows = Dataset::builder()
        .column("x", [60.0, 60.0, 65.0])
        .column("years", [1.0, 10.0, 1.0])
        .build()?;
    let mean = model.predict(&rows).run()?.mean();
    assert!((mean[1] / mean[0] - 10.0).abs() < 1e-4, "{mean:?}");
    assert!(
        (mean[0] - 1.0).abs() < 0.15 && (mean[2] - 0.5f64.exp()).abs() < 0.25,
        "{mean:?}"
    );

    let mut none = years.clone();
    none[2] = 0.0;
    let error = trainer
        .fit(&mut Model::new(Claims::new(1)), &data(&none)?)
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("row 2, column `years`") && error.contains("above 0"),
        "{error}"
    );
    Ok(())
}

/// An error of measurement that is known of each row, in the target's unit.
#[test]
fn a_known_scale_has_the_unit_of_the_target() -> elbo::Result<()> {
    let mut rng = Philox::new(10);
    let x: Vec<f64> = (0..300).map(|i| f64::from(i) / 150.0 - 1.0).collect();
    let sigma: Vec<f64> = (0..300)
        .map(|i| if i % 2 == 0 { 5.0 } else { 80.0 })
        .collect();
    let y: Vec<f64> = (x.iter().zip(&sigma))
        .map(|(x, &std)| {
            Normal {
                mean: 1000.0 + 300.0 * x,
                std,
            }
            .sample(&mut rng)
        })
        .collect();
    let data = Dataset::builder()
        .column("x", &x)
        .column("sigma", &sigma)
        .target("y", &y)
        .build()?;
    let mut model = Model::new(Measured::new(1)).standardize();
    Trainer::new(Adam::new(0.02))
        .epochs(200)
        .quiet()
        .fit(&mut model, &data)?;
    let rows = Dataset::builder()
        .column("x", [0.0, 0.0])
        .column("sigma", [5.0, 80.0])
        .build()?;
    let p = model.predict(&rows).run()?;
    for (aleatoric, sigma) in p.aleatoric().iter().zip([5.0, 80.0]) {
        assert!(
            (aleatoric.sqrt() / sigma - 1.0).abs() < 1e-5,
            "{aleatoric} for {sigma}"
        );
    }
    assert!((p.mean()[0] - 1000.0).abs() < 5.0, "{:?}", p.mean());
    Ok(())
}
