use elbo::bayes_net;

bayes_net! {
    net Twice(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
        y ~ Bernoulli(h);
    }
}

bayes_net! {
    net Stray(x: [3]) -> y {
        h = linear(x, 1);
        label ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Latent(x: [3]) -> (malignant, size) {
        h = linear(x, 1);
        malignent ~ Bernoulli(h);
        size ~ Normal(0, 1);
        noise ~ LogNormal(0, 1);
    }
}

bayes_net! {
    net Inside(x: [3]) -> y {
        h = Normal(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Twice::new(1).h, Stray::new(1).h, Latent::new(1).h);
}
