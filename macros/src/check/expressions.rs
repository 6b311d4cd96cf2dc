//! What stands right of `=`: every name found, every call held to its table.

use quote::ToTokens;
use syn::{Ident, ext::IdentExt};

use super::names::Names;
use super::{foreign, numbers};
use crate::ast::{self, Argument, Call, Expr, Operator, ends};
use crate::errors::Errors;
use crate::net::{Layer, Value, What};
use crate::tables::Range;

/// One line of the net, while its expressions are read.
pub(super) struct Line<'a, 'c> {
    pub(super) names: &'c mut Names,
    pub(super) errors: &'c mut Errors,
    /// The line's number in the body.
    pub(super) number: usize,
    /// The node that the line declares; none for an observation, in which no
    /// layer may stand.
    pub(super) node: Option<&'a Ident>,
    /// The layer met so far.
    pub(super) layer: Option<Layer<'a>>,
    /// The number of computed shapes so far.
    pub(super) shapes: usize,
}

impl<'a> Line<'a, '_> {
    /// The meaning of `expr`, or nothing after a mistake.
    pub(super) fn value(&mut self, expr: &'a Expr) -> Option<Value<'a>> {
        let what = match expr {
            Expr::Group(_, inner) => {
                // The parentheses come back where the tree needs them; the
                // error marks and the text keep them.
                return Some(Value {
                    text: expr.written(),
                    ends: ends(expr),
                    ..self.value(inner)?
                });
            }
            Expr::Name(name) if is_constant(name) && !self.names.is_declared(name) => {
                What::Number(name.to_token_stream())
            }
            Expr::Name(name) => {
                let declared = self.names.read(name, self.number, self.errors)?;
                // The declaration's hygiene at the place of the use.
                let mut used = declared.clone();
                used.set_span(name.span().resolved_at(declared.span()));
                What::Node(used)
            }
            Expr::Number(number) => {
                if let Some(complaint) = numbers::suffix_complaint(number) {
                    self.errors.at(number, complaint);
                    return None;
                }
                What::Number(numbers::float(number))
            }
            Expr::Rust(syn::Expr::Path(path))
                if path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| is_constant(&last.ident)) =>
            {
                What::Number(path.to_token_stream())
            }
            Expr::Rust(syn::Expr::Block(_)) => {
                // The expansion puts parentheses where they are needed.
                What::Number(numbers::bare(expr))
            }
            Expr::Rust(other) => {
                let (culprit, complaint) = foreign::complaint(other);
                self.errors.at(culprit, complaint);
                return None;
            }
            Expr::Negative(sign, inner) => {
                What::Negative(sign.clone(), Box::new(self.value(inner)?))
            }
            Expr::Binary(left, operator, sign, right) => {
                if *operator == Operator::Divide && numbers::is_zero(right) {
                    self.errors.at(right, "this divides by zero");
                    return None;
                }
                let (left, right) = (self.value(left), self.value(right));
                What::Binary(Box::new(left?), *operator, sign.clone(), Box::new(right?))
            }
            Expr::Call(call) => self.call(call)?,
        };
        let number = if what.computes_shape() {
            self.shapes += 1;
            self.shapes
        } else {
            0
        };
        Some(Value {
            what,
            text: expr.written(),
            ends: ends(expr),
            number,
        })
    }

    /// Positional arguments that are all expressions of nodes.
    pub(super) fn node_values(
        &mut self,
        call: &'a Call,
        name: &str,
        example: &str,
    ) -> Option<Vec<Value<'a>>> {
        let mut values = Vec::new();
        let mut is_right = true;
        for argument in &call.arguments {
            match argument {
                Argument::Value(value) => match self.value(value) {
                    Some(value) => values.push(value),
                    None => is_right = false,
                },
                Argument::Named(label, _) => {
                    self.errors.at(
                        label,
                        format!("`{name}` has no option `{label}`: `{example}`"),
                    );
                    is_right = false;
                }
                Argument::Setting(_) => is_right = false,
            }
        }
        is_right.then_some(values)
    }

    /// The value of an argument that must depend on a node.
    pub(super) fn node_value(
        &mut self,
        expr: &'a Expr,
        name: &str,
        example: &str,
    ) -> Option<Value<'a>> {
        let value = self.value(expr)?;
        if value.is_number() {
            let found = &value.text;
            let complaint = if let Some(node) = self.names.in_small_letters(found) {
                format!(
                    "`{name}` wants a node here, found the constant `{found}`; did you mean the node `{node}`?"
                )
            } else {
                format!("`{name}` wants a node here, found the number `{found}`: `{example}`")
            };
            self.errors.at(expr, complaint);
            return None;
        }
        Some(value)
    }
}

/// Constants are told from nodes by their capitals, as everywhere in Rust.
fn is_constant(name: &Ident) -> bool {
    let text = name.unraw().to_string();
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

/// The shape of an input, whose dimensions are counts like widths.
pub(super) fn check_dims(dims: &ast::Dims, owner: &str, errors: &mut Errors) {
    for dim in &dims.dims {
        let literal = match dim {
            syn::Expr::Lit(literal) => Expr::Number(literal.lit.clone()),
            syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
                match &*unary.expr {
                    syn::Expr::Lit(literal) => Expr::Negative(
                        unary.op.to_token_stream(),
                        Box::new(Expr::Number(literal.lit.clone())),
                    ),
                    _ => continue,
                }
            }
            _ => continue,
        };
        let what = format!("a dimension of `{owner}`");
        numbers::constant(&literal, &what, Range::Count, errors);
    }
}
