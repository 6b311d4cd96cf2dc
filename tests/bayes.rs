//! KL, noise and estimators of a Bayesian weight hold to their definitions.

use elbo::bayes::{
    Estimator, Given, KlEstimate, Ledger, MinibatchWeighting, Noise, Pass, Posterior, Prior, Weight,
};
use elbo::layers::{Forward, Layer, LayerOptions, Linear};
use elbo::optim::{Adam, Optimizer};
use elbo::tape::{Module, Parameters};
use elbo::{Scalar, Shape, Tape, Tensor};
use proptest::prelude::*;

const STANDARD: Prior = Prior::normal(0.0, 1.0);

/// The rho with softplus(rho) = sigma.
fn rho_of(sigma: f64) -> f64 {
    elbo::kernels::special::softplus_inverse(sigma)
}

fn weight<S: Scalar>(
    shape: impl Into<Shape>,
    mu: f64,
    sigma: f64,
    prior: Prior,
) -> Weight<Tensor<S>> {
    let shape = shape.into();
    let rho = Tensor::full(shape, S::of(rho_of(sigma)));
    Weight::mean_field(Tensor::full(shape, S::of(mu)), rho, prior)
}

/// KL of a weight with its gradients in mu and rho.
fn kl<S: Scalar>(weight: &Weight<Tensor<S>>) -> [f64; 3] {
    let tape = Tape::new();
    let on = weight.on(&tape);
    let rho = *on.rho().unwrap();
    let kl = on.prior.kl(on.mu, rho);
    kl.backward();
    let first = |t: Tensor<S>| t.as_slice()[0].value();
    [kl.item().value(), first(on.mu.grad()), first(rho.grad())]
}

// ---- KL ----

#[test]
fn kl_is_the_sum_over_every_scalar_of_weights_and_biases() {
    let each = 0.818_147_180_559_945_3;
    let [weights, ..] = kl(&weight::<f64>([784, 100], 1.0, 0.5, STANDARD));
    let [biases, ..] = kl(&weight::<f64>([100], 1.0, 0.5, STANDARD));
    assert!((weights / (78_400.0 * each) - 1.0).abs() < 1e-13);
    assert!((weights + biases - 64_224.553_7).abs() < 1e-4);
    // Splitting a layer in two equal ones keeps the total.
    let [half, ..] = kl(&weight::<f64>([784, 50], 1.0, 0.5, STANDARD));
    assert!((2.0 * half / weights - 1.0).abs() < 1e-13);
}

#[test]
fn kl_is_from_posterior_to_prior_and_priors_take_standard_deviations() {
    let [forward, ..] = kl(&weight::<f64>([1], 0.0, 1.0, Prior::normal(0.0, 2.0)));
    assert!((forward - 0.318_147_180_559_945_3).abs() < 1e-15);
    let [exact, ..] = kl(&weight::<f64>([1], 1.0, 0.5, Prior::normal(0.0, 0.5)));
    assert!((exact - 2.0).abs() < 1e-14);
}

#[test]
fn kl_has_the_right_gradient_and_its_minimum_is_the_prior() {
    let [_, d_mu, d_rho] = kl(&weight::<f64>([1], 1.0, 0.5, STANDARD));
    let d_sigma = d_rho / rho_of(0.5).sigmoid();
    assert!((d_mu - 1.0).abs() < 1e-14 && (d_sigma + 1.5).abs() < 1e-13);

    let mut q = weight::<f32>([3], 1.0, 0.5, STANDARD);
    let mut tape = Tape::new();
    for rate in [0.1, 0.01, 0.001] {
        let mut adam = Adam::new(rate);
        for _ in 0..500 {
            let on = q.on(&tape);
            on.prior.kl(on.mu, *on.rho().unwrap()).backward();
            adam.step(&mut q, &mut tape);
        }
    }
    assert!(kl(&q)[0] < 1e-6);
}

#[test]
fn kl_of_a_weight_of_nearly_no_variance_is_finite_in_f32() {
    let q =
        Weight::<Tensor<f32>>::mean_field(Tensor::zeros([1]), Tensor::full([1], -200.0), STANDARD);
    assert_eq!(kl(&q), [199.5, 0.0, -1.0]);
}

