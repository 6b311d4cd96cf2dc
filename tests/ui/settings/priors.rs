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

bayes_net! {
    net Wrong(x: [3]) -> y {
        weights ~ StudentT(df: 0, location: 0, scale: 1);
        biases ~ Cauchy(0);
        h1 = relu(linear(x, 4));
        h2 = relu(linear(h1, 4, weights ~ Horseshoe(-0.1)));
        h3 = relu(linear(h2, 4, weights ~ Laplace(0, learned(0.3))));
        h4 = relu(linear(h3, 4, weights ~ Normal(0, learned(0))));
        h5 = relu(linear(h4, 4, weights ~ Normal(learned(0), 1)));
        h6 = relu(linear(h5, 4, weights ~ Normal(0, learned())));
        h7 = relu(linear(h6, 4, weights ~ crate::Mine(scale: 1.0)));
        h8 = relu(linear(h7, 4, weights ~ crate::Mine(h7)));
        h9 = linear(h8, 1, weights ~ Mine(0.3));
        y ~ Normal(h9, 0.1);
    }
}

fn main() {}
