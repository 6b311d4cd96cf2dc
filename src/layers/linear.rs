//! The linear layer.

use super::info::LayerInfo;
use super::layer::{Forward, Layer, LayerOptions};
use crate::bayes::{Estimator, Noise, Pass, Prior, Weight};
use crate::kernels::Scalar;
use crate::tape::{Module, Path, Var};
use crate::tensor::check::{Checked, Message};
use crate::tensor::{Shape, Tensor};

/// The most weights that a layer may have: 2^40, in f32 four terabytes, which no allocator would
/// give, or as many as a slice of Rust can hold.
const MOST: usize = {
    let slice = isize::MAX as u64 / size_of::<f32>() as u64;
    (if slice < 1 << 40 { slice } else { 1 << 40 }) as usize
};

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
            return Err(Message::new()
                .text("linear wants a vector, but `")
                .text(name)
                .text("` is ")
                .shape(input)
                .text("; as a vector it would be [")
                .number(input.size())
                .text("]"));
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
    /// If `input` is no vector.
    #[track_caller]
    pub fn new(input: Shape, units: usize, options: LayerOptions, noise: Noise) -> Self {
        assert!(input.rank() == 1, "linear: wants a vector, not {input}");
        let inputs = input.dim(0);
        let mut means = Tensor::zeros([inputs, units]);
        noise.at("weight").fill_normal(means.as_mut_slice());
        let std = options.gain.std(inputs, units) as f32;
        for mean in means.as_mut_slice() {
            *mean *= std;
        }
        let fan_in = Prior::normal(0.0, 1.0 / (inputs.max(1) as f64).sqrt());
        let weights = options.weights.unwrap_or(fan_in);
        let biases = options.biases.unwrap_or(Prior::normal(0.0, 1.0));
        Linear {
            weight: Weight::new(means, options.posterior, weights),
            bias: Weight::new(Tensor::zeros([units]), options.posterior, biases),
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
            weight: self.weight.sample(noise.at("weight")),
            bias: self.bias.sample(noise.at("bias")),
            estimator: self.estimator,
        }
    }
    fn describe(&self, name: &str) -> LayerInfo {
        let Linear { weight, bias, .. } = self;
        let mut parameters = 0;
        self.visit(Path::ROOT, &mut |_, leaf| parameters += leaf.len());
        let posterior = match (weight.posterior_name(), bias.posterior_name()) {
            (weights, biases) if weights == biases => weights.to_owned(),
            (weights, biases) => format!("weights {weights}, biases {biases}"),
        };
        LayerInfo {
            name: name.to_owned(),
            kind: "linear",
            expression: "",
            output: bias.mu.shape(),
            parameters,
            weights: weight.mu.len() + bias.mu.len(),
            prior: format!("weights ~ {}, biases ~ {}", weight.prior, bias.prior),
            posterior,
            estimator: self.estimator.name(),
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
