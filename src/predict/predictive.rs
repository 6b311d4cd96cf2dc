//! [`Predictive`]: the draws of a likelihood's parameters, row by row.

use rayon::prelude::*;

use super::metrics::log_predictive_density;
use super::uncertainty::{Uncertain, Uncertainty, most_uncertain};
use crate::data::Dataset;
use crate::data::names::count;
use crate::dist::{Distribution, Likelihood};
use crate::error::{Error, Result};
use crate::net::TargetSchema;
use crate::tape::Path;
use crate::tensor::Shape;

/// What a net predicts of one target: for each row the mixture of S distributions, one for each
/// draw of the weights, with equal weight.
///
/// ```text
/// p(y | x) = (1/S) Σ_s p(y | x, theta_s)
/// ```
///
/// Lists hold one entry for each row, or, if the target has several columns, one for each row
/// and column, row by row. All numbers are in the units of the data, whatever the model scales.
///
/// ```
/// use elbo::Tensor;
/// use elbo::dist::{Normal, Support};
/// use elbo::net::TargetSchema;
/// use elbo::predict::Predictive;
///
/// let price = TargetSchema {
///     name: "y".into(),
///     columns: vec!["price".into()],
///     support: Support::Real,
///     classes: vec![],
///     mean: vec![100.0], // the model was trained on (price - 100) / 20
///     std: vec![20.0],
/// };
/// // two draws, one row
/// let draws = Normal {
///     mean: Tensor::new([2, 1], vec![-1.0, 1.0]),
///     std: Tensor::new([2, 1], vec![1.0, 1.0]),
/// };
/// let p = Predictive::new(draws, price);
/// assert_eq!(p.mean(), [100.0]);
/// assert_eq!((p.aleatoric(), p.epistemic(), p.total()), (vec![400.0], vec![400.0], vec![800.0]));
/// ```
#[derive(Clone, Debug)]
pub struct Predictive<L> {
    /// Leaves `[draws * rows, ..]`.
    parameters: L,
    draws: usize,
    rows: usize,
    target: TargetSchema,
}

impl<L: Likelihood> Predictive<L> {
    /// A prediction from the likelihood's parameters, each `[draws, rows, ..]`; one that is the
    /// same for all columns of the target may end there.
    ///
    /// # Panics
    /// If the parameters are not of as many draws and rows, at least one of each, or have not as
    /// many columns as the target.
    #[track_caller]
    pub fn new(mut draws: L, target: TargetSchema) -> Self {
        let mut shapes = Vec::new();
        draws.visit(Path::ROOT, &mut |_, leaf| shapes.push(leaf.shape()));
        let (size, rank) = (lead(&shapes), shapes.iter().map(Shape::rank).max());
        let (Some([s, rows]), Some(rank)) = (size, rank) else {
            let shapes: Vec<String> = shapes.iter().map(Shape::to_string).collect();
            panic!(
                "{}: parameters of shapes {} are not [draws, rows, ..] alike",
                L::NAME,
                shapes.join(" and ")
            );
        };
        // Axes of extent 1 let a scale that all columns share broadcast over them.
        draws.visit_mut(Path::ROOT, &mut |_, leaf| {
            let mut dims = leaf.shape().dims()[1..].to_vec();
            dims[0] = s * rows;
            dims.resize(rank - 1, 1);
            *leaf = leaf.reshape(&dims[..]);
        });
        let columns = draws.columns();
        assert!(
            columns == target.columns.len(),
            "{}: parameters for {columns} columns do not fit target `{}` with {}",
            L::NAME,
            target.name,
            target.columns.len()
        );
        Predictive {
            parameters: draws,
            draws: s,
            rows,
            target,
        }
    }
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
    /// The number of draws S.
    pub fn draws(&self) -> usize {
        self.draws
    }
    /// The number of columns of the target.
    pub fn columns(&self) -> usize {
        self.target.columns.len()
    }
    /// What the model knows of the target: names, classes, scaling.
    pub fn target(&self) -> &TargetSchema {
        &self.target
    }
}

/// Draws and rows, if all shapes begin with the same ones.
fn lead(shapes: &[Shape]) -> Option<[usize; 2]> {
    let [draws, rows, ..] = *shapes.first()?.dims() else {
        return None;
    };
    let alike = |shape: &Shape| shape.dims().starts_with(&[draws, rows]);
    (draws > 0 && rows > 0 && shapes.iter().all(alike)).then_some([draws, rows])
}

/// A likelihood whose predictions can be summed up: what [`Predictive`] asks of every one.
///
/// One that predicts a number is a [`Quantity`](super::Quantity) as well, one that predicts a
/// class has [`Labels`](super::Labels).
pub trait Summarize: Likelihood {
    /// What [`Predictive::evaluate`] finds.
    type Report;
    /// The unit of [`Uncertainty`] after its number, such as ` nats`.
    const UNIT: &'static str;

    /// The distribution in the data's units, where `y = mean + std z`; itself, where nothing is
    /// scaled.
    fn in_units(element: Self::Element, _mean: f64, _std: f64) -> Self::Element {
        element
    }
    /// How unsure the mixture of these distributions is.
    fn uncertainty(draws: &[Self::Element]) -> Uncertainty;
    /// The mixture in a few words, such as `3.21 ± 0.54`.
    fn in_words(draws: &[Self::Element], target: &TargetSchema) -> String;
    /// Holds a prediction against the truth, `[rows, columns]` in the data's units; NaN where it is
    /// missing, which is not everywhere.
    ///
    /// # Errors
    /// If a score cannot be computed of them.
    fn report(prediction: &Predictive<Self>, truth: &[f64]) -> Result<Self::Report>
    where
        Self: Sized;
}

