//! What a layer says of itself.

use crate::bayes::{Estimator, Weight};
use crate::tape::{Module, Path};
use crate::tensor::Shape;

/// A layer as it was declared: a row of `summary()`, and what a model file checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// The node's name: `h1`.
    pub name: String,
    /// The kind of layer: `linear`.
    pub kind: &'static str,
    /// The user's own text: `relu(linear(x, 64))`.
    pub expression: &'static str,
    /// The shape of one row of the output.
    pub output: Shape,
    /// How many scalars training changes.
    pub parameters: usize,
    /// How many weights and biases the layer has.
    pub weights: usize,
    /// The prior of the weights.
    pub prior: String,
    /// The variational posterior.
    pub posterior: String,
    /// The estimator of the gradient.
    pub estimator: String,
}

impl LayerInfo {
    /// A layer `kind` that is linear in a weight and a bias; its output is yet to be filled in.
    pub(super) fn of_linear_map(
        name: &str,
        kind: &'static str,
        [weight, bias]: [&Weight; 2],
        estimator: Estimator,
    ) -> Self {
        let mut parameters = 0;
        for weight in [weight, bias] {
            weight.visit(Path::ROOT, &mut |_, leaf| parameters += leaf.len());
        }
        let posterior = match (weight.posterior_name(), bias.posterior_name()) {
            (weights, biases) if weights == biases => weights.to_owned(),
            (weights, biases) => format!("weights {weights}, biases {biases}"),
        };
        LayerInfo {
            name: name.to_owned(),
            kind,
            expression: "",
            output: Shape::SCALAR,
            parameters,
            weights: weight.mu.len() + bias.mu.len(),
            prior: format!("weights ~ {}, biases ~ {}", weight.prior, bias.prior),
            posterior,
            estimator: match (estimator, estimator.of(weight.mu.shape(), &weight.spread)) {
                (Estimator::Auto, picked) => format!("{}, picked by Auto", picked.name()),
                (given, _) => given.name().to_owned(),
            },
        }
    }
}
