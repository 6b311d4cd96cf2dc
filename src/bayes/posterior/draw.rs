//! Draws of a weight whose noise is not kept: it would be as large as the weight itself.
//!
//! | operation | y | mu̅ | rho̅ | keeps |
//! | --- | --- | --- | --- | --- |
//! | `draw` | mu + sigma eps, sigma = softplus(rho) | ȳ | ȳ eps sigmoid(rho) | mu, rho, y |
//! | `draw_with_kl` | the same, and the KL in closed form | ȳ + KL̄ ∂KL/∂mu | ȳ eps sigmoid(rho) + KL̄ ∂KL/∂rho | mu, rho, y |
//! | `draw_with_sampled_kl` | the same, and log q(y) - log p(y) | the same | the same | mu, rho, y |
//!
//! The way back needs sigma eps, which is y - mu. Where that has too few digits, because sigma is
//! small, the noise is made again: the generator gives the same numbers as often as it is asked.

use std::mem;
use std::ops::Range;

use super::mean_field::{GaussianSample, LogQ, Perturbation};
use crate::bayes::Noise;
#[cfg(any(test, feature = "proptest"))]
use crate::bayes::prior::{normal::Kl, scale_mixture::LogProb};
#[cfg(any(test, feature = "proptest"))]
use crate::dist::{Normal, ScaleMixture};
use crate::kernels::Scalar;
use crate::kernels::map::Formula;
use crate::kernels::reduce::{self, Running, add};
use crate::kernels::simd::vectorize;
use crate::kernels::special::log_softplus_derivative;
use crate::kernels::task::pieces;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, Wanted, apart, blocks, part_of_each, pointwise_sum_wanted, values};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// theta = mu + softplus(rho) eps.
#[track_caller]
pub(in crate::bayes) fn draw<'t, S: Scalar>(
    noise: Noise,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> Var<'t, S> {
    mu.tape().apply(Draw(Sampler(noise)), [mu, rho], mu.shape())
}

/// theta, and Σ kl(mu, rho), a KL in closed form.
#[track_caller]
pub(in crate::bayes) fn draw_with_kl<'t, S: Scalar, F: Pointwise<2>>(
    noise: Noise,
    wanted: Wanted,
    kl: F,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> [Var<'t, S>; 2] {
    let sum = pointwise_sum_wanted(wanted, kl, [mu, rho]);
    [draw_with(noise, Closed(kl), [mu, rho, sum]), sum]
}

/// theta, and Σ log q(theta) - `log_p`(theta), the KL at this draw.
#[track_caller]
pub(in crate::bayes) fn draw_with_sampled_kl<'t, S: Scalar, F: Pointwise<1>>(
    noise: Noise,
    wanted: Wanted,
    log_p: F,
    mu: Var<'t, S>,
    rho: Var<'t, S>,
) -> [Var<'t, S>; 2] {
    let kl = Sampled(log_p);
    let op = SampledKl {
        sampler: Sampler(noise),
        wanted,
        kl,
    };
    let sum = mu.tape().apply(op, [mu, rho], Shape::SCALAR);
    [draw_with(noise, kl, [mu, rho, sum]), sum]
}

/// theta, whose gradients and those of a KL are added in one pass over the weight.
///
/// The KL stands before theta on the tape, so that its cotangent is whole when the way back comes to
/// theta, as long as nothing in between reads it. Theta is told to be made of it, takes this cotangent
/// and leaves a 0 in its place. Where the loss reads the KL alone, the KL passes it on itself.
#[track_caller]
fn draw_with<'t, S: Scalar, D: Divergence>(
    noise: Noise,
    kl: D,
    inputs: [Var<'t, S>; 3],
) -> Var<'t, S> {
    let sampler = Sampler(noise);
    let op = DrawWithKl { sampler, kl };
    inputs[0].tape().apply(op, inputs, inputs[0].shape())
}

/// A KL of one scalar of a weight.
trait Divergence: Copy + Send + Sync + 'static {
    /// Its derivatives with respect to mu and rho, where theta = mu + sigma eps is drawn and `added`
    /// is sigma eps.
    fn partials<S: Scalar>(&self, x: [S; 4]) -> [S; 2];
}