proptest! {
    /// The two estimates of the KL have one expectation, whatever the prior.
    #[test]
    fn monte_carlo_kl_is_unbiased(
        mu in -1.5f64..1.5,
        sigma in 0.05f64..1.5,
        scale in 0.2f64..2.0,
        gaussian: bool,
        seed: u64,
    ) {
        let prior = if gaussian { Prior::normal(0.3, scale) } else { Prior::laplace(0.3, scale) };
        let n = 4000;
        let q = weight::<f64>([n], mu, sigma, prior);
        let tape = Tape::new();
        let on = q.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(seed)).kl_estimate(KlEstimate::MonteCarlo);
        let theta = on.draw("w", &pass).value();
        // log q - log p of each draw by the definition, for the standard error.
        let terms: Vec<f64> = theta.as_slice().iter().map(|&theta| {
            let q = elbo::dist::Normal { mean: mu, std: sigma };
            let log_p: f64 = match prior {
                Prior::Normal(p) => p.log_prob(theta),
                Prior::Laplace(p) => p.log_prob(theta),
                _ => unreachable!(),
            };
            q.log_prob(theta) - log_p
        }).collect();
        let mean = terms.iter().sum::<f64>() / n as f64;
        let variance = terms.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n as f64;
        let sampled = pass.kl().item() / n as f64;
        prop_assert!((sampled - mean).abs() <= 1e-9 * mean.abs().max(1.0), "{sampled} {mean}");
        let [closed, ..] = kl(&q);
        let error = (variance / n as f64).sqrt();
        prop_assert!((closed / n as f64 - mean).abs() < 5.0 * error + 1e-12);
    }
}

#[test]
fn a_prior_out_of_range_makes_no_weight() {
    for (prior, text) in [
        (
            Prior::normal(0.0, -1.0),
            "Normal(0, -1): std must be positive",
        ),
        (
            Prior::normal(0.0, f64::NAN),
            "Normal(0, NaN): std must be positive",
        ),
        (
            Prior::normal(f64::INFINITY, 1.0),
            "Normal(inf, 1): mean must be finite",
        ),
        (
            Prior::laplace(0.0, 0.0),
            "Laplace(0, 0): scale must be positive",
        ),
        (
            Prior::laplace(f64::NAN, 1.0),
            "Laplace(NaN, 1): location must be finite",
        ),
        (
            Prior::scale_mixture(1.5, 1.0, 0.1),
            "ScaleMixture(1.5, 1, 0.1): pi must lie between 0 and 1",
        ),
        (
            Prior::scale_mixture(0.5, 1.0, f64::INFINITY),
            "ScaleMixture(0.5, 1, inf): sigma1 and sigma2 must be positive",
        ),
    ] {
        for posterior in [Posterior::DEFAULT, Posterior::Point] {
            let born = || Weight::new(Tensor::zeros([2]), posterior, prior);
            let panic = std::panic::catch_unwind(born).expect_err(text);
            assert_eq!(panic.downcast_ref::<String>().unwrap(), text);
        }
    }
}

// ---- the objective ----

