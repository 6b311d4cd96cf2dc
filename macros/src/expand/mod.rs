//! From a net to the code that a careful person would have written for it.
//!
//! The order of the output is the order of the files here: the types, then in
//! one `const` block `new`, the visitor, the forward pass and loss, the net at
//! rest, and at the end the shapes. A checked-in expansion of the crate's main
//! example stands in `tests/expansion/` of `elbo`.
//!
//! Hygiene: what the macro names itself has the span of the macro's definition
//! (`Span::mixed_site`), so that a node may be called `pass` or `noise`; what
//! the user named keeps the user's span. The library is reached as `__elbo`
//! and its shape functions as `__check`, imports inside the block, and the standard library by
//! absolute paths.

mod bayes_net;
pub(crate) mod fallback;
mod forward;
mod module;
mod new;
mod roles;
mod shapes;
mod types;

use proc_macro2::{Literal, Span, TokenStream};
use syn::{Attribute, Ident, ext::IdentExt};

use crate::net::{Layer, LayerKind, Net, Observation};

/// Tokens of the macro's own: `quote!` with the definition's hygiene.
macro_rules! code {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
use code;

/// The code of a net without mistakes.
pub(crate) fn expand(net: &Net<'_>) -> TokenStream {
    let krate = &net.ast.krate;
    let (cfgs, allowed) = (cfgs(&net.ast.attributes), allowed(&net.ast.attributes));
    let types = types::types(net);
    let new = new::new(net);
    let module = module::of_net(net);
    let (output, prediction) = (module::of_output(net), types::prediction(net));
    let forward = forward::net(net);
    let bayes_net = bayes_net::bayes_net(net);
    let (shapes, reports) = shapes::shapes(net);
    code! {
        #types
        #prediction
        #(#cfgs)*
        #allowed
        const _: () = {
            use #krate as __elbo;
            use #krate::tensor::check as __check;
            #new
            #module
            #output
            #forward
            #bayes_net
            #shapes
            #reports
        };
    }
}

/// The conditions on the net, which hold for all of its items.
fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect()
}

/// A deprecated net is named by its own impls, of which nobody need warn.
fn allowed(attributes: &[Attribute]) -> Option<TokenStream> {
    let is_deprecated = |attribute: &Attribute| attribute.path().is_ident("deprecated");
    attributes
        .iter()
        .any(is_deprecated)
        .then(|| code!(#[allow(deprecated)]))
}

/// The macro's own hygiene at the place of a layer's name, so that what the
/// compiler says of a user's layer underlines that.
fn at(layer: &Layer<'_>) -> Span {
    match layer.kind {
        LayerKind::Ours(_) => Span::mixed_site(),
        LayerKind::Users(path) => {
            let (first, _) = crate::ast::ends(path);
            Span::mixed_site().located_at(first)
        }
    }
}

/// The name as text, `type` for `r#type`: in parameter paths and messages.
fn text(name: &Ident) -> String {
    name.unraw().to_string()
}

/// The struct with one field per target that several targets need.
fn output_type(net: &Net<'_>) -> Ident {
    quote::format_ident!("{}Output", net.ast.name)
}

/// The struct with one prediction per target that several targets need.
fn prediction_type(net: &Net<'_>) -> Ident {
    quote::format_ident!("{}Prediction", net.ast.name)
}

/// The type of a likelihood, `Normal<T>` or `Own<crate::Mine, 2, T>` over its leaf; without one, over
/// tensors. `library` leads to ours.
fn likelihood_type(
    library: &TokenStream,
    observation: &Observation<'_>,
    leaf: Option<&TokenStream>,
) -> TokenStream {
    let Some(path) = observation.own else {
        let name = Ident::new(observation.likelihood.name, Span::mixed_site());
        let leaf = leaf.map(|leaf| code!(<#leaf>));
        return code!(#library::dist::#name #leaf);
    };
    let count = Literal::usize_unsuffixed(observation.likelihood.parameters.len());
    let leaf = leaf.map(|leaf| code!(, #leaf));
    // At the user's path, of which the compiler says what it lacks.
    let at = Span::mixed_site().located_at(crate::ast::ends(path).0);
    quote::quote_spanned!(at=> #library::dist::Own<#path, #count #leaf>)
}
