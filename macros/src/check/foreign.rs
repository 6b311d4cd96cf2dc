//! What is Rust but not the language of nets: each has its own explanation.

use quote::ToTokens;
use syn::{BinOp, Expr, UnOp};

use crate::tables;
use crate::written::written;

/// The part of `expr` that is foreign here, and what to say of it.
pub(super) fn complaint(expr: &Expr) -> (&Expr, String) {
    find(expr).unwrap_or_else(|| {
        let message = "expected an expression of nodes and numbers; \
                       a constant may stand in braces: `{ 1.0 / 3.0 }`";
        (expr, message.to_owned())
    })
}

/// The first foreign part, inner ones first; none if all would be ours.
fn find(expr: &Expr) -> Option<(&Expr, String)> {
    let message = match expr {
        Expr::Paren(inner) => return find(&inner.expr),
        Expr::Group(inner) => return find(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => return find(&unary.expr),
        Expr::Binary(binary) => {
            return find(&binary.left)
                .or_else(|| power(expr, &binary.left, &binary.right))
                .or_else(|| operator(&binary.op).map(|message| (expr, message)))
                .or_else(|| find(&binary.right));
        }
        Expr::Call(call) => {
            return type_arguments(&call.func)
                .or_else(|| call.args.iter().find_map(find));
        }
        Expr::Path(path) => {
            if path.path.get_ident().is_some() {
                return None;
            }
            let path = written(path);
            format!("`{path}` is no node; a constant is written in capitals or in braces")
        }
        Expr::MethodCall(call) => {
            let (receiver, method) = (written(&call.receiver), &call.method);
            format!(
                "nodes have no methods in a net: write `{method}({receiver})`, \
                 or give a constant in braces: `{{ {} }}`",
                written(expr)
            )
        }
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(_) | syn::Lit::Float(_) => return None,
            other => format!("expected a node or a number, found `{}`", written(other)),
        },
        Expr::Index(index) => brackets(&index.expr)
            .unwrap_or_else(|| "a node has no parts that a net could take: there is no `[..]`".to_owned()),
        Expr::Struct(literal) => literal
            .path
            .get_ident()
            .map(ToString::to_string)
            .filter(|name| tables::is_call(name))
            .map_or_else(
                || "a net makes no structs; a layer is called: `linear(x, 64)`".to_owned(),
                |name| tables::round_brackets(&name),
            ),
        Expr::Field(_) => "nodes have no fields; give a constant in braces: `{ config.width }`".to_owned(),
        Expr::Unary(unary) => match unary.op {
            UnOp::Deref(_) => "nodes are not dereferenced: there is no `*` in front of one".to_owned(),
            _ => "there is no `!` for nodes: there are `+ - * /`".to_owned(),
        },
        Expr::Reference(reference) => {
            format!("nodes are not borrowed: write `{}`", written(&reference.expr))
        }
        Expr::Closure(_) => {
            "there are no closures in a net; a function of your own is called by its path: `crate::f(x)`"
                .to_owned()
        }
        Expr::Macro(_) => {
            "no macros are called in a net; a constant may stand in braces: `{ f!() }`".to_owned()
        }
        Expr::Cast(_) => "there is no `as` for nodes; a constant may stand in braces: `{ N as f64 }`".to_owned(),
        Expr::Range(_) => "there are no ranges in a net".to_owned(),
        Expr::If(_)
        | Expr::Match(_)
        | Expr::While(_)
        | Expr::ForLoop(_)
        | Expr::Loop(_)
        | Expr::Return(_)
        | Expr::Break(_)
        | Expr::Continue(_) => {
            "a net has no control flow: every line is computed, in order".to_owned()
        }
        _ => return None,
    };
    Some((expr, message))
}

/// `x ** 2`, which Rust reads as `x * (*2)`.
fn power<'e>(whole: &'e Expr, left: &Expr, right: &Expr) -> Option<(&'e Expr, String)> {
    let Expr::Unary(unary) = right else {
        return None;
    };
    let base = written(left);
    matches!(unary.op, UnOp::Deref(_)).then(|| {
        (
            whole,
            format!("there is no `**`: write `square({base})` or `{base} * {base}`"),
        )
    })
}

fn operator(operator: &BinOp) -> Option<String> {
    let is_ours = matches!(
        operator,
        BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_)
    );
    let sign = operator.to_token_stream().to_string();
    (!is_ours).then(|| format!("there is no `{sign}` for nodes: there are `+ - * /`"))
}

/// `linear::<8>(x)`.
fn type_arguments(callee: &Expr) -> Option<(&Expr, String)> {
    let Expr::Path(path) = callee else {
        return None;
    };
    let has_arguments = path
        .path
        .segments
        .iter()
        .any(|segment| !segment.arguments.is_none());
    has_arguments.then(|| {
        let message = "a call in a net has no type arguments; numbers stand among the others: `linear(x, 64)`";
        (callee, message.to_owned())
    })
}

/// `linear[x]`.
fn brackets(indexed: &Expr) -> Option<String> {
    let Expr::Path(path) = indexed else {
        return None;
    };
    let name = path.path.get_ident()?.to_string();
    tables::is_call(&name).then(|| tables::round_brackets(&name))
}
