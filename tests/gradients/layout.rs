//! What moves numbers and changes none.

use elbo::ops::{Slice, concat, stack};
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let indices = |key| -> Vec<usize> {
        let indices = case.data(key, x[0]).value();
        indices
            .as_slice()
            .iter()
            .map(|i| i.value() as usize)
            .collect()
    };
    let shape = |key| case.data(key, x[0]).shape();
    Some(match case.op() {
        "reshape" => x[0].reshape(&case.counts("shape")[..]),
        "concat" => concat(x, case.axis(x[0])),
        "stack" => stack(x, case.axis(x[0])),
        "index_select" => x[0].index_select(case.axis(x[0]), &case.counts("indices")),
        "embedding" => {
            let dims = [shape("indices").dims(), &[x[0].shape().dim(1)]].concat();
            x[0].rows(&indices("indices")).reshape(&dims[..])
        }
        "gather" => x[0].gather(case.axis(x[0]), shape("indices"), &indices("indices")),
        "scatter_add" => x[0].scatter_add(case.axis(x[0]), &case.counts("indices"), x[1]),
        "scatter" => x[0].scatter(case.axis(x[0]), &case.counts("indices"), x[1]),
        "segment_sum" => {
            let count = case.number("num_segments") as usize;
            x[0].segment_sum(&case.counts("segments"), count)
        }
        "slice" => sliced(case, x[0]),
        "transpose" => x[0].permute(&case.counts("perm")),
        "broadcast_to" => x[0].broadcast_to(&case.counts("shape")[..]),
        "flip" => x[0].flip(&case.axes(x[0])),
        "roll" => x[0].roll(case.number("shift") as isize, case.axis(x[0])),
        "tile" => x[0].tile(&case.counts("reps")),
        "repeat" => x[0].repeat(case.number("repeats") as usize, case.axis(x[0])),
        "pad" => {
            let pairs = case.setting("padding").as_array()?.iter();
            let width = |v: &serde_json::Value| v.as_u64().expect("a width") as usize;
            let widths: Vec<_> = pairs.map(|p| [width(&p[0]), width(&p[1])]).collect();
            x[0].pad(&widths, case.number("value"))
        }
        _ => return None,
    })
}

/// Along each axis the places from `start` by `step` up to `stop`, which is left out.
fn sliced<'t, S: Scalar>(case: Case<'_>, x: Var<'t, S>) -> Var<'t, S> {
    let [start, stop, step] = ["start", "stop", "step"].map(|key| case.integers(key));
    let slice = |axis: usize| Slice {
        start: start[axis] as usize,
        count: ((stop[axis] - start[axis] + step[axis] - step[axis].signum()) / step[axis])
            as usize,
        step: step[axis] as isize,
    };
    x.slice(&(0..x.shape().rank()).map(slice).collect::<Vec<_>>())
}
