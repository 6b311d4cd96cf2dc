//! A net put together at run time from the layers that `bayes_net!` uses.

use elbo::bayes::{Elbo, Pass};
use elbo::dist::{
    Bernoulli, Beta, Categorical, Gamma, Laplace, LogNormal, MixtureOfNormals, NegativeBinomial,
    Normal, Ordinal, Poisson, StudentT,
};
use elbo::layers::{Forward, Linear};
use elbo::ops::concat;
use elbo::tape::{Module, Path};
use elbo::{Scalar, Tensor, Var};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    Tanh,
    Relu,
    Silu,
    Softplus,
    Gelu,
    Sigmoid,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// A known standard deviation.
    Normal(f64),
    /// Outputs are means and raw scales, std = softplus(raw).
    Heteroscedastic,
    Bernoulli,
    Categorical,
    Poisson,
    /// Degrees of freedom; outputs are locations and raw scales.
    StudentT(f64),
    /// Outputs are locations and raw scales.
    Laplace,
    /// Outputs are the first parameters and the raw second ones.
    LogNormal,
    Gamma,
    Beta,
    NegativeBinomial,
    /// Outputs are eta, the first cutpoint and the raw increments.
    Ordinal,
    /// Outputs are the logits, the means and the raw standard deviations of the components.
    MixtureOfNormals,
}

impl Observation {
    /// Outputs of the net for each number of the target.
    pub fn outputs(self) -> usize {
        match self {
            Observation::Normal(_)
            | Observation::Bernoulli
            | Observation::Categorical
            | Observation::Ordinal
            | Observation::Poisson => 1,
            Observation::MixtureOfNormals => 3,
            _ => 2,
        }
    }
}

/// Layers one after the other, an activation after each but the last.
#[derive(Clone, Debug)]
pub struct RuntimeNet<T = Tensor> {
    pub layers: Vec<(String, Linear<T>)>,
    pub activation: Activation,
    /// The last layer reads the sum of the first two.
    pub residual: bool,
    pub observation: Observation,
}

impl<T> Module<T> for RuntimeNet<T> {
    type Of<U> = RuntimeNet<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> RuntimeNet<U> {
        let layer =
            |(name, layer): &(String, Linear<T>)| (name.clone(), layer.map(path.at(name), f));
        RuntimeNet {
            layers: self.layers.iter().map(layer).collect(),
            activation: self.activation,
            residual: self.residual,
            observation: self.observation,
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        for (name, layer) in &self.layers {
            layer.visit(path.at(name), f);
        }
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        for (name, layer) in &mut self.layers {
            layer.visit_mut(path.at(name), f);
        }
    }
}

impl<'t, S: Scalar> RuntimeNet<Var<'t, S>> {
    pub fn forward(&self, x: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let last = self.layers.len() - 1;
        let mut hidden = vec![];
        let mut h = x;
        for (i, (name, layer)) in self.layers.iter().enumerate() {
            if i == last && self.residual {
                h = hidden[0] + hidden[1];
            }
            h = layer.forward(h, &pass.at(name));
            if i < last {
                h = match self.activation {
                    Activation::Tanh => h.tanh(),
                    Activation::Relu => h.relu(),
                    Activation::Silu => h.silu(),
                    Activation::Softplus => h.softplus(),
                    Activation::Gelu => h.gelu(),
                    Activation::Sigmoid => h.sigmoid(),
                };
            }
            hidden.push(h);
        }
        h
    }

    /// log p(y | output) of each row.
    pub fn log_likelihood(&self, output: Var<'t, S>, y: Var<'t, S>) -> Var<'t, S> {
        let tape = output.tape();
        let width = output.shape().dim(1);
        let half = width / self.observation.outputs();
        let (first, second) = (
            output.narrow(1, 0..half),
            output.narrow(1, width - half..width),
        );
        match self.observation {
            Observation::Normal(std) => Normal {
                mean: output,
                std: tape.scalar(std),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Heteroscedastic => Normal {
                mean: first,
                std: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::StudentT(df) => StudentT {
                df: tape.scalar(df),
                loc: first,
                scale: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Ordinal => {
                let raw = output.narrow(1, 2..width).softplus();
                let cutpoints = concat(&[output.narrow(1, 1..2), raw], 1).cumsum(1);
                let eta = output.narrow(1, 0..1);
                Ordinal { eta, cutpoints }.log_prob(y)
            }
            Observation::MixtureOfNormals => MixtureOfNormals {
                logits: first,
                means: output.narrow(1, half..2 * half),
                stds: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Laplace => Laplace {
                location: first,
                scale: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::LogNormal => LogNormal {
                mu: first,
                sigma: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Gamma => Gamma {
                concentration: first.softplus(),
                rate: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Beta => Beta {
                concentration1: first.softplus(),
                concentration0: second.softplus(),
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::NegativeBinomial => NegativeBinomial {
                total_count: first.softplus(),
                logits: second,
            }
            .log_prob(y)
            .sum_axes(&[1]),
            Observation::Bernoulli => Bernoulli { logits: output }.log_prob(y).sum_axes(&[1]),
            Observation::Categorical => Categorical { logits: output }.log_prob(y),
            Observation::Poisson => Poisson { log_rate: output }.log_prob(y).sum_axes(&[1]),
        }
    }

    pub fn elbo(&self, x: Var<'t, S>, y: Var<'t, S>, pass: &Pass<'_, 't, S>) -> Elbo<'t, S> {
        let log_likelihood =
            pass.over_draws(|pass| self.log_likelihood(self.forward(x, pass), y).sum());
        Elbo {
            log_likelihood,
            kl: pass.kl(),
        }
    }
}
