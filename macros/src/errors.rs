//! The collector of mistakes: the user sees all of them at once.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Error;

/// The mistakes found so far, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// A mistake that underlines `tokens`, from the first to the last.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// A mistake at one place.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    /// A mistake that underlines everything from the first span to the last.
    pub(crate) fn between(&mut self, (first, last): (Span, Span), message: impl Display) {
        let mut tokens = quote_spanned!(first=> _);
        tokens.extend(quote_spanned!(last=> _));
        self.at(tokens, message);
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// The first mistake, where one is enough.
    pub(crate) fn into_first(self) -> Option<Error> {
        self.0.into_iter().next()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes as items that the compiler reports, one `compile_error!` each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(Error::to_compile_error).collect()
    }
}
