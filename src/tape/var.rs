//! [`Var`]: a place on a tape.

use std::fmt::{self, Debug};
use std::slice;

use super::record::Tape;
use crate::kernels::Scalar;
use crate::tensor::{Shape, Tensor};

/// A value on a tape. `Copy`, and as small as a reference and an index: the numbers, the shape
/// and the gradient belong to the tape.
pub struct Var<'t, S = f32> {
    pub(super) tape: &'t Tape<S>,
    pub(super) index: u32,
}

impl<S> Clone for Var<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Var<'_, S> {}

impl<'t, S> AsRef<[Var<'t, S>]> for Var<'t, S> {
    fn as_ref(&self) -> &[Var<'t, S>] {
        slice::from_ref(self)
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    pub(super) fn new(tape: &'t Tape<S>, index: usize) -> Self {
        let index = u32::try_from(index).expect("a tape holds at most 2^32 nodes");
        Var { tape, index }
    }
    /// The tape that this value stands on.
    pub fn tape(self) -> &'t Tape<S> {
        self.tape
    }
    /// Its place on the tape.
    pub fn index(self) -> usize {
        self.index as usize
    }
    /// Shape of the value.
    pub fn shape(self) -> Shape {
        self.tape.0.borrow().values[self.index()].shape()
    }
    /// The value; shared, not copied.
    pub fn value(self) -> Tensor<S> {
        self.tape.0.borrow().values[self.index()].clone()
    }
    /// The value of a variable with one element.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[track_caller]
    pub fn item(self) -> S {
        self.tape.0.borrow().values[self.index()].item()
    }
    /// Whether a gradient flows to this value: it is a parameter or depends on one.
    pub fn is_tracked(self) -> bool {
        self.tape.0.borrow().tracked[self.index()]
    }
    /// Computes the gradient of this value, which must be one number, with respect to everything
    /// it was made of. Gradients of an earlier call are replaced.
    ///
    /// # Panics
    /// If the value is not one number.
    #[track_caller]
    pub fn backward(self) {
        let shape = self.shape();
        assert!(
            shape.size() == 1,
            "backward: starts at one number, but this value is {shape}; take its sum() first"
        );
        self.tape.backward(self.index());
    }
    /// The gradient after [`backward`](Var::backward); zeros where none arrived.
    pub fn grad(self) -> Tensor<S> {
        self.tape.gradient(self)
    }
}

impl<S> Debug for Var<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Var({})", self.index)
    }
}
