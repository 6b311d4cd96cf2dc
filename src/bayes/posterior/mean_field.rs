//! The mean field: an independent Gaussian for every scalar.
//!
//! Its operations, each with its derivatives: the draw from noise that is given (`draw.rs` has the
//! one that makes its noise itself), the log density of the draw, its entropy, and the variance.

use crate::dist::leaves;
use crate::kernels::{Scalar, special};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise};
use crate::tape::Keeps;
use crate::tensor::Tensor;

/// Independent noise for every number:
///
/// ```text
/// theta = mu + softplus(rho) eps,   eps ~ N(0, 1)       (Blundell et al. 2015, section 3.2)
/// ```
///
/// ln softplus(rho) is computed from rho directly, so that a weight may be as certain as it
/// likes: at rho = -200 the KL to N(0, 1) is 199.5 with gradient -1, in f32 as well.
#[derive(Clone, Debug)]
pub struct MeanField<T = Tensor> {
    /// softplus(rho) is the standard deviation.
    pub rho: T,
}

leaves!(MeanField { rho });

/// theta = mu + softplus(rho) eps
#[derive(Clone, Copy)]
pub(in crate::bayes) struct GaussianSample;
impl Pointwise<3> for GaussianSample {
    const NAME: &'static str = "gaussian_sample";
    const KEEPS: Keeps = Keeps::Only {
        inputs: &[1, 2],
        output: false,
    };
    #[inline(always)]
    fn value<S: Scalar>(&self, [mu, rho, eps]: [S; 3]) -> S {
        mu + rho.softplus() * eps
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [_, rho, eps]: [S; 3], _: S) -> [S; 3] {
        [S::ONE, rho.sigmoid() * eps, rho.softplus()]
    }
}

/// theta - mu = softplus(rho) eps
#[derive(Clone, Copy)]
pub(in crate::bayes) struct Perturbation;
impl Pointwise<2> for Perturbation {
    const NAME: &'static str = "perturbation";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [rho, eps]: [S; 2]) -> S {
        rho.softplus() * eps
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [rho, eps]: [S; 2], _: S) -> [S; 2] {
        [rho.sigmoid() * eps, rho.softplus()]
    }
}

/// log q(theta) = -eps²/2 - ln softplus(rho) - ln √(2π) at theta = mu + softplus(rho) eps.
///
/// Written with eps: computing it back as (theta - mu) / sigma loses up to six digits where
/// sigma is 1e-10.
#[derive(Clone, Copy)]
pub(in crate::bayes) struct LogQ;
impl Pointwise<2> for LogQ {
    const NAME: &'static str = "log_q";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [rho, eps]: [S; 2]) -> S {
        -S::of(0.5) * eps * eps - rho.log_softplus() - S::of(special::LN_SQRT_2PI)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [rho, eps]: [S; 2], _: S) -> [S; 2] {
        [-special::log_softplus_derivative(rho), -eps]
    }
}

/// ln √(2πe), the entropy of N(0, 1).
pub(in crate::bayes) const HALF_LN_2PI_E: f64 = special::LN_SQRT_2PI + 0.5;

/// The entropy of N(mu, softplus(rho)²): ln softplus(rho) + ln √(2πe).
#[derive(Clone, Copy)]
pub(in crate::bayes) struct Entropy;
impl Pointwise<1> for Entropy {
    const NAME: &'static str = "entropy";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [rho]: [S; 1]) -> S {
        rho.log_softplus() + S::of(HALF_LN_2PI_E)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [rho]: [S; 1], _: S) -> [S; 1] {
        [special::log_softplus_derivative(rho)]
    }
}

/// sigma² = softplus(rho)²
#[derive(Clone, Copy)]
pub(in crate::bayes) struct Variance;
impl Pointwise<1> for Variance {
    const NAME: &'static str = "variance";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [rho]: [S; 1]) -> S {
        let sigma = rho.softplus();
        sigma * sigma
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [rho]: [S; 1], _: S) -> [S; 1] {
        let sigma = rho.softplus();
        [(sigma + sigma) * rho.sigmoid()]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(GaussianSample, "gaussian_sample", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(GaussianSample, [mu, rho, eps])),
    law!(LogQ, "log_q", (rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(LogQ, [rho, eps])),
    law!(Perturbation, "perturbation", (rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(Perturbation, [rho, eps])),
    law!(Entropy, "entropy", (rho: "..." in Domain::REAL) => pointwise(Entropy, [rho])),
    law!(Variance, "variance", (rho: "..." in Domain::REAL) => pointwise(Variance, [rho])),
];
