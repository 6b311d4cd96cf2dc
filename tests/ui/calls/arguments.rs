use elbo::bayes_net;

bayes_net! {
    net Counts(x: [3]) -> (y, z, p) {
        weights ~ Normal(0);
        biases ~ ScaleMixture(0.5, 1, 0.1, 7);
        posterior = Point(3);
        a = linear(x);
        b = linear(a, 3, 4);
        c = linear(3, 4);
        d = relu(a, b);
        e = exp();
        f = concat(d);
        g = learned();
        h = relu(f, weights ~ Normal(0, 1));
        i = linear(h, 3, weights ~ Normal(0, 1), weights ~ Normal(0, 2));
        j = relu(2.0) + linear(i, 3) -> [3];
        y ~ Normal(j);
        z ~ Bernoulli(c, e);
        p ~ Poisson(g, rate: 2);
    }
}

fn main() {
    let net = Counts::new(1);
    let _ = (net.a, net.b, net.c, net.g, net.i, net.j);
}
