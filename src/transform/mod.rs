//! Transformations of functions: from f to its gradient, its Jacobian, its Hessian.
//!
//! A function takes an array of variables, and each transformation takes as many tensors; an array
//! of one is written `[x]`. What comes back has the same form, so the compiler counts along:
//!
//! ```
//! use elbo::{Tensor, transform::{grad, hvp, value_and_grad}};
//!
//! let x = Tensor::new([2], vec![3.0, 4.0]);
//! let w = Tensor::new([2], vec![0.5, -1.0]);
//!
//! let [dx] = grad(|[x]| x.square().sum(), [&x]);
//! assert_eq!(dx.as_slice(), [6.0, 8.0]);
//!
//! let (y, [dw, dx]) = value_and_grad(|[w, x]| (w * x).sum(), [&w, &x]);
//! assert_eq!((y, dw, dx), (-2.5, x.clone(), w.clone()));
//!
//! let (_, [second]) = hvp(|[x]| x.powf(3.0).sum(), [&x], [&w]);
//! assert_eq!(second.as_slice(), [6.0 * 3.0 * 0.5, 6.0 * 4.0 * -1.0]); // 6 x w
//! ```
//!
//! With J the Jacobian of f at x, H the Hessian, ȳ a cotangent, v a tangent:
//!
//! | transformation | gives | f is run over | passes |
//! | --- | --- | --- | --- |
//! | [`grad`] | ∇f | `S` | one forward, one back |
//! | [`value_and_grad`] | f(x), ∇f | `S` | one forward, one back |
//! | [`vjp`] | f(x), J'ȳ | `S` | one forward, one back |
//! | [`jvp`] | f(x), J v | `Dual<S>` | one forward |
//! | [`hvp`] | ∇f, H v | `Dual<S>` | one forward, one back |
//! | [`jacobian_by_rows`] | J | `S` | one forward, one back for each number of f(x) |
//! | [`jacobian_by_columns`] | J | `Dual<S>` | one forward for each number of x |
//! | [`hessian`] | H | `Dual<S>` | one forward and one back for each number of x |
//!
//! A function that goes to several of them is written once, over every kind of number:
//!
//! ```
//! use elbo::{Scalar, Tensor, Var, transform::{hessian, jvp, vjp}};
//!
//! fn f<'t, S: Scalar>([x, y]: [Var<'t, S>; 2]) -> Var<'t, S> {
//!     x.sin() * y
//! }
//! let (x, y) = (Tensor::scalar(0.5f64), Tensor::scalar(2.0));
//! let one = Tensor::scalar(1.0);
//!
//! let (_, along) = jvp(f, [&x, &y], [&one, &one]);
//! let (_, [dx, dy]) = vjp(f, [&x, &y], &one);
//! assert_eq!(along.item(), dx.item() + dy.item());
//! let [[_, mixed], _] = hessian(f, [&x, &y]);
//! assert_eq!(mixed.item(), 0.5f64.cos());
//! ```
//!
//! # Nesting
//!
//! `S` may be dual itself, and then every result comes with its derivative along one more
//! direction. A Hessian product that is differentiated once more is a third derivative:
//!
//! ```
//! use elbo::{Dual, Scalar, Tensor, transform::hvp};
//!
//! let x = Tensor::scalar(Dual { v: 2.0, d: 1.0 });
//! let one = Tensor::scalar(Dual::ONE);
//! let ([first], [second]) = hvp(|[x]| x.powf(4.0), [&x], [&one]);
//! assert_eq!([first.item().v, second.item().v, second.item().d], [32.0, 48.0, 48.0]);
//! ```
//!
//! This room uses [`ops`](crate::ops) and what stands below it. Read `reverse.rs` first; the
//! [`Tape`](crate::Tape) is at hand for what has another form, such as parameters whose number is
//! known only when the program runs.

mod forward;
mod reverse;

pub use forward::{hessian, hvp, jacobian_by_columns, jvp};
pub use reverse::{grad, jacobian_by_rows, value_and_grad, vjp};

use crate::kernels::Scalar;
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// Zeros for all derivatives of a `y` in each of x: the axes of y, then those of x.
#[track_caller]
fn outer<S: Scalar, const N: usize>(name: &str, y: Shape, x: [&Tensor<S>; N]) -> [Tensor<S>; N] {
    let mut zeros = x.map(Tensor::clone);
    // A loop: a closure would panic at its own line, not at the caller's.
    for (zeros, x) in zeros.iter_mut().zip(x) {
        let x = x.shape();
        assert!(
            y.rank() + x.rank() <= MAX_RANK,
            "{name}: derivatives of {y} in {x} have more axes than a tensor may have, {MAX_RANK}"
        );
        let shape = Shape::of_result(name, &[y.dims(), x.dims()].concat());
        shape.check_bytes::<S>(name);
        *zeros = Tensor::zeros(shape);
    }
    zeros
}
