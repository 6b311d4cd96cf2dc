//! [`Tape`]: the way forward. Every operation is run and written down.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;
use std::time::Instant;

use super::buffer::{Buffer, Memory, Pool};
use super::hook::Hook;
use super::inspect::{Culprit, Kind, Watch};
use super::label::{Label, Labels};
use super::module::Path;
use super::node::{Node, end_of, store};
use super::op::{Inputs, Keeps, Op, Saved};
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
/// Nodes live in slots, their numbers in buffers of a pool. [`clear`](Tape::clear) forgets the
/// nodes and keeps both, so that a pass of the same form as the last one allocates nothing.
///
/// # What is there after [`backward`](Var::backward)
///
/// The way back needs each value and each gradient for the last time at a place that it knows, and
/// gives them back there. After it remain the gradients of parameters, every result that is
/// one number, and what [`retain`](Var::retain) asks for; reading anything else is a panic that
/// says so. [`retain_all`](Tape::retain_all) keeps everything, for study and for going back more
/// than once.
pub struct Tape<S = f32>(pub(super) RefCell<Record<S>>);

/// Slot i of each vector belongs to node i; slots from `len` on are left from an earlier pass.
pub(super) struct Record<S> {
    pub(super) len: usize,
    pub(super) nodes: Vec<Node<S>>,
    /// The nodes' inputs, end to end.
    pub(super) inputs: Vec<u32>,
    pub(super) values: Vec<Buffer<S>>,
    /// Empty until a gradient arrives.
    pub(super) grads: Vec<Buffer<S>>,
    pub(super) pool: Pool<S>,
    /// Nodes that [`Tape::parameter`] made, in order.
    pub(super) parameters: Vec<u32>,
    /// By node, in the order in which they were asked for.
    pub(super) hooks: BTreeMap<u32, Vec<Hook<S>>>,
    pub(super) names: Labels,
    pub(super) label: Label,
    /// Inside of [`Tape::no_grad`].
    pub(super) paused: bool,
    /// Set by [`Tape::retain_all`].
    pub(super) retain_all: bool,
    pub(super) watch: Watch,
}

