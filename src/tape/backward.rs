//! The way back: one loop over the tape in reverse.

use std::mem;
use std::panic::Location;
use std::ptr;
use std::time::Instant;

use super::buffer::Buffer;
use super::hook::Hook;
use super::inspect::{Culprit, Kind};
use super::node::inputs_of;
use super::op::{Grads, Inputs, Keeps, Saved};
use super::record::{Record, Tape};
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::Tensor;

impl<S: Scalar> Record<S> {
    /// Gradients of <y_bar, root> with respect to every tracked node before it.
    #[track_caller]
    pub(super) fn backward(&mut self, root: usize, y_bar: &[S]) {
        for grad in &mut self.grads[..self.len] {
            self.pool.empty(grad);
        }
        self.pool.give(&mut self.grads[root], y_bar.len());
        self.grads[root].as_mut_slice().copy_from_slice(y_bar);
        if self.watch.is_looking() && !self.grads[root].is_finite() {
            self.blame(root, Kind::Cotangent, Location::caller());
        }
        self.run_back(root);
    }

    /// The loop, from a gradient of `root` that is there already.
    #[track_caller]
    pub(super) fn run_back(&mut self, root: usize) {
        for i in (0..=root).rev() {
            if self.nodes[i].tracked && !self.grads[i].is_empty() {
                self.run_hooks(i);
                self.step_back(i);
            }
            // Whoever reads node i stands behind it, and has been here.
            let node = &self.nodes[i];
            if !(self.retain_all || node.retained || i == root) {
                self.pool.give_back(&mut self.values[i]);
                if node.op.is_some() {
                    self.pool.give_back(&mut self.grads[i]);
                }
            }
        }
    }

    /// Adds to the gradients of node `i`'s inputs.
    #[track_caller]
    fn step_back(&mut self, i: usize) {
        let node = &self.nodes[i];
        let Some(op) = &node.op else { return };
        let keeps = op.keeps();
        let ids = inputs_of(&self.nodes, &self.inputs, i);
        self.check_kept(i, ids, keeps);
        // Inputs stand before their node: the gradients split there, in safe code.
        let (before, here) = self.grads.split_at_mut(i);
        let x = Inputs {
            op: &**op,
            ids,
            nodes: &self.nodes,
            values: &self.values,
            readable: keeps,
        };
        let y = if keeps.output() {
            self.values[i].as_slice()
        } else {
            &[]
        };
        let mut x_bar = Grads {
            ids,
            nodes: &self.nodes,
            before,
            pool: &mut self.pool,
            names: &mut self.names,
            watch: &mut self.watch,
        };
        let nothing = Saved::default();
        let saved = node.saved.as_deref().unwrap_or(&nothing);
        let started = x_bar.watch.profile.then(Instant::now);
        op.vjp(&x, y, here[0].as_slice(), saved, &mut x_bar);
        if let Some(started) = started {
            self.watch.time(i, 1, started);
        }
        let arrived = |&id: &u32| self.grads[id as usize].is_finite();
        if self.watch.is_looking() && !ids.iter().all(arrived) {
            self.watch.culprit = Some(self.culprit(Kind::Gradient, i));
        }
    }

    /// What the vjp of node `i`, whose inputs are `ids`, reads must be there.
    #[track_caller]
    fn check_kept(&self, i: usize, ids: &[u32], keeps: Keeps) {
        for (k, &id) in ids.iter().enumerate() {
            if keeps.input(k) && self.values[id as usize].is_empty() {
                self.missing("backward", id as usize);
            }
        }
        if keeps.output() && self.values[i].is_empty() {
            self.missing("backward", i);
        }
    }

    /// The node of the `k`-th parameter.
    #[track_caller]
    fn parameter(&self, k: usize) -> usize {
        assert!(
            k < self.parameters.len(),
            "the tape holds {} parameters, there is no parameter {k}",
            self.parameters.len()
        );
        self.parameters[k] as usize
    }

    fn run_hooks(&mut self, i: usize) {
        if !self.nodes[i].hooked {
            return;
        }
        let shape = self.nodes[i].shape();
        let mut bad = None;
        for Hook { f, place } in self.hooks.get_mut(&(i as u32)).into_iter().flatten() {
            f(shape, self.grads[i].as_mut_slice());
            if self.watch.is_looking() && bad.is_none() && !self.grads[i].is_finite() {
                bad = Some(*place);
            }
        }
        if let Some(place) = bad {
            self.blame(i, Kind::Hook, place);
        }
    }