impl<L: Summarize> Predictive<L> {
    /// The S distributions of one value, in the data's units.
    pub(super) fn mixture(&self, row: usize, column: usize) -> Vec<L::Element> {
        let TargetSchema { mean, std, .. } = &self.target;
        (0..self.draws)
            .map(|s| self.parameters.element(s * self.rows + row, column))
            .map(|element| L::in_units(element, mean[column], std[column]))
            .collect()
    }
    /// `f` of the mixture of each value, in order. Values are independent of each other, so
    /// that threads change no bit.
    pub(super) fn each<R: Send>(&self, f: impl Fn(&[L::Element]) -> R + Sync) -> Vec<R> {
        let columns = self.columns();
        (0..self.rows * columns)
            .into_par_iter()
            .with_min_len(16)
            .map(|i| f(&self.mixture(i / columns, i % columns)))
            .collect()
    }
    /// The aleatoric part of [`uncertainty`](Predictive::uncertainty).
    pub fn aleatoric(&self) -> Vec<f64> {
        self.each(|draws| L::uncertainty(draws).aleatoric)
    }
    /// The epistemic part of [`uncertainty`](Predictive::uncertainty); 0 for a single draw.
    pub fn epistemic(&self) -> Vec<f64> {
        self.each(|draws| L::uncertainty(draws).epistemic)
    }
    /// `aleatoric + epistemic`.
    pub fn total(&self) -> Vec<f64> {
        self.each(|draws| L::uncertainty(draws).total())
    }
    /// How unsure the prediction is, in two parts: of a quantity by its variance, of a class by
    /// its entropy in nats.
    pub fn uncertainty(&self) -> Vec<Uncertainty> {
        self.each(L::uncertainty)
    }
    /// The `k` values that the net is least sure of, the worst first: by `total`, for a target
    /// of several columns relative to the scale of each.
    pub fn most_uncertain(&self, k: usize) -> Vec<Uncertain> {
        let columns = self.columns();
        let uncertainty = self.uncertainty();
        most_uncertain(&uncertainty, &self.target.std, k)
            .into_iter()
            .map(|i| {
                let (row, column) = (i / columns, i % columns);
                Uncertain {
                    row,
                    column: (columns > 1).then(|| self.target.columns[column].clone()),
                    prediction: L::in_words(&self.mixture(row, column), &self.target),
                    uncertainty: uncertainty[i],
                    unit: L::UNIT,
                }
            })
            .collect()
    }

    /// The log predictive density of each row, in nats, in the data's units: the logarithm of
    /// the **mean** over the draws. The columns of a row share a draw, so they count together.
    ///
    /// ```text
    /// ln (1/S) Σ_s Π_column p(y | x, theta_s)
    /// ```
    ///
    /// A missing value is left out; of a row without any it is 0.
    ///
    /// # Errors
    /// As [`evaluate`](Predictive::evaluate).
    pub fn log_likelihood(&self, data: &Dataset) -> Result<Vec<f64>> {
        Ok(self.log_densities(&self.truth(data)?))
    }
    /// Holds the prediction against what the data say came of it.
    ///
    /// # Errors
    /// [`Error::Truth`] if the data have another number of rows or not this target, by the
    /// names of its columns; [`Error::Value`] for a class that was not there in training, a
    /// label out of range or a number outside of the support; [`Error::Empty`] if all values are
    /// missing. Those that are missing are left out and counted.
    pub fn evaluate(&self, data: &Dataset) -> Result<L::Report> {
        let truth = self.truth(data)?;
        if truth.iter().all(|y| y.is_nan()) {
            return Err(Error::Empty {
                what: format!("target `{}`", self.target.name),
                mend: "every value is missing: was the right column named?".into(),
            });
        }
        L::report(self, &truth)
    }
    /// The log predictive density of each row that has a value.
    pub(super) fn log_densities_there(&self, truth: &[f64]) -> Vec<f64> {
        let densities = self.log_densities(truth).into_iter();
        let rows = truth.chunks(self.columns());
        (densities.zip(rows))
            .filter(|(_, y)| y.iter().any(|y| !y.is_nan()))
            .map(|(density, _)| density)
            .collect()
    }

    pub(super) fn log_densities(&self, truth: &[f64]) -> Vec<f64> {
        let columns = self.columns();
        (0..self.rows)
            .into_par_iter()
            .with_min_len(16)
            .map(|row| {
                let mut of_draws = vec![0.0; self.draws];
                for (column, &y) in truth[row * columns..][..columns].iter().enumerate() {
                    if y.is_nan() {
                        continue;
                    }
                    for (sum, element) in of_draws.iter_mut().zip(self.mixture(row, column)) {
                        *sum += element.log_prob(y);
                    }
                }
                log_predictive_density(&of_draws)
            })
            .collect()
    }
    /// `[rows, columns]` of the target, row by row, in the data's units.
    pub(super) fn truth(&self, data: &Dataset) -> Result<Vec<f64>> {
        if data.rows() != self.rows {
            return Err(Error::Truth {
                target: self.target.name.clone(),
                difference: format!(
                    "they have {}, {} were predicted; give the data that `predict` was given",
                    count(data.rows(), "row"),
                    self.rows
                ),
            });
        }
        self.target.values(data)
    }
}
