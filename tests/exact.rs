//! Bayesian regressions whose best mean-field posterior is known exactly: the ELBO and its
//! gradient have the right expectation under every estimator, and training finds the optimum.
//! Reference: `tests/truth/make_exact.py` (mpmath; quadrature).

mod common;

use common::runtime_net::{Activation, Observation, RuntimeNet};
use common::{array, number, truth};
use elbo::bayes::{Estimator, Ledger, Noise, Pass, Prior, Weight};
use elbo::layers::Linear;
use elbo::optim::{Adam, Optimizer};
use elbo::tape::{Module, Parameters, Path};
use elbo::{Scalar, Tape, Tensor};
use serde_json::Value;

struct Regression {
    id: String,
    x: Tensor<f64>,
    y: Tensor<f64>,
    prior_std: f64,
    observation: Observation,
}

impl Regression {
    fn new(json: &Value, observation: Observation) -> Self {
        let y = array::<f64>(&json["y"]);
        Regression {
            id: json["id"].as_str().unwrap().to_owned(),
            x: array(&json["x"]),
            y: y.reshape([y.len(), 1]),
            prior_std: number(&json["prior_std"]),
            observation,
        }
    }
    fn all() -> Vec<(Regression, Value)> {
        let file = truth("exact.json");
        let of = |kind: &str| file[kind].as_array().unwrap().clone();
        let linear = of("linear").into_iter().map(|json| {
            let observation = Observation::Normal(number(&json["noise_std"]));
            (Regression::new(&json, observation), json)
        });
        let logistic = of("logistic")
            .into_iter()
            .map(|json| (Regression::new(&json, Observation::Bernoulli), json));
        linear.chain(logistic).collect()
    }
    /// One linear layer whose bias is a point at 0: y = x w.
    fn net<S: Scalar>(
        &self,
        mu: &Tensor<S>,
        rho: &Tensor<S>,
        estimator: Estimator,
    ) -> RuntimeNet<Tensor<S>> {
        let shape = [self.x.shape().dim(1), 1];
        let prior = Prior::normal(0.0, self.prior_std);
        let weight = Weight::mean_field(mu.reshape(shape), rho.reshape(shape), prior);
        let bias = Weight::point(Tensor::zeros([1]), prior);
        RuntimeNet {
            layers: vec![(
                "w".to_owned(),
                Linear {
                    weight,
                    bias,
                    estimator,
                },
            )],
            activation: Activation::Tanh,
            residual: false,
            observation: self.observation,
        }
    }
}

const ESTIMATORS: [Estimator; 3] = [
    Estimator::WeightReparam,
    Estimator::LocalReparam,
    Estimator::Flipout,
];

