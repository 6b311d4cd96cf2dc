//! Every value of `tests/truth/distributions.json` that concerns a distribution of the crate.
//!
//! Law: |a - b| <= 1e-12 max(|a|, |b|), tails included; the condition number of all cases but
//! those listed in `tolerance` is below 1e3.

use elbo::dist::{
    Bernoulli, Beta, Categorical, Classes, Cumulative, Distribution, Gamma, KlDivergence, Laplace,
    LogNormal, Moments, NegativeBinomial, Normal, Ordinal, Poisson, ScaleMixture, StudentT,
};
use elbo::{Dual, Tape, Tensor, Var};
use serde_json::Value;

use super::is_close;

/// Families of the file that the crate does not have.
const MISSING: [&str; 6] = [
    "Cauchy",
    "Dirichlet",
    "HalfCauchy",
    "HalfNormal",
    "InverseGamma",
    "MultivariateNormal",
];

fn file() -> Value {
    serde_json::from_str(include_str!("../truth/distributions.json")).expect("the file is JSON")
}

/// A number, or one of the strings that stand for what JSON has no number for.
fn number(v: &Value) -> f64 {
    match v {
        Value::String(s) => s.parse().expect("inf, -inf or nan"),
        v => v.as_f64().expect("a number"),
    }
}

/// The numbers of an array or of a single one.
fn numbers(v: &Value) -> Vec<f64> {
    match v.get("data") {
        Some(data) => data
            .as_array()
            .expect("a list")
            .iter()
            .map(number)
            .collect(),
        None => vec![number(v)],
    }
}

/// Derivatives that the script gives as noise around 0 are 0.
fn cleaned(v: &Value) -> Vec<f64> {
    let clean = |x: f64| if x.abs() < 1e-25 { 0.0 } else { x };
    numbers(v).into_iter().map(clean).collect()
}

fn tolerance(id: &str) -> f64 {
    match id {
        // StudentT: the gradient of df = 1e6 is 1e-11, of terms of 1e-5. Gamma, Beta: parameters of
        // 1e4 to 1e8 are rounded before they are subtracted. KL of Beta: trigammas of 1e-4 add up
        // to 1e-8. NegativeBinomial: a count of 20 to 60 from 1e6 or 1e10 at odds of e^-10 or e^-20.
        "StudentT/4" | "Gamma/4" | "Gamma/5" | "Beta/4" | "kl/Beta/2" | "NegativeBinomial/3"
        | "NegativeBinomial/4" => 1e-9,
        // ln p is -7 and loses what e^u - 1 - u, u = r - ln y, loses of r = 12: 1e5 u ulp(r).
        "Poisson/3" => 1e-11,
        _ => 1e-12,
    }
}

/// Whether derivatives are differences of terms of the size of the largest of them, which are 0 at
/// a mode, a median or a mean.
fn cancels(id: &str) -> bool {
    const FAMILIES: [&str; 5] = ["StudentT", "LogNormal", "Gamma", "Beta", "NegativeBinomial"];
    FAMILIES.iter().any(|family| id.starts_with(family))
}

/// Compares with expected numbers; where 0 is expected, to 1e-14 of the largest of them.
#[track_caller]
fn compare(id: &str, what: &str, ours: &[f64], expected: &Value) {
    let mut expected = cleaned(expected);
    if (id, what) == ("Normal/4", "grad mean") {
        // The script's difference step is lost beside x = 1e154 in 50 digits: it wrote 0 where
        // the derivative is (x - 0) / 1².
        expected[2] = 1e154;
    }
    let scale = expected.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    assert_eq!(ours.len(), expected.len(), "{id} {what}: lengths");
    for (i, (&a, &b)) in ours.iter().zip(&expected).enumerate() {
        let atol = if b == 0.0 {
            1e-14 * scale
        } else if what.starts_with("grad") && cancels(id) {
            4.0 * f64::EPSILON * scale
        } else {
            0.0
        };
        assert!(
            is_close(a, b, tolerance(id), atol) || (a.is_nan() && b.is_nan()),
            "{id} {what}, element {i}: {a:e}, expected {b:e}, relative difference {:.1e}",
            (a - b).abs() / b.abs()
        );
    }
}

