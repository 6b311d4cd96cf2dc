//! The layers: nodes with parameters of their own.

use super::{Number, Options, Range, count, counts, padding};

/// A layer of the library, `elbo::layers::<ty>`.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
    /// Whether it reads a node, its first argument.
    pub(crate) reads: bool,
    /// The constants after it, all required.
    pub(crate) numbers: &'static [Number],
    /// What may follow by name; its struct is the next argument of `shape` and `new`.
    pub(crate) options: Option<Options>,
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
        options: None,
        has_weights: true,
        example: "linear(x, 64)",
    },
    Layer {
        name: "conv2d",
        ty: "Conv2d",
        reads: true,
        numbers: &[count("channels"), counts("kernel", 2)],
        options: Some(Options {
            ty: "Conv",
            axes: 2,
            base: "DEFAULT",
            numbers: &[
                counts("stride", 2),
                padding(2),
                counts("dilation", 2),
                count("groups"),
            ],
        }),
        has_weights: true,
        example: "conv2d(x, 6, kernel: 5)",
    },
    Layer {
        name: "conv1d",
        ty: "Conv1d",
        reads: true,
        numbers: &[count("channels"), counts("kernel", 1)],
        options: Some(Options {
            ty: "Conv",
            axes: 1,
            base: "DEFAULT",
            numbers: &[
                counts("stride", 1),
                padding(1),
                counts("dilation", 1),
                count("groups"),
            ],
        }),
        has_weights: true,
        example: "conv1d(x, 6, kernel: 5)",
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
        options: None,
        has_weights: false,
        example: "learned(0.1)",
    },
    Layer {
        name: "cutpoints",
        ty: "Cutpoints",
        reads: false,
        numbers: &[count("count")],
        options: None,
        has_weights: false,
        example: "cutpoints(2)",
    },
];
