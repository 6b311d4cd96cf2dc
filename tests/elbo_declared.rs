//! Nets as `bayes_net!` writes them have, to 1e-10, the loss and the gradients of an independent
//! program: eleven of the nets of `tests/truth/elbo.json`, declared, with the parameters and the
//! noise of the file.

mod common;

use std::collections::BTreeSet;

use common::{array, assert_close, given, number, truth};
use elbo::bayes::{KlEstimate, Ledger, Noise, Pass};
use elbo::net::{BayesNet, Net};
use elbo::{Scalar, Tape, Var, bayes_net};
use serde_json::Value;

const RTOL: f64 = 1e-10;
/// Of the largest number of the array: sums cancel.
const ATOL: f64 = 1e-12;

bayes_net! { net GaussianNormal(x: [3]) -> y {
    weights ~ Normal(0.0, 1.0);
    h1 = tanh(linear(x, 4)); out = linear(h1, 2);
    y ~ Normal(out, 0.3);
} }
bayes_net! { net GaussianMixture(x: [3]) -> y {
    weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
    biases ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
    h1 = tanh(linear(x, 4)); out = linear(h1, 2);
    y ~ Normal(out, 0.3);
} }
bayes_net! { net PoissonLaplace(x: [3]) -> y {
    weights ~ Laplace(0.0, 0.7); biases ~ Laplace(0.0, 0.7);
    h1 = tanh(linear(x, 4)); out = linear(h1, 2);
    y ~ Poisson(out);
} }
bayes_net! { net CategoricalNormalDeep(x: [4]) -> y {
    weights ~ Normal(0.1, 0.5); biases ~ Normal(0.1, 0.5);
    h1 = relu(linear(x, 6)); h2 = relu(linear(h1, 5)); out = linear(h2, 3);
    y ~ Categorical(out);
} }
bayes_net! { net BernoulliResidual(x: [3]) -> y {
    weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
    biases ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
    h1 = relu(linear(x, 4)); h2 = relu(linear(h1, 4)); logit = linear(h1 + h2, 1);
    y ~ Bernoulli(logit);
} }
bayes_net! { net Heteroscedastic(x: [3]) -> y {
    weights ~ Normal(0.0, 1.0);
    h1 = tanh(linear(x, 4)); out = linear(h1, 2);
    mean = self::first(out) -> [1]; std = softplus(self::second(out) -> [1]);
    y ~ Normal(mean, std);
} }
bayes_net! { net Tempered(x: [3]) -> y {
    weights ~ Normal(0.0, 1.0);
    h1 = tanh(linear(x, 4)); out = linear(h1, 3);
    y ~ Categorical(out);
} }
bayes_net! { net LocalGaussian(x: [3]) -> y {
    weights ~ Normal(0.0, 1.0); estimator = LocalReparam;
    h1 = tanh(linear(x, 4)); out = linear(h1, 2);
    y ~ Normal(out, 0.3);
} }
bayes_net! { net LocalCategorical(x: [3]) -> y {
    h1 = relu(linear(x, 4, weights ~ Laplace(0.0, 0.7), biases ~ Laplace(0.0, 0.7), estimator = LocalReparam));
    out = linear(h1, 3, weights ~ Laplace(0.0, 0.7), biases ~ Laplace(0.0, 0.7), estimator = LocalReparam);
    y ~ Categorical(out);
} }
bayes_net! { net FlipoutBernoulli(x: [3]) -> y {
    weights ~ Normal(0.0, 1.0); estimator = Flipout;
    h1 = tanh(linear(x, 4)); out = linear(h1, 1);
    y ~ Bernoulli(out);
} }
bayes_net! { net FlipoutCategorical(x: [3]) -> y {
    h1 = relu(linear(x, 4, weights ~ Normal(0.0, 1.0), estimator = Flipout));
    out = linear(h1, 3, weights ~ Normal(0.0, 1.0), estimator = Flipout);
    y ~ Categorical(out);
} }

