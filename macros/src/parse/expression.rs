//! Expressions of nodes, and the constants among them.

use proc_macro2::{Delimiter, Group, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser, discouraged::Speculative};
use syn::{Error, ExprBlock, ExprPath, Ident, Lit, Path, Result, Token, parenthesized, token};

use super::{between, header, statement};
use crate::ast::{Argument, Call, Expr, Operator};
use crate::{suggest, tables};

/// An expression that fills its place: up to `,`, `;` or the end. What is not
/// in our grammar may be a constant in Rust's; whether one may stand here is
/// for the next stage to say.
pub(super) fn value(input: ParseStream<'_>) -> Result<Expr> {
    let fills =
        |fork: ParseStream<'_>| fork.is_empty() || fork.peek(Token![,]) || fork.peek(Token![;]);
    let ours = input.fork();
    let read = expression(&ours);
    if read.is_err() || !fills(&ours) {
        let rust = input.fork();
        // The second reading sees what the first left unread in brackets.
        if rust.parse::<syn::Expr>().is_ok()
            && fills(&rust)
            && let Ok(constant) = syn::parse2(between(&input.fork(), &rust))
        {
            input.advance_to(&rust);
            return Ok(Expr::Rust(constant));
        }
    }
    let read = read?;
    input.advance_to(&ours);
    Ok(read)
}

/// See [`Argument`].
pub(super) fn arguments(content: ParseStream<'_>) -> Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    while !content.is_empty() {
        arguments.push(argument(content)?);
        if content.is_empty() {
            break;
        }
        if !content.peek(Token![,]) {
            return Err(content.error("expected `,` before this"));
        }
        content.parse::<Token![,]>()?;
    }
    Ok(arguments)
}

fn argument(content: ParseStream<'_>) -> Result<Argument> {
    let named = content.peek(Ident::peek_any);
    if named && content.peek2(Token![:]) && !content.peek2(Token![::]) {
        let name = content.call(Ident::parse_any)?;
        content.parse::<Token![:]>()?;
        return Ok(Argument::Named(name, value(content)?));
    }
    if named && (content.peek2(Token![~]) || content.peek2(Token![=]) && !content.peek2(Token![==]))
    {
        let name = content.call(Ident::parse_any)?;
        if statement::is_setting(&name) {
            return Ok(Argument::Setting(statement::setting(name, content)?));
        }
        if content.peek(Token![=]) && tables::is_number(&name.to_string()) {
            content.parse::<Token![=]>()?;
            let number = value(content)?.written();
            let complaint = format!("a number takes `:` after its name: `{name}: {number}`");
            return Err(Error::new(name.span(), complaint));
        }
        let hint = suggest::hint(&name.to_string(), &statement::SETTINGS);
        return Err(Error::new(
            name.span(),
            format!("`{name}` is no setting of a layer; {hint}"),
        ));
    }
    Ok(Argument::Value(value(content)?))
}

/// See [`Expr`]: sums of products.
fn expression(input: ParseStream<'_>) -> Result<Expr> {
    let mut left = product(input)?;
    loop {
        let operator = if input.peek(Token![+]) {
            Operator::Add
        } else if input.peek(Token![-]) && !input.peek(Token![->]) {
            Operator::Subtract
        } else {
            return Ok(left);
        };
        let sign = input.parse::<TokenTree>()?.into_token_stream();
        left = Expr::Binary(Box::new(left), operator, sign, Box::new(product(input)?));
    }
}

fn product(input: ParseStream<'_>) -> Result<Expr> {
    let mut left = factor(input)?;
    loop {
        let operator = if input.peek(Token![*]) {
            Operator::Multiply
        } else if input.peek(Token![/]) {
            Operator::Divide
        } else {
            return Ok(left);
        };
        let sign = input.parse::<TokenTree>()?.into_token_stream();
        left = Expr::Binary(Box::new(left), operator, sign, Box::new(factor(input)?));
    }
}

/// Words of Rust that start something other than a value.
pub(super) fn refuse_control_flow(input: ParseStream<'_>) -> Result<()> {
    let word = input.fork().call(Ident::parse_any);
    let words = [
        "if", "match", "while", "loop", "return", "break", "continue",
    ];
    // `for` may name no node either, which is said where names are read.
    if word.is_ok_and(|word| words.iter().any(|known| word == known)) {
        return Err(input.error("a net has no control flow: every line is computed, in order"));
    }
    Ok(())
}

fn factor(input: ParseStream<'_>) -> Result<Expr> {
    refuse_control_flow(input)?;
    if let Some(group) = invisible_group(input) {
        // `$n` of a `macro_rules!`: its own operators stay together.
        let inner = value.parse2(group.stream())?;
        return Ok(Expr::Group(TokenTree::Group(group), Box::new(inner)));
    }
    if input.peek(Token![-]) {
        let sign = input.parse::<Token![-]>()?.into_token_stream();
        return Ok(Expr::Negative(sign, Box::new(factor(input)?)));
    }
    if input.peek(token::Paren) {
        let group: Group = input.fork().parse()?;
        let content;
        parenthesized!(content in input);
        let inner = value(&content)?;
        if !content.is_empty() {
            return Err(content.error("expected `)` or an operator before this"));
        }
        return Ok(Expr::Group(TokenTree::Group(group), Box::new(inner)));
    }
    if input.peek(token::Brace) {
        return Ok(Expr::Rust(syn::Expr::Block(input.parse::<ExprBlock>()?)));
    }
    if input.peek(Lit) {
        return match input.parse()? {
            number @ (Lit::Int(_) | Lit::Float(_)) => Ok(Expr::Number(number)),
            other => Err(Error::new_spanned(other, "expected a node or a number")),
        };
    }
    let is_path = input.peek(Ident)
        || input.peek(Token![::])
        || input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![super]);
    if !is_path {
        return Err(input.error("expected a node, a number or a call such as `linear(x, 64)`"));
    }
    name_or_call(input)
}

fn name_or_call(input: ParseStream<'_>) -> Result<Expr> {
    let path = input.call(Path::parse_mod_style)?;
    if let Some(name) = path.get_ident()
        && tables::is_call(&name.to_string())
        && (input.peek(token::Bracket) || input.peek(token::Brace))
    {
        return Err(input.error(tables::round_brackets(&name.to_string())));
    }
    if !input.peek(token::Paren) {
        return Ok(match path.get_ident() {
            Some(name) => Expr::Name(name.clone()),
            None => Expr::Rust(syn::Expr::Path(ExprPath {
                attrs: Vec::new(),
                qself: None,
                path,
            })),
        });
    }
    let group: Group = input.fork().parse()?;
    let content;
    let paren = parenthesized!(content in input);
    let arguments = arguments(&content)?;
    let mut tokens = quote!(#path #group);
    let mut output = None;
    if input.peek(Token![->]) {
        input.parse::<Token![->]>()?.to_tokens(&mut tokens);
        if !input.peek(token::Bracket) {
            return Err(input.error("expected the shape that the function returns: `-> [64]`"));
        }
        let dims = header::dims(input)?;
        dims.tokens.to_tokens(&mut tokens);
        output = Some(dims);
    }
    Ok(Expr::Call(Call {
        callee: path,
        arguments,
        output,
        tokens,
        end: paren.span.close(),
    }))
}

/// The group without delimiters that the compiler puts around `$n`.
fn invisible_group(input: ParseStream<'_>) -> Option<Group> {
    let is_next = matches!(input.cursor().token_tree(),
        Some((TokenTree::Group(group), _)) if group.delimiter() == Delimiter::None);
    if is_next { input.parse().ok() } else { None }
}
