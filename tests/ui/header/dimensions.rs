use elbo::bayes_net;

bayes_net! {
    net Sizes(a: [0], b: [-3], c: [1e3], d: [2.5], e: [99999999999999999999]) -> y {
        h = linear(concat(a, b, c, d, e), 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = Sizes::new(1);
}
