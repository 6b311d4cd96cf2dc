//! Probability distributions: densities, draws and Kullback-Leibler divergences, one
//! distribution a file.
//!
//! A distribution is a structure of its parameters, generic over what these are:
//!
//! | parameters | what it can do |
//! | --- | --- |
//! | `f64`, as in `Normal { mean: 0.0, std: 1.0 }` | density, draws, moments ([`Distribution`]); a prior |
//! | [`Var`](crate::Var) | `log_prob` of observations on a tape, with gradients for the parameters |
//! | [`Tensor`](crate::Tensor) | the parameters that a net predicts for many rows ([`Likelihood`]) |
//!
//! | distribution | parameters | support | on a tape | closed KL to |
//! | --- | --- | --- | --- | --- |
//! | [`Normal`] | `mean`, `std` (a standard deviation) | real | yes | Normal, Laplace |
//! | [`Laplace`] | `location`, `scale` | real | yes | Laplace |
//! | [`ScaleMixture`] | `pi`, `sigma1`, `sigma2` (standard deviations) | real | no: a prior | none |
//! | [`Bernoulli`] | `logits` | 0 or 1 | yes | Bernoulli |
//! | [`Categorical`] | `logits`, the last axis are the classes | a class | yes | Categorical |
//! | [`Poisson`] | `log_rate` | 0, 1, 2, … | yes | Poisson |
//!
//! Densities hold in the tails: no constant is added inside a logarithm, and where a formula of
//! the textbook cancels, the one used instead stands in the doc of the distribution. `0 ln 0`
//! is 0; the logarithm of a probability that is exactly 0 is -inf.
//!
//! This room uses [`ops`](crate::ops) and what stands below. Read `normal.rs` first: every file
//! has the same parts in the same order.

mod bernoulli;
mod categorical;
mod divergence;
mod laplace;
mod likelihood;
mod normal;
mod parameters;
mod poisson;
mod scale_mixture;
mod support;

pub use bernoulli::Bernoulli;
pub use categorical::Categorical;
pub use divergence::KlDivergence;
pub use laplace::Laplace;
pub use likelihood::{Classes, Distribution, Likelihood, Moments};
pub use normal::Normal;
pub use poisson::Poisson;
pub use scale_mixture::ScaleMixture;
pub use support::Support;

/// The rows of this room in the table of laws.
#[cfg(any(test, feature = "proptest"))]
pub const LAWS: &[&[crate::ops::Law]] = &[
    bernoulli::LAWS,
    categorical::LAWS,
    laplace::LAWS,
    normal::LAWS,
    poisson::LAWS,
];
