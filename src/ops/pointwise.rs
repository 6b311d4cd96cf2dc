//! Operations that work element by element: [`Pointwise`], and the one place that broadcasts.

use std::array;
use std::ops::Range;

use super::layout::add;
#[cfg(any(test, feature = "proptest"))]
use super::{
    arithmetic::{Add, Div, Mul},
    elementary::Exp,
    law::{Domain, Law, law},
};
use crate::kernels::reduce::{self, Running};
use crate::kernels::{Scalar, simd::vectorize};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Scratch, Var};
use crate::tensor::{Broadcast, Shape, broadcast};

/// A function of N numbers, applied to each element of N operands that broadcast together.
///
/// ```
/// use elbo::{Scalar, Tape, Tensor, ops::{Pointwise, pointwise}, tape::Keeps};
///
/// /// y = x₀² x₁
/// #[derive(Clone, Copy)]
/// struct SquareTimes;
/// impl Pointwise<2> for SquareTimes {
///     const NAME: &'static str = "square_times";
///     const KEEPS: Keeps = Keeps::Inputs;
///     fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S { a * a * b }
///     fn partials<S: Scalar>(&self, [a, b]: [S; 2], _: S) -> [S; 2] { [(a + a) * b, a * a] }
/// }
///
/// let tape = Tape::new();
/// let a = tape.parameter(&Tensor::new([2], vec![3.0f64, 5.0]));
/// let b = tape.parameter(&Tensor::scalar(10.0));
/// let y = pointwise(SquareTimes, [a, b]).retain();
/// y.sum().backward();
/// assert_eq!(y.value().as_slice(), [90.0, 250.0]);
/// assert_eq!(a.grad().as_slice(), [60.0, 100.0]);
/// assert_eq!(b.grad().item(), 9.0 + 25.0);
/// ```
pub trait Pointwise<const N: usize>: Copy + Send + 'static {
    /// The operation's name in messages and tables.
    const NAME: &'static str;
    /// What [`partials`](Pointwise::partials) reads; the rest reaches it as NaN.
    const KEEPS: Keeps;
    /// y = f(x).
    fn value<S: Scalar>(&self, x: [S; N]) -> S;
    /// ∂f/∂xᵢ for each i, at x, where f(x) = y. One that is exactly 0 contributes nothing, even to
    /// an infinite cotangent, and nothing is asked of a cotangent that is exactly 0: of the branch
    /// not taken comes no NaN.
    fn partials<S: Scalar>(&self, x: [S; N], y: S) -> [S; N];
}

/// f of each element of the operands, which broadcast as in numpy.
///
/// # Panics
/// If the shapes do not broadcast, or the operands stand on different tapes.
#[track_caller]
pub fn pointwise<'t, S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: [Var<'t, S>; N],
) -> Var<'t, S> {
    let shape = common_shape(F::NAME, x.map(Var::shape));
    x[0].tape().apply(Map(f), x, shape)
}

/// The sum of f over all elements, as one number: `pointwise(f, x).sum()` without the array
/// between the two.
///
/// # Panics
/// As [`pointwise`] does.
#[track_caller]
pub fn pointwise_sum<'t, S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: [Var<'t, S>; N],
) -> Var<'t, S> {
    let count = common_shape(F::NAME, x.map(Var::shape)).size();
    x[0].tape().apply(MapSum { f, count }, x, Shape::SCALAR)
}

/// The shape to which all of `shapes` broadcast.
#[track_caller]
fn common_shape<const N: usize>(name: &str, shapes: [Shape; N]) -> Shape {
    let mut common = shapes[0];
    for &shape in &shapes[1..] {
        common = match broadcast(common, shape) {
            Some(shape) => shape,
            None => mismatch(name, &shapes),
        };
    }
    common
}

/// How the operands are read. Computed on either way: a node that kept it would hold four times
/// as many bytes.
fn layouts<S: Scalar, const N: usize>(name: &str, x: &Inputs<'_, S>) -> [Broadcast; N] {
    let shapes = array::from_fn(|k| x.shape(k));
    if shapes[1..].iter().all(|shape| *shape == shapes[0]) {
        return [Broadcast::Same; N];
    }
    let common = common_shape::<N>(name, shapes);
    shapes.map(|shape| Broadcast::new(shape, common))
}

#[cold]
#[track_caller]
fn mismatch(name: &str, shapes: &[Shape]) -> ! {
    let shapes: Vec<String> = shapes.iter().map(Shape::to_string).collect();
    panic!("{name}: shapes {} do not broadcast", shapes.join(" and "))
}

/// y = f(x), element by element.
struct Map<F, const N: usize>(F);

