//! Wrong headers beside right code that uses the nets.
use elbo::net::BayesNet;

elbo::bayes_net! {
    net Forgot(x: [3]) {
        h = linear(x, 1);
        y ~ Bernoulli(h);
    }
}

elbo::bayes_net! {
    net Hopeless(x: 3) - y {
    }
}

elbo::bayes_net! {
    net Twice(x: [3]) -> (y, y) {
        h = linear(x, 1);
        h = linear(h, 1);
        y ~ Bernoulli(h);
    }
}

fn main() {
    let _ = Forgot::new(1).h.weight.mu;
    let _: fn(_, _) -> elbo::predict::Predictive<elbo::dist::Bernoulli> = Forgot::prediction;
    let _ = Hopeless::fresh(1).describe().layers;
    let _ = Twice::new(1).h;
}
