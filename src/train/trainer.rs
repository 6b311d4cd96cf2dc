//! [`Trainer`]: what a user says about a training run. The run itself is `run.rs`.

use std::ops::ControlFlow;

use super::advice;
use super::batches::weighted;
use super::history::History;
use super::progress::Progress;
use super::run::{Data, Run};
use super::step::Step;
use crate::bayes::MinibatchWeighting;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::net::{BayesNet, Model, Schema};
use crate::optim::Optimizer;

/// Trains a model on a data set by Bayes by Backprop (Blundell et al. 2015).
///
/// Each step draws the weights from the posterior and descends
///
/// ```text
/// (share KL(q || p) - Σ_b log p(y_b | x_b, theta)) / B
/// ```
///
/// of a batch of B rows, the mean over the draws. With the default shares, B / N, that is
/// KL / N plus the mean negative log-likelihood, so that a learning rate depends neither on the
/// number of rows nor on the batch size. The weight of the KL is exactly 1 unless you write
/// another one.
///
/// | setting | default |
/// | --- | --- |
/// | `epochs` | 100 |
/// | `batch_size` | 32, or all rows if there are fewer |
/// | `draws` | 1 |
/// | `seed` | 0 |
/// | `minibatch_weighting` | uniform |
/// | `kl_weight` | 1 |
#[derive(Clone, Debug)]
pub struct Trainer<O> {
    optimizer: O,
    settings: Settings,
    quiet: bool,
}

/// How to train, but for the optimizer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    epochs: usize,
    batch_size: Option<usize>,
    pub(super) draws: u64,
    pub(super) seed: u64,
    pub(super) weighting: MinibatchWeighting,
    pub(super) kl_weight: f64,
}

/// Rows of a batch if the user names no number.
const BATCH_SIZE: usize = 32;

