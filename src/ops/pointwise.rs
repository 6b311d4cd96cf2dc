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
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
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
        let layout = layouts::<S, N>(F::NAME, x);
        let x = operands::<S, N>(x, Keeps::Inputs);
        each(0..y.len(), &layout, |i, at| {
            y[i] = self.0.value(array::from_fn(|k| x[k][at[k]]));
        });
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let layout = layouts::<S, N>(F::NAME, x);
        let x = operands::<S, N>(x, F::KEEPS);
        let partials = |i: usize, at: [usize; N]| {
            let x = array::from_fn(|k| read(x[k], F::KEEPS.input(k), at[k]));
            let partials = self.0.partials(x, read(y, F::KEEPS.output(), i));
            partials.map(|partial| y_bar[i].through(partial))
        };
        add_partials(y_bar.len(), &layout, x_bar, partials);
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
        let layout = layouts::<S, N>(F::NAME, x);
        let x = operands::<S, N>(x, Keeps::Inputs);
        y[0] = reduce::sum_of(self.count, &|i| {
            self.f.value(array::from_fn(|k| x[k][layout[k].index(i)]))
        });
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let keeps = Op::<S>::keeps(self);
        let layout = layouts::<S, N>(F::NAME, x);
        let x = operands::<S, N>(x, keeps);
        let partials = |_: usize, at: [usize; N]| {
            let x = array::from_fn(|k| read(x[k], keeps.input(k), at[k]));
            let y = if F::KEEPS.output() {
                self.f.value(x)
            } else {
                S::of(f64::NAN)
            };
            self.f
                .partials(x, y)
                .map(|partial| y_bar[0].through(partial))
        };
        add_partials(self.count, &layout, x_bar, partials);
    }
}

/// The operands' numbers, or empty slices where the operation does not read them.
fn operands<'a, S: Scalar, const N: usize>(x: &'a Inputs<'_, S>, keeps: Keeps) -> [&'a [S]; N] {
    array::from_fn(|k| if keeps.input(k) { &x[k] } else { &[][..] })
}

#[inline(always)]
fn read<S: Scalar>(x: &[S], kept: bool, i: usize) -> S {
    if kept { x[i] } else { S::of(f64::NAN) }
}

/// Elements whose partials are held at a time: few enough for the stack and the L1 cache.
const BLOCK: usize = 64;

/// Adds `partials(i, at)[k]` to the gradient of each operand k that wants one, for all n elements.
#[inline(always)]
fn add_partials<S: Scalar, const N: usize>(
    n: usize,
    layout: &[Broadcast; N],
    x_bar: &mut Grads<'_, S>,
    partials: impl Fn(usize, [usize; N]) -> [S; N],
) {
    let is_one = layout.map(|l| matches!(l, Broadcast::One));
    // An operand that is one number takes many terms: pairwise, so that the error does not grow
    // with n.
    for k in (0..N).filter(|&k| is_one[k]) {
        let Some(d) = x_bar.of(k) else { continue };
        d[0] += reduce::sum_of(n, &|i| partials(i, layout.map(|l| l.index(i)))[k]);
    }
    // The partials of the others are often one computation: it is done once for all of them.
    let rest = array::from_fn::<_, N, _>(|k| !is_one[k] && x_bar.wants(k));
    if n == 0 || !rest.contains(&true) {
        return;
    }
    // An operand that repeats sums its terms when it has them all: pairwise too.
    let repeats = |k: usize| rest[k] && !matches!(layout[k], Broadcast::Same);
    let mut gathered = array::from_fn::<_, N, _>(|k| repeats(k).then(|| x_bar.scratch(n)));
    let mut terms = [[S::ZERO; BLOCK]; N];
    for start in (0..n).step_by(BLOCK) {
        let block = start..n.min(start + BLOCK);
        each(block.clone(), layout, |i, at| {
            for (terms, partial) in terms.iter_mut().zip(partials(i, at)) {
                terms[i - start] = partial;
            }
        });
        for k in (0..N).filter(|&k| rest[k]) {
            let terms = &terms[k][..block.len()];
            if let Some(gathered) = &mut gathered[k] {
                gathered[block.clone()].copy_from_slice(terms);
            } else if let Some(d) = x_bar.of(k) {
                add(&mut d[block.clone()], terms);
            }
        }
    }
    for (k, gathered) in gathered.into_iter().enumerate() {
        let Some(mut terms) = gathered else { continue };
        let mut count = n;
        for [outer, along, inner] in layout[k].runs(n) {
            reduce::sums_in_place(&mut terms[..count], [outer, along, inner]);
            count = outer * inner;
        }
        if let Some(d) = x_bar.of(k) {
            add(d, &terms[..count]);
        }
        x_bar.give_back(terms);
    }
}

/// Calls `visit(i, at)` for each element i of a range, where `at[k]` is operand k's element there.
#[inline(always)]
fn each<const N: usize>(
    range: Range<usize>,
    layout: &[Broadcast; N],
    mut visit: impl FnMut(usize, [usize; N]),
) {
    if layout.iter().all(|l| matches!(l, Broadcast::Same)) {
        for i in range {
            visit(i, [i; N]);
        }
    } else if let Some(period) = common_period(layout) {
        // The usual broadcast, of a row over a batch, counts: a division for each element would
        // cost more than most operations.
        let mut in_row = range.start % period;
        for i in range {
            let at = array::from_fn(|k| match layout[k] {
                Broadcast::Same => i,
                Broadcast::One => 0,
                _ => in_row,
            });
            visit(i, at);
            in_row += 1;
            if in_row == period {
                in_row = 0;
            }
        }
    } else {
        for i in range {
            visit(i, layout.map(|l| l.index(i)));
        }
    }
}

/// The length of the rows over which the operands repeat, if it is the same for all.
fn common_period(layout: &[Broadcast]) -> Option<usize> {
    let mut common = None;
    for l in layout {
        match *l {
            Broadcast::Same | Broadcast::One => {}
            Broadcast::Rows { period } if common.is_none_or(|c| c == period) => {
                common = Some(period).filter(|&p| p > 0);
            }
            _ => return None,
        }
    }
    common
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Map, "mul", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise(Mul, [a, b])),
    law!(MapSum, "add", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise_sum(Add, [a, b])),
    law!(MapSum, "mul", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) => pointwise_sum(Mul, [a, b])),
    law!(MapSum, "div", (a: "..." in Domain::NONZERO, b: "..." in Domain::NONZERO) => pointwise_sum(Div, [a, b])),
    law!(MapSum, "exp", (x: "..." in Domain::REAL) => pointwise_sum(Exp, [x])),
];