/// The first number of each row.
fn first<'t, S: Scalar>(x: Var<'t, S>) -> Var<'t, S> {
    x.narrow(1, 0..1)
}

/// The second number of each row.
fn second<'t, S: Scalar>(x: Var<'t, S>) -> Var<'t, S> {
    x.narrow(1, 1..2)
}

fn check<N: BayesNet>(file: &Value, id: &str) {
    let json = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["id"] == id)
        .unwrap_or_else(|| panic!("no {id}"));
    let mut checked = 0;
    for (key, estimate) in [
        ("closed_form", KlEstimate::ClosedForm),
        ("monte_carlo", KlEstimate::MonteCarlo),
    ] {
        let wanted = &json["expected"][key];
        if !wanted.is_null() {
            loss_and_gradients::<N>(json, estimate, wanted);
            checked += 1;
        }
    }
    assert!(checked > 0, "{id}: nothing is expected");
}

fn loss_and_gradients<N: BayesNet>(json: &Value, estimate: KlEstimate, wanted: &Value) {
    let what = format!("{} {} {estimate:?}", json["id"], N::NAME);
    let given = given(&json["noise"]);
    let tape = Tape::<f64>::new();
    let mut leaves = vec![];
    let net = N::fresh(1).map_on(&mut |path, leaf| {
        let path = path.to_string();
        let (weight, parameter) = path.rsplit_once('.').unwrap();
        let value = array::<f64>(&json["params"][weight][parameter]);
        assert_eq!(value.shape(), leaf.shape(), "{what}: {path}");
        let var = tape.parameter(&value);
        leaves.push((weight.to_owned(), parameter.to_owned(), var));
        var
    });
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(0))
        .given(&given)
        .draws(json["samples"].as_u64().unwrap())
        .kl_estimate(estimate);
    let (x, y) = (array(&json["x"]), array(&json["y"]));
    let elbo = net.elbo(&[tape.constant(&x)], &[tape.constant(&y)], &pass);

    // loss = kl_weight KL - N/B L, the share of the batch times N/B
    let scale = number(&json["dataset_size"]) / number(&json["batch"]);
    let loss = elbo.loss(number(&json["kl_weight"]) / scale) * scale;
    let close = |part: &str, got: &[f64], wanted: &[f64]| {
        assert_close(&format!("{what}: {part}"), got, wanted, RTOL, ATOL);
    };
    close("loss", &[loss.item()], &[number(&wanted["loss"])]);
    loss.backward();
    let mut seen = BTreeSet::new();
    for (weight, parameter, var) in &leaves {
        let wanted = array::<f64>(&wanted["grads"][parameter][weight]);
        let part = format!("{weight}.{parameter}");
        close(&part, var.grad().as_slice(), wanted.as_slice());
        seen.insert(part);
    }
    // All parameters of the file are parameters of the net.
    for (weight, parts) in json["params"].as_object().unwrap() {
        for parameter in parts.as_object().unwrap().keys() {
            let part = format!("{weight}.{parameter}");
            assert!(seen.contains(&part), "{what}: no {part}");
        }
    }
}

#[test]
fn declared_nets_equal_an_independent_program() {
    let file = truth("elbo.json");
    check::<GaussianNormal>(&file, "gaussian-normal");
    check::<GaussianMixture>(&file, "gaussian-mixture");
    check::<PoissonLaplace>(&file, "poisson-laplace");
    check::<CategoricalNormalDeep>(&file, "categorical-normal-deep");
    check::<BernoulliResidual>(&file, "bernoulli-residual");
    check::<Heteroscedastic>(&file, "heteroscedastic-normal");
    check::<Tempered>(&file, "tempered");
    check::<LocalGaussian>(&file, "local-reparam-gaussian");
    check::<LocalCategorical>(&file, "local-reparam-categorical");
    check::<FlipoutBernoulli>(&file, "flipout-bernoulli");
    check::<FlipoutCategorical>(&file, "flipout-categorical");
}
