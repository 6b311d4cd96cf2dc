//! Every posterior holds to its definition: the covariance of its draws, its entropy, its KL, and
//! what a layer makes of it.
//!
//! The oracle is a small dense Gaussian: the covariance of draws is written out from the leaves by
//! plain loops, its determinant and inverse by Gaussian elimination.

mod common;

use common::{array, number, truth};
use elbo::bayes::{
    Estimator, KlEstimate, Ledger, MatrixNormal, Noise, Pass, Posterior, Prior, Spread, Weight,
};
use elbo::layers::{Forward, Layer, LayerOptions, Linear};
use elbo::optim::{Adam, Optimizer};
use elbo::tape::{Module, Parameters, Path};
use elbo::{Shape, Tape, Tensor};

const FAMILIES: [Posterior; 5] = [
    Posterior::MeanField { init_std: 0.3 },
    Posterior::LowRank {
        rank: 2,
        init_std: 0.3,
    },
    Posterior::FullCovariance { init_std: 0.3 },
    Posterior::MatrixNormal { init_std: 0.3 },
    Posterior::Radial { init_std: 0.3 },
];

/// The layer's numbers away from where they start, so that no term is hidden by a 0.
fn moved<M: Module<Tensor, Of<Tensor<f64>> = N>, N>(module: &M, salt: u64) -> N {
    let mut at = salt as f64;
    module.map(Path::ROOT, &mut |_, leaf: &Tensor| {
        Tensor::from_fn(leaf.shape(), |i| {
            at += 1.7;
            f64::from(leaf.as_slice()[i]) + 0.4 * at.sin()
        })
    })
}

fn weight(
    shape: impl Into<Shape>,
    posterior: Posterior,
    prior: Prior,
    salt: u64,
) -> Weight<Tensor<f64>> {
    let mu = Tensor::zeros(shape.into());
    moved(&Weight::new(mu, posterior, prior), salt)
}

/// L of n rows from its packed numbers, the first with `first` numbers before the diagonal.
fn triangle(packed: &[f64], n: usize, first: usize) -> Vec<Vec<f64>> {
    let mut rest = packed;
    (0..n)
        .map(|i| {
            let (row, tail) = rest.split_at(first + i + 1);
            rest = tail;
            let mut row = row.to_vec();
            let last = row.len() - 1;
            row[last] = row[last].exp().ln_1p();
            row.resize(first + n, 0.0);
            row
        })
        .collect()
}

fn times_transposed(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum();
    a.iter()
        .map(|x| a.iter().map(|y| dot(x, y)).collect())
        .collect()
}

/// The covariance of theta, row-major, by the formulas of the docs.
fn covariance(weight: &Weight<Tensor<f64>>) -> Vec<Vec<f64>> {
    let n = weight.mu.len();
    let diagonal = |rho: &Tensor<f64>, scale: f64| {
        let mut sigma = vec![vec![0.0; n]; n];
        for (i, rho) in rho.as_slice().iter().enumerate() {
            sigma[i][i] = rho.exp().ln_1p().powi(2) * scale;
        }
        sigma
    };
    match &weight.spread {
        Spread::MeanField(q) => diagonal(&q.rho, 1.0),
        Spread::Radial(q) => diagonal(&q.rho, 1.0 / n as f64),
        Spread::LowRank(q) => {
            let mut sigma = diagonal(&q.rho, 1.0);
            let rank = q.factor.shape().dim(1);
            let rows: Vec<Vec<f64>> = q.factor.as_slice().chunks(rank).map(Vec::from).collect();
            for (i, row) in times_transposed(&rows).into_iter().enumerate() {
                for (j, shared) in row.into_iter().enumerate() {
                    sigma[i][j] += shared;
                }
            }
            sigma
        }
        Spread::FullCovariance(q) => times_transposed(&triangle(q.factor.as_slice(), n, 0)),
        Spread::MatrixNormal(MatrixNormal { rows, columns }) => {
            let r = weight.mu.shape().dim(0);
            let c = n / r;
            let u = times_transposed(&triangle(rows.as_slice(), r, 0));
            let v = times_transposed(&triangle(columns.as_slice(), c, 0));
            let entry = |i: usize, j: usize| u[i / c][j / c] * v[i % c][j % c];
            (0..n)
                .map(|i| (0..n).map(|j| entry(i, j)).collect())
                .collect()
        }
        other => panic!("{other:?} has no covariance here"),
    }
}

