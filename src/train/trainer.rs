//! [`Trainer`]: the loop of Bayes by Backprop.

use std::ops::ControlFlow;

use super::advice;
use super::batches::{gather, order};
use super::history::{Epoch, History};
use super::progress::Progress;
use super::step::Step;
use crate::bayes::{Elbo, Ledger, MinibatchWeighting, Noise, Pass};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernels::reduce::sum_of_squares;
use crate::net::{BayesNet, Model, Net, Schema, TrainingRecord};
use crate::optim::Optimizer;
use crate::tape::{Culprit, Tape};
use crate::tensor::Tensor;

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
    epochs: usize,
    batch_size: Option<usize>,
    draws: u64,
    seed: u64,
    weighting: MinibatchWeighting,
    kl_weight: f64,
    quiet: bool,
}

/// Rows of a batch if the user names no number.
const BATCH_SIZE: usize = 32;

impl<O: Optimizer> Trainer<O> {
    /// A trainer with the default settings.
    pub fn new(optimizer: O) -> Self {
        Trainer {
            optimizer,
            epochs: 100,
            batch_size: None,
            draws: 1,
            seed: 0,
            weighting: MinibatchWeighting::Uniform,
            kl_weight: 1.0,
            quiet: false,
        }
    }
    /// Sets how often to go over the data.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }
    /// Sets the rows of a batch; the last batch of an epoch may have fewer.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows);
        self
    }
    /// Sets the draws a step, the S of the paper's equation 2.
    pub fn draws(mut self, draws: u64) -> Self {
        self.draws = draws;
        self
    }
    /// Sets the seed of the order of rows and of the noise.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
    /// Sets how the KL is shared out over the batches.
    pub fn minibatch_weighting(mut self, weighting: MinibatchWeighting) -> Self {
        self.weighting = weighting;
        self
    }
    /// Weights the KL by another number than 1: a tempered posterior, no longer Bayes' rule.
    pub fn kl_weight(mut self, weight: f64) -> Self {
        self.kl_weight = weight;
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
        self.validate(data.rows())?;
        let info = model.net.describe();
        let schema = match &model.schema {
            Some(schema) => schema.clone(),
            None => Schema::learn(&info, data, model.standardize)?,
        };
        let rows = data.rows();
        let targets = schema.targets(data)?;
        let data = Data {
            inputs: schema.inputs(data)?,
            targets: (targets.iter().zip(&info.targets))
                .map(|(values, target)| values.reshape(target.shape.with_rows(rows)))
                .collect(),
            rows,
        };
        model.schema = Some(schema);

        let mut run = Run {
            settings: self,
            optimizer: self.optimizer.clone(),
            noise: Noise::new(self.seed),
            tape: Tape::new(),
            inputs: vec![Tensor::default(); data.inputs.len()],
            targets: vec![Tensor::default(); data.targets.len()],
            step: 0,
            unreached: vec![],
        };
        let progress = Progress::new(self.epochs, self.quiet);
        let mut history = History::default();
        for epoch in 1..=self.epochs {
            let (epoch, flow) = run.epoch(epoch, model, &data, &mut after_step)?;
            let last = flow.is_break() || epoch.epoch == self.epochs;
            progress.epoch(&epoch, last);
            history.push(epoch);
            if flow.is_break() {
                break;
            }
        }
        progress.finish();
        if let (Some(last), Some(schema)) = (history.last().copied(), &model.schema) {
            history.advise(advice::on_unreached(&run.unreached));
            history.advise(advice::after_training(
                &model.net,
                schema,
                &data.inputs,
                &data.targets,
                &last,
            ));
        }
        Ok(history)
    }

    fn rows_of_a_batch(&self, rows: usize) -> usize {
        self.batch_size.unwrap_or(BATCH_SIZE.min(rows))
    }

    fn validate(&self, rows: usize) -> Result<()> {
        self.optimizer.validate()?;
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

/// The data as the net sees it.
struct Data {
    inputs: Vec<Tensor>,
    targets: Vec<Tensor>,
    rows: usize,
}

/// A training run between two steps. What a step needs is kept, so that after the first one it
/// allocates no more than two short lists of variables.
struct Run<'a, O> {
    settings: &'a Trainer<O>,
    optimizer: O,
    noise: Noise,
    tape: Tape,
    inputs: Vec<Tensor>,
    targets: Vec<Tensor>,
    step: u64,
    /// Parameters that no gradient reached in the first step.
    unreached: Vec<String>,
}

