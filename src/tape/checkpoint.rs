//! Checkpoints: memory for a second way forward.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::time::Instant;

use super::buffer::Pool;
use super::inspect::{Culprit, Watch};
use super::label::{Label, Labels};
use super::node::Node;
use super::op::{Grads, Inputs, Keeps, Op, Saved};
use super::record::{Record, Tape};
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::{Shape, Tensor};

/// A function of which the tape keeps the inputs alone; the way back runs it again.
struct Checkpoint<S, F> {
    f: F,
    /// The value, from the run that found out its shape; taken by `forward`.
    first: RefCell<Option<Tensor<S>>>,
    /// Of that run.
    flops: u64,
    site: Site,
}

/// Where a checkpoint stands on its tape.
#[derive(Clone, Copy)]
struct Site {
    index: usize,
    label: Label,
}

impl<S, F> Op<S> for Checkpoint<S, F>
where
    S: Scalar,
    F: for<'a> Fn(&[Var<'a, S>]) -> Var<'a, S> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "checkpoint"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        self.flops
    }
    fn forward(&self, _: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let first = self.first.borrow_mut().take();
        y.copy_from_slice(first.expect("run once, by `checkpoint`").as_slice());
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let inner = Inner::new(x_bar.pool, x_bar.names, x_bar.watch, self.site);
        // An input that stands here twice is one leaf, so that what flows to it is added in the
        // order in which it would be without the checkpoint.
        let mut leaves: BTreeMap<u32, Var<'_, S>> = BTreeMap::new();
        let mut inputs = vec![];
        for &id in x.ids {
            let leaf = leaves.entry(id).or_insert_with(|| {
                let node = &x.nodes[id as usize];
                let value = &x.values[id as usize];
                inner.tape.leaf_of(value, node.shape(), node.tracked)
            });
            inputs.push(*leaf);
        }
        let y = inner.run(&self.f, &inputs);
        if !y.is_tracked() {
            return;
        }
        let tracked = leaves.iter().filter(|(_, leaf)| leaf.is_tracked());
        let pairs: Vec<(u32, u32)> = tracked.map(|(id, leaf)| (leaf.index, *id)).collect();
        inner.tape.backward_into(y, y_bar, &pairs, x_bar.before);
    }
}

/// The tape of one run. While it lives, the memory and the names are those of the tape around it,
/// which so counts what the run holds; what was found bad inside, it learns at the end.
struct Inner<'o, S: Scalar> {
    tape: Tape<S>,
    pool: &'o mut Pool<S>,
    names: &'o mut Labels,
    watch: &'o mut Watch,
    site: Site,
}

impl<'o, S: Scalar> Inner<'o, S> {
    fn new(pool: &'o mut Pool<S>, names: &'o mut Labels, watch: &'o mut Watch, site: Site) -> Self {
        let mut tape = Tape::new();
        let nodes = tape.0.get_mut();
        nodes.label = site.label;
        mem::swap(&mut nodes.pool, pool);
        mem::swap(&mut nodes.names, names);
        Inner {
            tape,
            pool,
            names,
            watch,
            site,
        }
    }
    /// f(inputs). That these are bad, would be no news to the tape around.
    fn run<'a, F>(&'a self, f: F, inputs: &[Var<'a, S>]) -> Var<'a, S>
    where
        F: Fn(&[Var<'a, S>]) -> Var<'a, S>,
    {
        self.tape.watch(self.watch.is_looking());
        f(inputs)
    }
}

/// Also after a panic of `f`.
impl<S: Scalar> Drop for Inner<'_, S> {
    fn drop(&mut self) {
        if let Some(culprit) = self.tape.0.get_mut().watch.culprit.take() {
            let index = self.site.index;
            self.watch.culprit = Some(Culprit { index, ..culprit });
        }
        self.tape.clear(); // all memory into the pool
        let nodes = self.tape.0.get_mut();
        let saved = nodes.nodes.iter().map(Node::saved_bytes).sum();
        nodes.pool.count_saved(saved, 0);
        mem::swap(&mut nodes.pool, self.pool);
        mem::swap(&mut nodes.names, self.names);
    }
}

impl<S: Scalar> Tape<S> {
    /// f(inputs), of which the tape keeps nothing but the inputs: the way back runs `f` a second
    /// time. Deep functions cost the memory of their checkpoints and of one stretch between two.
    ///
    /// `f` works on a tape of its own and sees the values that are given to it, parameters too,
    /// and nothing else of this tape but its [labels](Tape::label). Both runs must do the same;
    /// noise by name does, as in `x.tape().generate(shape, |eps| noise.fill_normal(eps))`. Values
    /// and gradients are then those of `f` without a checkpoint, bit for bit.
    ///
    /// [`memory`](Tape::memory) counts what the runs hold, [`table`](Tape::table) shows the
    /// operations and the time of all that `f` does, and [`watch`](Tape::watch) looks inside.
    ///
    /// Source: Chen, Xu, Zhang and Guestrin (2016), Training deep nets with sublinear memory cost.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![0.5f64, -1.0]));
    /// let y = tape.checkpoint(&[x], |x| x[0].sin().exp().tanh());
    /// assert_eq!(tape.len(), 2); // x and the checkpoint
    /// y.sum().backward();
    /// let checkpointed = x.grad();
    /// x.sin().exp().tanh().sum().backward();
    /// assert_eq!(x.grad(), checkpointed);
    /// ```
    ///
    /// # Panics
    /// If an input belongs to another tape, or its value is no longer there.
    #[track_caller]
    pub fn checkpoint<'t>(
        &'t self,
        inputs: &[Var<'t, S>],
        f: impl for<'a> Fn(&[Var<'a, S>]) -> Var<'a, S> + Send + 'static,
    ) -> Var<'t, S> {
        let (started, op, shape) = {
            let nodes = &mut *self.0.borrow_mut();
            let started = nodes.watch.profile.then(Instant::now);
            for k in 0..inputs.len() {
                nodes.check_input(self, "checkpoint", inputs, k);
            }
            let (op, shape) = nodes.first_run(f, inputs);
            (started, op, shape)
        };
        let y = self.apply(op, inputs, shape);
        if let Some(started) = started {
            // All of it, not only what `apply` did.
            self.0.borrow_mut().watch.time(y.index(), 0, started);
        }
        y
    }
}

impl<S: Scalar> Record<S> {
    /// The first of the two runs, and the shape of what it gives.
    fn first_run<F>(&mut self, f: F, inputs: &[Var<'_, S>]) -> (Checkpoint<S, F>, Shape)
    where
        F: for<'a> Fn(&[Var<'a, S>]) -> Var<'a, S>,
    {
        let site = Site {
            index: self.len,
            label: self.label,
        };
        let inner = Inner::new(&mut self.pool, &mut self.names, &mut self.watch, site);
        let leaf = |x: &Var<'_, S>| {
            let (value, node) = (&self.values[x.index()], &self.nodes[x.index()]);
            inner.tape.leaf_of(value, node.shape(), false)
        };
        let leaves: Vec<_> = inputs.iter().map(leaf).collect();
        let first = inner.run(&f, &leaves).value();
        let nodes = inner.tape.0.borrow();
        let flops = (0..nodes.len).map(|i| nodes.flops(i)).sum();
        let shape = first.shape();
        let first = RefCell::new(Some(first));
        let checkpoint = Checkpoint {
            f,
            first,
            flops,
            site,
        };
        (checkpoint, shape)
    }
}
