//! Operations that move numbers and change none.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `reshape` | the same numbers, another shape | ȳ | nothing |
//! | `concat` | the operands one after the other along an axis | their part of ȳ | nothing |
//! | `narrow` | a range of an axis | ȳ there, 0 elsewhere | nothing |
//!
//! and what is made of these: `stack`, `split`.

use std::ops::Range;

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
use crate::kernels::reduce::add;
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{MAX_RANK, Shape};

struct Reshape;

impl<S: Scalar> Op<S> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.copy_from_slice(&x[0]);
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d) = x_bar.of(0) {
            add(d, y_bar);
        }
    }
}

struct Concat {
    axis: usize,
    /// Elements of the result from one block of the axis to the next.
    stride: usize,
}

impl Concat {
    /// Calls `block(i, own, whole)` with the places of each contiguous block of input i: in the
    /// input and in the result.
    fn blocks<S: Scalar>(
        &self,
        x: &Inputs<'_, S>,
        mut block: impl FnMut(usize, Range<usize>, Range<usize>),
    ) {
        let mut offset = 0;
        for i in 0..x.len() {
            let [outer, len, inner] = x.shape(i).split(self.axis);
            let size = len * inner;
            for o in 0..outer {
                let whole = o * self.stride + offset;
                block(i, o * size..(o + 1) * size, whole..whole + size);
            }
            offset += size;
        }
    }
}

impl<S: Scalar> Op<S> for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        self.blocks(x, |i, own, whole| y[whole].copy_from_slice(&x[i][own]));
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        self.blocks(x, |i, own, whole| {
            if let Some(d) = x_bar.of(i) {
                add(&mut d[own], &y_bar[whole]);
            }
        });
    }
}

/// Joins `parts` along `axis`.
///
/// # Panics
/// If there is none, their shapes differ along another axis, or the number of elements overflows.
#[track_caller]
pub fn concat<'t, S: Scalar>(parts: &[Var<'t, S>], axis: usize) -> Var<'t, S> {
    join("concat", parts, axis)
}

/// [`concat`], for the function of this name.
#[track_caller]
pub(super) fn join<'t, S: Scalar>(name: &str, parts: &[Var<'t, S>], axis: usize) -> Var<'t, S> {
    let Some(first) = parts.first() else {
        panic!("{name}: nothing to join");
    };
    let shape = first.axis_checked(name, axis);
    let mut extent: usize = 0;
    for part in parts {
        let other = part.shape();
        assert!(
            other.rank() == shape.rank() && other.with(axis, shape.dim(axis)) == shape,
            "{name}: {shape} and {other} differ along another axis than {axis}"
        );
        extent = match extent.checked_add(other.dim(axis)) {
            Some(extent) => extent,
            None => panic!("{name}: the extents of axis {axis} of {shape} and others overflow"),
        };
    }
    let shape = shape.with_of(name, axis, extent);
    let [_, len, inner] = shape.split(axis);
    let stride = len * inner;
    first.tape().apply(Concat { axis, stride }, parts, shape)
}

struct Narrow {
    axis: usize,
    start: usize,
    len: usize,
}

impl Narrow {
    /// The places of each block in the input and in the result.
    fn blocks(&self, shape: Shape) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let [outer, extent, inner] = shape.split(self.axis);
        let (start, size) = (self.start * inner, self.len * inner);
        (0..outer).map(move |o| {
            let from = o * extent * inner + start;
            (from..from + size, o * size..(o + 1) * size)
        })
    }
}

impl<S: Scalar> Op<S> for Narrow {
    fn name(&self) -> &'static str {
        "narrow"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for (from, to) in self.blocks(x.shape(0)) {
            y[to].copy_from_slice(&x[0][from]);
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for (from, to) in self.blocks(x.shape(0)) {
            add(&mut d[from], &y_bar[to]);
        }
    }
}

