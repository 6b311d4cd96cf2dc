//! The shapes: one `const` per computed shape, and one per node in which the
//! compiler reports what is wrong with them.
//!
//! The shape functions return a message instead of panicking, so that a node
//! whose input is wrong stays silent, and one mistake gives one error. The
//! report's first token has the span of the first token of the user's
//! expression and its last the last, so that the compiler underlines all of
//! it; and since the compiler prints the name of the const that failed, the
//! report is called after the node.

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Ident;

use super::forward::{self, Tightness};
use super::{code, text, types};
use crate::ast::Operator;
use crate::net::{
    Constant, Filled, Function, Given, Layer, LayerKind, Net, Node, Observation, Setting, Step,
    Users, Value, What,
};
use crate::tables::{Choice, Form, Number, Options, Range, TargetShape};

/// The line to which a value belongs.
pub(super) struct Owner<'n> {
    pub(super) name: &'n Ident,
    pub(super) layer: Option<&'n Layer<'n>>,
    /// The number of the value that gives the line its shape; 0 if that is
    /// another node's.
    head: usize,
}

impl<'n> Owner<'n> {
    pub(super) fn node(node: &'n Node<'_>) -> Self {
        let head = node.value.as_ref().map_or(0, |value| head(value).number);
        Owner {
            name: node.name,
            layer: node.layer.as_ref(),
            head,
        }
    }

    pub(super) fn target(observation: &'n Observation<'_>) -> Self {
        Owner {
            name: observation.target,
            layer: None,
            head: 0,
        }
    }

    /// The const that holds the shape of `value`.
    pub(super) fn shape_of(&self, value: &Value<'_>) -> Ident {
        let head = head(value);
        match &head.what {
            What::Node(name) => of_name(name),
            _ => self.const_of("SHAPE", head),
        }
    }

    /// The const that holds the `what` of `value`.
    fn const_of(&self, what: &str, value: &Value<'_>) -> Ident {
        let name = text(self.name).to_uppercase();
        constant(&if value.number == self.head {
            format!("{what}_OF_{name}")
        } else {
            format!("{what}_IN_{name}_{}", value.number)
        })
    }

    /// The const that holds the options of the function `value`: `POOL_OF_H1`.
    pub(super) fn options_of(&self, options: &Options, value: &Value<'_>) -> Ident {
        self.const_of(&options.ty.to_uppercase(), value)
    }
}

/// The const that holds the shape of the input, node or target `name`.
pub(super) fn of_name(name: &Ident) -> Ident {
    constant(&format!("SHAPE_OF_{}", text(name).to_uppercase()))
}