impl<S: Scalar, const N: usize, F: Pointwise<N>> Op<S> for Map<F, N> {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn keeps(&self) -> Keeps {
        F::KEEPS
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let x = Operands::new(F::NAME, x, Keeps::Inputs);
        if x.are_whole() {
            return values(self.0, x.numbers, y);
        }
        let mut memory = [[S::ZERO; SHORT]; N];
        for block in blocks(y.len(), SHORT) {
            let x = x.rows(&block, memory.each_mut().map(|row| &mut row[..]));
            values(self.0, x, &mut y[block]);
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let x = Operands::new(F::NAME, x, F::KEEPS);
        add_terms(y_bar.len(), &x, x_bar, |block, x, to| {
            let y = if F::KEEPS.output() {
                &y[block.clone()]
            } else {
                y
            };
            terms(self.0, x, y, &y_bar[block], to);
        });
    }
}

/// y = Σ f(x) over all elements.
struct MapSum<F, const N: usize> {
    f: F,
    count: usize,
}

impl<S: Scalar, const N: usize, F: Pointwise<N>> Op<S> for MapSum<F, N> {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn keeps(&self) -> Keeps {
        // The values that were summed are not on the tape: they are computed again.
        if F::KEEPS.output() {
            Keeps::Inputs
        } else {
            F::KEEPS
        }
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let x = Operands::new(F::NAME, x, Keeps::Inputs);
        let mut memory = [[S::ZERO; LONG]; N];
        let mut y_block = [S::ZERO; LONG];
        let mut sum = Running::new(S::ZERO);
        for block in blocks(self.count, LONG) {
            let y = &mut y_block[..block.len()];
            let x = x.rows(&block, memory.each_mut().map(|row| &mut row[..]));
            values(self.f, x, y);
            sum.add(reduce::sum(y));
        }
        y[0] = sum.total();
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let x = Operands::new(F::NAME, x, Op::<S>::keeps(self));
        let mut y_block = [S::ZERO; LONG];
        let y_bar = [y_bar[0]; LONG];
        add_terms(self.count, &x, x_bar, |block, x, to| {
            let n = block.len();
            if F::KEEPS.output() {
                values(self.f, x, &mut y_block[..n]);
            }
            terms(self.f, x, &y_block[..n], &y_bar[..n], to);
        });
    }
}

/// Elements that are at hand at a time: enough of them that the start of a loop does not count,
/// few enough for the L1 cache.
const LONG: usize = 512;
/// The same where little memory counts too.
const SHORT: usize = 128;
/// So few that their memory is on the stack, where it must be written first.
const FEW: usize = 16;

/// The elements 0..n, in blocks of this length.
fn blocks(n: usize, length: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..n).step_by(length);
    starts.map(move |start| start..n.min(start + length))
}

/// N rows of a block of at most [`LONG`] elements, in memory of the tape.
struct Rows<S, const N: usize> {
    few: [[S; FEW]; N],
    /// More of them, row after row.
    many: Option<Scratch<S>>,
}

impl<S: Scalar, const N: usize> Rows<S, N> {
    fn new(n: usize, x_bar: &mut Grads<'_, S>) -> Self {
        Rows {
            few: [[S::ZERO; FEW]; N],
            many: (n > FEW).then(|| x_bar.scratch(N * n.min(LONG))),
        }
    }
    fn each_mut(&mut self) -> [&mut [S]; N] {
        let mut many = self.many.as_deref_mut().map(|many| {
            let length = many.len() / N;
            many.chunks_exact_mut(length)
        });
        self.few.each_mut().map(|few| {
            let row = many.as_mut().and_then(Iterator::next);
            row.unwrap_or(few)
        })
    }
    fn give_back(self, x_bar: &mut Grads<'_, S>) {
        if let Some(many) = self.many {
            x_bar.give_back(many);
        }
    }
}

/// y = f(x) for each element.
fn values<S: Scalar, const N: usize, F: Pointwise<N>>(f: F, x: [&[S]; N], y: &mut [S]) {
    vectorize(
        y.len(),
        #[inline(always)]
        move || {
            let x = x.map(|x| &x[..y.len()]);
            for (i, y) in y.iter_mut().enumerate() {
                *y = f.value(array::from_fn(|k| x[k][i]));
            }
        },
    );
}

/// ∂f/∂xₖ ȳ for each operand k and each element. What f does not keep is not read.
fn terms<S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: [&[S]; N],
    y: &[S],
    y_bar: &[S],
    terms: [&mut [S]; N],
) {
    vectorize(
        y_bar.len(),
        #[inline(always)]
        move || {
            let n = y_bar.len();
            let x: [_; N] = array::from_fn(|k| if F::KEEPS.input(k) { &x[k][..n] } else { x[k] });
            let y = if F::KEEPS.output() { &y[..n] } else { y };
            let mut terms = terms.map(|terms| &mut terms[..n]);
            for (i, &y_bar) in y_bar.iter().enumerate() {
                let x = array::from_fn(|k| read(x[k], F::KEEPS.input(k), i));
                let partials = f.partials(x, read(y, F::KEEPS.output(), i));
                for (terms, partial) in terms.iter_mut().zip(partials) {
                    terms[i] = y_bar.through(partial);
                }
            }
        },
    );
}

#[inline(always)]
fn read<S: Scalar>(x: &[S], kept: bool, i: usize) -> S {
    if kept { x[i] } else { S::of(f64::NAN) }
}

