//! Predictions of classes: [`Bernoulli`], [`Categorical`] and [`Ordinal`].

use super::metrics::{
    Bin, Referral, expected_entropy, mean_probabilities, most_probable, mutual_information,
    referral_curve, reliability,
};
use super::predictive::{Predictive, Summarize};
use super::report::{BINS, LabelReport};
use super::uncertainty::Uncertainty;
use crate::data::Dataset;
use crate::dist::{Bernoulli, Categorical, Classes, Ordinal};
use crate::error::Result;
use crate::net::TargetSchema;
use crate::tensor::Tensor;

/// A likelihood of classes, which have names.
pub trait Labels: Summarize<Element: Classes> {}

impl<L: Labels> Predictive<L> {
    /// The probability of each class, the mean over the draws: `[rows, classes]`, or
    /// `[rows, columns, classes]` if the target has several columns.
    pub fn probabilities(&self) -> Tensor<f64> {
        let values = self.probabilities_of_values();
        let classes = self.target().classes.len();
        let data: Vec<f64> = values.into_iter().flatten().collect();
        match self.columns() {
            1 => Tensor::new([self.rows(), classes], data),
            columns => Tensor::new([self.rows(), columns, classes], data),
        }
    }
    /// The most probable class of each prediction, as its label; of equally probable ones the
    /// first.
    pub fn class(&self) -> Vec<usize> {
        self.each(|draws| most_probable(&mean(draws)))
    }
    /// The name of the class at this index of [`class`](Predictive::class): of a row, or, if the
    /// target has several columns, of a row and column.
    ///
    /// # Panics
    /// If there is no such index.
    #[track_caller]
    pub fn class_name(&self, index: usize) -> &str {
        let columns = self.columns();
        let count = self.rows() * columns;
        assert!(index < count, "class_name: {index} of {count} predictions");
        let draws = self.mixture(index / columns, index % columns);
        &self.target().classes[most_probable(&mean(&draws))]
    }
    /// The entropy of each prediction, in nats: [`total`](Predictive::total) by the name it has
    /// for classes.
    pub fn entropy(&self) -> Vec<f64> {
        self.total()
    }
    /// The mutual information of class and weights, in nats:
    /// [`epistemic`](Predictive::epistemic) by the name it has for classes.
    pub fn mutual_information(&self) -> Vec<f64> {
        self.epistemic()
    }
    /// How often predictions of each confidence are right: 15 bins, for a reliability diagram.
    ///
    /// # Errors
    /// As [`evaluate`](Predictive::evaluate).
    pub fn reliability(&self, data: &Dataset) -> Result<Vec<Bin>> {
        let outcomes = Outcomes::new(self, &self.truth(data)?);
        reliability(&outcomes.confidence, &outcomes.correct, BINS)
    }
    /// The accuracy that is left when the predictions of the largest entropy are referred to
    /// somebody else; see [`metrics::referral_curve`](super::metrics::referral_curve).
    ///
    /// # Errors
    /// As [`evaluate`](Predictive::evaluate).
    pub fn referral_curve(&self, data: &Dataset) -> Result<Vec<Referral>> {
        let truth = self.truth(data)?;
        let outcomes = Outcomes::new(self, &truth);
        let entropy = self.entropy().into_iter().zip(&truth);
        let entropy: Vec<f64> = entropy
            .filter(|(_, label)| !label.is_nan())
            .map(|(entropy, _)| entropy)
            .collect();
        let correct: Vec<f64> = outcomes.correct.iter().copied().map(f64::from).collect();
        referral_curve(&entropy, &correct)
    }
    pub(super) fn probabilities_of_values(&self) -> Vec<Vec<f64>> {
        self.each(mean)
    }
}

impl Predictive<Bernoulli> {
    /// P(y = 1) of each prediction, the mean over the draws.
    pub fn probability(&self) -> Vec<f64> {
        self.each(|draws| mean(draws)[1])
    }
}

/// What came of each prediction whose truth is known.
pub(super) struct Outcomes {
    /// The probability of the most probable class.
    pub(super) confidence: Vec<f64>,
    /// Whether that was the class.
    pub(super) correct: Vec<bool>,
}

impl Outcomes {
    pub(super) fn new<L: Labels>(prediction: &Predictive<L>, truth: &[f64]) -> Self {
        let (confidence, correct) = (prediction.probabilities_of_values().iter())
            .zip(truth)
            .filter(|(_, label)| !label.is_nan())
            .map(|(p, &label)| {
                let class = most_probable(p);
                (p[class], class == label as usize)
            })
            .unzip();
        Outcomes {
            confidence,
            correct,
        }
    }
}

fn probabilities(draws: &[impl Classes]) -> Vec<Vec<f64>> {
    draws.iter().map(Classes::probabilities).collect()
}

/// The mean over the draws of the probability of each class.
fn mean(draws: &[impl Classes]) -> Vec<f64> {
    mean_probabilities(&probabilities(draws))
}

fn uncertainty(draws: &[impl Classes]) -> Uncertainty {
    let p = probabilities(draws);
    Uncertainty {
        aleatoric: expected_entropy(&p),
        epistemic: mutual_information(&p),
    }
}

/// `malignant (0.53)`
fn in_words(draws: &[impl Classes], target: &TargetSchema) -> String {
    let p = mean(draws);
    let class = most_probable(&p);
    format!("{} ({:.2})", target.classes[class], p[class])
}

/// What every prediction of classes has in common.
macro_rules! labels {
    ($name:ident) => {
        impl Labels for $name {}
        impl Summarize for $name {
            type Report = LabelReport;
            const UNIT: &'static str = " nats";

            fn uncertainty(draws: &[Self::Element]) -> Uncertainty {
                uncertainty(draws)
            }
            fn in_words(draws: &[Self::Element], target: &TargetSchema) -> String {
                in_words(draws, target)
            }
            fn report(prediction: &Predictive<Self>, truth: &[f64]) -> Result<LabelReport> {
                LabelReport::new(prediction, truth)
            }
        }
    };
}
labels!(Bernoulli);
labels!(Categorical);
labels!(Ordinal);
