//! Bayesian neural networks declared in a macro, trained by Bayes by Backprop, on an automatic
//! differentiation engine of their own.

pub mod bayes;
#[cfg(any(test, feature = "proptest"))]
pub mod check;
pub mod data;
pub mod dist;
mod error;
pub mod kernels;
pub mod layers;
pub mod net;
pub mod ops;
pub mod optim;
pub mod tape;
pub mod tensor;
pub mod train;

pub use error::{Error, Place, Result};
pub use kernels::{Dual, Scalar};
pub use tape::{Tape, Var};
pub use tensor::{Shape, Tensor};
