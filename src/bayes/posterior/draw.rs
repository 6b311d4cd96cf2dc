//! Draws of a weight whose noise is not kept, but made again on the way back: it would be as large as
//! the weight itself.
//!
//! | operation | y | mu̅ | rho̅ | keeps |
//! | --- | --- | --- | --- | --- |
//! | `draw` | mu + softplus(rho) eps | ȳ | ȳ eps sigmoid(rho) | rho |
//! | `draw_with_kl` | the same | ȳ + KL̄ ∂KL/∂mu | ȳ eps sigmoid(rho) + KL̄ ∂KL/∂rho | mu, rho |

use std::mem;
use std::ops::Range;

use super::mean_field::GaussianSample;
use crate::bayes::Noise;
#[cfg(any(test, feature = "proptest"))]
use crate::bayes::prior::normal::Kl;
#[cfg(any(test, feature = "proptest"))]
use crate::dist::Normal;
use crate::kernels::Scalar;
use crate::kernels::map::Formula;
use crate::kernels::reduce::add;
use crate::kernels::task::pieces;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, Wanted, pointwise_sum_wanted, values};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};

/// theta = mu + softplus(rho) eps.
#[track_caller]
pub(in crate::bayes) fn draw<'t, S: Scalar>(
    noise: Noise,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    mu.tape().apply(Draw(Sampler(noise)), [mu, rho], mu.shape())
}

/// theta, and Σ kl(mu, rho), whose gradients are added in one pass over the weight.
///
/// The sum stands before theta on the tape, so that its cotangent is whole when the way back comes to
/// theta, as long as nothing in between reads it. Theta is told to be made of it, takes this cotangent
/// and leaves a 0 in its place. Where the loss reads the sum alone, the sum passes it on itself.
#[track_caller]
pub(in crate::bayes) fn draw_with_kl<'t, S: Scalar, F: Pointwise<2>>(
    noise: Noise,
    wanted: Wanted,
    kl: F,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> [Var<'t, S>; 2] {
    let sum = pointwise_sum_wanted(wanted, kl, [mu, rho]);
    let op = DrawWithKl {
        sampler: Sampler(noise),
        kl,
    };
    let theta = mu.tape().apply(op, [mu, rho, sum], mu.shape());
    [theta, sum]
}

/// Numbers of noise at a time: few enough for the L1 cache.
const BLOCK: usize = 512;

/// The noise of a weight, block by block.
#[derive(Clone, Copy)]
struct Sampler(Noise);

impl Sampler {
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
    fn sample<S: Scalar>(&self, x: &Inputs<'_, S>, theta: &mut [S]) {
        pieces([&x[0], &x[1]], [], [theta], |start, [mu, rho], [], [y]| {
            self.blocks(start, y.len(), |block, eps| {
                let operands = [&mu[block.clone()], &rho[block.clone()], eps];
                values(GaussianSample, operands, &mut y[block]);
            });
        });
    }
    /// Adds the gradients of the sample itself.
    fn add_gradients<S: Scalar>(&self, rho: &[S], y_bar: &[S], x_bar: &mut Grads<'_, S>) {
        if let Some(d_mu) = x_bar.of(0) {
            pieces([], [y_bar], [d_mu], |_, [], [y_bar], [d_mu]| {
                add(d_mu, y_bar);
            });
        }
        let Some(d_rho) = x_bar.of(1) else { return };
        pieces([rho], [y_bar], [d_rho], |start, [rho], [y_bar], [d]| {
            self.blocks(start, d.len(), |block, eps| {
                let (rho, y_bar) = (&rho[block.clone()], &y_bar[block.clone()]);
                S::map(AddRhoTerm, [rho, eps], [y_bar; 2], [&mut d[block]]);
            });
        });
    }
}

/// [`draw`]
struct Draw(Sampler);

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
        self.0.sample(x, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        self.0.add_gradients(&x[1], y_bar, x_bar);
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

/// [`draw_with_kl`]
struct DrawWithKl<F> {
    sampler: Sampler,
    kl: F,
}

impl<S: Scalar, F: Pointwise<2>> Op<S> for DrawWithKl<F> {
    fn name(&self) -> &'static str {
        GaussianSample::NAME
    }
    fn keeps(&self) -> Keeps {
        Keeps::Only {
            inputs: &[0, 1],
            output: false,
        }
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        self.sampler.sample(x, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some([d_mu, d_rho, d_kl]) = x_bar.each() else {
            return self.sampler.add_gradients(&x[1], y_bar, x_bar);
        };
        let kl_bar = mem::take(&mut d_kl.numbers[0]);
        let kl_bar = [if d_kl.is_new { S::ZERO } else { kl_bar }; BLOCK];
        let are_new = [d_mu.is_new, d_rho.is_new];
        let (x, d) = ([&x[0], &x[1]], [d_mu.numbers, d_rho.numbers]);
        pieces(x, [y_bar], d, |start, [mu, rho], [y_bar], mut d| {
            self.sampler.blocks(start, mu.len(), |block, eps| {
                let mut are_new = are_new.into_iter();
                let d = d.each_mut().map(|d| {
                    let d = &mut d[block.clone()];
                    if are_new.next() == Some(true) {
                        d.fill(S::ZERO); // here it is in the cache
                    }
                    d
                });
                let x = [&mu[block.clone()], &rho[block.clone()], eps];
                let kl_bar = &kl_bar[..block.len()];
                S::map(AddTerms(self.kl), x, [&y_bar[block], kl_bar], d);
            });
        });
    }
}

/// Adds the gradients of a sample, and of the KL.
#[derive(Clone, Copy)]
struct AddTerms<F>(F);
impl<F: Pointwise<2>> Formula<3, 2> for AddTerms<F> {
    #[inline(always)]
    fn at<S: Scalar>(
        &self,
        [mu, rho, eps]: [S; 3],
        [y_bar, kl_bar]: [S; 2],
        [d_mu, d_rho]: [S; 2],
    ) -> [S; 2] {
        let [by_mu, by_rho] = self.0.partials([mu, rho], S::of(f64::NAN));
        [
            d_mu + y_bar + kl_bar.through(by_mu),
            d_rho + y_bar.through(rho.sigmoid() * eps) + kl_bar.through(by_rho),
        ]
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(Draw, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => draw(Noise::new(7), mu, rho)),
    law!(DrawWithKl, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
        let prior = Kl(Normal { mean: 0.5, std: 0.8 });
        let [theta, kl] = draw_with_kl(Noise::new(7), Wanted::Value, prior, mu, rho);
        theta + kl
    }),
    // Where the loss reads one of the two.
    law!(DrawWithKl, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
        let prior = Kl(Normal { mean: 0.5, std: 0.8 });
        draw_with_kl(Noise::new(7), Wanted::Value, prior, mu, rho)[0]
    }),
    Law {
        op: "elbo::ops::pointwise::MapSum",
        ..law!(MapSum, "kl_normal", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
            let prior = Kl(Normal { mean: 0.5, std: 0.8 });
            draw_with_kl(Noise::new(7), Wanted::Value, prior, mu, rho)[1]
        })
    },
];
