//! A draw whose noise is a generator's goes back with its KL in one pass over the weight. What that
//! pass gives is what the plain operations give, one by one, for the same noise; and nothing in it
//! depends on whether somebody looks at the value of the KL.

use elbo::bayes::{Given, KlEstimate, Ledger, Noise, Pass};
use elbo::net::{BayesNet, Net};
use elbo::tape::Path;
use elbo::{Scalar, Tape, Tensor, bayes_net};
use proptest::prelude::*;

macro_rules! nets {
    ($($name:ident $prior:ident($($number:literal),+);)+) => {$(
        bayes_net! {
            net $name(x: [3]) -> y {
                weights ~ $prior($($number),+);
                biases ~ $prior($($number),+);
                h = tanh(linear(x, 300));
                mean = linear(h, 1);
                y ~ Normal(mean, 0.5);
            }
        }
    )+};
}
nets! {
    Gaussian Normal(0.2, 0.7);
    Pointed Laplace(0.1, 0.5);
    Mixed ScaleMixture(0.3, 1.0, 0.1);
}

/// The sites of a net, such as `h.weight`, with the number of their elements.
fn sites<N: BayesNet>(net: &N) -> Vec<(String, Tensor)> {
    let mut sites = vec![];
    net.visit(Path::ROOT, &mut |path, leaf| {
        if let Some(site) = path.to_string().strip_suffix(".mu") {
            sites.push((site.to_owned(), leaf.clone()));
        }
    });
    sites
}

/// One pass: how often it draws, its estimate of the KL, and whether its value is wanted.
#[derive(Clone, Copy, Debug)]
struct Setting {
    draws: u64,
    estimate: KlEstimate,
    kl_value: bool,
}

/// The loss, the KL, and every gradient of a net.
fn run<N: BayesNet, S: Scalar>(
    net: &N,
    noise: Noise,
    given: Option<&Given>,
    setting: Setting,
) -> (S, S, Vec<Tensor<S>>) {
    let tape = Tape::<S>::new();
    let x = tape.generate([5, 3].into(), |x| Noise::new(1).fill_normal(x));
    let y = tape.generate([5, 1].into(), |y| Noise::new(2).fill_normal(y));
    let mut leaves = vec![];
    let on = net.map_on(&mut |path, leaf| {
        let leaf = tape.parameter_at(path, &leaf.cast());
        leaves.push(leaf);
        leaf
    });
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, noise)
        .draws(setting.draws)
        .kl_estimate(setting.estimate)
        .kl_value(setting.kl_value);
    let pass = match given {
        Some(given) => pass.given(given),
        None => pass,
    };
    let elbo = on.elbo(&[x], &[y], &pass);
    let loss = elbo.loss(0.7);
    loss.backward();
    let grads = leaves.iter().map(|leaf| leaf.grad()).collect();
    (loss.item(), elbo.kl.item(), grads)
}

fn fresh<N: BayesNet>(seed: u64, low: f32) -> N {
    let mut net = N::fresh(seed);
    net.visit_mut(Path::ROOT, &mut |path, leaf| {
        let numbers = leaf.as_mut_slice();
        Noise::new(seed).at(&path.to_string()).fill_normal(numbers);
        if path.name() == Some("rho") {
            for rho in numbers {
                *rho += low;
            }
        }
    });
    net
}

fn one_pass_is_the_plain_operations<N: BayesNet>(
    seed: u64,
    low: f32,
    setting: Setting,
) -> Result<(), TestCaseError> {
    let net: N = fresh(seed, low);
    let noise = Noise::new(seed + 1);
    let mut given = Given::default();
    for draw in 0..setting.draws {
        for (site, leaf) in sites(&net) {
            let key = site.split('.').fold(noise.draw(draw), Noise::at);
            let mut eps = Tensor::zeros(leaf.shape());
            key.fill_normal(eps.as_mut_slice());
            given.insert(draw, &site, eps);
        }
    }
    let (loss, kl, grads) = run::<N, f64>(&net, noise, None, setting);
    let (plain_loss, plain_kl, plain) = run::<N, f64>(&net, noise, Some(&given), setting);
    prop_assert!((loss - plain_loss).abs() <= 1e-12 * plain_loss.abs());
    prop_assert!((kl - plain_kl).abs() <= 1e-12 * plain_kl.abs().max(1.0));
    for (grad, plain) in grads.iter().zip(&plain) {
        for (a, b) in grad.as_slice().iter().zip(plain.as_slice()) {
            // theta - mu has lost up to 2^-53 of theta, which is at most 2000 sigma where it is read
            prop_assert!((a - b).abs() <= 1e-11 * b.abs().max(1.0), "{a} {b}");
        }
    }
    Ok(())
}

fn bits_do_not_depend_on_the_value<N: BayesNet>(
    seed: u64,
    low: f32,
    setting: Setting,
) -> Result<(), TestCaseError> {
    let net: N = fresh(seed, low);
    let run = |kl_value| {
        let setting = Setting {
            kl_value,
            ..setting
        };
        run::<N, f32>(&net, Noise::new(seed), None, setting)
    };
    let ((_, kl, seen), (_, none, unseen)) = (run(true), run(false));
    prop_assert!(kl != 0.0 && none == 0.0);
    for (seen, unseen) in seen.iter().zip(&unseen) {
        let bits = |x: &Tensor| x.as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(seen), bits(unseen));
    }
    Ok(())
}

fn settings() -> impl Strategy<Value = Setting> {
    (1u64..4, any::<bool>()).prop_map(|(draws, closed)| Setting {
        draws,
        estimate: if closed {
            KlEstimate::ClosedForm
        } else {
            KlEstimate::MonteCarlo
        },
        kl_value: true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn one_pass_gives_what_the_plain_operations_give(
        seed in 0u64..1000,
        low in -9f32..0.0, // down to deviations that theta - mu cannot tell
        setting in settings(),
    ) {
        one_pass_is_the_plain_operations::<Gaussian>(seed, low, setting)?;
        one_pass_is_the_plain_operations::<Pointed>(seed, low, setting)?;
        one_pass_is_the_plain_operations::<Mixed>(seed, low, setting)?;
    }

    #[test]
    fn no_bit_depends_on_who_looks_at_the_kl(
        seed in 0u64..1000,
        low in -9f32..0.0,
        setting in settings(),
    ) {
        bits_do_not_depend_on_the_value::<Gaussian>(seed, low, setting)?;
        bits_do_not_depend_on_the_value::<Pointed>(seed, low, setting)?;
        bits_do_not_depend_on_the_value::<Mixed>(seed, low, setting)?;
    }
}
