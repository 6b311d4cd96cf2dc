//! `Name::new(seed)`: every layer born in the order of the declaration.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::quote_spanned;
use syn::Ident;

use super::{at, code, shapes, text, types};
use crate::net::{Filled, Layer, LayerKind, Net, Node, Setting, Step};
use crate::tables::Kind;

/// The inherent impl with `new`.
pub(super) fn new(net: &Net<'_>) -> TokenStream {
    let (visibility, name) = (&net.ast.visibility, &net.ast.name);
    let lines = lines(net);
    let fields = net.layers().map(|(node, _)| node.name);
    code! {
        impl #name {
            /// A new net: its means are drawn from `seed`, its priors and
            /// posteriors are as declared.
            #[must_use]
            #visibility fn new(seed: u64) -> Self {
                let noise = __elbo::bayes::Noise::new(seed);
                #lines
                #name { #(#fields,)* }
            }
        }
    }
}

/// The settings and layers, line by line.
fn lines(net: &Net<'_>) -> TokenStream {
    let mut lines = TokenStream::new();
    let mut base = code!(__elbo::layers::LayerOptions::DEFAULT);
    // Settings that stand together make one set of options.
    let mut settings: Vec<(&str, TokenStream)> = Vec::new();
    let mut is_first = true;
    for step in &net.steps {
        match step {
            Step::Setting(setting) => {
                let name = setting.row.name;
                settings.retain(|(earlier, _)| *earlier != name);
                settings.push((name, option(setting)));
            }
            Step::Node(Node { layer: None, .. }) => {}
            Step::Node(
                node @ Node {
                    layer: Some(layer), ..
                },
            ) => {
                if layer.has_weights() && (is_first || !settings.is_empty()) {
                    lines.extend(if settings.is_empty() {
                        code!(let options = #base;)
                    } else {
                        let fields = settings.drain(..).map(|(_, field)| field);
                        code!(let options = __elbo::layers::LayerOptions { #(#fields,)* ..#base };)
                    });
                    is_first = false;
                    base = code!(options);
                }
                let (field, layer) = (node.name, born(node, layer));
                lines.extend(code!(let #field = #layer;));
            }
        }
    }
    lines
}

/// `Linear::new(input's shape, 64, options, noise.at("h1"))`.
fn born(node: &Node<'_>, layer: &Layer<'_>) -> TokenStream {
    let ty = types::layer_type(&code!(__elbo), layer.kind);
    let constants = shapes::constants(layer, node.name);
    let input = node
        .value
        .as_ref()
        .and_then(|value| value.layer_input())
        .map(|input| {
            let checked = shapes::Owner::node(node).shape_of(input);
            code!(__check::shape(&#checked),)
        });
    let rest = layer.has_weights().then(|| {
        let (options, site) = (options(layer), text(node.name));
        code!(#options, noise.at(#site))
    });
    match layer.kind {
        LayerKind::Ours(_) => code!(#ty::new(#input #(#constants,)* #rest)),
        LayerKind::Users(_) => quote_spanned!(at(layer)=> <#ty>::new(#input #(#constants,)* #rest)),
    }
}

/// The settings so far, with what this layer has of its own.
fn options(layer: &Layer<'_>) -> TokenStream {
    let rectified = layer
        .rectified
        .then(|| code!(gain: __elbo::layers::Gain::Relu));
    let own: Vec<TokenStream> = layer
        .overrides
        .iter()
        .map(option)
        .chain(rectified)
        .collect();
    if own.is_empty() {
        code!(options)
    } else {
        code!(__elbo::layers::LayerOptions { #(#own,)* ..options })
    }
}

/// `weights: Some(Prior::normal(0.0, 1.0))`.
fn option(setting: &Setting) -> TokenStream {
    let field = Ident::new(setting.row.name, Span::mixed_site());
    // A constant of the wrong type is a mistake in the user's distribution.
    let (first, last) = setting.ends;
    let place = Span::mixed_site().located_at(first);
    let (choice, numbers, is_learned) = match &setting.value {
        Filled::Own(prior) => {
            let mut block = Group::new(Delimiter::Brace, quote_spanned!(place=> &#prior));
            block.set_span(Span::mixed_site().located_at(last));
            let argument = shapes::closed_at(last, quote_spanned!(place=> const #block));
            let prior = quote_spanned!(place=> __elbo::bayes::Prior::own #argument);
            return code!(#field: ::core::option::Option::Some(#prior));
        }
        Filled::Choice {
            choice,
            numbers,
            is_learned,
        } => (
            choice,
            shapes::numbers(setting, choice, numbers),
            *is_learned,
        ),
    };
    let code = match choice.learned {
        Some(learned) if is_learned => learned,
        _ => choice.code,
    };
    let code = Ident::new(code, place);
    let value = match setting.row.kind {
        Kind::Prior => {
            let arguments = shapes::closed_at(last, code!(#(#numbers),*));
            let prior = quote_spanned!(place=> __elbo::bayes::Prior::#code #arguments);
            code!(::core::option::Option::Some(#prior))
        }
        Kind::Posterior => {
            let names = choice
                .numbers
                .iter()
                .map(|number| Ident::new(number.name, place));
            let fields = (!numbers.is_empty()).then(|| code!({ #(#names: #numbers),* }));
            code!(__elbo::bayes::Posterior::#code #fields)
        }
        Kind::Estimator => code!(__elbo::bayes::Estimator::#code),
    };
    code!(#field: #value)
}
