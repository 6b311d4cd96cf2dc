use elbo::bayes_net;

bayes_net! {
    net Doubles(x: [3], x: [4]) -> (y, y) {
        h = linear(x, 3);
        h = linear(h, 3);
        x = relu(h);
        y = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = Doubles::new(1).h;
}
