//! What a tape asks of an operation.

use std::any::Any;
use std::array;
use std::ops::{Deref, DerefMut, Index};

use super::buffer::{Buffer, Pool};
use super::inspect::Watch;
use super::label::Labels;
use super::node::Node;
use crate::kernels::Scalar;
use crate::tensor::Shape;

/// What an operation's vjp reads again of the way forward. A tape may free everything else, and
/// [`Inputs`] refuses to hand it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Shapes only.
    Nothing,
    /// The inputs.
    Inputs,
    /// The output.
    Output,
    /// Inputs and output.
    Both,
    /// Some of the inputs.
    Only {
        /// Which ones.
        inputs: &'static [usize],
        /// Whether the output is kept.
        output: bool,
    },
}

impl Keeps {
    /// Whether input `i` is kept.
    #[inline]
    pub const fn input(self, i: usize) -> bool {
        match self {
            Keeps::Inputs | Keeps::Both => true,
            Keeps::Nothing | Keeps::Output => false,
            Keeps::Only { inputs, .. } => {
                let mut k = 0;
                while k < inputs.len() && inputs[k] != i {
                    k += 1;
                }
                k < inputs.len()
            }
        }
    }
    /// Whether the output is kept.
    #[inline]
    pub const fn output(self) -> bool {
        match self {
            Keeps::Output | Keeps::Both => true,
            Keeps::Nothing | Keeps::Inputs => false,
            Keeps::Only { output, .. } => output,
        }
    }
}

/// A differentiable operation: y = f(x₀, x₁, …) and its vector-Jacobian product.
///
/// This is all there is to an operation; one of this crate has no privilege over yours:
///
/// ```
/// use elbo::{Scalar, Tape, Tensor, tape::{Grads, Inputs, Keeps, Op, Saved}};
///
/// /// y = x³
/// struct Cube;
/// impl<S: Scalar> Op<S> for Cube {
///     fn name(&self) -> &'static str { "cube" }
///     fn keeps(&self) -> Keeps { Keeps::Inputs }
///     fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
///         for (y, &x) in y.iter_mut().zip(&x[0]) { *y = x * x * x; }
///     }
///     fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
///         let Some(d) = x_bar.of(0) else { return };
///         for ((d, &x), &y_bar) in d.iter_mut().zip(&x[0]).zip(y_bar) { *d += S::of(3.0) * x * x * y_bar; }
///     }
/// }
///
/// let tape = Tape::new();
/// let x = tape.parameter(&Tensor::scalar(2.0f64));
/// let y = tape.apply(Cube, [x], x.shape());
/// y.backward();
/// assert_eq!((y.item(), x.grad().item()), (8.0, 12.0));
/// ```
///
/// `examples/custom_op.rs` has more, and checks them. One without a vjp does not compile:
///
/// ```compile_fail,E0046
/// use elbo::{Scalar, tape::{Inputs, Keeps, Op, Saved}};
///
/// struct Cube;
/// impl<S: Scalar> Op<S> for Cube {
///     fn name(&self) -> &'static str { "cube" }
///     fn keeps(&self) -> Keeps { Keeps::Inputs }
///     fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
///         for (y, &x) in y.iter_mut().zip(&x[0]) { *y = x * x * x; }
///     }
/// }
/// ```
pub trait Op<S: Scalar>: Any + Send {
    /// The operation's name in messages and tables.
    fn name(&self) -> &'static str;
    /// What [`vjp`](Op::vjp) reads of `x` and `y`.
    fn keeps(&self) -> Keeps;
    /// Floating-point operations of the way forward, for [`Tape::table`](super::Tape::table): one for
    /// each element of the result unless the operation knows better.
    fn flops(&self, x: &Inputs<'_, S>, y: Shape) -> u64 {
        let _ = x;
        y.size() as u64
    }
    /// Writes f(x) into `y`, every element of it: what `y` holds before is undefined.
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>);
    /// Adds the vector-Jacobian product `y_bar' ∂y/∂xᵢ` to the gradient of every input that
    /// wants one. Adds, because an input may be used elsewhere, or twice here (`x * x`).
    ///
    /// `y` is empty unless [`keeps`](Op::keeps) says that it is read.
    fn vjp(
        &self,
        x: &Inputs<'_, S>,
        y: &[S],
        y_bar: &[S],
        saved: &Saved<S>,
        x_bar: &mut Grads<'_, S>,
    );
}

/// Scratch of one node, written by `forward` and read by `vjp`; its memory is used again by the
/// next pass.
#[derive(Debug, Default)]
pub struct Saved<S> {
    /// Numbers, such as the statistics of a softmax.
    pub numbers: Vec<S>,
    /// Positions, such as the places of maxima.
    pub positions: Vec<u32>,
}

impl<S> Saved<S> {
    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<S>() + self.positions.capacity() * size_of::<u32>()
    }
}

/// The inputs of an operation: `&x[i]` are the numbers of input i, `x.shape(i)` is its shape.
pub struct Inputs<'a, S> {
    /// Whose inputs they are.
    pub(super) op: &'a dyn Op<S>,
    pub(super) ids: &'a [u32],
    pub(super) nodes: &'a [Node<S>],
    pub(super) values: &'a [Buffer<S>],
    /// Which of them may be read: what the operation said, in its vjp.
    pub(super) readable: Keeps,
}