#[test]
fn losses_of_the_batches_add_up_to_the_loss_of_all_rows() {
    let (n, k) = (100, 3);
    let mut layer = Linear::new([k].into(), 1, LayerOptions::DEFAULT, Noise::new(1)).cast::<f64>();
    layer.bias.prior = STANDARD;
    let mut given = Given::default();
    let number = |i: usize| ((i * 37 % 23) as f64 - 11.0) / 7.0;
    given.insert(0, "h.weight", Tensor::from_fn([k, 1], number));
    given.insert(0, "h.bias", Tensor::from_fn([1], number));
    let x = Tensor::from_fn([n, k], |i| ((i * 29 % 31) as f64 - 15.0) / 9.0);
    let y = Tensor::from_fn([n, 1], |i| ((i * 17 % 13) as f64 - 6.0) / 5.0);
    let loss = |rows: std::ops::Range<usize>, share: f64| {
        let tape = Tape::new();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(0)).given(&given);
        let part = |t: &Tensor<f64>| tape.constant(t).narrow(0, rows.clone());
        let residual = on.forward(part(&x), &pass.at("h")) - part(&y);
        let log_likelihood = residual.square().sum() * -0.5;
        elbo::bayes::Elbo {
            log_likelihood,
            kl: pass.kl(),
        }
        .loss(share)
        .item()
    };
    let whole = loss(0..n, 1.0);
    for weighting in [MinibatchWeighting::Uniform, MinibatchWeighting::Blundell] {
        for size in [1, 10, 30, 64, 100] {
            let starts: Vec<usize> = (0..n).step_by(size).collect();
            let sum: f64 = starts
                .iter()
                .enumerate()
                .map(|(i, &start)| {
                    let end = (start + size).min(n);
                    let share = weighting
                        .share(i + 1, starts.len(), end - start, n)
                        .unwrap();
                    loss(start..end, share)
                })
                .sum();
            assert!(
                (sum / whole - 1.0).abs() < 1e-12,
                "{weighting:?} {size}: {sum} {whole}"
            );
        }
    }
}

// ---- estimators ----

/// Many outputs of one layer for the rows `x`, one vector a draw.
fn outputs(layer: &Linear<Tensor<f64>>, x: &Tensor<f64>, draws: u64) -> Vec<Vec<f64>> {
    let mut tape = Tape::new();
    (0..draws)
        .map(|draw| {
            tape.clear();
            let on = layer.on(&tape);
            let ledger = Ledger::default();
            let pass = Pass::new(&tape, &ledger, Noise::new(8).draw(draw));
            let y = on.forward(tape.constant(x), &pass.at("h"));
            y.value().as_slice().to_vec()
        })
        .collect()
}

fn two_inputs(estimator: Estimator, bias_sigma: Option<f64>) -> Linear<Tensor<f64>> {
    let weight = Weight::mean_field(
        Tensor::new([2, 1], vec![0.7, -0.4]),
        Tensor::new([2, 1], vec![rho_of(0.1), rho_of(0.2)]),
        STANDARD,
    );
    let mu = Tensor::full([1], 0.3);
    let bias = match bias_sigma {
        Some(sigma) => Weight::mean_field(mu, Tensor::full([1], rho_of(sigma)), STANDARD),
        None => Weight::point(mu, STANDARD),
    };
    Linear {
        weight,
        bias,
        estimator,
    }
}

#[test]
fn estimators_agree_in_mean_and_marginal_variance_and_differ_between_rows() {
    // Rows [1, 2] and [3, 1]: variances 0.01 + 0.16 and 0.09 + 0.04 and, of the bias, 0.09;
    // covariance of a shared draw 0.03 + 0.08, and of a shared bias 0.09.
    let x = Tensor::new([2, 2], vec![1.0, 2.0, 3.0, 1.0]);
    let draws = 20_000;
    for (estimator, covariance) in [
        (Estimator::WeightReparam, 0.2),
        (Estimator::LocalReparam, 0.0),
        (Estimator::Flipout, 0.09),
        (Estimator::Auto, 0.0), // which is LocalReparam here
    ] {
        let y = outputs(&two_inputs(estimator, Some(0.3)), &x, draws);
        let n = draws as f64;
        let mean = |j: usize| y.iter().map(|y| y[j]).sum::<f64>() / n;
        let (m0, m1) = (mean(0), mean(1));
        let moment = |i: usize, j: usize| {
            let m = [m0, m1];
            y.iter().map(|y| (y[i] - m[i]) * (y[j] - m[j])).sum::<f64>() / n
        };
        // Five standard errors: √(v/n) of a mean, √(2/n) v of a variance.
        let error = 5.0 / n.sqrt();
        for (j, (m, v)) in [(0.7 - 0.8 + 0.3, 0.26), (2.1 - 0.4 + 0.3, 0.22)]
            .into_iter()
            .enumerate()
        {
            assert!((mean(j) - m).abs() < error * f64::sqrt(v), "{estimator:?}");
            assert!(
                (moment(j, j) - v).abs() < error * 2f64.sqrt() * v,
                "{estimator:?}"
            );
        }
        assert!(
            (moment(0, 1) - covariance).abs() < error * 2f64.sqrt() * 0.26,
            "{estimator:?}"
        );
    }
}

