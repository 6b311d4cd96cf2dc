use elbo::bayes_net;

#[path = "../gated.rs"]
mod layers;

// What the layer takes is its author's to say, so rustc explains it.
bayes_net! {
    net Arguments(x: [4]) -> y {
        a = crate::layers::Gated(x, 64, 3);
        b = crate::layers::Gated(a, 2.5);
        y ~ Normal(b, 0.1);
    }
}

fn main() {
    let _ = Arguments::new(1);
}
