use elbo::bayes_net;

bayes_net! {
    net Loose(x: [3], z: [4]) -> y {
        h1 = linear(x, 3);
        h2 = linear(x, 3);
        y ~ Normal(h1, 0.1);
        posterior = Point;
    }
}

fn main() {
    let _ = Loose::new(1).h2;
}
