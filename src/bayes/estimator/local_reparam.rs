//! Local reparameterization: the outputs are drawn, not the weights.
//!
//! Source: Kingma, Salimans and Welling (2015), Variational dropout and the local
//! reparameterization trick, arXiv:1506.02557.

use crate::bayes::{Pass, Weight};
use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise};
use crate::tape::{Keeps, Var};

/// f(x, mu) + √f(x², sigma²) eps with noise for each row and output; nothing where the weights
/// have no variance that could move to the outputs.
pub(super) fn forward<'t, S: Scalar>(
    x: Var<'t, S>,
    weight: &Weight<Var<'t, S>>,
    bias: &Weight<Var<'t, S>>,
    pass: &Pass<'_, 't, S>,
    map: &impl Fn(Var<'t, S>, Var<'t, S>, Option<Var<'t, S>>) -> Var<'t, S>,
) -> Option<Var<'t, S>> {
    let variance = weight.variance()?;
    weight.write_kl("weight", pass);
    bias.write_kl("bias", pass);
    let mean = map(x, weight.mu, Some(bias.mu));
    let variance = map(x.square(), variance, bias.variance());
    let eps = pass.row_normal("output", mean.shape());
    Some(mean + pointwise(SqrtTimes, [variance, eps]))
}

/// y = √v eps, with derivative 0 in v where v is 0: a row of zeros has no noise, and no epsilon
/// under the root adds any.
#[derive(Clone, Copy)]
struct SqrtTimes;
impl Pointwise<2> for SqrtTimes {
    const NAME: &'static str = "sqrt_times";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [v, eps]: [S; 2]) -> S {
        if v == S::ZERO {
            S::ZERO
        } else {
            v.sqrt() * eps
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [v, eps]: [S; 2], _: S) -> [S; 2] {
        if v == S::ZERO {
            [S::ZERO, S::ZERO]
        } else {
            let root = v.sqrt();
            [S::of(0.5) * eps / root, root]
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(SqrtTimes, "sqrt_times", (v: "..." in Domain::POSITIVE, eps: "..." in Domain::REAL) => pointwise(SqrtTimes, [v, eps])),
];
