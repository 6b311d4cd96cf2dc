//! A Gaussian with any covariance, by its Cholesky factor.
//!
//! Source: Titsias and Lázaro-Gredilla (2014), Doubly stochastic variational Bayes for
//! non-conjugate inference; Kucukelbir et al. (2017), Automatic differentiation variational
//! inference, section 2.5, arXiv:1603.00788.

use super::mean_field::Entropy;
use super::triangle::Rows;
use crate::bayes::Pass;
use crate::dist::leaves;
use crate::kernels::{Scalar, special};
use crate::ops::{concat, pointwise_sum};
use crate::tape::Var;
use crate::tensor::{Shape, Tensor};

/// A joint Gaussian over the weights and the biases of a layer:
///
/// ```text
/// theta = mu + L eps,   covariance L L',   L lower triangular with a positive diagonal
/// ```
///
/// Each of the two tensors has its own rows of L. Those of the bias stand below those of the
/// weight and read its noise as well, so that the two are correlated: in a regression an intercept
/// and its slopes are. A layer of n weights and biases has n (n + 1) / 2 numbers in L, hence it is
/// for small layers. The entropy, n/2 ln(2πe) + Σ ln Lᵢᵢ, is exact, and so is the KL for priors with
/// a closed form.
#[derive(Clone, Debug)]
pub struct FullCovariance<T = Tensor> {
    /// The rows of L up to their diagonal, one after the other, with softplus⁻¹ of the diagonal
    /// itself.
    pub factor: T,
}

leaves!(FullCovariance { factor });

/// The most weights and biases that a layer may have together: 2^25 numbers in L.
const MOST: usize = 8192;

/// The site whose noise a bias reads.
const BEFORE: &str = "weight";

impl FullCovariance {
    /// `n` numbers, below `before` others in the joint L.
    #[track_caller]
    pub(super) fn new(n: usize, before: usize, init_std: f64) -> Self {
        assert!(
            before + n <= MOST,
            "FullCovariance: a layer of {} weights and biases would need {} numbers for their \
             covariance; it is for layers of at most {MOST}, and LowRank(rank: 8) for larger ones",
            before + n,
            Rows::whole(before + n).packed()
        );
        let rows = Rows {
            first: before,
            count: n,
        };
        FullCovariance {
            factor: rows.diagonal(special::softplus_inverse(init_std) as f32),
        }
    }
}

impl<'t, S: Scalar> FullCovariance<Var<'t, S>> {
    fn rows(&self, shape: Shape) -> Rows {
        Rows::of_packed(shape.size(), self.factor.shape().size())
    }
    /// theta - mu, with the noise of the site `name`, and of the weight before it.
    pub(super) fn perturbation(
        &self,
        name: &str,
        shape: Shape,
        pass: &Pass<'_, 't, S>,
    ) -> Var<'t, S> {
        let rows = self.rows(shape);
        let own = pass.normal(name, [rows.count].into());
        let eps = match rows.first {
            0 => own,
            before => concat(&[pass.normal(BEFORE, [before].into()), own], 0),
        };
        let column = eps.reshape([rows.first + rows.count, 1]);
        rows.unpack(self.factor).matmul(column).reshape(shape)
    }
    /// What these rows add to the entropy of the layer.
    pub(super) fn entropy(&self, shape: Shape) -> Var<'t, S> {
        let rows = self.rows(shape);
        pointwise_sum(Entropy, [rows.raw_diagonal(self.factor)])
    }
    /// The sums of the squares of the rows.
    pub(super) fn variance(&self, shape: Shape) -> Var<'t, S> {
        let rows = self.rows(shape).unpack(self.factor);
        rows.square().sum_axes(&[1]).reshape(shape)
    }
}
