//! Entropies and the log predictive density.

/// `H(p) = -Σ_k p_k ln p_k` in nats, with 0 ln 0 = 0; NaN if a p_k is.
///
/// ```
/// use elbo::predict::metrics::entropy;
/// assert_eq!(entropy(&[0.5, 0.5]), 2.0_f64.ln());
/// assert_eq!(entropy(&[1.0, 0.0]), 0.0);
/// ```
pub fn entropy(p: &[f64]) -> f64 {
    p.iter().map(|&p| minus_p_ln_p(p)).sum()
}

fn minus_p_ln_p(p: f64) -> f64 {
    // 0.0 - .. and not -..: the entropy of a certain class is 0, not -0.
    if p == 0.0 { 0.0 } else { 0.0 - p * p.ln() }
}

/// `(1/S) Σ_s p_s`, the probability of each class in the mixture of the draws.
///
/// # Panics
/// If there is no draw, or draws have different numbers of classes.
#[track_caller]
pub fn mean_probabilities(draws: &[impl AsRef<[f64]>]) -> Vec<f64> {
    assert!(!draws.is_empty(), "mean_probabilities: no draw");
    let mut mean = vec![0.0; draws[0].as_ref().len()];
    for draw in draws {
        super::same_length(
            "mean_probabilities",
            (mean.len(), "classes"),
            (draw.as_ref().len(), "classes in another draw"),
        );
        for (mean, p) in mean.iter_mut().zip(draw.as_ref()) {
            *mean += p;
        }
    }
    let draws = draws.len() as f64;
    mean.iter().map(|sum| sum / draws).collect()
}

/// `(1/S) Σ_s H(p_s)` in nats: the aleatoric part of the entropy of the mixture; NaN if a
/// probability is.
///
/// # Panics
/// If there is no draw.
#[track_caller]
pub fn expected_entropy(draws: &[impl AsRef<[f64]>]) -> f64 {
    assert!(!draws.is_empty(), "expected_entropy: no draw");
    let sum: f64 = draws.iter().map(|draw| entropy(draw.as_ref())).sum();
    sum / draws.len() as f64
}

/// The mutual information of class and draw in nats, the epistemic part of the entropy of the
/// mixture m:
///
/// ```text
/// H(m) - (1/S) Σ_s H(p_s) = (1/S) Σ_s Σ_k (p_sk ln(p_sk / m_k) - p_sk + m_k)
/// ```
///
/// It is computed by the right side, where no term is negative; the left one cancels, and falls
/// below 0 where draws agree. Between 0 and the smaller of ln S and ln k; NaN if a probability
/// is.
///
/// # Panics
/// If there is no draw, or draws have different numbers of classes.
///
/// ```
/// use elbo::predict::metrics::{expected_entropy, mutual_information};
/// let draws = [[0.3, 0.2, 0.5], [0.1, 0.8, 0.1]];
/// assert!((mutual_information(&draws) - 0.1953105772071983).abs() < 1e-15);
/// assert!((expected_entropy(&draws) - 0.8343424368573752).abs() < 1e-15);
/// assert_eq!(mutual_information(&draws[..1]), 0.0);
/// ```
#[track_caller]
pub fn mutual_information(draws: &[impl AsRef<[f64]>]) -> f64 {
    let mean = mean_probabilities(draws);
    let mut sum = 0.0;
    for draw in draws {
        for (&p, &m) in draw.as_ref().iter().zip(&mean) {
            sum += divergence(p, m);
        }
    }
    sum / draws.len() as f64
}

/// `p ln(p/m) - p + m`, not negative.
fn divergence(p: f64, m: f64) -> f64 {
    if p == 0.0 || m == 0.0 {
        return m; // 0 ln 0 = 0; m is 0 beside a larger p only where both all but underflow
    }
    let d = p - m;
    // ln(1 + d/m) keeps the digits where p and m are close, and has none where p/m is small.
    let log_ratio = if d.abs() < 0.5 * m {
        (d / m).ln_1p()
    } else {
        (p / m).ln()
    };
    let term = p * log_ratio - d;
    // What rounding leaves below 0 is 0. `max` would make 0 of a NaN, too.
    if term < 0.0 { 0.0 } else { term }
}

/// The log predictive density `ln (1/S) Σ_s p_s` from the `ln p_s` of the draws: the logarithm
/// of the mean, not the mean of the logarithms, which is lower.
///
/// -inf if no draw gives the observation any probability; NaN if an `ln p_s` is.
///
/// # Panics
/// If there is no draw.
///
/// ```
/// use elbo::dist::Normal;
/// use elbo::predict::metrics::log_predictive_density;
/// let draws = [0.0, 3.0].map(|mean| Normal { mean, std: 1.0 }.log_prob(0.0_f64));
/// assert!((log_predictive_density(&draws) + 1.6010379689160243).abs() < 1e-15);
/// ```
#[track_caller]
pub fn log_predictive_density(log_probs: &[f64]) -> f64 {
    assert!(!log_probs.is_empty(), "log_predictive_density: no draw");
    if log_probs.iter().any(|l| l.is_nan()) {
        return f64::NAN; // which `max` would pass over
    }
    let largest = log_probs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    let sum: f64 = log_probs.iter().map(|l| (l - largest).exp()).sum();
    largest + (sum / log_probs.len() as f64).ln()
}
