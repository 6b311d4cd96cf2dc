use elbo::bayes_net;

bayes_net! {
    net Words(x: [3], fn: [3]) -> y {
        weights = linear(x, 3);
        biases = linear(x, 3);
        posterior = linear(x, 3);
        estimator = linear(x, 3);
        posterior ~ Normal(0, 1);
        block = linear(x, 3);
        for = linear(x, 3);
        type = linear(x, 3);
        self = linear(x, 3);
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Capitals(X: [3]) -> Y {
        Hidden = linear(X, 3);
        __mine = linear(Hidden, 1);
        Y ~ Normal(__mine, 0.1);
    }
}

fn main() {
    let _ = Words::new(1);
}
