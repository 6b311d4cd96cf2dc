//! What moves numbers and changes none.

use elbo::ops::concat;
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "transpose",
    "broadcast_to",
    "pad",
    "flip",
    "roll",
    "tile",
    "repeat",
    "gather",
    "scatter_add",
    "scatter",
    "segment_sum",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    Some(match case.op() {
        "reshape" => x[0].reshape(&case.counts("shape")[..]),
        "concat" => concat(x, case.axis(x[0])),
        "stack" => {
            let along = case.axis(x[0]);
            let mut dims = x[0].shape().dims().to_vec();
            dims.insert(along, 1);
            let parts: Vec<_> = x.iter().map(|x| x.reshape(&dims[..])).collect();
            concat(&parts, along)
        }
        "index_select" => picked(x[0], case.axis(x[0]), &case.counts("indices")),
        "embedding" => {
            let indices = case.data("indices", x[0]);
            let mut dims = indices.shape().dims().to_vec();
            dims.push(x[0].shape().dim(1));
            let rows: Vec<usize> = indices
                .value()
                .as_slice()
                .iter()
                .map(|i| i.value() as usize)
                .collect();
            x[0].rows(&rows).reshape(&dims[..])
        }
        "slice" => sliced(case, x[0]),
        _ => return None,
    })
}

/// The places `indices` of an axis.
fn picked<'t, S: Scalar>(x: Var<'t, S>, axis: usize, indices: &[usize]) -> Var<'t, S> {
    let parts: Vec<_> = indices.iter().map(|&i| x.narrow(axis, i..i + 1)).collect();
    concat(&parts, axis)
}

/// Along each axis the places from `start` by `step` up to `stop`, which is left out.
fn sliced<'t, S: Scalar>(case: Case<'_>, x: Var<'t, S>) -> Var<'t, S> {
    (0..x.shape().rank()).fold(x, |x, axis| {
        let whole = |key: &str| case.integers(key)[axis];
        let [start, stop, step] = ["start", "stop", "step"].map(whole);
        let count = (stop - start + step - step.signum()) / step;
        let index = |i: i64| (start + i * step) as usize;
        picked(x, axis, &(0..count).map(index).collect::<Vec<_>>())
    })
}
