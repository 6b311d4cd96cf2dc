//! Checkpoints: memory for a second way forward.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::op::{Grads, Inputs, Keeps, Op, Saved};
use super::record::Tape;
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::Tensor;

/// A function of which the tape keeps the inputs alone; the way back runs it again.
struct Checkpoint<S, F> {
    f: F,
    /// The value, from the run that found out its shape; taken by `forward`.
    first: RefCell<Option<Tensor<S>>>,
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
    fn forward(&self, _: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let first = self.first.borrow_mut().take();
        y.copy_from_slice(first.expect("run once, by `checkpoint`").as_slice());
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let tape = Tape::new();
        // An input that stands here twice is one leaf, so that what flows to it is added in the
        // order in which it would be without the checkpoint.
        let mut leaves: BTreeMap<u32, Var<'_, S>> = BTreeMap::new();
        let mut inputs = vec![];
        for k in 0..x.len() {
            let leaf = leaves.entry(x.ids[k]).or_insert_with(|| {
                let value = Tensor::new(x.shape(k), x[k].to_vec());
                if x_bar.wants(k) {
                    tape.parameter(&value)
                } else {
                    tape.constant(&value)
                }
            });
            inputs.push(*leaf);
            x_bar.of(k); // a buffer of the outer tape, to be filled by the inner one
        }
        let y = (self.f)(&inputs);
        if !y.is_tracked() {
            return;
        }
        let tracked = leaves.iter().filter(|(_, leaf)| leaf.is_tracked());
        let pairs: Vec<(u32, u32)> = tracked.map(|(id, leaf)| (leaf.index, *id)).collect();
        tape.backward_into(y, y_bar, &pairs, x_bar.before);
    }
}

impl<S: Scalar> Tape<S> {
    /// f(inputs), of which the tape keeps nothing but the inputs: the way back runs `f` a second
    /// time. Deep functions cost the memory of their checkpoints and of one stretch between two.
    ///
    /// `f` works on a tape of its own and sees the values that are given to it, parameters too,
    /// and nothing else of this tape. Both runs must do the same; noise by name does, as in
    /// `x.tape().generate(shape, |eps| noise.fill_normal(eps))`. Values and gradients are then
    /// those of `f` without a checkpoint, bit for bit.
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
    #[track_caller]
    pub fn checkpoint<'t>(
        &'t self,
        inputs: &[Var<'t, S>],
        f: impl for<'a> Fn(&[Var<'a, S>]) -> Var<'a, S> + Send + 'static,
    ) -> Var<'t, S> {
        let first = {
            let tape = Tape::new();
            let inputs: Vec<_> = inputs.iter().map(|x| tape.constant(&x.value())).collect();
            f(&inputs).value()
        };
        let shape = first.shape();
        let first = RefCell::new(Some(first));
        self.apply(Checkpoint { f, first }, inputs, shape)
    }
}
