//! What a net says of itself: its inputs, targets, nodes and layers, in order.

use crate::dist::Support;
use crate::layers::LayerInfo;
use crate::tensor::Shape;

/// A net as it was declared; `summary()`, model files and the checks of the
/// data against the net read it.
#[derive(Clone, Debug)]
pub struct NetInfo {
    /// The name after the word `net`.
    pub name: &'static str,
    /// The inputs of the header.
    pub inputs: Vec<InputInfo>,
    /// The targets of the header, in its order.
    pub targets: Vec<TargetInfo>,
    /// All nodes, in the order of the declaration, with and without a layer.
    pub nodes: Vec<NodeInfo>,
    /// The layers, in the order of the declaration.
    pub layers: Vec<LayerInfo>,
}

impl NetInfo {
    /// The number of scalars that training changes, over all layers.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }
}

/// One input of a net: `x: [30]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputInfo {
    /// The name in the header.
    pub name: &'static str,
    /// The shape of one row.
    pub shape: Shape,
    /// What it is to the net.
    pub role: InputRole,
}

/// What an input is to the net: something to learn from, or a number that is known of each row and
/// enters the likelihood as it is, such as an exposure or an error of measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputRole {
    /// A layer reads it: it may be standardized.
    #[default]
    Feature,
    /// No layer reads it: it is never standardized.
    Known {
        /// Whether it must be above 0, because a logarithm or a scale is made of it.
        positive: bool,
        /// The number of the target whose unit it has. Where that is standardized, it is divided by
        /// the target's standard deviation.
        unit: Option<usize>,
    },
}

/// One node of a net: `h3 = tanh(h1 + h2);`.
///
/// The text is that of the declaration, written evenly; a constant stands in it by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// The name left of the `=`.
    pub name: &'static str,
    /// What the user wrote right of it: `tanh(h1 + h2)`.
    pub expression: &'static str,
}

/// One target of a net: `y ~ Bernoulli(logit)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetInfo {
    /// The name in the header.
    pub name: &'static str,
    /// The name of the likelihood: `Bernoulli`.
    pub likelihood: &'static str,
    /// What the user wrote right of the `~`: `Bernoulli(logit)`.
    pub distribution: &'static str,
    /// The shape of one row of the target; `[]` for a class, which is one number.
    pub shape: Shape,
    /// What the target may be.
    pub support: Support,
}
