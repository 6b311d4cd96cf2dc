use elbo::bayes_net;

bayes_net! {
    net Typos(x: [30]) -> y {
        weights ~ ScaleMixtur(pi: 0.5, sigma1: 1.0, sigma2: 0.0025);
        biases ~ Normal(mu: 0, std: 1);
        posterior = Meanfield(init_std: 0.05);
        estimator = Dropout;
        h1 = relu(liner(x, 64));
        h2 = rleu(linear(h1, 64));
        h3 = linear(h4, 64, weigths ~ Normal(0, 1));
        h4 = linear(h3, 64, units: 3);
        h5 = attention(h4, 4);
        h6 = Linear(h5, 64);
        logit = linear(h6 + hidden, 1);
        y ~ Bernouli(logit);
    }
}

fn main() {
    let net = Typos::new(1);
    let _ = (net.h1, net.h2, net.h3, net.h4, net.logit);
}
