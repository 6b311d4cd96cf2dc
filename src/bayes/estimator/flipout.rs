//! Flipout: one draw of the noise of the weights, with signs of its own for every row.
//!
//! Source: Wen, Vicol, Ba, Tran and Grosse (2018), Flipout: efficient pseudo-independent weight
//! perturbations on mini-batches, arXiv:1803.04386.

use crate::bayes::{Pass, Weight};
use crate::kernels::Scalar;
use crate::tape::Var;
use crate::tensor::Shape;

/// f(x, mu) + r f(x s, theta - mu) + b with signs s for each row and input and r for each row and
/// output; nothing where the weights are points.
pub(super) fn forward<'t, S: Scalar>(
    x: Var<'t, S>,
    weight: &Weight<Var<'t, S>>,
    bias: &Weight<Var<'t, S>>,
    pass: &Pass<'_, 't, S>,
    map: &impl Fn(Var<'t, S>, Var<'t, S>, Option<Var<'t, S>>) -> Var<'t, S>,
) -> Option<Var<'t, S>> {
    let perturbation = weight.perturb("weight", pass)?;
    let mean = map(x, weight.mu, Some(bias.draw("bias", pass)));
    let turned = map(x * signs("sign_in", x, pass), perturbation, None);
    Some(mean + turned * signs("sign_out", turned, pass))
}

/// A sign for each row and feature, or channel, of `x`, the same at all places of an image.
fn signs<'t, S: Scalar>(name: &str, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
    let shape = x.shape();
    let signs = pass.row_signs(name, Shape::new(&shape.dims()[..2]));
    let mut dims = vec![1; shape.rank()];
    dims[..2].copy_from_slice(&shape.dims()[..2]);
    signs.reshape(Shape::new(&dims))
}
