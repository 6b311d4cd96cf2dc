//! Operations that read the same numbers in another order: affine in the indices.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `permute`, `transpose`, `t` | the axes in another order | ȳ, back in the old order | nothing |
//! | `slice` | y_j = x_(start + j step) along each axis | ȳ there, 0 elsewhere | nothing |
//! | `flip` | axes backwards | ȳ backwards | nothing |
//! | `pad` | x amid constants | ȳ where x stands | nothing |
//!
//! and what is made of these: `expand_dims`, `squeeze`, `flatten`, `roll`, `tile`, `repeat`.

use std::ops::Range;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::layout::concat;
use crate::kernels::Scalar;
use crate::kernels::reduce::add;
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{MAX_RANK, Shape};

/// Element (j₀, j₁, …) of y is element `offset + Σ jₖ strides[k]` of x.
struct View {
    name: &'static str,
    shape: Shape,
    offset: usize,
    strides: [isize; MAX_RANK],
}

impl View {
    /// Calls `line(y, x, step)` for each line along the last axis: the places of its elements in
    /// y, of the first one in x, and how far the next one is.
    fn lines(&self, mut line: impl FnMut(Range<usize>, usize, isize)) {
        if self.shape.size() == 0 {
            return;
        }
        let outer = self.shape.rank().saturating_sub(1);
        let len = self.shape.dim(outer);
        let step = self.strides[outer];
        let mut at = [0; MAX_RANK];
        let mut x = self.offset as isize;
        for y in (0..self.shape.size()).step_by(len) {
            line(y..y + len, x as usize, step);
            // To the next line: as an odometer turns.
            for axis in (0..outer).rev() {
                at[axis] += 1;
                x += self.strides[axis];
                if at[axis] < self.shape.dim(axis) {
                    break;
                }
                x -= self.strides[axis] * at[axis] as isize;
                at[axis] = 0;
            }
        }
    }
}

impl<S: Scalar> Op<S> for View {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let x = &x[0];
        self.lines(|place, start, step| {
            if step == 1 {
                let len = place.len();
                y[place].copy_from_slice(&x[start..start + len]);
            } else {
                for (j, y) in y[place].iter_mut().enumerate() {
                    *y = x[start.wrapping_add_signed(j as isize * step)];
                }
            }
        });
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        self.lines(|place, start, step| {
            for (j, &y_bar) in y_bar[place].iter().enumerate() {
                d[start.wrapping_add_signed(j as isize * step)] += y_bar;
            }
        });
    }
}

/// x amid constants; `place` reads it out of the result.
struct Pad {
    value: f64,
    place: View,
}

impl<S: Scalar> Op<S> for Pad {
    fn name(&self) -> &'static str {
        self.place.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.fill(S::of(self.value));
        self.place.lines(|own, whole, _| {
            y[whole..whole + own.len()].copy_from_slice(&x[0][own]);
        });
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        self.place.lines(|own, whole, _| {
            let y_bar = &y_bar[whole..whole + own.len()];
            add(&mut d[own], y_bar);
        });
    }
}

/// Places of an axis: `count` of them from `start` on, each `step` after the last one.
///
/// `(2..5).into()` is a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The first place.
    pub start: usize,
    /// How many places.
    pub count: usize,
    /// From one to the next; negative to go backwards.
    pub step: isize,
}

impl From<Range<usize>> for Slice {
    fn from(range: Range<usize>) -> Self {
        Slice {
            start: range.start,
            count: range.len(),
            step: 1,
        }
    }
}

impl Slice {
    /// Whether all its places lie below `extent`.
    fn fits(self, extent: usize) -> bool {
        let Some(steps) = self.count.checked_sub(1) else {
            return self.start <= extent;
        };
        let last = (steps as i128) * (self.step as i128) + self.start as i128;
        self.start < extent && (0..extent as i128).contains(&last)
    }
}

