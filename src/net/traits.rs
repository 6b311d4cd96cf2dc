//! [`BayesNet`] and [`Net`]: what `bayes_net!` writes.

use std::fmt::Debug;

use super::info::NetInfo;
use crate::bayes::{Elbo, Ledger, Noise, Pass};
use crate::dist::weighted_sum;
use crate::kernels::Scalar;
use crate::tape::{Module, Path, Var};
use crate::tensor::{Shape, Tensor};

/// A net on a tape: its forward pass and its loss, written by `bayes_net!` for
/// `Name<Var<'t, S>>`, whatever the number `S`.
pub trait Net<'t, S: Scalar> {
    /// The likelihood p(y | x, theta): a distribution over vars, or a generated struct with one
    /// for each of several targets.
    type Output;

    /// The likelihood's parameters for a batch: the reparameterized forward pass. Inputs come in
    /// the order of the header, each `[rows, ..]`.
    ///
    /// # Panics
    /// If the number or the shapes of the inputs are not those of the header.
    fn forward(&self, inputs: &[Var<'t, S>], pass: &Pass<'_, 't, S>) -> Self::Output;

    /// log p(y | x, theta), summed over the batch.
    ///
    /// Targets come in the order of the header. As many may follow, the weights of their values: 0
    /// for one that is missing.
    ///
    /// # Panics
    /// If the number or the shapes of the targets are not those of the header.
    fn log_likelihood(output: &Self::Output, targets: &[Var<'t, S>]) -> Var<'t, S>;

    /// The evidence lower bound of a batch, over the draws of `pass`.
    ///
    /// # Panics
    /// As [`forward`](Net::forward) and [`log_likelihood`](Net::log_likelihood) do.
    fn elbo(
        &self,
        inputs: &[Var<'t, S>],
        targets: &[Var<'t, S>],
        pass: &Pass<'_, 't, S>,
    ) -> Elbo<'t, S>;

    /// The loss of a batch at one draw: `share KL - log p(y | x, theta)`; see [`Elbo::loss`].
    ///
    /// # Panics
    /// As [`elbo`](Net::elbo) does, and if there is no input.
    fn loss(
        &self,
        inputs: impl AsRef<[Var<'t, S>]>,
        targets: impl AsRef<[Var<'t, S>]>,
        noise: Noise,
        share: f64,
    ) -> Var<'t, S>
    where
        Self: Sized,
    {
        let inputs = inputs.as_ref();
        let ledger = Ledger::default();
        let pass = Pass::new(inputs[0].tape(), &ledger, noise);
        self.elbo(inputs, targets.as_ref(), &pass).loss(share)
    }
}

/// A net at rest, written by `bayes_net!`. Code that works for every net has this one bound:
///
/// ```text
/// fn report<N: BayesNet>(model: &Model<N>) { .. }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a net",
    label = "declare it with `bayes_net! {{ net {Self}(..) -> .. {{ .. }} }}`"
)]
pub trait BayesNet: Module<Tensor> + Clone + Debug + Send + Sync + 'static {
    /// The net on a tape.
    type On<'t, S: Scalar>: Net<'t, S, Output = Self::Output<Var<'t, S>>>;
    /// The likelihood, generic over what its parameters are.
    type Output<T>: Module<T>;
    /// The typed prediction.
    type Prediction;
    /// The name after the word `net`.
    const NAME: &'static str;

    /// A new net, its means drawn from `seed`.
    fn fresh(seed: u64) -> Self;

    /// The net on a tape; `leaf` puts each parameter there.
    fn map_on<'t, S: Scalar>(
        &self,
        leaf: &mut dyn FnMut(Path<'_>, &Tensor) -> Var<'t, S>,
    ) -> Self::On<'t, S>;

    /// The numbers of a likelihood on a tape.
    fn output_values(output: &Self::Output<Var<'_, f32>>) -> Self::Output<Tensor>;

    /// One draw from the posterior: the net with point weights.
    #[must_use]
    fn sample(&self, noise: Noise) -> Self;

    /// Inputs, targets and layers, in the order of the declaration.
    fn describe(&self) -> NetInfo;

    /// The typed prediction from the likelihood's parameters, each `[draws, rows, ..]`.
    fn prediction(
        draws: Self::Output<Tensor>,
        targets: Vec<super::TargetSchema>,
    ) -> Self::Prediction;
}

/// The N inputs (or targets) of a net by their names.
///
/// # Panics
/// If there are not N.
#[track_caller]
pub fn split<'t, S: Scalar, const N: usize>(
    net: &str,
    what: &str,
    names: [&str; N],
    vars: &[Var<'t, S>],
) -> [Var<'t, S>; N] {
    let Ok(vars) = vars.try_into() else {
        panic!(
            "{net}: wants {N} {what} ({}), not {}",
            names.join(", "),
            vars.len()
        )
    };
    vars
}

/// The N targets of a net by their names: as many vars, or twice as many, the second half being the
/// weights of their values.
///
/// # Panics
/// If there are neither N nor 2 N.
#[track_caller]
pub fn targets<'t, S: Scalar, const N: usize>(
    net: &str,
    names: [&str; N],
    vars: &[Var<'t, S>],
) -> [Target<'t, S>; N] {
    let (values, weights) = vars.split_at(N.min(vars.len()));
    let values = split(net, "targets", names, values);
    assert!(
        weights.is_empty() || weights.len() == N,
        "{net}: wants {N} targets ({}), or these and the weights of each, not {}",
        names.join(", "),
        vars.len()
    );
    std::array::from_fn(|i| Target {
        values: values[i],
        weights: weights.get(i).copied(),
    })
}

/// What a batch says of one target.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t, S: Scalar> {
    /// The observed values, `[rows, ..]`.
    pub values: Var<'t, S>,
    /// The weight of each value, of the same shape; one that is missing has the weight 0. Without
    /// weights all weigh 1.
    pub weights: Option<Var<'t, S>>,
}

impl<'t, S: Scalar> Target<'t, S> {
    /// The sum of `log_prob`, one number a value, over the batch, each by its weight.
    ///
    /// # Panics
    /// If the weights have another shape.
    #[track_caller]
    pub fn sum(self, log_prob: Var<'t, S>) -> Var<'t, S> {
        match self.weights {
            None => log_prob.sum(),
            Some(weights) => weighted_sum(log_prob, weights),
        }
    }
}

/// Holds a var `[rows, ..]` to the shape of one row.
///
/// # Panics
/// If it has another one.
#[track_caller]
pub fn check_rows<S: Scalar>(net: &str, name: &str, var: Var<'_, S>, row: Shape) {
    let shape = var.shape();
    assert!(
        shape.rank() == row.rank() + 1 && shape.without(0) == row,
        "{net}: `{name}` is {shape}, but each row must be {row}"
    );
}

/// The N things of a net's targets, one each.
///
/// # Panics
/// If there are not N.
#[track_caller]
pub fn one_each<T, const N: usize>(net: &str, things: Vec<T>) -> [T; N] {
    let count = things.len();
    let Ok(things) = things.try_into() else {
        panic!("{net}: has {N} targets, not {count}")
    };
    things
}
