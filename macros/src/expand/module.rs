//! `Module<T>`: how optimizers, files and summaries walk over the leaves.

use proc_macro2::TokenStream;
use syn::Ident;

use super::{code, output_type, text};
use crate::net::Net;

/// For the net: its layers, field by field.
pub(super) fn of_net(net: &Net<'_>) -> TokenStream {
    let fields: Vec<&Ident> = net.layers().map(|(node, _)| node.name).collect();
    of(&net.ast.name, &fields)
}

/// For the struct of several likelihoods: its targets, field by field.
pub(super) fn of_output(net: &Net<'_>) -> Option<TokenStream> {
    let targets: Vec<&Ident> = net.ast.targets.iter().collect();
    (targets.len() > 1).then(|| of(&output_type(net), &targets))
}

fn of(name: &Ident, fields: &[&Ident]) -> TokenStream {
    let paths: Vec<String> = fields.iter().map(|field| text(field)).collect();
    let (unused, marker) = if fields.is_empty() {
        (
            Some(code!(let _ = (path, f);)),
            Some(code!(__leaf: ::core::marker::PhantomData)),
        )
    } else {
        (None, None)
    };
    code! {
        impl<T> __elbo::tape::Module<T> for #name<T> {
            type Of<U> = #name<U>;

            fn map<U>(
                &self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &T) -> U,
            ) -> #name<U> {
                #unused
                #name {
                    #(#fields: __elbo::tape::Module::map(&self.#fields, path.at(#paths), f),)*
                    #marker
                }
            }

            fn visit(
                &self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &T),
            ) {
                #unused
                #(__elbo::tape::Module::visit(&self.#fields, path.at(#paths), f);)*
            }

            fn visit_mut(
                &mut self,
                path: __elbo::tape::Path<'_>,
                f: &mut dyn ::core::ops::FnMut(__elbo::tape::Path<'_>, &mut T),
            ) {
                #unused
                #(__elbo::tape::Module::visit_mut(&mut self.#fields, path.at(#paths), f);)*
            }
        }
    }
}
