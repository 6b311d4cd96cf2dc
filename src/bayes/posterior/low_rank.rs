//! A Gaussian whose covariance is a diagonal plus a matrix of low rank.
//!
//! Source: Ong, Nott and Smith (2018), Gaussian variational approximation with a factor covariance
//! structure, arXiv:1701.03208; for Bayesian nets Tomczak, Swaroop and Turner (2020), Efficient low
//! rank Gaussian variational inference for neural networks. Mishkin et al. (2018), SLANG,
//! arXiv:1811.04504, give the precision this form.

use super::mean_field::{Entropy, Perturbation, Variance};
use crate::bayes::{Noise, Pass};
use crate::dist::leaves;
use crate::kernels::{Scalar, special};
use crate::ops::{pointwise, pointwise_sum};
use crate::tape::Var;
use crate::tensor::{Shape, Tensor};

/// Independent noise, and noise that a few directions of the whole tensor have in common:
///
/// ```text
/// theta = mu + softplus(rho) eps + F z,   covariance D² + F F',   D = diag(softplus(rho))
/// ```
///
/// with eps of the shape of theta and z of `rank` numbers. The entropy is exact, by a determinant of
/// rank x rank: ln |D² + F F'| = 2 Σ ln softplus(rho) + ln |I + G'G|, G = D⁻¹ F. So is the KL, for
/// priors with a closed form.
#[derive(Clone, Debug)]
pub struct LowRank<T = Tensor> {
    /// softplus(rho) is the standard deviation of a number's own noise.
    pub rho: T,
    /// F, of shape `[n, rank]` for n numbers.
    pub factor: T,
}

leaves!(LowRank { rho, factor });

impl LowRank {
    /// Of the variance, which is `init_std`² on the average, half is a number's own and half F's,
    /// whose numbers come from one stream of noise, the same for every tensor.
    pub(super) fn new(shape: Shape, rank: usize, init_std: f64) -> Self {
        let std = init_std / f64::sqrt(2.0);
        let mut factor = Tensor::zeros([shape.size(), rank]);
        Noise::new(0)
            .at("factor")
            .fill_normal(factor.as_mut_slice());
        let each = (std / (rank as f64).sqrt()) as f32;
        for number in factor.as_mut_slice() {
            *number *= each;
        }
        LowRank {
            rho: Tensor::full(shape, special::softplus_inverse(std) as f32),
            factor,
        }
    }
}

impl<'t, S: Scalar> LowRank<Var<'t, S>> {
    fn rank(&self) -> usize {
        self.factor.shape().dim(1)
    }
    /// theta - mu, with the noise of the sites `name` and `name.factor`.
    pub(super) fn perturbation(&self, name: &str, pass: &Pass<'_, 't, S>) -> Var<'t, S> {
        let shape = self.rho.shape();
        let own = pointwise(Perturbation, [self.rho, pass.normal(name, shape)]);
        let z = pass.normal(&format!("{name}.factor"), [self.rank(), 1].into());
        own + self.factor.matmul(z).reshape(shape)
    }
    pub(super) fn entropy(&self) -> Var<'t, S> {
        let tape = self.rho.tape();
        let (n, rank) = (self.rho.shape().size(), self.rank());
        let scaled = self.factor / self.rho.softplus().reshape([n, 1]);
        let one = |i: usize| S::of(if i.is_multiple_of(rank + 1) { 1.0 } else { 0.0 });
        let identity = tape.constant(&Tensor::from_fn([rank, rank], one));
        let gram = scaled.t().matmul(scaled) + identity;
        pointwise_sum(Entropy, [self.rho]) + gram.log_det_spd() * 0.5
    }
    /// softplus(rho)² + Σ F², row by row.
    pub(super) fn variance(&self) -> Var<'t, S> {
        let shared = self.factor.square().sum_axes(&[1]);
        pointwise(Variance, [self.rho]) + shared.reshape(self.rho.shape())
    }
}
