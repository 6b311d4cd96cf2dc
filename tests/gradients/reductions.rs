//! Reductions over axes, and what runs along one axis.

use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "max",
    "min",
    "var",
    "std",
    "prod",
    "norm",
    "cumsum",
    "cumprod",
    "cumlogsumexp",
    "sort",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let [x] = *x else { return None };
    Some(match case.op() {
        "sum" => reduced(case, x, |x, axis| x.sum_axes(&[axis])),
        "mean" => reduced(case, x, |x, axis| x.mean_axes(&[axis])),
        "logsumexp" => reduced(case, x, |x, axis| x.logsumexp(axis)),
        "softmax" => x.softmax(case.axis(x)),
        "log_softmax" => x.log_softmax(case.axis(x)),
        _ => return None,
    })
}

/// A reduction over `axes`, the last one first, which may stay as axes of extent 1.
fn reduced<'t, S: Scalar>(
    case: Case<'_>,
    x: Var<'t, S>,
    reduce: impl Fn(Var<'t, S>, usize) -> Var<'t, S>,
) -> Var<'t, S> {
    let axes = case.axes(x);
    let y = axes.iter().rev().fold(x, |x, &axis| reduce(x, axis));
    if case.flag("keepdims") {
        let kept = axes
            .iter()
            .fold(x.shape(), |shape, &axis| shape.with(axis, 1));
        y.reshape(kept)
    } else {
        y
    }
}