/// What a step measured, or several together.
#[derive(Default)]
struct Measured {
    rows: usize,
    batches: usize,
    log_likelihood: f64,
    /// 0 if nobody asked for it.
    kl: f64,
    gradient_norm: f64,
}

impl Measured {
    fn add(&mut self, other: &Measured) {
        self.rows += other.rows;
        self.batches += other.batches;
        self.log_likelihood += other.log_likelihood;
        self.kl = other.kl;
        self.gradient_norm += other.gradient_norm;
    }
    /// The means, and the last KL, as epoch `epoch` over data of `rows` rows.
    fn epoch(&self, epoch: usize, rows: usize) -> Epoch {
        Epoch {
            epoch,
            log_likelihood: self.log_likelihood / self.rows as f64,
            kl: self.kl / rows as f64,
            gradient_norm: self.gradient_norm / self.batches as f64,
        }
    }
}

impl<O: Optimizer> Run<'_, O> {
    /// Goes over the data once, or up to the step after which `after_step` breaks.
    fn epoch<N: BayesNet>(
        &mut self,
        epoch: usize,
        model: &mut Model<N>,
        data: &Data,
        after_step: &mut impl FnMut(&Step<'_, N>) -> ControlFlow<()>,
    ) -> Result<(Epoch, ControlFlow<()>)> {
        let order = order(self.noise, epoch, data.rows);
        let size = self.settings.rows_of_a_batch(data.rows);
        let batches = order.chunks(size).len();
        let mut total = Measured::default();
        let mut flow = ControlFlow::Continue(());
        for (i, rows) in order.chunks(size).enumerate() {
            let weighting = self.settings.weighting;
            let share = weighting.share(i + 1, batches, rows.len(), data.rows)?;
            let first_row = (i * size) as u64;
            let is_last = i + 1 == batches;
            let measured = self
                .step(&mut model.net, data, rows, first_row, share, is_last)
                .map_err(|trouble| diverged(epoch, i + 1, self.step, trouble))?;
            total.add(&measured);
            let ended = is_last.then(|| total.epoch(epoch, data.rows));
            if let Some(ended) = &ended {
                model.record = Some(self.record(ended, data.rows));
            }
            flow = after_step(&Step {
                step: self.step,
                epoch,
                batch: i + 1,
                batches,
                log_likelihood: measured.log_likelihood / measured.rows as f64,
                gradient_norm: measured.gradient_norm,
                ended,
                model,
            });
            if flow.is_break() {
                if !is_last {
                    // No step knew that it would be the last one.
                    let elbo = self.elbo(&model.net, first_row, true);
                    total.kl = f64::from(elbo.kl.item());
                }
                break;
            }
        }
        let epoch = total.epoch(epoch, data.rows);
        model.record = Some(self.record(&epoch, data.rows));
        Ok((epoch, flow))
    }

    /// How the model was trained up to here, `last` being its last epoch.
    fn record(&self, last: &Epoch, rows: usize) -> TrainingRecord {
        let settings = self.settings;
        TrainingRecord {
            epochs: last.epoch,
            steps: self.step,
            rows,
            batch_size: settings.rows_of_a_batch(rows),
            draws: settings.draws,
            seed: settings.seed,
            kl_weight: settings.kl_weight,
            log_likelihood: last.log_likelihood,
            kl: last.kl,
        }
    }

    /// One step of the optimizer, on one batch.
    fn step<N: BayesNet>(
        &mut self,
        net: &mut N,
        data: &Data,
        rows: &[usize],
        first_row: u64,
        share: f64,
        kl_value: bool,
    ) -> std::result::Result<Measured, Trouble> {
        self.step += 1;
        let measured = self.batch(net, data, rows, first_row, share, kl_value)?;
        if self.step == 1 {
            self.unreached = self.tape.unreached();
        }
        if let Some(path) = self.optimizer.step(net, &mut self.tape) {
            return Err(Trouble {
                quantity: format!("parameter `{path}`"),
                culprit: None, // it is the step that was too long
            });
        }
        Ok(measured)
    }

    /// Loss and gradients of one batch, left on the tape for the optimizer.
    fn batch<N: BayesNet>(
        &mut self,
        net: &N,
        data: &Data,
        rows: &[usize],
        first_row: u64,
        share: f64,
        kl_value: bool,
    ) -> std::result::Result<Measured, Trouble> {
        for (batch, all) in self.inputs.iter_mut().zip(&data.inputs) {
            gather(all, rows, batch);
        }
        for (batch, all) in self.targets.iter_mut().zip(&data.targets) {
            gather(all, rows, batch);
        }
        self.pass(net, first_row, share, kl_value)
            .map_err(|quantity| {
                // The same pass again, with the same noise, and every number looked at as it is born.
                self.tape.clear();
                self.tape.watch(true);
                let _ = self.pass(net, first_row, share, kl_value);
                Trouble {
                    quantity,
                    culprit: self.tape.find_non_finite(),
                }
            })
    }

    /// Loss and gradients of the batch, or which of them is not finite.
    fn pass<N: BayesNet>(
        &self,
        net: &N,
        first_row: u64,
        share: f64,
        kl_value: bool,
    ) -> std::result::Result<Measured, String> {
        let tape = &self.tape;
        let elbo = self.elbo(net, first_row, kl_value);
        let rows = self.inputs[0].shape().dim(0);
        let loss = elbo.loss(share * self.settings.kl_weight) * (1.0 / rows as f64);
        if !loss.item().is_finite() {
            return Err("the loss".to_owned());
        }
        loss.backward();
        let gradient_norm = gradient_norm(tape);
        if !gradient_norm.is_finite() {
            let bad = (0..tape.parameters()).find(|&k| !squared_norm(tape, k).is_finite());
            let path = bad.map_or_else(String::new, |k| tape.parameter_name(k));
            return Err(format!("the gradient of `{path}`"));
        }
        Ok(Measured {
            rows,
            batches: 1,
            log_likelihood: f64::from(elbo.log_likelihood.item()),
            kl: f64::from(elbo.kl.item()),
            gradient_norm,
        })
    }

    /// The evidence lower bound of the batch at the noise of this step.
    fn elbo<N: BayesNet>(&self, net: &N, first_row: u64, kl_value: bool) -> Elbo<'_, f32> {
        let tape = &self.tape;
        let inputs: Vec<_> = self.inputs.iter().map(|x| tape.constant(x)).collect();
        let targets: Vec<_> = self.targets.iter().map(|y| tape.constant(y)).collect();
        let ledger = Ledger::default();
        let pass = Pass::new(tape, &ledger, self.noise.step(self.step))
            .draws(self.settings.draws)
            .first_row(first_row)
            .kl_value(kl_value);
        let on = net.map_on(&mut |path, leaf| tape.parameter_at(path, leaf));
        on.elbo(&inputs, &targets, &pass)
    }
}

