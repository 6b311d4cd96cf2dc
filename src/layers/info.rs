//! What a layer says of itself.

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
    pub estimator: &'static str,
}
