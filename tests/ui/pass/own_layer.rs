//! A layer of the user's own, by three kinds of path.
#![deny(warnings, missing_docs, unsafe_code)]

#[path = "../gated.rs"]
pub mod layers;
use layers::Gated;

elbo::bayes_net! {
    /// Gated, and gated again.
    pub net Gates(x: [4]) -> y {
        weights ~ Normal(0, 1);
        a = relu(crate::layers::Gated(x, 8));
        b = self::layers::Gated(a, 2, posterior = Point) + 1;
        c = Gated(b, 1);
        y ~ Normal(c, 0.1);
    }
}

fn main() {
    let net = Gates::new(3);
    let _ = (net.a.value.weight, net.b.gate.bias, net.c);
}
