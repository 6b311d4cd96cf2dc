//! The linear layer.

use super::info::LayerInfo;
use super::layer::{Forward, Layer, LayerOptions, MOST};
use crate::bayes::{Estimator, Noise, Pass, Weight};
use crate::kernels::Scalar;
use crate::tape::{Module, Path, Var};
use crate::tensor::check::{Checked, Message};
use crate::tensor::{Shape, Tensor};

/// y = x W + b, with random W and b: `linear(x, units)` in a `bayes_net!`.
///
/// W is `[inputs, units]`, b is `[units]`; x is `[rows, inputs]`.
#[derive(Clone, Debug)]
pub struct Linear<T = Tensor> {
    /// W, of shape `[inputs, units]`.
    pub weight: Weight<T>,
    /// b, of shape `[units]`.
    pub bias: Weight<T>,
    /// How training samples the layer.
    pub estimator: Estimator,
}

impl Linear {
    /// The shape of the output for one row, while the compiler runs.
    ///
    /// # Errors
    /// If the input is no vector, if there are no units, or more than 2^40 weights.
    pub const fn shape(input: Shape, name: &str, units: usize) -> Checked {
        if input.rank() != 1 {
            let message = Message::new().text("linear wants a vector, but `");
            let message = message.text(name).text("` is ").shape(input);
            if input.rank() == 0 {
                return Err(message);
            }
            let message = message.text("; `flatten(").text(name).text(")` is [");
            return Err(message.number(input.size()).text("]"));
        }
        if units == 0 {
            return Err(Message::new().text("linear needs at least one unit"));
        }
        match input.dim(0).checked_mul(units) {
            Some(weights) if weights <= MOST => {}
            _ => {
                return Err(Message::new()
                    .text("linear: ")
                    .number(input.dim(0))
                    .text(" x ")
                    .number(units)
                    .text(" weights are more than a layer may have, ")
                    .number(MOST));
            }
        }
        Ok(Shape::new(&[units]))
    }

    /// A layer for inputs of shape `input`, its means drawn from `noise`: W by
    /// [`Gain`](super::Gain), b from 0.
    ///
    /// # Panics
    /// If `input` is no vector, or the options refuse each other.
    #[track_caller]
    pub fn new(input: Shape, units: usize, options: LayerOptions, noise: Noise) -> Self {
        assert!(input.rank() == 1, "linear: wants a vector, not {input}");
        let inputs = input.dim(0);
        let weights = Shape::new(&[inputs, units]);
        let [weight, bias] = options.linear_map(weights, [inputs, units], units, noise);
        Linear {
            weight,
            bias,
            estimator: options.estimator,
        }
    }
}

impl<T> Module<T> for Linear<T> {
    type Of<U> = Linear<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Linear<U> {
        Linear {
            weight: self.weight.map(path.at("weight"), f),
            bias: self.bias.map(path.at("bias"), f),
            estimator: self.estimator,
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        self.weight.visit(path.at("weight"), f);
        self.bias.visit(path.at("bias"), f);
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        self.weight.visit_mut(path.at("weight"), f);
        self.bias.visit_mut(path.at("bias"), f);
    }
}

impl Layer for Linear {
    fn sample(&self, noise: Noise) -> Self {
        Linear {
            weight: self.weight.sample("weight", noise),
            bias: self.bias.sample("bias", noise),
            estimator: self.estimator,
        }
    }
    fn describe(&self, name: &str) -> LayerInfo {
        let (weights, estimator) = ([&self.weight, &self.bias], self.estimator);
        LayerInfo {
            output: self.bias.mu.shape(),
            ..LayerInfo::of_linear_map(name, "linear", weights, estimator)
        }
    }
}

impl<'t, S: Scalar> Forward<'t, S> for Linear<Var<'t, S>> {
    fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let (weight, bias) = (&self.weight, &self.bias);
        let map = |x: Var<'t, S>, w, b: Option<_>| match b {
            Some(b) => x.affine(w, b),
            None => x.matmul(w),
        };
        self.estimator.forward(x, weight, bias, pass, map)
    }
}
