//! What a net says of new rows, and how sure it is.
//!
//! [`Model::predict`](crate::net::Model::predict) runs the net once for each of S [`Draws`] of
//! its weights and gives a [`Predictive`] over the net's likelihood: the mixture of S
//! distributions for each row, in the user's units. How unsure it is falls into two parts
//! ([`Uncertainty`]): **aleatoric**, which each draw by itself expects, and **epistemic**, by
//! which the draws disagree and which more data would remove.
//!
//! | likelihood | can be asked for |
//! | --- | --- |
//! | every one | `aleatoric`, `epistemic`, `total`, `most_uncertain`, `log_likelihood`, `evaluate` |
//! | Normal, StudentT, Laplace, MixtureOfNormals, LogNormal, Gamma, Beta, Poisson, NegativeBinomial ([`Quantity`]) | `mean`, `std`, `quantile`, `interval` |
//! | Bernoulli, Categorical, Ordinal ([`Labels`]) | `probabilities`, `class`, `class_name`, `entropy`, `mutual_information` |
//!
//! Scores that need the truth are free functions in [`metrics`]; `evaluate` applies them.
//! Read `draws.rs` and `run.rs` first, then `predictive.rs`, then `uncertainty.rs`.

mod draws;
mod interval;
mod labels;
pub mod metrics;
mod mixture;
#[cfg(feature = "plot")]
pub mod plot;
mod predictive;
mod quantity;
mod report;
mod run;
mod uncertainty;

pub use draws::{Draws, OwnPosterior};
pub use interval::Interval;
pub use labels::Labels;
pub use predictive::{Predictive, Summarize};
pub use quantity::Quantity;
pub use report::{Estimate, LabelReport, QuantityReport};
pub use run::{LIMIT, Predict};
pub use uncertainty::{Uncertain, Uncertainty};
