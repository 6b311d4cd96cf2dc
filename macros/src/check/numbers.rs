//! Constants: literals are held to their range here, everything else is a
//! Rust expression for the compiler and the library to judge.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Lit, LitFloat};

use crate::ast::{Expr, ends};
use crate::errors::Errors;
use crate::tables::{Number, Range};

/// The tokens of the argument `number` of `owner`, in the type of its range.
pub(super) fn argument(
    expr: &Expr,
    owner: &str,
    number: Number,
    errors: &mut Errors,
) -> TokenStream {
    constant(
        expr,
        &format!("`{}` of `{owner}`", number.name),
        number.range,
        errors,
    )
}

/// The tokens of the constant `what`, in the type of its range.
pub(super) fn constant(expr: &Expr, what: &str, range: Range, errors: &mut Errors) -> TokenStream {
    let complaint = match (literal(expr), range) {
        (Some(literal), Range::Count) => literal.count_complaint(),
        (Some(literal), range) => {
            let complaint = literal.range_complaint(range);
            if complaint.is_none() {
                return literal.as_float();
            }
            complaint
        }
        (None, _) => None,
    };
    if let Some(wanted) = complaint {
        errors.at(
            expr,
            format!("{what} is `{}`, but it {wanted}", expr.written()),
        );
    }
    expr.to_token_stream()
}

/// A number where a node may stand, `2 * h`: of type `f64`.
pub(super) fn float(number: &Lit) -> TokenStream {
    literal(&Expr::Number(number.clone()))
        .map_or_else(|| number.to_token_stream(), |literal| literal.as_float())
}

/// Whether `expr` is a number written out.
pub(super) fn is_literal(expr: &Expr) -> bool {
    literal(expr).is_some()
}

struct Literal<'a> {
    is_negative: bool,
    number: &'a Lit,
    span: Span,
}

/// The literal that `expr` is, with its sign.
fn literal(expr: &Expr) -> Option<Literal<'_>> {
    match expr {
        Expr::Number(number) => Some(Literal {
            is_negative: false,
            number,
            span: number.span(),
        }),
        Expr::Negative(sign, inner) => {
            let inner = literal(inner)?;
            let (span, _) = ends(sign);
            (!inner.is_negative).then_some(Literal {
                is_negative: true,
                span,
                ..inner
            })
        }
        Expr::Rust(syn::Expr::Lit(other)) => Some(Literal {
            is_negative: false,
            number: &other.lit,
            span: other.lit.span(),
        }),
        Expr::Group(_, inner) => literal(inner),
        _ => None,
    }
}

impl Literal<'_> {
    fn value(&self) -> Option<f64> {
        let size = match self.number {
            Lit::Int(number) => number.base10_parse::<f64>().ok()?,
            Lit::Float(number) => number.base10_parse::<f64>().ok()?,
            _ => return None,
        };
        Some(if self.is_negative { -size } else { size })
    }

    /// What a width must be, if it is not.
    fn count_complaint(&self) -> Option<String> {
        let complaint = "must be a whole number of at least 1";
        match self.number {
            Lit::Float(_) => {
                let value = self.value()?;
                let is_count = value.fract() == 0.0 && (1.0..1e15).contains(&value);
                Some(if is_count {
                    format!("must be a whole number: write {value:.0}")
                } else {
                    complaint.to_owned()
                })
            }
            Lit::Int(_) if self.is_negative => Some(complaint.to_owned()),
            Lit::Int(number) => match number.base10_parse::<u64>() {
                Ok(0) => Some(complaint.to_owned()),
                Ok(_) => None,
                Err(_) => Some(format!("must be at most {}", usize::MAX)),
            },
            _ => Some(complaint.to_owned()),
        }
    }

    fn range_complaint(&self, range: Range) -> Option<String> {
        let Some(value) = self.value() else {
            return Some("must be a number".to_owned());
        };
        let (is_inside, wanted) = match range {
            Range::Positive => (
                value > 0.0 && value.is_finite(),
                "must be finite and above 0",
            ),
            Range::Probability => ((0.0..=1.0).contains(&value), "must lie between 0 and 1"),
            Range::Real | Range::Count => (value.is_finite(), "must be finite"),
        };
        (!is_inside).then(|| wanted.to_owned())
    }

    /// The literal with a decimal point, for `2 * h` and `Normal(0, 1)`.
    fn as_float(&self) -> TokenStream {
        let number = match self.number {
            Lit::Int(number) if number.suffix().is_empty() => {
                let digits = format!("{}.0", number.base10_digits());
                Lit::Float(LitFloat::new(&digits, number.span())).to_token_stream()
            }
            number => number.to_token_stream(),
        };
        if self.is_negative {
            let minus = proc_macro2::Punct::new('-', proc_macro2::Spacing::Alone);
            let mut minus = proc_macro2::TokenTree::Punct(minus);
            minus.set_span(self.span);
            quote!(#minus #number)
        } else {
            number
        }
    }
}