/// ln of the determinant of a positive definite matrix, by elimination.
fn log_det(mut a: Vec<Vec<f64>>) -> f64 {
    let n = a.len();
    let mut log = 0.0;
    for k in 0..n {
        log += a[k][k].ln();
        let (above, below) = a.split_at_mut(k + 1);
        for row in below {
            let factor = row[k] / above[k][k];
            for (entry, pivot) in row.iter_mut().zip(&above[k]) {
                *entry -= factor * pivot;
            }
        }
    }
    log
}

/// KL(N(mu, sigma) || N(m, s² I)).
fn dense_kl(mu: &[f64], sigma: &[Vec<f64>], m: f64, s: f64) -> f64 {
    let n = mu.len() as f64;
    let trace: f64 = (0..mu.len()).map(|i| sigma[i][i]).sum();
    let distance: f64 = mu.iter().map(|mu| (mu - m).powi(2)).sum();
    0.5 * ((trace + distance) / (s * s) - n + 2.0 * n * s.ln() - log_det(sigma.to_vec()))
}

/// The KL that a pass of `draws` draws writes down.
fn kl(weight: &Weight<Tensor<f64>>, estimate: KlEstimate, seed: u64, draws: u64) -> f64 {
    let tape = Tape::new();
    let on = weight.on(&tape);
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(seed))
        .kl_estimate(estimate)
        .draws(draws);
    let _ = pass.over_draws(|pass| on.draw("w", pass).sum());
    pass.kl().item()
}

#[test]
fn kl_of_gaussian_families_is_that_of_dense_gaussians() {
    for posterior in FAMILIES {
        if posterior.name() == "Radial" {
            continue;
        }
        for shape in [
            Shape::new(&[3, 2]),
            Shape::new(&[4]),
            Shape::new(&[1]),
            Shape::new(&[2, 1, 3]),
        ] {
            let weight = weight(shape, posterior, Prior::normal(0.3, 0.7), 5);
            let exact = dense_kl(weight.mu.as_slice(), &covariance(&weight), 0.3, 0.7);
            let found = kl(&weight, KlEstimate::ClosedForm, 1, 1);
            // Some hundred roundings of terms of about this size.
            assert!(
                (found - exact).abs() < 1e-12 * exact.abs().max(10.0),
                "{} {shape}: {found} instead of {exact}",
                posterior.name()
            );
        }
    }
}

/// A learned scale changes nothing but that it is a leaf: at 0.7 it is the KL to N(0.3, 0.7²).
#[test]
fn a_learned_scale_gives_the_kl_of_its_value() {
    for posterior in FAMILIES {
        let fixed = weight([3, 2], posterior, Prior::normal(0.3, 0.7), 5);
        let mut learned = fixed.clone();
        learned.prior = Prior::learned_normal(0.3, 2.0);
        learned.prior_rho = Some(Tensor::scalar(0.7f64.exp_m1().ln()));
        for estimate in [KlEstimate::ClosedForm, KlEstimate::MonteCarlo] {
            let [a, b] = [&fixed, &learned].map(|weight| kl(weight, estimate, 3, 2));
            assert!(
                (a - b).abs() < 1e-12 * a.abs().max(10.0),
                "{posterior:?}: {a} {b}"
            );
        }
    }
}

/// The mean over draws of -log p and the exact entropy make the closed form.
#[test]
fn closed_forms_are_the_means_of_monte_carlo() {
    let draws = 4000;
    for posterior in FAMILIES {
        for prior in [Prior::normal(0.3, 0.7), Prior::laplace(-0.2, 0.5)] {
            let weight = weight([3, 2], posterior, prior, 2);
            let closed = kl(&weight, KlEstimate::ClosedForm, 0, 1);
            // Batches of draws give the standard error.
            let batches: Vec<f64> = (0..20)
                .map(|batch| kl(&weight, KlEstimate::MonteCarlo, 1 + batch, draws / 20))
                .collect();
            let mean = batches.iter().sum::<f64>() / 20.0;
            let variance = batches.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / 19.0;
            let error = (variance / 20.0).sqrt();
            // Radial and Laplace have no closed form: then both are Monte Carlo, the closed one of
            // a single draw, whose error is √4000 times as large.
            let bound = match (posterior.name(), prior) {
                ("Radial", Prior::Laplace(_)) => 5.0 * error * f64::from(draws as u32).sqrt(),
                _ => 5.0 * error,
            };
            assert!(
                (closed - mean).abs() < bound,
                "{posterior:?} {prior}: {closed} and {mean} ± {error}"
            );
        }
    }
}

