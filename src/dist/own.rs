//! A likelihood of the user's own.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use rand::{Rng, RngExt};

use super::parameters::{at, check_target, columns, joint};
use super::{Cumulative, Distribution, Likelihood, Moments, Support};
use crate::kernels::{Dual, Scalar};
use crate::ops::stack;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::tape::{Grads, Inputs, Keeps, Module, Op, Path, Saved, Var};
use crate::tensor::{Shape, Tensor};

/// A likelihood of your own with N parameters, named by its path in a `bayes_net!`:
/// `y ~ crate::Logistic(location, scale);`.
///
/// Training needs `log_prob`, written once over every kind of number: its derivatives come from
/// [`Dual`]. Predictions need the mean, the variance and the distribution function, from which come
/// quantiles, intervals and draws.
///
/// ```
/// use elbo::prelude::*;
/// use elbo::{Scalar, dist::{Density, Support}};
///
/// /// The logistic distribution: tails between those of a Normal and of a Laplace.
/// pub enum Logistic {}
///
/// impl Density<2> for Logistic {
///     const NAME: &'static str = "Logistic";
///     const SUPPORT: Support = Support::Real;
///     fn log_prob<S: Scalar>(y: S, [location, scale]: [S; 2]) -> S {
///         let z = (y - location) / scale;
///         -z.softplus() - (-z).softplus() - scale.ln()
///     }
///     fn mean([location, _]: [f64; 2]) -> f64 {
///         location
///     }
///     fn variance([_, scale]: [f64; 2]) -> f64 {
///         (std::f64::consts::PI * scale).powi(2) / 3.0
///     }
///     fn cdf(y: f64, [location, scale]: [f64; 2]) -> f64 {
///         ((y - location) / scale).sigmoid()
///     }
/// }
///
/// bayes_net! {
///     /// A line with logistic noise.
///     pub net Line(x: [1]) -> y {
///         location = linear(x, 1);
///         scale = learned(0.3);
///         y ~ self::Logistic(location, scale);
///     }
/// }
/// # fn main() -> elbo::Result<()> {
/// let rows: Vec<[f64; 1]> = (0..40).map(|i| [f64::from(i) / 20.0 - 1.0]).collect();
/// let y: Vec<f64> = rows.iter().map(|[x]| 3.0 * x).collect();
/// let data = Dataset::from_rows(&rows, &y)?;
/// let mut model = Model::new(Line::new(1)).standardize();
/// Trainer::new(Adam::new(0.05)).epochs(60).quiet().fit(&mut model, &data)?;
/// let p = model.predict(&[[0.5_f32]]).run()?;
/// assert!(p.interval(0.9)[0].contains(1.5));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no likelihood of {N} parameters",
    label = "lacks `Density<{N}>`",
    note = "a likelihood of your own implements `elbo::dist::Density<N>` for its N parameters"
)]
pub trait Density<const N: usize>: Send + Sync + 'static {
    /// The name in messages, summaries and files.
    const NAME: &'static str;
    /// What a target may be. One of [`Support::Real`] may be standardized.
    const SUPPORT: Support;

    /// ln of the density, or of the mass, at a `y` of the support.
    fn log_prob<S: Scalar>(y: S, parameters: [S; N]) -> S;
    /// The expectation of y.
    fn mean(parameters: [f64; N]) -> f64;
    /// The expectation of (y - mean)².
    fn variance(parameters: [f64; N]) -> f64;
    /// P(Y <= y).
    fn cdf(y: f64, parameters: [f64; N]) -> f64;
}

/// The likelihood of a [`Density`] D with N parameters; what `y ~ crate::D(a, b)` makes.
pub struct Own<D, const N: usize, T = Tensor> {
    /// The parameters in the order of the declaration.
    pub parameters: [T; N],
    density: PhantomData<fn() -> D>,
}

impl<D, const N: usize, T> Own<D, N, T> {
    /// With these parameters.
    pub fn new(parameters: [T; N]) -> Self {
        Own {
            parameters,
            density: PhantomData,
        }
    }
}

// Not derived: D is a name alone.
impl<D, const N: usize, T: Clone> Clone for Own<D, N, T> {
    fn clone(&self) -> Self {
        Own::new(self.parameters.clone())
    }
}
impl<D, const N: usize, T: Debug> Debug for Own<D, N, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Own").field(&self.parameters).finish()
    }
}

impl<D, const N: usize, T> Module<T> for Own<D, N, T> {
    type Of<U> = Own<D, N, U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Own<D, N, U> {
        let leaf = |i: usize| f(path.at(PLACES[i.min(LAST)]), &self.parameters[i]);
        Own::new(std::array::from_fn(leaf))
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        for (i, leaf) in self.parameters.iter().enumerate() {
            f(path.at(PLACES[i.min(LAST)]), leaf);
        }
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        for (i, leaf) in self.parameters.iter_mut().enumerate() {
            f(path.at(PLACES[i.min(LAST)]), leaf);
        }
    }
}

/// What the parameters are called in paths.
const PLACES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
const LAST: usize = PLACES.len() - 1;

/// y = ln p(y; parameters), element by element; the parameters stand one after the other in the
/// second input. Derivatives by dual numbers, one evaluation each.
struct LogProb<D, const N: usize>(PhantomData<fn() -> D>);

