//! The words of the language, one table a file: to add a layer, a function, a
//! prior or a likelihood is to add a row.

mod functions;
mod layers;
mod likelihoods;
mod priors;
mod settings;

pub(crate) use functions::{FUNCTIONS, Form, Function};
pub(crate) use layers::{LAYERS, Layer};
pub(crate) use likelihoods::{LIKELIHOODS, Likelihood, TargetShape};
pub(crate) use settings::{Kind, SETTINGS, Setting};

/// A constant argument and the numbers that it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) name: &'static str,
    pub(crate) range: Range,
}

/// What a constant argument may be. A literal outside is refused by the macro,
/// any other expression by `elbo::tensor::check` or the layer's `shape`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// A whole number of at least 1, of type `usize`.
    Count,
    /// Any number of type `f64`.
    Real,
    /// A number above 0 of type `f64`.
    Positive,
    /// A number above this one of type `f64`, which the layer's `shape` checks.
    Above(f64),
    /// A number from 0 to 1 of type `f64`.
    Probability,
}

/// One way to fill a setting: a prior, a posterior, an estimator.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) numbers: &'static [Number],
    /// Whether all its numbers may be left out together.
    pub(crate) has_default: bool,
    /// An example for messages.
    pub(crate) example: &'static str,
    /// The constructor or variant in the library.
    pub(crate) code: &'static str,
}

const fn count(name: &'static str) -> Number {
    Number {
        name,
        range: Range::Count,
    }
}

const fn real(name: &'static str) -> Number {
    Number {
        name,
        range: Range::Real,
    }
}

const fn positive(name: &'static str) -> Number {
    Number {
        name,
        range: Range::Positive,
    }
}

const fn probability(name: &'static str) -> Number {
    Number {
        name,
        range: Range::Probability,
    }
}

/// What to say of the call `name[..]` or `name {..}`.
pub(crate) fn round_brackets(name: &str) -> String {
    let layer = LAYERS.iter().find(|layer| layer.name == name);
    let example = layer.map_or_else(|| format!("{name}(x)"), |layer| layer.example.to_owned());
    format!("the arguments of `{name}` stand in round brackets: `{example}`")
}

/// Whether a layer or a function of ours is called so.
pub(crate) fn is_call(name: &str) -> bool {
    LAYERS.iter().any(|layer| layer.name == name)
        || FUNCTIONS.iter().any(|function| function.name == name)
}
