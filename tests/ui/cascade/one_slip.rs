//! One slip of the pen each, and one error each.
use elbo::bayes_net;

bayes_net! {
    net Equals(x: [3]) -> y {
        logit = linear(x, 1);
        y = Bernoulli(logit);
    }
}

bayes_net! {
    net Swapped(x: [3]) -> y {
        h = linear(64, x);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Shaped(x: [3]) -> y: [1] {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Brackets(x: [3], z: [3]) -> y {
        h = relu linear(x, 1);
        g = linear(concat([x, z]), 1);
        y ~ Normal(h + g, 0.1);
    }
}

bayes_net! {
    net Types(x: [3]) -> y {
        h: [64] = linear(x, 64);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Equals::new(1).logit, Swapped::new(1).h, Shaped::new(1).h, Brackets::new(1).g, Types::new(1).h);
}
