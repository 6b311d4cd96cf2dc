//! [`Model`]: a net and what it knows of its data.

use super::schema::Schema;
use super::traits::BayesNet;

/// The draws of a prediction unless the user names another number.
pub(crate) const PREDICTION_DRAWS: u64 = 100;
/// The seed of a prediction unless the user names another one.
pub(crate) const PREDICTION_SEED: u64 = 0;

/// A net together with everything learned about its data: which columns feed which input, their
/// scaling, the names of classes, and how it was trained.
///
/// A model can be shared: predicting takes `&self`, so an `Arc<Model<_>>` serves many threads
/// without a lock.
#[derive(Clone, Debug)]
pub struct Model<N> {
    pub(crate) net: N,
    pub(crate) standardize: bool,
    pub(crate) schema: Option<Schema>,
    pub(crate) record: Option<TrainingRecord>,
}

/// How a model was trained, as model files and summaries tell it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
pub struct TrainingRecord {
    /// Epochs that ran.
    pub epochs: usize,
    /// Steps of the optimizer.
    pub steps: u64,
    /// Rows of the data.
    pub rows: usize,
    /// Rows of a batch.
    pub batch_size: usize,
    /// Draws a step.
    pub draws: u64,
    /// Seed of order and noise.
    pub seed: u64,
    /// The weight of the KL, 1 unless the user wrote another.
    pub kl_weight: f64,
    /// log p(y | x, theta) of the last epoch, per row in nats.
    pub log_likelihood: f64,
    /// KL(q || p) of the last epoch, per row in nats.
    pub kl: f64,
}

impl<N: BayesNet> Model<N> {
    /// A model that has seen no data.
    pub fn new(net: N) -> Self {
        Model {
            net,
            standardize: false,
            schema: None,
            record: None,
        }
    }
    /// Scales each column of the inputs, and each real-valued target, to mean 0 and standard
    /// deviation 1 by the training data. Predictions come back in the user's units; a number in
    /// the net's own declaration, such as the 0.1 of `Normal(mean, 0.1)`, is in scaled units.
    #[must_use]
    pub fn standardize(mut self) -> Self {
        self.standardize = true;
        self
    }
    /// The net.
    pub fn net(&self) -> &N {
        &self.net
    }
    /// What the model knows of its data; `None` before training.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }
    /// How the model was trained; `None` before training.
    pub fn record(&self) -> Option<&TrainingRecord> {
        self.record.as_ref()
    }
}
