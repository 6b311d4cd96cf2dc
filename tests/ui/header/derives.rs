use elbo::bayes_net;

bayes_net! {
    #[derive(Debug, Clone)]
    net Twice(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = Twice::new(1);
}
