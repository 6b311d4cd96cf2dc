//! Bayesian neural networks declared in a macro, trained by Bayes by Backprop, on an automatic
//! differentiation engine of their own.

pub mod kernels;
pub mod ops;
pub mod tape;
pub mod tensor;

pub use kernels::{Dual, Scalar};
pub use tape::{Tape, Var};
pub use tensor::{Shape, Tensor};
