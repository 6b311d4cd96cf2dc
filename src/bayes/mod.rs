//! Weights that are distributions, and the objective that trains them.
//!
//! A [`Weight`] is the [`Posterior`] q(theta | phi) of one parameter together with its [`Prior`]; a
//! [`Pass`] is one way through a net, which knows where noise comes from and writes down the KL
//! of every weight that it draws; an [`Estimator`] says how a layer's randomness is sampled; an
//! [`Elbo`] is the result. Read `weight.rs` first, then `pass.rs` and `objective.rs`.
//!
//! Source: Blundell, Cornebise, Kavukcuoglu and Wierstra (2015), Weight uncertainty in neural
//! networks, arXiv:1505.05424.

mod estimator;
mod noise;
mod objective;
mod pass;
mod posterior;
mod prior;
mod weight;

pub use estimator::Estimator;
pub use noise::{Given, Noise};
pub use objective::{Elbo, MinibatchWeighting};
pub use pass::{KlEstimate, Ledger, Pass};
pub use posterior::{FullCovariance, LowRank, MatrixNormal, MeanField, Posterior, Radial, Spread};
pub use prior::{LogDensity, OwnPrior, Prior};
pub use weight::Weight;

/// The rows of this room in the table of laws.
#[cfg(any(test, feature = "proptest"))]
pub const LAWS: &[&[crate::ops::Law]] = &[
    estimator::LAWS,
    posterior::draw::LAWS,
    posterior::mean_field::LAWS,
    posterior::triangle::LAWS,
    prior::horseshoe::LAWS,
    prior::laplace::LAWS,
    prior::learned::LAWS,
    prior::normal::LAWS,
    prior::own::LAWS,
    prior::scale_mixture::LAWS,
    prior::student_t::LAWS,
];
