//! The mean field: an independent Gaussian for every scalar.
//!
//! Its operations, each with its derivatives: the draw, from noise that is given or made again on
//! the way back, the log density of the draw, and the variance.

use std::ops::Range;

use crate::bayes::Noise;
use crate::kernels::map::Formula;
use crate::kernels::reduce::add;
use crate::kernels::task::pieces;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise, values};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved};

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

/// [`GaussianSample`] of noise that is not kept, but made again on the way back: it would be as
/// large as the weight itself.
pub(in crate::bayes) struct Draw(pub(in crate::bayes) Noise);

/// Numbers of noise at a time: few enough for the L1 cache.
const BLOCK: usize = 512;

impl Draw {
    /// Calls `f` with each block of the places `0..n`, and the noise of what stands there where
    /// place 0 is element `start`.
    fn blocks<S: Scalar>(&self, start: usize, n: usize, mut f: impl FnMut(Range<usize>, &[S])) {
        let mut eps = [S::ZERO; BLOCK];
        for place in (0..n).step_by(BLOCK) {
            let eps = &mut eps[..BLOCK.min(n - place)];
            self.0.fill_normal_from((start + place) as u64, eps);
            f(place..place + eps.len(), eps);
        }
    }
}

impl<S: Scalar> Op<S> for Draw {
    fn name(&self) -> &'static str {
        GaussianSample::NAME
    }
    fn keeps(&self) -> Keeps {
        Keeps::Only {
            inputs: &[1],
            output: false,
        }
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        pieces([&x[0], &x[1]], [], [y], |start, [mu, rho], [], [y]| {
            self.blocks(start, y.len(), |block, eps| {
                let operands = [&mu[block.clone()], &rho[block.clone()], eps];
                values(GaussianSample, operands, &mut y[block]);
            });
        });
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d_mu) = x_bar.of(0) {
            pieces([], [y_bar], [d_mu], |_, [], [y_bar], [d_mu]| {
                add(d_mu, y_bar);
            });
        }
        let Some(d_rho) = x_bar.of(1) else { return };
        pieces([&x[1]], [y_bar], [d_rho], |start, [rho], [y_bar], [d]| {
            self.blocks(start, d.len(), |block, eps| {
                let (rho, y_bar) = (&rho[block.clone()], &y_bar[block.clone()]);
                S::map(AddRhoTerm, [rho, eps], [y_bar; 2], [&mut d[block]]);
            });
        });
    }
}

/// Adds sigmoid(rho) eps times the cotangent of theta.
#[derive(Clone, Copy)]
struct AddRhoTerm;
impl Formula<2, 1> for AddRhoTerm {
    #[inline(always)]
    fn at<S: Scalar>(&self, [rho, eps]: [S; 2], [y_bar, _]: [S; 2], [d]: [S; 1]) -> [S; 1] {
        [d + y_bar.through(rho.sigmoid() * eps)]
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
    law!(Draw, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => mu.tape().apply(Draw(Noise::new(7)), [mu, rho], mu.shape())),
    law!(GaussianSample, "gaussian_sample", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(GaussianSample, [mu, rho, eps])),
    law!(LogQ, "log_q", (rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(LogQ, [rho, eps])),
    law!(Variance, "variance", (rho: "..." in Domain::REAL) => pointwise(Variance, [rho])),
];