impl<S: Scalar> Default for Tape<S> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<S: Scalar> Tape<S> {
    /// An empty tape.
    pub fn new() -> Self {
        Tape(RefCell::new(Record {
            len: 0,
            nodes: vec![],
            inputs: vec![],
            values: vec![],
            grads: vec![],
            pool: Pool::new(),
            parameters: vec![],
            hooks: BTreeMap::new(),
            names: Labels::default(),
            label: Label::ROOT,
            paused: false,
            retain_all: false,
            watch: Watch::default(),
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
        let nodes = self.0.get_mut();
        // The slot after the last one may hold what an operation that panicked has left.
        for value in nodes.values.iter_mut().take(nodes.len + 1) {
            nodes.pool.empty(value);
        }
        for grad in &mut nodes.grads[..nodes.len] {
            nodes.pool.empty(grad);
        }
        nodes.len = 0;
        nodes.inputs.clear();
        nodes.parameters.clear();
        nodes.hooks.clear();
        nodes.label = Label::ROOT;
        nodes.paused = false;
        nodes.watch.clear();
    }
    /// Gives the tensors of parameters and data back to their owners, who can then write to them
    /// without a copy. Gradients stay.
    pub fn release(&mut self) {
        let nodes = self.0.get_mut();
        for value in &mut nodes.values[..nodes.len] {
            if matches!(value, Buffer::Shared(_)) {
                *value = Buffer::Empty;
            }
        }
    }
    /// Bytes that the tape holds.
    pub fn memory(&self) -> Memory {
        self.0.borrow().pool.memory()
    }

    /// A leaf that wants a gradient. The numbers are shared, not copied.
    #[track_caller]
    pub fn parameter(&self, value: &Tensor<S>) -> Var<'_, S> {
        let var = self.leaf(value, true, Location::caller());
        self.0.borrow_mut().parameters.push(var.index);
        var
    }
    /// A [`parameter`](Tape::parameter) with a name, such as `h1.weight.mu`, by which
    /// [`table`](Tape::table), [`unreached`](Tape::unreached) and a [`Culprit`] call it.
    #[track_caller]
    pub fn parameter_at(&self, path: Path<'_>, value: &Tensor<S>) -> Var<'_, S> {
        self.parameter_of(path, value, Location::caller())
    }
    /// [`parameter_at`](Tape::parameter_at) for callers who act for `place`.
    pub(super) fn parameter_of(
        &self,
        path: Path<'_>,
        value: &Tensor<S>,
        place: &'static Location<'static>,
    ) -> Var<'_, S> {
        let around = {
            let nodes = &mut *self.0.borrow_mut();
            // In most passes the same parameter takes the same slot.
            let last = nodes
                .nodes
                .get(nodes.len)
                .map_or(Label::ROOT, |node| node.label);
            let label = nodes.names.at(path, last);
            mem::replace(&mut nodes.label, label)
        };
        let var = self.leaf(value, true, place);
        let nodes = &mut *self.0.borrow_mut();
        nodes.label = around;
        nodes.parameters.push(var.index);
        var
    }
    /// A leaf without a gradient: data.
    #[track_caller]
    pub fn constant(&self, value: &Tensor<S>) -> Var<'_, S> {
        self.leaf(value, false, Location::caller())
    }
    /// A leaf without a gradient that holds one number.
    #[track_caller]
    pub fn scalar(&self, value: f64) -> Var<'_, S> {
        self.generate(Shape::SCALAR, |x| x[0] = S::of(value))
    }
    /// A leaf without a gradient whose numbers `fill` writes, all of them, into the tape's memory.
    #[track_caller]
    pub fn generate(&self, shape: Shape, fill: impl FnOnce(&mut [S])) -> Var<'_, S> {
        shape.check_bytes::<S>("generate");
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        nodes.pool.give(&mut nodes.values[i], shape.size());
        // The caller's, and may panic: there is no node until it is done.
        fill(nodes.values[i].as_mut_slice());
        nodes.finish_leaf(self, shape, false, Location::caller())
    }
    /// The numbers of a value of another tape, which are shared if they are not that tape's own.
    #[track_caller]
    pub(super) fn leaf_of(&self, value: &Buffer<S>, shape: Shape, tracked: bool) -> Var<'_, S> {
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        if let Buffer::Shared(numbers) = value {
            nodes.values[i] = Buffer::Shared(Arc::clone(numbers));
        } else {
            nodes.pool.give(&mut nodes.values[i], shape.size());
            let numbers = nodes.values[i].as_mut_slice();
            numbers.copy_from_slice(value.as_slice());
        }
        nodes.finish_leaf(self, shape, tracked, Location::caller())
    }
    fn leaf(
        &self,
        value: &Tensor<S>,
        tracked: bool,
        place: &'static Location<'static>,
    ) -> Var<'_, S> {
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        nodes.values[i] = Buffer::Shared(value.share());
        nodes.finish_leaf(self, value.shape(), tracked, place)
    }
    /// The numbers of `var` as a leaf without a gradient.
    #[track_caller]
    pub(super) fn detach(&self, var: Var<'_, S>) -> Var<'_, S> {
        let nodes = &mut *self.0.borrow_mut();
        let shape = nodes.read(var.index()).1;
        let i = nodes.slot();
        nodes.pool.give(&mut nodes.values[i], shape.size());
        let (before, here) = nodes.values.split_at_mut(i);
        let from = before[var.index()].as_slice();
        for (to, from) in here[0].as_mut_slice().iter_mut().zip(from) {
            *to = from.constant();
        }
        nodes.finish_leaf(self, shape, false, Location::caller())
    }

    /// Runs `op` on `inputs` and writes it down; `shape` is the shape of the result.
    ///
    /// # Panics
    /// If an input belongs to another tape, its value is no longer there, or the number of bytes of
    /// the result overflows.
    #[track_caller]
    pub fn apply<'t>(
        &'t self,
        op: impl Op<S>,
        inputs: impl AsRef<[Var<'t, S>]>,
        shape: Shape,
    ) -> Var<'t, S> {
        shape.check_bytes::<S>(op.name());
        let inputs = inputs.as_ref();
        let nodes = &mut *self.0.borrow_mut();
        let i = nodes.slot();
        for (k, var) in inputs.iter().enumerate() {
            nodes.check_input(self, op.name(), inputs, k);
            nodes.inputs.push(var.index);
        }
        let ids = &nodes.inputs[nodes.inputs.len() - inputs.len()..];
        let tracked = !nodes.paused && ids.iter().any(|&id| nodes.nodes[id as usize].tracked);

        nodes.pool.give(&mut nodes.values[i], shape.size());
        let (before, here) = nodes.nodes.split_at_mut(i);
        let (values, value) = nodes.values.split_at_mut(i);
        let (node, y) = (&mut here[0], value[0].as_mut_slice());
        let x = Inputs {
            op: &op,
            ids,
            nodes: before,
            values,
            readable: Keeps::Inputs,
        };
        let saved_before = node.saved_bytes();
        let mut first = Saved::default();
        let saved = node.saved.as_deref_mut().unwrap_or(&mut first);
        let started = nodes.watch.profile.then(Instant::now);
        op.forward(&x, y, saved);
        if let Some(started) = started {
            nodes.watch.time(i, 0, started);
        }
        if first.bytes() > 0 {
            node.saved = Some(Box::new(first));
        }
        // It stays with the slot.
        nodes.pool.count_saved(saved_before, node.saved_bytes());
        let keeps = op.keeps();
        if tracked {
            for (k, &id) in ids.iter().enumerate() {
                before[id as usize].needed |= keeps.input(k);
            }
        }
        node.needed = tracked && keeps.output();
        node.tracked = tracked;
        store(&mut node.op, op);
        nodes.finish(i, shape, Location::caller());
        Var::new(self, i)
    }

    /// What [`apply`](Tape::apply) will ask of its inputs, for an operation that is made of others.
    #[track_caller]
    pub(crate) fn check_inputs(&self, name: &str, inputs: &[Var<'_, S>]) {
        let nodes = self.0.borrow();
        for k in 0..inputs.len() {
            nodes.check_input(self, name, inputs, k);
        }
    }
    /// [Ends](Var::end) every value from node `start` on, but `kept`.
    ///
    /// # Panics
    /// If `kept` belongs to another tape.
    #[track_caller]
    pub fn end_from(&self, start: usize, kept: Var<'_, S>) {
        assert!(
            ptr::eq(kept.tape, self),
            "end_from: a variable of {} belongs to another tape",
            kept.shape()
        );
        let nodes = &mut *self.0.borrow_mut();
        for i in (start..nodes.len).filter(|&i| i != kept.index()) {
            nodes.end(i);
        }
    }
    /// What `f` records wants no gradient, and the tape keeps nothing for a way back.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::scalar(3.0f64));
    /// let y = tape.no_grad(|| x * x);
    /// assert!(!y.is_tracked());
    /// (x + y).backward();
    /// assert_eq!(x.grad().item(), 1.0);
    /// ```
    pub fn no_grad<R>(&self, f: impl FnOnce() -> R) -> R {
        let _paused = self.pause();
        f()
    }
    /// What is recorded while the result lives wants no gradient, as in
    /// [`no_grad`](Tape::no_grad): for operations, whose caller's line a closure would hide.
    pub(crate) fn pause(&self) -> Paused<'_, S> {
        let before = mem::replace(&mut self.0.borrow_mut().paused, true);
        Paused { tape: self, before }
    }
    /// From now on, also after [`clear`](Tape::clear), the way back gives nothing back: all
    /// values and gradients can be read, and [`backward`](Var::backward) run again.
    pub fn retain_all(&self) {
        self.0.borrow_mut().retain_all = true;
    }

    /// Names what is recorded from now on: `name` below `parent`, such as a layer.
    #[track_caller]
    pub fn label(&self, parent: Label, name: &str) -> Label {
        let nodes = &mut *self.0.borrow_mut();
        nodes.label = nodes.names.enter(parent, name);
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
        let ops = nodes.nodes[..nodes.len]
            .iter()
            .filter_map(|node| node.op.as_ref());
        ops.map(|op| op.name()).collect()
    }

    /// The first node, in the order of recording, whose value is not finite.
    ///
    /// Only values that are still there can be asked; [`watch`](Tape::watch) sees all of them,
    /// and gradients too.
    pub fn find_non_finite(&self) -> Option<Culprit> {
        let nodes = self.0.borrow();
        if let Some(culprit) = &nodes.watch.culprit {
            return Some(culprit.clone());
        }
        let first = (0..nodes.len).find(|&i| !nodes.values[i].is_finite());
        first.map(|i| nodes.culprit(Kind::Value, i))
    }
}