fn fill<'t>(tape: &'t Tape<f64>, v: f64, n: usize) -> Var<'t, f64> {
    tape.parameter(&Tensor::full([n], v))
}

/// `log_prob`, `grad_x` and `grad_params` on a tape: a distribution of its own for each x.
fn on_tape<const N: usize>(
    case: &Value,
    names: [&str; N],
    continuous: bool,
    log_prob: impl for<'t> Fn([Var<'t, f64>; N], Var<'t, f64>) -> Var<'t, f64>,
) {
    let id = case["id"].as_str().expect("an id");
    let x = numbers(&case["x"]);
    let tape = Tape::new();
    let y = tape.parameter(&Tensor::new([x.len()], x.clone()));
    let parameters = names.map(|name| fill(&tape, number(&case["params"][name]), x.len()));
    let lp = log_prob(parameters, y);
    compare(id, "log_prob", lp.value().as_slice(), &case["log_prob"]);
    lp.sum().backward();
    for (name, parameter) in names.iter().zip(parameters) {
        let grad = parameter.grad();
        let what = format!("grad {name}");
        compare(id, &what, grad.as_slice(), &case["grad_params"][name]);
    }
    if continuous {
        compare(id, "grad_x", y.grad().as_slice(), &case["grad_x"]);
    }
}

/// `log_prob` and the moments, in plain numbers.
fn plain(case: &Value, d: &impl Moments, entropy: Option<f64>) {
    let id = case["id"].as_str().expect("an id");
    let lp: Vec<f64> = numbers(&case["x"]).iter().map(|&x| d.log_prob(x)).collect();
    compare(id, "plain log_prob", &lp, &case["log_prob"]);
    compare(id, "mean", &[d.mean()], &case["mean"]);
    compare(id, "variance", &[d.variance()], &case["variance"]);
    if let (Some(entropy), Some(expected)) = (entropy, case.get("entropy")) {
        compare(id, "entropy", &[entropy], expected);
    }
}

fn cdf(case: &Value, cdf: impl Fn(f64) -> f64) {
    let id = case["id"].as_str().expect("an id");
    let Some(expected) = case.get("cdf") else {
        return;
    };
    let ours: Vec<f64> = numbers(&case["x"]).into_iter().map(cdf).collect();
    compare(id, "cdf", &ours, expected);
}

/// Distribution function, its complement and quantiles.
fn cumulative(case: &Value, d: &impl Cumulative) {
    let id = case["id"].as_str().expect("an id");
    cdf(case, |x| d.cdf(x));
    for x in numbers(&case["x"]) {
        let (below, above) = (d.cdf(x), d.survival(x));
        assert!((below + above - 1.0).abs() < 1e-15, "{id} at {x}");
    }
    if let Some(quantiles) = case.get("quantile") {
        let q = numbers(&quantiles["p"]).into_iter();
        let ours: Vec<f64> = q.map(|q| d.quantile(q)).collect();
        compare(id, "quantile", &ours, &quantiles["x"]);
    }
}

fn categorical(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let logits = numbers(&case["params"]["logits"]);
    let label = numbers(&case["x"])[0];
    let tape = Tape::new();
    let on_tape = Categorical {
        logits: tape.parameter(&Tensor::new([1, logits.len()], logits.clone())),
    };
    let lp = on_tape.log_prob(tape.constant(&Tensor::new([1], vec![label])));
    compare(id, "log_prob", &[lp.value().item()], &case["log_prob"]);
    lp.sum().backward();
    let grad = on_tape.logits.grad();
    compare(
        id,
        "logits",
        grad.as_slice(),
        &case["grad_params"]["logits"],
    );
    let plain = Categorical { logits };
    compare(
        id,
        "plain log_prob",
        &[plain.log_prob(label)],
        &case["log_prob"],
    );
    compare(id, "probabilities", &plain.probabilities(), &case["probs"]);
    compare(id, "entropy", &[plain.entropy()], &case["entropy"]);
}

