//! The functions: nodes without parameters.

use super::{Number, Options, counts, padding};

/// A function of the library, applied to rows.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// The constants after the node, all required.
    pub(crate) numbers: &'static [Number],
    /// What may follow by name.
    pub(crate) options: Option<Options>,
    /// Whether a layer directly inside starts with weights for a rectifier
    /// (He et al. 2015) rather than for a linear unit (Glorot and Bengio 2010).
    pub(crate) rectifies: bool,
    /// A call for messages.
    pub(crate) example: &'static str,
}

/// How a function is called and what it does to shapes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// `x.name()`, element by element: the shape stays.
    Pointwise,
    /// `x.name(axis)` along the numbers of a row, which must be a vector.
    AlongRow,
    /// Several vectors end to end.
    Concat,
    /// All numbers of a row in one vector.
    Flatten,
    /// `x.name(pool)`: a number for each window of an image.
    MaxPool,
    /// `x.name(pool, Divisor::Window)`: likewise, where padding counts as zeros.
    AvgPool,
}

const fn function(name: &'static str, form: Form, example: &'static str) -> Function {
    Function {
        name,
        form,
        numbers: &[],
        options: None,
        rectifies: false,
        example,
    }
}

const fn rectifier(name: &'static str, example: &'static str) -> Function {
    Function {
        rectifies: true,
        ..function(name, Form::Pointwise, example)
    }
}

/// What a pool of one axis, and of two, is given.
const SIZE: [&[Number]; 2] = [&[counts("size", 1)], &[counts("size", 2)]];
const STEPS: [&[Number]; 2] = [
    &[counts("stride", 1), padding(1)],
    &[counts("stride", 2), padding(2)],
];

const fn pool(name: &'static str, axes: usize, form: Form, example: &'static str) -> Function {
    Function {
        numbers: SIZE[axes - 1],
        options: Some(Options {
            ty: "Pool",
            axes,
            base: "of",
            numbers: STEPS[axes - 1],
        }),
        ..function(name, form, example)
    }
}

pub(crate) static FUNCTIONS: &[Function] = &[
    rectifier("relu", "relu(x)"),
    rectifier("gelu", "gelu(x)"),
    function("tanh", Form::Pointwise, "tanh(x)"),
    function("sigmoid", Form::Pointwise, "sigmoid(x)"),
    function("softplus", Form::Pointwise, "softplus(x)"),
    function("exp", Form::Pointwise, "exp(x)"),
    function("log", Form::Pointwise, "log(x)"),
    function("sqrt", Form::Pointwise, "sqrt(x)"),
    function("square", Form::Pointwise, "square(x)"),
    function("log_softmax", Form::AlongRow, "log_softmax(x)"),
    function("concat", Form::Concat, "concat(a, b)"),
    function("flatten", Form::Flatten, "flatten(x)"),
    pool("max_pool2d", 2, Form::MaxPool, "max_pool2d(x, 2)"),
    pool("max_pool1d", 1, Form::MaxPool, "max_pool1d(x, 2)"),
    pool("avg_pool2d", 2, Form::AvgPool, "avg_pool2d(x, 2)"),
    pool("avg_pool1d", 1, Form::AvgPool, "avg_pool1d(x, 2)"),
];
