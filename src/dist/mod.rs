//! Distributions.
mod support;
use crate::kernels::{Scalar, special};
pub use support::Support;
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Normal<T = crate::Tensor> {
    pub mean: T,
    pub std: T,
}
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Laplace<T = crate::Tensor> {
    pub location: T,
    pub scale: T,
}
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ScaleMixture {
    pub pi: f64,
    pub sigma1: f64,
    pub sigma2: f64,
}
#[allow(missing_docs)]
impl Normal<f64> {
    pub fn log_prob<S: Scalar>(&self, x: S) -> S {
        let z = (x - S::of(self.mean)) / S::of(self.std);
        -z * z * S::of(0.5) - S::of(self.std.ln() + special::LN_SQRT_2PI)
    }
}
#[allow(missing_docs)]
impl Laplace<f64> {
    pub fn log_prob<S: Scalar>(&self, x: S) -> S {
        -(x - S::of(self.location)).abs() / S::of(self.scale) - S::of((2.0 * self.scale).ln())
    }
}
#[allow(missing_docs)]
impl ScaleMixture {
    pub fn log_prob<S: Scalar>(&self, x: S) -> S {
        let n = |s: f64| Normal { mean: 0.0, std: s }.log_prob(x);
        let (a, b) = (
            n(self.sigma1) + S::of(self.pi.ln()),
            n(self.sigma2) + S::of((1.0 - self.pi).ln()),
        );
        let (hi, lo) = if a > b { (a, b) } else { (b, a) };
        hi + (lo - hi).exp().ln_1p()
    }
    pub fn score<S: Scalar>(&self, x: S) -> S {
        let n = |s: f64| Normal { mean: 0.0, std: s }.log_prob(x);
        let r =
            (n(self.sigma1) + S::of(self.pi.ln()) - n(self.sigma2) - S::of((1.0 - self.pi).ln()))
                .sigmoid();
        -x * (r / S::of(self.sigma1 * self.sigma1)
            + (S::ONE - r) / S::of(self.sigma2 * self.sigma2))
    }
}
