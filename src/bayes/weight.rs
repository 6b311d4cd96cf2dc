//! [`Weight`]: a parameter that is a distribution.
//!
//! Here posterior and prior meet. Of the mean field and the Gaussian, whose KL is in closed form,
//! everything is fused; all others are put together from what each knows by itself:
//!
//! ```text
//! KL(q || p) = E_q[-log p(theta)] - H(q)
//! ```
//!
//! with the entropy H from the posterior, and the cross-entropy from the prior, which takes the
//! means and variances of q where it has a closed form, and theta itself where it has none.

use super::noise::Noise;
use super::pass::{Ledger, Pass, Source};
use super::posterior::draw::draw;
use super::posterior::mean_field::{GaussianSample, LogQ};
use super::posterior::{MeanField, Posterior, Spread};
use super::prior::Prior;
use crate::kernels::Scalar;
use crate::ops::{Wanted, pointwise, pointwise_sum_wanted, values};
use crate::tape::{Module, Path, Tape, Var};
use crate::tensor::Tensor;

/// q(theta | phi) for one tensor of parameters, and the prior it is held to.
#[derive(Clone, Debug)]
pub struct Weight<T = Tensor> {
    /// Means.
    pub mu: T,
    /// How q spreads around them.
    pub spread: Spread<T>,
    /// The prior p(theta), the same for every scalar.
    pub prior: Prior,
    /// The scale of a prior that learns it is softplus(prior_rho); `None` for all others.
    pub prior_rho: Option<T>,
}

impl<T> Weight<T> {
    /// Independent Gaussians of means mu and standard deviations softplus(rho).
    pub fn mean_field(mu: T, rho: T, prior: Prior) -> Self {
        Weight {
            mu,
            spread: Spread::MeanField(MeanField { rho }),
            prior,
            prior_rho: None,
        }
    }
    /// Values that are known.
    pub fn point(mu: T, prior: Prior) -> Self {
        Weight {
            mu,
            spread: Spread::Point,
            prior,
            prior_rho: None,
        }
    }
    /// rho of a mean field; `None` for other posteriors.
    pub fn rho(&self) -> Option<&T> {
        match &self.spread {
            Spread::MeanField(MeanField { rho }) => Some(rho),
            _ => None,
        }
    }
    /// Which family the posterior is of.
    pub fn posterior_name(&self) -> &'static str {
        self.spread.name()
    }
}

impl Weight {
    /// A weight with the given means.
    ///
    /// # Panics
    /// If the posterior's `init_std` is not positive, or a parameter of the prior is out of range:
    /// `Normal(0, -1): std must be positive`.
    #[track_caller]
    pub fn new(mu: Tensor, posterior: Posterior, prior: Prior) -> Self {
        Weight::below(0, mu, posterior, prior)
    }
    /// The bias that belongs to this weight: where a posterior is joint over a layer, as
    /// [`FullCovariance`](super::FullCovariance) is, the two are correlated. A layer draws them at
    /// its sites `weight` and `bias`.
    ///
    /// # Panics
    /// As [`new`](Weight::new) does.
    #[must_use]
    #[track_caller]
    pub fn bias(&self, mu: Tensor, posterior: Posterior, prior: Prior) -> Self {
        Weight::below(self.mu.len(), mu, posterior, prior)
    }
    #[track_caller]
    fn below(before: usize, mu: Tensor, posterior: Posterior, prior: Prior) -> Self {
        if let Some(complaint) = prior.complaint() {
            panic!("{prior}: {complaint}");
        }
        let spread = Spread::new(posterior, mu.shape(), before);
        let learned = prior
            .learned_rho()
            .filter(|_| posterior != Posterior::Point);
        Weight {
            mu,
            spread,
            prior,
            prior_rho: learned.map(|rho| Tensor::scalar(rho as f32)),
        }
    }
    /// One draw of theta, as a point. The numbers are those that a [`Pass`] with this noise, which
    /// is that of the layer, draws at the site `name`.
    #[must_use]
    pub fn sample(&self, name: &str, noise: Noise) -> Self {
        let theta = match &self.spread {
            Spread::Point => self.mu.clone(),
            Spread::MeanField(MeanField { rho }) => {
                let mut theta = self.mu.clone();
                let mut eps = vec![0.0; rho.len()];
                noise.at(name).fill_normal(&mut eps);
                let operands = [self.mu.as_slice(), rho.as_slice(), &eps];
                values(GaussianSample, operands, theta.as_mut_slice());
                theta
            }
            _ => {
                let tape = Tape::new();
                let on = self.map(Path::ROOT, &mut |_, leaf| tape.constant(leaf));
                let ledger = Ledger::default();
                on.theta(name, &Pass::new(&tape, &ledger, noise)).value()
            }
        };
        Weight::point(theta, self.prior)
    }
}

