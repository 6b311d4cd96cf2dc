//! [`Prior`]: what is believed of a weight before data.
//!
//! Each prior is one file: its log density at draws, its cross-entropy for means and variances
//! where that has a closed form, both as operations with their derivatives. Of Normal and Laplace
//! the KL of a mean field is one operation.

pub(super) mod horseshoe;
pub(super) mod laplace;
pub(super) mod learned;
pub(super) mod normal;
pub(super) mod own;
pub(super) mod scale_mixture;
pub(super) mod student_t;

pub use own::{LogDensity, OwnPrior};

use std::fmt::{self, Display};

use super::Noise;
use super::posterior::draw::{draw_with_kl, draw_with_sampled_kl};
use super::posterior::mean_field::{Entropy, Variance};
use crate::dist::{Laplace, Normal, ScaleMixture};
use crate::kernels::Scalar;
use crate::ops::{Wanted, pointwise, pointwise_sum, pointwise_sum_wanted};
use crate::tape::Var;

/// The prior of every scalar of a [`Weight`](super::Weight), independently.
///
/// | prior | density | KL |
/// | --- | --- | --- |
/// | [`Normal`] | N(mean, std²) | closed form |
/// | [`LearnedNormal`](Prior::LearnedNormal) | N(mean, std²), std learned | closed form |
/// | [`Laplace`] | Laplace(location, scale) | closed form, but for [`Radial`](super::Radial) |
/// | [`Horseshoe`](Prior::Horseshoe) | N(0, scale² lambda²), lambda ~ half-Cauchy(0, 1) | closed form, with the lambdas |
/// | [`ScaleMixture`] | pi N(0, sigma1²) + (1 - pi) N(0, sigma2²) | Monte Carlo |
/// | [`StudentT`](Prior::StudentT) | t with df degrees of freedom | Monte Carlo |
/// | [`Cauchy`](Prior::Cauchy) | t with one degree of freedom | Monte Carlo |
/// | [`Own`](Prior::Own) | a [`LogDensity`] | Monte Carlo |
///
/// A closed form is one for every posterior, of its means, its variances and its entropy.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Prior {
    /// Gaussian; `std` is a standard deviation.
    Normal(Normal<f64>),
    /// Laplace.
    Laplace(Laplace<f64>),
    /// Mixture of two Gaussians around 0: Blundell et al. (2015), equation 7.
    ScaleMixture(ScaleMixture),
    /// Student's t:
    ///
    /// ```text
    /// log p(w) = -(df + 1)/2 ln(1 + z²/df) - ln scale + constant,   z = (w - location) / scale
    /// ```
    StudentT {
        /// Degrees of freedom: the tails fall as |w|^-(df + 1).
        df: f64,
        /// The median.
        location: f64,
        /// The unit of distance.
        scale: f64,
    },
    /// Cauchy, log p(w) = -ln(1 + z²) - ln(π scale), z = (w - location) / scale.
    Cauchy {
        /// The median.
        location: f64,
        /// Half of the weights lie within this distance of it.
        scale: f64,
    },
    /// The horseshoe (Carvalho, Polson and Scott 2010): a Gaussian for each weight, whose scale has
    /// a half-Cauchy prior, so that small weights are shrunk to 0 and large ones are left alone.
    ///
    /// ```text
    /// w ~ N(0, scale² lambda²),   lambda ~ half-Cauchy(0, 1)
    /// ```
    ///
    /// The KL is that of weights and lambdas together, from the posterior of the lambdas that is
    /// best beside the one of the weights, in closed form: an upper bound of the KL of the weights
    /// alone, so that the ELBO is one bound more below the evidence. By
    /// [`KlEstimate::MonteCarlo`](super::KlEstimate) it is the weights' alone, whose density has a
    /// pole at 0, and whose gradient has so heavy a tail that it is of little use in training.
    Horseshoe {
        /// The global scale, which says how many weights are far from 0; the smaller, the fewer.
        scale: f64,
    },
    /// Gaussian, whose `std` is a parameter that starts here and is learned with the others: the
    /// value that makes the ELBO largest, empirical Bayes. Each tensor of weights has its own, so
    /// a layer has one for its weights and, if they ask for it, one for its biases.
    LearnedNormal(Normal<f64>),
    /// One of a user's own.
    Own(OwnPrior),
}

/// Uses the log density of a prior, an operation whose type only a `match` knows; of a scale that is
/// learned, where it starts.
macro_rules! with_log_density {
    ($prior:expr, |$log_p:ident| $use:expr) => {
        match $prior {
            Prior::Normal(p) | Prior::LearnedNormal(p) => {
                let $log_p = normal::LogProb(p);
                $use
            }
            Prior::Laplace(p) => {
                let $log_p = laplace::LogProb(p);
                $use
            }
            Prior::ScaleMixture(p) => {
                let $log_p = scale_mixture::LogProb(p);
                $use
            }
            Prior::StudentT {
                df,
                location,
                scale,
            } => {
                let $log_p = student_t::LogProb::new(df, location, scale);
                $use
            }
            Prior::Cauchy { location, scale } => {
                let $log_p = student_t::LogProb::new(1.0, location, scale);
                $use
            }
            Prior::Horseshoe { scale } => {
                let $log_p = horseshoe::LogProb { scale };
                $use
            }
            Prior::Own(p) => {
                let $log_p = own::LogProb(p);
                $use
            }
        }
    };
}