/// The draws of each family have its mean and the covariance of its formula.
#[test]
fn draws_have_the_covariance_of_the_formula() {
    let n = 20_000;
    for posterior in FAMILIES {
        let weight = weight([2, 2], posterior, Prior::normal(0.0, 1.0), 7);
        let sigma = covariance(&weight);
        let mut tape = Tape::new();
        let draws: Vec<Vec<f64>> = (0..n)
            .map(|draw| {
                tape.clear();
                let on = weight.on(&tape);
                let ledger = Ledger::default();
                let pass = Pass::new(&tape, &ledger, Noise::new(4).draw(draw));
                on.draw("w", &pass).value().as_slice().to_vec()
            })
            .collect();
        let count = n as f64;
        for i in 0..4 {
            let mu = weight.mu.as_slice();
            let mean = draws.iter().map(|d| d[i]).sum::<f64>() / count;
            let error = 5.0 * (sigma[i][i] / count).sqrt();
            assert!((mean - mu[i]).abs() < error, "{posterior:?}: mean {i}");
            for j in 0..=i {
                let terms = draws.iter().map(|d| (d[i] - mu[i]) * (d[j] - mu[j]));
                let found = terms.sum::<f64>() / count;
                // A product of Gaussians has variance at most 2 σᵢᵢσⱼⱼ; the radial one, with the
                // fourth moment 3 of its radius and at most 3·4·4/(4·6) of the direction, 3 times
                // that and more: 8 covers both.
                let error = 5.0 * (8.0 * sigma[i][i] * sigma[j][j] / count).sqrt();
                assert!(
                    (found - sigma[i][j]).abs() < error,
                    "{posterior:?}: {i} {j}: {found} instead of {}",
                    sigma[i][j]
                );
            }
        }
    }
}

