//! The same small net, declared in ways that differ in one thing each.

use elbo::bayes::{Elbo, Estimator, Noise, Pass, Posterior, Prior};
use elbo::dist::{Normal, Support};
use elbo::layers::{Forward, Gain, Layer, LayerInfo, LayerOptions, Learned, Linear};
use elbo::net::{BayesNet, InputInfo, Net, NetInfo, TargetInfo, TargetSchema, one_each, split};
use elbo::tape::{Module, Path};
use elbo::{Scalar, Shape, Tensor, Var};

/// How a declaration differs from `BASE`.
pub(crate) type Kind = u8;
/// ```text
/// net Wine(x: [3]) -> y {
///     h    = relu(linear(x, 4));
///     mean = linear(h, 1);
///     std  = learned(0.5);
///     y ~ Normal(mean, std);
/// }
/// ```
pub(crate) const BASE: Kind = 0;
pub(crate) const PRIOR: Kind = 1;
pub(crate) const POSTERIOR: Kind = 2;
pub(crate) const ESTIMATOR: Kind = 3;
pub(crate) const ACTIVATION: Kind = 4;
pub(crate) const LIKELIHOOD: Kind = 5;
pub(crate) const INPUT: Kind = 6;
pub(crate) const WIDTH: Kind = 7;
pub(crate) const MORE_LAYERS: Kind = 8;
pub(crate) const NAME: Kind = 9;
/// All of them.
pub(crate) const EVERYTHING: Kind = 10;

/// The net of that kind.
#[derive(Clone, Debug)]
pub(crate) struct Wine<const K: Kind, T = Tensor> {
    pub(crate) h: Linear<T>,
    pub(crate) h2: Option<Linear<T>>,
    pub(crate) mean: Linear<T>,
    pub(crate) std: Learned<T>,
}

const fn differs(kind: Kind, part: Kind) -> bool {
    kind == part || kind == EVERYTHING
}

impl<const K: Kind> Wine<K> {
    const INPUTS: usize = if differs(K, INPUT) { 5 } else { 3 };
    const UNITS: usize = if differs(K, WIDTH) { 6 } else { 4 };

    pub(crate) fn new(seed: u64) -> Self {
        let noise = Noise::new(seed);
        let mut options = LayerOptions {
            gain: Gain::Relu,
            ..LayerOptions::DEFAULT
        };
        if differs(K, PRIOR) {
            options.weights = Some(Prior::normal(0.0, 0.25));
        }
        if differs(K, POSTERIOR) {
            options.posterior = Posterior::Point;
        }
        if differs(K, ESTIMATOR) {
            options.estimator = Estimator::LocalReparam;
        }
        let (inputs, units) = (Shape::new(&[Self::INPUTS]), Self::UNITS);
        let hidden = Shape::new(&[units]);
        let h2 = differs(K, MORE_LAYERS)
            .then(|| Linear::new(hidden, units, LayerOptions::DEFAULT, noise.at("h2")));
        Wine {
            h: Linear::new(inputs, units, options, noise.at("h")),
            h2,
            mean: Linear::new(hidden, 1, LayerOptions::DEFAULT, noise.at("mean")),
            std: Learned::new(0.5),
        }
    }
}

impl<const K: Kind, T> Module<T> for Wine<K, T> {
    type Of<U> = Wine<K, U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Wine<K, U> {
        Wine {
            h: self.h.map(path.at("h"), f),
            h2: self.h2.as_ref().map(|h2| h2.map(path.at("h2"), f)),
            mean: self.mean.map(path.at("mean"), f),
            std: self.std.map(path.at("std"), f),
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        self.h.visit(path.at("h"), f);
        if let Some(h2) = &self.h2 {
            h2.visit(path.at("h2"), f);
        }
        self.mean.visit(path.at("mean"), f);
        self.std.visit(path.at("std"), f);
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        self.h.visit_mut(path.at("h"), f);
        if let Some(h2) = &mut self.h2 {
            h2.visit_mut(path.at("h2"), f);
        }
        self.mean.visit_mut(path.at("mean"), f);
        self.std.visit_mut(path.at("std"), f);
    }
}

impl<'t, S: Scalar, const K: Kind> Net<'t, S> for Wine<K, Var<'t, S>> {
    type Output = Normal<Var<'t, S>>;

