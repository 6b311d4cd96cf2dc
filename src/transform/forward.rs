//! Forward mode: the same function over dual numbers, with a way back or without.

use std::array;

use super::outer;
use super::reverse::one_number;
use crate::kernels::{Dual, Scalar};
use crate::tape::{Tape, Var};
use crate::tensor::Tensor;

/// The value of a function and its derivative along a direction, which has a tensor for each
/// input.
///
/// ```text
/// ẏ = Σᵢ ∂f/∂xᵢ vᵢ, of the shape of f(x); vᵢ of the shape of xᵢ
/// ```
///
/// ```
/// use elbo::{Tensor, transform::jvp};
/// let (x, w) = (Tensor::scalar(3.0), Tensor::scalar(5.0));
/// let (one, zero) = (Tensor::scalar(1.0), Tensor::scalar(0.0));
/// let (y, along_x) = jvp(|[x, w]| x.square() * w, [&x, &w], [&one, &zero]);
/// assert_eq!((y.item(), along_x.item()), (45.0, 30.0));
/// ```
///
/// # Panics
/// If a tangent has not the shape of its input.
#[track_caller]
pub fn jvp<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, Dual<S>>; N]) -> Var<'t, Dual<S>>,
    x: [&Tensor<S>; N],
    v: [&Tensor<S>; N],
) -> (Tensor<S>, Tensor<S>) {
    let tape = Tape::new();
    // Constants: nobody goes back over this tape.
    let y = f(along("jvp", x, v).map(|x| tape.constant(&x))).value();
    (y.map(|y| y.v), y.map(|y| y.d))
}

/// The gradient of a function whose value is one number, and the product of its Hessian with a
/// direction, which has a tensor for each input.
///
/// ```text
/// x̄ᵢ = ∂f/∂xᵢ,   Σₖ ∂²f/∂xᵢ∂xₖ vₖ,   both of the shape of xᵢ
/// ```
///
/// It is the gradient's derivative along v: one way back over dual numbers, at the price of about
/// three gradients, however many inputs there are.
///
/// ```
/// use elbo::{Tensor, transform::hvp};
/// let x = Tensor::new([2], vec![2.0, 3.0]);
/// let v = Tensor::new([2], vec![1.0, -1.0]);
/// // Of (Σx)², the Hessian has a 2 everywhere.
/// let ([dx], [hv]) = hvp(|[x]| x.sum().square(), [&x], [&v]);
/// assert_eq!((dx.as_slice(), hv.as_slice()), ([10.0; 2].as_slice(), [0.0; 2].as_slice()));
/// ```
///
/// # Panics
/// If f gives anything else than one number, or a tangent has not the shape of its input.
#[track_caller]
pub fn hvp<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, Dual<S>>; N]) -> Var<'t, Dual<S>>,
    x: [&Tensor<S>; N],
    v: [&Tensor<S>; N],
) -> ([Tensor<S>; N], [Tensor<S>; N]) {
    let tape = Tape::new();
    let x = along("hvp", x, v).map(|x| tape.parameter(&x));
    one_number("hvp", f(x)).pull_back(&[Dual::<S>::ONE]);
    let gradients = x.map(Var::grad);
    let part = |part: fn(Dual<S>) -> S| array::from_fn(|i| gradients[i].map(part));
    (part(|g| g.v), part(|g| g.d))
}

