//! What is known of a node beside its numbers. A tape of single numbers holds a node for each sum
//! and each product, so that a node is small: what few of them have is in a box.

use std::any::Any;
use std::panic::Location;

use super::label::Label;
use super::op::{Op, Saved};
use crate::kernels::Scalar;
use crate::tensor::Shape;

#[allow(clippy::struct_excessive_bools)] // each is an answer of its own
pub(super) struct Node<S> {
    /// What made it; `None` for a leaf.
    pub(super) op: Option<Box<dyn Op<S>>>,
    /// What the operation saved, if it did.
    pub(super) saved: Option<Box<Saved<S>>>,
    /// `None` if it is and was, in all passes, that of one number without axes.
    shape: Option<Box<Shape>>,
    /// The line that recorded it.
    pub(super) place: &'static Location<'static>,
    /// Where its inputs end in the tape's; they start where those of the node before end.
    pub(super) end: u32,
    pub(super) label: Label,
    /// Whether a gradient flows to it.
    pub(super) tracked: bool,
    /// Whether a vjp reads its value.
    pub(super) needed: bool,
    /// Set by [`Var::end`](super::Var::end).
    pub(super) ended: bool,
    /// Set by [`Var::retain`](super::Var::retain).
    pub(super) retained: bool,
    /// Whether a hook waits for its gradient.
    pub(super) hooked: bool,
}

impl<S: Scalar> Node<S> {
    /// A slot that has never been a node.
    #[track_caller]
    pub(super) fn new() -> Self {
        Node {
            op: None,
            saved: None,
            shape: None,
            place: Location::caller(),
            end: 0,
            label: Label::ROOT,
            tracked: false,
            needed: false,
            ended: false,
            retained: false,
            hooked: false,
        }
    }
    /// The operation's name; a leaf has none.
    pub(super) fn name(&self) -> &'static str {
        let leaf = if self.tracked { "parameter" } else { "data" };
        self.op.as_ref().map_or(leaf, |op| op.name())
    }
    #[inline]
    pub(super) fn shape(&self) -> Shape {
        self.shape.as_deref().copied().unwrap_or_default()
    }
    #[inline]
    pub(super) fn has_shape(&self, shape: &Shape) -> bool {
        match self.shape.as_deref() {
            None => shape.rank() == 0,
            Some(own) => own == shape,
        }
    }
    #[inline]
    pub(super) fn size(&self) -> usize {
        self.shape.as_deref().map_or(1, Shape::size)
    }
    /// The box stays, so that the next pass finds it.
    #[inline]
    pub(super) fn set_shape(&mut self, shape: Shape) {
        match &mut self.shape {
            Some(place) => **place = shape,
            None if shape.rank() == 0 => {}
            place => *place = Some(Box::new(shape)),
        }
    }
    /// Bytes that its operation saved.
    pub(super) fn saved_bytes(&self) -> usize {
        self.saved.as_deref().map_or(0, Saved::bytes)
    }
}

/// Where the inputs of the nodes before `i` end.
pub(super) fn end_of<S>(nodes: &[Node<S>], i: usize) -> usize {
    i.checked_sub(1).map_or(0, |last| nodes[last].end as usize)
}

/// The inputs of node `i`.
pub(super) fn inputs_of<'a, S>(nodes: &[Node<S>], inputs: &'a [u32], i: usize) -> &'a [u32] {
    &inputs[end_of(nodes, i)..nodes[i].end as usize]
}

/// Puts `op` into `place`, in the box of the last pass if that held the same type.
pub(super) fn store<S: Scalar, O: Op<S>>(place: &mut Option<Box<dyn Op<S>>>, op: O) {
    if let Some(old) = place {
        let old: &mut dyn Any = &mut **old;
        if let Some(old) = old.downcast_mut::<O>() {
            *old = op;
            return;
        }
    }
    *place = Some(Box::new(op));
}

#[cfg(test)]
mod tests {
    use super::super::buffer::Buffer;
    use super::*;

    /// Of a long tape of single numbers, which are read in the order of the tape and in reverse,
    /// the bytes of a node are the time.
    #[test]
    fn a_node_of_one_number_is_small() {
        if size_of::<usize>() == 8 {
            assert_eq!((size_of::<Node<f32>>(), size_of::<Node<f64>>()), (56, 56));
            // As a vector, in which the place of the length serves for the number.
            assert_eq!(size_of::<Buffer<f32>>(), 24);
            assert_eq!(size_of::<Buffer<f64>>(), 24);
        }
    }

    #[test]
    fn a_shape_is_kept_and_its_box_stays() {
        let mut node = Node::<f64>::new();
        for shape in [Shape::SCALAR, [2, 3].into(), Shape::SCALAR, [1].into()] {
            node.set_shape(shape);
            assert_eq!((node.shape(), node.size()), (shape, shape.size()));
            assert!(node.has_shape(&shape) && !node.has_shape(&[7].into()));
        }
        node.set_shape(Shape::SCALAR);
        assert!(node.shape.is_some() && node.has_shape(&Shape::SCALAR));
    }
}
