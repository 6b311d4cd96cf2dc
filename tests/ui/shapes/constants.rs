use elbo::bayes_net;

const NONE: usize = 0;
const HUGE: usize = usize::MAX;

bayes_net! {
    net Zero(x: [NONE]) -> y {
        h = linear(x, 1);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Widths(x: [3]) -> y {
        a = linear(x, NONE);
        b = linear(x, HUGE);
        c = linear(b, 2);
        y ~ Normal(a + c, 0.1);
    }
}

bayes_net! {
    net Row(x: [HUGE, 2], z: [1]) -> y {
        h = linear(z, 1);
        y ~ Normal(h + x, 0.1);
    }
}

fn main() {
    let _ = (Zero::new(1), Widths::new(1));
}
