//! `Module<T>`: how optimizers, files and summaries walk over the leaves.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Ident;

use super::{at, code, output_type, text};
use crate::ast::Generics;
use crate::net::Net;

/// A field, and the place at which the compiler complains of it.
struct Field<'n> {
    name: &'n Ident,
    at: Span,
}

/// For the net: its layers, field by field.
pub(super) fn of_net(net: &Net<'_>) -> TokenStream {
    let fields: Vec<_> = net
        .layers()
        .map(|(node, layer)| Field {
            name: node.name,
            at: at(layer),
        })
        .collect();
    of(&net.ast.name, &fields, &net.ast.generics)
}

/// For the struct of several likelihoods: its targets, field by field.
pub(super) fn of_output(net: &Net<'_>) -> Option<TokenStream> {
    let targets: Vec<_> = net
        .ast
        .targets
        .iter()
        .map(|name| Field {
            name,
            at: Span::mixed_site(),
        })
        .collect();
    (targets.len() > 1).then(|| of(&output_type(net), &targets, &net.ast.generics))
}

fn of(name: &Ident, fields: &[Field<'_>], generics: &Generics) -> TokenStream {
    let (leaf, mapped) = (&generics.leaf, &generics.mapped);
    let names: Vec<&Ident> = fields.iter().map(|field| field.name).collect();
    let calls = |method: &str| -> Vec<TokenStream> {
        let call = |&Field { name, at }: &Field<'_>| {
            let (method, path) = (Ident::new(method, at), text(name));
            let is_mutable = (method == "visit_mut").then(|| quote_spanned!(at=> mut));
            let part = quote_spanned!(at=> &#is_mutable self.#name);
            quote_spanned!(at=> __elbo::tape::Module::#method(#part, path.at(#path), f))
        };
        fields.iter().map(call).collect()
    };
    let (map, visit, visit_mut) = (calls("map"), calls("visit"), calls("visit_mut"));
    let (unused, marker) = if fields.is_empty() {
        (
            Some(code!(let _ = (path, f);)),
            Some(code!(__leaf: ::core::marker::PhantomData)),
        )
    } else {
        (None, None)
    };
    code! {
        impl<#leaf> __elbo::tape::Module<#leaf> for #name<#leaf> {
            type Of<#mapped> = #name<#mapped>;

            fn map<#mapped>(
                &self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &#leaf) -> #mapped,
            ) -> #name<#mapped> {
                #unused
                #name {
                    #(#names: #map,)*
                    #marker
                }
            }

            fn visit(
                &self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &#leaf),
            ) {
                #unused
                #(#visit;)*
            }

            fn visit_mut(
                &mut self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &mut #leaf),
            ) {
                #unused
                #(#visit_mut;)*
            }
        }
    }
}
