//! The convolutional layers.

use super::info::LayerInfo;
use super::layer::{Forward, Layer, LayerOptions, MOST};
use crate::bayes::{Estimator, Noise, Pass, Weight};
use crate::kernels::Scalar;
use crate::ops::Conv;
use crate::tape::{Module, Path, Var};
use crate::tensor::check::{Checked, Message};
use crate::tensor::{Shape, Tensor};

/// y = C(x, W) + b, with random W and b: `conv2d(x, channels, kernel: 5)` in a `bayes_net!`, and
/// `conv1d` with one axis.
///
/// C is the convolution of [`Var::conv2d`] or [`Var::conv1d`]. x is `[rows, channels, ..extents]`,
/// W is `[outputs, channels / groups, ..kernel]`, b is `[outputs]`, y is
/// `[rows, outputs, ..places]`.
///
/// Each result reads fan_in = channels / groups times the size of the kernel numbers, and each
/// input is read, at stride 1, by fan_out = outputs / groups times that size: by these the means
/// start and the default prior Normal(0, 1/√fan_in) is made.
#[derive(Clone, Debug)]
pub struct Convolution<const N: usize, T = Tensor> {
    /// W, of shape `[outputs, channels / groups, ..kernel]`.
    pub weight: Weight<T>,
    /// b, of shape `[outputs]`.
    pub bias: Weight<T>,
    /// How training samples the layer.
    pub estimator: Estimator,
    /// How the kernel goes over an image.
    pub conv: Conv<N>,
}

/// A convolution of sequences, `[channels, length]` each.
pub type Conv1d<T = Tensor> = Convolution<1, T>;

/// A convolution of images, `[channels, rows, columns]` each.
pub type Conv2d<T = Tensor> = Convolution<2, T>;

impl<const N: usize> Convolution<N> {
    /// The shape of the output for one row, while the compiler runs.
    ///
    /// # Errors
    /// If the input is not `[channels, ..extents]` with N extents, if there are no outputs, if the
    /// groups cut no whole channels, if the kernel fits nowhere, or has more than 2^40 weights.
    pub const fn shape(
        input: Shape,
        name: &str,
        outputs: usize,
        kernel: [usize; N],
        conv: Conv<N>,
    ) -> Checked {
        let output = match conv.shape(input, name, outputs, kernel) {
            Ok(output) => output,
            Err(message) => return Err(message),
        };
        let mut weights = outputs.checked_mul(input.dim(0) / conv.groups);
        let mut axis = 0;
        while axis < N {
            weights = match weights {
                Some(weights) => weights.checked_mul(kernel[axis]),
                None => None,
            };
            axis += 1;
        }
        match weights {
            Some(weights) if weights <= MOST => Ok(output),
            _ => Err(Message::new()
                .text(Conv::<N>::NAME)
                .text(": the kernel has more weights than a layer may have, ")
                .number(MOST)),
        }
    }

    /// A layer for inputs of shape `input`, its means drawn from `noise`: W by
    /// [`Gain`](super::Gain), b from 0.
    ///
    /// # Panics
    /// If [`shape`](Self::shape) refuses the input or the kernel, or the options refuse each other.
    #[track_caller]
    pub fn new(
        input: Shape,
        outputs: usize,
        kernel: [usize; N],
        conv: Conv<N>,
        options: LayerOptions,
        noise: Noise,
    ) -> Self {
        if let Err(message) = Self::shape(input, "input", outputs, kernel, conv) {
            panic!("{}", message.as_str());
        }
        let channels = input.dim(0) / conv.groups;
        let mut weights = vec![outputs, channels];
        weights.extend(kernel);
        let taps: usize = kernel.iter().product();
        let fans = [channels * taps, outputs / conv.groups * taps];
        let [weight, bias] = options.linear_map(Shape::new(&weights), fans, outputs, noise);
        Convolution {
            weight,
            bias,
            estimator: options.estimator,
            conv,
        }
    }
}

impl<const N: usize, T> Module<T> for Convolution<N, T> {
    type Of<U> = Convolution<N, U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Convolution<N, U> {
        Convolution {
            weight: self.weight.map(path.at("weight"), f),
            bias: self.bias.map(path.at("bias"), f),
            estimator: self.estimator,
            conv: self.conv,
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

impl<const N: usize> Layer for Convolution<N> {
    fn sample(&self, noise: Noise) -> Self {
        Convolution {
            weight: self.weight.sample("weight", noise),
            bias: self.bias.sample("bias", noise),
            ..*self
        }
    }
    /// The output is that of the net, which knows the extents of the image.
    fn describe(&self, name: &str) -> LayerInfo {
        let weights = [&self.weight, &self.bias];
        LayerInfo::of_linear_map(name, Conv::<N>::NAME, weights, self.estimator)
    }
}

impl<'t, S: Scalar> Forward<'t, S> for Conv1d<Var<'t, S>> {
    fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let map = |x: Var<'t, S>, w, b| x.conv1d(w, b, self.conv);
        self.estimator
            .forward(x, &self.weight, &self.bias, pass, map)
    }
}

impl<'t, S: Scalar> Forward<'t, S> for Conv2d<Var<'t, S>> {
    fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let map = |x: Var<'t, S>, w, b| x.conv2d(w, b, self.conv);
        self.estimator
            .forward(x, &self.weight, &self.bias, pass, map)
    }
}
