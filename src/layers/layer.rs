//! What every layer is told and can do.

use super::info::LayerInfo;
use crate::bayes::{Estimator, Noise, Pass, Posterior, Prior, Weight};
use crate::kernels::Scalar;
use crate::tape::{Module, Path, Var};
use crate::tensor::{Shape, Tensor};

/// The most weights that a layer may have: 2^40, in f32 four terabytes, which no allocator would
/// give, or as many as a slice of Rust can hold.
pub(super) const MOST: usize = {
    let slice = isize::MAX as u64 / size_of::<f32>() as u64;
    (if slice < 1 << 40 { slice } else { 1 << 40 }) as usize
};

/// What a layer is told at its birth beside its size.
#[derive(Clone, Copy, Debug)]
pub struct LayerOptions {
    /// Prior of the weights; `None` for the default, Normal(0, 1/√fan_in).
    pub weights: Option<Prior>,
    /// Prior of the biases; `None` for the default, Normal(0, 1).
    pub biases: Option<Prior>,
    /// Family of the posterior.
    pub posterior: Posterior,
    /// How training samples the layer.
    pub estimator: Estimator,
    /// Scale of the starting means.
    pub gain: Gain,
}

impl LayerOptions {
    /// Default priors, a mean field of standard deviation 0.05, one draw of the weights a batch.
    pub const DEFAULT: LayerOptions = LayerOptions {
        weights: None,
        biases: None,
        posterior: Posterior::DEFAULT,
        estimator: Estimator::WeightReparam,
        gain: Gain::Linear,
    };

    /// Weight and bias of a linear map whose results read `fan_in` numbers each, and whose inputs
    /// are read by `fan_out` results: means of the weights from `noise` by the [`Gain`], of the
    /// biases, one for each of `units`, 0.
    ///
    /// # Panics
    /// If a prior, the posterior or the estimator refuses, or the last two do not fit each other.
    #[track_caller]
    pub(super) fn linear_map(
        &self,
        shape: Shape,
        [fan_in, fan_out]: [usize; 2],
        units: usize,
        noise: Noise,
    ) -> [Weight; 2] {
        let mut means = Tensor::zeros(shape);
        noise.at("weight").fill_normal(means.as_mut_slice());
        let std = self.gain.std(fan_in, fan_out) as f32;
        for mean in means.as_mut_slice() {
            *mean *= std;
        }
        let default = Prior::normal(0.0, 1.0 / (fan_in.max(1) as f64).sqrt());
        let weight = Weight::new(means, self.posterior, self.weights.unwrap_or(default));
        if let Some(complaint) = self.estimator.complaint(&weight.spread) {
            panic!("{complaint}");
        }
        let prior = self.biases.unwrap_or(Prior::normal(0.0, 1.0));
        let bias = weight.bias(Tensor::zeros([units]), self.posterior, prior);
        [weight, bias]
    }
}

impl Default for LayerOptions {
    fn default() -> Self {
        LayerOptions::DEFAULT
    }
}

/// How large the means of a layer's weights start, by the activation that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// N(0, 2 / (fan_in + fan_out)): Glorot and Bengio (2010).
    Linear,
    /// N(0, 2 / fan_in), for relu and its kin: He et al. (2015).
    Relu,
}

impl Gain {
    /// The standard deviation of the starting means.
    pub fn std(self, fan_in: usize, fan_out: usize) -> f64 {
        match self {
            Gain::Linear => (2.0 / (fan_in + fan_out) as f64).sqrt(),
            Gain::Relu => (2.0 / fan_in as f64).sqrt(),
        }
    }
}

/// A layer at rest.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer: it lacks `Layer`",
    label = "cannot be drawn from its posterior",
    note = "a layer of your own implements `Module`, `Layer` and `Forward`; \
            `elbo::layers::Linear` is the example"
)]
pub trait Layer: Module<Tensor> {
    /// One draw of the layer from its posterior: the same layer with point weights.
    #[must_use]
    fn sample(&self, noise: Noise) -> Self;

    /// What the layer says of itself in a summary; `expression` is filled in by the net. The
    /// default counts the parameters of the layer `name` and leaves the rest open.
    fn describe(&self, name: &str) -> LayerInfo {
        let (mut parameters, mut weights) = (0, 0);
        self.visit(Path::ROOT, &mut |path, leaf| {
            parameters += leaf.len();
            if path.name() == Some("mu") {
                weights += leaf.len();
            }
        });
        let kind = std::any::type_name::<Self>();
        let kind = kind.split('<').next().unwrap_or(kind);
        LayerInfo {
            name: name.to_owned(),
            kind: kind.rsplit("::").next().unwrap_or(kind),
            expression: "",
            output: Shape::SCALAR,
            parameters,
            weights,
            prior: String::new(),
            posterior: String::new(),
            estimator: String::new(),
        }
    }
}

/// A layer on a tape.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be applied to a batch: it lacks `Forward`",
    label = "has no forward pass",
    note = "a layer of your own implements `Module`, `Layer` and `Forward`; \
            `elbo::layers::Linear` is the example"
)]
pub trait Forward<'t, S: Scalar> {
    /// The layer's output for a batch: `[rows, ..]` to `[rows, ..]`.
    fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S>;
}
