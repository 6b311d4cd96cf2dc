//! Reductions over axes, and what runs along one axis.

use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let [x] = *x else { return None };
    let ddof = || case.number("ddof") as usize;
    let reduced = |reduce: &dyn Fn(&[usize]) -> Var<'t, S>| {
        let axes = case.axes(x);
        let y = reduce(&axes);
        if case.flag("keepdims") {
            y.expand_dims(&axes)
        } else {
            y
        }
    };
    Some(match case.op() {
        "sum" => reduced(&|axes| x.sum_axes(axes)),
        "mean" => reduced(&|axes| x.mean_axes(axes)),
        "logsumexp" => reduced(&|axes| x.logsumexp_axes(axes)),
        "max" => reduced(&|axes| x.max_axes(axes)),
        "min" => reduced(&|axes| x.min_axes(axes)),
        "var" => reduced(&|axes| x.var_axes(axes, ddof())),
        "std" => reduced(&|axes| x.std_axes(axes, ddof())),
        "prod" => reduced(&|axes| x.prod_axes(axes)),
        "norm" => reduced(&|axes| x.norm_axes(case.number("p"), axes)),
        "softmax" => x.softmax(case.axis(x)),
        "log_softmax" => x.log_softmax(case.axis(x)),
        "cumsum" if case.flag("reverse") => {
            let axis = case.axis(x);
            x.flip(&[axis]).cumsum(axis).flip(&[axis])
        }
        "cumsum" => x.cumsum(case.axis(x)),
        "cumprod" => x.cumprod(case.axis(x)),
        "cumlogsumexp" => x.cumlogsumexp(case.axis(x)),
        "sort" => x.sort(case.axis(x)),
        _ => return None,
    })
}
