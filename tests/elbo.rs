//! The ELBO and its gradients equal, to 1e-10, those of an independent program: 26 nets with
//! given noise, computed in f64 by JAX and again by numpy (`tests/truth/make_elbo.py`).

mod common;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path as FilePath, PathBuf};

use common::runtime_net::{Activation, Observation, RuntimeNet};
use common::{array, assert_close, given, number, truth};
use elbo::bayes::{
    Elbo, Estimator, Given, KlEstimate, Ledger, MinibatchWeighting, Noise, Pass, Prior, Weight,
};
use elbo::kernels::special;
use elbo::layers::Linear;
use elbo::tape::{Module, Parameters, Path};
use elbo::{Tape, Tensor};
use serde_json::Value;

const RTOL: f64 = 1e-10;
/// Of the largest number of the array: sums cancel.
const ATOL: f64 = 1e-12;

/// Nets of the file that have a part which does not exist, and the part.
const LATER: [(&str, &str); 1] = [("latent-noise", "a latent scale")];

struct Case<'a> {
    json: &'a Value,
    net: RuntimeNet<Tensor<f64>>,
    given: Given,
    x: Tensor<f64>,
    y: Tensor<f64>,
    rows: usize,
    total: usize,
}

impl<'a> Case<'a> {
    fn new(json: &'a Value) -> Self {
        let estimator = estimator(json);
        let prior = prior(&json["prior"]);
        let names = json["net"]["layers"].as_array().unwrap();
        let layer = |name: &Value| {
            let name = name.as_str().unwrap();
            let weight = |part: &str| {
                let q = &json["params"][format!("{name}.{part}")];
                let (mu, rho) = (array(&q["mu"]), &q["rho"]);
                let weight = match rho {
                    Value::Null => Weight::point(mu, prior),
                    rho => Weight::mean_field(mu, array(rho), prior),
                };
                let learned = &json["extra"]["log_prior_std"];
                let rho = |log_std: f64| special::softplus_inverse(log_std.exp());
                Weight {
                    prior_rho: learned["data"]
                        .get(0)
                        .map(|log_std| Tensor::scalar(rho(number(log_std)))),
                    ..weight
                }
            };
            let (weight, bias) = (weight("weight"), weight("bias"));
            (
                name.to_owned(),
                Linear {
                    weight,
                    bias,
                    estimator,
                },
            )
        };
        let net = RuntimeNet {
            layers: names.iter().map(layer).collect(),
            activation: match json["net"]["activation"].as_str().unwrap() {
                "tanh" => Activation::Tanh,
                "relu" => Activation::Relu,
                "silu" => Activation::Silu,
                other => panic!("activation {other}"),
            },
            residual: json["net"]["residual"].as_bool().unwrap_or(false),
            observation: observation(&json["likelihood"]),
        };
        Case {
            json,
            net,
            given: given(&json["noise"]),
            x: array(&json["x"]),
            y: array(&json["y"]),
            rows: json["batch"].as_u64().unwrap() as usize,
            total: json["dataset_size"].as_u64().unwrap() as usize,
        }
    }

    fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    /// Outputs, log-likelihoods, loss and gradients with the KL `estimate`, against `wanted`.
    fn check(&self, estimate: KlEstimate, wanted: &Value) {
        let (id, expected) = (self.id(), &self.json["expected"]);
        let tape = Tape::new();
        let net = self.net.on(&tape);
        let (x, y) = (tape.constant(&self.x), tape.constant(&self.y));
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(0))
            .given(&self.given)
            .draws(self.json["samples"].as_u64().unwrap())
            .kl_estimate(estimate);

        let draws = Cell::new(0);
        let log_likelihood = pass.over_draws(|pass| {
            let draw = draws.replace(draws.get() + 1);
            let output = net.forward(x, pass);
            let rows = net.log_likelihood(output, y);
            let close = |key: &str, got: Tensor<f64>, wanted: &[f64]| {
                let what = format!("{id}: {key} of draw {draw}");
                assert_close(&what, got.as_slice(), wanted, RTOL, ATOL);
            };
            let outputs = array::<f64>(&expected["outputs"][draw]);
            close("outputs", output.value(), outputs.as_slice());
            let rows_wanted = array::<f64>(&expected["log_likelihood"]);
            close("log-likelihood", rows.value(), rows_wanted.row(draw));
            rows.sum()
        });
        let kl = pass.kl();
        let elbo = Elbo { log_likelihood, kl };

        // loss = kl_weight KL - N/B L, the share of the batch times N/B
        let scale = self.total as f64 / self.rows as f64;
        let share = number(&self.json["kl_weight"]) / scale;
        let loss = elbo.loss(share) * scale;
        let close = |what: &str, got: &[f64], wanted: &[f64]| {
            assert_close(&format!("{id}: {what}"), got, wanted, RTOL, ATOL);
        };
        close("loss", &[loss.item()], &[number(&wanted["loss"])]);
        loss.backward();
        // The net of the file has one learned scale for all its weights, ours has one for each
        // tensor: the derivative of that one is the sum of theirs, in ln softplus(rho).
        let mut by_log_std = None;
        net.visit(Path::ROOT, &mut |path, var| {
            let path = path.to_string();
            let (weight, parameter) = path.rsplit_once('.').unwrap();
            if parameter == "prior_rho" {
                let slope = special::log_softplus_derivative(var.item());
                *by_log_std.get_or_insert(0.0) += var.grad().item() / slope;
                return;
            }
            let wanted = array::<f64>(&wanted["grads"][parameter][weight]);
            close(&path, var.grad().as_slice(), wanted.as_slice());
        });
        let extra = &wanted["grads"]["extra"]["log_prior_std"]["data"][0];
        assert_eq!(by_log_std.is_some(), !extra.is_null(), "{id}");
        if let Some(sum) = by_log_std {
            close("the learned scale", &[sum], &[number(extra)]);
        }

