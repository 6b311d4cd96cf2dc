use elbo::bayes_net;

const WIDTH: f64 = 3.0;
const COUNT: usize = 3;

bayes_net! {
    net Types(x: [3], z: [WIDTH]) -> y {
        weights ~ Normal(0, COUNT);
        a = linear(x, WIDTH);
        b = linear(x * COUNT, 3);
        c = linear(x, missing);
        d = linear(z, crate::MISSING);
        y ~ Normal(a + b + c + d, 0.1);
    }
}

fn main() {
    let _ = Types::new(1);
}