/// Mean and standard error of each column.
fn mean_and_error(samples: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let n = samples.len() as f64;
    (0..samples[0].len())
        .map(|j| {
            let mean = samples.iter().map(|s| s[j]).sum::<f64>() / n;
            let variance = samples.iter().map(|s| (s[j] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (mean, (variance / n).sqrt())
        })
        .collect()
}

#[test]
fn every_estimator_has_the_exact_elbo_and_gradient_in_expectation() {
    for (regression, json) in Regression::all() {
        let point = &json["elbo_at_point"];
        if point.is_null() {
            continue;
        }
        for estimator in ESTIMATORS {
            let net = regression.net(&array(&point["mu"]), &array(&point["rho"]), estimator);
            let mut tape = Tape::new();
            let samples: Vec<Vec<f64>> = (0..3000)
                .map(|draw| {
                    tape.clear();
                    let on = net.on(&tape);
                    let ledger = Ledger::default();
                    let pass = Pass::new(&tape, &ledger, Noise::new(1).step(draw));
                    let (x, y) = (tape.constant(&regression.x), tape.constant(&regression.y));
                    let loss = on.elbo(x, y, &pass).loss(1.0);
                    loss.backward();
                    let mut sample = vec![-loss.item()];
                    let weight = &on.layers[0].1.weight;
                    for var in [weight.mu, *weight.rho().unwrap()] {
                        sample.extend(var.grad().as_slice().iter().map(|g| -g));
                    }
                    sample
                })
                .collect();
            let mut exact = vec![number(&point["elbo"])];
            exact.extend(array::<f64>(&point["grad_mu"]).as_slice());
            exact.extend(array::<f64>(&point["grad_rho"]).as_slice());
            for (i, ((mean, error), exact)) in
                mean_and_error(&samples).into_iter().zip(exact).enumerate()
            {
                // Five standard errors: with some 200 numbers the largest of them lies near 3.
                // An estimate without variance is exact to rounding.
                let bound = 5.0 * error + 1e-9 * exact.abs();
                assert!(
                    (mean - exact).abs() <= bound,
                    "{} {estimator:?} number {i}: {mean} instead of {exact}, error {error}",
                    regression.id
                );
            }
        }
    }
}

#[test]
fn training_finds_the_mean_field_optimum() {
    for (regression, json) in Regression::all() {
        let optimum = &json["mean_field_optimum"];
        let (mu, variance) = (array::<f64>(&optimum["mu"]), array::<f64>(&optimum["var"]));
        let d = mu.len();
        let start = Tensor::<f32>::full([d], -2.0);
        let mut net = regression.net(&Tensor::zeros([d]), &start, Estimator::LocalReparam);
        let (x, y) = (regression.x.cast::<f32>(), regression.y.cast::<f32>());

        let mut tape = Tape::new();
        let mut step = 0;
        let mut phase = |rate: f64, steps: usize, seen: &mut dyn FnMut(&[f32], &[f32])| {
            let mut adam = Adam::new(rate);
            for _ in 0..steps {
                let on = net.on(&tape);
                let ledger = Ledger::default();
                let pass = Pass::new(&tape, &ledger, Noise::new(5).step(step)).draws(4);
                step += 1;
                let loss = on
                    .elbo(tape.constant(&x), tape.constant(&y), &pass)
                    .loss(1.0);
                loss.backward();
                adam.step(&mut net, &mut tape);
                let layer = &mut net.layers[0].1;
                layer.bias.mu.as_mut_slice()[0] = 0.0;
                let rho = layer.weight.rho().unwrap();
                seen(layer.weight.mu.as_slice(), rho.as_slice());
            }
        };
        for rate in [0.1, 0.03, 0.01] {
            phase(rate, 700, &mut |_, _| {});
        }
        // The mean of the last iterates: the noise of single steps averages out.
        let (mut mean_mu, mut mean_rho) = (vec![0.0; d], vec![0.0; d]);
        let last = 2000;
        phase(0.005, last, &mut |mu, rho| {
            for j in 0..d {
                mean_mu[j] += f64::from(mu[j]) / last as f64;
                mean_rho[j] += f64::from(rho[j]) / last as f64;
            }
        });
        for j in 0..d {
            let std = variance.as_slice()[j].sqrt();
            // 8000 draws of noise went into the mean: about 1/√8000 = 1% of a standard
            // deviation, times the correlation of the iterates.
            let off = (mean_mu[j] - mu.as_slice()[j]) / std;
            assert!(
                off.abs() < 0.1,
                "{}: mean {j} is {off} std off",
                regression.id
            );
            let ratio = mean_rho[j].softplus() / std;
            assert!(
                (ratio - 1.0).abs() < 0.05,
                "{}: std {j} is off by {ratio}",
                regression.id
            );
        }
    }
}

#[test]
fn the_net_visits_its_parameters_in_the_order_of_the_tape() {
    let (regression, _) = Regression::all().remove(0);
    let d = regression.x.shape().dim(1);
    let mut net = regression.net(
        &Tensor::<f32>::zeros([d]),
        &Tensor::zeros([d]),
        Estimator::WeightReparam,
    );
    let tape: Tape = Tape::new();
    let _ = net.on(&tape);
    let mut seen = vec![];
    net.visit_mut(Path::ROOT, &mut |path, _| seen.push(path.to_string()));
    assert_eq!(seen, ["w.weight.mu", "w.weight.rho", "w.bias.mu"]);
    assert_eq!(tape.parameters(), seen.len());
}
