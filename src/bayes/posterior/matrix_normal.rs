//! The matrix normal distribution.
//!
//! Source: Louizos and Welling (2016), Structured and efficient variational deep learning with
//! matrix Gaussian posteriors, arXiv:1603.04733, section 3, where both covariances are diagonal;
//! here they are full.

use super::mean_field::{Entropy, HALF_LN_2PI_E};
use super::triangle::Rows;
use crate::bayes::Pass;
use crate::dist::leaves;
use crate::kernels::{Scalar, special};
use crate::ops::pointwise_sum;
use crate::tape::Var;
use crate::tensor::{Shape, Tensor};

/// A Gaussian over a matrix, whose rows are correlated in one way and whose columns in another:
///
/// ```text
/// theta = M + A E B',   covariance of vec(theta) V ⊗ U,   U = A A', V = B B'
/// ```
///
/// E is a matrix of noise; A and B are lower triangular with positive diagonals, so that r x c
/// weights have r (r + 1) / 2 + c (c + 1) / 2 numbers for their covariance instead of rc (rc + 1) / 2.
/// Rows are the first axis of the weight, the inputs of a linear layer and the outputs of a
/// convolution; columns are all others. U and V have one scale between them: multiplying U and
/// dividing V by the same number changes nothing.
///
/// The entropy, rc/2 ln(2πe) + c Σ ln Aᵢᵢ + r Σ ln Bᵢᵢ, is exact, and so is the KL for priors with a
/// closed form. A bias is no matrix: beside such weights it has a mean field.
#[derive(Clone, Debug)]
pub struct MatrixNormal<T = Tensor> {
    /// The rows of A up to their diagonal, one after the other, with softplus⁻¹ of the diagonal
    /// itself.
    pub rows: T,
    /// Those of B.
    pub columns: T,
}

leaves!(MatrixNormal { rows, columns });

/// The numbers of rows and columns.
fn sides(shape: Shape) -> [usize; 2] {
    let rows = shape.dim(0);
    [rows, shape.size() / rows.max(1)]
}

impl MatrixNormal {
    /// U = `init_std`² I, V = I.
    pub(super) fn new(shape: Shape, init_std: f64) -> Self {
        let [rows, columns] = sides(shape).map(Rows::whole);
        let raw = |std: f64| special::softplus_inverse(std) as f32;
        MatrixNormal {
            rows: rows.diagonal(raw(init_std)),
            columns: columns.diagonal(raw(1.0)),
        }
    }
}

impl<'t, S: Scalar> MatrixNormal<Var<'t, S>> {
    /// A and B.
    fn factors(&self, shape: Shape) -> [Var<'t, S>; 2] {
        let [rows, columns] = sides(shape).map(Rows::whole);
        [rows.unpack(self.rows), columns.unpack(self.columns)]
    }
    /// theta - M, with the noise of the site `name`.
    pub(super) fn perturbation(
        &self,
        name: &str,
        shape: Shape,
        pass: &Pass<'_, 't, S>,
    ) -> Var<'t, S> {
        let [a, b] = self.factors(shape);
        let eps = pass.normal(name, shape).reshape(sides(shape));
        a.matmul(eps).matmul(b.t()).reshape(shape)
    }
    pub(super) fn entropy(&self, shape: Shape) -> Var<'t, S> {
        let [r, c] = sides(shape);
        let half = |count, packed| {
            let diagonal = Rows::whole(count).raw_diagonal(packed);
            pointwise_sum(Entropy, [diagonal])
        };
        let (r_entropy, c_entropy) = (half(r, self.rows), half(c, self.columns));
        let (r, c) = (r as f64, c as f64);
        r_entropy * c + c_entropy * r - r * c * HALF_LN_2PI_E
    }
    /// The product of the row's and the column's: Uᵢᵢ Vⱼⱼ.
    pub(super) fn variance(&self, shape: Shape) -> Var<'t, S> {
        let [u, v] = self.factors(shape).map(|side| side.square().sum_axes(&[1]));
        let [r, c] = sides(shape);
        (u.reshape([r, 1]) * v.reshape([1, c])).reshape(shape)
    }
}