/// A function of mu and rho.
#[derive(Clone, Copy)]
struct Closed<F>(F);
impl<F: Pointwise<2>> Divergence for Closed<F> {
    #[inline(always)]
    fn partials<S: Scalar>(&self, [mu, rho, _, _]: [S; 4]) -> [S; 2] {
        self.0.partials([mu, rho], S::of(f64::NAN))
    }
}

/// log q(theta) - log p(theta), where the function is log p. log q is a function of rho and eps.
#[derive(Clone, Copy)]
struct Sampled<F>(F);
impl<F: Pointwise<1>> Divergence for Sampled<F> {
    #[inline(always)]
    fn partials<S: Scalar>(&self, [_, rho, theta, added]: [S; 4]) -> [S; 2] {
        let [score] = self.0.partials([theta], S::of(f64::NAN));
        let by_log_sigma = S::ONE + score.through(added);
        [-score, -by_log_sigma * log_softplus_derivative(rho)]
    }
}

/// Numbers at a time: few enough for the L1 cache.
const BLOCK: usize = 512;

/// What the draw added to mu, to within 5e-5 of sigma: an f32 holds that much of theta - mu where no
/// rho lies below the one bound and no theta beyond the other.
const READABLE: [f64; 2] = [-6.0, 4.0];

/// The noise of a weight, block by block.
#[derive(Clone, Copy)]
struct Sampler(Noise);

impl Sampler {
    fn sample<S: Scalar>(self, x: &Inputs<'_, S>, theta: &mut [S]) {
        pieces([&x[0], &x[1]], [], [theta], |start, [mu, rho], [], [y]| {
            let mut eps = [S::ZERO; BLOCK];
            for block in blocks(y.len(), BLOCK) {
                let eps = self.noise(start, &block, &mut eps);
                let operands = [&mu[block.clone()], &rho[block.clone()], eps];
                values(GaussianSample, operands, &mut y[block]);
            }
        });
    }
    /// Noise of the places `block` behind element `start`.
    fn noise<'a, S: Scalar>(
        self,
        start: usize,
        block: &Range<usize>,
        eps: &'a mut [S; BLOCK],
    ) -> &'a mut [S] {
        let eps = &mut eps[..block.len()];
        self.0.fill_normal_from((start + block.start) as u64, eps);
        eps
    }
    /// sigma eps of a block: read from theta, or where its digits do not suffice made again.
    fn added<'a, S: Scalar>(
        self,
        start: usize,
        block: &Range<usize>,
        [mu, rho, theta]: [&[S]; 3],
        memory: &'a mut [S; BLOCK],
    ) -> &'a [S] {
        let added = &mut memory[..block.len()];
        if !read(mu, rho, theta, added) {
            let mut eps = [S::ZERO; BLOCK];
            values(
                Perturbation,
                [rho, self.noise(start, block, &mut eps)],
                added,
            );
        }
        added
    }
}

/// Writes theta - mu, and says whether that is to be trusted.
#[allow(clippy::needless_bitwise_bool)] // no branch
fn read<S: Scalar>(mu: &[S], rho: &[S], theta: &[S], added: &mut [S]) -> bool {
    let [least, most] = READABLE.map(S::of);
    vectorize(
        rho.len(),
        #[inline(always)]
        move || {
            let mut bad = 0u32;
            for (((&mu, &rho), &theta), added) in mu.iter().zip(rho).zip(theta).zip(added) {
                *added = theta - mu;
                let good = (rho >= least) & (theta <= most) & (-theta <= most);
                bad |= u32::from(!good);
            }
            bad == 0
        },
    )
}

/// What both draws keep.
const KEEPS: Keeps = Keeps::Only {
    inputs: &[0, 1],
    output: true,
};

/// [`draw`]
struct Draw(Sampler);

impl<S: Scalar> Op<S> for Draw {
    fn name(&self) -> &'static str {
        GaussianSample::NAME
    }
    fn keeps(&self) -> Keeps {
        KEEPS
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        self.0.sample(x, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d_mu) = x_bar.of(0) {
            pieces([], [y_bar], [d_mu], |_, [], [y_bar], [d_mu]| {
                add(d_mu, y_bar);
            });
        }
        let Some(d_rho) = x_bar.of(1) else { return };
        let x = [&x[0], &x[1], y];
        pieces(x, [y_bar], [d_rho], |start, x, [y_bar], [d]| {
            let mut memory = [S::ZERO; BLOCK];
            for block in blocks(d.len(), BLOCK) {
                let x = x.map(|x| &x[block.clone()]);
                let added = self.0.added(start, &block, x, &mut memory);
                let y_bar = &y_bar[block.clone()];
                S::map(AddRhoTerm, [x[1], added], [y_bar; 2], [&mut d[block]]);
            }
        });
    }
}