/// The operands of an operation, and how they broadcast.
struct Operands<'a, S, const N: usize> {
    /// Empty if the operation does not read them.
    numbers: [&'a [S]; N],
    layout: [Broadcast; N],
}

impl<'a, S: Scalar, const N: usize> Operands<'a, S, N> {
    fn new(name: &str, x: &'a Inputs<'_, S>, keeps: Keeps) -> Self {
        Operands {
            numbers: array::from_fn(|k| if keeps.input(k) { &x[k] } else { &[][..] }),
            layout: layouts(name, x),
        }
    }
    /// Whether element i is element i of each.
    fn are_whole(&self) -> bool {
        self.layout.iter().all(|l| matches!(l, Broadcast::Same))
    }
    /// The elements of a block, where they stand or gathered in `memory`.
    fn rows<'b>(&self, block: &Range<usize>, memory: [&'b mut [S]; N]) -> [&'b [S]; N]
    where
        'a: 'b,
    {
        let mut operands = self.numbers.into_iter().zip(&self.layout);
        memory.map(|memory| {
            let (x, layout) = operands.next().expect("a row for each operand");
            if x.is_empty() || matches!(layout, Broadcast::Same) {
                return x.get(block.clone()).unwrap_or(x);
            }
            let memory = &mut memory[..block.len()];
            gather(x, layout, block.clone(), memory);
            memory
        })
    }
}

/// Copies the elements of a block of an operand that repeats.
fn gather<S: Scalar>(x: &[S], layout: &Broadcast, block: Range<usize>, to: &mut [S]) {
    match *layout {
        Broadcast::One => to.fill(x[0]),
        Broadcast::Rows { period } => {
            // The rest of a row, and then whole ones.
            let first = block.start % period;
            let (rest, rows) = to.split_at_mut(block.len().min(period - first));
            rest.copy_from_slice(&x[first..][..rest.len()]);
            for row in rows.chunks_mut(period) {
                row.copy_from_slice(&x[..row.len()]);
            }
        }
        _ => {
            for (i, to) in block.zip(to) {
                *to = x[layout.index(i)];
            }
        }
    }
}

/// Adds to the gradient of each operand that wants one what `terms` writes: of a block of elements,
/// given the operands', the terms of all gradients.
fn add_terms<S: Scalar, const N: usize>(
    n: usize,
    x: &Operands<'_, S, N>,
    x_bar: &mut Grads<'_, S>,
    mut terms: impl FnMut(Range<usize>, [&[S]; N], [&mut [S]; N]),
) {
    let wanted = array::from_fn::<_, N, _>(|k| x_bar.wants(k));
    if n == 0 || !wanted.contains(&true) {
        return;
    }
    // An operand that repeats takes many terms: pairwise, so that the error does not grow with
    // their number, once they are all there.
    let repeats = |k: usize| !matches!(x.layout[k], Broadcast::Same | Broadcast::One);
    let is_kept = |k: usize| wanted[k] && repeats(k);
    let mut kept = array::from_fn::<_, N, _>(|k| is_kept(k).then(|| x_bar.scratch(n)));
    let mut sums = [Running::new(S::ZERO); N];
    let mut gathered = Rows::<S, N>::new(if x.are_whole() { 0 } else { n }, x_bar);
    let mut memory = Rows::<S, N>::new(n, x_bar);
    for block in blocks(n, LONG) {
        let x_block = x.rows(&block, gathered.each_mut());
        terms(block.clone(), x_block, memory.each_mut());
        for (k, terms) in memory.each_mut().into_iter().enumerate() {
            let terms = &terms[..block.len()];
            if let Some(kept) = &mut kept[k] {
                kept[block.clone()].copy_from_slice(terms);
            } else if matches!(x.layout[k], Broadcast::One) {
                sums[k].add(reduce::sum(terms));
            } else if let Some(d) = x_bar.of(k) {
                add(&mut d[block.clone()], terms);
            }
        }
    }
    memory.give_back(x_bar);
    gathered.give_back(x_bar);
    for (k, kept) in kept.into_iter().enumerate() {
        if let Some(mut terms) = kept {
            let mut count = n;
            for [outer, along, inner] in x.layout[k].runs(n) {
                reduce::sums_in_place(&mut terms[..count], [outer, along, inner]);
                count = outer * inner;
            }
            if let Some(d) = x_bar.of(k) {
                add(d, &terms[..count]);
            }
            x_bar.give_back(terms);
        } else if let (Broadcast::One, Some(d)) = (x.layout[k], x_bar.of(k)) {
            d[0] += sums[k].total();
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Map, "mul", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise(Mul, [a, b])),
    law!(MapSum, "add", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise_sum(Add, [a, b])),
    law!(MapSum, "mul", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise_sum(Mul, [a, b])),
    law!(MapSum, "div", (a: "..." in Domain::NONZERO, b: "..." in Domain::NONZERO) => pointwise_sum(Div, [a, b])),
    law!(MapSum, "exp", (x: "..." in Domain::REAL) => pointwise_sum(Exp, [x])),
];