impl<D: Density<N>, const N: usize> LogProb<D, N> {
    /// The derivative in y, or in parameter `one` - 1.
    fn partial<S: Scalar>(x: &Inputs<'_, S>, i: usize, one: usize) -> S {
        let dual = |v: S, place: usize| Dual {
            v,
            d: if place == one { S::ONE } else { S::ZERO },
        };
        let n = x[0].len();
        let parameters = std::array::from_fn(|k| dual(x[1][k * n + i], k + 1));
        D::log_prob(dual(x[0][i], 0), parameters).d
    }
}

impl<S: Scalar, D: Density<N>, const N: usize> Op<S> for LogProb<D, N> {
    fn name(&self) -> &'static str {
        "own_log_prob"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let n = y.len();
        for (i, y) in y.iter_mut().enumerate() {
            *y = D::log_prob(x[0][i], std::array::from_fn(|k| x[1][k * n + i]));
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = y_bar.len();
        if let Some(d) = x_bar.of(0) {
            for (i, d) in d.iter_mut().enumerate() {
                *d += y_bar[i].through(Self::partial(x, i, 0));
            }
        }
        if let Some(d) = x_bar.of(1) {
            for (place, d) in d.iter_mut().enumerate() {
                let (k, i) = (place / n, place % n);
                *d += y_bar[i].through(Self::partial(x, i, k + 1));
            }
        }
    }
}

impl<'t, S: Scalar, D: Density<N>, const N: usize> Own<D, N, Var<'t, S>> {
    /// ln p(y) of each number of `y`, in the shape of `y`.
    ///
    /// # Panics
    /// If the parameters have not together the shape of `y` or of its last axes.
    #[track_caller]
    pub fn log_prob(&self, y: Var<'t, S>) -> Var<'t, S> {
        check_target(D::NAME, self.parameters, y);
        let wanted = y.shape();
        let parameters = self.parameters.map(|leaf| leaf.broadcast_to(wanted));
        let op = LogProb::<D, N>(PhantomData);
        y.tape().apply(op, [y, stack(&parameters, 0)], wanted)
    }
}

impl<D: Density<N>, const N: usize> Own<D, N> {
    fn joint(&self) -> Shape {
        joint(D::NAME, &self.parameters.each_ref().map(Tensor::shape))
    }
}

impl<D: Density<N>, const N: usize> Likelihood for Own<D, N> {
    type Element = OwnElement<D, N>;
    const NAME: &'static str = D::NAME;
    fn support(_: &[Shape]) -> Support {
        D::SUPPORT
    }
    fn columns(&self) -> usize {
        columns(self.joint())
    }
    fn element(&self, row: usize, column: usize) -> OwnElement<D, N> {
        let joint = self.joint();
        OwnElement {
            parameters: (self.parameters.each_ref()).map(|leaf| at(leaf, joint, row, column)),
            mean: 0.0,
            std: 1.0,
            density: PhantomData,
        }
    }
}

/// The distribution of `mean + std z`, where z has the [`Density`] D: one of an [`Own`] in the data's
/// units.
pub struct OwnElement<D, const N: usize> {
    parameters: [f64; N],
    mean: f64,
    std: f64,
    density: PhantomData<fn() -> D>,
}

impl<D: Density<N>, const N: usize> OwnElement<D, N> {
    /// The distribution of `mean + std y`.
    pub(crate) fn in_units(self, mean: f64, std: f64) -> Self {
        OwnElement {
            mean: mean + std * self.mean,
            std: std * self.std,
            ..self
        }
    }
    fn standard(&self, y: f64) -> f64 {
        (y - self.mean) / self.std
    }
}

impl<D: Density<N>, const N: usize> Distribution for OwnElement<D, N> {
    fn log_prob(&self, y: f64) -> f64 {
        if D::SUPPORT.contains(y) {
            D::log_prob(self.standard(y), self.parameters) - self.std.ln()
        } else {
            f64::NEG_INFINITY
        }
    }
    /// The quantile of a number drawn between 0 and 1.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.quantile(rng.random::<f64>().max(f64::MIN_POSITIVE))
    }
}

impl<D: Density<N>, const N: usize> Moments for OwnElement<D, N> {
    fn mean(&self) -> f64 {
        self.mean + self.std * D::mean(self.parameters)
    }
    fn variance(&self) -> f64 {
        self.std * self.std * D::variance(self.parameters)
    }
}

impl<D: Density<N>, const N: usize> Cumulative for OwnElement<D, N> {
    fn cdf(&self, y: f64) -> f64 {
        D::cdf(self.standard(y), self.parameters)
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogProb, "own_log_prob", (y: "ab" in Domain::REAL, location: "ab" in Domain::REAL, scale: "b" in Domain::between(0.3, 3.0)) => Own::<Logistic, 2, _>::new([location, scale]).log_prob(y)),
];

/// A density for the law.
#[cfg(any(test, feature = "proptest"))]
enum Logistic {}

#[cfg(any(test, feature = "proptest"))]
impl Density<2> for Logistic {
    const NAME: &'static str = "Logistic";
    const SUPPORT: Support = Support::Real;
    fn log_prob<S: Scalar>(y: S, [location, scale]: [S; 2]) -> S {
        let z = (y - location) / scale;
        -z.softplus() - (-z).softplus() - scale.ln()
    }
    fn mean([location, _]: [f64; 2]) -> f64 {
        location
    }
    fn variance([_, scale]: [f64; 2]) -> f64 {
        (std::f64::consts::PI * scale).powi(2) / 3.0
    }
    fn cdf(y: f64, [location, scale]: [f64; 2]) -> f64 {
        ((y - location) / scale).sigmoid()
    }
}
