//! F: the prediction of a thousand rows by a hundred draws.

use elbo::net::Model;
use elbo::optim::Adam;
use elbo::train::Trainer;
use elbo::{Result, Tensor};

use super::line::Measured;
use super::mlp::Digits;
use super::stopwatch::Stopwatch;
use super::train::{Targets, data, inputs, spread};

const ROWS: usize = 1000;
const DRAWS: usize = 100;

pub(crate) fn f(mut stopwatch: Stopwatch) -> Result<Measured> {
    // A model predicts once it was trained; the work does not depend on what it has learned.
    let mut model = Model::new(spread::<Digits>());
    let trainer = Trainer::new(Adam::new(1e-3)).epochs(1).quiet();
    trainer.fit(&mut model, &data(32, 784, Targets::Classes(10))?)?;

    let rows = inputs(ROWS, 784);
    let mut probabilities = Tensor::default();
    stopwatch.time(|| {
        let prediction = model.predict(&rows).draws(DRAWS).run()?;
        probabilities = prediction.probabilities();
        Ok(())
    })?;
    let sum: f64 = probabilities.as_slice().iter().sum();
    Ok(Measured {
        times: stopwatch.times(),
        check: vec![("row_sum", sum / ROWS as f64)],
    })
}
