use elbo::bayes_net;

const Q: f64 = -1.0;

// The compiler computes the constants, each once.
bayes_net! {
    net Scales(x: [3]) -> (y, z) {
        weights ~ Normal(0, Q);
        biases ~ Laplace(f64::NAN, { 2.0 });
        posterior = MeanField(Q);
        a = linear(x, 1, weights ~ ScaleMixture({ 1.5 }, 1, Q + 2.0));
        weights ~ Normal(0, Q * 2.0);
        b = linear(a, 1);
        c = learned(Q);
        y ~ Normal(b, Q);
        z ~ Normal(b + c, { -1.0 });
    }
}

bayes_net! {
    net Wide(x: [3]) -> y {
        h = linear(x, 9999999999999999);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Scales::new(1), Wide::new(1));
}
