//! What to say at the end of a training run that learned nothing.

use super::history::Epoch;
use crate::bayes::{Ledger, Noise, Pass};
use crate::dist::Support;
use crate::net::{BayesNet, Net, Schema};
use crate::tape::{Module, Path, Tape};
use crate::tensor::Tensor;

/// Rows that are looked at.
const ROWS: usize = 1024;

/// A net whose residuals are larger than this part of the targets' own spread is taken to have
/// learned nothing, and so is one that is surer than a constant by less than the rest.
const NOTHING: f64 = 0.95;

/// The same where the KL is larger than the log-likelihood: then it is what keeps the net from
/// fitting.
const LITTLE: f64 = 0.3;

/// Advice if there are parameters that no gradient reached: they stay where they started.
pub(super) fn on_unreached(paths: &[String]) -> Option<String> {
    (!paths.is_empty()).then(|| {
        format!(
            "no gradient reached {}: the loss does not depend on them, or a function of your own \
             does not pass gradients on",
            paths.join(", ")
        )
    })
}

/// Advice if the net predicts its first target no better than a constant would: then the KL
/// outweighs the likelihood, or the inputs say nothing of the target.
pub(super) fn after_training<N: BayesNet>(
    net: &N,
    schema: &Schema,
    inputs: &[Tensor],
    targets: &[Tensor],
    last: &Epoch,
) -> Option<String> {
    let (target, known) = (targets.first()?, schema.targets.first()?);
    let finding = if known.support == Support::Real {
        let (residual, spread) = residual_and_spread(net, inputs, target)?;
        let outweighed = last.kl > last.log_likelihood.abs();
        let little = residual > if outweighed { LITTLE } else { NOTHING } * spread;
        little.then(|| {
            format!("its residuals spread by {residual:.3}, the target itself by {spread:.3}")
        })
    } else if targets.len() == 1 {
        let constant = constant_log_likelihood(target, known.support)?;
        (last.log_likelihood < NOTHING * constant).then(|| {
            let got = last.log_likelihood;
            format!("it reaches {got:.3} nats per row, constant probabilities {constant:.3}")
        })
    } else {
        None
    }?;
    Some(format!(
        "the net explains little or nothing of `{}`: {finding}. The KL, {:.3} nats per row, may \
         outweigh the log-likelihood, {:.3} nats per row, or the training was too short or its \
         learning rate too large: try a narrower net, a prior that narrows with the fan-in, more \
         rows, a KL weight below 1, more epochs, or a smaller learning rate",
        known.name, last.kl, last.log_likelihood
    ))
}

/// Root mean squares, over rows and columns, of the target less the mean net's prediction and
/// less its own mean; `None` where the target does not vary.
fn residual_and_spread<N: BayesNet>(
    net: &N,
    inputs: &[Tensor],
    target: &Tensor,
) -> Option<(f64, f64)> {
    let target = head(target);
    let predicted = mean_net(net, inputs)?;
    let rows = target.shape().dim(0);
    let width = target.len() / rows.max(1);
    let y = |i: usize| f64::from(target.as_slice()[i]);
    let column_mean = |c: usize| (0..rows).map(|r| y(r * width + c)).sum::<f64>() / rows as f64;
    let means: Vec<f64> = (0..width).map(column_mean).collect();
    if predicted.len() != target.len() {
        return None; // one parameter for all rows: nothing to compare row by row
    }
    let root_mean_square = |f: &dyn Fn(usize) -> f64| {
        let squares: f64 = (0..target.len()).map(|i| f(i).powi(2)).sum();
        (squares / target.len() as f64).sqrt()
    };
    let spread = root_mean_square(&|i| y(i) - means[i % width]);
    let residual = root_mean_square(&|i| y(i) - f64::from(predicted.as_slice()[i]));
    (spread > 0.0).then_some((residual, spread))
}

/// Where the first target lies at the posterior means of the weights; `None` if its likelihood has
/// no such parameter.
fn mean_net<N: BayesNet>(net: &N, inputs: &[Tensor]) -> Option<Tensor> {
    let tape = Tape::new();
    let inputs: Vec<_> = inputs.iter().map(|x| tape.constant(&head(x))).collect();
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(0));
    let means = net.map_on(&mut |path, leaf| match path.name() {
        // softplus(-inf) is 0: no spread around the mean
        Some("rho") => tape.constant(&leaf.map(|_| f32::NEG_INFINITY)),
        _ => tape.constant(leaf),
    });
    let output = N::output_values(&means.forward(&inputs, &pass));
    let mut found = None;
    let location = match net.describe().targets.first()?.likelihood {
        "Normal" => "mean",
        "Laplace" => "location",
        "StudentT" => "loc",
        _ => return None,
    };
    output.visit(Path::ROOT, &mut |path, leaf| {
        if path.name() == Some(location) {
            found.get_or_insert_with(|| leaf.clone());
        }
    });
    found
}

/// The first rows.
fn head(x: &Tensor) -> Tensor {
    let shape = x.shape().with(0, x.shape().dim(0).min(ROWS));
    Tensor::new(shape, x.as_slice()[..shape.size()].to_owned())
}

/// The log-likelihood per row of the best prediction that is the same for every row: minus the
/// entropy of the classes, or Poisson with the mean of the counts; `None` of other targets.
fn constant_log_likelihood(target: &Tensor, support: Support) -> Option<f64> {
    let rows = target.shape().dim(0);
    let width = target.len() / rows.max(1);
    let n = rows as f64;
    let x_ln_x = |p: f64| if p > 0.0 { p * p.ln() } else { 0.0 };
    let column = |c: usize| (0..rows).map(move |r| f64::from(target.as_slice()[r * width + c]));
    let of_column = |c: usize| match support {
        Support::Class { classes } => {
            let share = |k| column(c).filter(|&y| y == k as f64).count() as f64 / n;
            Some((0..classes).map(|k| x_ln_x(share(k))).sum())
        }
        Support::Count => {
            let rate = column(c).sum::<f64>() / n;
            let factorials: f64 = column(c).map(|y| libm::lgamma(y + 1.0)).sum();
            Some(x_ln_x(rate) - rate - factorials / n)
        }
        Support::Binary => {
            let p = column(c).sum::<f64>() / n;
            Some(x_ln_x(p) + x_ln_x(1.0 - p))
        }
        Support::Real | Support::Positive | Support::Unit => None,
    };
    (0..width).map(of_column).sum()
}