    /// What stands at `place` has made the gradient of node `i` bad.
    fn blame(&mut self, i: usize, kind: Kind, place: &'static Location<'static>) {
        let culprit = self.culprit(kind, i);
        self.watch.culprit = Some(Culprit { place, ..culprit });
    }
}

impl<S: Scalar> Tape<S> {
    /// The gradient of `var` after [`Var::backward`]; zeros where none arrived.
    ///
    /// # Panics
    /// If it was given back: those of interior nodes are, unless [`Var::retain`] or
    /// [`Tape::retain_all`] keeps them. If `var` belongs to another tape.
    #[track_caller]
    pub fn gradient(&self, var: Var<'_, S>) -> Tensor<S> {
        assert!(
            ptr::eq(var.tape, self),
            "gradient: a variable of {} belongs to another tape",
            var.shape()
        );
        let nodes = self.0.borrow();
        let node = &nodes.nodes[var.index()];
        let (shape, grad) = (node.shape(), &nodes.grads[var.index()]);
        if !grad.is_empty() {
            return grad.to_tensor(shape);
        }
        let kept = node.op.is_none() || node.retained || nodes.retain_all || shape.size() <= 1;
        assert!(
            kept || !node.tracked,
            "gradient: that of node {} (`{}`, {shape}) was given back by `backward`; `retain()` \
             keeps one, `retain_all()` before recording keeps all",
            var.index(),
            node.name()
        );
        Tensor::zeros(shape)
    }

    /// Number of parameters on the tape.
    pub fn parameters(&self) -> usize {
        self.0.borrow().parameters.len()
    }

    /// The name of the tape's `k`-th parameter, such as `h1.weight.mu`, or `parameter k` if it has
    /// none; see [`parameter_at`](Tape::parameter_at).
    ///
    /// # Panics
    /// If there is no such parameter.
    #[track_caller]
    pub fn parameter_name(&self, k: usize) -> String {
        let nodes = self.0.borrow();
        let name = nodes.names.path(nodes.nodes[nodes.parameter(k)].label);
        if name.is_empty() {
            format!("parameter {k}")
        } else {
            name
        }
    }
    /// The names of the parameters that the last [`backward`](Var::backward) did not reach, as
    /// [`parameter_name`](Tape::parameter_name) gives them: the result does not depend on them.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, tape::Path};
    /// let tape = Tape::new();
    /// let [w, b] = ["w", "b"].map(|name| tape.parameter_at(Path::ROOT.at(name), &Tensor::scalar(3.0f64)));
    /// (w * w + b.detach()).backward();
    /// assert_eq!(tape.unreached(), ["b"]);
    /// ```
    pub fn unreached(&self) -> Vec<String> {
        let nodes = self.0.borrow();
        let missing = |&k: &usize| {
            let i = nodes.parameters[k] as usize;
            nodes.grads[i].is_empty() && nodes.nodes[i].size() > 0
        };
        let parameters = (0..nodes.parameters.len()).filter(missing);
        parameters.map(|k| self.parameter_name(k)).collect()
    }

    /// Hands `f` the gradient of the tape's `k`-th parameter, in the order in which they were put
    /// there; `None` if no gradient reached it.
    ///
    /// # Panics
    /// If there is no such parameter.
    #[track_caller]
    pub fn with_parameter_gradient<R>(&self, k: usize, f: impl FnOnce(Option<&[S]>) -> R) -> R {
        let nodes = self.0.borrow();
        let grad = &nodes.grads[nodes.parameter(k)];
        f((!grad.is_empty()).then(|| grad.as_slice()))
    }

    /// Runs back from `root` into gradients that stand elsewhere: gradient k of `leaves` starts as
    /// `outer[k]` and is left there.
    pub(super) fn backward_into(
        &self,
        root: Var<'_, S>,
        y_bar: &[S],
        leaves: &[(u32, u32)],
        outer: &mut [Buffer<S>],
    ) {
        let nodes = &mut *self.0.borrow_mut();
        for &(leaf, id) in leaves {
            nodes.grads[leaf as usize] = mem::take(&mut outer[id as usize]);
        }
        let seed = &mut nodes.grads[root.index()];
        if seed.is_empty() {
            nodes.pool.give(seed, y_bar.len());
            seed.as_mut_slice().copy_from_slice(y_bar);
        } else {
            // A leaf, to which something has flowed outside.
            for (seed, &y_bar) in seed.as_mut_slice().iter_mut().zip(y_bar) {
                *seed += y_bar;
            }
        }
        nodes.run_back(root.index());
        for &(leaf, id) in leaves {
            outer[id as usize] = mem::take(&mut nodes.grads[leaf as usize]);
        }
    }
}
