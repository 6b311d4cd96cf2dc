use elbo::bayes_net;

bayes_net! {
    net Semicolons(x: [3]) -> y {
        weights ~ Normal(0, 1)
        h1 = relu(linear(x, 64))
        h2 = relu(linear(h1, 64));;
        h3 = linear(h2, 1) h2;
        y ~ Normal(h3, 0.1)
    }
}

fn main() {
    let _ = Semicolons::new(1).h1;
}
