//! The operations, one family a file; value, vector-Jacobian product, domain and conventions
//! side by side.
//!
//! Read [`Pointwise`] and `activation.rs` first, then `matmul.rs`. An operation that works
//! element by element is a type with two functions, [`Pointwise::value`] and
//! [`Pointwise::partials`]; broadcasting is done once, in `operands.rs`. Everything else
//! implements [`Op`](crate::tape::Op) itself. Each family ends with its rows in the table of laws.
//!
//! # Conventions at kinks
//!
//! They are those of JAX (0.10.2), or the difference is stated.
//!
//! | where | gradient |
//! | --- | --- |
//! | a cotangent or a derivative that is exactly 0 | 0, also where the other is infinite or NaN (JAX and PyTorch: NaN) |
//! | `relu` at 0 | 0 |
//! | `abs` at 0 | 0 (JAX: 1) |
//! | `leaky_relu(c)` at 0 | c (JAX: 1) |
//! | `elu(α)` at 0 | α |
//! | `clamp` on a bound | 1 (JAX: 1/2) |
//! | `maximum`, `minimum` of equals | 1/2 each |
//! | `sign`, `floor`, `ceil`, `round` | 0 everywhere |
//! | `gt`, `ge`, `lt`, `le`, `eq`, `ne` | none |
//! | `x.powf(0.0)`, and `pow(a, 0)` in a | 0 (JAX at 0: NaN) |
//! | `pow(0, b)` in b | 0 for b >= 0; -inf for b < 0 (JAX: NaN) |
//! | `pow(a, b)` in b, for a < 0 | NaN |
//! | `hypot` at the origin | 0 (JAX: 1/2 each) |
//! | `atan2` at the origin | 0 (JAX: NaN) |
//! | `xlogy(0, 0)` | 0 in both (JAX: -inf and NaN); the value is 0 |
//! | `logaddexp` of -inf twice | 0 for each (JAX: NaN); the value is -inf |
//! | `logaddexp` of +inf twice | 1/2 each (JAX: 1) |
//! | `digamma` at -1, -2, … | NaN, as the value (JAX: inf) |
//! | `logsumexp`, `log_softmax` of entries that are all -inf | 0 for each (JAX: NaN); the values are -inf (JAX: NaN for `log_softmax`) |
//! | `softmax` of entries that are all -inf | 0 for each; the values are 0 (JAX: NaN for both) |
//! | `logsumexp` of k entries of +inf | 1/k each (JAX: NaN) |
//! | `logsumexp` of k equal largest entries | 1/k each |
//! | `max`, `min`, `norm` with p = ∞, of k equal largest entries | 1/k each |
//! | `max_pool1d`, `max_pool2d`, `adaptive_max_pool1d`, `adaptive_max_pool2d` of equal largest entries | 1 for the first in the order of rows, 0 for the others |
//! | `sort`, `top_k` of equals | each its own place's: equals stay in their order |
//! | `norm` at 0 | 0 (JAX: NaN; 1 each for p = 1, 1/2 shared equally for p = ∞) |
//! | `norm` with p = 1, at an element 0 | 0 (JAX: 1) |
//! | `std` without spread | 0 (JAX: NaN) |
//! | `prod`, `cumprod` with zeros | the product of the others, exactly |
//! | `cholesky`, `log_det_spd` | that of (A + A') / 2, which they read (PyTorch reads the lower triangle) |
//! | `cholesky`, `log_det_spd` of a matrix that is not positive definite | NaN, as the value (PyTorch: an error) |
//! | `solve`, `inverse`, `triangular_solve` of a singular matrix | NaN, as the value (JAX: infinities or NaN; PyTorch: an error, or as JAX for a triangular one) |
//! | `log_abs_det` of a singular matrix | NaN (JAX: infinities); the value is -inf |
//! | `triangular_solve` in the other triangle, and on a unit diagonal | 0 |
//! | derivatives of a kink's gradient, as of `abs` at 0, `norm` with p < 2 or odd p at an element 0 | 0 |
//! | products of matrices (`matmul`, `outer`, `affine`, `einsum`) and convolutions, of 0 and an infinity or a NaN | NaN, as JAX; of two vectors 0 |

mod activation;
mod arithmetic;
mod conv;
mod cumulative;
mod diagonal;
mod einsum;
mod elementary;
mod extremum;
mod factor;
mod function;
mod index;
#[cfg(any(test, feature = "proptest"))]
mod law;
mod layout;
mod matmul;
mod normalization;
mod operands;
mod pointwise;
mod pool;
mod reduce;
mod select;
mod softmax;
mod solve;
mod special;
mod statistics;
mod triangular;
mod trigonometric;
mod view;
mod window;

pub use conv::{Conv, ConvTranspose};
pub use einsum::einsum;
pub use function::{Differentiable, Function};
pub use index::one_hot;
pub use layout::{concat, stack};
pub(crate) use operands::blocks;
pub use pointwise::{Pointwise, pointwise, pointwise_sum};
pub(crate) use pointwise::{Wanted, apart, part_of_each, pointwise_sum_wanted, values};
pub use pool::{Divisor, Pool};
pub use select::Operand;
pub use triangular::Triangle;
pub use view::Slice;

#[cfg(any(test, feature = "proptest"))]
pub use law::{Domain, Input, Law, law};

/// The table of laws, family by family.
#[cfg(any(test, feature = "proptest"))]
pub const LAWS: &[&[Law]] = &[
    activation::LAWS,
    arithmetic::LAWS,
    conv::LAWS,
    cumulative::LAWS,
    diagonal::LAWS,
    elementary::LAWS,
    extremum::LAWS,
    factor::LAWS,
    index::LAWS,
    layout::LAWS,
    matmul::LAWS,
    normalization::LAWS,
    pointwise::LAWS,
    pool::LAWS,
    reduce::LAWS,
    select::LAWS,
    softmax::LAWS,
    solve::LAWS,
    special::LAWS,
    statistics::LAWS,
    triangular::LAWS,
    trigonometric::LAWS,
    view::LAWS,
];