fn ordinal(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let (eta, cutpoints) = (
        numbers(&case["params"]["eta"]),
        numbers(&case["params"]["cutpoints"]),
    );
    let label = numbers(&case["x"])[0];
    let tape = Tape::new();
    let on_tape = Ordinal {
        eta: tape.parameter(&Tensor::new([1], eta)),
        cutpoints: tape.parameter(&Tensor::new([1, cutpoints.len()], cutpoints)),
    };
    let lp = on_tape.log_prob(tape.constant(&Tensor::new([1], vec![label])));
    compare(id, "log_prob", lp.value().as_slice(), &case["log_prob"]);
    lp.sum().backward();
    let (eta, cutpoints) = (on_tape.eta.grad(), on_tape.cutpoints.grad());
    let expected = &case["grad_params"];
    compare(id, "eta", eta.as_slice(), &expected["eta"]);
    compare(
        id,
        "cutpoints",
        cutpoints.as_slice(),
        &expected["cutpoints"],
    );
}

/// The scale mixture is a prior with fixed parameters: derivatives with respect to these are
/// central differences of its log density, good to 1e-6 of the largest and to what rounding of
/// the densities leaves of their difference.
fn scale_mixture(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let get = |name: &str| number(&case["params"][name]);
    let [pi, sigma1, sigma2] = ["pi", "sigma1", "sigma2"].map(get);
    let d = ScaleMixture { pi, sigma1, sigma2 };
    plain(case, &d, None);
    cdf(case, |x| d.cdf(x));
    let x = numbers(&case["x"]);
    let score: Vec<f64> = x.iter().map(|&x| d.score(x)).collect();
    compare(id, "score", &score, &case["grad_x"]);
    for name in ["pi", "sigma1", "sigma2"] {
        let moved = |factor: f64| {
            let scale = |n: &str| if n == name { factor } else { 1.0 };
            ScaleMixture {
                pi: pi * scale("pi"),
                sigma1: sigma1 * scale("sigma1"),
                sigma2: sigma2 * scale("sigma2"),
            }
        };
        let h = 1e-5;
        let difference = |&x: &f64| {
            (moved(1.0 + h).log_prob(x) - moved(1.0 - h).log_prob(x)) / (2.0 * h * get(name))
        };
        let ours: Vec<f64> = x.iter().map(difference).collect();
        let expected = numbers(&case["grad_params"][name]);
        let largest = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        for ((&x, ours), expected) in x.iter().zip(ours).zip(expected) {
            let rounding = f64::EPSILON * d.log_prob(x).abs() / (h * get(name));
            assert!(
                is_close(ours, expected, 1e-6, 1e-6 * largest + 2.0 * rounding),
                "{id} {name} at {x}: {ours:e}, expected {expected:e}"
            );
        }
    }
}

/// The families of a later day; whether this is one.
fn quantity(case: &Value, name: &str) -> bool {
    let get = |name: &str| number(&case["params"][name]);
    match name {
        "StudentT" => {
            let (df, loc, scale) = (get("df"), get("loc"), get("scale"));
            let d = StudentT { df, loc, scale };
            plain(case, &d, Some(d.entropy()));
            cumulative(case, &d);
            on_tape(case, ["df", "loc", "scale"], true, |[df, loc, scale], y| {
                StudentT { df, loc, scale }.log_prob(y)
            });
        }
        "LogNormal" => {
            let (mu, sigma) = (get("mu"), get("sigma"));
            let d = LogNormal { mu, sigma };
            plain(case, &d, Some(d.entropy()));
            cumulative(case, &d);
            on_tape(case, ["mu", "sigma"], true, |[mu, sigma], y| {
                LogNormal { mu, sigma }.log_prob(y)
            });
        }
        "Gamma" => {
            let (concentration, rate) = (get("concentration"), get("rate"));
            let d = Gamma {
                concentration,
                rate,
            };
            plain(case, &d, Some(d.entropy()));
            cumulative(case, &d);
            let names = ["concentration", "rate"];
            on_tape(case, names, true, |[concentration, rate], y| {
                let d = Gamma {
                    concentration,
                    rate,
                };
                d.log_prob(y)
            });
        }
        "Beta" => {
            let (concentration1, concentration0) = (get("a"), get("b"));
            let d = Beta {
                concentration1,
                concentration0,
            };
            plain(case, &d, Some(d.entropy()));
            cumulative(case, &d);
            on_tape(
                case,
                ["a", "b"],
                true,
                |[concentration1, concentration0], y| {
                    let d = Beta {
                        concentration1,
                        concentration0,
                    };
                    d.log_prob(y)
                },
            );
        }
        "NegativeBinomial" => {
            let (total_count, logits) = (get("total_count"), get("logit"));
            let d = NegativeBinomial {
                total_count,
                logits,
            };
            plain(case, &d, Some(d.entropy()));
            cumulative(case, &d);
            let names = ["total_count", "logit"];
            on_tape(case, names, false, |[total_count, logits], y| {
                let d = NegativeBinomial {
                    total_count,
                    logits,
                };
                d.log_prob(y)
            });
        }
        _ => return false,
    }
    true
}

