//! The negative binomial distribution, by logits.

use rand::Rng;
use rand_distr::Distribution as _;

use super::divergence::{excess, weighted};
use super::incomplete::beta_parts;
use super::parameters::elementwise;
use super::stirling::{LARGE, digamma_rising, log_rising, stirling_rest};
use super::{Cumulative, Distribution, Moments, Poisson, Support};
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// NegativeBinomial(`total_count`, logits) on the counts 0, 1, 2, …: a Poisson whose rate varies by
/// itself, with a Gamma distribution, for counts that spread more than a Poisson's.
///
/// ```text
/// ln p(y) = ln Γ(y + r) - ln Γ(r) - ln Γ(y + 1) + r ln σ(-l) + y ln σ(l),   r = total_count, l = logits
/// mean m = r e^l,   variance = m (1 + e^l) = m + m²/r
/// ```
///
/// Where y and r are at least 16 the large terms, which cancel, are taken away first: with n = y + r
///
/// ```text
/// -r (e^u - 1 - u) - y (e^v - 1 - v) + ln √(r / 2πny) + δ(n) - δ(r) - δ(y)
/// u = ln(n σ(-l) / r),   v = ln(n σ(l) / y)
/// ```
///
/// and δ the rest of Stirling's series. `total_count` is any positive number; otherwise the results
/// are NaN. The smaller it is, the more the counts spread beside a Poisson of the same mean. A net
/// that predicts the log of the mean writes `NegativeBinomial(r, log_mean - log(r))`.
///
/// Source: Loader (2000), Fast and accurate computation of binomial probabilities, for large counts.
///
/// ```
/// use elbo::dist::{Moments, NegativeBinomial};
/// let d = NegativeBinomial { total_count: 3.0, logits: 0.0 };
/// assert_eq!((d.mean(), d.variance()), (3.0, 6.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial<T = Tensor> {
    /// r: mean² over the variance that a Poisson has not.
    pub total_count: T,
    /// ln of the mean over r.
    pub logits: T,
}

elementwise!(
    NegativeBinomial {
        total_count,
        logits
    },
    LogProb,
    Support::Count
);

impl NegativeBinomial<f64> {
    /// -Σ p ln p in nats, summed over the counts up to where less than 1e-18 is left; it takes a
    /// time that grows with the spread.
    pub fn entropy(&self) -> f64 {
        let mut sum = 0.0;
        let (mean, mut y) = (self.mean(), 0.0);
        loop {
            let l = self.log_prob(y);
            sum -= weighted(l.exp(), l);
            y += 1.0;
            // Beyond the mean each mass is smaller than the one before.
            if (y > mean && self.survival(y) * (1.0 - l) < 1e-18 * sum) || sum.is_nan() {
                return sum;
            }
        }
    }
    /// P(Y <= y) and P(Y > y), for any y.
    fn parts(&self, y: f64) -> [f64; 2] {
        if y < 0.0 {
            return [0.0, 1.0];
        }
        if y == f64::INFINITY {
            return [1.0, 0.0];
        }
        let l = self.logits;
        beta_parts(
            [self.total_count, y.floor() + 1.0],
            [(-l).sigmoid(), l.sigmoid()],
        )
    }
}

impl Distribution for NegativeBinomial<f64> {
    fn log_prob(&self, y: f64) -> f64 {
        if Support::Count.contains(y) {
            self.log_prob(y)
        } else {
            f64::NEG_INFINITY
        }
    }
    /// A Poisson whose rate is drawn from Gamma(r, e^-l).
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        // The error is a parameter that is not positive, of which all results are NaN.
        let rate = rand_distr::Gamma::new(self.total_count, self.logits.exp())
            .map_or(f64::NAN, |gamma| gamma.sample(rng));
        let log_rate = rate.ln();
        Poisson { log_rate }.sample(rng)
    }
}

impl Moments for NegativeBinomial<f64> {
    fn mean(&self) -> f64 {
        self.total_count * self.logits.exp()
    }
    fn variance(&self) -> f64 {
        self.mean() * (1.0 + self.logits.exp())
    }
}

/// P(Y <= y) is the incomplete beta function I of r and y + 1 at σ(-l).
impl Cumulative for NegativeBinomial<f64> {
    fn cdf(&self, y: f64) -> f64 {
        self.parts(y)[0]
    }
    fn survival(&self, y: f64) -> f64 {
        self.parts(y)[1]
    }
}

/// y = ln p(y; total_count, logits)
#[derive(Clone, Copy)]
struct LogProb;
impl Pointwise<3> for LogProb {
    const NAME: &'static str = "negative_binomial_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [y, r, l]: [S; 3]) -> S {
        let (n, large) = (y + r, S::of(LARGE));
        // ln σ(-l) and ln σ(l)
        let (hit, miss) = (-l.softplus(), -(-l).softplus());
        if y >= large && r >= large {
            let (u, v) = ((y / r).ln_1p() + hit, (r / y).ln_1p() + miss);
            let root = S::of(0.5) * ((r / n).ln() - y.ln()) - S::of(special::LN_SQRT_2PI);
            let rest = stirling_rest(n) - stirling_rest(r) - stirling_rest(y);
            return root - r * excess(u) - y * excess(v) + rest;
        }
        let [y, r, l] = [y, r, l].map(S::widen);
        S::narrow(log_ways(y, r) - r * l.softplus() - weighted(y, (-l).softplus()))
    }
    /// ```text
    /// ∂/∂y = ψ(n) - ψ(y + 1) + ln σ(l),   ∂/∂r = ψ(n) - ψ(r) + ln σ(-l),   ∂/∂l = y σ(-l) - r σ(l)
    /// ```
    fn partials<S: Scalar>(&self, [y, r, l]: [S; 3], _: S) -> [S; 3] {
        [
            (y + r).digamma() - (y + S::ONE).digamma() - (-l).softplus(),
            digamma_rising(r, y) - l.softplus(),
            y * (-l).sigmoid() - r * l.sigmoid(),
        ]
    }
}

/// ln Γ(y + r) - ln Γ(r) - ln Γ(y + 1).
fn log_ways<S: Scalar>(y: S, r: S) -> S {
    let large = S::of(LARGE);
    if r >= large {
        log_rising(r, y) - (y + S::ONE).lgamma()
    } else if y >= large {
        log_rising(y, r) - y.ln() - r.lgamma()
    } else {
        ((y + r).lgamma() - (y + S::ONE).lgamma()) - r.lgamma()
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // On either side of 16, from where on the gamma functions are series.
    law!(LogProb, "negative_binomial_log_prob", (y: "..." in Domain::between(0.0, 15.0), total_count: "..." in Domain::between(0.3, 5.0), logits: "..." in Domain::REAL) => pointwise(LogProb, [y, total_count, logits])),
    law!(LogProb, "negative_binomial_log_prob", (y: "..." in Domain::between(0.0, 15.0), total_count: "..." in Domain::between(17.0, 40.0), logits: "..." in Domain::REAL) => pointwise(LogProb, [y, total_count, logits])),
    law!(LogProb, "negative_binomial_log_prob", (y: "..." in Domain::between(17.0, 40.0), total_count: "..." in Domain::between(0.3, 5.0), logits: "..." in Domain::REAL) => pointwise(LogProb, [y, total_count, logits])),
    law!(LogProb, "negative_binomial_log_prob", (y: "..." in Domain::between(17.0, 40.0), total_count: "..." in Domain::between(17.0, 40.0), logits: "..." in Domain::REAL) => pointwise(LogProb, [y, total_count, logits])),
];
