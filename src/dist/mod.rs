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
//! | [`StudentT`] | `df`, `loc`, `scale` | real | yes | none |
//! | [`Laplace`] | `location`, `scale` | real | yes | Laplace |
//! | [`ScaleMixture`] | `pi`, `sigma1`, `sigma2` (standard deviations) | real | no: a prior | none |
//! | [`MixtureOfNormals`] | `logits`, `means`, `stds`, the last axis are the components | real | yes | none |
//! | [`LogNormal`] | `mu`, `sigma` of ln y | above 0 | yes | LogNormal |
//! | [`Gamma`] | `concentration`, `rate` | above 0 | yes | Gamma |
//! | [`Beta`] | `concentration1`, `concentration0` | between 0 and 1 | yes | Beta |
//! | [`Bernoulli`] | `logits` | 0 or 1 | yes | Bernoulli |
//! | [`Categorical`] | `logits`, the last axis are the classes | a class | yes | Categorical |
//! | [`Ordinal`] | `eta`, `cutpoints` | a class | yes | none |
//! | [`Poisson`] | `log_rate` | 0, 1, 2, … | yes | Poisson |
//! | [`NegativeBinomial`] | `total_count`, `logits` | 0, 1, 2, … | yes | none |
//!
//! One that is missing is a [`Density`] of your own.
//!
//! Densities hold in the tails: no constant is added inside a logarithm, and where a formula of
//! the textbook cancels, the one used instead stands in the doc of the distribution. `0 ln 0`
//! is 0; the logarithm of a probability that is exactly 0 is -inf.
//!
//! This room uses [`ops`](crate::ops) and what stands below. Read `normal.rs` first: every file
//! has the same parts in the same order.

mod bernoulli;
mod beta;
mod categorical;
mod divergence;
mod gamma;
mod incomplete;
mod laplace;
mod likelihood;
mod log_normal;
mod mixture_of_normals;
mod negative_binomial;
mod normal;
mod ordinal;
mod own;
mod parameters;
mod poisson;
mod scale_mixture;
mod stirling;
mod student_t;
mod support;
mod weighted;

pub use bernoulli::Bernoulli;
pub use beta::Beta;
pub use categorical::Categorical;
pub use divergence::KlDivergence;
pub use gamma::Gamma;
pub use laplace::Laplace;
pub(crate) use likelihood::quantile;
pub use likelihood::{Classes, Cumulative, Distribution, Likelihood, Moments};
pub use log_normal::LogNormal;
pub use mixture_of_normals::MixtureOfNormals;
pub use negative_binomial::NegativeBinomial;
pub use normal::Normal;
pub use ordinal::Ordinal;
pub use own::{Density, Own, OwnElement};
pub(crate) use parameters::leaves;
pub use poisson::Poisson;
pub use scale_mixture::ScaleMixture;
pub use student_t::StudentT;
pub use support::Support;
pub(crate) use weighted::weighted_sum;

/// The rows of this room in the table of laws.
#[cfg(any(test, feature = "proptest"))]
pub const LAWS: &[&[crate::ops::Law]] = &[
    bernoulli::LAWS,
    beta::LAWS,
    categorical::LAWS,
    gamma::LAWS,
    laplace::LAWS,
    log_normal::LAWS,
    negative_binomial::LAWS,
    normal::LAWS,
    ordinal::LAWS,
    own::LAWS,
    poisson::LAWS,
    student_t::LAWS,
    weighted::LAWS,
];
