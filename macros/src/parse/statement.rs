//! The lines of a net's body.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, discouraged::Speculative};
use syn::{Error, Ident, Result, Token, parenthesized, token};

use super::{between, expression, name};
use crate::ast::{Distribution, Node, Observation, Setting, Statement, ends};
use crate::errors::Errors;
use crate::tables;

/// The statements up to the end of `body`.
pub(super) fn statements(body: ParseStream<'_>, errors: &mut Errors) -> Vec<Statement> {
    let mut statements = Vec::new();
    while !body.is_empty() {
        let start = body.fork();
        if body.peek(Token![;]) {
            errors.push(body.error("a statement is missing before this `;`"));
            let _ = body.parse::<Token![;]>();
            continue;
        }
        if body.peek(Token![let]) {
            errors.push(body.error("a node is declared without `let`: `h = relu(linear(x, 64));`"));
            let _ = body.parse::<Token![let]>();
            continue;
        }
        let attempt = body.fork();
        match statement(&attempt) {
            Ok(statement) => {
                if end(&start, &attempt, errors) {
                    body.advance_to(&attempt);
                    statements.push(statement);
                } else {
                    statements.push(broken(body));
                }
            }
            Err(error) => {
                errors.push(error);
                statements.push(broken(body));
            }
        }
    }
    statements
}

/// The `;` after a statement; where it is missing, the next statement may
/// begin. Says whether the statement ends here.
fn end(start: ParseStream<'_>, body: ParseStream<'_>, errors: &mut Errors) -> bool {
    if body.parse::<Token![;]>().is_ok() {
        return true;
    }
    if body.is_empty() || begins_statement(body) {
        let (_, last) = ends(between(start, body));
        errors.at_span(last, "expected `;` after this");
        true
    } else {
        errors.push(body.error("expected `;` or an operator before this"));
        false
    }
}

/// Whether `name =` or `name ~` stands here.
fn begins_statement(body: ParseStream<'_>) -> bool {
    body.peek(Ident::peek_any) && (body.peek2(Token![=]) || body.peek2(Token![~]))
}

/// The tokens up to and with the next `;`, or up to the next statement where
/// the `;` was forgotten.
fn skip_statement(body: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !body.is_empty() && body.parse::<Token![;]>().is_err() {
        if !skipped.is_empty() && begins_statement(body) {
            break;
        }
        skipped.extend(body.parse::<TokenTree>());
    }
    skipped
}

/// Puts an unreadable statement down, keeping the name that it declares.
fn broken(body: ParseStream<'_>) -> Statement {
    let skipped = body.fork();
    // `h: [64] = ..` means a node as well.
    let declared = if begins_statement(&skipped) || skipped.peek2(Token![:]) {
        name(&skipped, "a node")
            .ok()
            .filter(|name| !is_setting(name))
    } else {
        None
    };
    Statement::Broken(declared, skip_statement(body))
}

/// See [`Statement`].
fn statement(input: ParseStream<'_>) -> Result<Statement> {
    let name = name(input, "a node")?;
    if is_setting(&name) {
        return Ok(Statement::Setting(setting(name, input)?));
    }
    if input.peek(Token![~]) {
        input.parse::<Token![~]>()?;
        return Ok(Statement::Observation(Observation {
            name,
            distribution: distribution(input)?,
        }));
    }
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(Statement::Node(Node {
            name,
            value: expression::value(input)?,
        }));
    }
    Err(input.error(format!(
        "expected `{name} = expression;` (a node) or `{name} ~ Distribution(..);` (a target)"
    )))
}

/// The words that set something.
pub(super) const SETTINGS: [&str; 4] = ["weights", "biases", "posterior", "estimator"];

/// Whether `name` sets something, and so never names a node.
pub(super) fn is_setting(name: &Ident) -> bool {
    SETTINGS.iter().any(|word| name == word)
}

/// See [`Setting`]; its name has been read.
pub(super) fn setting(name: Ident, input: ParseStream<'_>) -> Result<Setting> {
    let (tilde, example) = match name.to_string().as_str() {
        "posterior" => (false, "posterior = MeanField(init_std: 0.05)"),
        "estimator" => (false, "estimator = LocalReparam"),
        "biases" => (true, "biases ~ Normal(0, 1)"),
        _ => (true, "weights ~ Normal(0, 1)"),
    };
    let reserved =
        || format!("`{name}` is reserved for the setting `{example}` and cannot name a node");
    let sign = if tilde && input.peek(Token![~]) {
        input.parse::<Token![~]>()?.into_token_stream()
    } else if !tilde && input.peek(Token![=]) {
        input.parse::<Token![=]>()?.into_token_stream()
    } else {
        return Err(Error::new(name.span(), reserved()));
    };
    // `posterior = linear(x, 3)` is meant as a node.
    let next = input.fork().parse::<Ident>();
    if next.is_ok_and(|callee| tables::is_call(&callee.to_string())) {
        return Err(Error::new(name.span(), reserved()));
    }
    Ok(Setting {
        name,
        sign,
        value: distribution(input)?,
    })
}

/// See [`Distribution`].
pub(super) fn distribution(input: ParseStream<'_>) -> Result<Distribution> {
    if !input.peek(Ident) {
        return Err(input.error("expected a name such as `Normal`"));
    }
    let name: Ident = input.parse()?;
    if !input.peek(token::Paren) {
        let tokens = name.to_token_stream();
        return Ok(Distribution {
            name,
            arguments: Vec::new(),
            tokens,
        });
    }
    let group: Group = input.fork().parse()?;
    let content;
    parenthesized!(content in input);
    let arguments = expression::arguments(&content)?;
    let tokens = quote!(#name #group);
    Ok(Distribution {
        name,
        arguments,
        tokens,
    })
}
