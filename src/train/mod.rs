//! Training: Bayes by Backprop over the batches of a data set.
//!
//! [`Trainer::fit`] is the loop; read `trainer.rs`. A [`History`] is what remains of it.

mod advice;
mod batches;
mod history;
mod progress;
mod trainer;

pub use history::{Epoch, History};
pub use trainer::Trainer;
