//! `Net`: the reparameterized forward pass, line by line as declared, the
//! likelihood and the loss.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Ident;

use super::shapes::{self, Owner};
use super::{at, code, likelihood_type, output_type, text};
use crate::ast::Operator;
use crate::net::{Net, Observation, Value, What};
use crate::tables::Form;
use crate::written::written;

/// The impl for the net on a tape.
pub(super) fn net(net: &Net<'_>) -> TokenStream {
    let name = &net.ast.name;
    let output = output_of(net, &code!(__elbo::Var<'t, S>));
    let inputs: Vec<&Ident> = net.ast.inputs.iter().map(|input| &input.name).collect();
    let input_lines = bind(net, "inputs", &inputs);
    let lines = net.nodes().filter_map(|node| {
        let (name, value) = (
            node.name,
            operand(node.value.as_ref()?, &Owner::node(node), Tightness::Loose),
        );
        Some(code!(let #name = #value;))
    });
    let result = result(net);
    let targets: Vec<&Ident> = net.ast.targets.iter().collect();
    let target_lines = bind(net, "targets", &targets);
    let log_likelihood = if targets.len() == 1 {
        code!(#(output.log_prob(#targets).sum())*)
    } else {
        code!(#(output.#targets.log_prob(#targets).sum())+*)
    };
    code! {
        impl<'t, S: __elbo::Scalar> __elbo::net::Net<'t, S> for #name<__elbo::Var<'t, S>> {
            type Output = #output;

            /// The reparameterized forward pass, line by line as declared.
            fn forward(
                &self,
                inputs: &[__elbo::Var<'t, S>],
                pass: &__elbo::bayes::Pass<'_, 't, S>,
            ) -> Self::Output {
                #input_lines
                #(#lines)*
                #result
            }

            /// log p(y | x, theta), summed over the rows of the batch.
            fn log_likelihood(
                output: &Self::Output,
                targets: &[__elbo::Var<'t, S>],
            ) -> __elbo::Var<'t, S> {
                #target_lines
                #log_likelihood
            }

            /// ELBO = E_q[log p(D | theta)] - KL(q || p), the expectation over
            /// the draws of `pass`.
            fn elbo(
                &self,
                inputs: &[__elbo::Var<'t, S>],
                targets: &[__elbo::Var<'t, S>],
                pass: &__elbo::bayes::Pass<'_, 't, S>,
            ) -> __elbo::bayes::Elbo<'t, S> {
                let log_likelihood = pass.over_draws(|pass| {
                    Self::log_likelihood(&self.forward(inputs, pass), targets)
                });
                __elbo::bayes::Elbo { log_likelihood, kl: pass.kl() }
            }
        }
    }
}

/// Gives the vars of the slice `what` their names and holds each to its shape.
fn bind(net: &Net<'_>, what: &str, names: &[&Ident]) -> TokenStream {
    let net = text(&net.ast.name);
    let slice = Ident::new(what, Span::mixed_site());
    let texts: Vec<String> = names.iter().map(|name| text(name)).collect();
    let shapes = names.iter().map(|name| shapes::of_name(name));
    code! {
        let [#(#names),*] = __elbo::net::split(#net, #what, [#(#texts),*], #slice);
        #(__elbo::net::check_rows(#net, #texts, #names, __check::shape(&#shapes));)*
    }
}

/// The type of what the net says of its targets, over the leaf `leaf`.
pub(super) fn output_of(net: &Net<'_>, leaf: &TokenStream) -> TokenStream {
    if let [one] = net.observed().as_slice() {
        let likelihood = likelihood_type(one.likelihood.name);
        code!(__elbo::#likelihood<#leaf>)
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
    let ty = likelihood_type(observation.likelihood.name);
    let owner = Owner::target(observation);
    let fields = observation
        .likelihood
        .parameters
        .iter()
        .zip(&observation.parameters)
        .map(|(field, value)| {
            let field = Ident::new(field, Span::mixed_site());
            let number = operand(value, &owner, Tightness::Loose);
            if value.is_number() {
                code!(#field: pass.tape().scalar(#number))
            } else {
                code!(#field: #number)
            }
        });
    code!(__elbo::#ty { #(#fields),* })
}

/// How tightly the place of an expression binds: what binds less is put in
/// parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Tightness {
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
fn operand(value: &Value<'_>, owner: &Owner<'_>, place: Tightness) -> TokenStream {
    let (own, tokens) = match &value.what {
        What::Node(name) => (Tightness::Method, code!(#name)),
        What::Number(number) => (Tightness::Method, number.clone()),
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
        What::Layer(input) => (Tightness::Method, layer(input.as_deref(), owner)),
        What::Function(function, values) => {
            let name = Ident::new(function.name, Span::mixed_site());
            let tokens = match (function.form, values.as_slice()) {
                (Form::Concat, values) => {
                    let values = values
                        .iter()
                        .map(|value| operand(value, owner, Tightness::Loose));
                    code!(__elbo::ops::concat(&[#(#values),*], 1))
                }
                (form, values) => {
                    let values = values
                        .iter()
                        .map(|value| operand(value, owner, Tightness::Method));
                    // Axis 0 of a value counts the rows of the batch.
                    let axis = (form == Form::AlongRow).then(|| code!(1));
                    code!(#(#values)*.#name(#axis))
                }
            };
            (Tightness::Method, tokens)
        }
        What::Users(path, values, _) => {
            let arguments = values
                .iter()
                .map(|value| operand(value, owner, Tightness::Loose));
            let (function, place) = (written(path), text(owner.name));
            let checked = owner.shape_of(value);
            let tokens = code! {{
                let value = #path(#(#arguments),*);
                __check::returned(
                    value.shape(),
                    __check::shape(&#checked),
                    #function,
                    #place,
                );
                value
            }};
            (Tightness::Method, tokens)
        }
    };
    if own < place {
        code!((#tokens))
    } else {
        tokens
    }
}

/// The line's layer applied to its input, if it reads one.
fn layer(input: Option<&Value<'_>>, owner: &Owner<'_>) -> TokenStream {
    let (field, site) = (owner.name, text(owner.name));
    let place = owner.layer.map_or_else(Span::mixed_site, at);
    match input {
        None => code!(self.#field.forward(&pass.at(#site))),
        Some(input) => {
            let input = operand(input, owner, Tightness::Loose);
            quote_spanned!(place=> __elbo::layers::Forward::forward(&self.#field, #input, &pass.at(#site)))
        }
    }
}
