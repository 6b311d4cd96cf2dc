//! `pub net Name(x: [30]) -> y { .. }`: everything around the statements.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Expr, Ident, Result, Token, braced, bracketed, parenthesized, token};

use super::{name, statement};
use crate::ast::{Dims, Generics, Input, Net, Statement};
use crate::errors::Errors;
use crate::written::written;

const FORM: &str = "expected `net Name(input: [dimensions]) -> target { statements }`";

/// See [`Net`]. A mistake after the name is collected and the rest is still
/// read, so that the user's other code finds the type that it names.
pub(super) fn net(input: ParseStream<'_>, errors: &mut Errors) -> Result<Net> {
    let generics = Generics::beside(&input.fork().parse()?);
    let path;
    bracketed!(path in input);
    let krate = path.parse()?;

    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    if !input.peek(Ident::peek_any) {
        return Err(input.error(FORM));
    }
    let keyword = input.call(Ident::parse_any)?;
    if keyword != "net" {
        return Err(Error::new(keyword.span(), FORM));
    }
    let net_name = name(input, "a net")?;

    let mistakes = errors.len();
    if input.peek(Token![<]) {
        let mut parameters = TokenStream::new();
        while !input.is_empty() && !input.peek(token::Paren) && !input.peek(token::Brace) {
            parameters.extend(input.parse::<TokenTree>());
        }
        errors.at(parameters, "a net has no type parameters");
    }
    if input.is_empty() {
        errors.at_span(net_name.span(), FORM);
        return Ok(Net {
            targets: observed(&[], &net_name),
            end: net_name.span(),
            krate,
            attributes,
            visibility,
            name: net_name,
            inputs: Vec::new(),
            body: Vec::new(),
            generics,
            header_is_whole: false,
        });
    }
    let inputs = inputs(input, &net_name, errors);
    let mut targets = targets(input, errors);
    if errors.len() == mistakes && !input.peek(token::Brace) {
        errors.push(input.error(if input.is_empty() {
            "expected the net's statements in braces"
        } else {
            "expected `{` and the statements; the shape of a target follows from its likelihood"
        }));
    }
    let header_is_whole = errors.len() == mistakes;
    // Whatever else stands before the body has been complained about.
    while !input.is_empty() && !input.peek(token::Brace) {
        input.parse::<TokenTree>()?;
    }
    let (body, end) = if input.peek(token::Brace) {
        let content;
        let brace = braced!(content in input);
        (statement::statements(&content, errors), brace.span.close())
    } else {
        (Vec::new(), net_name.span())
    };
    if !input.is_empty() {
        errors.push(
            input.error("nothing may follow the net; give another one a `bayes_net!` of its own"),
        );
        while !input.is_empty() {
            input.parse::<TokenTree>()?;
        }
    }
    if targets.is_empty() {
        targets = observed(&body, &net_name);
    }
    Ok(Net {
        krate,
        attributes,
        visibility,
        name: net_name,
        inputs,
        targets,
        body,
        end,
        generics,
        header_is_whole,
    })
}

/// `(x: [30], z: [4])`.
fn inputs(input: ParseStream<'_>, net: &Ident, errors: &mut Errors) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut read = || -> Result<()> {
        if !input.peek(token::Paren) {
            return Err(input.error("expected the inputs in parentheses: `(x: [30])`"));
        }
        let content;
        let paren = parenthesized!(content in input);
        if content.is_empty() {
            let hint = format!("the net reads nothing; declare what it is given: `{net}(x: [30])`");
            return Err(Error::new(paren.span.join(), hint));
        }
        list(&content, errors, |content, errors| {
            match one_input(content) {
                Ok(input) => inputs.push(input),
                Err(error) => {
                    errors.push(error);
                    skip_to_comma(content);
                }
            }
        });
        Ok(())
    };
    if let Err(error) = read() {
        errors.push(error);
    }
    inputs
}

