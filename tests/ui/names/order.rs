use elbo::bayes_net;

bayes_net! {
    net Order(x: [3]) -> y {
        h1 = linear(h2, 3);
        h2 = linear(x + h2, 3);
        h3 = linear(y, 3);
        y ~ Normal(h1 + h3, 0.1);
    }
}

fn main() {
    let _ = Order::new(1).h2;
}
