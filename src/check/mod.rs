//! Whether derivatives are right: [`gradcheck`] and [`gradgradcheck`] at one point; under the
//! feature `proptest`, `laws` over drawn inputs, and `strategies` that draw them.
//!
//! Every derivative is reached by three routes that share no code: the way back over the tape,
//! dual numbers forward, and differences of values. This room may see all others. Read `routes.rs`
//! first, then `gradcheck.rs`, then `laws.rs`.
//!
//! What is checked is a [`Function`](crate::ops::Function), because it is run over two kinds of
//! numbers:
//!
//! ```
//! use elbo::{Scalar, Tensor, Var, check::gradcheck, ops::Function};
//!
//! /// Σ sin(w x), with w fixed.
//! struct Wave { w: f64 }
//! impl Function for Wave {
//!     fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
//!         (x[0] * self.w).sin().sum()
//!     }
//! }
//! gradcheck(&Wave { w: 2.0 }, &[Tensor::new([2], vec![0.3, -1.2])]).unwrap();
//! ```

mod gradcheck;
#[cfg(any(test, feature = "proptest"))]
mod graph;
#[cfg(any(test, feature = "proptest"))]
mod laws;
mod routes;
#[cfg(any(test, feature = "proptest"))]
mod shrink;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;

pub use gradcheck::{GradientMismatch, Route, gradcheck, gradgradcheck};
#[cfg(any(test, feature = "proptest"))]
pub use graph::Graph;
#[cfg(any(test, feature = "proptest"))]
pub use laws::{Case, Violation, laws, laws_at, table};
