//! A net, its data, and the steps of its training.

use elbo::bayes::{Ledger, Noise, Pass};
use elbo::data::Dataset;
use elbo::net::{BayesNet, Model, Net};
use elbo::optim::Adam;
use elbo::tape::Path;
use elbo::train::Trainer;
use elbo::{Result, Tape, Tensor};
use rand::RngExt;

use super::line::Measured;
use super::stopwatch::Stopwatch;

/// Sets of targets for one batch of inputs.
const SETS: usize = 8;

/// What the targets are.
#[derive(Clone, Copy)]
pub(crate) enum Targets {
    /// Standard normal numbers.
    Real,
    /// One of so many classes.
    Classes(u32),
}

/// A batch of inputs, `[rows][width]`, of standard normal numbers.
pub(crate) fn inputs(rows: usize, width: usize) -> Vec<Vec<f64>> {
    let mut values = vec![0.0; rows * width];
    Noise::new(0).at("inputs").fill_normal(&mut values);
    values.chunks(width).map(<[f64]>::to_vec).collect()
}

/// One batch of inputs of so many rows, eight times, each time with other targets.
///
/// The trainer shuffles the rows, so that a batch meets targets of all eight sets. Its work is that
/// of one batch in memory whose sets of targets take turns, and the gathering of the rows on top.
/// An epoch has eight steps; the last of them also computes the value of the KL, which the others
/// do not need.
pub(crate) fn data(rows: usize, width: usize, targets: Targets) -> Result<Dataset> {
    let batch = inputs(rows, width);
    let x = batch
        .iter()
        .map(Vec::as_slice)
        .collect::<Vec<_>>()
        .repeat(SETS);
    let noise = Noise::new(0).at("targets");
    let mut y = vec![0.0; x.len()];
    match targets {
        Targets::Real => noise.fill_normal(&mut y),
        Targets::Classes(classes) => {
            let mut rng = noise.rng();
            y.fill_with(|| f64::from(rng.random_range(0..classes)));
        }
    }
    Dataset::from_rows(&x, &y)
}

/// A net with mu from N(0, 0.1²) and rho = -3 everywhere.
pub(crate) fn spread<N: BayesNet>() -> N {
    let mut net = N::fresh(0);
    net.visit_mut(Path::ROOT, &mut |path, leaf| {
        if path.name() == Some("rho") {
            leaf.as_mut_slice().fill(-3.0);
        } else {
            let noise = Noise::new(0).at(&path.to_string());
            noise.fill_normal(leaf.as_mut_slice());
            *leaf = leaf.map(|mu| 0.1 * mu);
        }
    });
    net
}

/// Trains `net` on batches of `batch` rows, as if there were `n` rows of data.
///
/// The loss that the trainer descends is mean NLL + weight KL / N for the N rows of `data`: the
/// weight N / n makes it mean NLL + KL / n.
pub(crate) fn train<N: BayesNet>(
    net: N,
    data: &Dataset,
    batch: usize,
    n: f64,
    mut stopwatch: Stopwatch,
) -> Result<Measured> {
    let (kl_at_start, parameters) = (kl(&net), net.describe().parameters());
    let kl_weight = data.rows() as f64 / n;
    let trainer = Trainer::new(Adam::new(1e-3))
        .epochs(usize::MAX)
        .batch_size(batch)
        .kl_weight(kl_weight)
        .quiet();
    let history = trainer.fit_with(&mut Model::new(net), data, |_| stopwatch.lap())?;
    let mut check = vec![("kl0", kl_at_start), ("params", parameters as f64)];
    if let Some(last) = history.last() {
        check.push(("loss", kl_weight * last.kl - last.log_likelihood));
    }
    Ok(Measured {
        times: stopwatch.times(),
        check,
    })
}

/// KL(q || p), at one draw where there is no closed form.
fn kl<N: BayesNet>(net: &N) -> f64 {
    let tape = Tape::new();
    let ledger = Ledger::default();
    let pass = Pass::new(&tape, &ledger, Noise::new(0));
    let row = |shape: elbo::Shape| tape.constant(&Tensor::zeros(shape.with_rows(1)));
    let info = net.describe();
    let inputs: Vec<_> = info.inputs.iter().map(|input| row(input.shape)).collect();
    let net = net.map_on(&mut |_, leaf| tape.constant(leaf));
    net.forward(&inputs, &pass);
    f64::from(pass.kl().item())
}
