//! Bayesian neural networks declared in a macro, trained by Bayes by Backprop, on an automatic
//! differentiation engine of their own.

pub mod bayes;
#[cfg(any(test, feature = "proptest"))]
pub mod check;
pub mod data;
pub mod dist;
mod error;
pub mod guide;
pub mod kernels;
pub mod layers;
pub mod net;
pub mod ops;
pub mod optim;
pub mod predict;
pub mod prelude;
pub mod tape;
pub mod tensor;
pub mod train;

pub use error::{Error, Place, Result};
pub use kernels::{Dual, Scalar};
pub use tape::{Tape, Var};
pub use tensor::{Shape, Tensor};

#[doc = include_str!("language.md")]
#[macro_export]
macro_rules! bayes_net {
    ($($net:tt)*) => {
        $crate::__bayes_net! { [$crate] $($net)* }
    };
}
#[doc(hidden)]
pub use elbo_macros::__bayes_net;
