use elbo::bayes::Noise;
use elbo::bayes_net;
use elbo::layers::LayerOptions;
use elbo::tensor::check::Checked;
use elbo::{Shape, Tensor};

/// Two numbers, but none of the traits of a layer.
#[derive(Clone, Debug)]
pub struct Bare<T = Tensor> {
    pub shift: T,
}

impl Bare {
    pub const fn shape(input: Shape, _: &str) -> Checked {
        Ok(input)
    }
    pub fn new(input: Shape, _: LayerOptions, _: Noise) -> Self {
        Bare {
            shift: Tensor::zeros(input),
        }
    }
}

bayes_net! {
    net Traits(x: [4]) -> y {
        h = self::Bare(x);
        m = linear(h, 1);
        y ~ Normal(m, 0.1);
    }
}

fn main() {
    let _ = Traits::new(1);
}