/// What stopped a training run.
struct Trouble {
    /// What was not finite.
    quantity: String,
    /// Where the first such number was born.
    culprit: Option<Culprit>,
}

/// The error that tells of `trouble`.
fn diverged(epoch: usize, batch: usize, step: u64, trouble: Trouble) -> Error {
    let Trouble { quantity, culprit } = trouble;
    Error::Diverged {
        epoch,
        batch,
        step,
        quantity,
        op: culprit.as_ref().map(|c| c.op),
        line: (culprit.as_ref()).map(|c| c.entered.unwrap_or(c.place).to_string()),
        layer: culprit.map(|c| c.layer).filter(|layer| !layer.is_empty()),
        advice: "the parameters are the last finite ones; try a smaller learning rate, \
                 standardize the data, or look for extreme values in it"
            .to_owned(),
    }
}

/// Euclidean norm of the gradient of all parameters on the tape.
fn gradient_norm(tape: &Tape) -> f64 {
    let squares = |k| squared_norm(tape, k);
    (0..tape.parameters()).map(squares).sum::<f64>().sqrt()
}

/// Sum of the squares of the gradient of parameter `k`; in f64, where no f32 squared overflows.
fn squared_norm(tape: &Tape, k: usize) -> f64 {
    tape.with_parameter_gradient(k, |gradient| gradient.map_or(0.0, sum_of_squares))
}
