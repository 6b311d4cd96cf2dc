use elbo::bayes_net;
use elbo::dist::{Density, Support};

pub enum Exponential {}

impl Density<1> for Exponential {
    const NAME: &'static str = "Exponential";
    const SUPPORT: Support = Support::Positive;
    fn log_prob<S: elbo::Scalar>(y: S, [rate]: [S; 1]) -> S {
        rate.ln() - rate * y
    }
    fn mean([rate]: [f64; 1]) -> f64 {
        1.0 / rate
    }
    fn variance([rate]: [f64; 1]) -> f64 {
        1.0 / (rate * rate)
    }
    fn cdf(y: f64, [rate]: [f64; 1]) -> f64 {
        -(-rate * y).exp_m1()
    }
}

bayes_net! {
    net Words(x: [3]) -> (a, b, c, d) {
        h = linear(x, 1);
        a ~ self::Exponential();
        b ~ self::Exponential(rate: h);
        c ~ self::Exponential(0.5);
        d ~ self::Exponential(linear(h, 1));
    }
}

// What the compiler says of the type.
bayes_net! {
    net Count(x: [3]) -> y {
        h = softplus(linear(x, 1));
        y ~ self::Exponential(h, 2);
    }
}

fn main() {
    let _ = Words::new(1);
}
