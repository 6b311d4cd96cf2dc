//! What to say at the end of a training run that learned nothing.

use crate::bayes::{Ledger, Noise, Pass};
use crate::dist::Support;
use crate::net::{BayesNet, Net, Schema};
use crate::tape::{Module, Path, Tape};
use crate::tensor::Tensor;

use super::history::Epoch;

/// A net whose outputs vary over the rows by less than this part of what they could is taken
/// for constant: of the targets' standard deviation where those are real, of one nat where the
/// outputs are logits.
const CONSTANT: f64 = 0.1;

/// Rows that are looked at.
const ROWS: usize = 1024;

/// Advice if the net says the same for every row: then the KL outweighs the likelihood, or the
/// inputs say nothing of the targets.
pub(super) fn after_training<N: BayesNet>(
    net: &N,
    schema: &Schema,
    inputs: &[Tensor],
    targets: &[Tensor],
    last: &Epoch,
) -> Option<String> {
    let first = targets.first()?;
    let real = schema.targets.first()?.support == Support::Real;
    let possible = if real { spread(first) } else { 1.0 };
    let actual = output_spread(net, inputs);
    (possible > 0.0 && actual < CONSTANT * possible).then(|| {
        format!(
            "the net predicts nearly the same for every row: its outputs vary by {actual:.1e}, \
             where {possible:.1e} is to be explained. The KL, {:.3} nats per row, may outweigh \
             the log-likelihood, {:.3} nats per row: try a narrower net, a prior that narrows \
             with the fan-in, more rows, or a KL weight below 1",
            last.kl, last.log_likelihood
        )
    })
}

/// The spread over the rows of the first parameter of the likelihood at the mean weights.
fn output_spread<N: BayesNet>(net: &N, inputs: &[Tensor]) -> f64 {
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
    let mut first = None;
    output.visit(Path::ROOT, &mut |_, leaf| {
        first.get_or_insert_with(|| spread(leaf));
    });
    first.unwrap_or(0.0)
}

/// The first rows.
fn head(x: &Tensor) -> Tensor {
    let rows = x.shape().dim(0).min(ROWS);
    let shape = x.shape().with(0, rows);
    Tensor::new(shape, x.as_slice()[..shape.size()].to_owned())
}

/// The largest standard deviation of a column over the rows.
fn spread(x: &Tensor) -> f64 {
    let rows = x.shape().dim(0);
    let width = x.len() / rows.max(1);
    let column = |c: usize| (0..rows).map(move |r| f64::from(x.as_slice()[r * width + c]));
    let std = |c: usize| {
        let mean = column(c).sum::<f64>() / rows as f64;
        let squares: f64 = column(c).map(|v| (v - mean).powi(2)).sum();
        (squares / rows as f64).sqrt()
    };
    (0..width).map(std).fold(0.0, f64::max)
}
