//! A to EC: steps of multilayer perceptrons.

use elbo::net::BayesNet;
use elbo::{Result, bayes_net};

use super::line::Measured;
use super::stopwatch::Stopwatch;
use super::train::{Targets, data, spread, train};

/// exp(-6)
const NARROW: f64 = 0.002_478_752_176_666_358_4;

bayes_net! {
    /// A regression of thirteen columns.
    net Regression(x: [13]) -> y {
        weights ~ Normal(0, 1);
        h    = relu(linear(x, 50));
        mean = linear(h, 1);
        y ~ Normal(mean, 1);
    }
}

bayes_net! {
    /// Digits.
    pub(crate) net Digits(x: [784]) -> y {
        weights ~ Normal(0, 1);
        h1     = relu(linear(x, 400));
        h2     = relu(linear(h1, 400));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

bayes_net! {
    /// Digits, three times as wide.
    net WideDigits(x: [784]) -> y {
        weights ~ Normal(0, 1);
        h1     = relu(linear(x, 1200));
        h2     = relu(linear(h1, 1200));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

bayes_net! {
    /// Digits with a prior whose KL has no closed form.
    net MixtureDigits(x: [784]) -> y {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1, sigma2: NARROW);
        biases ~ ScaleMixture(pi: 0.5, sigma1: 1, sigma2: NARROW);
        h1     = relu(linear(x, 400));
        h2     = relu(linear(h1, 400));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

bayes_net! {
    /// Digits without a distribution.
    net PointDigits(x: [784]) -> y {
        posterior = Point;
        h1     = relu(linear(x, 400));
        h2     = relu(linear(h1, 400));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

bayes_net! {
    /// The wide ones without a distribution.
    net WidePointDigits(x: [784]) -> y {
        posterior = Point;
        h1     = relu(linear(x, 1200));
        h2     = relu(linear(h1, 1200));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

pub(crate) fn a(stopwatch: Stopwatch) -> Result<Measured> {
    let data = data(32, 13, Targets::Real)?;
    train(spread::<Regression>(), &data, 32, 506.0, stopwatch)
}

pub(crate) fn b(stopwatch: Stopwatch) -> Result<Measured> {
    digits(spread::<Digits>(), stopwatch)
}

pub(crate) fn c(stopwatch: Stopwatch) -> Result<Measured> {
    digits(spread::<WideDigits>(), stopwatch)
}

pub(crate) fn d(stopwatch: Stopwatch) -> Result<Measured> {
    digits(spread::<MixtureDigits>(), stopwatch)
}

pub(crate) fn eb(stopwatch: Stopwatch) -> Result<Measured> {
    digits(PointDigits::new(0), stopwatch)
}

pub(crate) fn ec(stopwatch: Stopwatch) -> Result<Measured> {
    digits(WidePointDigits::new(0), stopwatch)
}

/// Steps on noise of the size of 60,000 digits in batches of 128.
fn digits<N: BayesNet>(net: N, stopwatch: Stopwatch) -> Result<Measured> {
    let data = data(128, 784, Targets::Classes(10))?;
    train(net, &data, 128, 60_000.0, stopwatch)
}
