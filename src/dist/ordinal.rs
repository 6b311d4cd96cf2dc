//! The ordinal distribution: classes that have an order.

use super::parameters::{at, joint, leaves};
use super::{Categorical, Likelihood, Support};
use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Shape, Tensor};

/// Ordinal(eta, cutpoints) over the classes 0, 1, …, k - 1, which have an order: grades, stages,
/// answers from no to yes. A hidden number eta with logistic noise falls between two of k - 1
/// increasing cutpoints.
///
/// ```text
/// P(y <= j) = σ(c_j - eta),   so   P(y = j) = σ(a) - σ(b),   a = c_j - eta, b = c_(j-1) - eta
/// ln P(y = j) = ln σ(a) + ln σ(-b) + ln(1 - e^-(a - b))
/// ```
///
/// with one term less for the first and the last class. Each term keeps its digits, where the
/// difference of two σ near 1 would have none. Cutpoints that do not increase give NaN.
///
/// In a net the cutpoints come from the layer `cutpoints(k - 1)`, which keeps them in order; see
/// [`Cutpoints`](crate::layers::Cutpoints). In plain numbers the distribution is a [`Categorical`].
///
/// Source: McCullagh (1980), Regression models for ordinal data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ordinal<T = Tensor> {
    /// The hidden number of each row, `[rows, 1]` or `[rows]`.
    pub eta: T,
    /// What separates the classes: `[1, k - 1]` for all rows, or a row of its own for each.
    pub cutpoints: T,
}

leaves!(Ordinal { eta, cutpoints });

/// ln P(y = j).
fn log_mass<S: Scalar>(eta: S, cutpoints: &[S], j: usize) -> S {
    let below = |j: usize| cutpoints[j] - eta;
    let mut sum = S::ZERO;
    if j < cutpoints.len() {
        sum -= (-below(j)).softplus();
    }
    if j > 0 {
        sum -= below(j - 1).softplus();
    }
    if 0 < j && j < cutpoints.len() {
        sum += (-(cutpoints[j - 1] - cutpoints[j]).exp_m1()).ln();
    }
    sum
}

/// y = ln P(label; eta, cutpoints), one number a row.
///
/// ```text
/// ∂y/∂c_j = σ(-a) + 1/(e^(a-b) - 1),   ∂y/∂c_(j-1) = -σ(b) - 1/(e^(a-b) - 1),   ∂y/∂eta = σ(b) - σ(-a)
/// ```
struct LogProb;

impl LogProb {
    /// ∂y/∂c_j and ∂y/∂c_(j-1) without what both share, and that; 0 where there is no such
    /// cutpoint.
    fn partials<S: Scalar>(eta: S, cutpoints: &[S], j: usize) -> [S; 3] {
        let last = j == cutpoints.len();
        let upper = if last {
            S::ZERO
        } else {
            (eta - cutpoints[j]).sigmoid()
        };
        let lower = if j == 0 {
            S::ZERO
        } else {
            (cutpoints[j - 1] - eta).sigmoid()
        };
        let gap = if last || j == 0 {
            S::ZERO
        } else {
            S::ONE / (cutpoints[j] - cutpoints[j - 1]).exp_m1()
        };
        [upper, lower, gap]
    }
}

impl<S: Scalar> Op<S> for LogProb {
    fn name(&self) -> &'static str {
        "ordinal_log_prob"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let width = width(x.shape(1));
        for (i, (y, cutpoints)) in y.iter_mut().zip(x[1].chunks_exact(width)).enumerate() {
            *y = log_mass(x[0][i], cutpoints, x[2][i].value() as usize);
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let width = width(x.shape(1));
        let label = |i: usize| x[2][i].value() as usize;
        let partials = |i: usize| {
            let cutpoints = &x[1][i * width..(i + 1) * width];
            Self::partials(x[0][i], cutpoints, label(i))
        };
        if let Some(d) = x_bar.of(0) {
            for (i, d) in d.iter_mut().enumerate() {
                let [upper, lower, _] = partials(i);
                *d += y_bar[i] * (lower - upper);
            }
        }
        if let Some(d) = x_bar.of(1) {
            for (i, d) in d.chunks_exact_mut(width).enumerate() {
                let ([upper, lower, gap], j) = (partials(i), label(i));
                if j < width {
                    d[j] += y_bar[i] * (upper + gap);
                }
                if j > 0 {
                    d[j - 1] -= y_bar[i] * (lower + gap);
                }
            }
        }
    }
}

/// Number of cutpoints, the extent of the last axis; never 0, so that rows can be cut.
fn width(cutpoints: Shape) -> usize {
    cutpoints.dims().last().map_or(1, |&width| width.max(1))
}

impl<'t, S: Scalar> Ordinal<Var<'t, S>> {
    /// ln p of each label, in the shape of `labels`, `[rows]`: indices of classes as numbers.
    ///
    /// # Panics
    /// If eta has not one number for each label, the cutpoints do not broadcast to a row for each, or
    /// a label is none of the classes.
    #[track_caller]
    pub fn log_prob(&self, labels: Var<'t, S>) -> Var<'t, S> {
        let (eta, wanted) = (self.eta.shape(), labels.shape());
        assert!(
            wanted.rank() == 1 && (eta == wanted || eta == Shape::new(&[wanted.dim(0), 1])),
            "Ordinal: `eta` of shape {eta} does not fit labels of shape {wanted}; there is one \
             label for each row"
        );
        let (rows, width) = (wanted.dim(0), width(self.cutpoints.shape()));
        for (row, label) in labels.value().as_slice().iter().enumerate() {
            let y = label.value();
            assert!(
                y >= 0.0 && y.fract() == 0.0 && y <= width as f64,
                "Ordinal: label {y} in row {row} is none of the {} classes, which are counted \
                 from 0",
                width + 1
            );
        }
        let eta = self.eta.reshape(wanted);
        let cutpoints = self.cutpoints.broadcast_to([rows, width]);
        let x = [eta, cutpoints, labels];
        self.eta.tape().apply(LogProb, x, wanted)
    }
}

impl Likelihood for Ordinal {
    type Element = Categorical<Vec<f64>>;
    const NAME: &'static str = "Ordinal";
    fn support(parameters: &[Shape]) -> Support {
        Support::Class {
            classes: parameters.get(1).map_or(1, |&cutpoints| width(cutpoints)) + 1,
        }
    }
    fn columns(&self) -> usize {
        1
    }
    fn element(&self, row: usize, column: usize) -> Categorical<Vec<f64>> {
        assert!(
            column == 0,
            "row {row}, column {column}: an Ordinal has one column"
        );
        let (rows, width) = (self.eta.len(), width(self.cutpoints.shape()));
        let joint = joint("Ordinal", &[Shape::new(&[rows, 1]), self.cutpoints.shape()]);
        let eta = f64::from(self.eta.as_slice()[row]);
        let cutpoints: Vec<f64> = (0..width)
            .map(|j| at(&self.cutpoints, joint, row, j))
            .collect();
        Categorical {
            logits: (0..=width).map(|j| log_mass(eta, &cutpoints, j)).collect(),
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "ordinal_log_prob", (eta: "r" in Domain::REAL, first: "r1" in Domain::between(-3.0, 3.0), second: "r1" in Domain::between(0.3, 2.0), third: "r1" in Domain::between(0.3, 2.0), labels: "r" in Domain::whole(4)) => {
        let second = first + second;
        let cutpoints = crate::ops::concat(&[first, second, second + third], 1);
        Ordinal { eta, cutpoints }.log_prob(labels)
    }),
];
