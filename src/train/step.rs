//! [`Step`]: a training run, seen after one of its steps.

use super::history::Epoch;
use crate::net::Model;

/// What [`Trainer::fit_with`](super::Trainer::fit_with) shows after each step of the optimizer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Step<'a, N> {
    /// Its number in the run, from 1.
    pub step: u64,
    /// The number of its epoch, from 1.
    pub epoch: usize,
    /// The number of its batch in the epoch, from 1.
    pub batch: usize,
    /// The batches of an epoch.
    pub batches: usize,
    /// log p(y | x, theta) before the step, per row of the batch in nats, the mean over the draws.
    pub log_likelihood: f64,
    /// Euclidean norm of the gradient of the loss that the step followed.
    pub gradient_norm: f64,
    /// The epoch, if it ended with this step.
    pub ended: Option<Epoch>,
    /// The model after the step. Its [record](Model::record) is kept up from epoch to epoch.
    pub model: &'a Model<N>,
}
