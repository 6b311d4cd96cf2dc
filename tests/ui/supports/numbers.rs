use elbo::bayes_net;

// Numbers that are out of their range, or where the net must compute one.
bayes_net! {
    net Numbers(x: [3]) -> (a, c, d, e) {
        h = linear(x, 1);
        a ~ StudentT(0, h, 1);
        c ~ Gamma(2, 3);
        d ~ Laplace(h, -0.5);
        e ~ NegativeBinomial(3, 1);
    }
}

fn main() {
    let _ = Numbers::new(1);
}
