use elbo::bayes_net;
use elbo::{Scalar, bayes::LogDensity};

/// A prior of the user's own.
#[derive(Debug)]
pub struct Mine(pub f64);
impl LogDensity for Mine {
    fn log_prob<S: Scalar>(&self, w: S) -> S {
        -w * w * S::of(self.0)
    }
}

/// No prior.
#[derive(Debug)]
pub struct Nothing;

bayes_net! {
    net Own(x: [3]) -> y {
        weights ~ crate::Nothing;
        h1 = relu(linear(x, 4));
        h2 = relu(linear(h1, 4, weights ~ crate::Missing(1.0)));
        h3 = linear(h2, 1, weights ~ crate::Mine("text"));
        y ~ Normal(h3, 0.1);
    }
}

fn main() {}
