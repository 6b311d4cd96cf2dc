//! Functions that can be run over every kind of number, to be checked.

use crate::kernels::{Dual, Scalar};
use crate::tape::Var;

/// A function of variables, written once over every kind of number.
///
/// Over `f64` it is checked, over `Dual<f64>` the same lines are its own forward mode.
pub trait Function {
    /// y = f(x₀, x₁, …), on the tape of its inputs.
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S>;
}

/// A [`Function`] at the two kinds of numbers that its laws need; the form in which a table can
/// hold it. Every [`Function`] is one.
pub trait Differentiable {
    /// The function on a tape of numbers.
    fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64>;
    /// The function on a tape of dual numbers.
    fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>>;
}

impl<F: Function> Differentiable for F {
    fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        self.call(x)
    }
    fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>> {
        self.call(x)
    }
}
