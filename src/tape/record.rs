//! [`Tape`]: the way forward. Every operation is run and written down.

use std::any::Any;
use std::cell::RefCell;
use std::ptr;

use super::label::{Label, Labels};
use super::op::{Inputs, Op, Saved};
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::{Shape, Tensor};

/// A record of the operations that made a result out of parameters and data.
///
/// ```
/// use elbo::{Tape, Tensor};
/// let tape = Tape::new();
/// let x = tape.parameter(&Tensor::scalar(3.0f64));
/// let y = x * x + x;
/// y.backward();
/// assert_eq!(x.grad().item(), 7.0); // 2x + 1
/// ```
///
/// Nodes live in slots. [`clear`](Tape::clear) forgets the nodes and keeps the slots, so that a
/// pass of the same form as the last one allocates nothing.
pub struct Tape<S = f32>(pub(super) RefCell<Nodes<S>>);

/// Slot i of each vector belongs to node i; slots from `len` on are left from an earlier pass.
pub(super) struct Nodes<S> {
    pub(super) len: usize,
    /// What made the node; `None` for a leaf.
    pub(super) ops: Vec<Option<Box<dyn Op<S>>>>,
    /// Where the node's inputs stand in `inputs`: from the last node's end to this one.
    pub(super) ends: Vec<u32>,
    pub(super) inputs: Vec<u32>,
    pub(super) values: Vec<Tensor<S>>,
    pub(super) saved: Vec<Saved<S>>,
    pub(super) tracked: Vec<bool>,
    /// Whether a leaf's numbers are the tape's own, not shared with an owner.
    pub(super) generated: Vec<bool>,
    pub(super) labels: Vec<Label>,
    /// Empty until a gradient arrives.
    pub(super) grads: Vec<Vec<S>>,
    /// Nodes that [`Tape::parameter`] made, in order.
    pub(super) parameters: Vec<u32>,
    /// What stands in a slot whose tensor went back to its owner; one for all, because even an
    /// empty tensor is an allocation.
    empty: Tensor<S>,
    pub(super) names: Labels,
    pub(super) label: Label,
}

/// Where a non-finite number was born; see [`Tape::find_non_finite`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The operation's name; `parameter or data` for a leaf.
    pub op: &'static str,
    /// The last layer that was entered before it ran, such as `h1`; empty if there was none.
    pub layer: String,
    /// Its place on the tape.
    pub index: usize,
}

