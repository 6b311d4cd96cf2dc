//! The words of the language, one table a file: to add a layer, a function, a
//! prior or a likelihood is to add a row.

mod functions;
mod layers;
mod likelihoods;
mod priors;
mod settings;

pub(crate) use functions::{FUNCTIONS, Form, Function};
pub(crate) use layers::{LAYERS, Layer};
pub(crate) use likelihoods::{LIKELIHOODS, Likelihood, MOST_OF_OWN, TargetShape, own};
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
    /// A whole number of at least 0, of type `usize`.
    Whole,
    /// A count for all of so many axes, or one for each: of type `[usize; axes]`.
    Counts(usize),
    /// Whole numbers from 0 on in front of each of so many axes and behind it, of type
    /// `[[usize; 2]; axes]`: one for all, one for each axis, or a pair for each axis.
    Padding(usize),
    /// Any number of type `f64`.
    Real,
    /// A number above 0 of type `f64`.
    Positive,
    /// A number above this one of type `f64`, which the layer's `shape` checks.
    Above(f64),
    /// A number from 0 to 1 of type `f64`.
    Probability,
    /// No number, but a layer's vector of them in increasing order.
    Increasing,
}

/// Numbers that may be left out, and are given by name: fields of a struct of `elbo::ops`.
#[derive(Debug)]
pub(crate) struct Options {
    /// The struct, whose parameter is the number of axes.
    pub(crate) ty: &'static str,
    pub(crate) axes: usize,
    /// The constant of the struct, or the function of the call's other numbers, that has the
    /// fields left out.
    pub(crate) base: &'static str,
    pub(crate) numbers: &'static [Number],
}

/// One way to fill a setting: a prior, a posterior, an estimator.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) numbers: &'static [Number],
    /// The constants of `elbo::bayes::Posterior` that stand for numbers that are left out, one for
    /// each; none if all must be given.
    pub(crate) defaults: &'static [&'static str],
    /// An example for messages.
    pub(crate) example: &'static str,
    /// The constructor or variant in the library.
    pub(crate) code: &'static str,
    /// Beside what it cannot stand: of a posterior the estimators that cannot sample it.
    pub(crate) refuses: &'static [&'static str],
    /// The constructor where the last number is `learned(..)`, a parameter that starts there.
    pub(crate) learned: Option<&'static str>,
}

/// A choice without numbers, called as its variant in the library.
const fn plain(name: &'static str) -> Choice {
    Choice {
        name,
        numbers: &[],
        defaults: &[],
        example: name,
        code: name,
        refuses: &[],
        learned: None,
    }
}

const fn count(name: &'static str) -> Number {
    Number {
        name,
        range: Range::Count,
    }
}

const fn counts(name: &'static str, axes: usize) -> Number {
    Number {
        name,
        range: Range::Counts(axes),
    }
}

const fn padding(axes: usize) -> Number {
    Number {
        name: "padding",
        range: Range::Padding(axes),
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
    let layers = LAYERS.iter().map(|layer| (layer.name, layer.example));
    let functions = FUNCTIONS
        .iter()
        .map(|function| (function.name, function.example));
    let example = layers.chain(functions).find(|(known, _)| *known == name);
    let example = example.map_or("linear(x, 64)", |(_, example)| example);
    format!("the arguments of `{name}` stand in round brackets: `{example}`")
}

/// Whether a number of ours is called so.
pub(crate) fn is_number(name: &str) -> bool {
    let of_layers = LAYERS.iter().map(|layer| (layer.numbers, &layer.options));
    let of_functions = FUNCTIONS
        .iter()
        .map(|function| (function.numbers, &function.options));
    let of_choices = SETTINGS.iter().flat_map(|setting| setting.choices);
    let optional = |options: &'static Option<Options>| {
        let numbers = options.as_ref().map(|options| options.numbers);
        numbers.unwrap_or_default()
    };
    of_layers
        .chain(of_functions)
        .flat_map(|(numbers, options)| numbers.iter().chain(optional(options)))
        .chain(of_choices.flat_map(|choice| choice.numbers))
        .any(|number| number.name == name)
}

/// Whether a layer or a function of ours is called so.
pub(crate) fn is_call(name: &str) -> bool {
    LAYERS.iter().any(|layer| layer.name == name)
        || FUNCTIONS.iter().any(|function| function.name == name)
}
