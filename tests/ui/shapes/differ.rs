use elbo::bayes_net;

bayes_net! {
    pub net Diagnosis(x: [30]) -> y {
        h1    = relu(linear(x, 64));
        h2    = relu(linear(h1, 32));
        logit = linear(h1 + h2, 1);
        y ~ Bernoulli(logit);
    }
}

const SIDE: usize = 28;

// One error for each mistake: what follows from a wrong node is silent.
bayes_net! {
    net Image(x: [1, SIDE, SIDE], z: [2]) -> (y, class, both) {
        a = relu(linear(x, 10));
        b = linear(a * a, 1) / a;
        c = linear(z, 1);
        d = concat(z, x);
        e = log_softmax(x - x);
        y ~ Normal(c, z);
        class ~ Categorical(c);
        both ~ Normal(b + d, exp(e));
    }
}

fn main() {
    let _ = (Diagnosis::new(1), Image::new(1));
}
