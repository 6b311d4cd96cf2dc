//! [`Prior`]: what is believed of a weight before data.
//!
//! Each prior is one file: its log density over the draws, the closed form of its KL from a mean
//! field if there is one, both as operations with their derivatives.

pub(super) mod laplace;
pub(super) mod normal;
pub(super) mod scale_mixture;

use std::fmt::{self, Display};

use super::noise::Noise;
use super::posterior::draw::{draw_with_kl, draw_with_sampled_kl};
use crate::dist::{Laplace, Normal, ScaleMixture};
use crate::kernels::Scalar;
use crate::ops::Wanted;
use crate::tape::Var;

/// The prior of every scalar of a [`Weight`](super::Weight), independently.
///
/// | prior | density | KL from a mean field |
/// | --- | --- | --- |
/// | [`Normal`] | N(mean, std²) | closed form |
/// | [`Laplace`] | Laplace(location, scale) | closed form |
/// | [`ScaleMixture`] | pi N(0, sigma1²) + (1 - pi) N(0, sigma2²) | Monte Carlo |
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Prior {
    /// Gaussian; `std` is a standard deviation.
    Normal(Normal<f64>),
    /// Laplace.
    Laplace(Laplace<f64>),
    /// Mixture of two Gaussians around 0: Blundell et al. (2015), equation 7.
    ScaleMixture(ScaleMixture),
}

impl Prior {
    /// N(mean, std²).
    pub const fn normal(mean: f64, std: f64) -> Self {
        Prior::Normal(Normal { mean, std })
    }
    /// Laplace(location, scale).
    pub const fn laplace(location: f64, scale: f64) -> Self {
        Prior::Laplace(Laplace { location, scale })
    }
    /// pi N(0, sigma1²) + (1 - pi) N(0, sigma2²).
    pub const fn scale_mixture(pi: f64, sigma1: f64, sigma2: f64) -> Self {
        Prior::ScaleMixture(ScaleMixture { pi, sigma1, sigma2 })
    }
    /// log p(theta), summed over all scalars.
    pub fn log_prob<'t, S: Scalar>(&self, theta: Var<'t, S>) -> Var<'t, S> {
        self.log_prob_wanted(Wanted::Value, theta)
    }
    pub(super) fn log_prob_wanted<'t, S: Scalar>(
        &self,
        wanted: Wanted,
        theta: Var<'t, S>,
    ) -> Var<'t, S> {
        match *self {
            Prior::Normal(p) => normal::log_prob(wanted, p, theta),
            Prior::Laplace(p) => laplace::log_prob(wanted, p, theta),
            Prior::ScaleMixture(p) => scale_mixture::log_prob(wanted, p, theta),
        }
    }
    /// Whether KL(N(mu, softplus(rho)²) || p) has a closed form.
    pub fn has_closed_form(&self) -> bool {
        match self {
            Prior::Normal(_) | Prior::Laplace(_) => true,
            Prior::ScaleMixture(_) => false,
        }
    }
    /// KL(N(mu, softplus(rho)²) || p), summed over all scalars.
    ///
    /// # Panics
    /// If there is no closed form.
    #[track_caller]
    pub fn kl<'t, S: Scalar>(&self, mu: Var<'t, S>, rho: Var<'t, S>) -> Var<'t, S> {
        self.kl_wanted(Wanted::Value, mu, rho)
    }
    #[track_caller]
    pub(super) fn kl_wanted<'t, S: Scalar>(
        &self,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> Var<'t, S> {
        match *self {
            Prior::Normal(p) => normal::kl(wanted, p, mu, rho),
            Prior::Laplace(p) => laplace::kl(wanted, p, mu, rho),
            Prior::ScaleMixture(_) => panic!("{self}: the KL has no closed form"),
        }
    }
    /// theta, drawn by `noise` from N(mu, softplus(rho)²), and its KL in closed form.
    ///
    /// # Panics
    /// If there is no closed form.
    #[track_caller]
    pub(super) fn draw_with_kl<'t, S: Scalar>(
        &self,
        noise: Noise,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> [Var<'t, S>; 2] {
        match *self {
            Prior::Normal(p) => draw_with_kl(noise, wanted, normal::Kl(p), mu, rho),
            Prior::Laplace(p) => draw_with_kl(noise, wanted, laplace::Kl(p), mu, rho),
            Prior::ScaleMixture(_) => panic!("{self}: the KL has no closed form"),
        }
    }
    /// theta, drawn by `noise` from N(mu, softplus(rho)²), and log q(theta) - log p(theta).
    #[track_caller]
    pub(super) fn draw_with_sampled_kl<'t, S: Scalar>(
        &self,
        noise: Noise,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> [Var<'t, S>; 2] {
        match *self {
            Prior::Normal(p) => draw_with_sampled_kl(noise, wanted, normal::LogProb(p), mu, rho),
            Prior::Laplace(p) => draw_with_sampled_kl(noise, wanted, laplace::LogProb(p), mu, rho),
            Prior::ScaleMixture(p) => {
                draw_with_sampled_kl(noise, wanted, scale_mixture::LogProb(p), mu, rho)
            }
        }
    }
    /// What is wrong with the parameters, if anything.
    pub fn complaint(&self) -> Option<&'static str> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        match *self {
            Prior::Normal(p) if !positive(p.std) => Some("std must be positive"),
            Prior::Normal(p) if !p.mean.is_finite() => Some("mean must be finite"),
            Prior::Laplace(p) if !positive(p.scale) => Some("scale must be positive"),
            Prior::Laplace(p) if !p.location.is_finite() => Some("location must be finite"),
            Prior::ScaleMixture(p) if !(0.0..=1.0).contains(&p.pi) => {
                Some("pi must lie between 0 and 1")
            }
            Prior::ScaleMixture(p) if !(positive(p.sigma1) && positive(p.sigma2)) => {
                Some("sigma1 and sigma2 must be positive")
            }
            _ => None,
        }
    }
}

impl Display for Prior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Prior::Normal(p) => write!(f, "Normal({}, {})", p.mean, p.std),
            Prior::Laplace(p) => write!(f, "Laplace({}, {})", p.location, p.scale),
            Prior::ScaleMixture(p) => {
                write!(f, "ScaleMixture({}, {}, {})", p.pi, p.sigma1, p.sigma2)
            }
        }
    }
}
