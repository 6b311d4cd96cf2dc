use elbo::bayes_net;

#[path = "../gated.rs"]
mod layers;

// A path that leads nowhere: rustc finds the nearest name.
bayes_net! {
    net Path(x: [4]) -> y {
        h = crate::layers::Gatd(x, 64);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = layers::Gated::shape;
}