impl<S: Scalar> Inputs<'_, S> {
    /// Number of inputs.
    #[allow(clippy::len_without_is_empty)] // an operation knows how many inputs it has
    pub fn len(&self) -> usize {
        self.ids.len()
    }
    /// Shape of input `i`.
    pub fn shape(&self, i: usize) -> Shape {
        self.nodes[self.ids[i] as usize].shape()
    }
}

impl<S: Scalar> Index<usize> for Inputs<'_, S> {
    type Output = [S];
    #[inline]
    fn index(&self, i: usize) -> &[S] {
        assert!(
            self.readable.input(i),
            "{}: its vjp reads input {i}, but `keeps` says that it does not",
            self.op.name()
        );
        self.values[self.ids[i] as usize].as_slice()
    }
}

/// The gradients of an operation's inputs, to be added to.
pub struct Grads<'a, S> {
    pub(super) ids: &'a [u32],
    pub(super) nodes: &'a [Node<S>],
    /// Gradients of the nodes before the operation's own.
    pub(super) before: &'a mut [Buffer<S>],
    pub(super) pool: &'a mut Pool<S>,
    /// For a tape inside of the operation, as are all three.
    pub(super) names: &'a mut Labels,
    pub(super) watch: &'a mut Watch,
}

impl<S: Scalar> Grads<'_, S> {
    /// Whether somebody asks for the gradient of input `i`; nobody does if it is data.
    pub fn wants(&self, i: usize) -> bool {
        self.nodes[self.ids[i] as usize].tracked
    }
    /// The gradient of input `i`, or `None` if nobody asks for it.
    ///
    /// One at a time: inputs may be the same node.
    #[inline]
    pub fn of(&mut self, i: usize) -> Option<&mut [S]> {
        let Grad { numbers, is_new } = self.grad(i)?;
        if is_new {
            numbers.fill(S::ZERO);
        }
        Some(numbers)
    }
    /// [`of`](Grads::of), not filled with zeros first: see [`Grad`].
    #[inline]
    pub fn grad(&mut self, i: usize) -> Option<Grad<'_, S>> {
        let id = self.ids[i] as usize;
        if !self.nodes[id].tracked {
            return None;
        }
        let grad = &mut self.before[id];
        let is_new = grad.is_empty();
        if is_new {
            self.pool.give(grad, self.nodes[id].size());
        }
        let numbers = grad.as_mut_slice();
        Some(Grad { numbers, is_new })
    }
    /// The gradients of all inputs at once; `None` unless somebody asks for each, and no two inputs
    /// are the same node.
    ///
    /// Not filled with zeros first, which an operation that goes block by block does in the cache:
    /// see [`Grad`].
    pub fn each<const N: usize>(&mut self) -> Option<[Grad<'_, S>; N]> {
        let ids = array::from_fn(|i| self.ids[i] as usize);
        let wanted = ids.iter().all(|&id| self.nodes[id].tracked);
        let apart = |k: usize| !ids[..k].contains(&ids[k]);
        if !(wanted && (0..N).all(apart)) {
            return None;
        }
        let are_new = ids.map(|id| {
            let is_new = self.before[id].is_empty();
            if is_new {
                self.pool.give(&mut self.before[id], self.nodes[id].size());
            }
            is_new
        });
        let buffers = self.before.get_disjoint_mut(ids).ok()?;
        let mut are_new = are_new.into_iter();
        Some(buffers.map(|buffer| Grad {
            numbers: buffer.as_mut_slice(),
            is_new: are_new.next().unwrap_or(false),
        }))
    }
    /// `n` numbers of the tape's memory to work with, which may hold anything;
    /// [`give_back`](Grads::give_back) them when done.
    pub fn scratch(&mut self, n: usize) -> Scratch<S> {
        let mut scratch = Scratch(Buffer::Empty);
        self.pool.give(&mut scratch.0, n);
        scratch
    }
    /// Takes scratch memory back, for whoever is next.
    pub fn give_back(&mut self, mut scratch: Scratch<S>) {
        self.pool.give_back(&mut scratch.0);
    }
}

/// A gradient to be added to, or to be written.
#[derive(Debug)]
pub struct Grad<'a, S> {
    /// To be added to.
    pub numbers: &'a mut [S],
    /// Nothing was added yet: the numbers may be anything, and are to be written, every one.
    pub is_new: bool,
}

/// Memory for the length of one [`vjp`](Op::vjp); see [`Grads::scratch`].
#[derive(Debug)]
pub struct Scratch<S>(Buffer<S>);

impl<S: Scalar> Deref for Scratch<S> {
    type Target = [S];
    fn deref(&self) -> &[S] {
        self.0.as_slice()
    }
}
impl<S: Scalar> DerefMut for Scratch<S> {
    fn deref_mut(&mut self) -> &mut [S] {
        self.0.as_mut_slice()
    }
}
