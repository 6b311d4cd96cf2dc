//! The families of q(theta | phi), one a file: how theta is drawn around its mean mu, the entropy
//! of q, and the marginal variances.
//!
//! | posterior | theta - mu | numbers beside mu, for n | `LocalReparam` | `Flipout` |
//! | --- | --- | --- | --- | --- |
//! | [`MeanField`] | softplus(rho) eps | n | yes | yes |
//! | [`Radial`] | softplus(rho) \|r\| eps / \|eps\| | n | no | yes |
//! | [`LowRank`] | softplus(rho) eps + F z | n + n rank | no | no |
//! | [`FullCovariance`] | L eps | n (n + 1) / 2 | no | no |
//! | [`MatrixNormal`] | A E B' | r (r + 1) / 2 + c (c + 1) / 2, for r x c = n | no | no |
//! | `Point` | 0 | 0 | | |
//!
//! `WeightReparam` is for all. A file knows neither priors nor layers: the KL is made of the
//! prior's cross-entropy, at the means and the variances, and the entropy of q, in `weight.rs`.

pub(super) mod draw;
mod full_covariance;
mod low_rank;
mod matrix_normal;
pub(super) mod mean_field;
mod radial;
pub(super) mod triangle;

pub use full_covariance::FullCovariance;
pub use low_rank::LowRank;
pub use matrix_normal::MatrixNormal;
pub use mean_field::MeanField;
pub use radial::Radial;

use super::pass::Pass;
use crate::kernels::{Scalar, special};
use crate::ops::{pointwise, pointwise_sum};
use crate::tape::{Module, Path, Var};
use crate::tensor::{Shape, Tensor};

/// The family of q(theta | phi), from which a [`Weight`](super::Weight) is made.
///
/// `init_std` is the standard deviation from which each number starts; for [`Radial`] it is what
/// softplus(rho) starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Posterior {
    /// An independent Gaussian for every scalar: [`MeanField`].
    MeanField {
        /// The standard deviation to start from.
        init_std: f64,
    },
    /// A single value: no distribution, no KL.
    Point,
    /// A Gaussian whose covariance is a diagonal plus a matrix of low rank: [`LowRank`].
    LowRank {
        /// How many directions the numbers of a tensor share.
        rank: usize,
        /// The standard deviation to start from.
        init_std: f64,
    },
    /// A Gaussian with any covariance between the weights and biases of a layer:
    /// [`FullCovariance`].
    FullCovariance {
        /// The standard deviation to start from.
        init_std: f64,
    },
    /// A Gaussian over matrices: [`MatrixNormal`].
    MatrixNormal {
        /// The standard deviation to start from.
        init_std: f64,
    },
    /// A random direction and a distance: [`Radial`].
    Radial {
        /// What softplus(rho) starts from.
        init_std: f64,
    },
}

impl Posterior {
    /// The standard deviation from which a posterior starts unless said.
    pub const INIT_STD: f64 = 0.05;
    /// The rank of [`LowRank`](Posterior::LowRank) unless said.
    pub const RANK: usize = 4;
    /// What a net starts with: a mean field of standard deviation 0.05.
    pub const DEFAULT: Posterior = Posterior::MeanField {
        init_std: Posterior::INIT_STD,
    };

    /// The name in declarations.
    pub fn name(self) -> &'static str {
        match self {
            Posterior::MeanField { .. } => "MeanField",
            Posterior::Point => "Point",
            Posterior::LowRank { .. } => "LowRank",
            Posterior::FullCovariance { .. } => "FullCovariance",
            Posterior::MatrixNormal { .. } => "MatrixNormal",
            Posterior::Radial { .. } => "Radial",
        }
    }
}

/// How q spreads around the mean: the numbers of a posterior beside mu, as leaves of a
/// [`Weight`](super::Weight).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Spread<T = Tensor> {
    /// Not at all.
    Point,
    /// See [`MeanField`].
    MeanField(MeanField<T>),
    /// See [`LowRank`].
    LowRank(LowRank<T>),
    /// See [`FullCovariance`].
    FullCovariance(FullCovariance<T>),
    /// See [`MatrixNormal`].
    MatrixNormal(MatrixNormal<T>),
    /// See [`Radial`].
    Radial(Radial<T>),
}

impl Spread {
    /// The posterior at its start for a tensor of this shape, which stands below `before` others
    /// where the posterior of a layer is joint.
    ///
    /// # Panics
    /// If `init_std` is not positive or the rank 0, or if the tensor is too large for the family.
    #[track_caller]
    pub(super) fn new(posterior: Posterior, shape: Shape, before: usize) -> Self {
        let positive = |init_std: f64| {
            assert!(
                init_std > 0.0 && init_std.is_finite(),
                "{}: init_std must be positive, not {init_std}",
                posterior.name()
            );
            init_std
        };
        let rho = |init_std: f64| {
            let rho = special::softplus_inverse(positive(init_std));
            Tensor::full(shape, rho as f32)
        };
        match posterior {
            Posterior::Point => Spread::Point,
            Posterior::Radial { init_std } => Spread::Radial(Radial { rho: rho(init_std) }),
            Posterior::LowRank { rank, init_std } => {
                assert!(rank > 0, "LowRank: rank must be at least 1");
                Spread::LowRank(LowRank::new(shape, rank, positive(init_std)))
            }
            Posterior::FullCovariance { init_std } => Spread::FullCovariance(FullCovariance::new(
                shape.size(),
                before,
                positive(init_std),
            )),
            Posterior::MatrixNormal { init_std } if shape.rank() > 1 => {
                Spread::MatrixNormal(MatrixNormal::new(shape, positive(init_std)))
            }
            Posterior::MeanField { init_std } | Posterior::MatrixNormal { init_std } => {
                Spread::MeanField(MeanField { rho: rho(init_std) })
            }
        }
    }
}

