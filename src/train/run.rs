//! A training run: epochs, steps, and what stops them.

use std::ops::ControlFlow;

use super::batches::{gather, order};
use super::history::Epoch;
use super::step::Step;
use super::trainer::Settings;
use crate::bayes::{Elbo, Ledger, Noise, Pass};
use crate::error::{Error, Result};
use crate::kernels::reduce::sum_of_squares;
use crate::kernels::task;
use crate::net::{BayesNet, Model, Net, TrainingRecord};
use crate::optim::Optimizer;
use crate::tape::{Culprit, Tape};
use crate::tensor::Tensor;

/// The data as the net sees it.
pub(super) struct Data {
    pub(super) inputs: Vec<Tensor>,
    /// The targets, and behind them their weights if they have any.
    pub(super) targets: Vec<Tensor>,
    pub(super) rows: usize,
}

/// A training run between two steps. What a step needs is kept, so that after the first one it
/// allocates no more than two short lists of variables.
pub(super) struct Run<O> {
    settings: Settings,
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

impl<O: Optimizer> Run<O> {
    pub(super) fn new(settings: Settings, optimizer: O, data: &Data) -> Self {
        Run {
            settings,
            optimizer,
            noise: Noise::new(settings.seed),
            tape: Tape::new(),
            inputs: vec![Tensor::default(); data.inputs.len()],
            targets: vec![Tensor::default(); data.targets.len()],
            step: 0,
            unreached: vec![],
        }
    }
    /// Parameters that no gradient reached in the first step.
    pub(super) fn unreached(&self) -> &[String] {
        &self.unreached
    }
    /// Goes over the data once, or up to the step after which `after_step` breaks.
    pub(super) fn epoch<N: BayesNet>(
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
            let numbers = self.tape.memory().peak / size_of::<f32>(); // none before the first step
            let net = &mut model.net;
            let measured = task::in_pool(numbers, || {
                self.step(net, data, rows, first_row, share, is_last)
            });
            let measured =
                measured.map_err(|trouble| diverged(epoch, i + 1, self.step, trouble))?;
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
        let settings = &self.settings;
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
        line: (culprit.as_ref()).map(|c| c.entered.unwrap_or(c.place)),
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