impl<O: Optimizer> Trainer<O> {
    /// A trainer with the default settings.
    pub fn new(optimizer: O) -> Self {
        Trainer {
            optimizer,
            settings: Settings {
                epochs: 100,
                batch_size: None,
                draws: 1,
                seed: 0,
                weighting: MinibatchWeighting::Uniform,
                kl_weight: 1.0,
            },
            quiet: false,
        }
    }
    /// Sets how often to go over the data.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.settings.epochs = epochs;
        self
    }
    /// Sets the rows of a batch; the last batch of an epoch may have fewer.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.settings.batch_size = Some(rows);
        self
    }
    /// Sets the draws a step, the S of the paper's equation 2.
    pub fn draws(mut self, draws: u64) -> Self {
        self.settings.draws = draws;
        self
    }
    /// Sets the seed of the order of rows and of the noise.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }
    /// Sets how the KL is shared out over the batches.
    pub fn minibatch_weighting(mut self, weighting: MinibatchWeighting) -> Self {
        self.settings.weighting = weighting;
        self
    }
    /// Weights the KL by another number than 1: a tempered posterior, no longer Bayes' rule.
    pub fn kl_weight(mut self, weight: f64) -> Self {
        self.settings.kl_weight = weight;
        self
    }
    /// Shows no progress.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Trains `model` on `data`. Progress goes to the standard error stream.
    ///
    /// A model that has seen no data learns its schema and scaling here; one that has keeps them.
    /// The result depends on the data, the settings and the seed alone, bit for bit, and not on
    /// the number of threads.
    ///
    /// # Errors
    /// If a setting is out of its range, the data does not fit the net, or a loss, a gradient or
    /// a parameter stops being finite. In the last case every parameter of the model holds its
    /// last finite numbers.
    pub fn fit<N: BayesNet>(&self, model: &mut Model<N>, data: &Dataset) -> Result<History> {
        self.fit_with(model, data, |_| ControlFlow::Continue(()))
    }

    /// [`fit`](Trainer::fit), and `after_step` sees each [`Step`]: to stop early, to log, to plot.
    ///
    /// The run ends with the step at which `after_step` breaks, its bits up to there those of
    /// `fit`. History and record tell of the epochs that ran, of the last one as far as it went.
    ///
    /// To stop when ten epochs in a row were no better on rows held out, with the best model kept:
    ///
    /// ```
    /// use std::ops::ControlFlow::{Break, Continue};
    ///
    /// use elbo::prelude::*;
    ///
    /// bayes_net! {
    ///     /// A line.
    ///     net Line(x: [1]) -> y {
    ///         mean = linear(x, 1);
    ///         y ~ Normal(mean, 0.1);
    ///     }
    /// }
    ///
    /// # fn main() -> elbo::Result<()> {
    /// let x: Vec<[f64; 1]> = (0..100).map(|i| [f64::from(i) / 50.0 - 1.0]).collect();
    /// let y: Vec<f64> = x.iter().map(|[x]| 0.5 * x + 0.1 * (97.0 * x).sin()).collect();
    /// let (train, held_out) = Dataset::from_rows(&x, &y)?.split(0.8, 1);
    ///
    /// let mut model = Model::new(Line::new(1));
    /// let (mut best, mut score, mut since) = (model.clone(), f64::NEG_INFINITY, 0);
    /// let trainer = Trainer::new(Adam::new(0.02)).epochs(1000).quiet();
    /// let history = trainer.fit_with(&mut model, &train, |step| {
    ///     if step.ended.is_none() {
    ///         return Continue(()); // amid an epoch
    ///     }
    ///     let prediction = step.model.predict(&held_out).draws(20).run();
    ///     let now = match prediction.and_then(|p| p.log_likelihood(&held_out)) {
    ///         Ok(of_rows) => of_rows.iter().sum(),
    ///         Err(_) => f64::NEG_INFINITY,
    ///     };
    ///     if now > score {
    ///         (best, score, since) = (step.model.clone(), now, 0);
    ///     } else {
    ///         since += 1;
    ///     }
    ///     if since < 10 { Continue(()) } else { Break(()) }
    /// })?;
    /// let epochs = history.epochs().len();
    /// assert!(epochs < 1000);
    /// assert_eq!(model.record().unwrap().epochs, epochs);
    /// assert_eq!(best.record().unwrap().epochs, epochs - 10);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Trainer::fit).
    pub fn fit_with<N: BayesNet>(
        &self,
        model: &mut Model<N>,
        data: &Dataset,
        mut after_step: impl FnMut(&Step<'_, N>) -> ControlFlow<()>,
    ) -> Result<History> {
        self.optimizer.validate()?;
        self.settings.validate(data.rows())?;
        let info = model.net.describe();
        let schema = match &model.schema {
            Some(schema) => schema.clone(),
            None => Schema::learn(&info, data, model.standardize)?,
        };
        let rows = data.rows();
        let targets = (schema.targets(data)?.iter().zip(&info.targets))
            .map(|(values, target)| values.reshape(target.shape.with_rows(rows)))
            .collect();
        let (targets, missing) = weighted(&schema, data, targets);
        let is_plain = targets.len() == info.targets.len();
        let data = Data {
            inputs: schema.inputs(data)?,
            targets,
            rows,
        };
        model.schema = Some(schema);

        let mut run = Run::new(self.settings, self.optimizer.clone(), &data);
        let epochs = self.settings.epochs;
        let progress = Progress::new(epochs, self.quiet);
        let mut history = History::new(missing);
        for epoch in 1..=epochs {
            let (epoch, flow) = run.epoch(epoch, model, &data, &mut after_step)?;
            let last = flow.is_break() || epoch.epoch == epochs;
            progress.epoch(&epoch, last);
            history.push(epoch);
            if flow.is_break() {
                break;
            }
        }
        progress.finish();
        if let (Some(last), Some(schema)) = (history.last().copied(), &model.schema) {
            history.advise(advice::on_unreached(run.unreached()));
            // A constant is held against the values alone, all of them alike.
            if is_plain {
                history.advise(advice::after_training(
                    &model.net,
                    schema,
                    &data.inputs,
                    &data.targets,
                    &last,
                ));
            }
        }
        Ok(history)
    }
}

impl Settings {
    pub(super) fn rows_of_a_batch(&self, rows: usize) -> usize {
        self.batch_size.unwrap_or(BATCH_SIZE.min(rows))
    }

    fn validate(&self, rows: usize) -> Result<()> {
        let positive = "a number above 0";
        if self.epochs == 0 {
            return Err(Error::setting("epochs", 0, positive));
        }
        if self.draws == 0 {
            return Err(Error::setting("draws", 0, positive));
        }
        match self.batch_size {
            Some(0) => return Err(Error::setting("batch_size", 0, positive)),
            Some(size) if size > rows && rows > 0 => {
                let needed = format!(
                    "at most {rows}, the rows of the data; leave it out for a fitting default"
                );
                return Err(Error::setting("batch_size", size, needed));
            }
            _ => {}
        }
        if !(self.kl_weight >= 0.0 && (self.kl_weight as f32).is_finite()) {
            return Err(Error::setting(
                "kl_weight",
                self.kl_weight,
                "a number from 0 on that is finite in f32, in which training runs",
            ));
        }
        Ok(())
    }
}