/// `-> y` or `-> (y, z)`.
fn targets(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Ident> {
    let mut targets = Vec::new();
    let mut read = || -> Result<()> {
        if input.parse::<Token![->]>().is_err() {
            let hint = "expected what the net predicts: `-> y`, or `-> (y, z)` for several";
            return Err(input.error(hint));
        }
        if !input.peek(token::Paren) {
            targets.push(name(input, "a target")?);
            let several = input.fork();
            while input.parse::<Token![,]>().is_ok() {
                targets.push(name(input, "a target")?);
            }
            if let [first, second, ..] = targets.as_slice() {
                let hint =
                    format!("several targets stand in parentheses: `-> ({first}, {second})`");
                return Err(several.error(hint));
            }
            return Ok(());
        }
        let content;
        let paren = parenthesized!(content in input);
        if content.is_empty() {
            let hint = "the net predicts nothing; name a target: `-> y`";
            return Err(Error::new(paren.span.join(), hint));
        }
        list(&content, errors, |content, errors| {
            match name(content, "a target") {
                Ok(target) if targets.contains(&target) => {
                    errors.at(&target, format!("the target `{target}` is declared twice"));
                }
                Ok(target) => targets.push(target),
                Err(error) => {
                    errors.push(error);
                    skip_to_comma(content);
                }
            }
        });
        Ok(())
    };
    if let Err(error) = read() {
        errors.push(error);
    }
    targets
}

/// The targets of a net whose header names none: what the body observes is
/// what was meant, and one there must be for the types to be complete.
fn observed(body: &[Statement], net: &Ident) -> Vec<Ident> {
    let mut observed: Vec<Ident> = Vec::new();
    for statement in body {
        if let Statement::Observation(observation) = statement
            && !observed.contains(&observation.name)
        {
            observed.push(observation.name.clone());
        }
    }
    if observed.is_empty() {
        observed.push(Ident::new("y", net.span()));
    }
    observed
}

/// Items between commas, to the end of `content`.
fn list(
    content: ParseStream<'_>,
    errors: &mut Errors,
    mut item: impl FnMut(ParseStream<'_>, &mut Errors),
) {
    while !content.is_empty() {
        item(content, errors);
        if content.is_empty() {
            break;
        }
        // A missing comma between two items leaves us in front of the second.
        if content.parse::<Token![,]>().is_err() {
            errors.push(content.error("expected `,` before this"));
            if !content.peek(Ident::peek_any) {
                skip_to_comma(content);
                let _ = content.parse::<Token![,]>();
            }
        }
    }
}

fn skip_to_comma(content: ParseStream<'_>) {
    while !content.is_empty() && !content.peek(Token![,]) {
        // The stream is not empty, so there is a token to take.
        let _ = content.parse::<TokenTree>();
    }
}

/// See [`Input`].
fn one_input(content: ParseStream<'_>) -> Result<Input> {
    let name = name(content, "an input")?;
    if !content.peek(Token![:]) {
        return Err(content.error(format!(
            "expected the shape of a row of `{name}`: `{name}: [30]`"
        )));
    }
    content.parse::<Token![:]>()?;
    if !content.peek(token::Bracket) {
        return Err(content.error(format!(
            "expected the dimensions of `{name}` in brackets: `{name}: [30]`"
        )));
    }
    Ok(Input {
        name,
        dims: dims(content)?,
    })
}

/// A dimension; `[f32; 3]` is what Rust would write for several.
fn one_dim(content: ParseStream<'_>) -> Result<Expr> {
    let dim = content.parse::<Expr>()?;
    if content.peek(Token![;]) {
        content.parse::<Token![;]>()?;
        let len = content.parse::<TokenStream>()?;
        return Err(Error::new_spanned(
            dim,
            format!(
                "only dimensions stand in the brackets: `[{}]`",
                written(len)
            ),
        ));
    }
    Ok(dim)
}

/// Dimensions in brackets.
pub(super) fn dims(input: ParseStream<'_>) -> Result<Dims> {
    let group: Group = input.fork().parse()?;
    let content;
    bracketed!(content in input);
    let mut dims = Vec::new();
    let mut first_error = None;
    let mut errors = Errors::default();
    list(&content, &mut errors, |content, _| match one_dim(content) {
        Ok(dim) => dims.push(dim),
        Err(error) => {
            first_error.get_or_insert(error);
            skip_to_comma(content);
        }
    });
    match first_error.or_else(|| errors.into_first()) {
        Some(error) => Err(error),
        None => Ok(Dims {
            dims,
            tokens: quote!(#group),
        }),
    }
}