/// The strides of a tensor of this shape, in the order of rows.
fn row_major(shape: Shape) -> [isize; MAX_RANK] {
    let mut strides = [0; MAX_RANK];
    let mut step = 1;
    for axis in (0..shape.rank()).rev() {
        strides[axis] = step as isize;
        step *= shape.dim(axis);
    }
    strides
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The axes in another order: axis k of the result is axis `axes[k]` of this value.
    ///
    /// # Panics
    /// If `axes` is not each axis once.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::<f32>::zeros([2, 3, 4]));
    /// assert_eq!(x.permute(&[2, 0, 1]).shape().dims(), [4, 2, 3]);
    /// ```
    #[track_caller]
    pub fn permute(self, axes: &[usize]) -> Self {
        self.permuted("permute", axes)
    }
    /// Axes `a` and `b` exchanged.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn transpose(self, a: usize, b: usize) -> Self {
        self.axis_checked("transpose", a);
        let rank = self.axis_checked("transpose", b).rank();
        let mut axes = [0, 1, 2, 3, 4, 5, 6, 7];
        axes.swap(a, b);
        self.permuted("transpose", &axes[..rank])
    }
    /// The transpose of a matrix.
    ///
    /// # Panics
    /// If it is no matrix.
    #[track_caller]
    pub fn t(self) -> Self {
        let shape = self.shape();
        assert!(shape.rank() == 2, "t: {shape} is no matrix");
        self.permuted("t", &[1, 0])
    }
    #[track_caller]
    fn permuted(self, name: &'static str, axes: &[usize]) -> Self {
        let shape = self.shape();
        let once = |axis| axes.iter().filter(|&&a| a == axis).count() == 1;
        assert!(
            axes.len() == shape.rank() && (0..shape.rank()).all(once),
            "{name}: {axes:?} is no order of the axes of {shape}"
        );
        let (mut dims, mut strides) = ([1; MAX_RANK], [0; MAX_RANK]);
        let from = row_major(shape);
        for (k, &axis) in axes.iter().enumerate() {
            dims[k] = shape.dim(axis);
            strides[k] = from[axis];
        }
        let shape = Shape::new(&dims[..axes.len()]);
        self.view(name, shape, 0, strides)
    }
    /// Places of the first axes, one [`Slice`] each; axes without one stay whole.
    ///
    /// # Panics
    /// If there are more slices than axes, or a place lies outside.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::Slice};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::from_fn([2, 4], |i| i as f32));
    /// let y = x.slice(&[(0..2).into(), Slice { start: 3, count: 2, step: -2 }]);
    /// assert_eq!(y.value().as_slice(), [3.0, 1.0, 7.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn slice(self, slices: &[Slice]) -> Self {
        self.sliced("slice", slices)
    }
    #[track_caller]
    fn sliced(self, name: &'static str, slices: &[Slice]) -> Self {
        let shape = self.shape();
        assert!(
            slices.len() <= shape.rank(),
            "{name}: {} slices, but {shape} has {} axes",
            slices.len(),
            shape.rank()
        );
        let mut strides = row_major(shape);
        let (mut to, mut offset) = (shape, 0);
        for (axis, slice) in slices.iter().enumerate() {
            assert!(
                slice.fits(shape.dim(axis)),
                "{name}: {slice:?} reaches outside of axis {axis} of {shape}"
            );
            offset += slice.start * strides[axis] as usize;
            strides[axis] *= slice.step;
            to = to.with_of(name, axis, slice.count);
        }
        self.view(name, to, offset, strides)
    }
    /// The elements along `axes` in reverse order.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    pub fn flip(self, axes: &[usize]) -> Self {
        let shape = self.shape();
        self.check_axes("flip", axes);
        let whole = |axis: usize| match shape.dim(axis) {
            count if axes.contains(&axis) && count > 0 => Slice {
                start: count - 1,
                count,
                step: -1,
            },
            count => (0..count).into(),
        };
        let slices: Vec<Slice> = (0..shape.rank()).map(whole).collect();
        self.sliced("flip", &slices)
    }
    /// Numbers `value` around this value: `widths[k]` says how many before and after along axis k.
    ///
    /// # Panics
    /// If there is not a pair for each axis, or the number of elements overflows.
    #[track_caller]
    pub fn pad(self, widths: &[[usize; 2]], value: f64) -> Self {
        let shape = self.shape();
        assert!(
            widths.len() == shape.rank(),
            "pad: {shape} needs {} pairs of widths, found {}",
            shape.rank(),
            widths.len()
        );
        let mut to = shape;
        for (axis, &[left, right]) in widths.iter().enumerate() {
            let sum = shape.dim(axis).checked_add(left);
            let Some(extent) = sum.and_then(|sum| sum.checked_add(right)) else {
                panic!("pad: {left} and {right} around axis {axis} of {shape} overflow");
            };
            to = to.with_of("pad", axis, extent);
        }
        let strides = row_major(to);
        let before = widths.iter().zip(strides);
        let place = View {
            name: "pad",
            shape,
            offset: before
                .map(|(&[left, _], stride)| left * stride as usize)
                .sum(),
            strides,
        };
        self.tape().apply(Pad { value, place }, [self], to)
    }

    #[track_caller]
    fn view(
        self,
        name: &'static str,
        shape: Shape,
        offset: usize,
        strides: [isize; MAX_RANK],
    ) -> Self {
        let view = View {
            name,
            shape,
            offset,
            strides,
        };
        self.tape().apply(view, [self], shape)
    }

    /// New axes of extent 1: `axes` are their places in the result.
    ///
    /// # Panics
    /// If a place lies outside of the result or is named twice, or it has more than eight axes.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::<f32>::zeros([2, 3]));
    /// assert_eq!(x.mean_axes(&[1]).expand_dims(&[1]).shape().dims(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn expand_dims(self, axes: &[usize]) -> Self {
        let shape = self.shape();
        let rank = shape.rank() + axes.len();
        let once = |axis: &usize| axes.iter().filter(|a| *a == axis).count() == 1;
        assert!(
            rank <= MAX_RANK && axes.iter().all(|axis| *axis < rank && once(axis)),
            "expand_dims: {axes:?} are no places of new axes of {shape}"
        );
        let mut own = shape.dims().iter();
        let dims: Vec<usize> = (0..rank)
            .map(|axis| {
                let next = if axes.contains(&axis) {
                    None
                } else {
                    own.next()
                };
                next.copied().unwrap_or(1)
            })
            .collect();
        self.reshape(&dims[..])
    }
    /// Without `axes`, which have extent 1.
    ///
    /// # Panics
    /// If there is no such axis, or its extent is not 1.
    #[track_caller]
    pub fn squeeze(self, axes: &[usize]) -> Self {
        let shape = self.shape();
        for &axis in axes {
            let extent = self.axis_checked("squeeze", axis).dim(axis);
            assert!(
                extent == 1,
                "squeeze: axis {axis} of {shape} has extent {extent}, not 1"
            );
        }
        let kept = (0..shape.rank()).filter(|axis| !axes.contains(axis));
        let dims: Vec<usize> = kept.map(|axis| shape.dim(axis)).collect();
        self.reshape(&dims[..])
    }
    /// All elements in one axis.
    #[track_caller]
    pub fn flatten(self) -> Self {
        self.reshape([self.shape().size()])
    }
    /// The elements of each row in one axis: `[rows, ..]` to `[rows, numbers]`.
    ///
    /// # Panics
    /// If there is no axis of rows.
    #[track_caller]
    pub fn flatten_rows(self) -> Self {
        let [_, rows, numbers] = self.axis_checked("flatten_rows", 0).split(0);
        self.reshape([rows, numbers])
    }
    /// Moved by `shift` places along `axis`; what leaves at the end comes in at the start.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn roll(self, shift: isize, axis: usize) -> Self {
        let extent = self.axis_checked("roll", axis).dim(axis);
        if extent == 0 {
            return self;
        }
        let shift = shift.rem_euclid(extent as isize) as usize;
        let (head, tail) = (
            self.narrow(axis, 0..extent - shift),
            self.narrow(axis, extent - shift..extent),
        );
        concat(&[tail, head], axis)
    }
    /// Copies side by side, `counts[k]` of them along axis k.
    ///
    /// # Panics
    /// If there is not a count for each axis, or the number of elements overflows.
    #[track_caller]
    pub fn tile(self, counts: &[usize]) -> Self {
        let shape = self.shape();
        assert!(
            counts.len() == shape.rank(),
            "tile: {shape} needs {} counts, found {counts:?}",
            shape.rank()
        );
        let mut whole = shape;
        for (axis, &count) in counts.iter().enumerate() {
            whole = times("tile", whole, axis, count);
        }
        whole.check_bytes::<S>("tile"); // before memory is taken for a part of it
        let mut x = self;
        for (axis, &count) in counts.iter().enumerate() {
            x = x.copies("tile", axis, count, false);
        }
        x
    }
    /// Each element `count` times, one after the other, along `axis`.
    ///
    /// # Panics
    /// If there is no such axis, or the number of elements overflows.
    #[track_caller]
    pub fn repeat(self, count: usize, axis: usize) -> Self {
        self.axis_checked("repeat", axis);
        self.copies("repeat", axis, count, true)
    }
    /// Copies along an axis: of each element, or of the whole.
    #[track_caller]
    fn copies(self, name: &str, axis: usize, count: usize, of_each: bool) -> Self {
        let shape = self.shape();
        let longer = times(name, shape, axis, count);
        let [outer, extent, inner] = shape.split(axis);
        let (one, many) = if of_each {
            ([outer, extent, 1, inner], [outer, extent, count, inner])
        } else {
            ([outer, 1, extent, inner], [outer, count, extent, inner])
        };
        self.reshape(one).broadcast_to(many).reshape(longer)
    }
}

