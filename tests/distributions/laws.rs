//! Laws of the plain numbers of every distribution:
//!
//! ```text
//! ∫ p = 1,   ∫ y p = mean,   ∫ (y - mean)² p = variance,   -∫ p ln p = entropy,   cdf(b) = ∫^b p
//! draws have these moments and this cdf
//! KL(q ‖ p) = E_q[ln q - ln p] >= 0, and 0 at equality
//! ```

use elbo::Dual;
use elbo::dist::{
    Bernoulli, Beta, Categorical, Classes, Cumulative, Distribution, Gamma, KlDivergence, Laplace,
    LogNormal, MixtureOfNormals, Moments, NegativeBinomial, Normal, Poisson, ScaleMixture,
    StudentT,
};
use elbo::kernels::noise::Philox;
use proptest::prelude::*;

use super::assert_close;

/// Simpson's rule on each piece. With pieces at most 40 scales of the density long, the steps are
/// below 0.01 scales, and the error h⁴/180 ∫|f⁗| below 1e-10.
fn integrate(pieces: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    const STEPS: usize = 4000;
    let piece = |w: &[f64]| {
        let h = (w[1] - w[0]) / STEPS as f64;
        let inner = (1..STEPS).map(|i| f(w[0] + i as f64 * h) * if i % 2 == 1 { 4.0 } else { 2.0 });
        (f(w[0]) + inner.sum::<f64>() + f(w[1])) * h / 3.0
    };
    pieces.windows(2).map(piece).sum()
}

/// A continuous distribution with what its laws need.
struct Continuous<D> {
    d: D,
    /// From one negligible tail to the other, cut at kinks and between scales.
    pieces: Vec<f64>,
    entropy: Option<f64>,
    cdf: fn(&D, f64) -> f64,
}

fn normal(mean: f64, std: f64) -> Continuous<Normal<f64>> {
    let d = Normal { mean, std };
    Continuous {
        d,
        pieces: [-12.0, 0.0, 12.0].map(|z| mean + z * std).to_vec(),
        entropy: Some(d.entropy()),
        cdf: Normal::cdf,
    }
}

fn laplace(location: f64, scale: f64) -> Continuous<Laplace<f64>> {
    let d = Laplace { location, scale };
    Continuous {
        d,
        pieces: [-40.0, 0.0, 40.0].map(|z| location + z * scale).to_vec(),
        entropy: Some(d.entropy()),
        cdf: Laplace::cdf,
    }
}

fn scale_mixture(pi: f64, sigma1: f64, sigma2: f64) -> Continuous<ScaleMixture> {
    let (low, high) = (sigma1.min(sigma2), sigma1.max(sigma2));
    let near = (12.0 * low).min(6.0 * high);
    Continuous {
        d: ScaleMixture { pi, sigma1, sigma2 },
        pieces: vec![-12.0 * high, -near, 0.0, near, 12.0 * high],
        entropy: None,
        cdf: ScaleMixture::cdf,
    }
}

/// A distribution with light tails, cut at its quantiles.
fn cut<D: Cumulative>(d: D, entropy: f64) -> Continuous<D> {
    const CUTS: [f64; 5] = [1e-15, 1e-9, 1e-4, 0.05, 0.5];
    let low = CUTS.map(|q| d.quantile(q));
    let high = CUTS.map(|q| d.quantile(1.0 - q));
    let mut pieces = [&low[..], &high[..4]].concat();
    pieces.sort_by(f64::total_cmp);
    Continuous {
        d,
        pieces,
        entropy: Some(entropy),
        cdf: D::cdf,
    }
}

fn student_t(df: f64, loc: f64, scale: f64) -> Continuous<StudentT<f64>> {
    let d = StudentT { df, loc, scale };
    cut(d, d.entropy())
}

fn log_normal(mu: f64, sigma: f64) -> Continuous<LogNormal<f64>> {
    let d = LogNormal { mu, sigma };
    cut(d, d.entropy())
}

fn gamma(concentration: f64, rate: f64) -> Continuous<Gamma<f64>> {
    let d = Gamma {
        concentration,
        rate,
    };
    cut(d, d.entropy())
}