        // Batches of an epoch, where the file was made with this estimate of the KL.
        let main = match estimate {
            KlEstimate::ClosedForm => "closed_form",
            KlEstimate::MonteCarlo => "monte_carlo",
        };
        if self.json["main_kl"] == main {
            let batches = self.total / self.rows;
            let variants = &expected["variants"];
            for (key, weighting, i) in [
                ("batch_sum_uniform", MinibatchWeighting::Uniform, 1),
                ("batch_sum_blundell_first", MinibatchWeighting::Blundell, 1),
                (
                    "batch_sum_blundell_last",
                    MinibatchWeighting::Blundell,
                    batches,
                ),
            ] {
                let share = weighting.share(i, batches, self.rows, self.total).unwrap();
                close(key, &[elbo.loss(share).item()], &[number(&variants[key])]);
            }
        }
    }
}

fn estimator(json: &Value) -> Estimator {
    match json["estimator"].as_str().unwrap() {
        "weight" => Estimator::WeightReparam,
        "local_reparam" => Estimator::LocalReparam,
        "flipout" => Estimator::Flipout,
        other => panic!("estimator {other}"),
    }
}

fn prior(json: &Value) -> Prior {
    let p = |key: &str| number(&json[key]);
    match json["kind"].as_str().unwrap() {
        "Normal" if json["learned"] == true => Prior::learned_normal(p("mean"), 1.0),
        "Normal" => Prior::normal(p("mean"), p("std")),
        "StudentT" => Prior::student_t(p("df"), 0.0, p("scale")),
        "Laplace" => Prior::laplace(p("mean"), p("scale")),
        "ScaleMixture" => Prior::scale_mixture(p("pi"), p("sigma1"), p("sigma2")),
        other => panic!("prior {other}"),
    }
}

fn observation(json: &Value) -> Observation {
    match json["kind"].as_str().unwrap() {
        "Gaussian" => Observation::Normal(number(&json["std"])),
        "GaussianHeteroscedastic" => Observation::Heteroscedastic,
        "Bernoulli" => Observation::Bernoulli,
        "Categorical" => Observation::Categorical,
        "Poisson" => Observation::Poisson,
        other => panic!("likelihood {other}"),
    }
}

#[test]
fn loss_and_gradients_equal_those_of_an_independent_program() {
    let file = truth("elbo.json");
    let mut run = 0;
    for json in file["cases"].as_array().unwrap() {
        let id = json["id"].as_str().unwrap();
        if LATER.iter().any(|(later, ..)| *later == id) {
            continue;
        }
        let case = Case::new(json);
        for (key, estimate) in [
            ("closed_form", KlEstimate::ClosedForm),
            ("monte_carlo", KlEstimate::MonteCarlo),
        ] {
            let wanted = &json["expected"][key];
            if !wanted.is_null() {
                case.check(estimate, wanted);
            }
        }
        run += 1;
    }
    assert_eq!(run, 26);
}

/// What the nets that run have is all that there is: a prior, an estimator or a latent scale that
/// the crate gains fails here until a net with it runs.
#[test]
fn every_prior_and_every_estimator_runs() {
    let file = truth("elbo.json");
    let (mut priors, mut estimators) = (BTreeSet::new(), BTreeSet::new());
    for json in file["cases"].as_array().unwrap() {
        let Some(prior) = json["prior"]["kind"].as_str() else {
            continue;
        };
        priors.insert(prior.to_owned());
        estimators.insert(format!("{:?}", estimator(json)));
    }
    priors.insert("LearnedNormal".to_owned());
    // Of these the file has no net; tests/priors.rs holds them to definitions.
    priors.extend(["Cauchy", "Horseshoe", "Own"].map(str::to_owned));
    assert_eq!(variants("src/bayes/prior/mod.rs", "Prior"), priors);
    // Auto is one of the others, layer by layer.
    estimators.insert("Auto".to_owned());
    assert_eq!(
        variants("src/bayes/estimator/mod.rs", "Estimator"),
        estimators
    );
    let latent = files_with(&sources("macros/src"), "latent");
    assert!(latent.is_empty(), "{latent:?}: run latent-noise too");
    let ids: Vec<&str> = LATER.iter().map(|(id, _)| *id).collect();
    for json in file["cases"].as_array().unwrap() {
        let (id, run) = (json["id"].as_str().unwrap(), !json["net"].is_null());
        assert_ne!(run, ids.contains(&id), "{id}");
    }
}

/// The variants of `pub enum name {` in a source file.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let source = std::fs::read_to_string(sources(file)).unwrap();
    let (_, body) = source
        .split_once(&format!("pub enum {name} {{\n"))
        .unwrap_or_else(|| panic!("{file}: no plain enum {name}"));
    let (body, _) = body.split_once("\n}").unwrap();
    body.lines()
        .map(str::trim)
        .filter(|line| line.starts_with(char::is_uppercase))
        .map(|line| {
            let end = line.find(|c: char| !c.is_alphanumeric());
            line[..end.unwrap_or(line.len())].to_owned()
        })
        .collect()
}

fn sources(path: &str) -> PathBuf {
    FilePath::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files below `dir` in which `word` stands, in whatever case.
fn files_with(dir: &FilePath, word: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, word));
        } else if std::fs::read_to_string(&path)
            .unwrap()
            .to_lowercase()
            .contains(word)
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_readers_of_sources_see() {
    assert!(variants("src/bayes/prior/mod.rs", "Prior").contains("ScaleMixture"));
    assert!(!files_with(&sources("macros/src"), "scalemixture").is_empty());
}