impl Prior {
    /// N(mean, std²).
    pub const fn normal(mean: f64, std: f64) -> Self {
        Prior::Normal(Normal { mean, std })
    }
    /// N(mean, std²), of which std is learned and starts here.
    pub const fn learned_normal(mean: f64, std: f64) -> Self {
        Prior::LearnedNormal(Normal { mean, std })
    }
    /// Laplace(location, scale).
    pub const fn laplace(location: f64, scale: f64) -> Self {
        Prior::Laplace(Laplace { location, scale })
    }
    /// pi N(0, sigma1²) + (1 - pi) N(0, sigma2²).
    pub const fn scale_mixture(pi: f64, sigma1: f64, sigma2: f64) -> Self {
        Prior::ScaleMixture(ScaleMixture { pi, sigma1, sigma2 })
    }
    /// Student's t with `df` degrees of freedom.
    pub const fn student_t(df: f64, location: f64, scale: f64) -> Self {
        Prior::StudentT {
            df,
            location,
            scale,
        }
    }
    /// Cauchy(location, scale).
    pub const fn cauchy(location: f64, scale: f64) -> Self {
        Prior::Cauchy { location, scale }
    }
    /// The horseshoe of a global scale.
    pub const fn horseshoe(scale: f64) -> Self {
        Prior::Horseshoe { scale }
    }
    /// A prior of one's own, which a `bayes_net!` names by its path. It is asked by reference, as
    /// all nets and their copies share it:
    ///
    /// ```
    /// # use elbo::{Scalar, bayes::{LogDensity, Prior}};
    /// # #[derive(Debug)]
    /// # struct Quartic;
    /// # impl LogDensity for Quartic {
    /// #     fn log_prob<S: Scalar>(&self, w: S) -> S { -(w * w * w * w) }
    /// # }
    /// const PRIOR: Prior = Prior::own(&Quartic);
    /// ```
    pub const fn own<P: LogDensity>(prior: &'static P) -> Self {
        Prior::Own(OwnPrior::new(prior))
    }
    /// log p(theta), summed over all scalars; of a scale that is learned, where it starts.
    pub fn log_prob<'t, S: Scalar>(&self, theta: Var<'t, S>) -> Var<'t, S> {
        self.log_prob_of(Wanted::Value, theta, None)
    }
    /// [`log_prob`](Prior::log_prob), as far as it is wanted, with the rho of a learned scale.
    pub(super) fn log_prob_of<'t, S: Scalar>(
        &self,
        wanted: Wanted,
        theta: Var<'t, S>,
        rho: Option<Var<'t, S>>,
    ) -> Var<'t, S> {
        match (*self, rho) {
            (Prior::LearnedNormal(p), Some(rho)) => learned::log_prob(wanted, p.mean, theta, rho),
            (prior, _) => {
                with_log_density!(prior, |log_p| pointwise_sum_wanted(wanted, log_p, [theta]))
            }
        }
    }
    /// Whether the KL from a Gaussian posterior has a closed form.
    pub fn has_closed_form(&self) -> bool {
        match self {
            Prior::Normal(_)
            | Prior::Laplace(_)
            | Prior::Horseshoe { .. }
            | Prior::LearnedNormal(_) => true,
            Prior::ScaleMixture(_)
            | Prior::StudentT { .. }
            | Prior::Cauchy { .. }
            | Prior::Own(_) => false,
        }
    }
    /// Whether the cross-entropy asks nothing of q but means and variances.
    pub(super) fn needs_moments_alone(&self) -> bool {
        self.has_closed_form() && !matches!(self, Prior::Laplace(_))
    }
    /// KL(N(mu, softplus(rho)²) || p), summed over all scalars; of a scale that is learned, where
    /// it starts.
    ///
    /// # Panics
    /// If there is no closed form.
    #[track_caller]
    pub fn kl<'t, S: Scalar>(&self, mu: Var<'t, S>, rho: Var<'t, S>) -> Var<'t, S> {
        if let Some(kl) = self.fused_kl(Wanted::Value, mu, rho) {
            return kl;
        }
        match self.cross_entropy(Wanted::Value, mu, pointwise(Variance, [rho]), None) {
            Some(cross) => cross - pointwise_sum(Entropy, [rho]),
            None => panic!("{self}: the KL has no closed form"),
        }
    }
    /// The KL of a mean field, where it is one operation.
    #[track_caller]
    pub(super) fn fused_kl<'t, S: Scalar>(
        &self,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> Option<Var<'t, S>> {
        match *self {
            Prior::Normal(p) => Some(normal::kl(wanted, p, mu, rho)),
            Prior::Laplace(p) => Some(laplace::kl(wanted, p, mu, rho)),
            _ => None,
        }
    }
    /// theta, drawn by `noise` from N(mu, softplus(rho)²), and its KL, where that is one operation.
    #[track_caller]
    pub(super) fn draw_with_kl<'t, S: Scalar>(
        &self,
        noise: Noise,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> Option<[Var<'t, S>; 2]> {
        match *self {
            Prior::Normal(p) => Some(draw_with_kl(noise, wanted, normal::Kl(p), mu, rho)),
            Prior::Laplace(p) => Some(draw_with_kl(noise, wanted, laplace::Kl(p), mu, rho)),
            _ => None,
        }
    }
    /// theta, drawn by `noise` from N(mu, softplus(rho)²), and log q(theta) - log p(theta); of a
    /// scale that is learned, where it starts.
    #[track_caller]
    pub(super) fn draw_with_sampled_kl<'t, S: Scalar>(
        &self,
        noise: Noise,
        wanted: Wanted,
        mu: Var<'t, S>,
        rho: Var<'t, S>,
    ) -> [Var<'t, S>; 2] {
        with_log_density!(*self, |log_p| draw_with_sampled_kl(
            noise, wanted, log_p, mu, rho
        ))
    }
    /// E[-log p(theta)] for Gaussian weights of these means and variances, summed over all
    /// scalars, as far as it is wanted, with the rho of a learned scale; `None` without a closed
    /// form.
    pub(super) fn cross_entropy<'t, S: Scalar>(
        &self,
        wanted: Wanted,
        mu: Var<'t, S>,
        variance: Var<'t, S>,
        rho: Option<Var<'t, S>>,
    ) -> Option<Var<'t, S>> {
        match *self {
            Prior::Normal(p) => Some(normal::cross_entropy(wanted, p, mu, variance)),
            Prior::Laplace(p) => Some(laplace::cross_entropy(wanted, p, mu, variance)),
            Prior::Horseshoe { scale } => {
                Some(horseshoe::cross_entropy(wanted, scale, mu, variance))
            }
            Prior::LearnedNormal(p) => Some(match rho {
                Some(rho) => learned::cross_entropy(wanted, p.mean, mu, variance, rho),
                None => normal::cross_entropy(wanted, p, mu, variance),
            }),
            Prior::ScaleMixture(_)
            | Prior::StudentT { .. }
            | Prior::Cauchy { .. }
            | Prior::Own(_) => None,
        }
    }
    /// The rho that a learned scale starts from; `None` where there is nothing to learn.
    pub(super) fn learned_rho(&self) -> Option<f64> {
        match *self {
            Prior::LearnedNormal(p) => Some(learned::initial(p)),
            _ => None,
        }
    }
    /// What is wrong with the parameters, if anything.
    pub fn complaint(&self) -> Option<&'static str> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        match *self {
            Prior::Normal(p) | Prior::LearnedNormal(p) if !positive(p.std) => {
                Some("std must be positive")
            }
            Prior::Normal(p) | Prior::LearnedNormal(p) if !p.mean.is_finite() => {
                Some("mean must be finite")
            }
            Prior::StudentT { df, .. } if !positive(df) => Some("df must be positive"),
            Prior::Laplace(Laplace { scale, .. })
            | Prior::StudentT { scale, .. }
            | Prior::Cauchy { scale, .. }
            | Prior::Horseshoe { scale }
                if !positive(scale) =>
            {
                Some("scale must be positive")
            }
            Prior::Laplace(Laplace { location, .. })
            | Prior::StudentT { location, .. }
            | Prior::Cauchy { location, .. }
                if !location.is_finite() =>
            {
                Some("location must be finite")
            }
            Prior::ScaleMixture(p) if !(0.0..=1.0).contains(&p.pi) => {
                Some("pi must lie between 0 and 1")
            }
            Prior::ScaleMixture(p) if !(positive(p.sigma1) && positive(p.sigma2)) => {
                Some("sigma1 and sigma2 must be positive")
            }
            Prior::Own(p) => p.complaint(),
            _ => None,
        }
    }
}

impl Display for Prior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Prior::Normal(p) => write!(f, "Normal({}, {})", p.mean, p.std),
            Prior::LearnedNormal(p) => write!(f, "Normal({}, learned({}))", p.mean, p.std),
            Prior::Laplace(p) => write!(f, "Laplace({}, {})", p.location, p.scale),
            Prior::ScaleMixture(p) => {
                write!(f, "ScaleMixture({}, {}, {})", p.pi, p.sigma1, p.sigma2)
            }
            Prior::StudentT {
                df,
                location,
                scale,
            } => write!(f, "StudentT({df}, {location}, {scale})"),
            Prior::Cauchy { location, scale } => write!(f, "Cauchy({location}, {scale})"),
            Prior::Horseshoe { scale } => write!(f, "Horseshoe({scale})"),
            Prior::Own(p) => write!(f, "{p}"),
        }
    }
}