/// Joins `parts`, all of one shape, along a new axis at place `axis`.
///
/// # Panics
/// If there is none, their shapes differ, or there is no such place.
#[track_caller]
pub fn stack<'t, S: Scalar>(parts: &[Var<'t, S>], axis: usize) -> Var<'t, S> {
    let Some(first) = parts.first() else {
        panic!("stack: nothing to join");
    };
    let shape = first.shape();
    assert!(
        axis <= shape.rank() && shape.rank() < MAX_RANK,
        "stack: {shape} has no place {axis} for a new axis"
    );
    if let Some(other) = parts.iter().find(|part| part.shape() != shape) {
        panic!("stack: shapes {shape} and {} differ", other.shape());
    }
    // A loop: a closure would record its own line as the caller's.
    let mut slices = Vec::with_capacity(parts.len());
    for part in parts {
        slices.push(part.expand_dims(&[axis]));
    }
    join("stack", &slices, axis)
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The same numbers, in the order of rows, under another shape.
    ///
    /// # Panics
    /// If the numbers of elements differ.
    #[track_caller]
    pub fn reshape(self, shape: impl Into<Shape>) -> Self {
        let (from, to) = (self.shape(), shape.into());
        assert!(
            from.size() == to.size(),
            "reshape: {from} has {} elements, {to} has {}",
            from.size(),
            to.size()
        );
        self.tape().apply(Reshape, [self], to)
    }
    /// The part of `axis` that lies in `range`.
    ///
    /// # Panics
    /// If there is no such axis or the range ends beyond it.
    #[track_caller]
    pub fn narrow(self, axis: usize, range: Range<usize>) -> Self {
        let shape = self.axis_checked("narrow", axis);
        assert!(
            range.start <= range.end && range.end <= shape.dim(axis),
            "narrow: {range:?} is no range of axis {axis} of {shape}"
        );
        let op = Narrow {
            axis,
            start: range.start,
            len: range.len(),
        };
        self.tape().apply(op, [self], shape.with(axis, range.len()))
    }
    /// Parts of `axis`, one after the other, of these sizes.
    ///
    /// # Panics
    /// If there is no such axis, or the sizes are not its extent together.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::<f32>::zeros([2, 5]));
    /// let parts = x.split(1, &[2, 3]);
    /// assert_eq!(parts[1].shape().dims(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn split(self, axis: usize, sizes: &[usize]) -> Vec<Self> {
        let shape = self.axis_checked("split", axis);
        let extent = shape.dim(axis);
        assert!(
            sizes
                .iter()
                .try_fold(0, |sum: usize, &n| sum.checked_add(n))
                == Some(extent),
            "split: {sizes:?} are not the {extent} of axis {axis} of {shape} together"
        );
        let mut start = 0;
        let mut parts = Vec::with_capacity(sizes.len());
        for &size in sizes {
            parts.push(self.narrow(axis, start..start + size));
            start += size;
        }
        parts
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Reshape, "reshape", (x: "abc" in Domain::REAL) => x.reshape([x.shape().size()])),
    law!(Concat, "concat", (a: "an" in Domain::REAL, b: "bn" in Domain::REAL) => concat(&[a, b], 0)),
    law!(Concat, "concat", (a: "nap" in Domain::REAL, b: "nbp" in Domain::REAL, c: "ncp" in Domain::REAL) => concat(&[a, b, c], 1)),
    law!(Concat, "concat", (a: "nm" in Domain::REAL, b: "nm" in Domain::REAL) => stack(&[a, b], 1)),
    law!(Narrow, "narrow", (x: "a5c" in Domain::REAL) => {
        let parts = x.split(1, &[2, 0, 3]);
        concat(&[parts[2], parts[0], parts[1]], 1)
    }),
    law!(Narrow, "narrow", (x: "4b" in Domain::REAL) => x.narrow(0, 1..3)),
    law!(Narrow, "narrow", (x: "a5c" in Domain::REAL) => x.narrow(1, 0..3)),
    law!(Narrow, "narrow", (x: "a3" in Domain::REAL) => x.narrow(1, 2..2)),
];
