//! [`Predict`]: the forward passes of a prediction.

use std::ops::Range;

use rayon::prelude::*;

use super::draws::{Draws, OwnPosterior};
use crate::bayes::{Ledger, Noise, Pass};
use crate::data::Inputs;
use crate::data::names::count;
use crate::error::{Error, Place, Result};
use crate::net::{BayesNet, Model, Net, PREDICTION_DRAWS, PREDICTION_SEED, Schema, TargetSchema};
use crate::tape::{Module, Path, Tape, Var};
use crate::tensor::{Shape, Tensor};

/// Rows of one forward pass. Part of what a prediction is: the last bit of a row may depend on
/// where the rows are cut, so they are never cut by the number of threads.
const CHUNK: usize = 512;

/// The most bytes that the likelihood's parameters of a prediction may take, 1 GiB.
pub const LIMIT: u64 = 1 << 30;

impl<N: BayesNet> Model<N> {
    /// A prediction for some rows: a [`Dataset`](crate::data::Dataset) with or without targets,
    /// one row, several rows, a [`Tensor`]; see [`Inputs`].
    ///
    /// ```text
    /// let p = model.predict(&test).draws(200).run()?;
    /// ```
    ///
    /// The model is only read: threads may predict with one and the same at once, without a lock.
    pub fn predict<'a, I: Inputs + ?Sized>(&'a self, inputs: &I) -> Predict<'a, N> {
        Predict {
            net: self.net(),
            work: Work::of(N::NAME, self.schema(), inputs),
            draws: None,
            seed: PREDICTION_SEED,
            source: None,
        }
    }
}

/// A prediction that is about to [`run`](Predict::run).
///
/// | setting | default |
/// | --- | --- |
/// | `draws` | 100 |
/// | `seed` | 0 |
/// | `draws_from` | the posterior in the net's own weights |
pub struct Predict<'a, N> {
    net: &'a N,
    work: Result<Work>,
    draws: Option<u64>,
    seed: u64,
    source: Option<&'a dyn Draws<N>>,
}

/// The rows as the net sees them, and what it says of them.
struct Work {
    rows: usize,
    /// One tensor an input, for each chunk of rows.
    chunks: Vec<Vec<Tensor>>,
    targets: Vec<TargetSchema>,
}

impl<'a, N: BayesNet> Predict<'a, N> {
    /// Sets the number of draws S.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = Some(draws as u64);
        self
    }
    /// Sets the seed of the draws.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
    /// Takes the draws from elsewhere than the net's own posterior; see [`Draws`]. They have a
    /// seed of their own, if any.
    pub fn draws_from(mut self, source: &'a dyn Draws<N>) -> Self {
        self.source = Some(source);
        self
    }
    /// Runs the forward passes, the draws in parallel.
    ///
    /// The result depends on the model, the rows and the settings alone, bit for bit, and not on
    /// the number of threads.
    ///
    /// # Errors
    /// [`Error::Setting`] for 0 draws or more than there are; [`Error::Untrained`];
    /// [`Error::Empty`], [`Error::Mismatch`] and [`Error::NotFinite`] as the rows are, or if a
    /// parameter of the likelihood leaves the range of f32 for a row; and
    /// [`Error::TooLarge`] if the likelihood's parameters, four bytes each for every draw and
    /// row, would take more than [`LIMIT`].
    pub fn run(self) -> Result<N::Prediction> {
        let own = OwnPosterior::new(self.net, self.seed);
        let source = self.source.unwrap_or(&own);
        let draws = number_of_draws(self.draws, source.available())?;
        let Work {
            rows,
            chunks,
            targets,
        } = self.work?;

        // The first pass shows which parameters there are, before memory is taken for all.
        let mut output = forward(&*source.theta(0), &chunks[0], 0, &mut Tape::new());
        let leaves = leaves::<N>(&output, rows.min(CHUNK));
        let bytes: u128 = leaves.iter().map(|leaf| leaf.bytes(draws, rows)).sum();
        if bytes > u128::from(LIMIT) {
            return Err(Error::TooLarge {
                what: format!(
                    "a prediction of {} with {}",
                    count(rows, "row"),
                    count(draws as usize, "draw")
                ),
                bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
                limit: LIMIT,
                mend: "predict fewer rows at a time, or take fewer draws".into(),
            });
        }

        let draws = draws as usize;
        let mut values: Vec<Vec<f32>> = (leaves.iter())
            .map(|leaf| vec![0.0; draws * rows * leaf.width()])
            .collect();
        let sizes: Vec<usize> = leaves.iter().map(|leaf| rows * leaf.width()).collect();
        cut(values.iter_mut().map(Vec::as_mut_slice), &sizes, draws)
            .into_par_iter()
            .enumerate()
            .for_each(|(draw, values)| {
                let theta = source.theta(draw as u64);
                fill(&*theta, &chunks, &leaves, values);
            });

        for (values, leaf) in values.iter().zip(&leaves) {
            all_finite(values, leaf.width(), rows)?;
        }
        let mut full = values.into_iter().zip(&leaves).map(|(values, leaf)| {
            let axes = [draws, rows]
                .into_iter()
                .chain(leaf.row.dims().iter().copied());
            Tensor::new(&axes.collect::<Vec<_>>()[..], values)
        });
        output.visit_mut(Path::ROOT, &mut |_, leaf| {
            if let Some(full) = full.next() {
                *leaf = full;
            }
        });
        Ok(N::prediction(output, targets))
    }
}

