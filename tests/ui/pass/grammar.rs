//! Every word of the language, under the strictest lints.
#![deny(warnings, missing_docs, unsafe_code)]

/// Constants of the user's.
pub mod constants {
    /// A width.
    pub const WIDTH: usize = 8;
    /// A factor.
    pub const FACTOR: f64 = 0.5;
}
use constants::{FACTOR, WIDTH};

elbo::bayes_net! {
    /// The words, each once.
    pub net Words(x: [3], z: [WIDTH / 2, ]) -> (y, count, class, label) {
        weights ~ Normal(0, 0.5);
        biases ~ Laplace(location: 0, scale: 1);
        posterior = MeanField(init_std: 0.02);
        estimator = LocalReparam;
        h1 = relu(linear(x, WIDTH));
        posterior = MeanField;
        h2 = gelu(linear(concat(h1, x, z), 2 * WIDTH - 8, weights ~ ScaleMixture(0.5, 1.0, { 1.0 / 400.0 }), posterior = Point));
        skip = -(h1 + h2) * 2 - h1 / 3.5 + FACTOR * (h1 - (h2 - h1)) * constants::FACTOR;
        h3 = tanh(sigmoid(softplus(skip))) + exp(log(square(sqrt(square(h1)) + 1)));
        std = learned(0.1);
        mean = linear(h3, 2, estimator = WeightReparam);
        scale = softplus(linear(h3, 2)) + std;
        rate = linear(h3, units: 1);
        logits = linear(h3, 3, biases ~ Normal(mean: -1, std: 1));
        binary = linear(h3, 1);
        y ~ Normal(mean, std: scale);
        count ~ Poisson(rate);
        class ~ Categorical(log_softmax(logits));
        label ~ Bernoulli(binary);
    }
}

elbo::bayes_net! {
    net Undocumented(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

elbo::bayes_net! {
    net Learned(x: [3]) -> y {
        h = linear(x, 1);
        std = learned(0.1);
        y ~ Normal(h, std);
    }
}

fn main() {
    let _ = (Words::new(1), Undocumented::new(2), Learned::new(3));
}
