//! Priors of weights hold to reference values, to quadrature, and to their definitions.

mod common;

use common::{array, assert_close, number, truth};
use elbo::bayes::{KlEstimate, Ledger, LogDensity, Noise, Pass, Posterior, Prior, Weight};
use elbo::optim::{Adam, Optimizer};
use elbo::tape::Parameters;
use elbo::{Dual, Scalar, Tape, Tensor};

/// log p of each number of `theta` by itself, and the derivatives.
fn log_prob(prior: Prior, theta: &Tensor<f64>) -> [Vec<f64>; 2] {
    let both = theta.as_slice().iter().map(|&w| {
        let tape = Tape::new();
        let w = tape.parameter(&Tensor::scalar(w));
        let y = prior.log_prob(w);
        y.backward();
        (y.item(), w.grad().item())
    });
    let (values, slopes) = both.unzip();
    [values, slopes]
}

/// StudentT and Cauchy equal 50 digits of mpmath, in the tails and near the Gaussian limit.
#[test]
fn heavy_tails_equal_the_reference() {
    let file = truth("distributions.json");
    let mut seen = [0, 0];
    for case in file["cases"].as_array().unwrap() {
        let p = |key: &str| number(&case["params"][key]);
        let (kind, prior) = match case["dist"].as_str().unwrap() {
            "StudentT" => (0, Prior::student_t(p("df"), p("loc"), p("scale"))),
            "Cauchy" => (1, Prior::cauchy(p("loc"), p("scale"))),
            _ => continue,
        };
        seen[kind] += 1;
        let [values, slopes] = log_prob(prior, &array(&case["x"]));
        for (what, got) in [("log_prob", &values), ("grad_x", &slopes)] {
            let wanted = array::<f64>(&case[what]);
            // At an exactly expected 0, 1e-14 of the largest.
            assert_close(
                &format!("{} {what}", case["id"]),
                got,
                wanted.as_slice(),
                1e-12,
                1e-14,
            );
        }
    }
    assert_eq!(seen, [9, 4]);
}

#[test]
fn weights_far_out_feel_their_pull_in_f32_as_well() {
    let tape: Tape = Tape::new();
    let w = tape.parameter(&Tensor::new([2], vec![1e30, -1e30]));
    let y = Prior::student_t(3.0, 0.0, 1.0).log_prob(w);
    y.backward();
    // d/dw is -(df + 1)/w.
    let slopes = w.grad();
    assert!(y.item().is_finite());
    for (slope, w) in slopes.as_slice().iter().zip([1e30f32, -1e30]) {
        assert!((slope * w / -4.0 - 1.0).abs() < 1e-6);
    }
}

/// KL in closed form of one weight N(mu, sigma²).
fn closed_kl(prior: Prior, mu: f64, sigma: f64) -> f64 {
    let tape = Tape::new();
    let [mu, rho] = [mu, sigma.exp_m1().ln()].map(|v| tape.parameter(&Tensor::full([1], v)));
    prior.kl(mu, rho).item()
}

/// The KL of a weight and its lambda from their joint prior, for the q(lambda) that makes it
/// least. With m² = E w², q(lambda) ∝ p(lambda) exp E ln N(w; 0, scale² lambda²), and
/// the KL is -H(w) - ln of that one's norm: by quadrature over u = atan(lambda).
#[test]
fn the_horseshoe_has_the_least_kl_of_weights_and_scales() {
    for (mu, sigma, scale) in [(0.0, 0.05, 0.1), (0.7, 0.2, 0.1), (3.0, 0.01, 1.0)] {
        let second: f64 = mu * mu + sigma * sigma;
        let n = 400_000;
        let norm: f64 = (0..n)
            .map(|i| {
                let u = (f64::from(i) + 0.5) / f64::from(n) * std::f64::consts::FRAC_PI_2;
                let std = scale * u.tan();
                let normal = elbo::dist::Normal { mean: 0.0, std };
                // E ln N(w; 0, std²) is ln N at the root of the second moment.
                normal.log_prob(second.sqrt()).exp() / f64::from(n)
            })
            .sum();
        let entropy = elbo::dist::Normal {
            mean: mu,
            std: sigma,
        }
        .entropy();
        let exact = -entropy - norm.ln();
        let found = closed_kl(Prior::horseshoe(scale), mu, sigma);
        assert!(
            (found - exact).abs() < 1e-7,
            "{mu} {sigma}: {found} {exact}"
        );
    }
}

