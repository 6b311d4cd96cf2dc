//! Inputs at which libraries of this kind have gone wrong, each named by the law that it breaks.

use elbo::dist::{
    Bernoulli, Beta, Categorical, Classes, Distribution, Gamma, KlDivergence, Laplace, LogNormal,
    MixtureOfNormals, NegativeBinomial, Normal, Ordinal, Poisson, ScaleMixture, StudentT,
};
use elbo::{Scalar, Tape, Tensor, Var};
use proptest::prelude::*;

use super::assert_close;

const STANDARD: Normal<f64> = Normal {
    mean: 0.0,
    std: 1.0,
};

fn wide(std: f64) -> Normal<f64> {
    Normal { mean: 0.0, std }
}

#[test]
fn the_second_argument_of_normal_is_a_standard_deviation() {
    let q = Normal {
        mean: 1.0,
        std: 0.5,
    };
    assert_eq!(q.kl_divergence(&wide(0.5)), 2.0);
    let kl = q.kl_divergence(&STANDARD);
    assert_close("KL", &[kl], &[0.818_147_180_559_945_3], 1e-15, 0.0);
    // dKL/dmu = 1, dKL/dsigma = dKL/d(ln sigma) / sigma = -1.5
    let [by_mean, by_log_std] = STANDARD.kl_partials(1.0, 0.5f64);
    assert_close(
        "gradient",
        &[by_mean, by_log_std / 0.5],
        &[1.0, -1.5],
        1e-15,
        0.0,
    );
}

#[test]
fn kl_is_taken_over_its_first_argument() {
    let kl = [
        STANDARD.kl_divergence(&wide(2.0)),
        wide(2.0).kl_divergence(&STANDARD),
    ];
    let expected = [0.318_147_180_559_945_3, 0.806_852_819_440_054_7];
    assert_close("KL", &kl, &expected, 1e-15, 0.0);
}

/// sigma = softplus(-200) is 0 in f32, its logarithm is -200.
#[test]
fn kl_needs_no_standard_deviation_that_underflows() {
    let rho = -200.0f32;
    let (std, log_std) = (rho.softplus(), rho.log_softplus());
    assert_eq!((std, log_std), (0.0, -200.0));
    assert_eq!(STANDARD.kl(0.0, log_std), 199.5);
    assert_eq!(STANDARD.kl_partials(0.0, std), [0.0, -1.0]);

    // E|w| is |mean| there: KL = 200 + |mean| + ln 2 - (1 + ln 2π) / 2
    let prior = Laplace {
        location: 0.0,
        scale: 1.0,
    };
    for (mean, sign) in [(-3.0f32, -1.0), (0.0, 0.0), (3.0, 1.0)] {
        let expected = 200.0 + mean.abs() + 2f32.ln() - 1.418_938_5;
        let kl = prior.kl(mean, std, log_std);
        assert!((kl - expected).abs() < 1e-4, "{mean}: {kl}");
        assert_eq!(prior.kl_partials(mean, std), [sign, -1.0]);
    }
}

#[test]
fn scale_mixture_keeps_its_pull_in_the_tail() {
    let prior = ScaleMixture {
        pi: 0.5,
        sigma1: 0.1,
        sigma2: 0.001,
    };
    let log_prob = prior.log_prob(2.0f64);
    assert_close("ln p", &[log_prob], &[-199.309_500_620_770_56], 1e-15, 0.0);
    assert_close("score", &[prior.score(2.0f64)], &[-200.0], 1e-15, 0.0);
    // one unit in the last place of 199 in f32 is 1.5e-5
    assert!((prior.log_prob(2.0f32) + 199.309_5).abs() < 2e-5);
    assert_eq!(prior.score(2.0f32), -200.0);
    // so far out that the square of w overflows, the pull is that of the wider component
    assert!((prior.score(1e30f32) / -1e32 - 1.0).abs() < 1e-6);
    assert_eq!(prior.log_prob(1e30f32), f32::NEG_INFINITY);
}

