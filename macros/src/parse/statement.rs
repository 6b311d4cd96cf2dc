//! The lines of a net's body.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, discouraged::Speculative};
use syn::{Attribute, Error, Ident, Path, Result, Token, parenthesized, token};

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
        if body.peek(Token![#]) {
            match body.call(Attribute::parse_outer) {
                Ok(attributes) => errors.at(
                    attributes.first(),
                    "a line of a net takes no attributes; a comment is written `// ..`",
                ),
                Err(error) => {
                    errors.push(error);
                    statements.push(broken(body));
                }
            }
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
    expression::refuse_control_flow(input)?;
    let name = name(input, "a node")?;
    if input.peek(Token![==]) || input.peek(Token![:]) && input.peek2(Token![=]) {
        let sign = input.cursor();
        let (first, rest) = sign
            .token_tree()
            .ok_or_else(|| input.error("expected `=`"))?;
        let second = rest.token_tree().map(|(second, _)| second);
        return Err(Error::new_spanned(
            quote!(#first #second),
            format!("a node is declared with one `=`: `{name} = expression;`"),
        ));
    }
    if is_setting(&name) {
        return Ok(Statement::Setting(setting(name, input)?));
    }
    if input.peek(Token![~]) {
        input.parse::<Token![~]>()?;
        let next = input.fork().parse::<Ident>();
        if let Ok(callee) = next
            && tables::is_call(&callee.to_string())
        {
            let complaint = format!(
                "`{callee}` is no distribution: a node is written `{name} = {callee}(..);`, \
                 and `~` is for targets"
            );
            return Err(Error::new(callee.span(), complaint));
        }
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
        let (right, wrong) = if tilde { ("~", "=") } else { ("=", "~") };
        // `weights = linear(x, 3)` is meant as a node, `weights = Normal(0, 1)` is not.
        let is_setting = input.peek2(Ident) && !input.peek(Token![==]) && {
            let rest = input.fork();
            let sign = rest.parse::<TokenTree>();
            let value = rest.parse::<Ident>();
            sign.is_ok_and(|sign| sign.to_string() == wrong)
                && value.is_ok_and(|value| value.to_string().starts_with(char::is_uppercase))
        };
        let complaint = if is_setting {
            format!("`{name}` takes `{right}`: `{example}`")
        } else {
            reserved()
        };
        return Err(Error::new(name.span(), complaint));
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

/// Whether a path stands here: a name alone is none.
fn is_path(input: ParseStream<'_>) -> bool {
    input.peek(Token![::])
        || input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![super])
        || input.peek(Ident) && input.peek2(Token![::])
}

/// A distribution of the user's own: its path and last name, and its arguments.
fn own_distribution(input: ParseStream<'_>) -> Result<Distribution> {
    let start = input.fork();
    let path = input.call(Path::parse_mod_style)?;
    let last = path.segments.last().map(|last| last.ident.clone());
    let name = last.ok_or_else(|| input.error("expected a path such as `crate::MyPrior`"))?;
    let mut arguments = Vec::new();
    if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        arguments = expression::arguments(&content)?;
    }
    Ok(Distribution {
        name,
        path: Some(path),
        arguments,
        tokens: between(&start, input),
    })
}

/// See [`Distribution`].
pub(super) fn distribution(input: ParseStream<'_>) -> Result<Distribution> {
    if is_path(input) {
        return own_distribution(input);
    }
    if !input.peek(Ident) {
        return Err(input.error("expected a name such as `Normal`"));
    }
    let name: Ident = input.parse()?;
    if !input.peek(token::Paren) {
        let tokens = name.to_token_stream();
        return Ok(Distribution {
            name,
            path: None,
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
        path: None,
        arguments,
        tokens,
    })
}