/// The Jacobian of a function, a column for each way forward: for functions with more results than
/// inputs.
///
/// ```text
/// J[.., ..] = ∂f/∂xᵢ, of the shape of f(x) followed by that of xᵢ
/// ```
///
/// ```
/// use elbo::{Tensor, transform::jacobian_by_columns};
/// let t = Tensor::scalar(0.5f64);
/// let circle = Tensor::new([2], vec![1.0, 2.0]);
/// let [dt, dr] = jacobian_by_columns(|[t, r]| t.sin() * r, [&t, &circle]);
/// assert_eq!(dt.as_slice(), [0.5f64.cos(), 2.0 * 0.5f64.cos()]);
/// assert_eq!(dr.as_slice(), [0.5f64.sin(), 0.0, 0.0, 0.5f64.sin()]);
/// ```
///
/// # Panics
/// If f(x) and an input have more than eight axes together.
#[track_caller]
pub fn jacobian_by_columns<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, Dual<S>>; N]) -> Var<'t, Dual<S>>,
    x: [&Tensor<S>; N],
) -> [Tensor<S>; N] {
    let mut tape = Tape::new();
    let shape = f(x.map(|x| tape.constant(&still(x)))).shape();
    let mut jacobian = outer("jacobian_by_columns", shape, x);
    for k in 0..N {
        let width = x[k].len();
        for column in 0..width {
            tape.clear();
            let seed = unit(x, k, column).map(|x| tape.constant(&x));
            let y = f(seed).value();
            let jacobian = jacobian[k].as_mut_slice();
            for (row, y) in y.as_slice().iter().enumerate() {
                jacobian[row * width + column] = y.d;
            }
        }
    }
    jacobian
}

/// The Hessian of a function whose value is one number, a block for each pair of inputs; for
/// inputs of a few hundred numbers.
///
/// ```text
/// H[i][k] = ∂²f/∂xᵢ∂xₖ, of the shape of xᵢ followed by that of xₖ
/// ```
///
/// Its columns are those of [`hvp`], so it is symmetric up to rounding only.
///
/// ```
/// use elbo::{Tensor, transform::hessian};
/// let x = Tensor::new([2], vec![2.0, 3.0]);
/// let [[h]] = hessian(|[x]| x.square().sum().square(), [&x]);
/// // Of (x'x)²: 4 x'x + 8 xᵢ² on the diagonal, 8 xᵢ xₖ elsewhere.
/// assert_eq!(h, Tensor::new([2, 2], vec![52.0 + 32.0, 48.0, 48.0, 52.0 + 72.0]));
/// ```
///
/// # Panics
/// If f gives anything else than one number, or two inputs have more than eight axes together.
#[track_caller]
pub fn hessian<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, Dual<S>>; N]) -> Var<'t, Dual<S>>,
    x: [&Tensor<S>; N],
) -> [[Tensor<S>; N]; N] {
    let mut tape = Tape::new();
    let mut blocks = x.map(|_| x.map(Tensor::clone));
    for (block, x_i) in blocks.iter_mut().zip(x) {
        *block = outer("hessian", x_i.shape(), x);
    }
    for k in 0..N {
        let width = x[k].len();
        for column in 0..width {
            tape.clear();
            let seed = unit(x, k, column).map(|x| tape.parameter(&x));
            one_number("hessian", f(seed)).pull_back(&[Dual::<S>::ONE]);
            for (blocks, var) in blocks.iter_mut().zip(seed) {
                let block = blocks[k].as_mut_slice();
                for (row, g) in var.grad().as_slice().iter().enumerate() {
                    block[row * width + column] = g.d;
                }
            }
        }
    }
    blocks
}

/// x + v ε
#[track_caller]
fn along<S: Scalar, const N: usize>(
    name: &str,
    x: [&Tensor<S>; N],
    v: [&Tensor<S>; N],
) -> [Tensor<Dual<S>>; N] {
    for (i, (x, v)) in x.iter().zip(v).enumerate() {
        assert!(
            x.shape() == v.shape(),
            "{name}: input {i} is {}, but its tangent is {}",
            x.shape(),
            v.shape()
        );
    }
    array::from_fn(|i| {
        let (v, d) = (x[i].as_slice(), v[i].as_slice());
        Tensor::from_fn(x[i].shape(), |j| Dual { v: v[j], d: d[j] })
    })
}

/// x + 0 ε
fn still<S: Scalar>(x: &Tensor<S>) -> Tensor<Dual<S>> {
    x.map(|v| Dual { v, d: S::ZERO })
}

/// x + e ε for the unit vector e of element `element` of input `input`.
fn unit<S: Scalar, const N: usize>(
    x: [&Tensor<S>; N],
    input: usize,
    element: usize,
) -> [Tensor<Dual<S>>; N] {
    let mut x = x.map(still);
    x[input].as_mut_slice()[element].d = S::ONE;
    x
}