fn beta(concentration1: f64, concentration0: f64) -> Continuous<Beta<f64>> {
    let d = Beta {
        concentration1,
        concentration0,
    };
    cut(d, d.entropy())
}

fn negative_binomial(total_count: f64, logits: f64) -> NegativeBinomial<f64> {
    NegativeBinomial {
        total_count,
        logits,
    }
}

/// The distribution function of counts is the sum of the masses, and quantiles invert it.
fn discrete_cdf_is_the_sum(d: &impl Cumulative, end: u32) {
    let mut sum = 0.0;
    for y in 0..end {
        let y = f64::from(y);
        sum += d.log_prob(y).exp();
        assert_close("cdf", &[d.cdf(y)], &[sum], 1e-11, 1e-14);
        assert_eq!(d.cdf(y + 0.5), d.cdf(y));
    }
    assert_eq!((d.cdf(-0.1), d.survival(-0.1)), (0.0, 1.0));
    for q in [1e-6, 0.1, 0.5, 0.9, 1.0 - 1e-6] {
        let y = d.quantile(q);
        assert!(y.fract() == 0.0 && d.cdf(y) >= q - 1e-15, "{q}: {y}");
        assert!(y == 0.0 || d.cdf(y - 1.0) < q + 1e-15, "{q}: {y}");
    }
}

impl<D: Distribution + Moments> Continuous<D> {
    /// Density, moments, entropy and cdf agree.
    fn holds_together(&self) {
        let Continuous { d, pieces, .. } = self;
        let p = |y: f64| d.log_prob(y).exp();
        let std = d.variance().sqrt();
        assert_close("mass", &[integrate(pieces, p)], &[1.0], 1e-9, 0.0);
        let mean = integrate(pieces, |y| y * p(y));
        assert_close("mean", &[mean], &[d.mean()], 1e-9, 1e-9 * std);
        let variance = integrate(pieces, |y| (y - d.mean()).powi(2) * p(y));
        assert_close("variance", &[variance], &[d.variance()], 1e-9, 0.0);
        if let Some(entropy) = self.entropy {
            let integral = integrate(pieces, |y| -p(y) * d.log_prob(y));
            assert_close("entropy", &[integral], &[entropy], 1e-9, 1e-9);
        }
        for i in 1..pieces.len() {
            let below = integrate(&pieces[..=i], p);
            assert_close("cdf", &[below], &[(self.cdf)(d, pieces[i])], 0.0, 1e-9);
            // and between the cuts
            let middle = 0.4 * pieces[i - 1] + 0.6 * pieces[i];
            let mut to_middle = pieces[..i].to_vec();
            to_middle.push(middle);
            let below = integrate(&to_middle, p);
            assert_close("cdf", &[below], &[(self.cdf)(d, middle)], 0.0, 1e-9);
        }
    }

    /// The closed form of KL(self ‖ p) is the integral; p has a kink at `kink`.
    fn has_divergence<P: Distribution>(&self, p: &P, kink: Option<f64>)
    where
        D: KlDivergence<P>,
    {
        let (q, mut pieces) = (&self.d, self.pieces.clone());
        let ends = pieces[0]..pieces[pieces.len() - 1];
        pieces.extend(kink.filter(|kink| ends.contains(kink)));
        pieces.sort_by(f64::total_cmp);
        let integral = integrate(&pieces, |y| {
            q.log_prob(y).exp() * (q.log_prob(y) - p.log_prob(y))
        });
        assert_close("KL", &[q.kl_divergence(p)], &[integral], 1e-9, 1e-9);
    }

    /// Draws have the moments and, by Kolmogorov and Smirnov, the cdf.
    fn draws_itself(&self, seed: u64) {
        let mut y = draws(&self.d, seed);
        moments_within_five_errors(&self.d, &y);
        y.sort_by(f64::total_cmp);
        let n = y.len() as f64;
        let distance = |(i, &y): (usize, &f64)| {
            let p = (self.cdf)(&self.d, y);
            (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs())
        };
        let largest = y.iter().enumerate().map(distance).fold(0.0, f64::max);
        // P(√n D > x) <= 2 e^(-2x²): 1e-6 at x = 2.7. The seed is fixed, so this cannot flicker.
        assert!(largest < 2.7 / n.sqrt(), "Kolmogorov-Smirnov {largest}");
    }
}

