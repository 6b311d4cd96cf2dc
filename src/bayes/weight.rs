//! [`Weight`]: a parameter that is a distribution.

use std::ops::Range;

use super::noise::Noise;
use super::pass::{Pass, Source};
use super::prior::Prior;
use crate::kernels::map::Formula;
use crate::kernels::reduce::add;
use crate::kernels::task::pieces;
use crate::kernels::{Scalar, special};
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::ops::{Pointwise, pointwise, pointwise_sum_wanted, values};
use crate::tape::{Grads, Inputs, Keeps, Module, Op, Path, Saved, Var};
use crate::tensor::Tensor;

/// The family of q(theta | phi), from which a [`Weight`] is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Posterior {
    /// An independent Gaussian for every scalar, with mean mu and standard deviation
    /// softplus(rho).
    MeanField {
        /// The standard deviation to start from.
        init_std: f64,
    },
    /// A single value: no distribution, no KL.
    Point,
}

impl Posterior {
    /// What a net starts with: a mean field of standard deviation 0.05.
    pub const DEFAULT: Posterior = Posterior::MeanField { init_std: 0.05 };
}

/// q(theta | mu, rho) for one tensor of parameters, and the prior it is held to.
///
/// ```text
/// theta = mu + softplus(rho) eps,   eps ~ N(0, 1)       (Blundell et al. 2015, section 3.2)
/// ```
///
/// log softplus(rho) is computed from rho directly, so that a weight may be as certain as it
/// likes: at rho = -200 the KL to N(0, 1) is 199.5 with gradient -1, in f32 as well.
#[derive(Clone, Debug)]
pub struct Weight<T = Tensor> {
    /// Means.
    pub mu: T,
    /// sigma = softplus(rho); `None` for a point.
    pub rho: Option<T>,
    /// The prior p(theta), the same for every scalar.
    pub prior: Prior,
}

impl Weight {
    /// A weight with the given means.
    ///
    /// # Panics
    /// If the posterior's `init_std` is not positive, or a parameter of the prior is out of range:
    /// `Normal(0, -1): std must be positive`.
    #[track_caller]
    pub fn new(mu: Tensor, posterior: Posterior, prior: Prior) -> Self {
        if let Some(complaint) = prior.complaint() {
            panic!("{prior}: {complaint}");
        }
        let rho = match posterior {
            Posterior::Point => None,
            Posterior::MeanField { init_std } => {
                assert!(
                    init_std > 0.0 && init_std.is_finite(),
                    "MeanField: init_std must be positive, not {init_std}"
                );
                let rho = special::softplus_inverse(init_std);
                Some(Tensor::full(mu.shape(), rho as f32))
            }
        };
        Weight { mu, rho, prior }
    }
    /// One draw of theta, as a point. The numbers are those that a [`Pass`] with this noise
    /// draws at the same site.
    #[must_use]
    pub fn sample(&self, noise: Noise) -> Self {
        let mut theta = self.mu.clone();
        if let Some(rho) = &self.rho {
            let mut eps = vec![0.0; rho.len()];
            noise.fill_normal(&mut eps);
            let operands = [self.mu.as_slice(), rho.as_slice(), &eps];
            values(GaussianSample, operands, theta.as_mut_slice());
        }
        Weight {
            mu: theta,
            rho: None,
            prior: self.prior,
        }
    }
    /// Which family the posterior is of.
    pub fn posterior_name(&self) -> &'static str {
        if self.rho.is_some() {
            "MeanField"
        } else {
            "Point"
        }
    }
}

impl<T> Module<T> for Weight<T> {
    type Of<U> = Weight<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Weight<U> {
        Weight {
            mu: f(path.at("mu"), &self.mu),
            rho: self.rho.as_ref().map(|rho| f(path.at("rho"), rho)),
            prior: self.prior,
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        f(path.at("mu"), &self.mu);
        if let Some(rho) = &self.rho {
            f(path.at("rho"), rho);
        }
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        f(path.at("mu"), &mut self.mu);
        if let Some(rho) = &mut self.rho {
            f(path.at("rho"), rho);
        }
    }
}

impl<'t, S: Scalar> Weight<Var<'t, S>> {
    /// theta, drawn with the noise of the site `name`; its KL is written down.
    pub fn draw(&self, name: &str, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let Some(rho) = self.rho else { return self.mu };
        let (mu, shape) = (self.mu, self.mu.shape());
        let closed = self.write_closed_kl(rho, pass);
        if let (true, Source::Drawn(noise)) = (closed, pass.source(name)) {
            return pass.tape().apply(Draw(noise), [mu, rho], shape);
        }
        let eps = pass.normal(name, shape);
        let theta = pointwise(GaussianSample, [mu, rho, eps]);
        if !closed {
            let wanted = pass.kl_wanted();
            let log_q = pointwise_sum_wanted(wanted, LogQ, [rho, eps]);
            let log_p = self.prior.log_prob_wanted(wanted, theta);
            pass.write_sampled(log_q - log_p);
        }
        theta
    }
    /// Writes down the KL without drawing theta for anything else.
    pub(super) fn write_kl(&self, name: &str, pass: &Pass<'_, 't, S>) {
        let Some(rho) = self.rho else { return };
        if !self.write_closed_kl(rho, pass) {
            self.draw(name, pass);
        }
    }
    fn write_closed_kl(&self, rho: Var<'t, S>, pass: &Pass<'_, 't, S>) -> bool {
        let closed = pass.wants_closed_form() && self.prior.has_closed_form();
        if closed {
            pass.write_closed(|| self.prior.kl_wanted(pass.kl_wanted(), self.mu, rho));
        }
        closed
    }
    /// softplus(rho)², the variance of theta; `None` for a point.
    pub fn variance(&self) -> Option<Var<'t, S>> {
        self.rho.map(|rho| pointwise(Variance, [rho]))
    }
}

/// theta = mu + softplus(rho) eps
#[derive(Clone, Copy)]
struct GaussianSample;
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
struct Draw(Noise);

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
struct LogQ;
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
struct Variance;
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
pub(super) const LAWS: &[Law] = &[
    law!(Draw, "gaussian_sample", (mu: "ab" in Domain::REAL, rho: "ab" in Domain::REAL) => mu.tape().apply(Draw(Noise::new(7)), [mu, rho], mu.shape())),
    law!(GaussianSample, "gaussian_sample", (mu: "..." in Domain::REAL, rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(GaussianSample, [mu, rho, eps])),
    law!(LogQ, "log_q", (rho: "..." in Domain::REAL, eps: "..." in Domain::REAL) => pointwise(LogQ, [rho, eps])),
    law!(Variance, "variance", (rho: "..." in Domain::REAL) => pointwise(Variance, [rho])),
];
