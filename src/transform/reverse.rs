//! Reverse mode: the way back over a tape of numbers.

use super::outer;
use crate::kernels::Scalar;
use crate::tape::{Tape, Var};
use crate::tensor::Tensor;

/// The gradient of a function of one or more tensors whose value is one number.
///
/// ```text
/// x̄ᵢ = ∂f/∂xᵢ, of the shape of xᵢ
/// ```
///
/// ```
/// use elbo::{Tensor, transform::grad};
/// let a = Tensor::new([2, 3], vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// let b = Tensor::new([3, 1], vec![1.0, 10.0, 100.0]);
/// let [da, db] = grad(|[a, b]| a.matmul(b).sum(), [&a, &b]);
/// assert_eq!(da.as_slice(), [1.0, 10.0, 100.0, 1.0, 10.0, 100.0]);
/// assert_eq!(db.as_slice(), [5.0, 7.0, 9.0]);
/// ```
///
/// # Panics
/// If f gives anything else than one number.
#[track_caller]
pub fn grad<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, S>; N]) -> Var<'t, S>,
    x: [&Tensor<S>; N],
) -> [Tensor<S>; N] {
    let tape = Tape::new();
    let x = x.map(|x| tape.parameter(x));
    one_number("grad", f(x)).pull_back(&[S::ONE]);
    x.map(Var::grad)
}

/// The value of a function and its gradient, [`grad`], from the same pass.
///
/// ```
/// use elbo::{Tensor, transform::value_and_grad};
/// let x = Tensor::new([3], vec![1.0, 2.0, 3.0]);
/// let (y, [dx]) = value_and_grad(|[x]| x.mean(), [&x]);
/// assert_eq!((y, dx), (2.0, Tensor::full([3], 1.0 / 3.0)));
/// ```
///
/// # Panics
/// If f gives anything else than one number.
#[track_caller]
pub fn value_and_grad<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, S>; N]) -> Var<'t, S>,
    x: [&Tensor<S>; N],
) -> (S, [Tensor<S>; N]) {
    let tape = Tape::new();
    let x = x.map(|x| tape.parameter(x));
    let y = one_number("value_and_grad", f(x));
    let value = y.item();
    y.pull_back(&[S::ONE]);
    (value, x.map(Var::grad))
}

/// The value of a function and the product of a cotangent with its Jacobian.
///
/// ```text
/// x̄ᵢ = ȳ' ∂f/∂xᵢ, of the shape of xᵢ; ȳ of the shape of f(x)
/// ```
///
/// ```
/// use elbo::{Tensor, transform::vjp};
/// let x = Tensor::new([2], vec![3.0, 5.0]);
/// let y_bar = Tensor::new([2], vec![1.0, 10.0]);
/// let (y, [dx]) = vjp(|[x]| x.square(), [&x], &y_bar);
/// assert_eq!(y.as_slice(), [9.0, 25.0]);
/// assert_eq!(dx.as_slice(), [2.0 * 3.0, 2.0 * 5.0 * 10.0]);
/// ```
///
/// # Panics
/// If `y_bar` has not the shape of f(x).
#[track_caller]
pub fn vjp<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, S>; N]) -> Var<'t, S>,
    x: [&Tensor<S>; N],
    y_bar: &Tensor<S>,
) -> (Tensor<S>, [Tensor<S>; N]) {
    let tape = Tape::new();
    let x = x.map(|x| tape.parameter(x));
    let y = f(x);
    assert!(
        y.shape() == y_bar.shape(),
        "vjp: f gives {}, but the cotangent is {}",
        y.shape(),
        y_bar.shape()
    );
    let value = y.value();
    y.pull_back(y_bar.as_slice());
    (value, x.map(Var::grad))
}

/// The Jacobian of a function, a row for each way back: for functions with more inputs than
/// results.
///
/// ```text
/// J[.., ..] = ∂f/∂xᵢ, of the shape of f(x) followed by that of xᵢ
/// ```
///
/// ```
/// use elbo::{Tensor, transform::jacobian_by_rows};
/// let x = Tensor::new([2], vec![3.0, 5.0]);
/// let w = Tensor::new([1, 2], vec![10.0, 100.0]);
/// let [dw, dx] = jacobian_by_rows(|[w, x]| w * x, [&w, &x]);
/// assert_eq!(dw.shape().dims(), [1, 2, 1, 2]);
/// assert_eq!(dw.as_slice(), [3.0, 0.0, 0.0, 5.0]);
/// assert_eq!(dx.as_slice(), [10.0, 0.0, 0.0, 100.0]);
/// ```
///
/// # Panics
/// If f(x) and an input have more than eight axes together.
#[track_caller]
pub fn jacobian_by_rows<S: Scalar, const N: usize>(
    f: impl for<'t> Fn([Var<'t, S>; N]) -> Var<'t, S>,
    x: [&Tensor<S>; N],
) -> [Tensor<S>; N] {
    let tape = Tape::new();
    tape.retain_all(); // every row goes back over the same nodes
    let vars = x.map(|x| tape.parameter(x));
    let y = f(vars);
    let shape = y.shape();
    let mut jacobian = outer("jacobian_by_rows", shape, x);
    let mut y_bar = Tensor::zeros(shape);
    for row in 0..shape.size() {
        y_bar.as_mut_slice()[row] = S::ONE;
        y.pull_back(y_bar.as_slice());
        y_bar.as_mut_slice()[row] = S::ZERO;
        for (jacobian, var) in jacobian.iter_mut().zip(vars) {
            let gradient = var.grad();
            let width = gradient.len();
            jacobian.as_mut_slice()[row * width..][..width].copy_from_slice(gradient.as_slice());
        }
    }
    jacobian
}

/// The value of f, from which a gradient can start.
#[track_caller]
pub(super) fn one_number<'t, S: Scalar>(name: &str, y: Var<'t, S>) -> Var<'t, S> {
    assert!(
        y.shape().size() == 1,
        "{name}: f gives {}, not one number; take its sum(), or a Jacobian",
        y.shape()
    );
    y
}
