use elbo::bayes_net;

bayes_net! {
    net Level(x: [3]) -> (y, z) {
        level = learned(1.0);
        h = linear(x, 1);
        y ~ Normal(level, 0.5);
        z ~ Normal(h + level, level);
    }
}

fn main() {
    let _ = Level::new(1);
}
