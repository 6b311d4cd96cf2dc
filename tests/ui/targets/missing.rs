use elbo::bayes_net;

bayes_net! {
    net Silent(x: [3]) -> y {
        h = linear(x, 1);
    }
}

bayes_net! {
    net Half(x: [3]) -> (y, z) {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Silent::new(1).h, Half::new(1).h);
}
