use elbo::bayes_net;

mod layers {
    use elbo::Shape;
    use elbo::tensor::check::{Checked, Message};

    pub struct Gated<T = elbo::Tensor>(T);

    impl Gated {
        pub const fn shape(x: Shape, name: &str, units: usize) -> Checked {
            if x.dim(0) % 2 != 0 {
                let message = Message::new().text("Gated wants an even number of inputs, but `");
                return Err(message.text(name).text("` is ").shape(x));
            }
            Ok(Shape::new(&[units]))
        }
    }
}

// A path that leads nowhere.
bayes_net! {
    net Path(x: [4]) -> y {
        h = crate::layers::Gatd(x, 64);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Arguments(x: [4]) -> y {
        a = crate::layers::Gated(x, 64, 3);
        y ~ Normal(a, 0.1);
    }
}

fn main() {}
