//! A tape in sixty lines from nothing, then the one of this crate.
//!
//! You need calculus up to the chain rule, and enough Rust to read a struct with a lifetime. At
//! the end you can read [`crate::tape`], the engine of this crate, in one sitting.
//!
//! # The problem
//!
//! Training a net means going downhill: a loss is one number, it depends on many parameters, and
//! each of them has to know its own slope. Here is a small loss, with two parameters, and the
//! first idea that comes to mind: move each parameter a little and look.
//!
//! ```
//! fn f(x: f64, y: f64) -> f64 {
//!     x * y + x.sin()
//! }
//!
//! let h = 1e-6;
//! let dx = (f(2.0 + h, 3.0) - f(2.0 - h, 3.0)) / (2.0 * h);
//! let dy = (f(2.0, 3.0 + h) - f(2.0, 3.0 - h)) / (2.0 * h);
//!
//! // By hand: df/dx = y + cos x, df/dy = x.
//! assert!((dx - (3.0 + 2f64.cos())).abs() < 1e-8);
//! assert!((dy - 2.0).abs() < 1e-8);
//! assert_ne!(dy, 2.0); // about half of the digits are lost
//! ```
//!
//! It works, and costs two evaluations for each parameter. A net with a million of them would
//! need two million evaluations for one step. By hand it is exact and takes about as long as the
//! function itself, but nobody writes down the derivative of a net. What follows does, by
//! looking over the shoulder of the program while it computes f.
//!
//! # One operation
//!
//! The program computes f in steps: a product, a sine, a sum. Of each kind of step we must know
//! two things: its value, and how a slope passes through it backwards. Suppose we know already
//! how much the loss changes with the result y of a step; call that number ȳ ("y bar"), the
//! *cotangent* of y. The chain rule gives those of the inputs:
//!
//! ```text
//! y = f(a, b)        ā = ∂f/∂a ȳ,   b̄ = ∂f/∂b ȳ
//! ```
//!
//! The second line, taken as a function from ȳ to ā and b̄, is called *vector-Jacobian product*,
//! vjp. For numbers it is a product of two numbers; the name is from vectors. An operation of one
//! input gets a second one that it does not read.
//!
//! ```
//! /// y = f(a, b), and what ȳ sends back to a and b.
//! struct Op {
//!     forward: fn(f64, f64) -> f64,
//!     vjp: fn(a: f64, b: f64, y_bar: f64) -> [f64; 2],
//! }
//! const ADD: &Op = &Op { forward: |a, b| a + b, vjp: |_, _, y_bar| [y_bar, y_bar] };
//! const MUL: &Op = &Op { forward: |a, b| a * b, vjp: |a, b, y_bar| [b * y_bar, a * y_bar] };
//! const SIN: &Op = &Op { forward: |a, _| a.sin(), vjp: |a, _, y_bar| [a.cos() * y_bar, 0.0] };
//!
//! // Each vjp against differences of its own forward, at ȳ = 1.
//! let (a, b, h) = (2.0, 3.0, 1e-6);
//! for op in [ADD, MUL, SIN] {
//!     let [da, db] = (op.vjp)(a, b, 1.0);
//!     let f = op.forward;
//!     assert!((da - (f(a + h, b) - f(a - h, b)) / (2.0 * h)).abs() < 1e-8);
//!     assert!((db - (f(a, b + h) - f(a, b - h)) / (2.0 * h)).abs() < 1e-8);
//! }
//! ```
//!
//! # A first try that is right and useless
//!
//! The steps depend on each other, so they form a graph. The obvious way to walk a graph is
//! recursion: the derivative of a sum is the sum of the derivatives. Here is that for sums alone,
//! with a counter. The graph doubles x twenty times, y = x + x, then y + y, and so on.
//!
//! ```
//! use std::rc::Rc;
//!
//! enum Graph { X, Sum(Rc<Graph>, Rc<Graph>) }
//!
//! /// dy/dx
//! fn derivative(y: &Graph, calls: &mut u64) -> f64 {
//!     *calls += 1;
//!     match y {
//!         Graph::X => 1.0,
//!         Graph::Sum(a, b) => derivative(a, calls) + derivative(b, calls),
//!     }
//! }
//!
//! let mut y = Rc::new(Graph::X);
//! for _ in 0..20 {
//!     y = Rc::new(Graph::Sum(y.clone(), y));
//! }
//! let mut calls = 0;
//! assert_eq!(derivative(&y, &mut calls), 1_048_576.0); // 2^20, which is right
//! assert_eq!(calls, 2_097_151); // for a graph of 21 nodes
//! ```
//!
//! The recursion visits every *path*, and paths double with each step. It also goes as deep as
//! the graph, and a long graph ends the program by a stack overflow. We want to visit every
//! *node* once, and we may visit one only after everything that used it, since only then is its
//! ȳ complete. Such an order could be found by sorting the graph. There is a cheaper way.
//!
//! # Write it down while it happens
//!
//! A step can only run when its inputs are there. So in the order in which the steps *ran*, the
//! inputs of a node always stand before the node. Write the steps down in that order, and the
//! same list, read backwards, is the order that we need. The list is called a *tape*, after the
//! paper tape of adding machines; a line on it is a *node*. A variable is then no more than a
//! place on the tape:
//!
//! ```
//! # struct Op {
//! #     forward: fn(f64, f64) -> f64,
//! #     vjp: fn(a: f64, b: f64, y_bar: f64) -> [f64; 2],
//! # }
//! # const ADD: &Op = &Op { forward: |a, b| a + b, vjp: |_, _, y_bar| [y_bar, y_bar] };
//! # const MUL: &Op = &Op { forward: |a, b| a * b, vjp: |a, b, y_bar| [b * y_bar, a * y_bar] };
//! # const SIN: &Op = &Op { forward: |a, _| a.sin(), vjp: |a, _, y_bar| [a.cos() * y_bar, 0.0] };
//! use std::cell::RefCell;
//!
//! struct Node { op: Option<&'static Op>, inputs: [usize; 2], value: f64, grad: f64 }
//!
//! #[derive(Default)]
//! struct Tape(RefCell<Vec<Node>>);
//!
//! #[derive(Clone, Copy)]
//! struct Var<'t> { tape: &'t Tape, index: usize }
//!
//! impl Tape {
//!     fn leaf(&self, value: f64) -> Var<'_> {
//!         self.push(Node { op: None, inputs: [0, 0], value, grad: 0.0 })
//!     }
//!     fn apply(&self, op: &'static Op, a: Var<'_>, b: Var<'_>) -> Var<'_> {
//!         let value = (op.forward)(a.value(), b.value());
//!         self.push(Node { op: Some(op), inputs: [a.index, b.index], value, grad: 0.0 })
//!     }
//!     fn push(&self, node: Node) -> Var<'_> {
//!         let mut nodes = self.0.borrow_mut();
//!         nodes.push(node);
//!         Var { tape: self, index: nodes.len() - 1 }
//!     }
//! }
//! impl Var<'_> {
//!     fn value(self) -> f64 { self.tape.0.borrow()[self.index].value }
//! }
//!
//! let tape = Tape::default();
//! let x = tape.leaf(2.0); //                          node 0
//! let y = tape.leaf(3.0); //                          node 1
//! let product = tape.apply(MUL, x, y); //             node 2
//! let sine = tape.apply(SIN, x, x); //                node 3
//! let f = tape.apply(ADD, product, sine); //          node 4
//!
//! assert_eq!(f.value(), 2.0 * 3.0 + 2f64.sin());
//! let inputs: Vec<_> = tape.0.borrow().iter().map(|node| node.inputs).collect();
//! assert_eq!(inputs[2..], [[0, 1], [0, 0], [2, 3]]); // always smaller than the node's number
//! ```
//!
//! The tape is filled through `&self`, which is what the `RefCell` is for: many variables point
//! to it at once. A [`Var`](crate::Var) is `Copy`, so that formulas can be written as they are.
//!
//! # The way back, wrong
//!
//! Start at the result, whose cotangent is 1. Go through the nodes in reverse, ask each for the
//! cotangents of its inputs, and store them there. One line below is wrong.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/sixty_lines.rs"));
//! # fn main() {
//! fn backward(tape: &Tape, root: usize) {
//!     let nodes = &mut *tape.0.borrow_mut();
//!     nodes[root].grad = 1.0;
//!     for i in (0..=root).rev() {
//!         let (before, here) = nodes.split_at_mut(i);
//!         let Some(op) = here[0].op else { continue };
//!         let [a, b] = here[0].inputs;
//!         let x_bar = (op.vjp)(before[a].value, before[b].value, here[0].grad);
//!         before[a].grad = x_bar[0];
//!         before[b].grad = x_bar[1];
//!     }
//! }
//!
//! let tape = Tape::default();
//! let (x, y) = (tape.leaf(2.0), tape.leaf(3.0));
//! let f = x * y;
//! backward(&tape, f.index);
//! assert_eq!((x.grad(), y.grad()), (3.0, 2.0)); // right
//!
//! let tape = Tape::default();
//! let x = tape.leaf(3.0);
//! let f = x * x;
//! backward(&tape, f.index);
//! assert_eq!(x.grad(), 3.0); // wrong: the derivative of x² at 3 is 6
//! # }
//! ```
//!
//! In `x * x` both inputs are node 0, and the second store wipes out the first. The same happens
//! whenever a value is used twice. A variable that reaches the loss by several ways has the *sum*
//! of their slopes; so gradients are not stored but **added**, and set to 0 before.
//!
//! `split_at_mut` is how the loop reads node i while it writes to its inputs, in safe code: the
//! inputs stand before the node, and so the slice can be cut there.
//!
//! # The sixty lines
//!
//! All of it, with operators at the end, and the function of the beginning:
//!
//! ```
#![doc = include_str!("sixty_lines.rs")]
//!
//! let tape = Tape::default();
//! let (x, y) = (tape.leaf(2.0), tape.leaf(3.0));
//! let f = x * y + x.sin();
//! f.backward();
//! assert_eq!((x.grad(), y.grad()), (3.0 + 2f64.cos(), 2.0)); // every digit
//! ```
//!
//! Now the two programs that failed above, and a graph as deep as ten thousand layers:
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/sixty_lines.rs"));
//! # fn main() {
//! let tape = Tape::default();
//! let x = tape.leaf(3.0);
//! (x * x).backward();
//! assert_eq!(x.grad(), 6.0);
//!
//! let tape = Tape::default();
//! let x = tape.leaf(1.0);
//! let y = (0..20).fold(x, |y, _| y + y);
//! y.backward();
//! assert_eq!(x.grad(), 1_048_576.0);
//! assert_eq!(tape.0.borrow().len(), 21); // and as many visits
//!
//! let tape = Tape::default();
//! let x = tape.leaf(0.5);
//! let y = (0..10_000).fold(x, |y, _| y.sin());
//! y.backward(); // a loop has no depth
//! assert!(x.grad() > 0.0 && x.grad() < 1e-3);
//! # }
//! ```
//!
//! The price of a gradient is one more walk over the nodes, however many leaves there are. That
//! is why nets can be trained. What is missing is not an idea but work: numbers must become
//! arrays, steps must not allocate, and mistakes must be told where they are made.
//!
//! # The same in this crate
//!
//! ```
//! use elbo::{Tape, Tensor};
//!
//! let tape = Tape::new();
//! let x = tape.parameter(&Tensor::scalar(2.0f64));
//! let y = tape.parameter(&Tensor::scalar(3.0));
//! let f = x * y + x.sin();
//! f.backward();
//! assert_eq!((x.grad().item(), y.grad().item()), (3.0 + 2f64.cos(), 2.0));
//! assert_eq!(tape.operations(), ["mul", "sin", "add"]);
//! ```
//!
//! Where each of the sixty lines went:
//!
//! | above | in the crate | file |
//! | --- | --- | --- |
//! | `struct Op` of two functions | the trait [`Op`](crate::tape::Op) | `src/tape/op.rs` |
//! | `before[a].value` | [`Inputs`](crate::tape::Inputs): `&x[0]` is a slice of numbers | `src/tape/op.rs` |
//! | `before[a].grad +=` | [`Grads`](crate::tape::Grads): `x_bar.of(0)` is the slice to add to | `src/tape/op.rs` |
//! | `Node` | one slot in each of several vectors | `src/tape/record.rs` |
//! | `leaf` | [`parameter`](crate::Tape::parameter), or [`constant`](crate::Tape::constant) for data | `src/tape/record.rs` |
//! | `apply` | [`Tape::apply`](crate::Tape::apply) | `src/tape/record.rs` |
//! | `backward` | [`Var::backward`](crate::Var::backward) | `src/tape/backward.rs` |
//! | `impl Mul for Var` | the same, for variables and numbers | `src/ops/arithmetic.rs` |
//! | `MUL`, `SIN` | a type with [`value` and `partials`](crate::ops::Pointwise) side by side | `src/ops/` |
//!
//! The blocks below that begin with a file's name are that file.
//!
//! ## The loop
//!
//! The way back of the crate, from the first line of the loop to the last:
//!
//! ```text
//! // src/tape/backward.rs
//! for i in (0..=root).rev() {
//!     if self.nodes[i].tracked && !self.grads[i].is_empty() {
//!         self.run_hooks(i);
//!         self.step_back(i);
//!     }
//!     // Whoever reads node i stands behind it, and has been here.
//!     let node = &self.nodes[i];
//!     if !(self.retain_all || node.retained || i == root) {
//!         self.pool.give_back(&mut self.values[i]);
//!         if node.op.is_some() {
//!             self.pool.give_back(&mut self.grads[i]);
//!         }
//!     }
//! }
//! ```
//!
//! One step of it calls the operation:
//!
//! ```text
//! // src/tape/backward.rs
//! let keeps = op.keeps();
//! let ids = inputs_of(&self.nodes, &self.inputs, i);
//! self.check_kept(i, ids, keeps);
//! // Inputs stand before their node: the gradients split there, in safe code.
//! let (before, here) = self.grads.split_at_mut(i);
//! let x = Inputs {
//!     op: &**op,
//!     ids,
//!     nodes: &self.nodes,
//!     values: &self.values,
//!     readable: keeps,
//! };
//! let y = if keeps.output() {
//!     self.values[i].as_slice()
//! } else {
//!     &[]
//! };
//! let mut x_bar = Grads {
//!     ids,
//!     nodes: &self.nodes,
//!     before,
//!     pool: &mut self.pool,
//!     names: &mut self.names,
//!     watch: &mut self.watch,
//! };
//! ```
//!
//! You know this loop. New in it: nodes that the loss does not depend on have an empty gradient
//! and are skipped, and so are those that depend on no parameter. The vjp does not return its
//! results, it adds them in place, since a temporary array for each would cost as much as the
//! arithmetic. And when the loop leaves a node behind, nobody will read its value or its gradient
//! again: their memory goes back to a pool and serves the nodes in front. `Grads` takes it from
//! there:
//!
//! ```text
//! // src/tape/op.rs
//! pub fn grad(&mut self, i: usize) -> Option<Grad<'_, S>> {
//!     let id = self.ids[i] as usize;
//!     if !self.nodes[id].tracked {
//!         return None;
//!     }
//!     let grad = &mut self.before[id];
//!     let is_new = grad.is_empty();
//!     if is_new {
//!         self.pool.give(grad, self.nodes[id].size());
//!     }
//!     let numbers = grad.as_mut_slice();
//!     Some(Grad { numbers, is_new })
//! }
//! ```
//!
//! It answers `None` for data, so that nobody computes the gradient of the data. `of` is the same
//! with a new gradient filled with zeros, to which anything can be added. And it borrows
//! `x_bar` as a whole: an operation holds one gradient at a time, and `x * x`, where both are the
//! same array, needs no special case.
//!
//! ```
//! use elbo::{Tape, Tensor};
//!
//! let tape = Tape::new();
//! let x = tape.parameter(&Tensor::new([3], vec![3.0f64, -1.0, 0.5]));
//! let data = tape.constant(&Tensor::new([3], vec![1.0, 2.0, 3.0]));
//! (x * x * data).sum().backward();
//! assert_eq!(x.grad().as_slice(), [6.0, -4.0, 3.0]); // 2 x times the data
//! assert!(x.is_tracked() && !data.is_tracked());
//! ```
//!
//! ## What an operation keeps
//!
//! The sixty lines hand every vjp its inputs. A sum needs none of them, and exp needs only its
//! output. The trait asks an operation to say what it reads, and holds it to that, because a
//! tape that frees memory will believe it. Here is a vjp that reads what it did not ask for:
//!
//! ```
//! use elbo::tape::{Grads, Inputs, Keeps, Op, Saved};
//! use elbo::{Tape, Tensor};
//!
//! struct Square;
//! impl Op<f64> for Square {
//!     fn name(&self) -> &'static str { "square" }
//!     fn keeps(&self) -> Keeps { Keeps::Nothing } // wrong: should be Keeps::Inputs
//!     fn forward(&self, x: &Inputs<'_, f64>, y: &mut [f64], _: &mut Saved<f64>) {
//!         for (y, x) in y.iter_mut().zip(&x[0]) { *y = x * x; }
//!     }
//!     fn vjp(&self, x: &Inputs<'_, f64>, _: &[f64], y_bar: &[f64], _: &Saved<f64>, x_bar: &mut Grads<'_, f64>) {
//!         let Some(d) = x_bar.of(0) else { return };
//!         for ((d, x), y_bar) in d.iter_mut().zip(&x[0]).zip(y_bar) { *d += 2.0 * x * y_bar; }
//!     }
//! }
//!
//! let refused = std::panic::catch_unwind(|| {
//!     let tape = Tape::new();
//!     let x = tape.parameter(&Tensor::scalar(3.0));
//!     tape.apply(Square, [x], x.shape()).backward();
//! });
//! let message = *refused.unwrap_err().downcast::<String>().unwrap();
//! assert_eq!(message, "square: its vjp reads input 0, but `keeps` says that it does not");
//! ```
//!
//! ## Slots
//!
//! A training step records the same nodes as the step before, with other numbers. So the crate
//! does not throw them away. What is one `Node` above lies spread over vectors here, one slot
//! each; `clear` only sets `len` back to 0:
//!
//! ```text
//! // src/tape/record.rs
//! /// Slot i of each vector belongs to node i; slots from `len` on are left from an earlier pass.
//! pub(super) struct Record<S> {
//!     pub(super) len: usize,
//!     pub(super) nodes: Vec<Node<S>>,
//!     /// The nodes' inputs, end to end.
//!     pub(super) inputs: Vec<u32>,
//!     pub(super) values: Vec<Buffer<S>>,
//!     /// Empty until a gradient arrives.
//!     pub(super) grads: Vec<Buffer<S>>,
//! ```
//!
//! Two reasons for several vectors. The loop above needs the gradients cut in two, but all
//! values whole, and vectors can be borrowed one by one. And an operation has any number of
//! inputs, so these stand end to end in a vector of their own. The way forward cuts nodes and values
//! at the new one, which an operation writes to, as the way back cuts the gradients:
//!
//! ```text
//! // src/tape/record.rs
//! nodes.pool.give(&mut nodes.values[i], shape.size());
//! let (before, here) = nodes.nodes.split_at_mut(i);
//! let (values, value) = nodes.values.split_at_mut(i);
//! let (node, y) = (&mut here[0], value[0].as_mut_slice());
//! let x = Inputs {
//!     op: &op,
//!     ids,
//!     nodes: before,
//!     values,
//!     readable: Keeps::Inputs,
//! };
//! ```
//!
//! The numbers themselves come from the pool, which the pass before has filled. Even the box
//! around the operation is used again, if it has the same type:
//!
//! ```text
//! // src/tape/node.rs
//! pub(super) fn store<S: Scalar, O: Op<S>>(place: &mut Option<Box<dyn Op<S>>>, op: O) {
//!     if let Some(old) = place {
//!         let old: &mut dyn Any = &mut **old;
//!         if let Some(old) = old.downcast_mut::<O>() {
//!             *old = op;
//!             return;
//!         }
//!     }
//!     *place = Some(Box::new(op));
//! }
//! ```
//!
//! A node of one number is small, because what it has not is in a box: its axes, and what an
//! operation saves (`src/tape/node.rs`). The number itself stands where an array has its address
//! (`src/tape/buffer.rs`).
//!
//! A whole training step allocates nothing after the first ones, but for one packing buffer in
//! each matrix product; `tests/allocations.rs` counts. The tape can be asked what it holds:
//!
//! ```
//! use elbo::{Tape, Tensor};
//!
//! let x = Tensor::new([3], vec![0.0f64, 1.0, 2.0]);
//! let mut tape = Tape::new();
//! let mut held = vec![];
//! for _ in 0..2 {
//!     tape.parameter(&x).exp().sum().backward();
//!     held.push(tape.memory().held);
//!     tape.clear();
//! }
//! // The value of exp, its gradient, and that of x: three numbers each, once and for all.
//! assert_eq!(held, [9 * 8, 9 * 8]);
//! ```
//!
//! A slot that is used again is a danger: a variable of the step before would read the numbers of
//! this one. [`Tape::clear`](crate::Tape::clear) takes `&mut self`, and every variable borrows
//! the tape. The compiler refuses the mistake:
//!
//! ```compile_fail,E0502
//! use elbo::{Tape, Tensor};
//!
//! let mut tape = Tape::new();
//! let x = tape.parameter(&Tensor::scalar(2.0f64));
//! tape.clear();
//! x.value(); // error[E0502]: cannot borrow `tape` as mutable
//! ```
//!
//! # A second route to the same number
//!
//! How do we know that the vjps are right? We could derive them twice, but the same head makes
//! the same mistake twice. There is another way to differentiate that shares no line with the
//! tape. Carry with every number its derivative along one direction, `v + d ε`, and compute with
//! ε² = 0:
//!
//! ```text
//! (a + a' ε) (b + b' ε) = a b + (a b' + a' b) ε
//! sin(a + a' ε)         = sin a + cos a a' ε
//! ```
//!
//! That is the product rule and the chain rule, as arithmetic. Such a number is a
//! [`Dual`](crate::Dual), its d is a *tangent*, and this is *forward mode*. There is no tape:
//!
//! ```
//! use elbo::{Dual, Scalar};
//!
//! fn f<S: Scalar>(x: S, y: S) -> S {
//!     x * y + x.sin()
//! }
//!
//! // Along x, then along y: one evaluation for each input.
//! let along_x = f(Dual { v: 2.0, d: 1.0 }, Dual { v: 3.0, d: 0.0 });
//! let along_y = f(Dual { v: 2.0, d: 0.0 }, Dual { v: 3.0, d: 1.0 });
//! assert_eq!((along_x.d, along_y.d), (3.0 + 2f64.cos(), 2.0));
//! ```
//!
//! One evaluation gives one directional derivative of *all* results; one way back gives the
//! derivatives of *one* result in all directions. A net has one loss and many parameters, so it
//! is trained in reverse. But the laws of this crate ([`ops::Law`](crate::ops)) compare the two
//! for every operation, and a gradient that passes has been found twice.
//!
//! The two can also be stacked. A `Dual` is a [`Scalar`](crate::Scalar), so a tape can hold dual
//! numbers; then the gradient comes back with its own derivative along a direction, a product of
//! the Hessian with a vector:
//!
//! ```
//! use elbo::{Dual, Tape, Tensor};
//!
//! // The Hessian of x y + sin x at (2, 3) is [[-sin 2, 1], [1, 0]]; times (1, 10):
//! let tape = Tape::new();
//! let x = tape.parameter(&Tensor::scalar(Dual { v: 2.0f64, d: 1.0 }));
//! let y = tape.parameter(&Tensor::scalar(Dual { v: 3.0, d: 10.0 }));
//! (x * y + x.sin()).backward();
//! assert_eq!(x.grad().item().v, 3.0 + 2f64.cos()); // the gradient
//! assert!((x.grad().item().d - (10.0 - 2f64.sin())).abs() < 1e-15);
//! assert!((y.grad().item().d - 1.0).abs() < 1e-15);
//! ```
//!
//! # All routes at once
//!
//! A longer function, with fan-out and reuse, by four routes: differences, the sixty lines, the
//! crate's tape, dual numbers.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/sixty_lines.rs"));
//! # fn main() {
//! macro_rules! f { ($x:expr) => {{
//!     let mut y = $x;
//!     for _ in 0..5 { y = (y * y + $x).sin() * y + y; }
//!     y
//! }} }
//! let at = 0.3;
//!
//! let plain = |x: f64| f!(x);
//! let differences = (plain(at + 1e-6) - plain(at - 1e-6)) / 2e-6;
//!
//! let tape = Tape::default();
//! let x = tape.leaf(at);
//! f!(x).backward();
//! let sixty_lines = x.grad();
//!
//! let tape = elbo::Tape::new();
//! let x = tape.parameter(&elbo::Tensor::scalar(at));
//! f!(x).backward();
//! let shipped = x.grad().item();
//!
//! use elbo::Scalar;
//! let forward = f!(elbo::Dual { v: at, d: 1.0 }).d;
//!
//! let size = forward.abs();
//! assert!((sixty_lines - forward).abs() < 1e-13 * size);
//! assert!((shipped - forward).abs() < 1e-13 * size);
//! assert!((differences - forward).abs() < 1e-7 * size);
//! # }
//! ```
//!
//! # Where to go from here
//!
//! Open `src/tape/`: `op.rs`, `record.rs`, `backward.rs`, in this order. You have seen most of
//! it. Then `src/ops/activation.rs`, a family of operations on one page, and
//! `src/ops/matmul.rs`, where the cotangent of a matrix is a matrix product again. To add an
//! operation of your own, see `CONTRIBUTING.md`.