/// By Monte Carlo the KL is that of the weights alone, which is never more than that of weights
/// and lambdas.
#[test]
fn the_horseshoes_kl_is_an_upper_bound_of_that_of_the_weights() {
    for (mu, sigma) in [(0.0, 0.3), (0.5, 0.1), (2.0, 0.5)] {
        let n = 20_000;
        let q = Weight::mean_field(
            Tensor::full([n], mu),
            Tensor::full([n], f64::exp_m1(sigma).ln()),
            Prior::horseshoe(0.5),
        );
        let tape = Tape::new();
        let on = q.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(1)).kl_estimate(KlEstimate::MonteCarlo);
        let _ = on.draw("w", &pass);
        let alone = pass.kl().item() / n as f64;
        let joint = closed_kl(Prior::horseshoe(0.5), mu, sigma);
        assert!(alone < joint, "{mu} {sigma}: {alone} {joint}");
    }
}

/// What a scale mixture is to Blundell et al.: the horseshoe leaves large weights alone and pulls
/// small ones to 0, which a Normal of the same scale does the other way round.
#[test]
fn the_horseshoe_pulls_small_weights_more_than_large_ones() {
    let [_, slopes] = log_prob(Prior::horseshoe(0.1), &Tensor::new([2], vec![0.05, 5.0]));
    assert!(slopes[0].abs() > 20.0 * slopes[1].abs(), "{slopes:?}");
    assert!(
        (slopes[1] * 5.0 + 2.0).abs() < 0.01,
        "the tail falls as 1/w²"
    );
}

/// A learned scale ends where it is best: s² = mean of (mu - mean)² + sigma².
#[test]
fn a_learned_scale_finds_the_second_moment_of_its_weights() {
    let mu = Tensor::from_fn([400], |i| (i as f32 * 0.77).sin() * 0.3);
    let mut q = Weight::new(
        mu.clone(),
        Posterior::MeanField { init_std: 0.2 },
        Prior::learned_normal(0.1, 1.0),
    );
    let rho = q.rho().unwrap().clone();
    let mut adam = Adam::new(0.02);
    let mut tape = Tape::new();
    for _ in 0..800 {
        let on = q.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(1));
        let _ = on.draw("w", &pass);
        pass.kl().backward();
        adam.step(&mut q, &mut tape);
        // The weights stay: only the scale is to move.
        let scale = q.prior_rho.take();
        q = Weight {
            prior_rho: scale,
            ..Weight::mean_field(mu.clone(), rho.clone(), q.prior)
        };
    }
    let second = mu
        .as_slice()
        .iter()
        .map(|&m| (f64::from(m) - 0.1).powi(2) + 0.04)
        .sum::<f64>()
        / 400.0;
    let learned = f64::from(q.prior_rho.unwrap().item()).softplus();
    assert!((learned / second.sqrt() - 1.0).abs() < 1e-3, "{learned}");
}

/// The prior N(0.3, 0.7²), as a user would write it.
#[derive(Debug)]
struct Mine(f64, f64);
impl LogDensity for Mine {
    fn log_prob<S: Scalar>(&self, w: S) -> S {
        let z = (w - S::of(self.0)) / S::of(self.1);
        S::of(-0.5) * z * z - S::of(self.1.ln() + 0.5 * std::f64::consts::TAU.ln())
    }
    fn complaint(&self) -> Option<&'static str> {
        (self.1 <= 0.0).then_some("the second number must be positive")
    }
}

#[test]
fn an_own_prior_is_what_the_librarys_would_be() {
    let of = |prior: Prior| {
        let mu = Tensor::from_fn([5], |i| (i as f64).cos());
        let weight = Weight::mean_field(mu, Tensor::full([5], -1.0), prior);
        let tape = Tape::new();
        let on = weight.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(1)).kl_estimate(KlEstimate::MonteCarlo);
        let _ = on.draw("w", &pass);
        let kl = pass.kl();
        kl.backward();
        let mut all = vec![kl.item()];
        for leaf in [on.mu, *on.rho().unwrap()] {
            all.extend(leaf.grad().as_slice());
        }
        all
    };
    let own = of(Prior::own(&Mine(0.3, 0.7)));
    assert_close(
        "own prior",
        &own,
        &of(Prior::normal(0.3, 0.7)),
        1e-13,
        1e-14,
    );
}

