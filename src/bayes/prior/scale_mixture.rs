//! The scale mixture prior of Blundell et al. (2015), equation 7.

use crate::dist::ScaleMixture;
use crate::kernels::Scalar;
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::tape::Keeps;

/// The log density of the mixture and its derivative, the score.
#[derive(Clone, Copy)]
pub(in crate::bayes) struct LogProb(pub(in crate::bayes) ScaleMixture);
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "scale_mixture_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        self.0.log_prob(w)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [w]: [S; 1], _: S) -> [S; 1] {
        [self.0.score(w)]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "scale_mixture_prior", (w: "..." in Domain::REAL) => pointwise_sum(LogProb(ScaleMixture { pi: 0.25, sigma1: 1.0, sigma2: 0.2 }), [w])),
];
