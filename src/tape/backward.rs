//! The way back: one loop over the tape in reverse.

use super::op::{Grads, Inputs};
use super::record::{Tape, inputs_of};
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::Tensor;

impl<S: Scalar> Tape<S> {
    /// Gradients of the sum of node `root` with respect to every tracked node before it.
    pub(super) fn backward(&self, root: usize) {
        let nodes = &mut *self.0.borrow_mut();
        for grad in &mut nodes.grads[..nodes.len] {
            grad.clear();
        }
        nodes.grads[root].resize(nodes.values[root].len(), S::ONE);
        for i in (0..=root).rev() {
            let Some(op) = &nodes.ops[i] else { continue };
            // Inputs stand before their node: the gradients split there, in safe code.
            let (before, here) = nodes.grads.split_at_mut(i);
            let y_bar = &here[0];
            if y_bar.is_empty() || !nodes.tracked[i] {
                continue;
            }
            let ids = inputs_of(&nodes.ends, &nodes.inputs, i);
            let (values, tracked) = (&nodes.values[..], &nodes.tracked[..]);
            let keeps = op.keeps();
            let x = Inputs {
                name: op.name(),
                ids,
                values,
                readable: keeps.inputs(),
            };
            let y = if keeps.output() {
                values[i].as_slice()
            } else {
                &[]
            };
            let mut x_bar = Grads {
                ids,
                values,
                tracked,
                before,
            };
            op.vjp(&x, y, y_bar, &nodes.saved[i], &mut x_bar);
        }
    }

    /// The gradient of `var` after [`Var::backward`]; zeros where none arrived.
    pub fn gradient(&self, var: Var<'_, S>) -> Tensor<S> {
        let nodes = self.0.borrow();
        let shape = nodes.values[var.index as usize].shape();
        let grad = &nodes.grads[var.index as usize];
        if grad.is_empty() {
            Tensor::zeros(shape)
        } else {
            Tensor::new(shape, grad.clone())
        }
    }

    /// Number of parameters on the tape.
    pub fn parameters(&self) -> usize {
        self.0.borrow().parameters.len()
    }

    /// Hands `f` the gradient of the tape's `k`-th parameter, in the order in which they were put
    /// there; `None` if no gradient reached it.
    ///
    /// # Panics
    /// If there is no such parameter.
    pub fn with_parameter_gradient<R>(&self, k: usize, f: impl FnOnce(Option<&[S]>) -> R) -> R {
        let nodes = self.0.borrow();
        assert!(
            k < nodes.parameters.len(),
            "the tape holds {} parameters, there is no parameter {k}",
            nodes.parameters.len()
        );
        let grad = nodes.grads[nodes.parameters[k] as usize].as_slice();
        f(Some(grad).filter(|grad| !grad.is_empty()))
    }
}
