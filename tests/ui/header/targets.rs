use elbo::bayes_net;

bayes_net! {
    net Loose(x: [3]) -> y, z {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
        z ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Generic<T>(x: [3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Typed(x: [f32; 3]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! { pub net Name }

fn main() {
    let _ = (Loose::new(1), Generic::new(1), Typed::new(1), Name::new(1));
}
