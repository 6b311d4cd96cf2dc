//! Operations that work element by element: [`Pointwise`], and the one place that takes them
//! through a tape. How their operands broadcast, says `operands.rs`.

use std::array;
use std::ops::Range;

use super::operands::{LONG, Operands, Rows, SHORT, blocks, common_shape};
#[cfg(any(test, feature = "proptest"))]
use super::{
    arithmetic::{Add, Div, Mul},
    elementary::Exp,
    law::{Domain, Law, law},
};
use crate::kernels::Scalar;
use crate::kernels::map::Formula;
use crate::kernels::reduce::{self, Running, add};
use crate::kernels::task::pieces;
use crate::tape::{Grad, Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Broadcast, Shape};

/// A function of N numbers, applied to each element of N operands that broadcast together.
///
/// It is called in loops that are compiled for wide registers. Into them goes what is marked
/// `#[inline(always)]` and has no branches but on numbers at hand; anything else computes the same bits,
/// one element after the other. A formula of several steps, each of which f32 would round, goes by
/// [`Scalar::widen`].
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
pub trait Pointwise<const N: usize>: Copy + Send + Sync + 'static {
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
    let shape = common_shape(F::NAME, x);
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
    pointwise_sum_wanted(Wanted::Value, f, x)
}

/// What is asked of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Its value, and on the way back its gradient.
    Value,
    /// Its gradient alone: as a value it is 0.
    Gradient,
}

/// [`pointwise_sum`], as far as it is wanted.
#[track_caller]
pub(crate) fn pointwise_sum_wanted<'t, S: Scalar, const N: usize, F: Pointwise<N>>(
    wanted: Wanted,
    f: F,
    x: [Var<'t, S>; N],
) -> Var<'t, S> {
    let count = common_shape(F::NAME, x).size();
    let sum = MapSum { f, count, wanted };
    x[0].tape().apply(sum, x, Shape::SCALAR)
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
        if y.len() == 1 {
            return values(self.0, array::from_fn(|k| &x[k]), y);
        }
        let x = Operands::new(F::NAME, x, Keeps::Inputs);
        if x.are_whole() {
            return pieces(x.numbers, [], [y], |_, x, [], [y]| values(self.0, x, y));
        }
        let mut memory = [[S::ZERO; SHORT]; N];
        for block in blocks(y.len(), SHORT) {
            let x = x.rows(&block, memory.each_mut().map(|row| &mut row[..]));
            values(self.0, x, &mut y[block]);
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if y_bar.len() == 1 {
            return add_term(self.0, x, y, y_bar, x_bar);
        }
        let x = Operands::new(F::NAME, x, F::KEEPS);
        let n = y_bar.len();
        if x.are_whole()
            && let Some(x_bar) = x_bar.each::<N>()
        {
            let (are_new, x_bar) = apart(x_bar);
            pieces(x.numbers, [y, y_bar], x_bar, |_, x, [y, y_bar], x_bar| {
                add_all_terms(self.0, x, x_bar, are_new, |block| {
                    [part(y, block), &y_bar[block.clone()]]
                });
            });
            return;
        }
        add_terms(n, &x, x_bar, |block, x, to| {
            terms(self.0, x, part(y, &block), &y_bar[block], to);
        });
    }
}

/// y = Σ f(x) over all elements.
struct MapSum<F, const N: usize> {
    f: F,
    count: usize,
    wanted: Wanted,
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
        if self.wanted == Wanted::Gradient {
            y[0] = S::ZERO;
            return;
        }
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
        if y_bar[0].is_zero() {
            return;
        }
        let x = Operands::new(F::NAME, x, Op::<S>::keeps(self));
        let mut y_block = [S::ZERO; LONG];
        let y_bar = [y_bar[0]; LONG];
        if x.are_whole()
            && !F::KEEPS.output()
            && let Some(x_bar) = x_bar.each::<N>()
        {
            let (are_new, x_bar) = apart(x_bar);
            pieces(x.numbers, [], x_bar, |_, x, [], x_bar| {
                add_all_terms(self.f, x, x_bar, are_new, |block| {
                    [&[], &y_bar[..block.len()]]
                });
            });
            return;
        }
        add_terms(self.count, &x, x_bar, |block, x, to| {
            let n = block.len();
            if F::KEEPS.output() {
                values(self.f, x, &mut y_block[..n]);
            }
            terms(self.f, x, &y_block[..n], &y_bar[..n], to);
        });
    }
}

/// y = f(x) for each element.
pub(crate) fn values<S: Scalar, const N: usize, F: Pointwise<N>>(f: F, x: [&[S]; N], y: &mut [S]) {
    S::map(Value(f), x, [x[0]; 2], [y]);
}

