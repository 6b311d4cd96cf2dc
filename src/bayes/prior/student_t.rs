//! The priors of heavy tails: Student's t, and Cauchy, which is t with one degree of freedom.
//!
//! Source: Gelman, Jakulin, Pittau and Su (2008), A weakly informative default prior distribution
//! for logistic and other regression models, Annals of Applied Statistics 2.

use crate::dist::StudentT;
use crate::kernels::Scalar;
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::tape::Keeps;

/// The log density and its derivative, where t² is the squared distance in scales, over df:
///
/// ```text
/// log p(w) = constant - (df + 1)/2 ln(1 + t²),   t = (w - location) / (scale √df)
/// ```
#[derive(Clone, Copy)]
pub(super) struct LogProb {
    df: f64,
    location: f64,
    scale: f64,
    constant: f64,
}

impl LogProb {
    pub(super) fn new(df: f64, location: f64, scale: f64) -> Self {
        let at_location = StudentT {
            df,
            loc: 0.0,
            scale,
        };
        LogProb {
            df,
            location,
            scale,
            constant: at_location.log_prob(0.0),
        }
    }
    #[inline(always)]
    fn t<S: Scalar>(&self, w: S) -> S {
        (w - S::of(self.location)) * S::of(1.0 / (self.scale * self.df.sqrt()))
    }
}

impl Pointwise<1> for LogProb {
    const NAME: &'static str = "student_t_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        let t = self.t(w);
        // Far out by 1/t, whose square does not overflow.
        let log = if t.abs() > S::of(1e6) {
            let log = t.abs().ln();
            log + log
        } else {
            (t * t).ln_1p()
        };
        S::of(self.constant) - S::of(0.5 * (self.df + 1.0)) * log
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [w]: [S; 1], _: S) -> [S; 1] {
        let t = self.t(w);
        // t / (1 + t²)
        let slope = if t.abs() > S::of(1e6) {
            S::ONE / t
        } else {
            t / (S::ONE + t * t)
        };
        [slope * S::of(-(self.df + 1.0) / (self.scale * self.df.sqrt()))]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "student_t_prior", (w: "..." in Domain::REAL) => pointwise_sum(LogProb::new(3.0, 0.5, 0.8), [w])),
];