#[test]
fn densities_and_their_gradients_are_those_of_mpmath() {
    let mut run = 0;
    for case in file()["cases"].as_array().expect("a list") {
        let get = |name: &str| number(&case["params"][name]);
        match case["dist"].as_str().expect("a name") {
            "Normal" => {
                let (mean, std) = (get("mean"), get("std"));
                let d = Normal { mean, std };
                plain(case, &d, Some(d.entropy()));
                cumulative(case, &d);
                on_tape(case, ["mean", "std"], true, |[mean, std], y| {
                    Normal { mean, std }.log_prob(y)
                });
            }
            "Laplace" => {
                let (location, scale) = (get("mean"), get("scale"));
                let d = Laplace { location, scale };
                plain(case, &d, Some(d.entropy()));
                cumulative(case, &d);
                on_tape(case, ["mean", "scale"], true, |[location, scale], y| {
                    Laplace { location, scale }.log_prob(y)
                });
            }
            "ScaleMixtureNormal" => scale_mixture(case),
            "Bernoulli" => {
                let d = Bernoulli {
                    logits: get("logit"),
                };
                plain(case, &d, Some(d.entropy()));
                on_tape(case, ["logit"], false, |[logits], y| {
                    Bernoulli { logits }.log_prob(y)
                });
            }
            "Poisson" => {
                let d = Poisson {
                    log_rate: get("log_rate"),
                };
                plain(case, &d, Some(d.entropy()));
                cumulative(case, &d);
                on_tape(case, ["log_rate"], false, |[log_rate], y| {
                    Poisson { log_rate }.log_prob(y)
                });
            }
            "OrdinalLogistic" => ordinal(case),
            "Categorical" => categorical(case),
            name if quantity(case, name) => {}
            name => {
                assert!(MISSING.contains(&name), "no test runs the cases of {name}");
                continue;
            }
        }
        run += 1;
    }
    assert_eq!(run, 109);
}

/// KL and its gradients with respect to all parameters: forward mode, one of them at a time.
fn divergence<const N: usize>(
    case: &Value,
    [q_names, p_names]: [[&str; N]; 2],
    kl: impl Fn([Dual<f64>; N], [Dual<f64>; N]) -> Dual<f64>,
) {
    let id = case["id"].as_str().expect("an id");
    let read = |side: &str, names: [&str; N]| names.map(|n| numbers(&case[side][n])[0]);
    let (q, p) = (read("q", q_names), read("p", p_names));
    let lift = |v: [f64; N], one: Option<usize>| {
        std::array::from_fn(|i| Dual {
            v: v[i],
            d: f64::from(one == Some(i)),
        })
    };
    compare(id, "kl", &[kl(lift(q, None), lift(p, None)).v], &case["kl"]);
    for i in 0..N {
        let grad = kl(lift(q, Some(i)), lift(p, None)).d;
        compare(id, q_names[i], &[grad], &case["grad_q"][q_names[i]]);
        let grad = kl(lift(q, None), lift(p, Some(i))).d;
        compare(id, p_names[i], &[grad], &case["grad_p"][p_names[i]]);
    }
}

