//! G: steps of a convolutional net.

use elbo::{Result, bayes_net};

use super::line::Measured;
use super::stopwatch::Stopwatch;
use super::train::{Targets, data, spread, train};

bayes_net! {
    /// LeNet, with a distribution over every weight.
    net LeNet(x: [1, 28, 28]) -> y {
        weights ~ Normal(0, 1);
        c1     = max_pool2d(relu(conv2d(x, 6, kernel: 5)), 2);
        c2     = max_pool2d(relu(conv2d(c1, 16, kernel: 5)), 2);
        h1     = relu(linear(flatten(c2), 120));
        h2     = relu(linear(h1, 84));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

pub(crate) fn g(stopwatch: Stopwatch) -> Result<Measured> {
    const ROWS: usize = 64;
    let data = data(ROWS, 28 * 28, Targets::Classes(10))?;
    train(spread::<LeNet>(), &data, ROWS, 60_000.0, stopwatch)
}
