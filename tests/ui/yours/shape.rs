use elbo::bayes_net;

#[path = "../gated.rs"]
mod layers;

bayes_net! {
    net Odd(x: [3]) -> y {
        a = relu(crate::layers::Gated(x, 64));
        b = crate::layers::Gated(a + x, 2);
        y ~ Normal(b, 0.1);
    }
}

fn main() {
    let _ = Odd::new(1);
}
