//! The order of rows, and the rows of a batch.

use rand::seq::SliceRandom;

use super::history::Missing;
use crate::bayes::Noise;
use crate::data::Dataset;
use crate::dist::Support;
use crate::net::Schema;
use crate::tensor::Tensor;

/// The order of the rows in epoch `epoch`: a function of the seed and the epoch alone.
pub(super) fn order(noise: Noise, epoch: usize, rows: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut noise.at("order").step(epoch as u64).rng());
    order
}

/// Writes the rows `rows` of `data` into `batch`, in its own memory if nobody shares that.
pub(super) fn gather(data: &Tensor, rows: &[usize], batch: &mut Tensor) {
    let shape = data.shape();
    let [_, _, width] = shape.split(0);
    let out = batch.reuse(shape.with(0, rows.len()));
    if width == 0 {
        return;
    }
    for (out, &row) in out.chunks_exact_mut(width).zip(rows) {
        out.copy_from_slice(data.row(row));
    }
}

/// Targets as the net takes them: a number of the support where one is missing, and, if one is or
/// the rows have weights, the weights of all values behind them, 0 for what is missing.
pub(super) fn weighted(
    schema: &Schema,
    data: &Dataset,
    mut targets: Vec<Tensor>,
) -> (Vec<Tensor>, Vec<Missing>) {
    let count = |y: &Tensor| y.as_slice().iter().filter(|y| y.is_nan()).count();
    let missing: Vec<Missing> = (schema.targets.iter().zip(&targets))
        .map(|(target, y)| Missing {
            target: target.name.clone(),
            values: count(y),
            of: y.len(),
        })
        .filter(|missing| missing.values > 0)
        .collect();
    if missing.is_empty() && data.row_weights().is_none() {
        return (targets, missing);
    }
    let weights: Vec<Tensor> = (targets.iter())
        .map(|y| {
            let width = y.len() / data.rows().max(1);
            Tensor::from_fn(y.shape(), |i| match data.row_weights() {
                _ if y.as_slice()[i].is_nan() => 0.0,
                None => 1.0,
                Some(weights) => weights[i / width] as f32,
            })
        })
        .collect();
    for (y, target) in targets.iter_mut().zip(&schema.targets) {
        let filler = match target.support {
            Support::Unit => 0.5,
            Support::Positive => 1.0,
            _ => 0.0,
        };
        for y in y.as_mut_slice() {
            if y.is_nan() {
                *y = filler;
            }
        }
    }
    targets.extend(weights);
    (targets, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_a_permutation_that_depends_on_seed_and_epoch() {
        let noise = Noise::new(3);
        let mut seen = order(noise, 7, 100);
        assert_eq!(seen, order(noise, 7, 100));
        assert_ne!(seen, order(noise, 8, 100));
        assert_ne!(seen, order(Noise::new(4), 7, 100));
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn gather_takes_rows_in_the_order_asked_for() {
        let data = Tensor::from_fn([4, 2], |i| i as f32);
        let mut batch = Tensor::default();
        gather(&data, &[3, 0], &mut batch);
        assert_eq!(batch, Tensor::new([2, 2], vec![6.0, 7.0, 0.0, 1.0]));
        gather(&data.reshape([8]), &[5], &mut batch);
        assert_eq!(batch, Tensor::new([1], vec![5.0]));
    }
}