    fn forward(&self, inputs: &[Var<'t, S>], pass: &Pass<'_, 't, S>) -> Self::Output {
        let [x] = split("Wine", "inputs", ["x"], inputs);
        let mut h = self.h.forward(x, &pass.at("h")).relu();
        if let Some(h2) = &self.h2 {
            h = h2.forward(h, &pass.at("h2")).tanh();
        }
        Normal {
            mean: self.mean.forward(h, &pass.at("mean")),
            std: self.std.forward(&pass.at("std")),
        }
    }

    fn log_likelihood(output: &Self::Output, targets: &[Var<'t, S>]) -> Var<'t, S> {
        let [y] = split("Wine", "targets", ["y"], targets);
        output.log_prob(y).sum()
    }

    fn elbo(
        &self,
        inputs: &[Var<'t, S>],
        targets: &[Var<'t, S>],
        pass: &Pass<'_, 't, S>,
    ) -> Elbo<'t, S> {
        let draw =
            |pass: &Pass<'_, 't, S>| Self::log_likelihood(&self.forward(inputs, pass), targets);
        let log_likelihood = pass.over_draws(draw);
        Elbo {
            log_likelihood,
            kl: pass.kl(),
        }
    }
}

impl<const K: Kind> BayesNet for Wine<K> {
    type On<'t, S: Scalar> = Wine<K, Var<'t, S>>;
    type Output<T> = Normal<T>;
    type Prediction = (Normal, TargetSchema);
    const NAME: &'static str = if differs(K, NAME) { "Cellar" } else { "Wine" };

    fn fresh(seed: u64) -> Self {
        Wine::new(seed)
    }
    fn map_on<'t, S: Scalar>(
        &self,
        leaf: &mut dyn FnMut(Path<'_>, &Tensor) -> Var<'t, S>,
    ) -> Self::On<'t, S> {
        self.map(Path::ROOT, leaf)
    }
    fn output_values(output: &Normal<Var<'_, f32>>) -> Normal {
        output.map(Path::ROOT, &mut |_, leaf| leaf.value())
    }
    fn sample(&self, noise: Noise) -> Self {
        Wine {
            h: self.h.sample(noise.at("h")),
            h2: self.h2.as_ref().map(|h2| h2.sample(noise.at("h2"))),
            mean: self.mean.sample(noise.at("mean")),
            std: self.std.sample(noise.at("std")),
        }
    }
    fn describe(&self) -> NetInfo {
        let mut layers = vec![LayerInfo {
            expression: match (differs(K, ACTIVATION), differs(K, WIDTH)) {
                (false, false) => "relu(linear(x, 4))",
                (false, true) => "relu(linear(x, 6))",
                (true, _) => "tanh(linear(x, 4))",
            },
            ..self.h.describe("h")
        }];
        layers.extend(self.h2.as_ref().map(|h2| LayerInfo {
            expression: "tanh(linear(h, 4))",
            ..h2.describe("h2")
        }));
        layers.push(LayerInfo {
            expression: "linear(h, 1)",
            ..self.mean.describe("mean")
        });
        layers.push(LayerInfo {
            expression: "learned(0.5)",
            ..self.std.describe("std")
        });
        NetInfo {
            name: Self::NAME,
            inputs: vec![InputInfo {
                name: "x",
                shape: Shape::new(&[Self::INPUTS]),
            }],
            targets: vec![TargetInfo {
                name: "y",
                likelihood: if differs(K, LIKELIHOOD) {
                    "Laplace"
                } else {
                    "Normal"
                },
                shape: Shape::new(&[1]),
                support: Support::Real,
            }],
            layers,
        }
    }
    fn prediction(draws: Normal, targets: Vec<TargetSchema>) -> Self::Prediction {
        let [y] = one_each(Self::NAME, targets);
        (draws, y)
    }
}
