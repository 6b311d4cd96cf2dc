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
        self.tape.0.borrow().nodes[self.index()].shape()
    }
    /// Whether that is its shape.
    #[inline]
    pub(crate) fn has_shape(self, shape: &Shape) -> bool {
        self.tape.0.borrow().nodes[self.index()].has_shape(shape)
    }
    /// The value: shared if it is a parameter or data, else copied.
    ///
    /// # Panics
    /// If it is no longer there; see [`Tape`].
    #[track_caller]
    pub fn value(self) -> Tensor<S> {
        let nodes = self.tape.0.borrow();
        let (value, shape) = nodes.read(self.index());
        value.to_tensor(shape)
    }
    /// The value of a variable with one element.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[track_caller]
    pub fn item(self) -> S {
        let nodes = self.tape.0.borrow();
        let (value, shape) = nodes.read(self.index());
        let [x] = value.as_slice() else {
            panic!("item: a tensor of shape {shape} is not one number")
        };
        *x
    }
    /// Whether a gradient flows to this value: it is a parameter or depends on one.
    pub fn is_tracked(self) -> bool {
        self.tape.0.borrow().nodes[self.index()].tracked
    }

    /// Computes the gradient of this value, which must be one number, with respect to everything
    /// it was made of. Gradients of an earlier call are replaced. What is there afterwards, says
    /// [`Tape`].
    ///
    /// # Panics
    /// If the value is not one number, if no parameter stands behind it, or if an earlier call gave
    /// back what this one needs.
    #[track_caller]
    pub fn backward(self) {
        let shape = self.shape();
        assert!(
            shape.size() == 1,
            "backward: starts at one number, but this value is {shape}; take its sum() first"
        );
        self.check_tracked("backward");
        self.pull_back(&[S::ONE]);
    }
    /// The vector-Jacobian product: gradients of <y_bar, this value>, for an array of any shape.
    ///
    /// # Panics
    /// If the shapes differ, if no parameter stands behind this value, or if an earlier call gave
    /// back what this one needs.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![3.0f64, 5.0]));
    /// x.square().backward_with(&Tensor::new([2], vec![1.0, 10.0]));
    /// assert_eq!(x.grad().as_slice(), [6.0, 100.0]);
    /// ```
    #[track_caller]
    pub fn backward_with(self, y_bar: &Tensor<S>) {
        let (shape, found) = (self.shape(), y_bar.shape());
        assert!(
            shape == found,
            "backward_with: the value is {shape}, its cotangent {found}"
        );
        self.check_tracked("backward_with");
        self.pull_back(y_bar.as_slice());
    }
    /// [`backward_with`](Var::backward_with) for functions that may be constant: then all
    /// gradients are zeros.
    #[track_caller]
    pub(crate) fn pull_back(self, y_bar: &[S]) {
        self.tape.0.borrow_mut().backward(self.index(), y_bar);
    }
    /// Who goes back from data has lost the parameters on the way.
    #[track_caller]
    fn check_tracked(self, what: &str) {
        let nodes = self.tape.0.borrow();
        let node = &nodes.nodes[self.index()];
        assert!(
            node.tracked,
            "{what}: no gradient flows from node {} (`{}`, {}) to any parameter: it was made of \
             data, of `detach`ed values or under `no_grad`; put what is to have a gradient on the \
             tape by `parameter`, and record what leads from there to here without these two",
            self.index,
            node.name(),
            node.shape()
        );
    }
    /// The gradient after [`backward`](Var::backward); zeros where none arrived.
    ///
    /// # Panics
    /// If it was given back, as those of interior nodes are, unless [`retain`](Var::retain) or
    /// [`Tape::retain_all`] keeps them.
    #[track_caller]
    pub fn grad(self) -> Tensor<S> {
        self.tape.gradient(self)
    }

    /// Keeps the value and the gradient of this node on the way back.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![3.0f64, 5.0]));
    /// let y = x.square().retain();
    /// (y * 0.5).sum().backward();
    /// assert_eq!(y.grad().as_slice(), [0.5, 0.5]);
    /// ```
    pub fn retain(self) -> Self {
        self.tape.0.borrow_mut().nodes[self.index()].retained = true;
        self
    }
    /// Says that nothing will read this value any more. Its memory goes back to the tape, at
    /// once if no vjp needs it, else on the way back.
    ///
    /// The forward pass that `bayes_net!` writes ends each value after its last use, so that a
    /// prediction holds about two layers.
    pub fn end(self) {
        self.tape.0.borrow_mut().end(self.index());
    }
    /// The same numbers as data: no gradient flows back through it, and over dual numbers no
    /// derivative forward.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::scalar(3.0f64));
    /// (x * x.detach()).backward();
    /// assert_eq!(x.grad().item(), 3.0); // not 6
    /// ```
    #[track_caller]
    pub fn detach(self) -> Self {
        self.tape.detach(self)
    }
}

impl<S> Debug for Var<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Var({})", self.index)
    }
}
