//! `Net`: the reparameterized forward pass, line by line as declared, the
//! likelihood and the loss.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Ident;

use super::shapes::{self, Owner};
use super::{at, code, likelihood_type, output_type, text, types};
use crate::ast::Operator;
use crate::net::{Function, Net, Node, Observation, Users, Value, What};
use crate::tables::Form;
use crate::written::written;

/// The impl for the net on a tape.
pub(super) fn net(net: &Net<'_>) -> TokenStream {
    let (name, scalar) = (&net.ast.name, &net.ast.generics.scalar);
    let output = output_of(net, &code!(__elbo::Var<'t, #scalar>));
    let inputs: Vec<&Ident> = net.ast.inputs.iter().map(|input| &input.name).collect();
    let input_lines = input_lines(net, &inputs);
    let lines = net.nodes().filter_map(|node| {
        let read = node.value.as_ref()?;
        let (name, value) = (
            node.name,
            operand(read, &Owner::node(node), Tightness::Loose),
        );
        let done = net
            .nodes()
            .map(|node| node.name)
            .filter(|done| is_last(net, node, done));
        Some(code!(let #name = pass.line(|| #value); #(#done.end();)*))
    });
    let result = result(net);
    let targets: Vec<&Ident> = net.ast.targets.iter().collect();
    let target_lines = target_lines(net, &targets);
    let terms = net.observed().into_iter().map(|observation| {
        let target = observation.target;
        let field = (targets.len() > 1).then(|| code!(.#target));
        match observation.own {
            None if field.is_none() => code!(#target.sum(output.log_prob(#target.values))),
            // With `&` before any trait of the user's that has such a method.
            None => code!(#target.sum((&output #field).log_prob(#target.values))),
            Some(path) => {
                let at = Span::mixed_site().located_at(crate::ast::ends(path).0);
                let log_prob = quote_spanned!(at=> __elbo::dist::Own::log_prob);
                code!(#target.sum(#log_prob(&output #field, #target.values)))
            }
        }
    });
    let log_likelihood = code!(#(#terms)+*);
    code! {
        impl<'t, #scalar: __elbo::Scalar> __elbo::net::Net<'t, #scalar> for #name<__elbo::Var<'t, #scalar>> {
            type Output = #output;

            /// The reparameterized forward pass, line by line as declared.
            fn forward(
                &self,
                inputs: &[__elbo::Var<'t, #scalar>],
                pass: &__elbo::bayes::Pass<'_, 't, #scalar>,
            ) -> Self::Output {
                #input_lines
                #(#lines)*
                #result
            }

            /// log p(y | x, theta), summed over the rows of the batch.
            fn log_likelihood(
                output: &Self::Output,
                targets: &[__elbo::Var<'t, #scalar>],
            ) -> __elbo::Var<'t, #scalar> {
                #target_lines
                #log_likelihood
            }

            /// ELBO = E_q[log p(D | theta)] - KL(q || p), the expectation over
            /// the draws of `pass`.
            fn elbo(
                &self,
                inputs: &[__elbo::Var<'t, #scalar>],
                targets: &[__elbo::Var<'t, #scalar>],
                pass: &__elbo::bayes::Pass<'_, 't, #scalar>,
            ) -> __elbo::bayes::Elbo<'t, #scalar> {
                let log_likelihood = pass.over_draws(|pass| {
                    Self::log_likelihood(&__elbo::net::Net::forward(self, inputs, pass), targets)
                });
                __elbo::bayes::Elbo { log_likelihood, kl: pass.kl() }
            }
        }
    }
}

/// Whether `node` is the last to read the node `name`.
fn is_last(net: &Net<'_>, node: &Node<'_>, name: &Ident) -> bool {
    let reads = |value: &Value<'_>| value.reads(name);
    let later = net
        .nodes()
        .skip_while(|later| later.name != node.name)
        .skip(1);
    let mut observed = net.observations.iter().flat_map(|seen| &seen.parameters);
    node.value.as_ref().is_some_and(reads)
        && !later.filter_map(|later| later.value.as_ref()).any(reads)
        && !observed.any(reads)
}

/// Gives the inputs their names and holds each to its shape.
fn input_lines(net: &Net<'_>, names: &[&Ident]) -> TokenStream {
    let (net, texts, shapes) = named(net, names);
    code! {
        let [#(#names),*] = __elbo::net::split(#net, "inputs", [#(#texts),*], inputs);
        #(__elbo::net::check_rows(#net, #texts, #names, __check::shape(&#shapes));)*
    }
}

/// The same for the targets, which may come with weights.
fn target_lines(net: &Net<'_>, names: &[&Ident]) -> TokenStream {
    let (net, texts, shapes) = named(net, names);
    code! {
        let [#(#names),*] = __elbo::net::targets(#net, [#(#texts),*], targets);
        #(__elbo::net::check_rows(#net, #texts, #names.values, __check::shape(&#shapes));)*
    }
}

/// The name of the net, and names and shapes of its inputs or targets.
fn named(net: &Net<'_>, names: &[&Ident]) -> (String, Vec<String>, Vec<Ident>) {
    let texts = names.iter().map(|name| text(name)).collect();
    let shapes = names.iter().map(|name| shapes::of_name(name)).collect();
    (text(&net.ast.name), texts, shapes)
}

/// The type of what the net says of its targets, over the leaf `leaf`.
pub(super) fn output_of(net: &Net<'_>, leaf: &TokenStream) -> TokenStream {
    if let [one] = net.observed().as_slice() {
        likelihood_type(&code!(__elbo), one, Some(leaf))
    } else {
        let output = output_type(net);
        code!(#output<#leaf>)
    }
}

/// The last line of `forward`.
fn result(net: &Net<'_>) -> TokenStream {
    let observed = net.observed();
    if let [one] = observed.as_slice() {
        return likelihood(one);
    }
    let output = output_type(net);
    let targets = observed.iter().map(|observation| observation.target);
    let likelihoods = observed.iter().map(|observation| likelihood(observation));
    code!(#output { #(#targets: #likelihoods,)* })
}

/// `Normal { mean: mean, std: pass.tape().scalar(0.1) }`.
fn likelihood(observation: &Observation<'_>) -> TokenStream {
    let owner = Owner::target(observation);
    let parameters: Vec<(Ident, TokenStream)> = observation
        .likelihood
        .parameters
        .iter()
        .zip(&observation.parameters)
        .map(|(field, value)| {
            let given = shapes::given_parameter(field.name, value, &owner);
            let field = quote::format_ident!(
                "{}",
                field.name.replace(' ', "_"),
                span = Span::mixed_site()
            );
            let number = match given {
                Some(given) => code!(#given),
                None => operand(value, &owner, Tightness::Loose),
            };
            let value = if value.is_number() {
                code!(pass.tape().scalar(#number))
            } else {
                number
            };
            (field, value)
        })
        .collect();
    let (fields, values): (Vec<_>, Vec<_>) = parameters.into_iter().unzip();
    if observation.own.is_some() {
        return code!(__elbo::dist::Own::new([#(#values),*]));
    }
    let name = Ident::new(observation.likelihood.name, Span::mixed_site());
    code!(__elbo::dist::#name { #(#fields: #values),* })
}

/// How tightly the place of an expression binds: what binds less is put in
/// parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Tightness {
    /// An argument or a whole line.
    Loose,
    /// Beside `+` or `-`.
    Sum,
    /// Beside `*` or `/`, or right of `-`.
    Product,
    /// Right of a sign.
    Sign,
    /// In front of a method.
    Method,
}

/// The code of `value` in the line of `owner` at a place that binds as tightly as `place`.
pub(super) fn operand(value: &Value<'_>, owner: &Owner<'_>, place: Tightness) -> TokenStream {
    let (own, tokens) = match &value.what {
        What::Node(name) => (Tightness::Method, code!(#name)),
        What::Number(number) => (tightness(number), number.clone()),
        What::Negative(sign, inner) => {
            let inner = operand(inner, owner, Tightness::Sign);
            (Tightness::Sign, code!(#sign #inner))
        }
        What::Binary(left, operator, sign, right) => {
            let own = match operator {
                Operator::Add | Operator::Subtract => Tightness::Sum,
                Operator::Multiply | Operator::Divide => Tightness::Product,
            };
            // a - (b - c), a / (b / c): operators group to the left.
            let tighter = if own == Tightness::Sum {
                Tightness::Product
            } else {
                Tightness::Sign
            };
            let (left, right) = (operand(left, owner, own), operand(right, owner, tighter));
            (own, code!(#left #sign #right))
        }
        What::Layer(input) => (Tightness::Method, layer(value, input.as_deref(), owner)),
        What::Function(called) => (Tightness::Method, function(value, called, owner)),
        What::Users(users) => (Tightness::Method, returned(users, value, owner)),
    };
    if own < place {
        code!((#tokens))
    } else {
        tokens
    }
}

/// The call of a function of ours.
fn function(value: &Value<'_>, function: &Function<'_>, owner: &Owner<'_>) -> TokenStream {
    let operands = |place| {
        let values = function.values.iter();
        values.map(move |value| operand(value, owner, place))
    };
    // Axis 0 of a value counts the rows of the batch.
    let (method, arguments) = match function.row.form {
        Form::Concat => {
            let values = operands(Tightness::Loose);
            return code!(__elbo::ops::concat(&[#(#values),*], 1));
        }
        Form::Pointwise => (function.row.name, None),
        Form::AlongRow => (function.row.name, Some(code!(1))),
        Form::Flatten => ("flatten_rows", None),
        Form::MaxPool | Form::AvgPool => {
            let options = function.row.options.as_ref();
            let pool = options.map(|options| owner.options_of(options, value));
            let divisor =
                (function.row.form == Form::AvgPool).then(|| code!(, __elbo::ops::Divisor::Window));
            (function.row.name, Some(code!(#pool #divisor)))
        }
    };
    // At the user's place, which a panic and an inspection of the tape name.
    let (first, last) = value.ends;
    let method = Ident::new(method, first);
    let (values, call) = (
        operands(Tightness::Method),
        shapes::closed_at(last, code!(#arguments)),
    );
    code!(#(#values)*.#method #call)
}

/// The call of a user's function, and that it returned what the net counts on.
fn returned(users: &Users<'_>, value: &Value<'_>, owner: &Owner<'_>) -> TokenStream {
    let arguments = users
        .values
        .iter()
        .map(|value| operand(value, owner, Tightness::Loose));
    let (path, checked) = (users.path, owner.shape_of(value));
    let (function, node) = (written(path), text(owner.name));
    // A batch has one number of rows, that of its first input.
    let rows = if users.has_rows {
        code!(::core::option::Option::Some(inputs[0].shape().dim(0)))
    } else {
        code!(::core::option::Option::None)
    };
    // At the user's place, which the compiler and a panic name.
    let (first, last) = value.ends;
    let call = shapes::closed_at(last, code!(#(#arguments),*));
    let check = quote_spanned!(first=> __check::returned);
    let check_arguments = shapes::closed_at(
        last,
        code!(value.shape(), #rows, __check::shape(&#checked), #function, #node),
    );
    let var = quote_spanned!(first=> __elbo::Var<'_, _>);
    code! {{
        let value: #var = #path #call;
        #check #check_arguments;
        value
    }}
}

/// How tightly a constant of the user's holds together: a literal and a path
/// need no parentheses.
fn tightness(number: &TokenStream) -> Tightness {
    let is_path = |token: TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    };
    let mut tokens = number.clone().into_iter();
    let is_one = tokens.next().is_some() && tokens.next().is_none();
    if is_one || number.clone().into_iter().all(is_path) {
        Tightness::Method
    } else {
        Tightness::Loose
    }
}

/// The line's layer applied to its input, if it reads one.
fn layer(value: &Value<'_>, input: Option<&Value<'_>>, owner: &Owner<'_>) -> TokenStream {
    let (field, site) = (owner.name, text(owner.name));
    let place = owner.layer.map_or_else(Span::mixed_site, at);
    // At the user's place, as above.
    let (first, last) = value.ends;
    let (enter, name) = (
        quote_spanned!(first=> at),
        shapes::closed_at(last, code!(#site)),
    );
    let pass = code!(&pass.#enter #name);
    match input {
        // Named in full: a trait of the user's may have a method `forward`.
        None => {
            let library = code!(__elbo);
            let kind = owner.layer.map(|layer| layer.kind);
            let ty = kind.map(|kind| types::layer_type(&library, kind));
            code!(#ty::forward(&self.#field, #pass))
        }
        Some(input) => {
            let input = operand(input, owner, Tightness::Loose);
            quote_spanned!(place=> __elbo::layers::Forward::forward(&self.#field, #input, #pass))
        }
    }
}
