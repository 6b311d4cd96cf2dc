use elbo::bayes_net;

bayes_net! {
    net Calls(x: [4]) -> y {
        a = crate::layers::Gated(units: 64);
        b = crate::layers::Gated();
        c = crate::mix();
        d = crate::mix(2, x);
        e = crate::mix(x, weights ~ Normal(0, 1));
        f = crate::mix(x) -> 3;
        g = relu(x) -> [4];
        h = mix(x);
        i = x * crate::mix;
        y ~ Normal(a + b + c + d + e + f + g + h + i, 0.1);
    }
}

fn main() {
    let _ = Calls::new(1);
}
