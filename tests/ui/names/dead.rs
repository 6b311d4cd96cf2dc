use elbo::bayes_net;

// What has no effect, in nets without another mistake.
bayes_net! {
    net Twice(x: [3]) -> y {
        weights ~ Normal(0, 1);
        biases ~ Normal(0, 1);
        weights ~ Normal(0, 2);
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Nothing(x: [3]) -> y {
        h = relu(x);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Spread(x: [3]) -> y {
        s = learned(0.5);
        y ~ Normal(x, s);
    }
}

fn main() {
    let _ = (Twice::new(1), Nothing::new(1), Spread::new(1));
}
