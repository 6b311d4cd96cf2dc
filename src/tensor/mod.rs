//! Shaped buffers: [`Shape`], [`Tensor`], and the reading of an index.
//!
//! Until a reader asks, a tensor is a slice with a shape. This room uses
//! [`kernels`](crate::kernels) for its numbers only. Read [`Tensor`] first.

pub mod check;
mod layout;
mod shape;

mod storage;

pub use layout::{Broadcast, Readers, broadcast};
pub use shape::{MAX_RANK, Shape};
pub use storage::Tensor;
