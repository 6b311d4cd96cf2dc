use elbo::bayes_net;

bayes_net! {
    net Blind() -> y {
        s = learned(0.1);
        y ~ Normal(s, 1);
    }
}

bayes_net! {
    net Comma(x: [3] z: [4]) -> y {
        h = linear(concat(x, z), 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Shapeless(x, z: 4) -> y {
        h = linear(concat(x, z), 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Image(x: [28 28]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

fn main() {
    let _ = (Blind::new(1), Comma::new(1), Shapeless::new(1), Image::new(1));
}
