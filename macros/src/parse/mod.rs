//! From tokens to the syntax tree of [`crate::ast`].
//!
//! A statement that cannot be read is put down and the next one is tried, so
//! that one mistake hides no other. Read [`crate::ast`] for the grammar.

mod expression;
mod header;
mod statement;

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Result, ext::IdentExt};

use crate::ast::Net;
use crate::errors::Errors;

/// The net in `tokens`, or nothing if not even its name could be read.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<Net> {
    refuse_reserved(tokens.clone(), errors);
    let read = |input: ParseStream<'_>| header::net(input, errors);
    match read.parse2(tokens) {
        Ok(net) => Some(net),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// Names in the user's text that the generated code uses for its own items,
/// and which would be taken for those.
fn refuse_reserved(tokens: TokenStream, errors: &mut Errors) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => refuse_reserved(group.stream(), errors),
            TokenTree::Ident(ident) => {
                let text = ident.to_string();
                let is_ours = [
                    "SHAPE_OF_",
                    "SHAPE_IN_",
                    "UNITS_OF_",
                    "INITIAL_OF_",
                    "GIVEN_",
                    "__elbo",
                    "__check",
                ];
                if is_ours.iter().any(|ours| text.starts_with(ours)) {
                    errors.at(
                        &ident,
                        format!("`{text}` is a name that `bayes_net!` uses itself; choose another"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// A name for something of the user's: any identifier but a keyword.
fn name(input: ParseStream<'_>, role: &str) -> Result<Ident> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected the name of {role}")));
    }
    let name = input.call(Ident::parse_any)?;
    let text = name.to_string();
    if text == "_" {
        return Err(syn::Error::new(
            name.span(),
            format!("{role} needs a name: `_` cannot be read by a later line"),
        ));
    }
    if matches!(text.as_str(), "for" | "block") {
        return Err(syn::Error::new(
            name.span(),
            format!(
                "`{text}` is reserved for a later version of the language and cannot name {role}"
            ),
        ));
    }
    if syn::parse_str::<Ident>(&text).is_err() {
        let way_out = match text.as_str() {
            // These four have no raw form.
            "self" | "Self" | "super" | "crate" => String::new(),
            _ => format!("; write `r#{text}` if you want this very name"),
        };
        return Err(syn::Error::new(
            name.span(),
            format!("`{text}` is a keyword of Rust and cannot name {role}{way_out}"),
        ));
    }
    Ok(name)
}

/// The tokens between two positions of the same stream.
fn between(start: ParseStream<'_>, end: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while start.cursor() != end.cursor() {
        match start.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    tokens
}
