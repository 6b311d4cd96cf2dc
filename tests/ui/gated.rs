//! A layer of a user's own: half of it decides how much of the other half passes.

use elbo::bayes::{Noise, Pass};
use elbo::layers::{Forward, Layer, LayerOptions, Linear};
use elbo::tape::{Module, Path};
use elbo::tensor::check::{Checked, Message};
use elbo::{Scalar, Shape, Tensor, Var};

/// y = (x V + b) sigmoid(x W + c).
#[derive(Clone, Debug)]
pub struct Gated<T = Tensor> {
    /// What passes.
    pub value: Linear<T>,
    /// How much of it.
    pub gate: Linear<T>,
}

impl Gated {
    /// The shape of the output for one row.
    ///
    /// # Errors
    /// If the number of inputs is odd.
    pub const fn shape(input: Shape, name: &str, units: usize) -> Checked {
        if input.rank() != 1 || !input.dim(0).is_multiple_of(2) {
            let message = Message::new().text("Gated wants an even number of inputs, but `");
            return Err(message.text(name).text("` is ").shape(input));
        }
        Linear::shape(input, name, units)
    }

    /// A layer for inputs of shape `input`.
    pub fn new(input: Shape, units: usize, options: LayerOptions, noise: Noise) -> Self {
        Gated {
            value: Linear::new(input, units, options, noise.at("value")),
            gate: Linear::new(input, units, options, noise.at("gate")),
        }
    }
}

impl<T> Module<T> for Gated<T> {
    type Of<U> = Gated<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Gated<U> {
        Gated {
            value: self.value.map(path.at("value"), f),
            gate: self.gate.map(path.at("gate"), f),
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        self.value.visit(path.at("value"), f);
        self.gate.visit(path.at("gate"), f);
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        self.value.visit_mut(path.at("value"), f);
        self.gate.visit_mut(path.at("gate"), f);
    }
}

impl Layer for Gated {
    fn sample(&self, noise: Noise) -> Self {
        Gated {
            value: self.value.sample(noise.at("value")),
            gate: self.gate.sample(noise.at("gate")),
        }
    }
}

impl<'t, S: Scalar> Forward<'t, S> for Gated<Var<'t, S>> {
    fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let gate = self.gate.forward(x, &pass.at("gate")).sigmoid();
        self.value.forward(x, &pass.at("value")) * gate
    }
}
