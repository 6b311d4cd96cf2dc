use elbo::bayes_net;

const WIDTH: f64 = 3.0;
const COUNT: usize = 3;

bayes_net! {
    net Types(x: [3], z: [WIDTH]) -> y {
        weights ~ Normal(0, COUNT);
        a = linear(x, WIDTH);
        c = linear(x, missing);
        d = linear(z, crate::MISSING);
        y ~ Normal(a + c + d, 0.1);
    }
}

fn main() {
    let _ = Types::new(1);
}
