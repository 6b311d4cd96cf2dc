//! Loops over plain slices: the numbers, their functions, products, factors, sums and noise.
//!
//! This room knows neither shapes nor tapes. It is the only one that may use
//! `unsafe`: in [`matmul`], to hand slices to matrixmultiply. Read [`Scalar`] first.

pub mod batch;
mod dual;
pub mod factor;
mod float;
pub mod matmul;
pub mod noise;
pub mod reduce;
mod scalar;
pub mod special;

pub use dual::Dual;
pub use scalar::Scalar;