impl<T> Module<T> for Weight<T> {
    type Of<U> = Weight<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Weight<U> {
        Weight {
            mu: f(path.at("mu"), &self.mu),
            spread: self.spread.map(path, f),
            prior: self.prior,
            prior_rho: self
                .prior_rho
                .as_ref()
                .map(|rho| f(path.at("prior_rho"), rho)),
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        f(path.at("mu"), &self.mu);
        self.spread.visit(path, f);
        if let Some(rho) = &self.prior_rho {
            f(path.at("prior_rho"), rho);
        }
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        f(path.at("mu"), &mut self.mu);
        self.spread.visit_mut(path, f);
        if let Some(rho) = &mut self.prior_rho {
            f(path.at("prior_rho"), rho);
        }
    }
}

impl<'t, S: Scalar> Weight<Var<'t, S>> {
    /// theta, drawn with the noise of the site `name`; its KL is written down.
    pub fn draw(&self, name: &str, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let Spread::MeanField(MeanField { rho }) = self.spread else {
            let theta = self.theta(name, pass);
            self.write_kl_at(|| theta, pass);
            return theta;
        };
        let closed = self.has_closed_kl(pass);
        if let Source::Drawn(noise) = pass.source(name) {
            let (prior, wanted, mu) = (self.prior, pass.kl_wanted(), self.mu);
            if closed && !pass.is_first_draw() {
                return draw(noise, mu, rho);
            }
            if closed {
                if let Some([theta, kl]) = prior.draw_with_kl(noise, wanted, mu, rho) {
                    pass.write_closed(kl);
                    return theta;
                }
                self.write_closed_kl(pass);
                return draw(noise, mu, rho);
            }
            if self.prior_rho.is_none() {
                let [theta, kl] = prior.draw_with_sampled_kl(noise, wanted, mu, rho);
                pass.write_sampled(kl);
                return theta;
            }
        }
        let eps = pass.normal(name, self.mu.shape());
        let theta = pointwise(GaussianSample, [self.mu, rho, eps]);
        if closed {
            self.write_closed_kl(pass);
        } else {
            self.write_log_ratio(rho, eps, theta, pass);
        }
        theta
    }
    /// theta - mu, drawn with the noise of the site `name`; the KL is written down. `None` for a
    /// point.
    pub(super) fn perturb(&self, name: &str, pass: &Pass<'_, 't, S>) -> Option<Var<'t, S>> {
        let perturbation = self.spread.perturbation(name, self.mu.shape(), pass)?;
        self.write_kl_at(|| self.mu + perturbation, pass);
        Some(perturbation)
    }
    /// Writes down the KL without drawing theta for anything else.
    pub(super) fn write_kl(&self, name: &str, pass: &Pass<'_, 't, S>) {
        if self.has_closed_kl(pass) {
            self.write_closed_kl(pass);
        } else {
            self.draw(name, pass);
        }
    }
    /// The variance of each number of theta; `None` for a point.
    pub fn variance(&self) -> Option<Var<'t, S>> {
        self.spread.variance(self.mu.shape())
    }
    fn theta(&self, name: &str, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let perturbation = self.spread.perturbation(name, self.mu.shape(), pass);
        perturbation.map_or(self.mu, |perturbation| self.mu + perturbation)
    }
    fn has_closed_kl(&self, pass: &Pass<'_, 't, S>) -> bool {
        let fits = self.spread.has_gaussian_marginals() || self.prior.needs_moments_alone();
        pass.wants_closed_form() && self.prior.has_closed_form() && fits
    }
    fn write_closed_kl(&self, pass: &Pass<'_, 't, S>) {
        if !pass.is_first_draw() {
            return;
        }
        let wanted = pass.kl_wanted();
        if let Spread::MeanField(MeanField { rho }) = self.spread
            && let Some(kl) = self.prior.fused_kl(wanted, self.mu, rho)
        {
            pass.write_closed(kl);
        } else if let (Some(variance), Some(entropy)) = (self.variance(), self.entropy())
            && let Some(cross) = self
                .prior
                .cross_entropy(wanted, self.mu, variance, self.prior_rho)
        {
            pass.write_closed(as_wanted(wanted, cross - entropy));
        }
    }
    /// The KL in closed form where there is one, else with theta at this draw.
    fn write_kl_at(&self, theta: impl FnOnce() -> Var<'t, S>, pass: &Pass<'_, 't, S>) {
        if self.has_closed_kl(pass) {
            self.write_closed_kl(pass);
        } else if let Some(entropy) = self.entropy() {
            let wanted = pass.kl_wanted();
            let log_p = self.prior.log_prob_of(wanted, theta(), self.prior_rho);
            pass.write_sampled(as_wanted(wanted, -entropy - log_p));
        }
    }
    fn entropy(&self) -> Option<Var<'t, S>> {
        self.spread.entropy(self.mu.shape())
    }
    /// log q(theta) - log p(theta) of a mean field at the draw theta of the noise eps.
    fn write_log_ratio(
        &self,
        rho: Var<'t, S>,
        eps: Var<'t, S>,
        theta: Var<'t, S>,
        pass: &Pass<'_, 't, S>,
    ) {
        let wanted = pass.kl_wanted();
        let log_q = pointwise_sum_wanted(wanted, LogQ, [rho, eps]);
        let log_p = self.prior.log_prob_of(wanted, theta, self.prior_rho);
        pass.write_sampled(log_q - log_p);
    }
}

/// The term itself, or 0 with its gradient.
fn as_wanted<S: Scalar>(wanted: Wanted, term: Var<'_, S>) -> Var<'_, S> {
    match wanted {
        Wanted::Value => term,
        Wanted::Gradient => term - term.detach(),
    }
}