impl<S: Scalar> Default for Tape<S> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<S: Scalar> Tape<S> {
    /// An empty tape.
    pub fn new() -> Self {
        Tape(RefCell::new(Nodes {
            len: 0,
            ops: vec![],
            ends: vec![],
            inputs: vec![],
            values: vec![],
            saved: vec![],
            tracked: vec![],
            generated: vec![],
            labels: vec![],
            grads: vec![],
            parameters: vec![],
            empty: Tensor::default(),
            names: Labels::default(),
            label: Label::ROOT,
        }))
    }
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.0.borrow().len
    }
    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Forgets all nodes and keeps their memory. That no [`Var`] is left, the borrow checker
    /// proves.
    pub fn clear(&mut self) {
        self.release();
        let nodes = self.0.get_mut();
        nodes.len = 0;
        nodes.ends.clear();
        nodes.inputs.clear();
        nodes.parameters.clear();
        nodes.label = Label::ROOT;
    }
    /// Gives the tensors of parameters and data back to their owners, who can then write to them
    /// without a copy. Gradients stay.
    pub fn release(&mut self) {
        let nodes = self.0.get_mut();
        for i in 0..nodes.len {
            if nodes.ops[i].is_none() && !nodes.generated[i] {
                nodes.values[i] = nodes.empty.clone();
            }
        }
    }
    /// A leaf that wants a gradient. The numbers are shared, not copied.
    pub fn parameter(&self, value: &Tensor<S>) -> Var<'_, S> {
        let var = self.leaf(value.clone(), true);
        self.0.borrow_mut().parameters.push(var.index);
        var
    }
    /// A leaf without a gradient: data.
    pub fn constant(&self, value: &Tensor<S>) -> Var<'_, S> {
        self.leaf(value.clone(), false)
    }
    /// A leaf without a gradient that holds one number.
    pub fn scalar(&self, value: f64) -> Var<'_, S> {
        self.generate(Shape::SCALAR, |x| x[0] = S::of(value))
    }
    /// A leaf without a gradient whose numbers `fill` writes, all of them, into the tape's memory.
    pub fn generate(&self, shape: Shape, fill: impl FnOnce(&mut [S])) -> Var<'_, S> {
        self.push_leaf([false, true], |slot| fill(slot.reuse(shape)))
    }
    fn leaf(&self, value: Tensor<S>, tracked: bool) -> Var<'_, S> {
        self.push_leaf([tracked, false], |slot| *slot = value)
    }
    fn push_leaf(
        &self,
        [tracked, generated]: [bool; 2],
        write: impl FnOnce(&mut Tensor<S>),
    ) -> Var<'_, S> {
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        nodes.ops[i] = None;
        nodes.tracked[i] = tracked;
        nodes.generated[i] = generated;
        // Before `write`, which is the caller's and may panic: the node must be whole by then.
        nodes.ends.push(nodes.inputs.len() as u32);
        write(&mut nodes.values[i]);
        Var::new(self, i)
    }

    /// Runs `op` on `inputs` and writes it down; `shape` is the shape of the result.
    ///
    /// # Panics
    /// If an input belongs to another tape.
    #[track_caller]
    pub fn apply<'t>(
        &'t self,
        op: impl Op<S>,
        inputs: impl AsRef<[Var<'t, S>]>,
        shape: Shape,
    ) -> Var<'t, S> {
        let inputs = inputs.as_ref();
        for (k, var) in inputs.iter().enumerate() {
            assert!(
                ptr::eq(var.tape, self),
                "{}: input {k} belongs to another tape",
                op.name()
            );
        }
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        let start = nodes.inputs.len();
        nodes.inputs.extend(inputs.iter().map(|var| var.index));
        nodes.ends.push(nodes.inputs.len() as u32);
        let ids = &nodes.inputs[start..];
        nodes.tracked[i] = ids.iter().any(|&id| nodes.tracked[id as usize]);

        // Inputs stand before the node, so the values split there.
        let (values, here) = nodes.values.split_at_mut(i);
        let x = Inputs {
            name: op.name(),
            ids,
            values,
            readable: true,
        };
        op.forward(&x, here[0].reuse(shape), &mut nodes.saved[i]);
        store(&mut nodes.ops[i], op);
        Var::new(self, i)
    }

    /// Names what is recorded from now on: `name` below `parent`, such as a layer.
    pub fn label(&self, parent: Label, name: &str) -> Label {
        let nodes = &mut *self.0.borrow_mut();
        nodes.label = nodes.names.get(parent, name);
        nodes.label
    }
    /// What is recorded from now on belongs to `label` again.
    pub fn enter(&self, label: Label) {
        self.0.borrow_mut().label = label;
    }
    /// The whole name of a label, such as `h1.weight`.
    pub fn label_path(&self, label: Label) -> String {
        self.0.borrow().names.path(label)
    }

    /// The names of the operations on this tape, in the order of recording; leaves have none.
    pub fn operations(&self) -> Vec<&'static str> {
        let nodes = self.0.borrow();
        let ops = nodes.ops[..nodes.len].iter().flatten();
        ops.map(|op| op.name()).collect()
    }

    /// The first node, in the order of recording, whose value is not finite.
    pub fn find_non_finite(&self) -> Option<Culprit> {
        let nodes = self.0.borrow();
        let finite = |i: &usize| nodes.values[*i].as_slice().iter().all(|v| v.is_finite());
        (0..nodes.len).find(|i| !finite(i)).map(|index| Culprit {
            op: nodes.ops[index]
                .as_ref()
                .map_or("parameter or data", |op| op.name()),
            layer: nodes.names.path(nodes.labels[index]),
            index,
        })
    }
}

impl<S: Scalar> Nodes<S> {
    /// The next slot; a new one if no earlier pass was this long.
    fn slot(&mut self) -> usize {
        let i = self.len;
        if i == self.ops.len() {
            self.ops.push(None);
            self.values.push(Tensor::default());
            self.saved.push(Saved::default());
            self.tracked.push(false);
            self.generated.push(false);
            self.labels.push(Label::ROOT);
            self.grads.push(vec![]);
        }
        self.labels[i] = self.label;
        self.grads[i].clear();
        self.len += 1;
        i
    }
}

/// The inputs of node `i`.
pub(super) fn inputs_of<'a>(ends: &[u32], inputs: &'a [u32], i: usize) -> &'a [u32] {
    let start = i.checked_sub(1).map_or(0, |before| ends[before]);
    &inputs[start as usize..ends[i] as usize]
}

/// Puts `op` into `place`, in the box of the last pass if that held the same type.
fn store<S: Scalar, O: Op<S>>(place: &mut Option<Box<dyn Op<S>>>, op: O) {
    if let Some(old) = place {
        let old: &mut dyn Any = &mut **old;
        if let Some(old) = old.downcast_mut::<O>() {
            *old = op;
            return;
        }
    }
    *place = Some(Box::new(op));
}
