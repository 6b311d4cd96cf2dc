//! Predictions of numbers: [`Normal`], [`Poisson`] and all others that have a distribution function.

use super::interval::Interval;
use super::mixture;
use super::predictive::{Predictive, Summarize};
use super::report::QuantityReport;
use super::uncertainty::{Uncertainty, short};
use crate::dist::{
    Beta, Cumulative, Density, Gamma, Laplace, LogNormal, MixtureOfNormals, Moments,
    NegativeBinomial, Normal, Own, Poisson, StudentT, quantile,
};
use crate::error::Result;
use crate::net::TargetSchema;

/// A likelihood of numbers, of which mean and quantiles mean something.
pub trait Quantity: Summarize<Element: Cumulative> {
    /// The least y with `P(Y <= y) >= q` under the mixture of these distributions, for q
    /// between 0 and 1.
    fn quantile(draws: &[Self::Element], q: f64) -> f64 {
        quantile(draws, q)
    }
}

impl<L: Quantity> Predictive<L> {
    /// The mean of each prediction; infinite if that of a draw is, such as that of a count whose
    /// rate leaves the range of f64.
    pub fn mean(&self) -> Vec<f64> {
        self.each(mean)
    }
    /// The standard deviation of each prediction, aleatoric and epistemic together: the root of
    /// [`total`](Predictive::total).
    pub fn std(&self) -> Vec<f64> {
        self.each(|draws| variance(draws).total().sqrt())
    }
    /// The `q`-quantile of each prediction, by solving for it in the distribution function of
    /// the mixture: nothing is sampled.
    ///
    /// # Panics
    /// If `q` is not between 0 and 1, both excluded.
    #[track_caller]
    pub fn quantile(&self, q: f64) -> Vec<f64> {
        assert!(
            q > 0.0 && q < 1.0,
            "quantile: {q} does not lie between 0 and 1"
        );
        self.each(|draws| L::quantile(draws, q))
    }
    /// The central interval of each prediction that holds y with the probability `level`: from
    /// the `(1 - level) / 2`-quantile to the `(1 + level) / 2`-quantile. Of counts, which have
    /// no such quantiles exactly, it holds at least that much.
    ///
    /// # Panics
    /// If `level` is not between 0 and 1, both excluded.
    #[track_caller]
    pub fn interval(&self, level: f64) -> Vec<Interval> {
        let tail = 0.5 - 0.5 * level;
        assert!(
            level < 1.0 && tail < 0.5 && tail > 0.0,
            "interval: the level {level} does not lie between 0 and 1"
        );
        self.each(|draws| Interval {
            low: L::quantile(draws, tail),
            high: L::quantile(draws, 1.0 - tail),
        })
    }
}

/// The mean of the draws' means, as a shift of the first, so that the mean of equal ones is
/// exactly that.
fn mean(draws: &[impl Moments]) -> f64 {
    let (n, first) = (draws.len() as f64, draws[0].mean());
    let shifts: f64 = draws.iter().map(|draw| draw.mean() - first).sum();
    let mean = first + shifts / n;
    if mean.is_finite() {
        return mean;
    }
    // A mean, or the sum of the shifts, leaves the range of f64: inf - inf is no number.
    draws.iter().map(|draw| draw.mean() / n).sum()
}

/// The law of total variance.
fn variance(draws: &[impl Moments]) -> Uncertainty {
    let (n, mean) = (draws.len() as f64, mean(draws));
    let squares = draws.iter().map(|draw| match draw.mean() {
        // Infinite ones as well: their difference would be no number.
        equal if equal == mean => 0.0,
        other => (other - mean).powi(2),
    });
    Uncertainty {
        aleatoric: draws.iter().map(Moments::variance).sum::<f64>() / n,
        epistemic: squares.sum::<f64>() / n,
    }
}

/// `3.21 ± 0.54`
fn in_words(draws: &[impl Moments]) -> String {
    let std = variance(draws).total().sqrt();
    format!("{} ± {}", short(mean(draws)), short(std))
}

/// What every prediction of a quantity has in common; `in_units` where the target may be scaled.
macro_rules! quantity {
    ($name:ident $(, $in_units:item)?) => {
        impl Summarize for $name {
            type Report = QuantityReport;
            const UNIT: &'static str = " variance";

            $($in_units)?
            fn uncertainty(draws: &[Self::Element]) -> Uncertainty {
                variance(draws)
            }
            fn in_words(draws: &[Self::Element], _: &TargetSchema) -> String {
                in_words(draws)
            }
            fn report(prediction: &Predictive<Self>, truth: &[f64]) -> Result<QuantityReport> {
                Ok(QuantityReport::new(prediction, truth))
            }
        }
    };
}

quantity!(
    Normal,
    fn in_units(z: Normal<f64>, mean: f64, std: f64) -> Normal<f64> {
        Normal {
            mean: mean + std * z.mean,
            std: not_zero(std * z.std),
        }
    }
);
quantity!(
    Laplace,
    fn in_units(z: Laplace<f64>, mean: f64, std: f64) -> Laplace<f64> {
        Laplace {
            location: mean + std * z.location,
            scale: not_zero(std * z.scale),
        }
    }
);
quantity!(
    StudentT,
    fn in_units(z: StudentT<f64>, mean: f64, std: f64) -> StudentT<f64> {
        StudentT {
            df: z.df,
            loc: mean + std * z.loc,
            scale: not_zero(std * z.scale),
        }
    }
);
quantity!(
    MixtureOfNormals,
    fn in_units(z: Self::Element, mean: f64, std: f64) -> Self::Element {
        MixtureOfNormals {
            logits: z.logits,
            means: z.means.iter().map(|z| mean + std * z).collect(),
            stds: z.stds.iter().map(|z| not_zero(std * z)).collect(),
        }
    }
);
quantity!(LogNormal);
quantity!(Gamma);
quantity!(Beta);
quantity!(Poisson);
quantity!(NegativeBinomial);

/// A scale that underflowed to 0 is the smallest there is: elsewhere than at the location the log
/// density is -inf then, and nowhere NaN.
fn not_zero(scale: f64) -> f64 {
    if scale == 0.0 {
        f64::MIN_POSITIVE
    } else {
        scale
    }
}

impl Quantity for Normal {
    fn quantile(draws: &[Normal<f64>], q: f64) -> f64 {
        mixture::normal_quantile(draws, q)
    }
}
impl<D: Density<N>, const N: usize> Summarize for Own<D, N> {
    type Report = QuantityReport;
    const UNIT: &'static str = " variance";

    fn in_units(z: Self::Element, mean: f64, std: f64) -> Self::Element {
        z.in_units(mean, std)
    }
    fn uncertainty(draws: &[Self::Element]) -> Uncertainty {
        variance(draws)
    }
    fn in_words(draws: &[Self::Element], _: &TargetSchema) -> String {
        in_words(draws)
    }
    fn report(prediction: &Predictive<Self>, truth: &[f64]) -> Result<QuantityReport> {
        Ok(QuantityReport::new(prediction, truth))
    }
}

impl<D: Density<N>, const N: usize> Quantity for Own<D, N> {}
impl Quantity for Laplace {}
impl Quantity for StudentT {}
impl Quantity for MixtureOfNormals {}
impl Quantity for LogNormal {}
impl Quantity for Gamma {}
impl Quantity for Beta {}
impl Quantity for Poisson {}
impl Quantity for NegativeBinomial {}
