//! The radial posterior.
//!
//! Source: Farquhar, Osborne and Gal (2020), Radial Bayesian neural networks: beyond discrete
//! support in large-scale Bayesian deep learning, arXiv:1907.00865.

use std::f64::consts::{LN_2, PI};

use super::mean_field::{Entropy, HALF_LN_2PI_E, Perturbation, Variance};
use crate::bayes::Pass;
use crate::dist::leaves;
use crate::kernels::Scalar;
use crate::ops::{pointwise, pointwise_sum};
use crate::tape::Var;
use crate::tensor::{Shape, Tensor};

/// A random direction for all n numbers of a tensor together, and how far along it:
///
/// ```text
/// theta = mu + softplus(rho) (eps / |eps|) |r|,   eps ~ N(0, I), r ~ N(0, 1)
/// ```
///
/// Draws of a mean field of many weights all lie near a sphere of radius √n around its mean, far
/// from where the density is highest; here the distance is that of one Gaussian number, whatever n.
/// Hence a number has the standard deviation softplus(rho) / √n, and training finds softplus(rho) as
/// much larger.
///
/// The entropy is exact: with the direction uniform on the sphere, whose area is A = 2 π^(n/2) /
/// Γ(n/2),
///
/// ```text
/// H = Σ ln softplus(rho) + ln A + (ln(π/2) + 1)/2 - (n - 1)(γ + ln 2)/2
/// ```
///
/// so that the KL is by Monte Carlo in its other half alone, E[-log p(theta)]; and exact too for
/// priors of which that asks for the mean and the variance only, such as Normal.
#[derive(Clone, Debug)]
pub struct Radial<T = Tensor> {
    /// softplus(rho) is the scale of a number along the direction.
    pub rho: T,
}

leaves!(Radial { rho });

impl<'t, S: Scalar> Radial<Var<'t, S>> {
    /// theta - mu, with the noise of the sites `name` and `name.radius`.
    pub(super) fn perturbation(&self, name: &str, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let eps = pass.normal(name, self.rho.shape());
        let radius = pass.normal(&format!("{name}.radius"), Shape::SCALAR).abs();
        let along = eps * (radius / eps.norm(2.0));
        pointwise(Perturbation, [self.rho, along])
    }
    pub(super) fn entropy(&self) -> Var<'t, S> {
        /// Euler's γ
        const GAMMA: f64 = 0.577_215_664_901_532_9;
        let n = self.rho.shape().size() as f64;
        let area = LN_2 + 0.5 * n * PI.ln() - (0.5 * n).lgamma();
        let radius = 0.5 * ((0.5 * PI).ln() + 1.0) - 0.5 * (n - 1.0) * (GAMMA + LN_2);
        pointwise_sum(Entropy, [self.rho]) + (area + radius - n * HALF_LN_2PI_E)
    }
    /// softplus(rho)² / n.
    pub(super) fn variance(&self) -> Var<'t, S> {
        let n = self.rho.shape().size() as f64;
        pointwise(Variance, [self.rho]) * (1.0 / n)
    }
}
