//! Loops over plain slices: the numbers, their functions, products, convolutions, factors, sums and
//! noise.
//!
//! This room knows neither shapes nor tapes. It is the only one that may use `unsafe`: in
//! [`matmul`], to hand slices to matrixmultiply and blocks of one slice to threads, in [`simd`], to
//! call what was compiled for the machine's own instructions, and in [`map`](mod@map) and [`Fused`], to
//! leave out the checks of a loop and to read an f32 as one that is fused. Read [`Scalar`] first.
//!
//! # How exact the functions are
//!
#![doc = include_str!("ulp.md")]

use std::ops::{Add, Mul};

pub mod batch;
pub mod conv;
mod double;
mod dual;
pub mod factor;
pub mod map;
pub mod matmul;
pub mod noise;
pub mod pool;
pub mod reduce;
mod scalar;
pub mod simd;
mod single;
pub mod special;
mod sweep;
pub mod task;
mod vector;
mod wide;
pub mod window;

pub use dual::Dual;
pub use scalar::Scalar;
pub use single::Fused;
pub use wide::Wide;

/// a if c, else b, both of them at hand: never a branch, which keeps a loop from vectorising.
#[inline(always)]
pub(crate) fn select<T>(c: bool, a: T, b: T) -> T {
    std::hint::select_unpredictable(c, a, b)
}

/// c₀ + c₁ x + c₂ x² + …, by Horner's rule: in a loop throughput counts, and this has the fewest
/// operations.
#[inline(always)]
fn poly<T: Copy + Add<Output = T> + Mul<Output = T>, const N: usize>(x: T, c: &[T; N]) -> T {
    let mut y = c[N - 1];
    for &c in c[..N - 1].iter().rev() {
        y = y * x + c;
    }
    y
}