impl Work {
    fn of<I: Inputs + ?Sized>(net: &str, schema: Option<&Schema>, inputs: &I) -> Result<Self> {
        let schema = schema.ok_or_else(|| Error::Untrained {
            net: net.to_owned(),
        })?;
        let (tensors, rows) = (schema.inputs(inputs)?, inputs.rows());
        let chunk = |first: usize| {
            let rows = first..rows.min(first + CHUNK);
            tensors.iter().map(|x| select(x, &rows)).collect()
        };
        Ok(Work {
            rows,
            chunks: (0..rows).step_by(CHUNK).map(chunk).collect(),
            targets: schema.targets.clone(),
        })
    }
}

fn number_of_draws(asked: Option<u64>, available: Option<u64>) -> Result<u64> {
    let most = available.unwrap_or(u64::MAX);
    match asked {
        _ if most == 0 => Err(Error::setting("draws_from", "no draws", "at least one")),
        None => Ok(PREDICTION_DRAWS.min(most)),
        Some(0) => Err(Error::setting(
            "draws",
            0,
            "at least one draw of the weights",
        )),
        Some(draws) if draws > most => Err(Error::setting(
            "draws",
            draws,
            format!("at most {most}, as many as `draws_from` has"),
        )),
        Some(draws) => Ok(draws),
    }
}

/// Some rows of a tensor.
fn select(x: &Tensor, rows: &Range<usize>) -> Tensor {
    let width = x.len() / x.shape().dim(0);
    let values = &x.as_slice()[rows.start * width..rows.end * width];
    Tensor::new(x.shape().with(0, rows.len()), values.to_vec())
}

/// One parameter of the likelihood.
struct Leaf {
    /// Its shape for one row.
    row: Shape,
    /// Whether a pass gives it once for all rows, such as a learned scale or cutpoints.
    shared: bool,
}

impl Leaf {
    fn width(&self) -> usize {
        self.row.size()
    }
    fn bytes(&self, draws: u64, rows: usize) -> u128 {
        4 * u128::from(draws) * rows as u128 * self.width() as u128
    }
}

/// What the likelihood's parameters look like in a pass over so many rows.
fn leaves<N: BayesNet>(output: &N::Output<Tensor>, rows: usize) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    output.visit(Path::ROOT, &mut |path, leaf| {
        let shape = leaf.shape();
        let first = shape.dims().first().copied();
        let shared = first.is_none_or(|first| first == 1 && rows != 1);
        assert!(
            shared || first == Some(rows),
            "{}: `{path}` of the likelihood is {shape}; for {rows} rows it must be a single \
             number, [{rows}, ..], or [1, ..] for all of them",
            N::NAME
        );
        let row = if first.is_none() {
            shape
        } else {
            shape.without(0)
        };
        leaves.push(Leaf { row, shared });
    });
    leaves
}

/// Cuts each of several buffers into `parts` parts of its own size, and gives the n-th parts of
/// all together.
fn cut<'v>(
    buffers: impl Iterator<Item = &'v mut [f32]>,
    sizes: &[usize],
    parts: usize,
) -> Vec<Vec<&'v mut [f32]>> {
    let mut cut: Vec<Vec<_>> = (0..parts)
        .map(|_| Vec::with_capacity(sizes.len()))
        .collect();
    for (buffer, &size) in buffers.zip(sizes) {
        for (cut, part) in cut.iter_mut().zip(buffer.chunks_mut(size)) {
            cut.push(part);
        }
    }
    cut
}

/// Writes one draw's parameters for all rows into `values`, one slice a leaf.
fn fill<N: BayesNet>(theta: &N, chunks: &[Vec<Tensor>], leaves: &[Leaf], values: Vec<&mut [f32]>) {
    let sizes: Vec<usize> = leaves.iter().map(|leaf| CHUNK * leaf.width()).collect();
    cut(values.into_iter(), &sizes, chunks.len())
        .into_par_iter()
        .zip(chunks)
        .enumerate()
        .for_each_init(Tape::new, |tape, (i, (mut values, inputs))| {
            let output = forward(theta, inputs, i * CHUNK, tape);
            let mut slots = values.iter_mut().zip(leaves);
            output.visit(Path::ROOT, &mut |_, found| {
                let Some((values, leaf)) = slots.next() else {
                    return;
                };
                if leaf.shared {
                    for row in values.chunks_exact_mut(leaf.width()) {
                        row.copy_from_slice(found.as_slice());
                    }
                } else {
                    values.copy_from_slice(found.as_slice());
                }
            });
        });
}

/// The likelihood's parameters for one chunk under one draw.
fn forward<N: BayesNet>(
    theta: &N,
    inputs: &[Tensor],
    first_row: usize,
    tape: &mut Tape,
) -> N::Output<Tensor> {
    tape.clear();
    let tape = &*tape;
    let net = theta.map_on(&mut |_, leaf| tape.constant(leaf));
    let inputs: Vec<Var<'_>> = inputs.iter().map(|x| tape.constant(x)).collect();
    // The weights are points already, so nothing asks this pass for noise.
    let ledger = Ledger::default();
    let pass = Pass::new(tape, &ledger, Noise::new(0)).first_row(first_row as u64);
    N::output_values(&net.forward(&inputs, &pass))
}

fn all_finite(values: &[f32], width: usize, rows: usize) -> Result<()> {
    let Some(i) = values.iter().position(|x| !x.is_finite()) else {
        return Ok(());
    };
    Err(Error::NotFinite {
        place: Place::row(i / width % rows),
        found: format!("{} in the prediction", values[i]),
        mend: "the row leads the net out of the range of f32: look at its values, or standardize"
            .into(),
    })
}
