use elbo::{Scalar, Var, bayes_net};

fn number<'t, S: Scalar>(x: Var<'t, S>) -> f64 {
    x.shape().size() as f64
}

fn two<'t, S: Scalar>(x: Var<'t, S>, _: Var<'t, S>) -> Var<'t, S> {
    x
}

bayes_net! {
    net Functions(x: [4]) -> y {
        a = crate::number(linear(x, 4));
        b = crate::two(a);
        y ~ Normal(b, 0.1);
    }
}

fn main() {
    let _ = Functions::new(1);
}