/// n numbers along one random direction: the distance from the mean, in units of the scales, is
/// that of one Gaussian number, E r² = 1 and E r⁴ = 3, whatever n; and the entropy is the one that
/// its density has, by the volume element in polar coordinates.
#[test]
fn a_radial_draw_is_as_far_from_the_mean_as_one_gaussian_number() {
    let (dimensions, draws) = (50, 20_000);
    let weight = Weight::new(
        Tensor::zeros([dimensions]),
        Posterior::Radial { init_std: 0.3 },
        Prior::normal(0.0, 1.0),
    );
    let (mut square, mut fourth) = (0.0, 0.0);
    for draw in 0..draws {
        let theta = weight.sample("w", Noise::new(2).draw(draw)).mu;
        let r2: f64 = theta
            .as_slice()
            .iter()
            .map(|t| (f64::from(*t) / 0.3).powi(2))
            .sum();
        square += r2 / draws as f64;
        fourth += r2 * r2 / draws as f64;
    }
    // Var r² = 2 and Var r⁴ = 105 - 9.
    let n = draws as f64;
    assert!((square - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{square}");
    assert!((fourth - 3.0).abs() < 5.0 * (96.0 / n).sqrt(), "{fourth}");

    // Two dimensions: the density at distance r is e^(-r²/2) √(2/π) / (2π r), so that
    // H = -E ln of it = ln(2π) + ½ ln(π/2) + ½ + E ln r, by quadrature over r.
    let steps = 2_000_000;
    let width = 12.0 / f64::from(steps);
    let expected_log: f64 = (0..steps)
        .map(|i| (f64::from(i) + 0.5) * width)
        .map(|r| (2.0 / std::f64::consts::PI).sqrt() * (-0.5 * r * r).exp() * r.ln() * width)
        .sum();
    let tau = std::f64::consts::TAU;
    let entropy = tau.ln() + 0.5 * (tau / 4.0).ln() + 0.5 + expected_log + 2.0 * 0.3f64.ln();
    let q = weight_of_two();
    // KL to N(0, 1) = E|theta|²/2 + ln 2π - H, E|theta|² = 0.09.
    let exact = 0.045 + tau.ln() - entropy;
    let found = kl(&q, KlEstimate::ClosedForm, 0, 1);
    // ln r at 0 costs the midpoint rule some widths.
    assert!((found - exact).abs() < 1e-5, "{found} {exact}");
}

fn weight_of_two() -> Weight<Tensor<f64>> {
    Weight::new(
        Tensor::zeros([2]),
        Posterior::Radial { init_std: 0.3 },
        Prior::normal(0.0, 1.0),
    )
    .cast()
}

/// The weights and the bias of a layer with full covariance are one Gaussian: covariances between
/// the two are those of the joint L, and the KLs of the two add up to that of the joint.
#[test]
fn a_bias_is_correlated_with_its_weights() {
    let options = LayerOptions {
        posterior: Posterior::FullCovariance { init_std: 0.3 },
        weights: Some(Prior::normal(0.0, 1.0)),
        ..LayerOptions::DEFAULT
    };
    let layer = moved(&Linear::new([2].into(), 1, options, Noise::new(1)), 3);
    let rows = |weight: &Weight<Tensor<f64>>, first: usize| {
        let Spread::FullCovariance(q) = &weight.spread else {
            panic!("{:?}", weight.spread)
        };
        triangle(q.factor.as_slice(), weight.mu.len(), first)
    };
    let mut l = rows(&layer.weight, 0);
    for row in &mut l {
        row.push(0.0);
    }
    l.extend(rows(&layer.bias, 2));
    let sigma = times_transposed(&l);

    let n = 20_000;
    let mut tape = Tape::new();
    let mut found = [0.0; 2];
    let mut total = 0.0;
    for draw in 0..n {
        tape.clear();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(6).draw(draw)).at("h");
        let w = (on.weight.draw("weight", &pass) - on.weight.mu).value();
        let b = (on.bias.draw("bias", &pass) - on.bias.mu).item();
        for (found, w) in found.iter_mut().zip(w.as_slice()) {
            *found += w * b / n as f64;
        }
        total = pass.kl().item();
    }
    for i in 0..2 {
        let error = 5.0 * (2.0 * sigma[i][i] * sigma[2][2] / n as f64).sqrt();
        assert!(
            (found[i] - sigma[2][i]).abs() < error,
            "{found:?} {sigma:?}"
        );
        assert!(
            sigma[2][i].abs() > 2.0 * error,
            "the test would see nothing"
        );
    }
    let mut mu = layer.weight.mu.as_slice().to_vec();
    mu.extend(layer.bias.mu.as_slice());
    let exact = dense_kl(&mu, &sigma, 0.0, 1.0);
    assert!(
        (total - exact).abs() < 1e-12 * exact.abs().max(10.0),
        "{total} {exact}"
    );
}

#[test]
fn a_sample_is_what_a_pass_with_the_same_noise_draws() {
    for posterior in FAMILIES {
        let options = LayerOptions {
            posterior,
            ..LayerOptions::DEFAULT
        };
        let layer = Linear::new([3].into(), 2, options, Noise::new(4));
        let noise = Noise::new(9).draw(2);
        let sampled = layer.sample(noise.at("h"));
        let tape = Tape::new();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, noise).at("h");
        assert_eq!(on.weight.draw("weight", &pass).value(), sampled.weight.mu);
        assert_eq!(on.bias.draw("bias", &pass).value(), sampled.bias.mu);
        assert_eq!(sampled.weight.posterior_name(), "Point");
    }
}

#[test]
fn posteriors_start_at_the_standard_deviation_asked_for() {
    for posterior in FAMILIES {
        let start: Weight<Tensor<f64>> =
            Weight::new(Tensor::zeros([40, 30]), posterior, Prior::normal(0.0, 1.0)).cast();
        let tape = Tape::new();
        let variance = start.on(&tape).variance().unwrap().value();
        let mean = variance.as_slice().iter().sum::<f64>() / 1200.0;
        let wanted = match posterior {
            Posterior::Radial { .. } => 0.09 / 1200.0,
            _ => 0.09,
        };
        // F of a low rank is drawn: 2400 squares of mean 1/2, √(2/2400)/2 each.
        let bound = match posterior {
            Posterior::LowRank { .. } => 5.0 * (2.0f64 / 2400.0).sqrt() / 2.0,
            _ => 1e-6,
        };
        assert!((mean / wanted - 1.0).abs() < bound, "{posterior:?}: {mean}");
    }
}

