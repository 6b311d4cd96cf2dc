//! What each likelihood is for, from the declaration to the score: a net finds again what made the
//! data, and a target that it gives no probability to is refused with its place.

use elbo::data::{Dataset, Target};
use elbo::dist::{
    Beta, Categorical, Classes, Distribution, Gamma, Laplace, LogNormal, MixtureOfNormals,
    NegativeBinomial, StudentT, Support,
};
use elbo::kernels::noise::Philox;
use elbo::net::{BayesNet, Model};
use elbo::optim::Adam;
use elbo::predict::{Predictive, Quantity, QuantityReport, Summarize};
use elbo::train::Trainer;
use elbo::{Error, bayes_net};

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