impl<T> Spread<T> {
    /// The name of the family, as in declarations.
    pub fn name(&self) -> &'static str {
        match self {
            Spread::Point => "Point",
            Spread::MeanField(_) => "MeanField",
            Spread::LowRank(_) => "LowRank",
            Spread::FullCovariance(_) => "FullCovariance",
            Spread::MatrixNormal(_) => "MatrixNormal",
            Spread::Radial(_) => "Radial",
        }
    }
    /// Whether all numbers are independent Gaussians, which local reparameterization adds up.
    pub(super) fn is_independent(&self) -> bool {
        matches!(self, Spread::MeanField(_))
    }
    /// Whether the distribution stays what it is when the signs of some numbers' noise are turned,
    /// as Flipout does.
    pub(super) fn is_symmetric(&self) -> bool {
        matches!(self, Spread::MeanField(_) | Spread::Radial(_))
    }
    /// Whether a single number is a Gaussian.
    pub(super) fn has_gaussian_marginals(&self) -> bool {
        !matches!(self, Spread::Point | Spread::Radial(_))
    }
}

impl<'t, S: Scalar> Spread<Var<'t, S>> {
    /// theta - mu, with the noise of the site `name`; `None` for a point.
    pub(super) fn perturbation(
        &self,
        name: &str,
        shape: Shape,
        pass: &Pass<'_, 't, S>,
    ) -> Option<Var<'t, S>> {
        Some(match self {
            Spread::Point => return None,
            Spread::MeanField(q) => {
                pointwise(mean_field::Perturbation, [q.rho, pass.normal(name, shape)])
            }
            Spread::LowRank(q) => q.perturbation(name, pass),
            Spread::FullCovariance(q) => q.perturbation(name, shape, pass),
            Spread::MatrixNormal(q) => q.perturbation(name, shape, pass),
            Spread::Radial(q) => q.perturbation(name, pass),
        })
    }
    /// The entropy of q; `None` for a point, which has none.
    pub(super) fn entropy(&self, shape: Shape) -> Option<Var<'t, S>> {
        Some(match self {
            Spread::Point => return None,
            Spread::MeanField(q) => pointwise_sum(mean_field::Entropy, [q.rho]),
            Spread::LowRank(q) => q.entropy(),
            Spread::FullCovariance(q) => q.entropy(shape),
            Spread::MatrixNormal(q) => q.entropy(shape),
            Spread::Radial(q) => q.entropy(),
        })
    }
    /// The variance of each number; `None` for a point.
    pub(super) fn variance(&self, shape: Shape) -> Option<Var<'t, S>> {
        Some(match self {
            Spread::Point => return None,
            Spread::MeanField(q) => pointwise(mean_field::Variance, [q.rho]),
            Spread::LowRank(q) => q.variance(),
            Spread::FullCovariance(q) => q.variance(shape),
            Spread::MatrixNormal(q) => q.variance(shape),
            Spread::Radial(q) => q.variance(),
        })
    }
}

impl<T> Module<T> for Spread<T> {
    type Of<U> = Spread<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Spread<U> {
        match self {
            Spread::Point => Spread::Point,
            Spread::MeanField(q) => Spread::MeanField(q.map(path, f)),
            Spread::LowRank(q) => Spread::LowRank(q.map(path, f)),
            Spread::FullCovariance(q) => Spread::FullCovariance(q.map(path, f)),
            Spread::MatrixNormal(q) => Spread::MatrixNormal(q.map(path, f)),
            Spread::Radial(q) => Spread::Radial(q.map(path, f)),
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        match self {
            Spread::Point => {}
            Spread::MeanField(q) => q.visit(path, f),
            Spread::LowRank(q) => q.visit(path, f),
            Spread::FullCovariance(q) => q.visit(path, f),
            Spread::MatrixNormal(q) => q.visit(path, f),
            Spread::Radial(q) => q.visit(path, f),
        }
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        match self {
            Spread::Point => {}
            Spread::MeanField(q) => q.visit_mut(path, f),
            Spread::LowRank(q) => q.visit_mut(path, f),
            Spread::FullCovariance(q) => q.visit_mut(path, f),
            Spread::MatrixNormal(q) => q.visit_mut(path, f),
            Spread::Radial(q) => q.visit_mut(path, f),
        }
    }
}