/// Flipout of a radial posterior: turned signs leave the distribution as it is, so the outputs
/// have the variance of a draw of the weights, Σ x² σ² / n.
#[test]
fn flipout_of_a_radial_posterior_keeps_the_marginal_variance() {
    let options = LayerOptions {
        posterior: Posterior::Radial { init_std: 0.5 },
        estimator: Estimator::Flipout,
        ..LayerOptions::DEFAULT
    };
    let mut layer = Linear::new([3].into(), 1, options, Noise::new(1)).cast::<f64>();
    layer.bias = Weight::point(Tensor::zeros([1]), Prior::normal(0.0, 1.0));
    let x = [1.0, -2.0, 0.5];
    let exact = x.iter().map(|x| x * x * 0.25 / 3.0).sum::<f64>();
    let n = 10_000;
    let mut tape = Tape::new();
    let mut squares = 0.0;
    for draw in 0..n {
        tape.clear();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(3).draw(draw));
        let x = tape.constant(&Tensor::new([1, 3], x.to_vec()));
        let deviation = on.forward(x, &pass.at("h")) - x.matmul(on.weight.mu);
        squares += deviation.item().powi(2) / n as f64;
    }
    // Five standard errors, where E y⁴ is that of the radius, 3, times at most 3 of the direction.
    assert!((squares / exact - 1.0).abs() < 5.0 * (8.0 / n as f64).sqrt());
}

/// Bayesian linear regression has a Gaussian posterior, which these families contain: the ELBO
/// that training finds is the log evidence, which a mean field cannot reach where inputs are
/// correlated.
#[test]
fn training_finds_the_exact_posterior_of_a_linear_regression() {
    let file = truth("exact.json");
    let mut reached = 0;
    for json in file["linear"].as_array().unwrap() {
        let (x, y) = (array::<f64>(&json["x"]), array::<f64>(&json["y"]));
        let (n, d) = (x.shape().dim(0), x.shape().dim(1));
        let (noise, prior) = (number(&json["noise_std"]), number(&json["prior_std"]));
        let evidence = number(&json["log_evidence"]);
        let mean_field = number(&json["mean_field_optimum"]["elbo"]);
        // Small enough to train in a moment, and not so easy that a mean field does it too.
        if n == 0 || d > 4 || evidence - mean_field < 0.05 {
            continue;
        }
        reached += 1;
        for posterior in [
            Posterior::FullCovariance { init_std: 0.3 },
            Posterior::MatrixNormal { init_std: 0.3 },
            Posterior::LowRank {
                rank: d,
                init_std: 0.3,
            },
        ] {
            let mu = Tensor::zeros([d, 1]);
            let mut weight = Weight::new(mu, posterior, Prior::normal(0.0, prior));
            let (rows, targets) = (x.cast::<f32>(), y.cast::<f32>().reshape([n, 1]));
            let mut tape = Tape::new();
            let mut step = 0;
            for rate in [0.05, 0.01, 0.002, 0.0005] {
                let mut adam = Adam::new(rate);
                for _ in 0..600 {
                    let on = weight.on(&tape);
                    let ledger = Ledger::default();
                    let pass = Pass::new(&tape, &ledger, Noise::new(2).step(step)).draws(8);
                    step += 1;
                    let (rows, targets) = (tape.constant(&rows), tape.constant(&targets));
                    let misfit = pass.over_draws(|pass| {
                        let residual = targets - rows.matmul(on.draw("w", pass));
                        residual.square().sum() * (0.5 / (noise * noise))
                    });
                    (misfit + pass.kl()).backward();
                    adam.step(&mut weight, &mut tape);
                }
            }
            let weight: Weight<Tensor<f64>> = weight.cast();
            let sigma = covariance(&weight);
            let mu = weight.mu.as_slice();
            let mut elbo = -dense_kl(mu, &sigma, 0.0, prior);
            for (i, y) in y.as_slice().iter().enumerate() {
                let x = x.row(i);
                let mean: f64 = x.iter().zip(mu).map(|(x, mu)| x * mu).sum();
                let quadratic = |j: usize| {
                    let terms = x.iter().zip(&sigma[j]).map(|(x, s)| x * s);
                    x[j] * terms.sum::<f64>()
                };
                let variance: f64 = (0..d).map(quadratic).sum();
                let square = ((y - mean).powi(2) + variance) / (noise * noise);
                elbo -= 0.5 * square + (noise * std::f64::consts::TAU.sqrt()).ln();
            }
            // The gap is KL(q || posterior): never below 0, and near it what the noise of the last
            // steps leaves.
            let gap = evidence - elbo;
            assert!(
                (-1e-9..0.02).contains(&gap),
                "{} {posterior:?}: {elbo} instead of {evidence}; a mean field has {mean_field}",
                json["id"]
            );
        }
    }
    assert!(reached > 0);
}