#[test]
fn scale_mixture_with_all_weight_on_one_is_that_one() {
    let (sigma1, sigma2) = (0.7, 0.02);
    for (pi, component) in [(1.0, wide(sigma1)), (0.0, wide(sigma2))] {
        let mixture = ScaleMixture { pi, sigma1, sigma2 };
        for w in [0.0, 1e-3, -0.02, 0.3, -5.0, 40.0] {
            // The mixture multiplies by 1 / std, and adds up its logarithms first.
            assert_close(
                "log_prob",
                &[mixture.log_prob(w)],
                &[component.log_prob(w)],
                1e-15,
                1e-15,
            );
            assert_close(
                "score",
                &[mixture.score(w)],
                &[component.score(w)],
                1e-15,
                0.0,
            );
            let w = w as f32;
            let near = |a: f32, b: f32| (a - b).abs() <= 4.0 * f32::EPSILON * b.abs().max(1.0);
            assert!(near(mixture.log_prob(w), component.log_prob(w)), "{w}");
            assert!(near(mixture.score(w), component.score(w)), "{w}");
        }
    }
}

/// Loss and its gradient with respect to the logits, for one row.
fn cross_entropy(logits: &[f64], label: f64) -> (f64, Vec<f64>) {
    let tape = Tape::new();
    let logits = tape.parameter(&Tensor::new([1, logits.len()], logits.to_vec()));
    let labels = tape.constant(&Tensor::new([1], vec![label]));
    let loss = -Categorical { logits }.log_prob(labels).sum();
    loss.backward();
    (loss.item(), logits.grad().as_slice().to_vec())
}

#[test]
fn categorical_does_not_overflow() {
    let logits = [1000.0, 0.0, -1000.0];
    assert_eq!(cross_entropy(&logits, 2.0), (2000.0, vec![1.0, 0.0, -1.0]));
    assert_eq!(cross_entropy(&logits, 0.0), (0.0, vec![0.0; 3]));
}

#[test]
fn a_masked_class_has_no_probability_and_no_gradient() {
    const MASK: f64 = f64::NEG_INFINITY;
    let (loss, grad) = cross_entropy(&[0.0, MASK, 0.0], 0.0);
    assert_close("loss", &[loss], &[2f64.ln()], 1e-15, 0.0);
    assert_eq!(grad, [-0.5, 0.0, 0.5]);
    // A class of probability 0 costs inf, never NaN.
    let (loss, grad) = cross_entropy(&[0.0, MASK, 0.0], 1.0);
    assert_eq!((loss, grad), (f64::INFINITY, vec![0.5, 0.0, 0.5]));
    let all = cross_entropy(&[MASK, MASK], 1.0);
    assert_eq!(all, (f64::INFINITY, vec![0.0; 2]));
    let masked = Categorical {
        logits: vec![0.0, MASK, 0.0],
    };
    assert_eq!(masked.probabilities(), [0.5, 0.0, 0.5]);
    assert_close("0 ln 0", &[masked.entropy()], &[2f64.ln()], 1e-15, 0.0);
}

/// Of a probability that rounds to 1 the gradient is the small rest, not 1 - 1.
#[test]
fn a_sure_class_keeps_its_gradient() {
    let (loss, grad) = cross_entropy(&[40.0, 0.0], 0.0);
    let rest = (-40f64).exp();
    assert_close("loss", &[loss], &[rest], 1e-14, 0.0);
    assert_close("gradient", &grad, &[-rest, rest], 1e-14, 0.0);
}

#[test]
fn an_impossible_outcome_costs_infinity_and_a_sure_one_nothing() {
    let never = Bernoulli {
        logits: f64::NEG_INFINITY,
    };
    assert_eq!(never.log_prob(0.0), 0.0);
    assert_eq!(never.log_prob(1.0), f64::NEG_INFINITY);
    assert_eq!(never.entropy(), 0.0);
    assert_eq!(never.probabilities(), [1.0, 0.0]);
    let half = Bernoulli { logits: 0.0 };
    assert_close(
        "KL",
        &[never.kl_divergence(&half)],
        &[2f64.ln()],
        1e-15,
        0.0,
    );
    assert_eq!(half.kl_divergence(&never), f64::INFINITY);
    let empty = Poisson {
        log_rate: f64::NEG_INFINITY,
    };
    assert_eq!(empty.log_prob(0.0), 0.0);
    assert_eq!(empty.log_prob(3.0), f64::NEG_INFINITY);
    assert_eq!(empty.log_prob(30.0), f64::NEG_INFINITY);
    assert_eq!(empty.entropy(), 0.0);
}

