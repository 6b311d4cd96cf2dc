//! Whether derivatives are right: [`gradcheck`] at one point, [`laws`] over drawn inputs.
//!
//! Every derivative is reached by three routes that share no code: the way back over the tape,
//! dual numbers forward, and differences of values. This room may see all others, and is there
//! for tests and under the feature `proptest`. Read `routes.rs` first, then `laws.rs`.
//!
//! ```
//! use elbo::{Scalar, Tensor, Var, check::gradcheck, ops::Function};
//!
//! /// Σ sin(x) w, with w fixed.
//! struct Wave { w: f64 }
//! impl Function for Wave {
//!     fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
//!         (x[0].sin() * self.w).sum()
//!     }
//! }
//! gradcheck(&Wave { w: 2.0 }, &[Tensor::new([2], vec![0.3, -1.2])]).unwrap();
//! ```

use crate::bayes;
use crate::dist;
use crate::ops::{self, Law};

mod gradcheck;
mod laws;
mod routes;
pub mod strategies;

pub use gradcheck::{GradientMismatch, Route, gradcheck};
pub use laws::{Case, Violation, laws, laws_at};

/// Every row of the table of laws, room by room.
pub fn table() -> impl Iterator<Item = &'static Law> {
    let rooms = [ops::LAWS, dist::LAWS, bayes::LAWS, &[routes::LAWS]];
    rooms.into_iter().flatten().copied().flatten()
}