/// Adds the cotangent of theta times sigmoid(rho) eps, which is what was added times the derivative of
/// ln sigma.
#[derive(Clone, Copy)]
struct AddRhoTerm;
impl Formula<2, 1> for AddRhoTerm {
    #[inline(always)]
    fn at<S: Scalar>(&self, [rho, added]: [S; 2], [y_bar, _]: [S; 2], [d]: [S; 1]) -> [S; 1] {
        [d + y_bar.through(added * log_softplus_derivative(rho))]
    }
}

/// [`draw_with`]
struct DrawWithKl<D> {
    sampler: Sampler,
    kl: D,
}

impl<S: Scalar, D: Divergence> Op<S> for DrawWithKl<D> {
    fn name(&self) -> &'static str {
        GaussianSample::NAME
    }
    fn keeps(&self) -> Keeps {
        KEEPS
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        self.sampler.sample(x, y);
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some([d_mu, d_rho, d_kl]) = x_bar.each() else {
            let kl_bar = x_bar.of(2).map_or(S::ZERO, |d| mem::take(&mut d[0]));
            let mut memory = [S::ZERO; BLOCK];
            for block in blocks(y_bar.len(), BLOCK) {
                let [mu, rho, theta] = [&x[0], &x[1], y].map(|x| &x[block.clone()]);
                let added = self.sampler.added(0, &block, [mu, rho, theta], &mut memory);
                let cotangents = [&y_bar[block.clone()], &[kl_bar; BLOCK][..block.len()]];
                add_apart(self.kl, [mu, rho, theta, added], cotangents, &block, x_bar);
            }
            return;
        };
        let kl_bar = mem::take(&mut d_kl.numbers[0]);
        let kl_bar = [if d_kl.is_new { S::ZERO } else { kl_bar }; BLOCK];
        let (are_new, d) = apart([d_mu, d_rho]);
        let x = [&x[0], &x[1], y];
        pieces(x, [y_bar], d, |start, x, [y_bar], mut d| {
            let mut memory = [S::ZERO; BLOCK];
            for block in blocks(y_bar.len(), BLOCK) {
                let d = part_of_each(&mut d, are_new, &block);
                let [mu, rho, theta] = x.map(|x| &x[block.clone()]);
                let added = self
                    .sampler
                    .added(start, &block, [mu, rho, theta], &mut memory);
                let cotangents = [&y_bar[block.clone()], &kl_bar[..block.len()]];
                S::map(AddTerms(self.kl), [mu, rho, theta, added], cotangents, d);
            }
        });
    }
}

/// Adds the gradients of a sample, and of the KL.
#[derive(Clone, Copy)]
struct AddTerms<D>(D);
impl<D: Divergence> Formula<4, 2> for AddTerms<D> {
    #[inline(always)]
    fn at<S: Scalar>(&self, x: [S; 4], [y_bar, kl_bar]: [S; 2], [d_mu, d_rho]: [S; 2]) -> [S; 2] {
        let [_, rho, _, added] = x;
        let [by_mu, by_rho] = self.0.partials(x);
        let [rho_term] = AddRhoTerm.at([rho, added], [y_bar; 2], [d_rho]);
        [
            d_mu + y_bar + kl_bar.through(by_mu),
            rho_term + kl_bar.through(by_rho),
        ]
    }
}

/// Adds the terms of a block to the gradients of those of mu and rho that want one.
fn add_apart<S: Scalar, D: Divergence>(
    kl: D,
    x: [&[S]; 4],
    cotangents: [&[S]; 2],
    block: &Range<usize>,
    x_bar: &mut Grads<'_, S>,
) {
    let mut terms = [[S::ZERO; BLOCK]; 2];
    let d = terms.each_mut().map(|terms| &mut terms[..block.len()]);
    S::map(AddTerms(kl), x, cotangents, d);
    for (k, terms) in terms.iter().enumerate() {
        if let Some(d) = x_bar.of(k) {
            add(&mut d[block.clone()], &terms[..block.len()]);
        }
    }
}

