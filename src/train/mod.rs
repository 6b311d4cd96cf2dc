//! Training: Bayes by Backprop over the batches of a data set.
//!
//! [`Trainer::fit`] is the loop: `trainer.rs` has the settings, `run.rs` the steps. A [`History`] is what remains of it, and
//! [`Trainer::fit_with`] shows each [`Step`] to a function of yours.

mod advice;
mod batches;
mod history;
mod progress;
mod run;
mod step;
mod trainer;

pub use history::{Epoch, History, Missing};
pub use step::Step;
pub use trainer::Trainer;
