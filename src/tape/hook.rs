//! Hooks: a look at a gradient when it is whole, and the chance to change it.

use std::panic::Location;

use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::Shape;

/// What [`Var::hook`] takes, in a box.
type Look<S> = Box<dyn FnMut(Shape, &mut [S]) + Send>;

/// A hook of a value.
pub(super) struct Hook<S> {
    pub(super) f: Look<S>,
    /// The line that set it.
    pub(super) place: &'static Location<'static>,
}

impl<S: Scalar> Var<'_, S> {
    /// Calls `f` with the shape and the gradient of this value on each way back, when all that
    /// flows to it has arrived and before it flows on. `f` may look at it or change it, as a
    /// clip does; hooks of one value run in the order in which they were set.
    ///
    /// `f` runs while the tape is at work and must not touch it. Hooks last until
    /// [`Tape::clear`](super::Tape::clear).
    ///
    /// # Panics
    /// If no gradient flows to this value.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![1.0f64, 100.0]));
    /// let y = x * x;
    /// y.hook(|_, grad| grad.iter_mut().for_each(|g| *g = g.clamp(-0.5, 0.5)));
    /// y.sum().backward();
    /// assert_eq!(x.grad().as_slice(), [1.0, 100.0]); // 2 x times 0.5
    /// ```
    #[track_caller]
    pub fn hook(self, f: impl FnMut(Shape, &mut [S]) + Send + 'static) {
        let nodes = &mut *self.tape.0.borrow_mut();
        let node = &mut nodes.nodes[self.index()];
        assert!(
            node.tracked,
            "hook: no gradient flows to node {} (`{}`, {}), which depends on no parameter",
            self.index,
            node.name(),
            node.shape()
        );
        node.hooked = true;
        let hooks = nodes.hooks.entry(self.index).or_default();
        hooks.push(Hook {
            f: Box::new(f),
            place: Location::caller(),
        });
    }
}
