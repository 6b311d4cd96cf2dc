use elbo::bayes_net;

// The wrong number of parameters, or a name that is none of them.
bayes_net! {
    net Counts(x: [3]) -> (a, b, c, d, e, f) {
        h = linear(x, 1);
        a ~ StudentT(h, 1);
        b ~ LogNormal(h);
        c ~ Gamma(shape: 2, rate: softplus(h));
        d ~ Beta(softplus(h), 1, 2);
        e ~ NegativeBinomial(h);
        f ~ Laplace(h, scle: 1);
    }
}

// What another name has here.
bayes_net! {
    net Names(x: [3]) -> (a, b, c) {
        h = linear(x, 1);
        a ~ Gaussian(h, 1);
        b ~ NegBinomial(2, h);
        c ~ Lognormal(h, 1);
    }
}

fn main() {
    let _ = (Counts::new(1), Names::new(1));
}
