use elbo::bayes_net;

bayes_net! {
    net Links(x: [3]) -> (y, count, class, label) {
        h = linear(x, 3);
        y ~ Bernoulli(sigmoid(h));
        count ~ Poisson(exp(h));
        class ~ Categorical(softmax(h));
        label ~ Bernoulli(logits: sigmoid(h));
    }
}

fn main() {
    let _ = Links::new(1);
}
