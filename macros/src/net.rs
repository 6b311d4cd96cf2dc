//! A net whose every name has been found: what the checks hand to the
//! expansion.
//!
//! It is complete only if no mistake was collected. Beside mistakes it still
//! lists every field, which is all that [`crate::expand::fallback`] reads.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{Ident, Path};

use crate::ast::{self, Operator};
use crate::tables;

pub(crate) struct Net<'a> {
    pub(crate) ast: &'a ast::Net,
    pub(crate) steps: Vec<Step<'a>>,
    pub(crate) observations: Vec<Observation<'a>>,
}

/// A line of the declaration.
pub(crate) enum Step<'a> {
    /// A setting that holds from here on.
    Setting(Setting),
    Node(Node<'a>),
}

/// A setting with the value that it was given.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    /// The first and the last token of the value.
    pub(crate) ends: (Span, Span),
    pub(crate) row: &'static tables::Setting,
    pub(crate) value: Filled,
    /// What the names of its numbers end in: `IN_WEIGHTS_2`, `IN_WEIGHTS_OF_H`.
    pub(crate) place: String,
}

/// What a setting was filled with.
pub(crate) enum Filled {
    /// A row of the tables.
    Choice {
        choice: &'static tables::Choice,
        /// Its numbers in the table's order; nothing for one that is left out.
        numbers: Vec<Option<Constant>>,
        /// Whether the last number is where a parameter starts.
        is_learned: bool,
    },
    /// A prior of the user's own, as it was written: `crate::MyPrior(0.3)`.
    Own(TokenStream),
}

pub(crate) struct Node<'a> {
    pub(crate) name: &'a Ident,
    /// The declaration as a person would write it, `relu(linear(x, 64))`.
    pub(crate) text: String,
    /// Nothing beside a mistake.
    pub(crate) value: Option<Value<'a>>,
    /// The layer somewhere in the value, which the node's field holds.
    pub(crate) layer: Option<Layer<'a>>,
}

pub(crate) struct Layer<'a> {
    pub(crate) kind: LayerKind<'a>,
    /// The constants after the input.
    pub(crate) constants: Vec<Constant>,
    /// What was given by name of the row's options.
    pub(crate) options: Vec<Given>,
    /// The settings that this one layer overrides.
    pub(crate) overrides: Vec<Setting>,
    /// Whether a rectifier stands directly around it.
    pub(crate) rectified: bool,
}

impl Layer<'_> {
    /// Whether settings reach it.
    pub(crate) fn has_weights(&self) -> bool {
        match self.kind {
            LayerKind::Ours(row) => row.has_weights,
            LayerKind::Users(_) => true,
        }
    }
}

/// A constant argument of a layer or a setting.
pub(crate) enum Constant {
    /// A literal, or an argument of a user's layer, whose type we do not know.
    Inline(TokenStream),
    /// An expression of the type that the table says. It gets a name, so that
    /// the compiler sees it once and says once what is wrong with it.
    Named {
        number: tables::Number,
        tokens: TokenStream,
        /// The first and the last token of the user's text.
        ends: (Span, Span),
    },
}

/// An option and its value, in the type of its range.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    pub(crate) value: TokenStream,
}

#[derive(Clone, Copy)]
pub(crate) enum LayerKind<'a> {
    Ours(&'static tables::Layer),
    Users(&'a Path),
}

/// An expression: what it is, how it reads, and where it stands.
pub(crate) struct Value<'a> {
    pub(crate) what: What<'a>,
    pub(crate) text: String,
    /// The first and the last token of the user's text.
    pub(crate) ends: (Span, Span),
    /// Counts the values of a line whose shape is computed and not that of
    /// something inside; 0 for the others.
    pub(crate) number: usize,
}

