//! The functions: nodes without parameters.

/// A function of the library, applied to rows.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Whether a layer directly inside starts with weights for a rectifier
    /// (He et al. 2015) rather than for a linear unit (Glorot and Bengio 2010).
    pub(crate) rectifies: bool,
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
}

const fn pointwise(name: &'static str) -> Function {
    Function {
        name,
        form: Form::Pointwise,
        rectifies: false,
    }
}

pub(crate) static FUNCTIONS: &[Function] = &[
    Function {
        name: "relu",
        form: Form::Pointwise,
        rectifies: true,
    },
    Function {
        name: "gelu",
        form: Form::Pointwise,
        rectifies: true,
    },
    pointwise("tanh"),
    pointwise("sigmoid"),
    pointwise("softplus"),
    pointwise("exp"),
    pointwise("log"),
    pointwise("sqrt"),
    pointwise("square"),
    Function {
        name: "log_softmax",
        form: Form::AlongRow,
        rectifies: false,
    },
    Function {
        name: "concat",
        form: Form::Concat,
        rectifies: false,
    },
];