/// The derivative with respect to std is (z² - 1) / std, which z z - 1 rounds to a multiple of
/// 2e-16 where z is near 1.
#[test]
fn normal_keeps_the_gradient_of_its_scale_at_one_deviation() {
    let tape = Tape::new();
    let leaf = |v| tape.parameter(&Tensor::scalar(v));
    let e = 2f64.powi(-40);
    let (y, mean, std) = (leaf(1.0 + e), leaf(0.0), leaf(1.0));
    Normal { mean, std }.log_prob(y).backward();
    assert_eq!(std.grad().item(), e * (2.0 + e));
}

/// From y = 16 on ln p goes by another form. It meets the textbook's; and in f32, where the
/// textbook's large terms cancel, it is off by what the rounding of its parameters explains alone.
#[test]
fn counts_keep_their_digits() {
    let small = (1..40).map(|y| (f64::from(y), f64::from(y).ln() + 0.1));
    for (y, log_rate) in small.chain([(1000.0, 6.9), (1e6, 13.8)]) {
        let d = Poisson { log_rate };
        let exact = d.log_prob(y);
        let textbook = y * log_rate - log_rate.exp() - (y + 1.0).lgamma();
        let lost = 4.0 * f64::EPSILON * y * log_rate;
        assert_close("ln p", &[exact], &[textbook], 1e-14, lost);
        if y < 16.0 {
            continue;
        }
        // The rate's logarithm and ln y are each off by an ulp, where the slope is y - e^r.
        let slope = (y - log_rate.exp()).abs();
        let rounding = f64::from(f32::EPSILON) * (2.0 * slope * log_rate + 4.0 * exact.abs());
        let narrow = f64::from(d.log_prob(y as f32));
        assert_close("in f32", &[narrow], &[exact], 0.0, rounding);
    }
}

/// A NaN among the parameters is not hidden.
#[test]
fn nan_stays_nan() {
    let nan = f64::NAN;
    assert!(wide(nan).log_prob(0.0f64).is_nan());
    assert!(wide(-1.0).log_prob(0.0f64).is_nan());
    let laplace = Laplace {
        location: nan,
        scale: 1.0,
    };
    assert!(laplace.log_prob(0.0f64).is_nan() && laplace.score(0.0f64).is_nan());
    assert!(laplace.kl(0.0, 1.0, 0.0f64).is_nan());
    assert!(Bernoulli { logits: nan }.log_prob(1.0f64).is_nan());
    assert!(Poisson { log_rate: nan }.log_prob(1.0f64).is_nan());
    let categorical = Categorical {
        logits: vec![0.0, nan],
    };
    assert!(categorical.log_prob(0.0).is_nan() && categorical.log_prob(1.0).is_nan());
    let mixture = ScaleMixture {
        pi: 0.5,
        sigma1: 1.0,
        sigma2: 0.1,
    };
    assert!(mixture.log_prob(nan).is_nan() && mixture.score(nan).is_nan());
}

/// In f32, ln p and its derivatives are as exact as the parameters: the error is that of a few
/// roundings of each of them and of the result, of large parameters too.
fn keeps_its_digits_in_f32<const N: usize>(
    what: &str,
    x: [f32; N],
    log_prob: impl for<'t> Fn([Var<'t, f64>; N]) -> Var<'t, f64>,
    narrow: impl for<'t> Fn([Var<'t, f32>; N]) -> Var<'t, f32>,
) {
    let tape = Tape::<f64>::new();
    let wide = x.map(|x| tape.parameter(&Tensor::scalar(f64::from(x))));
    let exact = log_prob(wide);
    let value = exact.item();
    exact.backward();
    let moved: f64 = (wide.iter().zip(x))
        .map(|(wide, x)| (wide.grad().item() * f64::from(x)).abs())
        .sum();
    let tape = Tape::<f32>::new();
    let ours = narrow(x.map(|x| tape.constant(&Tensor::scalar(x)))).item();
    let bound = 8.0 * f64::from(f32::EPSILON) * (value.abs() + moved + 1.0);
    assert!(
        (f64::from(ours) - value).abs() <= bound,
        "{what} at {x:?}: {ours} for {value}, bound {bound:e}"
    );
}

