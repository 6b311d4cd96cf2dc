//! Loops over plain slices: the numbers, their functions, products, convolutions, factors, sums and
//! noise.
//!
//! This room knows neither shapes nor tapes. It is the only one that may use
//! `unsafe`: in [`matmul`], to hand slices to matrixmultiply. Read [`Scalar`] first.

pub mod batch;
pub mod conv;
mod dual;
pub mod factor;
mod float;
pub mod matmul;
pub mod noise;
pub mod pool;
pub mod reduce;
mod scalar;
pub mod special;
mod task;
pub mod window;

pub use dual::Dual;
pub use scalar::Scalar;
