use elbo::bayes_net;

// What the net predicts is missing: one error, and the type exists.
bayes_net! {
    net Forgot(x: [3]) {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Nothing(x: [3]) -> () {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _: Option<(Forgot, Nothing)> = None;
}