fn categorical_divergence(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let (q, p) = (numbers(&case["q"]["logits"]), numbers(&case["p"]["logits"]));
    let lift = |v: &[f64], one: Option<usize>| Categorical {
        logits: v
            .iter()
            .enumerate()
            .map(|(i, &v)| Dual {
                v,
                d: f64::from(one == Some(i)),
            })
            .collect::<Vec<_>>(),
    };
    let kl = lift(&q, None).kl_divergence(&lift(&p, None)).v;
    compare(id, "kl", &[kl], &case["kl"]);
    let grad_q = (0..q.len()).map(|i| lift(&q, Some(i)).kl_divergence(&lift(&p, None)).d);
    let grad_q: Vec<f64> = grad_q.collect();
    compare(id, "grad_q", &grad_q, &case["grad_q"]["logits"]);
    let grad_p = (0..p.len()).map(|i| lift(&q, None).kl_divergence(&lift(&p, Some(i))).d);
    let grad_p: Vec<f64> = grad_p.collect();
    compare(id, "grad_p", &grad_p, &case["grad_p"]["logits"]);
}

/// The Laplace prior's own parameters are plain numbers: value, and the gradient of q.
fn normal_to_laplace(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let get = |side: &str, name: &str| numbers(&case[side][name])[0];
    let (mean, std) = (get("q", "mean"), get("q", "std"));
    let p = Laplace {
        location: get("p", "mean"),
        scale: get("p", "scale"),
    };
    compare(
        id,
        "kl",
        &[Normal { mean, std }.kl_divergence(&p)],
        &case["kl"],
    );
    let [by_mean, by_log_std] = p.kl_partials(mean, std);
    compare(id, "mean", &[by_mean], &case["grad_q"]["mean"]);
    compare(id, "std", &[by_log_std / std], &case["grad_q"]["std"]);
}

#[test]
fn divergences_and_their_gradients_are_those_of_mpmath() {
    let mut run = 0;
    for case in file()["kl"].as_array().expect("a list") {
        match case["family"].as_str().expect("a name") {
            "Normal" => divergence(case, [["mean", "std"]; 2], |[m, s], [mean, std]| {
                Normal { mean: m, std: s }.kl_divergence(&Normal { mean, std })
            }),
            "Laplace" => divergence(case, [["mean", "scale"]; 2], |[m, s], [location, scale]| {
                let q = Laplace {
                    location: m,
                    scale: s,
                };
                q.kl_divergence(&Laplace { location, scale })
            }),
            "Bernoulli" => divergence(case, [["logit"]; 2], |[q], [logits]| {
                Bernoulli { logits: q }.kl_divergence(&Bernoulli { logits })
            }),
            "Poisson" => divergence(case, [["log_rate"]; 2], |[q], [log_rate]| {
                Poisson { log_rate: q }.kl_divergence(&Poisson { log_rate })
            }),
            "LogNormal" => divergence(case, [["mu", "sigma"]; 2], |[m, s], [mu, sigma]| {
                LogNormal { mu: m, sigma: s }.kl_divergence(&LogNormal { mu, sigma })
            }),
            "Gamma" => divergence(
                case,
                [["concentration", "rate"]; 2],
                |[a, b], [concentration, rate]| {
                    let q = Gamma {
                        concentration: a,
                        rate: b,
                    };
                    q.kl_divergence(&Gamma {
                        concentration,
                        rate,
                    })
                },
            ),
            "Beta" => divergence(case, [["a", "b"]; 2], |[a, b], [c, d]| {
                let q = Beta {
                    concentration1: a,
                    concentration0: b,
                };
                q.kl_divergence(&Beta {
                    concentration1: c,
                    concentration0: d,
                })
            }),
            "Categorical" => categorical_divergence(case),
            "Normal-Laplace" => normal_to_laplace(case),
            name => {
                assert!(
                    MISSING.contains(&name),
                    "no test runs the divergences of {name}"
                );
                continue;
            }
        }
        run += 1;
    }
    assert_eq!(run, 44);
}

/// A family that the crate gains must leave [`MISSING`], and so be run above.
#[test]
fn missing_families_are_missing_and_in_the_file() {
    let room = include_str!("../../src/dist/mod.rs");
    let file = file();
    for name in MISSING {
        let exported = room
            .lines()
            .filter(|line| line.trim_start().starts_with("pub use"))
            .any(|line| {
                line.split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == name)
            });
        assert!(!exported, "{name} exists: take it off the list and run it");
        let cases = file["cases"].as_array().expect("a list");
        assert!(cases.iter().any(|case| case["dist"] == name), "{name}");
    }
}