fn draws(d: &impl Distribution, seed: u64) -> Vec<f64> {
    let mut rng = Philox::new(seed);
    (0..100_000).map(|_| d.sample(&mut rng)).collect()
}

/// Mean, and its standard error.
fn mean_and_error(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[track_caller]
fn within_five_errors(what: &str, sample: &[f64], expected: f64) {
    let (mean, error) = mean_and_error(sample);
    assert!(
        (mean - expected).abs() <= 5.0 * error + 1e-12 * expected.abs(),
        "{what}: {mean} ± {error} of {} draws against {expected}",
        sample.len()
    );
}

fn moments_within_five_errors(d: &impl Moments, y: &[f64]) {
    within_five_errors("mean", y, d.mean());
    let squares: Vec<f64> = y.iter().map(|y| (y - d.mean()).powi(2)).collect();
    within_five_errors("variance", &squares, d.variance());
}

/// A discrete distribution over 0, 1, …, end - 1, up to a negligible rest.
fn discrete_holds_together(d: &impl Distribution, end: u32, entropy: f64) {
    let masses: Vec<f64> = (0..end).map(|y| d.log_prob(f64::from(y)).exp()).collect();
    assert_close("mass", &[masses.iter().sum()], &[1.0], 1e-12, 0.0);
    let sum: f64 = masses
        .iter()
        .filter(|&&p| p > 0.0)
        .map(|p| -p * p.ln())
        .sum();
    assert_close("entropy", &[sum], &[entropy], 1e-10, 1e-12);
    for outside in [-1.0, 0.5, f64::from(end) - 0.5, f64::NAN] {
        assert_eq!(d.log_prob(outside), f64::NEG_INFINITY, "ln p({outside})");
    }
}

fn discrete_moments(d: &impl Moments, end: u32) {
    let moment = |f: &dyn Fn(f64) -> f64| -> f64 {
        let term = |y| d.log_prob(f64::from(y)).exp() * f(f64::from(y));
        (0..end).map(term).sum()
    };
    assert_close("mean", &[moment(&|y| y)], &[d.mean()], 1e-11, 0.0);
    let variance = moment(&|y| (y - d.mean()).powi(2));
    assert_close("variance", &[variance], &[d.variance()], 1e-10, 0.0);
}

fn frequencies_are_masses(d: &impl Distribution, y: &[f64], end: u32) {
    for class in 0..end {
        let hits: Vec<f64> = y
            .iter()
            .map(|&y| f64::from(y == f64::from(class)))
            .collect();
        let p = d.log_prob(f64::from(class)).exp();
        let error = (p * (1.0 - p) / y.len() as f64).sqrt();
        let frequency = hits.iter().sum::<f64>() / y.len() as f64;
        assert!(
            (frequency - p).abs() <= 5.0 * error,
            "P({class}): {frequency} against {p}"
        );
    }
}

/// The number beyond which a Poisson of this rate has less than 1e-15 of its mass.
fn last_count(log_rate: f64) -> u32 {
    let rate = log_rate.exp();
    (rate + 10.0 * rate.sqrt() + 40.0) as u32
}

fn logits(k: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-4.0..4.0, k)
}

