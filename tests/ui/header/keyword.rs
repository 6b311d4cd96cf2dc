use elbo::bayes_net;

bayes_net! {
    network Digits(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Two(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
    net Three(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Bodyless(x: [3]) -> y
}

bayes_net! {}

fn main() {}
