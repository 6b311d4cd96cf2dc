use elbo::bayes_net;

// `~` where `=` is meant, or on what is no target.
bayes_net! {
    net Nodes(x: [3]) -> y {
        weight ~ Normal(0, 1);
        h ~ relu(linear(x, 8));
        g = linear(h, 1);
        g ~ Normal(0, 1);
        x ~ Bernoulli(0);
        y ~ Normal(g, 0.1);
    }
}

bayes_net! {
    net Capital(x: [3]) -> y {
        h = linear(X, 8);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Nodes::new(1).g, Capital::new(1).h);
}