proptest! {
    #[test]
    fn densities_keep_their_digits_in_f32(
        a in -3.0..12.0f32, b in -3.0..12.0f32, far in -8.0..8.0f32, share in 0.02..0.98f32, near in -3.0..3.0f32,
    ) {
        let (big, other) = (a.exp(), b.exp());
        macro_rules! check {
            ($name:ident { $($p:ident: $value:expr),+ } at $y:expr) => {
                keeps_its_digits_in_f32(
                    stringify!($name),
                    [$y, $($value),+],
                    |[y, $($p),+]| $name { $($p),+ }.log_prob(y),
                    |[y, $($p),+]| $name { $($p),+ }.log_prob(y),
                )
            };
        }
        check!(StudentT { df: big, loc: 0.5, scale: 2.0 } at far.sinh());
        check!(LogNormal { mu: near, sigma: 0.3 } at big);
        // near the mean, where large terms cancel, and far from it
        let std = big.sqrt() / other;
        check!(Gamma { concentration: big, rate: other } at (big / other + near * std).max(0.1 * std));
        check!(Gamma { concentration: big, rate: other } at share / other);
        let mean = big / (big + other);
        let std = (mean * (1.0 - mean) / (big + other)).sqrt();
        let y = (mean + near * std).clamp(1e-4, 1.0 - 1e-4);
        check!(Beta { concentration1: big, concentration0: other } at y);
        check!(Beta { concentration1: big, concentration0: other } at share);
        let count = (big * near.exp() * (1.0 + 0.1 * far)).round().clamp(0.0, 1e6);
        check!(NegativeBinomial { total_count: big, logits: near } at count);
    }
}

/// Of components far away the nearest one pulls, and nothing overflows.
#[test]
fn a_mixture_keeps_its_pull_in_the_tail() {
    let tape = Tape::<f32>::new();
    let leaf = |x: [f32; 2]| tape.parameter(&Tensor::new([1, 2], x.to_vec()));
    let d = MixtureOfNormals {
        logits: leaf([200.0, -200.0]),
        means: leaf([0.0, 1.0]),
        stds: leaf([0.01, 2.0]),
    };
    let y = tape.parameter(&Tensor::new([1, 1], vec![100.0]));
    let log_prob = d.log_prob(y);
    // the first is 10,000 of its sigmas off, the second 49.5 of its own and improbable
    let expected = -400.0 - 0.5 * 49.5f32.powi(2) - 2f32.ln() - 0.918_938_5;
    assert!((log_prob.item() / expected - 1.0).abs() < 1e-6);
    log_prob.sum().backward();
    assert_eq!(d.means.grad().as_slice(), [0.0, 24.75]);
}

/// Labels that a class's own probability makes sure keep their digits, and two cutpoints that all
/// but meet.
#[test]
fn an_ordinal_keeps_its_digits() {
    let tape = Tape::<f32>::new();
    let eta = tape.parameter(&Tensor::new([3], vec![40.0, -40.0, 0.0]));
    let cutpoints = tape.constant(&Tensor::new([1, 2], vec![0.0, 1e-6]));
    let labels = tape.constant(&Tensor::new([3], vec![2.0, 0.0, 1.0]));
    let log_prob = Ordinal { eta, cutpoints }.log_prob(labels).retain();
    log_prob.sum().backward();
    let expected = [-(-40f32).exp(), -(-40f32).exp(), 0.25e-6f32.ln()];
    for (ours, expected) in log_prob.value().as_slice().iter().zip(expected) {
        assert!(
            (ours / expected - 1.0).abs() < 1e-5,
            "{ours} for {expected}"
        );
    }
    let by_eta = eta.grad();
    assert!((by_eta.as_slice()[0] / (-40f32).exp() - 1.0).abs() < 1e-5);
}

#[test]
fn what_lies_outside_of_a_support_is_impossible() {
    fn log_prob(d: &impl Distribution, y: f64) -> f64 {
        d.log_prob(y)
    }
    let log_normal = LogNormal {
        mu: 0.0,
        sigma: 1.0,
    };
    let gamma = Gamma {
        concentration: 2.0,
        rate: 1.0,
    };
    let beta = Beta {
        concentration1: 2.0,
        concentration0: 1.0,
    };
    for y in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert_eq!(log_prob(&log_normal, y), f64::NEG_INFINITY);
        assert_eq!(log_prob(&gamma, y), f64::NEG_INFINITY);
        assert_eq!(log_prob(&beta, y), f64::NEG_INFINITY);
    }
    assert_eq!(log_prob(&beta, 1.0), f64::NEG_INFINITY);
}
