use elbo::bayes_net;

bayes_net! {
    net Empty(x: [3]) -> y {}
}

bayes_net! {
    /// A constant is no node.
    net Constant(x: [3]) -> y {
        c = 2 * 0.5;
        h = linear(x, 1);
        y ~ Normal(h * c, 0.1);
    }
}

fn main() {
    let _ = (Empty::new(1), Constant::new(1));
}
