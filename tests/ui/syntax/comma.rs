use elbo::bayes_net;

bayes_net! {
    net Commas(x: [3]) -> y {
        weights ~ ScaleMixture(0.5, 1.0 0.0025);
        h1 = relu(linear(x 64));
        h2 = relu(linear(h1, 64 posterior = Point));
        h3 = linear(concat(h1 h2), 1);
        y ~ Normal(h3 0.1);
    }
}

fn main() {
    let _ = &Commas::new(1).h2;
}
