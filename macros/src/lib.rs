//! The procedural macro behind `elbo::bayes_net!`. Use it through the crate
//! `elbo`, whose documentation describes the language.
//!
//! Three stages, none reaching past the next:
//!
//! ```text
//! tokens --parse--> ast::Net --check--> net::Net --expand--> tokens
//! ```
//!
//! Read `ast.rs` (the grammar) first, then `tables/` (the words), `check/`
//! (the rules) and `expand/` (the generated code).

mod ast;
mod check;
mod errors;
mod expand;
mod net;
mod parse;
mod suggest;
mod tables;
#[cfg(test)]
mod tests;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;

/// The implementation of `elbo::bayes_net!`, which puts its own path in
/// brackets in front: `[$crate] net Name(..) -> y { .. }`.
#[doc(hidden)]
#[proc_macro]
pub fn __bayes_net(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let tokens = TokenStream::from(tokens);
    bugs_reported(|| bayes_net(tokens)).into()
}

/// Turns a panic of ours into an error that says whose fault it is.
fn bugs_reported(expand: impl FnOnce() -> TokenStream) -> TokenStream {
    catch_unwind(AssertUnwindSafe(expand)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let cause = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let message = format!(
            "this is a bug in elbo, please report it with the net: {}",
            cause.unwrap_or_default()
        );
        quote!(::core::compile_error! { #message })
    })
}

fn bayes_net(tokens: TokenStream) -> TokenStream {
    let mut errors = errors::Errors::default();
    let Some(ast) = parse::parse(tokens, &mut errors) else {
        return errors.into_tokens();
    };
    let net = check::check(&ast, &mut errors);
    if errors.is_empty() {
        expand::expand(&net)
    } else {
        let types = expand::fallback::fallback(net);
        let errors = errors.into_tokens();
        quote!(#types #errors)
    }
}
