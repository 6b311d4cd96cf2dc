//! The struct of the net, and those of its output and prediction if it has
//! several targets.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Attribute;

use super::{cfgs, code, likelihood_type, output_type, prediction_type, text};
use crate::ast::mentions;
use crate::net::{LayerKind, Net};
use crate::written::written;

/// The net itself, one field per layer in the order of the declaration.
pub(super) fn types(net: &Net<'_>) -> TokenStream {
    let ast = net.ast;
    let (krate, visibility, name) = (&ast.krate, &ast.visibility, &ast.name);
    // A derive that repeats ours has been refused and is not refused again.
    let repeats = |attribute: &&Attribute| {
        let tokens = attribute.meta.to_token_stream();
        let is_derived = |name| mentions(tokens.clone(), name);
        attribute.path().is_ident("derive") && (is_derived("Clone") || is_derived("Debug"))
    };
    let attributes: Vec<&Attribute> = ast
        .attributes
        .iter()
        .filter(|attribute| !repeats(attribute))
        .collect();
    let leaf = &ast.generics.leaf;
    let is_documented = attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("doc"));
    let doc = (!is_documented).then(|| {
        let doc = format!(" The Bayesian net `{}`.", signature(net));
        code!(#[doc = #doc])
    });
    let fields = net.layers().map(|(node, layer)| {
        let field = node.name;
        let doc = format!(" `{} = {}`", text(field), node.text);
        let kind = layer_type(&code!(#krate), layer.kind);
        code!(#[doc = #doc] #visibility #field: #kind<#leaf>)
    });
    let output = output(net);
    // Beside mistakes there may be no layer, but the type has the same form.
    let marker = net.layers().next().is_none().then(|| {
        code! {
            #[doc = " The net has no parameters."]
            #visibility __leaf: ::core::marker::PhantomData<fn() -> #leaf>
        }
    });
    code! {
        #(#attributes)*
        #doc
        #[derive(Clone, Debug)]
        #visibility struct #name<#leaf = #krate::Tensor> {
            #(#fields,)*
            #marker
        }
        #output
    }
}

/// `Diagnosis(x: [30]) -> y`.
fn signature(net: &Net<'_>) -> String {
    let inputs: Vec<String> = net
        .ast
        .inputs
        .iter()
        .map(|input| format!("{}: {}", text(&input.name), written(&input.dims.tokens)))
        .collect();
    let targets: Vec<String> = net.ast.targets.iter().map(text).collect();
    let targets = if let [one] = targets.as_slice() {
        one.clone()
    } else {
        format!("({})", targets.join(", "))
    };
    format!("{}({}) -> {targets}", net.ast.name, inputs.join(", "))
}

/// The type of a layer without its leaf; `library` leads to ours.
pub(super) fn layer_type(library: &TokenStream, kind: LayerKind<'_>) -> TokenStream {
    match kind {
        LayerKind::Ours(row) => {
            let ty = syn::Ident::new(row.ty, proc_macro2::Span::mixed_site());
            code!(#library::layers::#ty)
        }
        LayerKind::Users(path) => code!(#path),
    }
}

fn output(net: &Net<'_>) -> Option<TokenStream> {
    if net.ast.targets.len() < 2 {
        return None;
    }
    let (krate, visibility, output) = (&net.ast.krate, &net.ast.visibility, output_type(net));
    let (cfgs, leaf) = (cfgs(&net.ast.attributes), &net.ast.generics.leaf);
    let doc = format!(
        " What `{}` says of its targets: one likelihood each.",
        net.ast.name
    );
    let fields = net.observed().into_iter().map(|observation| {
        let target = observation.target;
        let doc = format!(" The likelihood of `{}`.", text(target));
        let likelihood = likelihood_type(&code!(#krate), observation, Some(&code!(#leaf)));
        code!(#[doc = #doc] #visibility #target: #likelihood)
    });
    Some(code! {
        #(#cfgs)*
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #visibility struct #output<#leaf = #krate::Tensor> {
            #(#fields,)*
        }
    })
}

/// The typed prediction of a net with several targets.
pub(super) fn prediction(net: &Net<'_>) -> Option<TokenStream> {
    if net.ast.targets.len() < 2 {
        return None;
    }
    let (krate, visibility, prediction) =
        (&net.ast.krate, &net.ast.visibility, prediction_type(net));
    let cfgs = cfgs(&net.ast.attributes);
    let doc = format!(" A prediction of `{}`: one for each target.", net.ast.name);
    let fields = net.observed().into_iter().map(|observation| {
        let target = observation.target;
        let doc = format!(" The prediction of `{}`.", text(target));
        let likelihood = likelihood_type(&code!(#krate), observation, None);
        code!(#[doc = #doc] #visibility #target: #krate::predict::Predictive<#likelihood>)
    });
    Some(code! {
        #(#cfgs)*
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #visibility struct #prediction {
            #(#fields,)*
        }
    })
}
