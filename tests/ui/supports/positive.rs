use elbo::bayes_net;

// A scale, rate or concentration that some weights make negative.
bayes_net! {
    net Raw(x: [3]) -> (a, b, c, d, e, f) {
        h = tanh(linear(x, 8));
        raw = linear(h, 1);
        sum = raw + linear(h, 1);
        a ~ Normal(raw, sum);
        b ~ StudentT(4, raw, 2 * raw);
        c ~ LogNormal(raw, tanh(raw));
        d ~ Gamma(raw, softplus(raw));
        e ~ Beta(concentration1: exp(raw), concentration0: raw - 1);
        f ~ NegativeBinomial(raw, raw);
    }
}

fn main() {
    let _ = Raw::new(1);
}
