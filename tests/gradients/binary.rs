//! Functions of two and three numbers, element by element, of operands that broadcast.

use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let [a, b] = *x else { return None };
    Some(match case.op() {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "pow" => a.pow(b),
        "maximum" => a.maximum(b),
        "minimum" => a.minimum(b),
        "atan2" => a.atan2(b),
        "hypot" => a.hypot(b),
        "logaddexp" => a.logaddexp(b),
        "xlogy" => a.xlogy(b),
        "where" => case.data("mask", a).select(a, b),
        _ => return None,
    })
}
