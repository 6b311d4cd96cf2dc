//! Log-likelihoods by weight.

use crate::kernels::{Scalar, select};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise_sum};
use crate::tape::{Keeps, Var};

/// y = w l, and 0 where the weight w is 0, also of a density that is 0 there: what is missing costs
/// nothing.
#[derive(Clone, Copy)]
struct Weighted;
impl Pointwise<2> for Weighted {
    const NAME: &'static str = "weighted_log_prob";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [l, w]: [S; 2]) -> S {
        select(w == S::ZERO, S::ZERO, w * l)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [l, w]: [S; 2], _: S) -> [S; 2] {
        [w, l]
    }
}

/// Σ w l of log-probabilities l and their weights w.
///
/// # Panics
/// If their shapes differ.
#[track_caller]
pub(crate) fn weighted_sum<'t, S: Scalar>(l: Var<'t, S>, w: Var<'t, S>) -> Var<'t, S> {
    let (shape, wanted) = (w.shape(), l.shape());
    assert!(
        shape == wanted,
        "weights of shape {shape} do not fit log-probabilities of shape {wanted}"
    );
    pointwise_sum(Weighted, [l, w])
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Weighted, "weighted_log_prob", (l: "ab" in Domain::REAL, w: "ab" in Domain::between(0.2, 3.0)) => weighted_sum(l, w)),
];