#[test]
fn a_row_of_zeros_has_no_noise_and_finite_gradients() {
    for estimator in [
        Estimator::WeightReparam,
        Estimator::LocalReparam,
        Estimator::Flipout,
    ] {
        let layer = two_inputs(estimator, None);
        let tape = Tape::new();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(3));
        let x = tape.parameter(&Tensor::zeros([1, 2]));
        let y = on.forward(x, &pass.at("h"));
        assert_eq!(y.item(), 0.3);
        y.sum().backward();
        for var in [x, on.weight.mu, *on.weight.rho().unwrap(), on.bias.mu] {
            assert!(var.grad().as_slice().iter().all(|g| g.is_finite()));
        }
    }
}

// ---- draws ----

#[test]
fn a_sample_of_a_layer_is_what_a_pass_with_the_same_noise_draws() {
    let layer = Linear::new([5].into(), 3, LayerOptions::DEFAULT, Noise::new(4));
    let noise = Noise::new(9).draw(2);
    let sampled = layer.sample(noise.at("h"));
    assert_eq!(sampled.weight.posterior_name(), "Point");

    let tape = Tape::new();
    let on = layer.on(&tape);
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, noise).at("h");
    assert_eq!(on.weight.draw("weight", &pass).value(), sampled.weight.mu);
    assert_eq!(on.bias.draw("bias", &pass).value(), sampled.bias.mu);
}

#[test]
fn noise_is_the_same_for_every_kind_of_number_and_other_keys_give_other_noise() {
    let mut f32s = [0.0f32; 33];
    let mut f64s = [0.0f64; 33];
    let key = Noise::new(1).step(2).draw(3).at("h1").at("weight");
    key.fill_normal(&mut f32s);
    key.fill_normal(&mut f64s);
    assert_eq!(f32s.map(f64::from), f64s);
    // Golden values: a release must not change the noise of a seed.
    // To 1e-6, because logarithm and cosine differ in the last place between platforms.
    for (noise, golden) in [(f32s[0], -0.232_386_86), (f32s[32], 0.705_044_7)] {
        assert!((noise - golden).abs() < 1e-6);
    }
    let others = [
        Noise::new(2).step(2).draw(3).at("h1").at("weight"),
        Noise::new(1).step(3).draw(3).at("h1").at("weight"),
        Noise::new(1).step(2).draw(2).at("h1").at("weight"),
        Noise::new(1).step(2).draw(3).at("h2").at("weight"),
        Noise::new(1).step(2).draw(3).at("h1").at("bias"),
        Noise::new(1).draw(2).step(3).at("h1").at("weight"),
    ];
    for (i, other) in others.iter().enumerate() {
        let mut noise = [0.0f32; 9];
        other.fill_normal(&mut noise);
        assert!(noise.iter().zip(&f32s).all(|(a, b)| a != b), "key {i}");
    }
}

