use elbo::bayes_net;

// Parameters that are vectors, and the one that increases.
bayes_net! {
    net Cuts(x: [3]) -> (a, b, c, d) {
        eta = linear(x, 1);
        free = linear(x, 2);
        a ~ Ordinal(eta, free);
        b ~ Ordinal(eta, 0.5);
        c ~ MixtureOfNormals(free, 0, 1);
        d ~ MixtureOfNormals(softmax(free), free, 1);
    }
}

bayes_net! {
    net Shapes(x: [3]) -> (a, b) {
        eta = linear(x, 4);
        cuts = cutpoints(2);
        means = linear(x, 3);
        a ~ Ordinal(eta, cuts);
        b ~ MixtureOfNormals(eta, means, 0.1);
    }
}

bayes_net! {
    net None(x: [3]) -> y {
        eta = linear(x, 1);
        cuts = cutpoints(0);
        y ~ Ordinal(eta, cuts);
    }
}

fn main() {
    let _ = (Cuts::new(1), Shapes::new(1), None::new(1));
}
