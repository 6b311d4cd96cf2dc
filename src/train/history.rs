//! [`History`]: what a training run was like.

use std::fmt::{self, Display};

/// One epoch, per row of the data and in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// log p(y | x, theta), the mean over the rows and the draws: over all rows, also those whose
    /// target is missing, and each by its weight if it has one.
    pub log_likelihood: f64,
    /// KL(q || p) over the number of rows, at the epoch's last batch; after the last step of a run
    /// that was stopped amid the epoch.
    pub kl: f64,
    /// Euclidean norm of the gradient of the loss, the mean over the batches.
    pub gradient_norm: f64,
}

impl Epoch {
    /// The evidence lower bound per row: `log_likelihood - kl`.
    pub fn elbo(&self) -> f64 {
        self.log_likelihood - self.kl
    }
}

impl Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ELBO {:+.4} = log-likelihood {:+.4} - KL {:.4} nats per row",
            self.elbo(),
            self.log_likelihood,
            self.kl
        )
    }
}

/// The values of a target that were missing, and so left out of the likelihood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The target's name in the net.
    pub target: String,
    /// How many of its values are missing.
    pub values: usize,
    /// Of how many, over all rows and columns.
    pub of: usize,
}

impl Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing { target, values, of } = self;
        write!(
            f,
            "missing: {values} of {of} values of `{target}`, left out of the likelihood"
        )
    }
}

/// All epochs of a training run, and the advice that it ended with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    epochs: Vec<Epoch>,
    missing: Vec<Missing>,
    advice: Vec<String>,
}

impl History {
    /// The epochs in order.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }
    /// The last epoch; `None` if there was none.
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
    /// The targets of which values were missing, one entry each.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }
    /// What is worth a look at how the training ended, such as a net that learned nothing
    /// because the KL outweighs the data.
    pub fn advice(&self) -> &[String] {
        &self.advice
    }
    /// The history of a run over data with these gaps.
    pub(super) fn new(missing: Vec<Missing>) -> Self {
        History {
            missing,
            ..History::default()
        }
    }
    pub(super) fn push(&mut self, epoch: Epoch) {
        self.epochs.push(epoch);
    }
    pub(super) fn advise(&mut self, advice: Option<String>) {
        self.advice.extend(advice);
    }
}

impl Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last() {
            None => f.write_str("no epoch"),
            Some(last) => write!(f, "{} epochs: {last}", last.epoch),
        }?;
        for missing in &self.missing {
            write!(f, "\n{missing}")?;
        }
        for advice in &self.advice {
            write!(f, "\nadvice: {advice}")?;
        }
        Ok(())
    }
}
