//! The categorical distribution, by logits.

use rand::{Rng, RngExt};

use super::divergence::{mass_divergence, weighted};
use super::parameters::leaves;
use super::{Classes, Distribution, KlDivergence, Likelihood, Support};
use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Shape, Tensor};

/// Categorical over the classes 0, 1, …, k - 1 with probabilities softmax(logits).
///
/// ```text
/// ln p(y) = l_y - ln Σ_j e^l_j = (l_y - m) - ln(1 + r)
/// ```
///
/// m is the largest logit and r the sum of e^(l - m) over the *other* ones, so that the
/// logarithm of a probability near 1 keeps its digits. The last axis of the logits are the
/// classes; a label is the index of a class, as a number. A logit of -inf masks its class:
/// probability 0, gradient 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Categorical<T = Tensor> {
    /// ln p up to a constant, k of them; in plain numbers a `Vec`.
    pub logits: T,
}

leaves!(Categorical { logits });

/// The largest logit's index, and r, the sum of e^(l - m) over the others; r is 0 if all
/// are -inf.
fn statistics<S: Scalar>(l: &[S]) -> (usize, S) {
    let mut largest = 0;
    for (j, &x) in l.iter().enumerate() {
        // A NaN takes the place and keeps it.
        if x > l[largest] || x.value().is_nan() {
            largest = j;
        }
    }
    let mut rest = S::ZERO;
    for (j, &x) in l.iter().enumerate() {
        if j != largest && x != S::of(f64::NEG_INFINITY) {
            rest += (x - l[largest]).exp();
        }
    }
    (largest, rest)
}

/// ln p of class j; -inf if it is masked, also where all are.
fn log_mass<S: Scalar>(l: &[S], (largest, rest): (usize, S), j: usize) -> S {
    if l[j] == S::of(f64::NEG_INFINITY) {
        l[j]
    } else {
        (l[j] - l[largest]) - rest.ln_1p()
    }
}

impl<S: Scalar> Categorical<Vec<S>> {
    /// ln p of every class.
    fn log_masses(&self) -> impl Iterator<Item = S> {
        let statistics = statistics(&self.logits);
        (0..self.logits.len()).map(move |j| log_mass(&self.logits, statistics, j))
    }
}

impl Distribution for Categorical<Vec<f64>> {
    fn log_prob(&self, y: f64) -> f64 {
        let is_class = y >= 0.0 && y.fract() == 0.0 && y < self.logits.len() as f64;
        if is_class {
            log_mass(&self.logits, statistics(&self.logits), y as usize)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let mut left = rng.random::<f64>();
        let mut last = 0;
        for (j, mass) in self.log_masses().map(f64::exp).enumerate() {
            if mass > 0.0 {
                last = j; // where rounding leaves something over, the last possible class takes it
                if left < mass {
                    break;
                }
            }
            left -= mass;
        }
        last as f64
    }
}

impl Classes for Categorical<Vec<f64>> {
    fn probabilities(&self) -> Vec<f64> {
        self.log_masses().map(f64::exp).collect()
    }
    fn entropy(&self) -> f64 {
        self.log_masses().map(|l| -weighted(l.exp(), l)).sum()
    }
}

/// ```text
/// KL = Σ_j (q_j ln(q_j / p_j) - q_j + p_j)
/// ```
///
/// No term is negative. It is infinite where p excludes a class that q does not.
impl<S: Scalar> KlDivergence<Categorical<Vec<S>>, S> for Categorical<Vec<S>> {
    /// # Panics
    /// If the numbers of classes differ.
    #[track_caller]
    fn kl_divergence(&self, p: &Categorical<Vec<S>>) -> S {
        assert!(
            self.logits.len() == p.logits.len(),
            "kl_divergence: distributions over {} and {} classes",
            self.logits.len(),
            p.logits.len()
        );
        let mut kl = S::ZERO;
        for (log_q, log_p) in self.log_masses().zip(p.log_masses()) {
            kl += mass_divergence(log_q, log_p);
        }
        kl
    }
}

/// y = ln p(label; logits), one number a row.
///
/// ```text
/// ∂y/∂l_j = [j = label] - p_j;   0 where l_j = -inf
/// ```
///
/// Of the label itself that is the sum of the other probabilities, r / (1 + r) if it is the
/// largest; 1 - p would lose it beside 1. Keeps the largest logit's place and r of each row.
struct LogProb;

impl<S: Scalar> Op<S> for LogProb {
    fn name(&self) -> &'static str {
        "categorical_log_prob"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        let classes = classes(x.shape(0));
        saved.numbers.clear();
        saved.positions.clear();
        for ((y, l), label) in y.iter_mut().zip(x[0].chunks_exact(classes)).zip(&x[1]) {
            let (largest, rest) = statistics(l);
            *y = log_mass(l, (largest, rest), label.value() as usize);
            saved.positions.push(largest as u32);
            saved.numbers.push(rest);
        }
    }
    fn vjp(
        &self,
        x: &Inputs<'_, S>,
        _: &[S],
        y_bar: &[S],
        saved: &Saved<S>,
        x_bar: &mut Grads<'_, S>,
    ) {
        let classes = classes(x.shape(0));
        // Labels are indices: no gradient flows to them.
        let Some(d) = x_bar.of(0) else { return };
        let rows = d.chunks_exact_mut(classes).zip(x[0].chunks_exact(classes));
        for (i, (d, l)) in rows.enumerate() {
            let label = x[1][i].value() as usize;
            let (largest, rest) = (saved.positions[i] as usize, saved.numbers[i]);
            let total = S::ONE + rest;
            for (j, (d, &x)) in d.iter_mut().zip(l).enumerate() {
                if x == S::of(f64::NEG_INFINITY) {
                    continue;
                }
                let partial = if j != label {
                    -(x - l[largest]).exp() / total
                } else if j == largest {
                    rest / total
                } else {
                    S::ONE - (x - l[largest]).exp() / total
                };
                *d += y_bar[i] * partial;
            }
        }
    }
}

