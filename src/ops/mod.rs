//! The operations, one family a file; value, vector-Jacobian product, domain and conventions
//! side by side.
//!
//! Read [`Pointwise`] and `activation.rs` first, then `matmul.rs`. An operation that works
//! element by element is a type with two functions, [`Pointwise::value`] and
//! [`Pointwise::partials`]; broadcasting is done once, in `pointwise.rs`. Everything else
//! implements [`Op`](crate::tape::Op) itself. Each family ends with its rows in the table of laws.
//!
//! # Conventions at kinks
//!
//! | where | gradient |
//! | --- | --- |
//! | `relu` at 0 | 0 |
//! | `abs` at 0 | 0 |
//! | `x.powf(0.0)` | 0 |
//! | `logsumexp` of entries that are all -inf | 0 for each; the value is -inf |
//! | `logsumexp` of k equal largest entries | 1/k each |

mod activation;
mod arithmetic;
mod elementary;
mod function;
mod index;
#[cfg(any(test, feature = "proptest"))]
mod law;
mod layout;
mod matmul;
mod pointwise;
mod reduce;
mod softmax;
mod view;

pub use function::{Differentiable, Function};
pub use index::one_hot;
pub use layout::{concat, stack};
pub use pointwise::{Pointwise, pointwise, pointwise_sum};
pub use view::Slice;

#[cfg(any(test, feature = "proptest"))]
pub use law::{Domain, Input, Law, law};

/// The table of laws, family by family.
#[cfg(any(test, feature = "proptest"))]
pub const LAWS: &[&[Law]] = &[
    activation::LAWS,
    arithmetic::LAWS,
    elementary::LAWS,
    index::LAWS,
    layout::LAWS,
    matmul::LAWS,
    pointwise::LAWS,
    reduce::LAWS,
    softmax::LAWS,
    view::LAWS,
];