/// Without its value the KL is 0, with the same gradient.
#[test]
fn the_value_of_a_kl_that_nobody_reads_is_0() {
    for posterior in FAMILIES {
        for prior in [
            Prior::normal(0.3, 0.7),
            Prior::student_t(3.0, 0.0, 1.0),
            Prior::horseshoe(0.5),
        ] {
            let weight = weight([3, 2], posterior, prior, 2);
            let with = |value: bool| {
                let tape = Tape::new();
                let on = weight.on(&tape);
                let ledger = Ledger::default();
                let pass = Pass::new(&tape, &ledger, Noise::new(1)).kl_value(value);
                let _ = on.draw("w", &pass);
                let kl = pass.kl();
                kl.backward();
                let mut gradient = vec![];
                on.visit(Path::ROOT, &mut |_, leaf| {
                    gradient.extend(leaf.grad().as_slice().to_vec());
                });
                (kl.item(), gradient)
            };
            let ((value, gradient), (none, same)) = (with(true), with(false));
            assert!(value != 0.0 && none == 0.0, "{posterior:?} {prior}");
            assert_eq!(gradient, same, "{posterior:?} {prior}");
        }
    }
}

/// The tables of the docs say what the estimators do.
#[test]
fn the_table_of_posteriors_says_which_estimators_can_sample_them() {
    let source = include_str!("../src/bayes/posterior/mod.rs");
    for posterior in FAMILIES {
        let row = format!("//! | [`{}`] |", posterior.name());
        let row = source.lines().find(|line| line.starts_with(&row)).unwrap();
        let cells: Vec<&str> = row.split(" | ").collect();
        let [.., local, flipout] = cells.as_slice() else {
            panic!("{row}")
        };
        for (estimator, cell) in [
            (Estimator::LocalReparam, local),
            (Estimator::Flipout, flipout),
        ] {
            let options = LayerOptions {
                posterior,
                estimator,
                ..LayerOptions::DEFAULT
            };
            let born = || Linear::new([2].into(), 1, options, Noise::new(1));
            let can = std::panic::catch_unwind(born).is_ok();
            let says = cell.trim_end_matches(" |") == "yes";
            assert_eq!(can, says, "{posterior:?} {estimator:?}");
            let row = format!("| `{}(", posterior.name());
            let mut language = include_str!("../src/language.md").lines();
            let row = language.find(|line| line.starts_with(&row)).unwrap();
            let says = row.contains("| all |") || row.contains(&format!("`{}`", estimator.name()));
            assert_eq!(can, says, "{row}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_where_it_is_born() {
    let born = |posterior, estimator, inputs: usize| {
        let options = LayerOptions {
            posterior,
            estimator,
            ..LayerOptions::DEFAULT
        };
        let born = || Linear::new([inputs].into(), 3, options, Noise::new(1));
        let panic = std::panic::catch_unwind(born)
            .map(|_| ())
            .expect_err("refused");
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let low_rank = Posterior::LowRank {
        rank: 2,
        init_std: 0.1,
    };
    assert_eq!(
        born(low_rank, Estimator::LocalReparam, 4),
        "LocalReparam cannot sample LowRank weights: WeightReparam and Auto can"
    );
    let full = Posterior::FullCovariance { init_std: 0.1 };
    assert_eq!(
        born(full, Estimator::Flipout, 4),
        "Flipout cannot sample FullCovariance weights: WeightReparam and Auto can"
    );
    assert_eq!(
        born(full, Estimator::WeightReparam, 4000),
        "FullCovariance: a layer of 12000 weights and biases would need 72006000 numbers for \
         their covariance; it is for layers of at most 8192, and LowRank(rank: 8) for larger ones"
    );
    let wrong = Posterior::Radial { init_std: 0.0 };
    assert_eq!(
        born(wrong, Estimator::Auto, 4),
        "Radial: init_std must be positive, not 0"
    );
}
