use elbo::bayes_net;

bayes_net! {
    net Widths(x: [3]) -> y {
        a = linear(x, 0);
        b = linear(a, -3);
        c = linear(b, 1e3);
        d = linear(c, 64.5);
        e = linear(d, 99999999999999999999);
        f = linear(e, "wide");
        y ~ Normal(f, 0.1);
    }
}

bayes_net! {
    net Scales(x: [3]) -> y {
        weights ~ Normal(0, 0);
        biases ~ ScaleMixture(pi: 1.5, sigma1: -1, sigma2: 1e999);
        posterior = MeanField(init_std: 0.0);
        h = linear(x, 1);
        s = learned(-2);
        y ~ Normal(h * s, -0.1);
    }
}

fn main() {
    let _ = (Widths::new(1).e, Scales::new(1).h);
}
