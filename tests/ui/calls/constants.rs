use elbo::bayes_net;

const Q: f64 = 0.5;

// A node stands where a number is wanted, or a number where a node is.
bayes_net! {
    net Constants(x: [3], z: [x]) -> y {
        weights ~ Normal(x, 1);
        posterior = MeanField(init_std: 2 * h);
        a = concat(x, 3);
        b = concat(Q, x);
        c = concat(x, { 1.0 });
        d = concat(x, 1 + 2);
        h = linear(x, x);
        g = linear(h, h + 1);
        s = learned(h);
        e = crate::Gated(x, h);
        y ~ Normal(g, 0.1);
    }
}

bayes_net! {
    net Typed(x: [3]) -> y {
        h = linear(x, 8u32);
        g = linear(h * 2f32, 1);
        y ~ Normal(g, 0.1f32);
    }
}

bayes_net! {
    net Zero(x: [3]) -> y {
        h = linear(x, 1) / 0;
        g = h / 0.0 + h / -(0);
        y ~ Normal(g, 0.1);
    }
}

bayes_net! {
    net Floor(x: [3]) -> y {
        h = linear(x, 1);
        s = learned(0);
        t = learned(0.0005);
        y ~ Normal(h, s + t);
    }
}

fn main() {
    let _ = (Constants::new(1).h, Typed::new(1).h, Zero::new(1), Floor::new(1));
}