fn constant(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The value inside `value` that gives it its shape.
fn head<'v, 'a>(value: &'v Value<'a>) -> &'v Value<'a> {
    match &value.what {
        _ if value.number > 0 => value,
        What::Function(Function { values, .. }) | What::Users(Users { values, .. }) => {
            values.first().map_or(value, head)
        }
        What::Negative(_, inner) => head(inner),
        What::Binary(left, _, _, right) => head(if left.is_number() { right } else { left }),
        What::Node(_) | What::Number(_) | What::Layer(_) => value,
    }
}

/// The consts of all shapes, and the reports of all nodes.
pub(super) fn shapes(net: &Net<'_>) -> (TokenStream, TokenStream) {
    let mut shapes = Shapes::default();
    for input in &net.ast.inputs {
        let (name, dims) = (text(&input.name), &input.dims.dims);
        let checked = code!(__check::declared(#name, &[#(#dims),*]));
        shapes.constant(of_name(&input.name), checked);
        let place = crate::ast::ends(&input.dims.tokens);
        shapes.report(of_name(&input.name), place);
        shapes.close(&input.name);
    }
    for step in &net.steps {
        let node = match step {
            Step::Setting(setting) => {
                shapes.setting(setting);
                shapes.close_setting(&setting.name);
                continue;
            }
            Step::Node(node) => node,
        };
        let Some(value) = &node.value else { continue };
        for setting in node.layer.iter().flat_map(|layer| &layer.overrides) {
            shapes.setting(setting);
        }
        let owner = Owner::node(node);
        shapes.value(value, &owner);
        if owner.head == 0 {
            // `skip = h1;`: the node has the shape of another.
            let other = owner.shape_of(value);
            shapes.constant(of_name(node.name), code!(#other));
        }
        shapes.close(node.name);
    }
    for observation in &net.observations {
        shapes.observation(observation);
        shapes.close(observation.target);
    }
    let (constants, reports) = (shapes.constants, shapes.reports);
    let reports = code! {
        // Each report is called after its node: the compiler prints the name.
        #[allow(dead_code, non_upper_case_globals)]
        {
            #reports
        }
    };
    (constants, reports)
}

#[derive(Default)]
struct Shapes {
    constants: TokenStream,
    reports: TokenStream,
    /// The reports of the line that is being written.
    line: Vec<TokenStream>,
}

impl Shapes {
    fn constant(&mut self, name: Ident, checked: TokenStream) {
        self.constants
            .extend(code!(const #name: __check::Checked = #checked;));
    }

    /// Makes the compiler report `checked` from `first` to `last`.
    fn report(&mut self, checked: impl ToTokens, (first, last): (Span, Span)) {
        let report = quote_spanned!(first=> __check::report);
        let argument = closed_at(last, code!(&#checked));
        self.line.push(code!(#report #argument));
    }

    /// Ends the line of `name`.
    fn close(&mut self, name: &Ident) {
        let report = self.take_line(name);
        self.reports.extend(report);
    }

    /// Ends the line of a setting, in a block of its own: the next one may
    /// have the same name.
    fn close_setting(&mut self, name: &Ident) {
        if let Some(report) = self.take_line(name) {
            self.reports.extend(code!({ #report }));
        }
    }

    fn take_line(&mut self, name: &Ident) -> Option<TokenStream> {
        let line = std::mem::take(&mut self.line);
        match line.as_slice() {
            [] => None,
            [one] => Some(code!(const #name: () = #one;)),
            several => Some(code!(const #name: () = { #(#several;)* };)),
        }
    }

    /// The named numbers of a setting, and that they are in range.
    fn setting(&mut self, setting: &Setting) {
        let Filled::Choice {
            choice, numbers, ..
        } = &setting.value
        else {
            return;
        };
        for constant in numbers.iter().flatten() {
            if let Constant::Named {
                number,
                tokens,
                ends,
            } = constant
            {
                let name = given(number.name, &setting.place);
                self.given(&name, tokens, *number, choice.name, *ends);
            }
        }
    }

    /// `const GIVEN_STD_OF_Y: f64 = NOISE;`, and that it is in range.
    fn given(
        &mut self,
        name: &Ident,
        tokens: &TokenStream,
        number: Number,
        owner: &str,
        ends: (Span, Span),
    ) {
        let (ty, check) = match number.range {
            Range::Count => (code!(usize), code!(count)),
            Range::Positive | Range::Above(_) => (code!(f64), code!(positive)),
            Range::Probability => (code!(f64), code!(probability)),
            _ => (code!(f64), code!(finite)),
        };
        let parameter = number.name;
        self.constants.extend(code!(const #name: #ty = #tokens;));
        self.report(code!(__check::#check(#owner, #parameter, #name)), ends);
    }

    /// The consts of `value`, inner ones first.
    fn value(&mut self, value: &Value<'_>, owner: &Owner<'_>) {
        let inside: Vec<&Value<'_>> = match &value.what {
            What::Node(_) | What::Number(_) => Vec::new(),
            What::Layer(input) => input.as_deref().into_iter().collect(),
            What::Function(Function { values, .. }) | What::Users(Users { values, .. }) => {
                values.iter().collect()
            }
            What::Negative(_, inner) => vec![inner],
            What::Binary(left, _, _, right) => vec![left, right],
        };
        for value in &inside {
            self.value(value, owner);
        }
        if value.number == 0 {
            return;
        }
        let checked = match &value.what {
            What::Layer(_) => layer(value, &inside, owner),
            What::Binary(_, operator, _, _) => {
                let verb = match operator {
                    Operator::Add => "add",
                    Operator::Subtract => "subtract",
                    Operator::Multiply => "multiply",
                    Operator::Divide => "divide",
                };
                let texts = inside.iter().map(|value| &value.text);
                all_sound(
                    owner,
                    &inside,
                    |names| code!(__check::same(#(#names,)* #verb, #(#texts),*)),
                )
            }
            What::Function(function) => self.function(value, function, &inside, owner),
            What::Users(Users {
                output: Some(output),
                ..
            }) => {
                let dims = &output.dims;
                let name = &value.text;
                code!(__check::declared(#name, &[#(#dims),*]))
            }
            What::Node(_) | What::Number(_) | What::Negative(..) | What::Users(_) => {
                return;
            }
        };
        if let (What::Layer(_), Some(layer)) = (&value.what, owner.layer) {
            self.constants.extend(named_constants(layer, owner.name));
            if let Some(options) = options_of(layer) {
                let name = constant_of(options.ty, owner.name);
                self.options(name, options, &[], &layer.options);
            }
        }
        let name = owner.shape_of(value);
        self.report(&name, value.ends);
        self.constant(name, checked);
    }

    /// The shape of a function of ours that computes one, after its options.
    fn function(
        &mut self,
        value: &Value<'_>,
        function: &Function<'_>,
        inside: &[&Value<'_>],
        owner: &Owner<'_>,
    ) -> TokenStream {
        let (name, texts) = (function.row.name, inside.iter().map(|value| &value.text));
        let options = function.row.options.as_ref().map(|options| {
            let name = owner.options_of(options, value);
            self.options(name.clone(), options, &function.numbers, &function.options);
            name
        });
        all_sound(owner, inside, |names| match function.row.form {
            Form::Concat => code!(__check::concat(&[#(#names),*], &[#(#texts),*])),
            Form::Flatten => code!(__check::flat(#(#names,)* #(#texts),*)),
            Form::MaxPool | Form::AvgPool => code!(#options.shape(#name, #(#names,)* #(#texts),*)),
            Form::Pointwise | Form::AlongRow => {
                code!(__check::vector(#name, #(#names,)* #(#texts),*))
            }
        })
    }

    /// `const POOL_OF_H1: Pool<2> = Pool { stride: [1; 2], ..Pool::of([2; 2]) };`
    fn options(
        &mut self,
        name: Ident,
        options: &Options,
        numbers: &[TokenStream],
        given: &[Given],
    ) {
        let [ty, base] = [options.ty, options.base].map(constant);
        let axes = Literal::usize_unsuffixed(options.axes);
        let ty = code!(__elbo::ops::#ty);
        let call = (!numbers.is_empty()).then(|| code!((#(#numbers),*)));
        let base = code!(#ty::#base #call);
        let fields = given.iter().map(|Given { name, value }| {
            let field = constant(name);
            code!(#field: #value)
        });
        let value = if given.is_empty() {
            base
        } else {
            code!(#ty { #(#fields,)* ..#base })
        };
        self.constants
            .extend(code!(const #name: #ty<#axes> = #value;));
    }

    /// The parameters must fit each other; the target's shape follows.
    fn observation(&mut self, observation: &Observation<'_>) {
        let owner = Owner::target(observation);
        for value in &observation.parameters {
            self.value(value, &owner);
        }
        let likelihood = observation.likelihood;
        for (&number, value) in likelihood.parameters.iter().zip(&observation.parameters) {
            if let Some(given) = given_parameter(number.name, value, &owner) {
                let tokens = forward::operand(value, &owner, Tightness::Loose);
                self.given(&given, &tokens, number, &observation.name(), value.ends);
            }
        }
        let nodes: Vec<&Value<'_>> = observation
            .parameters
            .iter()
            .filter(|value| !value.is_number())
            .collect();
        let (likelihood, texts) = (observation.name(), nodes.iter().map(|value| &value.text));
        let checked = all_sound(&owner, &nodes, |names| {
            match (observation.likelihood.target, names) {
                (TargetShape::Class, names) => {
                    code!(__check::class(#likelihood, #(#names,)* #(#texts),*))
                }
                (TargetShape::Same, names) => {
                    code!(__check::parameters(#likelihood, &[#(#names),*], &[#(#texts),*]))
                }
                (TargetShape::Ordinal, names) => {
                    code!(__check::ordinal(#likelihood, &[#(#names),*], &[#(#texts),*]))
                }
                (TargetShape::Mixture, names) => {
                    code!(__check::mixture(#likelihood, &[#(#names),*], &[#(#texts),*]))
                }
            }
        });
        let name = of_name(observation.target);
        self.report(&name, observation.ends);
        self.constant(name, checked);
    }
}

/// The shapes of a likelihood's parameters for one row, in order; of a number `[]`.
pub(super) fn parameters(observation: &Observation<'_>) -> Vec<TokenStream> {
    let owner = Owner::target(observation);
    let shape = |value: &Value<'_>| {
        if value.is_number() {
            code!(__elbo::Shape::SCALAR)
        } else {
            let checked = owner.shape_of(value);
            code!(__check::shape(&#checked))
        }
    };
    observation.parameters.iter().map(shape).collect()
}

/// `Linear::shape(input, "x", 64)`, asked of the layer itself, with the
/// user's spans: a wrong count or type is the compiler's to explain.
fn layer(value: &Value<'_>, inside: &[&Value<'_>], owner: &Owner<'_>) -> TokenStream {
    let Some(layer) = owner.layer else {
        return TokenStream::new();
    };
    let (first, last) = value.ends;
    let library = quote_spanned!(first=> __elbo);
    let ty = types::layer_type(&library, layer.kind);
    let (texts, constants) = (
        inside.iter().map(|value| &value.text),
        constants(layer, owner.name),
    );
    all_sound(owner, inside, |names| {
        let function = match layer.kind {
            LayerKind::Ours(_) => quote_spanned!(first=> #ty::shape),
            // In angle brackets a wrong path is one and the same mistake here
            // and in the type of the field, which the compiler tells once.
            LayerKind::Users(_) => quote_spanned!(first=> <#ty>::shape),
        };
        let arguments = closed_at(last, code!(#(#names, #texts,)* #(#constants),*));
        code!(#function #arguments)
    })
}

/// The constants of a layer as arguments: literals, and the names of others
/// and of its options.
pub(super) fn constants(layer: &Layer<'_>, node: &Ident) -> Vec<TokenStream> {
    let argument = |constant: &Constant| match constant {
        Constant::Inline(tokens) => tokens.clone(),
        Constant::Named { number, .. } => constant_of(number.name, node).into_token_stream(),
    };
    let options = options_of(layer).map(|options| constant_of(options.ty, node));
    let arguments = layer.constants.iter().map(argument);
    arguments
        .chain(options.map(Ident::into_token_stream))
        .collect()
}

/// What a call of the layer may give by name.
fn options_of(layer: &Layer<'_>) -> Option<&'static Options> {
    match layer.kind {
        LayerKind::Ours(row) => row.options.as_ref(),
        LayerKind::Users(_) => None,
    }
}

/// `const UNITS_OF_H1: usize = WIDTH * 2;`
fn named_constants(layer: &Layer<'_>, node: &Ident) -> TokenStream {
    let item = |constant: &Constant| match constant {
        Constant::Inline(_) => None,
        Constant::Named { number, tokens, .. } => {
            let name = constant_of(number.name, node);
            let ty = match number.range {
                Range::Count => code!(usize),
                Range::Counts(axes) => {
                    let axes = Literal::usize_unsuffixed(axes);
                    code!([usize; #axes])
                }
                _ => code!(f64),
            };
            Some(code!(const #name: #ty = #tokens;))
        }
    };
    layer.constants.iter().filter_map(item).collect()
}

/// The numbers of a choice in a setting, as arguments: literals, the names of others, and of what
/// stands for those that were left out.
pub(super) fn numbers(
    setting: &Setting,
    choice: &Choice,
    numbers: &[Option<Constant>],
) -> Vec<TokenStream> {
    let argument = |(place, constant): (usize, &Option<Constant>)| match constant {
        Some(Constant::Inline(tokens)) => tokens.clone(),
        Some(Constant::Named { number, .. }) => {
            given(number.name, &setting.place).into_token_stream()
        }
        None => {
            let default = choice
                .defaults
                .get(place)
                .map(|name| constant_of_posterior(name));
            default.unwrap_or_default()
        }
    };
    numbers.iter().enumerate().map(argument).collect()
}

fn constant_of_posterior(name: &str) -> TokenStream {
    let name = constant(name);
    code!(__elbo::bayes::Posterior::#name)
}

/// The name of the number that the parameter `name` of a likelihood is, if it
/// is one and not written out.
pub(super) fn given_parameter(name: &str, value: &Value<'_>, target: &Owner<'_>) -> Option<Ident> {
    let is_named = value.is_number() && !value.is_literal();
    is_named.then(|| {
        given(
            &name.replace(' ', "_"),
            &format!("OF_{}", text(target.name).to_uppercase()),
        )
    })
}

/// `GIVEN_STD_IN_WEIGHTS_2`.
fn given(number: &str, place: &str) -> Ident {
    constant(&format!("GIVEN_{}_{place}", number.to_uppercase()))
}

fn constant_of(what: &str, node: &Ident) -> Ident {
    constant(&format!("{what}_OF_{}", text(node)).to_uppercase())
}

/// `then` of the shapes of `values` if all are sound, else silence.
fn all_sound(
    owner: &Owner<'_>,
    values: &[&Value<'_>],
    then: impl FnOnce(&[Ident]) -> TokenStream,
) -> TokenStream {
    let shapes: Vec<Ident> = values.iter().map(|value| owner.shape_of(value)).collect();
    let names: Vec<Ident> = match values {
        [_] => vec![constant("input")],
        _ => ["first", "second", "third"]
            .iter()
            .map(|name| (*name).to_owned())
            .chain((4..).map(|place| format!("input{place}")))
            .take(values.len())
            .map(|name| constant(&name))
            .collect(),
    };
    let result = then(&names);
    match (shapes.as_slice(), names.as_slice()) {
        ([], _) => result,
        ([shape], [name]) => code! {
            match #shape {
                ::core::result::Result::Ok(#name) => #result,
                ::core::result::Result::Err(_) => __check::SILENT,
            }
        },
        _ => code! {
            match (#(#shapes),*) {
                (#(::core::result::Result::Ok(#names)),*) => #result,
                _ => __check::SILENT,
            }
        },
    }
}

/// `tokens` in parentheses that close at `last`.
pub(super) fn closed_at(last: Span, tokens: TokenStream) -> TokenTree {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(last);
    TokenTree::Group(group)
}