/// Restores the setting of [`Tape::pause`], also after a panic.
pub(crate) struct Paused<'t, S> {
    tape: &'t Tape<S>,
    before: bool,
}
impl<S> Drop for Paused<'_, S> {
    fn drop(&mut self) {
        self.tape.0.borrow_mut().paused = self.before;
    }
}

impl<S: Scalar> Record<S> {
    /// The next slot, which is no node yet; a new one if no earlier pass was this long.
    #[track_caller]
    fn slot(&mut self) -> usize {
        let i = self.len;
        if i == self.nodes.len() {
            self.nodes.push(Node::new());
            self.values.push(Buffer::Empty);
            self.grads.push(Buffer::Empty);
        }
        // What an operation that panicked has left.
        self.pool.empty(&mut self.values[i]);
        self.inputs.truncate(end_of(&self.nodes, i));
        i
    }
    /// Makes slot `i`, whose value is there, a node.
    fn finish(&mut self, i: usize, shape: Shape, place: &'static Location<'static>) {
        let node = &mut self.nodes[i];
        node.set_shape(shape);
        node.end = self.inputs.len() as u32;
        node.label = self.label;
        node.place = place;
        [node.ended, node.retained, node.hooked] = [false; 3];
        self.len = i + 1;
        if self.watch.is_looking() && !self.values[i].is_finite() {
            self.watch.culprit = Some(self.culprit(Kind::Value, i));
        }
    }
    fn finish_leaf<'t>(
        &mut self,
        tape: &'t Tape<S>,
        shape: Shape,
        tracked: bool,
        place: &'static Location<'static>,
    ) -> Var<'t, S> {
        let i = self.len;
        let node = &mut self.nodes[i];
        node.op = None;
        node.tracked = tracked;
        node.needed = false;
        self.finish(i, shape, place);
        Var::new(tape, i)
    }
    /// Whether nobody but a vjp may read the value of node `i`.
    fn is_gone(&self, i: usize) -> bool {
        self.values[i].is_empty() || self.nodes[i].ended
    }
    /// Input `k` of the operation `name` must be of `tape`, which this is the record of, and there.
    #[inline]
    #[track_caller]
    pub(super) fn check_input(&self, tape: &Tape<S>, name: &str, inputs: &[Var<'_, S>], k: usize) {
        if !ptr::eq(inputs[k].tape, tape) {
            self.foreign(tape, name, inputs, k);
        }
        if self.is_gone(inputs[k].index()) {
            self.missing(name, inputs[k].index());
        }
    }
    #[cold]
    #[track_caller]
    fn foreign(&self, tape: &Tape<S>, name: &str, inputs: &[Var<'_, S>], k: usize) -> ! {
        let shape = |var: &Var<'_, S>| {
            if ptr::eq(var.tape, tape) {
                self.nodes[var.index()].shape()
            } else {
                var.shape()
            }
        };
        let shapes: Vec<Shape> = inputs.iter().map(shape).collect();
        panic!("{name}: input {k} of {shapes:?} belongs to another tape")
    }
    /// The value of node `i` and its shape.
    #[track_caller]
    pub(super) fn read(&self, i: usize) -> (&Buffer<S>, Shape) {
        if self.is_gone(i) {
            self.missing("value", i);
        }
        (&self.values[i], self.nodes[i].shape())
    }
    /// Nothing reads the value of node `i` any more, unless a vjp does.
    pub(super) fn end(&mut self, i: usize) {
        let node = &mut self.nodes[i];
        if node.size() > 1 && !node.retained && !self.retain_all {
            node.ended = true;
            if !node.needed {
                self.pool.give_back(&mut self.values[i]);
            }
        }
    }
    /// `reader` asks for the value of node `i`, which is gone.
    #[cold]
    #[track_caller]
    pub(super) fn missing(&self, reader: &str, i: usize) -> ! {
        let name = self.nodes[i].name();
        let shape = self.nodes[i].shape();
        let why = if self.nodes[i].ended {
            "was ended by `end`"
        } else if self.nodes[i].op.is_none() {
            "was released to its owner"
        } else {
            "was given back by `backward`; `retain()` keeps one, `retain_all()` before recording \
             keeps all"
        };
        panic!("{reader}: the value of node {i} (`{name}`, {shape}) {why}")
    }
}
