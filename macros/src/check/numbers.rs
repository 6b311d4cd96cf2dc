//! Constants: literals are held to their range here, everything else is a
//! Rust expression for the compiler and the library to judge.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Lit, LitFloat};

use crate::ast::{Expr, ends};
use crate::errors::Errors;
use crate::net::Constant;
use crate::tables::{Number, Range};

/// The argument `number` of `owner`, in the type of its range.
pub(super) fn argument(expr: &Expr, owner: &str, number: Number, errors: &mut Errors) -> Constant {
    let tokens = value(expr, owner, number, errors);
    if literal(expr).is_some() {
        Constant::Inline(tokens)
    } else {
        Constant::Named {
            number,
            tokens,
            ends: ends(expr),
        }
    }
}

/// The tokens of the argument `number` of `owner`, in the type of its range.
pub(super) fn value(expr: &Expr, owner: &str, number: Number, errors: &mut Errors) -> TokenStream {
    let what = format!("`{}` of `{owner}`", number.name);
    let (axes, each) = match number.range {
        Range::Counts(axes) => (axes, Range::Count),
        Range::Padding(axes) => (axes, Range::Whole),
        range => return constant(expr, &what, range, errors),
    };
    let is_padding = each == Range::Whole;
    let Some(array) = array(expr) else {
        let all = constant(expr, &what, each, errors);
        let axes = proc_macro2::Literal::usize_unsuffixed(axes);
        return if is_padding {
            quote!([[#all; 2]; #axes])
        } else {
            quote!([#all; #axes])
        };
    };
    if array.elems.len() != axes {
        let found = array.elems.len();
        let wanted = if axes == 1 {
            "one number"
        } else {
            "one number, or one for the rows and one for the columns"
        };
        errors.at(expr, format!("{what} is {wanted}, found {found}"));
    }
    let elements = array.elems.iter().map(|element| {
        let element = Expr::Rust(element.clone());
        match self::array(&element) {
            // In front of the axis and behind it.
            Some(pair) if is_padding => {
                if pair.elems.len() != 2 {
                    let found = pair.elems.len();
                    let wanted = "has two numbers for an axis, in front of it and behind it";
                    errors.at(pair, format!("{what} {wanted}, found {found}"));
                }
                let sides = pair
                    .elems
                    .iter()
                    .map(|side| constant(&Expr::Rust(side.clone()), &what, each, errors));
                let sides: Vec<TokenStream> = sides.collect();
                quote!([#(#sides),*])
            }
            _ if is_padding => {
                let both = constant(&element, &what, each, errors);
                quote!([#both; 2])
            }
            _ => constant(&element, &what, each, errors),
        }
    });
    let elements: Vec<TokenStream> = elements.collect();
    quote!([#(#elements),*])
}

/// The array that `expr` is, `[3, 5]`.
fn array(expr: &Expr) -> Option<&syn::ExprArray> {
    match expr {
        Expr::Group(_, inner) => array(inner),
        Expr::Rust(syn::Expr::Array(array)) => Some(array),
        _ => None,
    }
}

/// The tokens of the constant `what`, in the type of its range.
pub(super) fn constant(expr: &Expr, what: &str, range: Range, errors: &mut Errors) -> TokenStream {
    let complaint = match (literal(expr), range) {
        (Some(literal), Range::Count) => literal.whole_complaint(1),
        (Some(literal), Range::Whole) => literal.whole_complaint(0),
        (Some(literal), range) => {
            let complaint = literal.range_complaint(range);
            if complaint.is_none() && suffix_complaint(literal.number).is_none() {
                return literal.as_float();
            }
            complaint
        }
        (None, _) => None,
    };
    let suffix = literal(expr).and_then(|literal| suffix_complaint(literal.number));
    if let Some(complaint) = suffix {
        errors.at(expr, complaint);
    } else if let Some(wanted) = complaint {
        errors.at(
            expr,
            format!("{what} is `{}`, but it {wanted}", expr.written()),
        );
    }
    bare(expr)
}

/// The tokens of `expr` for a place of its own, without the parentheses and
/// braces around all of it, of which the compiler would say that they are
/// unnecessary.
pub(super) fn bare(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Group(_, inner) => bare(inner),
        Expr::Rust(block) => bare_block(block).to_token_stream(),
        other => other.to_token_stream(),
    }
}

/// What stands in a block that is but an expression in braces.
fn bare_block(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::Block(block) if block.label.is_none() => match block.block.stmts.as_slice() {
            [syn::Stmt::Expr(inner, None)] => bare_block(inner),
            _ => expr,
        },
        syn::Expr::Paren(inner) => bare_block(&inner.expr),
        other => other,
    }
}

/// What is wrong with the type that a literal names, if it names one.
pub(super) fn suffix_complaint(number: &Lit) -> Option<String> {
    let (digits, suffix) = match number {
        Lit::Int(number) => (number.base10_digits(), number.suffix()),
        Lit::Float(number) => (number.base10_digits(), number.suffix()),
        _ => return None,
    };
    (!suffix.is_empty())
        .then(|| format!("the type of a number follows from its place: write `{digits}`"))
}

/// Whether `expr` is a zero written out.
pub(super) fn is_zero(expr: &Expr) -> bool {
    literal(expr).and_then(|literal| literal.value()) == Some(0.0)
}

/// A number where a node may stand, `2 * h`: of type `f64`.
pub(super) fn float(number: &Lit) -> TokenStream {
    literal(&Expr::Number(number.clone()))
        .map_or_else(|| number.to_token_stream(), |literal| literal.as_float())
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

    /// What a width must be, if it is not; widths are at least 1, and others at least 0.
    fn whole_complaint(&self, least: u32) -> Option<String> {
        let complaint = format!("must be a whole number of at least {least}");
        match self.number {
            Lit::Float(_) => {
                let value = self.value()?;
                let is_whole = value.fract() == 0.0 && (f64::from(least)..1e15).contains(&value);
                Some(if is_whole {
                    format!("must be a whole number: write {value:.0}")
                } else {
                    complaint
                })
            }
            Lit::Int(_) if self.is_negative => Some(complaint),
            Lit::Int(number) => match number.base10_parse::<u64>() {
                Ok(value) => (value < u64::from(least)).then_some(complaint),
                Err(_) => Some(format!("must be at most {}", usize::MAX)),
            },
            _ => Some(complaint),
        }
    }

    fn range_complaint(&self, range: Range) -> Option<String> {
        let Some(value) = self.value() else {
            return Some("must be a number".to_owned());
        };
        let above = |floor: f64| {
            let is_inside = value > floor && value.is_finite();
            (is_inside, format!("must be finite and above {floor}"))
        };
        let (is_inside, wanted) = match range {
            Range::Positive => above(0.0),
            Range::Above(floor) => above(floor),
            Range::Probability => (
                (0.0..=1.0).contains(&value),
                "must lie between 0 and 1".to_owned(),
            ),
            _ => (value.is_finite(), "must be finite".to_owned()),
        };
        (!is_inside).then_some(wanted)
    }

    /// The literal with a decimal point, for `2 * h` and `Normal(0, 1)`.
    fn as_float(&self) -> TokenStream {
        let number = match self.number {
            Lit::Int(number) => {
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