/// The sum of [`draw_with_sampled_kl`], which draws theta once more for each thing that is asked of it:
/// it knows the noise.
struct SampledKl<F> {
    sampler: Sampler,
    wanted: Wanted,
    kl: Sampled<F>,
}

impl<S: Scalar, F: Pointwise<1>> Op<S> for SampledKl<F> {
    fn name(&self) -> &'static str {
        "sampled_kl"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y[0] = S::ZERO;
        if self.wanted == Wanted::Gradient {
            return;
        }
        let [mut eps, mut theta, mut terms] = [[S::ZERO; BLOCK]; 3];
        let mut sum = Running::new(S::ZERO);
        for block in blocks(x[0].len(), BLOCK) {
            let n = block.len();
            let eps = self.sampler.noise(0, &block, &mut eps);
            let (mu, rho) = (&x[0][block.clone()], &x[1][block]);
            let (theta, terms) = (&mut theta[..n], &mut terms[..n]);
            values(GaussianSample, [mu, rho, eps], theta);
            values(LogQ, [rho, eps], terms);
            sum.add(reduce::sum(terms));
            values(self.kl.0, [theta], terms);
            sum.add(-reduce::sum(terms));
        }
        y[0] = sum.total();
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if y_bar[0].is_zero() {
            return;
        }
        let [mut eps, mut theta, mut added] = [[S::ZERO; BLOCK]; 3];
        for block in blocks(x[0].len(), BLOCK) {
            let n = block.len();
            let (mu, rho) = (&x[0][block.clone()], &x[1][block.clone()]);
            let eps = self.sampler.noise(0, &block, &mut eps);
            let (theta, added) = (&mut theta[..n], &mut added[..n]);
            values(GaussianSample, [mu, rho, eps], theta);
            values(Perturbation, [rho, eps], added);
            let cotangents = [&[S::ZERO; BLOCK][..n], &[y_bar[0]; BLOCK][..n]];
            let x = [mu, rho, theta, added];
            add_apart(self.kl, x, cotangents, &block, x_bar);
        }
    }
}

/// A prior of the laws.
#[cfg(any(test, feature = "proptest"))]
const MIXTURE: ScaleMixture = ScaleMixture {
    pi: 0.25,
    sigma1: 1.0,
    sigma2: 0.2,
};

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(Draw, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => draw(Noise::new(7), mu, rho)),
    law!(DrawWithKl, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
        let prior = Kl(Normal { mean: 0.5, std: 0.8 });
        let [theta, kl] = draw_with_kl(Noise::new(7), Wanted::Value, prior, mu, rho);
        theta + kl
    }),
    law!(SampledKl, "sampled_kl", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
        let [theta, kl] = draw_with_sampled_kl(Noise::new(7), Wanted::Value, LogProb(MIXTURE), mu, rho);
        theta + kl
    }),
    law!(SampledKl, "sampled_kl", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => {
        draw_with_sampled_kl(Noise::new(7), Wanted::Value, LogProb(MIXTURE), mu, rho)[1]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_added(
            weights in prop::collection::vec((-5f32..5.0, -7f32..3.0), 1..600),
            seed in 0u64..1000,
        ) {
            let (mu, rho): (Vec<f32>, Vec<f32>) = weights.into_iter().unzip();
            let (sampler, n) = (Sampler(Noise::new(seed)), mu.len());
            for block in blocks(n, BLOCK) {
                let [mut eps, mut memory] = [[0.0; BLOCK]; 2];
                let eps = sampler.noise(0, &block, &mut eps);
                let (mu, rho) = (&mu[block.clone()], &rho[block.clone()]);
                let mut theta = vec![0.0; block.len()];
                values(GaussianSample, [mu, rho, eps], &mut theta);
                let added = sampler.added(0, &block, [mu, rho, &theta], &mut memory);
                for ((added, eps), rho) in added.iter().zip(eps).zip(rho) {
                    let sigma = f64::from(*rho).softplus();
                    let error = f64::from(*added) - sigma * f64::from(*eps);
                    // and 2 ulp of sigma, of |eps| < 6.7
                    prop_assert!(error.abs() <= (5e-5 + 2e-6) * sigma, "{error:e} of {sigma:e}");
                }
            }
        }
    }
}
