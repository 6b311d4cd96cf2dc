//! [`Weight`]: a parameter that is a distribution.

use super::noise::Noise;
use super::pass::{Pass, Source};
use super::posterior::draw::draw;
use super::posterior::mean_field::{GaussianSample, LogQ, Perturbation, Variance};
use super::prior::Prior;
use crate::kernels::{Scalar, special};
use crate::ops::{pointwise, pointwise_sum_wanted, values};
use crate::tape::{Module, Path, Var};
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
        let closed = self.has_closed_kl(pass);
        if let Source::Drawn(noise) = pass.source(name) {
            let (prior, wanted) = (self.prior, pass.kl_wanted());
            if closed && !pass.is_first_draw() {
                return draw(noise, mu, rho);
            }
            if closed {
                let [theta, kl] = prior.draw_with_kl(noise, wanted, mu, rho);
                pass.write_closed(kl);
                return theta;
            }
            let [theta, kl] = prior.draw_with_sampled_kl(noise, wanted, mu, rho);
            pass.write_sampled(kl);
            return theta;
        }
        if closed {
            self.write_closed_kl(rho, pass);
        }
        let eps = pass.normal(name, shape);
        let theta = pointwise(GaussianSample, [mu, rho, eps]);
        if !closed {
            self.write_sampled_kl(rho, eps, theta, pass);
        }
        theta
    }
    /// theta - mu, drawn with the noise of the site `name`; the KL is written down. `None` for a
    /// point.
    pub(super) fn perturb(&self, name: &str, pass: &Pass<'_, 't, S>) -> Option<Var<'t, S>> {
        let rho = self.rho?;
        let eps = pass.normal(name, self.mu.shape());
        let perturbation = pointwise(Perturbation, [rho, eps]);
        if self.has_closed_kl(pass) {
            self.write_closed_kl(rho, pass);
        } else {
            self.write_sampled_kl(rho, eps, self.mu + perturbation, pass);
        }
        Some(perturbation)
    }
    /// Writes down the KL without drawing theta for anything else.
    pub(super) fn write_kl(&self, name: &str, pass: &Pass<'_, 't, S>) {
        let Some(rho) = self.rho else { return };
        if self.has_closed_kl(pass) {
            self.write_closed_kl(rho, pass);
        } else {
            self.draw(name, pass);
        }
    }
    fn has_closed_kl(&self, pass: &Pass<'_, 't, S>) -> bool {
        pass.wants_closed_form() && self.prior.has_closed_form()
    }
    fn write_closed_kl(&self, rho: Var<'t, S>, pass: &Pass<'_, 't, S>) {
        if pass.is_first_draw() {
            pass.write_closed(self.prior.kl_wanted(pass.kl_wanted(), self.mu, rho));
        }
    }
    /// log q(theta) - log p(theta) at the draw theta of the noise eps.
    fn write_sampled_kl(
        &self,
        rho: Var<'t, S>,
        eps: Var<'t, S>,
        theta: Var<'t, S>,
        pass: &Pass<'_, 't, S>,
    ) {
        let wanted = pass.kl_wanted();
        let log_q = pointwise_sum_wanted(wanted, LogQ, [rho, eps]);
        let log_p = self.prior.log_prob_wanted(wanted, theta);
        pass.write_sampled(log_q - log_p);
    }
    /// softplus(rho)², the variance of theta; `None` for a point.
    pub fn variance(&self) -> Option<Var<'t, S>> {
        self.rho.map(|rho| pointwise(Variance, [rho]))
    }
}