/// A tape of dual numbers over it gives second derivatives: -1/0.49 of the Gaussian.
#[test]
fn an_own_prior_has_higher_derivatives() {
    let tape = Tape::new();
    let w = tape.parameter(&Tensor::full([1], Dual { v: 1.5, d: 1.0 }));
    Prior::own(&Mine(0.3, 0.7)).log_prob(w).backward();
    let grad = w.grad().as_slice()[0];
    assert!((grad.v + 1.2 / 0.49).abs() < 1e-13 && (grad.d + 1.0 / 0.49).abs() < 1e-13);
}

#[test]
fn priors_print_as_they_are_declared_and_compare_as_they_print() {
    for (prior, text) in [
        (Prior::learned_normal(0.0, 0.3), "Normal(0, learned(0.3))"),
        (Prior::student_t(3.0, 0.0, 0.5), "StudentT(3, 0, 0.5)"),
        (Prior::cauchy(0.0, 2.5), "Cauchy(0, 2.5)"),
        (Prior::horseshoe(0.1), "Horseshoe(0.1)"),
        (Prior::own(&Mine(0.3, 0.7)), "Mine(0.3, 0.7)"),
    ] {
        assert_eq!(prior.to_string(), text);
        assert_eq!(prior, prior);
    }
    assert_ne!(Prior::own(&Mine(0.3, 0.7)), Prior::own(&Mine(0.3, 0.8)));
}

/// The table of the docs has a row for each prior, which says what its KL is.
#[test]
fn the_table_of_priors_says_which_kl_has_a_closed_form() {
    let source = include_str!("../src/bayes/prior/mod.rs");
    let rows: Vec<&str> = source
        .lines()
        .filter(|line| line.starts_with("/// | ["))
        .collect();
    let priors = [
        ("Normal", Prior::normal(0.0, 1.0)),
        ("LearnedNormal", Prior::learned_normal(0.0, 1.0)),
        ("Laplace", Prior::laplace(0.0, 1.0)),
        ("Horseshoe", Prior::horseshoe(0.1)),
        ("ScaleMixture", Prior::scale_mixture(0.5, 1.0, 0.1)),
        ("StudentT", Prior::student_t(3.0, 0.0, 1.0)),
        ("Cauchy", Prior::cauchy(0.0, 1.0)),
        ("Own", Prior::own(&Mine(0.0, 1.0))),
    ];
    assert_eq!(rows.len(), priors.len());
    for (name, prior) in priors {
        let row = rows.iter().find(|row| row.contains(&format!("[`{name}`]")));
        let row = row.unwrap_or_else(|| panic!("no row of {name}"));
        assert_eq!(
            row.contains("| closed form"),
            prior.has_closed_form(),
            "{row}"
        );
    }
}

#[test]
fn a_prior_out_of_range_makes_no_weight() {
    for (prior, text) in [
        (
            Prior::student_t(0.0, 0.0, 1.0),
            "StudentT(0, 0, 1): df must be positive",
        ),
        (
            Prior::student_t(3.0, f64::NAN, 1.0),
            "StudentT(3, NaN, 1): location must be finite",
        ),
        (
            Prior::cauchy(0.0, -1.0),
            "Cauchy(0, -1): scale must be positive",
        ),
        (
            Prior::horseshoe(0.0),
            "Horseshoe(0): scale must be positive",
        ),
        (
            Prior::learned_normal(0.0, 0.0),
            "Normal(0, learned(0)): std must be positive",
        ),
        (
            Prior::own(&Mine(0.0, 0.0)),
            "Mine(0.0, 0.0): the second number must be positive",
        ),
    ] {
        let born = || Weight::new(Tensor::zeros([2]), Posterior::DEFAULT, prior);
        let panic = std::panic::catch_unwind(born).expect_err(text);
        assert_eq!(panic.downcast_ref::<String>().unwrap(), text);
    }
}