#[derive(Clone, Copy)]
struct Value<F>(F);
impl<const N: usize, F: Pointwise<N>> Formula<N, 1> for Value<F> {
    #[inline(always)]
    fn at<S: Scalar>(&self, x: [S; N], _: [S; 2], _: [S; 1]) -> [S; 1] {
        [self.0.value(x)]
    }
}

/// ∂f/∂xₖ ȳ for each operand k and each element. What f does not keep is not read.
fn terms<S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: [&[S]; N],
    y: &[S],
    y_bar: &[S],
    terms: [&mut [S]; N],
) {
    let n = y_bar.len();
    let (x, y) = kept::<S, N, F>(x, y, y_bar);
    // One loop for both, of which each operation has a copy for every level.
    let zeros = terms.map(|terms| {
        let terms = &mut terms[..n];
        terms.fill(S::ZERO);
        terms
    });
    S::map(AddTerm(f), x, y, zeros);
}

/// Adds ∂f/∂xₖ ȳ to the gradient of each operand k, for each element. `y` gives the output of a
/// block, and its cotangent.
fn add_all_terms<'a, S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: [&'a [S]; N],
    mut x_bar: [&mut [S]; N],
    are_new: [bool; N],
    y: impl Fn(&Range<usize>) -> [&'a [S]; 2],
) {
    let n = x_bar.first().map_or(0, |d| d.len());
    for block in blocks(n, LONG) {
        let x_bar = part_of_each(&mut x_bar, are_new, &block);
        let [y, y_bar] = y(&block);
        let (x, y) = kept::<S, N, F>(x.map(|x| part(x, &block)), y, y_bar);
        S::map(AddTerm(f), x, y, x_bar);
    }
}

/// A block of each gradient, zeroed if that is new: here it is in the cache.
pub(crate) fn part_of_each<'d, S: Scalar, const N: usize>(
    x_bar: &'d mut [&mut [S]; N],
    are_new: [bool; N],
    block: &Range<usize>,
) -> [&'d mut [S]; N] {
    let mut are_new = are_new.into_iter();
    x_bar.each_mut().map(|d| {
        let d = &mut d[block.clone()];
        if are_new.next() == Some(true) {
            d.fill(S::ZERO);
        }
        d
    })
}

/// Which gradients are new, and their numbers.
pub(crate) fn apart<S, const N: usize>(x_bar: [Grad<'_, S>; N]) -> ([bool; N], [&mut [S]; N]) {
    let are_new = x_bar.each_ref().map(|d| d.is_new);
    (are_new, x_bar.map(|d| d.numbers))
}

/// What f keeps of the operands, and of y; in place of the rest stands anything of the same length.
fn kept<'a, S, const N: usize, F: Pointwise<N>>(
    x: [&'a [S]; N],
    y: &'a [S],
    y_bar: &'a [S],
) -> ([&'a [S]; N], [&'a [S]; 2]) {
    let kept = |x, kept| if kept { x } else { y_bar };
    let x = array::from_fn(|k| kept(x[k], F::KEEPS.input(k)));
    (x, [kept(y, F::KEEPS.output()), y_bar])
}

#[derive(Clone, Copy)]
struct AddTerm<F>(F);
impl<const N: usize, F: Pointwise<N>> Formula<N, N> for AddTerm<F> {
    #[inline(always)]
    fn at<S: Scalar>(&self, x: [S; N], [y, y_bar]: [S; 2], x_bar: [S; N]) -> [S; N] {
        let x = array::from_fn(|k| read(x[k], F::KEEPS.input(k)));
        let partials = self.0.partials(x, read(y, F::KEEPS.output()));
        array::from_fn(|k| x_bar[k] + y_bar.through(partials[k]))
    }
}

/// A block of what is kept; of the rest nothing.
fn part<'a, S>(x: &'a [S], block: &Range<usize>) -> &'a [S] {
    if x.is_empty() { x } else { &x[block.clone()] }
}

/// Adds [`terms`] to the gradients of one number, for which each operand is one number too. On a
/// tape of such, blocks and layouts would take most of the time.
fn add_term<S: Scalar, const N: usize, F: Pointwise<N>>(
    f: F,
    x: &Inputs<'_, S>,
    y: &[S],
    y_bar: &[S],
    x_bar: &mut Grads<'_, S>,
) {
    let x = array::from_fn(|k| if F::KEEPS.input(k) { &x[k] } else { &[][..] });
    let mut memory = [[S::ZERO]; N];
    terms(f, x, y, y_bar, memory.each_mut().map(|term| &mut term[..]));
    for (k, [term]) in memory.into_iter().enumerate() {
        if let Some(d) = x_bar.of(k) {
            d[0] += term;
        }
    }
}

#[inline(always)]
fn read<S: Scalar>(x: S, kept: bool) -> S {
    if kept { x } else { S::of(f64::NAN) }
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
            if !wanted[k] {
                continue;
            }
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