/// Number of classes, the extent of the last axis. Never 0, so that no rows of no classes can be
/// cut into rows too; a label would have none to be of.
fn classes(logits: Shape) -> usize {
    logits.dim(logits.rank() - 1).max(1)
}

impl<'t, S: Scalar> Categorical<Var<'t, S>> {
    /// ln p of each label, in the shape of `labels`; logits are `[rows, classes]` and labels
    /// `[rows]`, indices of classes as numbers.
    ///
    /// # Panics
    /// If there is not one label for each row of logits, or a label is none of the classes.
    #[track_caller]
    pub fn log_prob(&self, labels: Var<'t, S>) -> Var<'t, S> {
        let (shape, wanted) = (self.logits.shape(), labels.shape());
        assert!(
            shape.rank() > 0 && shape.without(shape.rank() - 1) == wanted,
            "Categorical: logits of shape {shape} do not fit labels of shape {wanted}; \
             there is one label for each row of logits, their last axis being the classes"
        );
        let classes = classes(shape);
        for (row, label) in labels.value().as_slice().iter().enumerate() {
            let y = label.value();
            assert!(
                y >= 0.0 && y.fract() == 0.0 && y < classes as f64,
                "Categorical: label {y} in row {row} is none of the {classes} classes, \
                 which are counted from 0"
            );
        }
        self.logits
            .tape()
            .apply(LogProb, [self.logits, labels], wanted)
    }
}

impl Likelihood for Categorical {
    type Element = Categorical<Vec<f64>>;
    const NAME: &'static str = "Categorical";
    fn support(parameters: &[Shape]) -> Support {
        Support::Class {
            classes: classes(parameters[0]),
        }
    }
    fn columns(&self) -> usize {
        let shape = self.logits.shape();
        shape.dims()[..shape.rank() - 1].iter().skip(1).product()
    }
    fn element(&self, row: usize, column: usize) -> Categorical<Vec<f64>> {
        let shape = self.logits.shape();
        let (columns, classes) = (self.columns(), classes(shape));
        // Logits without rows are the same for all of them.
        let row = if shape.rank() == 1 { 0 } else { row };
        let start = (row * columns + column) * classes;
        assert!(
            column < columns && start < self.logits.len(),
            "row {row}, column {column}: there are logits for {shape} only"
        );
        let logits = &self.logits.as_slice()[start..start + classes];
        Categorical {
            logits: logits.iter().copied().map(f64::from).collect(),
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "categorical_log_prob", (logits: "r4" in Domain::REAL, labels: "r" in Domain::whole(4)) => Categorical { logits }.log_prob(labels)),
];
