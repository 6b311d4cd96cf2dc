//! What the user wrote. The grammar is on the types, in EBNF:
//! `"net"` is a token, `( )*` any number, `( )?` at most one, `|` a choice.
//!
//! Nothing here is judged: a name may be unknown and a number absurd. Every
//! part keeps its tokens, so that a later stage can complain about it in place.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::{Attribute, Ident, Lit, Path, Visibility};

use crate::written::written;

/// ```text
/// net := attribute* visibility "net" Name "(" input ("," input)* ")"
///        "->" targets "{" statement* "}"
/// targets := name | "(" name ("," name)* ")"
/// ```
pub(crate) struct Net {
    /// The path of the crate `elbo` as the caller sees it: `$crate`.
    pub(crate) krate: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) inputs: Vec<Input>,
    pub(crate) targets: Vec<Ident>,
    pub(crate) body: Vec<Statement>,
    /// Where the body closes: the place of what is missing in it.
    pub(crate) end: Span,
    /// What the generated code calls its type parameters.
    pub(crate) generics: Generics,
    /// Whether the header could be read to its end. If not, nothing is said
    /// of inputs and targets that the body cannot find.
    pub(crate) header_is_whole: bool,
}

/// The names of the generated type parameters: none of the user's.
pub(crate) struct Generics {
    /// What stands at a leaf of the net, `T`.
    pub(crate) leaf: Ident,
    /// The leaf after a map, `U`.
    pub(crate) mapped: Ident,
    /// The number type of a tape, `S`.
    pub(crate) scalar: Ident,
}

impl Generics {
    /// Names that do not occur in the user's text `net`.
    pub(crate) fn beside(net: &TokenStream) -> Self {
        let free = |letter: &str| {
            let mut name = letter.to_owned();
            while mentions(net.clone(), &name) {
                name.push('_');
            }
            Ident::new(&name, Span::mixed_site())
        };
        Generics {
            leaf: free("T"),
            mapped: free("U"),
            scalar: free("S"),
        }
    }
}

/// Whether `name` occurs in `tokens`, at any depth.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        _ => false,
    })
}

/// ```text
/// input := name ":" "[" (dimension ("," dimension)*)? "]"
/// ```
/// A dimension is a constant Rust expression of type `usize`.
pub(crate) struct Input {
    pub(crate) name: Ident,
    pub(crate) dims: Dims,
}

/// The dimensions between brackets, with the brackets' tokens.
#[derive(Clone)]
pub(crate) struct Dims {
    pub(crate) dims: Vec<syn::Expr>,
    pub(crate) tokens: TokenStream,
}

/// ```text
/// statement := (setting | node | observation) ";"
/// node := name "=" expression
/// observation := name "~" distribution
/// ```
pub(crate) enum Statement {
    Setting(Setting),
    Node(Node),
    Observation(Observation),
    /// What could not be read. It still declares its node, and what it
    /// mentions counts as used.
    Broken(Option<Ident>, TokenStream),
}

pub(crate) struct Node {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

pub(crate) struct Observation {
    pub(crate) name: Ident,
    pub(crate) distribution: Distribution,
}

/// ```text
/// setting := ("weights" | "biases") "~" distribution
///          | ("posterior" | "estimator") "=" distribution
/// ```
/// As a statement it holds from there on, inside a layer's call for that layer.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) sign: TokenStream,
    pub(crate) value: Distribution,
}

/// ```text
/// distribution := path ("(" argument ("," argument)* ")")?
/// ```
/// A path of several names is the user's own: a prior or a likelihood.
#[derive(Clone)]
pub(crate) struct Distribution {
    /// The last name of the path.
    pub(crate) name: Ident,
    /// The path, if it is more than a name.
    pub(crate) path: Option<Path>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) tokens: TokenStream,
}

/// ```text
/// argument := expression | name ":" expression | setting
/// ```
#[derive(Clone)]
pub(crate) enum Argument {
    Value(Expr),
    Named(Ident, Expr),
    Setting(Setting),
}

/// ```text
/// expression := product (("+" | "-") product)*
/// product := factor (("*" | "/") factor)*
/// factor := "-" factor | name | number | call | "(" expression ")" | constant
/// constant := a path in capitals | "{" Rust "}"
/// ```
/// Where a constant is wanted (a width, a prior's scale), any Rust expression
/// may stand.
#[derive(Clone)]
pub(crate) enum Expr {
    Name(Ident),
    Number(Lit),
    Call(Call),
    Negative(TokenStream, Box<Expr>),
    Binary(Box<Expr>, Operator, TokenStream, Box<Expr>),
    /// Parentheses, or the invisible group around `$n` of a `macro_rules!`.
    Group(TokenTree, Box<Expr>),
    Rust(syn::Expr),
}

/// ```text
/// call := path "(" (argument ("," argument)*)? ")" ("->" "[" dimensions "]")?
/// ```
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) callee: Path,
    pub(crate) arguments: Vec<Argument>,
    /// The dimensions after `->`, which a user's function may declare.
    pub(crate) output: Option<Dims>,
    pub(crate) tokens: TokenStream,
    /// Where the parentheses close: the place of a missing argument.
    pub(crate) end: Span,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Node {
    /// Whether this is `y = Likelihood(..)` for a target y.
    pub(crate) fn is_meant_as_observation(&self, net: &Net) -> bool {
        let is_distribution = |call: &Call| {
            let name = call.callee.get_ident().map(Ident::to_string);
            name.is_some_and(|name| name.starts_with(char::is_uppercase))
        };
        net.targets.contains(&self.name)
            && matches!(&self.value, Expr::Call(call) if is_distribution(call))
    }
}

impl Argument {
    /// The argument as it was written.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Argument::Value(value) => value.to_token_stream(),
            Argument::Named(name, value) => quote::quote!(#name: #value),
            Argument::Setting(setting) => setting.to_token_stream(),
        }
    }
}

impl ToTokens for Expr {
    /// The expression as it was written.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Expr::Name(name) => name.to_tokens(tokens),
            Expr::Number(number) => number.to_tokens(tokens),
            Expr::Call(call) => call.tokens.to_tokens(tokens),
            Expr::Negative(sign, value) => {
                sign.to_tokens(tokens);
                value.to_tokens(tokens);
            }
            Expr::Binary(left, _, sign, right) => {
                left.to_tokens(tokens);
                sign.to_tokens(tokens);
                right.to_tokens(tokens);
            }
            Expr::Group(group, _) => tokens.append(group.clone()),
            Expr::Rust(expression) => expression.to_tokens(tokens),
        }
    }
}

impl ToTokens for Setting {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        self.sign.to_tokens(tokens);
        self.value.tokens.to_tokens(tokens);
    }
}

impl Expr {
    pub(crate) fn written(&self) -> String {
        written(self)
    }
}

/// The spans of the first and of the last token: an error that carries both
/// underlines everything between them.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.into_token_stream().into_iter();
    let Some(first) = tokens.next() else {
        return (Span::call_site(), Span::call_site());
    };
    let last = tokens.last().unwrap_or_else(|| first.clone());
    let edge = |token: TokenTree, open: bool| match token {
        TokenTree::Group(group) if open => group.span_open(),
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    };
    (edge(first, true), edge(last, false))
}
