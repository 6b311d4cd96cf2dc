//! [`Estimator`]: how the randomness of a layer's weights is sampled.

use super::pass::Pass;
use super::weight::Weight;
use crate::kernels::Scalar;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise};
use crate::tape::{Keeps, Var};

/// How a layer that is linear in its weights, y = f(x, W) + b, is sampled in training. All have
/// the same expectation and the same marginal variance; they differ in the variance of the
/// gradient, and in whether rows of a batch share a draw.
///
/// An estimator knows no layer: it is given the layer's linear map. A layer knows no estimator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Estimator {
    /// One draw of the weights for the whole batch:
    /// y = f(x, theta), theta = mu + softplus(rho) eps (Blundell et al. 2015).
    #[default]
    WeightReparam,
    /// One draw of the outputs for every row (Kingma, Salimans and Welling 2015, equation 6):
    ///
    /// ```text
    /// y = f(x, mu) + sqrt(f(x², sigma²)) eps,   the bias inside both
    /// ```
    ///
    /// The outputs of a row are drawn one by one, as they are in a linear layer. Those of a
    /// convolution share its kernel, so that under q they are correlated between the places of an
    /// image; here they are not (Shridhar, Laumann and Liwicki 2019 do the same).
    LocalReparam,
}

impl Estimator {
    /// Name in summaries and files.
    pub fn name(self) -> &'static str {
        match self {
            Estimator::WeightReparam => "WeightReparam",
            Estimator::LocalReparam => "LocalReparam",
        }
    }

    /// The output of a layer whose linear map is `map(x, weight, bias)`, sampled; the KL of its
    /// weights is written into the pass's ledger.
    pub fn forward<'t, S: Scalar>(
        self,
        x: Var<'t, S>,
        weight: &Weight<Var<'t, S>>,
        bias: &Weight<Var<'t, S>>,
        pass: &Pass<'_, 't, S>,
        map: impl Fn(Var<'t, S>, Var<'t, S>, Option<Var<'t, S>>) -> Var<'t, S>,
    ) -> Var<'t, S> {
        // Point weights have no variance to move to the outputs.
        if self == Estimator::LocalReparam
            && let Some(variance) = weight.variance()
        {
            weight.write_kl("weight", pass);
            bias.write_kl("bias", pass);
            let mean = map(x, weight.mu, Some(bias.mu));
            let variance = map(x.square(), variance, bias.variance());
            let eps = pass.row_normal("output", mean.shape());
            return mean + pointwise(SqrtTimes, [variance, eps]);
        }
        let weight = weight.draw("weight", pass);
        map(x, weight, Some(bias.draw("bias", pass)))
    }
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
pub(super) const LAWS: &[Law] = &[
    law!(SqrtTimes, "sqrt_times", (v: "..." in Domain::POSITIVE, eps: "..." in Domain::REAL) => pointwise(SqrtTimes, [v, eps])),
];