/// A shape with an axis that is `count` times as long.
#[track_caller]
fn times(name: &str, shape: Shape, axis: usize, count: usize) -> Shape {
    match shape.dim(axis).checked_mul(count) {
        Some(extent) => shape.with_of(name, axis, extent),
        None => panic!("{name}: {count} times axis {axis} of {shape} overflows"),
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(View, "permute", (x: "abc" in Domain::REAL) => x.permute(&[2, 0, 1])),
    law!(View, "transpose", (x: "abc" in Domain::REAL) => x.transpose(0, 2)),
    law!(View, "t", (x: "ab" in Domain::REAL) => x.t()),
    law!(View, "slice", (x: "a5" in Domain::REAL) => x.slice(&[(0..x.shape().dim(0)).into(), Slice { start: 4, count: 3, step: -2 }])),
    law!(View, "slice", (x: "4b" in Domain::REAL) => x.slice(&[Slice { start: 1, count: 2, step: 2 }])),
    law!(View, "flip", (x: "abc" in Domain::REAL) => x.flip(&[0, 2])),
    law!(Pad, "pad", (x: "abc" in Domain::REAL) => x.pad(&[[0, 0], [1, 2], [0, 1]], 0.5)),
    law!(Pad, "pad", (x: "" in Domain::REAL) => x.pad(&[], 0.5)),
    law!(View, "flip", (x: "ab" in Domain::REAL) => x.expand_dims(&[1]).flip(&[0]).squeeze(&[1]).flatten()),
    Law {
        op: "elbo::ops::layout::Concat",
        ..law!(Concat, "concat", (x: "aBc" in Domain::REAL) => x.roll(-1, 1))
    },
];