/// One input, mu = 1, sigma = 0.1: the perturbation is sigma eps alone, so the variance is 0.01.
#[test]
fn flipout_perturbs_by_sigma_eps_alone() {
    let layer = Linear {
        weight: weight([1, 1], 1.0, 0.1, STANDARD),
        bias: Weight::point(Tensor::zeros([1]), STANDARD),
        estimator: Estimator::Flipout,
    };
    let n = 20_000;
    let y = outputs(&layer, &Tensor::full([1, 1], 1.0), n);
    let variance = y.iter().map(|y| (y[0] - 1.0).powi(2)).sum::<f64>() / n as f64;
    // Five standard errors of a variance, √(2/n) each.
    assert!((variance / 0.01 - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt());
}

/// B equal rows x of a layer with one input, and the mean of their outputs: its derivative in
/// rho has the variance v = (x softplus'(rho))² of eps where the rows share a draw, v/B where each
/// has signs or noise of its own.
#[test]
fn variance_of_the_gradient_falls_with_the_batch_where_rows_have_noise_of_their_own() {
    let (x, sigma, n) = (1.5, 0.2, 10_000);
    let shared = (x * rho_of(sigma).sigmoid()).powi(2);
    for (estimator, is_shared) in [
        (Estimator::WeightReparam, true),
        (Estimator::LocalReparam, false),
        (Estimator::Flipout, false),
    ] {
        let layer = Linear {
            weight: weight([1, 1], 1.0, sigma, STANDARD),
            bias: Weight::point(Tensor::zeros([1]), STANDARD),
            estimator,
        };
        for rows in [1, 4, 32] {
            let mut tape = Tape::new();
            let squares: f64 = (0..n)
                .map(|draw| {
                    tape.clear();
                    let on = layer.on(&tape);
                    let ledger = Ledger::default();
                    let pass = Pass::new(&tape, &ledger, Noise::new(5).draw(draw));
                    let x = tape.constant(&Tensor::full([rows, 1], x));
                    on.forward(x, &pass.at("h")).mean().backward();
                    on.weight.rho().unwrap().grad().item().powi(2)
                })
                .sum();
            let exact = if is_shared {
                shared
            } else {
                shared / rows as f64
            };
            // The mean is 0. Five standard errors √((k - 1)/n), where the fourth moment k is at
            // most 9: 3 of eps times 3 of a sum of signs.
            let error = 5.0 * (8.0 / n as f64).sqrt();
            let found = squares / n as f64;
            assert!(
                (found / exact - 1.0).abs() < error,
                "{estimator:?}, {rows} rows: {found} instead of {exact}"
            );
        }
    }
}

/// The rows of a batch that come in two parts are those of the whole, bit for bit, under every
/// estimator whose noise is of the rows.
#[test]
fn outputs_of_a_row_do_not_depend_on_how_the_rows_are_cut() {
    let x = Tensor::from_fn([5, 2], |i| (i as f64 * 0.7).sin());
    for estimator in [Estimator::LocalReparam, Estimator::Flipout] {
        let layer = two_inputs(estimator, Some(0.3));
        let tape = Tape::new();
        let on = layer.on(&tape);
        let ledger = Ledger::default();
        let pass = Pass::new(&tape, &ledger, Noise::new(6));
        let whole = on.forward(tape.constant(&x), &pass.at("h")).value();
        for first in 1..5 {
            let rows = tape.constant(&x).narrow(0, first..5);
            let part = on.forward(rows, &pass.first_row(first as u64).at("h"));
            assert_eq!(part.value().as_slice(), &whole.as_slice()[first..]);
        }
    }
}

#[test]
fn row_noise_does_not_depend_on_how_the_rows_are_cut() {
    let tape = Tape::<f64>::new();
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(6)).at("h");
    let whole = pass.row_normal("output", [7, 3].into()).value();
    for first in 0..7 {
        let part = pass
            .first_row(first)
            .row_normal("output", [7 - first as usize, 3].into());
        assert_eq!(
            part.value().as_slice(),
            &whole.as_slice()[first as usize * 3..]
        );
    }
}

#[test]
fn posteriors_start_at_the_standard_deviation_asked_for() {
    for init_std in [1e-6, 0.05, 1.0, 30.0] {
        let posterior = Posterior::MeanField { init_std };
        let q = Weight::new(Tensor::zeros([2]), posterior, STANDARD);
        let sigma = f64::from(q.rho().unwrap().as_slice()[0].softplus());
        assert!((sigma / init_std - 1.0).abs() < 1e-5, "{init_std}: {sigma}");
    }
    let point = Weight::new(Tensor::zeros([2]), Posterior::Point, STANDARD);
    let mut leaves = 0;
    point.visit(elbo::tape::Path::ROOT, &mut |_, _| leaves += 1);
    assert_eq!(leaves, 1);
}