pub(crate) enum What<'a> {
    /// An input or an earlier node, at the place of its use.
    Node(Ident),
    /// A constant of type `f64`.
    Number(TokenStream),
    /// The node's own layer, applied to its input if it reads one.
    Layer(Option<Box<Value<'a>>>),
    Function(Function<'a>),
    Users(Users<'a>),
    Negative(TokenStream, Box<Value<'a>>),
    Binary(Box<Value<'a>>, Operator, TokenStream, Box<Value<'a>>),
}

/// A function of ours.
pub(crate) struct Function<'a> {
    pub(crate) row: &'static tables::Function,
    pub(crate) values: Vec<Value<'a>>,
    /// The constants after the values, in the types of their ranges.
    pub(crate) numbers: Vec<TokenStream>,
    /// What was given by name of the row's options.
    pub(crate) options: Vec<Given>,
}

/// A function of the user's.
pub(crate) struct Users<'a> {
    pub(crate) path: &'a Path,
    pub(crate) values: Vec<Value<'a>>,
    /// The dimensions after `->`.
    pub(crate) output: Option<&'a ast::Dims>,
    /// Whether an argument, and so the result, has a row for each of the batch.
    pub(crate) has_rows: bool,
}

pub(crate) struct Observation<'a> {
    pub(crate) target: &'a Ident,
    pub(crate) likelihood: &'static tables::Likelihood,
    /// The path of a likelihood of the user's own.
    pub(crate) own: Option<&'a Path>,
    /// The distribution as a person would write it, `Normal(mean, 0.1)`.
    pub(crate) text: String,
    /// The parameters in the table's order; none beside a mistake.
    pub(crate) parameters: Vec<Value<'a>>,
    /// The first and the last token of the distribution.
    pub(crate) ends: (Span, Span),
}

impl Observation<'_> {
    /// What messages call the likelihood.
    pub(crate) fn name(&self) -> String {
        self.own
            .map_or_else(|| self.likelihood.name.to_owned(), crate::written::written)
    }
}

impl<'a> Value<'a> {
    /// The layer somewhere inside.
    pub(crate) fn layer(&self) -> Option<&Self> {
        match &self.what {
            What::Layer(_) => Some(self),
            What::Function(Function { values, .. }) | What::Users(Users { values, .. }) => {
                values.iter().find_map(Value::layer)
            }
            What::Negative(_, value) => value.layer(),
            What::Binary(left, _, _, right) => left.layer().or_else(|| right.layer()),
            What::Node(_) | What::Number(_) => None,
        }
    }

    /// What the layer somewhere inside reads.
    pub(crate) fn layer_input(&self) -> Option<&Self> {
        match &self.layer()?.what {
            What::Layer(input) => input.as_deref(),
            _ => None,
        }
    }

    /// Whether it reads the input or node `name`.
    pub(crate) fn reads(&self, name: &Ident) -> bool {
        match &self.what {
            What::Node(node) => node == name,
            What::Number(_) => false,
            What::Layer(input) => input.as_ref().is_some_and(|input| input.reads(name)),
            What::Function(Function { values, .. }) | What::Users(Users { values, .. }) => {
                values.iter().any(|value| value.reads(name))
            }
            What::Negative(_, value) => value.reads(name),
            What::Binary(left, _, _, right) => left.reads(name) || right.reads(name),
        }
    }

    /// Whether the value is a number written out.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(&self.what, What::Number(number)
            if matches!(number.clone().into_iter().next(), Some(TokenTree::Literal(_))))
    }

    /// Whether the value is a plain number that depends on no node.
    pub(crate) fn is_number(&self) -> bool {
        match &self.what {
            What::Number(_) => true,
            What::Negative(_, value) => value.is_number(),
            What::Binary(left, _, _, right) => left.is_number() && right.is_number(),
            _ => false,
        }
    }
}

impl What<'_> {
    /// Whether the shape is computed and not that of something inside.
    pub(crate) fn computes_shape(&self) -> bool {
        match self {
            What::Layer(_) => true,
            What::Users(users) => users.output.is_some(),
            What::Function(function) => function.row.form != tables::Form::Pointwise,
            What::Binary(left, _, _, right) => !left.is_number() && !right.is_number(),
            What::Node(_) | What::Number(_) | What::Negative(..) => false,
        }
    }
}

impl<'a> Net<'a> {
    /// The nodes in order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node<'a>> {
        self.steps.iter().filter_map(|step| match step {
            Step::Node(node) => Some(node),
            Step::Setting(_) => None,
        })
    }

    /// The nodes that hold a layer, in order: the fields of the struct.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (&Node<'a>, &Layer<'a>)> {
        self.nodes()
            .filter_map(|node| Some((node, node.layer.as_ref()?)))
    }

    /// The observation of each target, in the order of the header.
    pub(crate) fn observed(&self) -> Vec<&Observation<'a>> {
        let of = |target: &Ident| self.observations.iter().find(|seen| seen.target == target);
        self.ast.targets.iter().filter_map(of).collect()
    }
}
