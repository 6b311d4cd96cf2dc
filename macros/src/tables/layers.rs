//! The layers: nodes with parameters of their own.

use super::{Number, Range, count};

/// A layer of the library, `elbo::layers::<ty>`.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
    /// Whether it reads a node, its first argument.
    pub(crate) reads: bool,
    /// The constants after it, all required.
    pub(crate) numbers: &'static [Number],
    /// Whether it has weights with a prior and a posterior. Then its `new`
    /// takes options and noise, and a call may override the settings.
    pub(crate) has_weights: bool,
    /// A call for messages.
    pub(crate) example: &'static str,
}

pub(crate) static LAYERS: &[Layer] = &[
    Layer {
        name: "linear",
        ty: "Linear",
        reads: true,
        numbers: &[count("units")],
        has_weights: true,
        example: "linear(x, 64)",
    },
    Layer {
        name: "learned",
        ty: "Learned",
        reads: false,
        numbers: &[Number {
            name: "initial",
            // `Learned::FLOOR`
            range: Range::Above(1e-3),
        }],
        has_weights: false,
        example: "learned(0.1)",
    },
];
