//! [`Estimator`]: how the randomness of a layer's weights is sampled.
//!
//! | estimator | y for a row x | rows of a batch | products |
//! | --- | --- | --- | --- |
//! | `WeightReparam` | f(x, theta) | share theta | 1 |
//! | `LocalReparam` | f(x, mu) + √f(x², sigma²) eps | independent | 2 |
//! | `Flipout` | f(x, mu) + r f(x s, sigma eps) | uncorrelated | 2 |
//!
//! The last two are files of their own. Each has the mean and the marginal variance of the first,
//! so that the expectation of the ELBO and of its gradient is the same; where rows do not share a
//! draw, the part of the gradient's variance that comes from the weights falls with the size of
//! the batch, which `cargo bench --bench estimators` shows.

mod flipout;
mod local_reparam;

use super::pass::Pass;
use super::posterior::Spread;
use super::weight::Weight;
use crate::kernels::Scalar;
use crate::tape::Var;
use crate::tensor::Shape;

/// How a layer that is linear in its weights, y = f(x, W) + b, is sampled in training. All have
/// the same expectation and the same marginal variance; they differ in the variance of the
/// gradient, and in whether rows of a batch share a draw.
///
/// An estimator knows no layer: it is given the layer's linear map. A layer knows no estimator.
/// Weights that are points have nothing to sample, whatever the estimator. In prediction a draw
/// is one theta for all rows, whatever estimator trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Estimator {
    /// One draw of the weights for the whole batch:
    /// y = f(x, theta), theta = mu + softplus(rho) eps (Blundell et al. 2015).
    #[default]
    WeightReparam,
    /// One draw of the outputs for every row (Kingma, Salimans and Welling 2015, equation 6):
    ///
    /// ```text
    /// y = f(x, mu) + sqrt(f(x², sigma²)) eps,   the bias inside both
    /// ```
    ///
    /// The outputs of a row are drawn one by one, as they are in a linear layer. Those of a
    /// convolution share its kernel, so that under q they are correlated between the places of an
    /// image; here they are not (Shridhar, Laumann and Liwicki 2019 do the same). For weights with
    /// a mean field.
    LocalReparam,
    /// One draw of the weights, whose signs are turned for every row (Wen, Vicol, Ba, Tran and
    /// Grosse 2018, equation 4):
    ///
    /// ```text
    /// y = f(x, mu) + r f(x s, sigma eps) + b,   r, s = ±1 for each row and output, row and input
    /// ```
    ///
    /// Turned signs leave the distribution of independent, symmetric noise as it is, so that each
    /// row sees weights from q itself, with the correlations between the places of an image; two
    /// rows are uncorrelated, but for the bias b, which is drawn once for the batch. For images
    /// the signs are one for each channel. For weights with a mean field or a radial posterior.
    Flipout,
    /// The one of the above that suits the layer, as `summary()` then says: for a linear layer
    /// [`LocalReparam`](Estimator::LocalReparam), which has the least variance and draws the least
    /// noise; for a convolution [`Flipout`](Estimator::Flipout), because its places share a
    /// kernel, which local reparameterization would ignore; and
    /// [`WeightReparam`](Estimator::WeightReparam) for posteriors that no other can sample.
    Auto,
}

impl Estimator {
    /// The name in declarations.
    pub fn name(self) -> &'static str {
        match self {
            Estimator::WeightReparam => "WeightReparam",
            Estimator::LocalReparam => "LocalReparam",
            Estimator::Flipout => "Flipout",
            Estimator::Auto => "Auto",
        }
    }

    /// What samples a layer whose weights have this shape and posterior: the estimator itself, or
    /// what [`Auto`](Estimator::Auto) picks for it.
    #[must_use]
    pub fn of<T>(self, shape: Shape, spread: &Spread<T>) -> Self {
        match self {
            // A matrix has an output a column; a kernel has one at every place.
            Estimator::Auto if spread.is_independent() && shape.rank() == 2 => {
                Estimator::LocalReparam
            }
            Estimator::Auto if spread.is_symmetric() => Estimator::Flipout,
            Estimator::Auto => Estimator::WeightReparam,
            given => given,
        }
    }
    /// Why it cannot sample weights with this posterior, if it cannot.
    pub(crate) fn complaint<T>(self, spread: &Spread<T>) -> Option<String> {
        let fits = match self {
            Estimator::LocalReparam => spread.is_independent(),
            Estimator::Flipout => spread.is_symmetric(),
            Estimator::WeightReparam | Estimator::Auto => true,
        };
        let is_point = matches!(spread, Spread::Point);
        (!fits && !is_point).then(|| {
            let (name, posterior) = (self.name(), spread.name());
            format!("{name} cannot sample {posterior} weights: WeightReparam and Auto can")
        })
    }

    /// The output of a layer whose linear map is `map(x, weight, bias)`, sampled; the KL of its
    /// weights is written into the pass's ledger.
    ///
    /// # Panics
    /// If it cannot sample weights with their posterior.
    #[track_caller]
    pub fn forward<'t, S: Scalar>(
        self,
        x: Var<'t, S>,
        weight: &Weight<Var<'t, S>>,
        bias: &Weight<Var<'t, S>>,
        pass: &Pass<'_, 't, S>,
        map: impl Fn(Var<'t, S>, Var<'t, S>, Option<Var<'t, S>>) -> Var<'t, S>,
    ) -> Var<'t, S> {
        if let Some(complaint) = self.complaint(&weight.spread) {
            panic!("{complaint}");
        }
        let sampled = match self.of(weight.mu.shape(), &weight.spread) {
            Estimator::LocalReparam => local_reparam::forward(x, weight, bias, pass, &map),
            Estimator::Flipout => flipout::forward(x, weight, bias, pass, &map),
            Estimator::WeightReparam | Estimator::Auto => None,
        };
        sampled.unwrap_or_else(|| {
            let theta = weight.draw("weight", pass);
            map(x, theta, Some(bias.draw("bias", pass)))
        })
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) use local_reparam::LAWS;
