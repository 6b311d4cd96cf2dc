use elbo::bayes_net;

bayes_net! {
    net Nested(x: [3]) -> y {
        a = linear(relu(linear(x, 3)), 3);
        b = linear(a, 3) + linear(x, 3);
        c = linear(b, 1) * learned(0.5);
        y ~ Normal(linear(c, 1), learned(0.1));
    }
}

fn main() {
    let net = Nested::new(1);
    let _ = (net.a, net.b, net.c);
}