/// Two sets of logits of the same length.
fn two_logits() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (1usize..7).prop_flat_map(|k| (logits(k), logits(k)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// KL(q ‖ p) = ∫ q (ln q - ln p), the second route beside draws.
    #[test]
    fn divergences_are_integrals(
        a in -2.0..2.0f64, b in -2.0..2.0f64, s in -2.5..1.0f64, t in -2.0..1.0f64,
    ) {
        let p = Laplace { location: b, scale: t.exp() };
        normal(a, s.exp()).has_divergence(&Normal { mean: b, std: t.exp() }, None);
        normal(a, s.exp()).has_divergence(&p, Some(b));
        laplace(a, s.exp()).has_divergence(&p, Some(b));
    }

    #[test]
    fn normal_holds_together(mean in -5.0..5.0, log_std in -6.0..3.0f64) {
        normal(mean, log_std.exp()).holds_together();
    }

    #[test]
    fn laplace_holds_together(location in -5.0..5.0, log_scale in -6.0..3.0f64) {
        laplace(location, log_scale.exp()).holds_together();
    }

    #[test]
    fn scale_mixture_holds_together(pi in 0.0..=1.0, log1 in -3.0..2.0f64, log2 in -6.0..2.0f64) {
        scale_mixture(pi, log1.exp(), log2.exp()).holds_together();
    }

    #[test]
    fn bernoulli_holds_together(logits in -30.0..30.0) {
        let d = Bernoulli { logits };
        discrete_holds_together(&d, 2, d.entropy());
        discrete_moments(&d, 2);
    }

    #[test]
    fn poisson_holds_together(log_rate in -5.0..8.0) {
        let d = Poisson { log_rate };
        discrete_holds_together(&d, last_count(log_rate), d.entropy());
        discrete_moments(&d, last_count(log_rate));
    }

    #[test]
    fn student_t_holds_together(df in 12.0..60.0, loc in -5.0..5.0, log_scale in -4.0..3.0f64) {
        student_t(df, loc, log_scale.exp()).holds_together();
    }

    #[test]
    fn log_normal_holds_together(mu in -3.0..3.0, sigma in 0.05..0.6) {
        log_normal(mu, sigma).holds_together();
    }

    #[test]
    fn gamma_holds_together(concentration in 3.0..60.0, log_rate in -3.0..3.0f64) {
        gamma(concentration, log_rate.exp()).holds_together();
    }

    #[test]
    fn beta_holds_together(a in 3.0..60.0, b in 3.0..60.0) {
        beta(a, b).holds_together();
    }

    #[test]
    fn negative_binomial_holds_together(log_r in -3.0..6.0f64, logits in -4.0..1.5) {
        let d = negative_binomial(log_r.exp(), logits);
        let end = (d.mean() + 40.0 * d.variance().sqrt() + 200.0) as u32;
        discrete_holds_together(&d, end, d.entropy());
        discrete_moments(&d, end);
        discrete_cdf_is_the_sum(&d, end.min(300));
    }

    #[test]
    fn poisson_cdf_is_the_sum(log_rate in -5.0..6.0) {
        discrete_cdf_is_the_sum(&Poisson { log_rate }, last_count(log_rate).min(800));
    }

    #[test]
    fn categorical_holds_together(logits in logits(1..8), mask in any::<prop::sample::Index>()) {
        let k = logits.len() as u32;
        let d = Categorical { logits };
        discrete_holds_together(&d, k, d.entropy());
        let mut masked = d.clone();
        let at = mask.index(k as usize);
        masked.logits[at] = f64::NEG_INFINITY;
        prop_assert_eq!(masked.probabilities()[at], 0.0);
        if k > 1 {
            discrete_holds_together(&masked, k, masked.entropy());
        }
    }
}

#[test]
fn poisson_cdf_agrees_with_itself_where_its_form_changes() {
    let d = Poisson {
        log_rate: 1e6f64.ln(),
    };
    for z in [-4.0, -1.0, 0.0, 0.5, 3.0] {
        let k = (1e6f64 + 1e3 * z).round();
        let sum = d.cdf(k - 1.0) + d.log_prob(k).exp();
        assert!((sum - d.cdf(k)).abs() < 1e-6, "z = {z}");
    }
}

#[test]
fn poisson_entropy_is_the_same_on_both_sides_of_its_series() {
    let [below, above] = [999.999_999, 1_000.000_001].map(|rate: f64| {
        let d = Poisson {
            log_rate: rate.ln(),
        };
        // the rate's own share: d entropy / d rate = 1 / (2 rate)
        d.entropy() - 0.5 * rate.ln()
    });
    assert_close("entropy", &[below], &[above], 1e-11, 0.0);
}

#[test]
fn normal_draws_itself() {
    normal(0.0, 1.0).draws_itself(1);
    normal(-3.0, 0.01).draws_itself(2);
}

#[test]
fn laplace_draws_itself() {
    laplace(0.0, 1.0).draws_itself(3);
    laplace(20.0, 3.0).draws_itself(4);
}

#[test]
fn scale_mixture_draws_itself() {
    scale_mixture(0.5, 1.0, 0.0025).draws_itself(5);
    scale_mixture(0.1, 0.2, 3.0).draws_itself(6);
    scale_mixture(0.0, 1.0, 2.0).draws_itself(7);
    scale_mixture(1.0, 1.0, 2.0).draws_itself(8);
}

#[test]
fn bernoulli_draws_itself() {
    for (seed, logits) in [(9, 0.0), (10, -3.0), (11, 800.0), (12, f64::NEG_INFINITY)] {
        let d = Bernoulli { logits };
        let y = draws(&d, seed);
        frequencies_are_masses(&d, &y, 2);
        moments_within_five_errors(&d, &y);
    }
}

#[test]
fn categorical_draws_itself() {
    for (seed, logits) in [
        (13, vec![0.2, -1.0, 1.5]),
        (14, vec![f64::NEG_INFINITY, 0.0, 1.0, f64::NEG_INFINITY]),
        (15, vec![0.0]),
    ] {
        let k = logits.len() as u32;
        let d = Categorical { logits };
        frequencies_are_masses(&d, &draws(&d, seed), k);
    }
}

#[test]
fn poisson_draws_itself() {
    for (seed, log_rate) in [(16, 1.2), (17, -3.0), (18, 5.5), (19, -800.0), (20, 46.0)] {
        let d = Poisson { log_rate };
        let y = draws(&d, seed);
        moments_within_five_errors(&d, &y);
        if log_rate < 3.0 {
            frequencies_are_masses(&d, &y, 6);
        }
    }
}

fn mixture(logits: [f64; 3]) -> Continuous<MixtureOfNormals<Vec<f64>>> {
    let d = MixtureOfNormals {
        logits: logits.to_vec(),
        means: vec![-1.0, 0.5, 2.0],
        stds: vec![0.5, 1.0, 0.3],
    };
    Continuous {
        pieces: [-13.0, -3.0, -1.0, 0.5, 2.0, 5.0, 13.0].to_vec(),
        entropy: None,
        cdf: Cumulative::cdf,
        d,
    }
}

#[test]
fn a_mixture_of_normals_holds_together() {
    for logits in [[0.0, 0.0, 0.0], [1.0, -2.0, 300.0], [-900.0, 5.0, 5.0]] {
        mixture(logits).holds_together();
    }
    mixture([1.0, 0.5, -0.5]).draws_itself(50);
}

#[test]
fn distributions_of_quantities_draw_themselves() {
    student_t(5.0, 1.0, 0.5).draws_itself(41);
    student_t(50.0, -2.0, 3.0).draws_itself(42);
    log_normal(0.3, 0.4).draws_itself(43);
    gamma(0.7, 2.0).draws_itself(44);
    gamma(30.0, 0.1).draws_itself(45);
    beta(0.6, 0.8).draws_itself(46);
    beta(20.0, 3.0).draws_itself(47);
    for (seed, total_count, logits) in [(48, 0.8, 0.5), (49, 30.0, -2.0)] {
        let d = negative_binomial(total_count, logits);
        let y = draws(&d, seed);
        moments_within_five_errors(&d, &y);
        frequencies_are_masses(&d, &y, 6);
    }
}

/// KL(q ‖ p) is the mean of ln q - ln p over draws from q.
fn divergence_is_an_expectation<Q, P>(q: &Q, p: &P, seed: u64)
where
    Q: Distribution + KlDivergence<P>,
    P: Distribution,
{
    let terms: Vec<f64> = draws(q, seed)
        .into_iter()
        .map(|y| q.log_prob(y) - p.log_prob(y))
        .collect();
    within_five_errors("KL", &terms, q.kl_divergence(p));
}

#[test]
fn divergences_are_expectations() {
    let normal = |mean, std| Normal { mean, std };
    divergence_is_an_expectation(&normal(0.3, 0.5), &normal(0.0, 1.0), 21);
    divergence_is_an_expectation(&normal(-1.0, 2.0), &normal(0.5, 1.5), 22);
    let laplace = |location, scale| Laplace { location, scale };
    divergence_is_an_expectation(&laplace(0.3, 0.5), &laplace(0.0, 1.0), 23);
    divergence_is_an_expectation(&laplace(-2.0, 1.0), &laplace(1.0, 0.8), 24);
    divergence_is_an_expectation(&normal(0.3, 0.5), &laplace(0.0, 1.0), 25);
    divergence_is_an_expectation(&normal(-2.0, 0.05), &laplace(0.0, 0.3), 26);
    let bernoulli = |logits| Bernoulli { logits };
    divergence_is_an_expectation(&bernoulli(0.3), &bernoulli(-1.0), 27);
    divergence_is_an_expectation(&bernoulli(-0.5), &bernoulli(-1.2), 28);
    let poisson = |log_rate| Poisson { log_rate };
    divergence_is_an_expectation(&poisson(0.5), &poisson(1.0), 29);
    divergence_is_an_expectation(&poisson(4.0), &poisson(3.8), 30);
    let categorical = |logits: &[f64]| Categorical {
        logits: logits.to_vec(),
    };
    let (q, p) = (
        categorical(&[0.2, -1.0, 1.5]),
        categorical(&[0.0, 0.5, 1.0]),
    );
    divergence_is_an_expectation(&q, &p, 31);
    let q = categorical(&[0.2, f64::NEG_INFINITY, 1.5]);
    divergence_is_an_expectation(&q, &p, 32);
    assert_eq!(p.kl_divergence(&q), f64::INFINITY);
    divergence_is_an_expectation(&log_normal(0.3, 0.5).d, &log_normal(0.0, 0.8).d, 33);
    divergence_is_an_expectation(&gamma(2.0, 1.5).d, &gamma(2.4, 1.3).d, 34);
    divergence_is_an_expectation(&gamma(5.0, 1.5).d, &gamma(1.4, 0.3).d, 35);
    divergence_is_an_expectation(&beta(2.0, 3.0).d, &beta(2.2, 2.5).d, 36);
    divergence_is_an_expectation(&beta(6.0, 3.0).d, &beta(2.0, 1.5).d, 37);
}

proptest! {
    #[test]
    fn kl_is_zero_only_at_equality(
        a in -5.0..5.0f64, b in -5.0..5.0f64, s in -3.0..3.0f64, t in -3.0..3.0f64,
        (q, p) in two_logits(),
    ) {
        let (normal_q, normal_p) = (Normal { mean: a, std: s.exp() }, Normal { mean: b, std: t.exp() });
        prop_assert!(normal_q.kl_divergence(&normal_p) > 0.0);
        prop_assert_eq!(normal_q.kl_divergence(&normal_q), 0.0);
        let (laplace_q, laplace_p) =
            (Laplace { location: a, scale: s.exp() }, Laplace { location: b, scale: t.exp() });
        prop_assert!(laplace_q.kl_divergence(&laplace_p) > 0.0);
        prop_assert_eq!(laplace_q.kl_divergence(&laplace_q), 0.0);
        prop_assert!(normal_q.kl_divergence(&laplace_p) > 0.0);
        let (bernoulli_q, bernoulli_p) = (Bernoulli { logits: a }, Bernoulli { logits: b });
        prop_assert!(bernoulli_q.kl_divergence(&bernoulli_p) > 0.0);
        prop_assert_eq!(bernoulli_q.kl_divergence(&bernoulli_q), 0.0);
        let (poisson_q, poisson_p) = (Poisson { log_rate: a }, Poisson { log_rate: b });
        prop_assert!(poisson_q.kl_divergence(&poisson_p) > 0.0);
        prop_assert_eq!(poisson_q.kl_divergence(&poisson_q), 0.0);
        let (gamma_q, gamma_p) = (gamma(s.exp(), a.exp()).d, gamma(t.exp(), b.exp()).d);
        prop_assert!(gamma_q.kl_divergence(&gamma_p) > 0.0);
        prop_assert_eq!(gamma_q.kl_divergence(&gamma_q), 0.0);
        let (beta_q, beta_p) = (beta(s.exp(), a.exp()).d, beta(t.exp(), b.exp()).d);
        prop_assert!(beta_q.kl_divergence(&beta_p) > 0.0);
        prop_assert_eq!(beta_q.kl_divergence(&beta_q), 0.0);
        let (q, p) = (Categorical { logits: q }, Categorical { logits: p });
        prop_assert!(q.logits.len() == 1 || q.kl_divergence(&p) > 0.0);
        prop_assert_eq!(q.kl_divergence(&q), 0.0);
    }

    /// Close to equality KL is half the Fisher information times the squared distance h, with a
    /// relative error of the order of h. A form that cancels keeps about h / 1e-16 of it, and
    /// fails.
    #[test]
    fn kl_is_quadratic_near_equality(a in 0.5..5.0f64, s in -3.0..3.0f64) {
        let (b, h) = (s.exp(), 1e-10);
        // the steps that rounding leaves
        let (to_a, to_b) = (a + h, b * (1.0 + h));
        let (by_a, by_b) = (to_a - a, (to_b - b) / b);
        let near = |what: &str, kl: f64, step: f64, information: f64| {
            assert_close(what, &[kl], &[0.5 * step * step * information], 1e-9, 0.0);
        };
        let q = Normal { mean: a, std: b };
        near("mean", q.kl_divergence(&Normal { mean: to_a, std: b }), by_a, 1.0 / (b * b));
        near("std", q.kl_divergence(&Normal { mean: a, std: to_b }), by_b, 2.0);
        let q = Laplace { location: a, scale: b };
        near("location", q.kl_divergence(&Laplace { location: to_a, scale: b }), by_a, 1.0 / (b * b));
        near("scale", q.kl_divergence(&Laplace { location: a, scale: to_b }), by_b, 1.0);
        let q = Bernoulli { logits: a };
        near("logits", q.kl_divergence(&Bernoulli { logits: to_a }), by_a, q.variance());
        let q = Poisson { log_rate: a };
        near("log_rate", q.kl_divergence(&Poisson { log_rate: to_a }), by_a, q.variance());
    }

    /// The forms that priors offer a posterior are the divergence, and their partials are its
    /// derivatives, by forward mode.
    #[test]
    fn prior_divergence_and_partials_agree(
        mean in -3.0..3.0f64, log_std in -6.0..1.0f64, m in -1.0..1.0f64, scale in 0.1..3.0f64,
    ) {
        let std = log_std.exp();
        let q = Normal { mean, std };
        let d = |v: f64, d: f64| Dual { v, d };
        let by_mean = [d(mean, 1.0), d(std, 0.0), d(log_std, 0.0)];
        let by_log_std = [d(mean, 0.0), d(std, std), d(log_std, 1.0)];

        let p = Normal { mean: m, std: scale };
        // log_std has lost what exp and ln round
        assert_close("normal", &[p.kl(mean, log_std)], &[q.kl_divergence(&p)], 1e-12, 1e-14);
        let forward = [by_mean, by_log_std].map(|[mean, _, log_std]| p.kl(mean, log_std).d);
        assert_close("normal partials", &p.kl_partials(mean, std), &forward, 1e-12, 1e-13);

        let p = Laplace { location: m, scale };
        assert_close("laplace", &[p.kl(mean, std, log_std)], &[q.kl_divergence(&p)], 1e-12, 1e-14);
        let forward = [by_mean, by_log_std].map(|[mean, std, log_std]| p.kl(mean, std, log_std).d);
        assert_close("laplace partials", &p.kl_partials(mean, std), &forward, 1e-12, 1e-13);
    }

    /// d/dy ln p by forward mode.
    #[test]
    fn score_is_the_derivative_of_the_log_density(
        y in -3.0..3.0f64, a in -1.0..1.0, s in 0.05..2.0, t in 0.05..2.0, pi in 0.0..=1.0,
    ) {
        let dual = Dual { v: y, d: 1.0 };
        let normal = Normal { mean: a, std: s };
        assert_close("normal", &[normal.score(y)], &[normal.log_prob(dual).d], 1e-13, 1e-13);
        let laplace = Laplace { location: a, scale: s };
        assert_close("laplace", &[laplace.score(y)], &[laplace.log_prob(dual).d], 1e-13, 1e-13);
        let mixture = ScaleMixture { pi, sigma1: s, sigma2: t };
        let forward = mixture.log_prob(dual).d;
        assert_close("scale mixture", &[mixture.score(y)], &[forward], 1e-11, 1e-11);
    }
}
