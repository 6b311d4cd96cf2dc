//! Sums and means over all elements or along axes, and their transpose, which repeats.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `sum`, `sum_axes` | Σ x | ȳ, repeated | nothing |
//! | `mean`, `mean_axes` | Σ x / n | ȳ / n, repeated | nothing |
//! | `broadcast_to` | axes of extent 1, and missing ones, repeated | Σ ȳ over what was repeated | nothing |
//!
//! Axes that follow each other are one operation, from the last ones on: no element asks for its
//! place. The mean of no elements is a panic ("no rows"), never NaN; their sum is 0.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Broadcast, MAX_RANK, Shape, broadcast};

/// y = c Σ x over the middle one of the extents `[outer, n, inner]`.
struct Sum {
    name: &'static str,
    factor: f64,
    extents: [usize; 3],
}

impl<S: Scalar> Op<S> for Sum {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, x: &Inputs<'_, S>, _: Shape) -> u64 {
        x.shape(0).size() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y.fill(S::ZERO);
        reduce::add_sums(&x[0], self.extents, y);
        if self.factor != 1.0 {
            let factor = S::of(self.factor);
            for y in y {
                *y *= factor;
            }
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let factor = S::of(self.factor);
        let Some(d) = x_bar.of(0) else { return };
        each_repeat(self.extents, y_bar, d, |y_bar, d| *d += factor * y_bar);
    }
}

/// y repeats x, of the extents `[outer, inner]`, n times between the two.
struct Repeat {
    extents: [usize; 3],
}

impl<S: Scalar> Op<S> for Repeat {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, _: &Inputs<'_, S>, _: Shape) -> u64 {
        0
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        each_repeat(self.extents, &x[0], y, |x, y| *y = x);
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        reduce::add_sums(y_bar, self.extents, d);
    }
}

/// Calls `visit(one, many)` for each element of `many`, of the extents `[outer, n, inner]`, and the
/// one of `one`, of `[outer, inner]`, that it repeats.
#[inline]
fn each_repeat<S: Scalar>(
    [_, n, inner]: [usize; 3],
    one: &[S],
    many: &mut [S],
    mut visit: impl FnMut(S, &mut S),
) {
    if many.is_empty() {
        return;
    }
    for (one, many) in one.chunks(inner).zip(many.chunks_mut(n * inner)) {
        if let [one] = *one {
            for many in many {
                visit(one, many);
            }
        } else {
            for many in many.chunks_mut(inner) {
                for (many, &one) in many.iter_mut().zip(one) {
                    visit(one, many);
                }
            }
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// Σ over all elements, a number of shape `[]`.
    #[track_caller]
    pub fn sum(self) -> Self {
        self.reduce("sum", all(self.shape()), |_| 1.0)
    }
    /// Σ over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    pub fn sum_axes(self, axes: &[usize]) -> Self {
        self.reduce("sum", axes, |_| 1.0)
    }
    /// The mean of all elements, a number of shape `[]`.
    ///
    /// # Panics
    /// If there is no element.
    #[track_caller]
    pub fn mean(self) -> Self {
        self.mean_axes(all(self.shape()))
    }
    /// The mean over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist, is named twice, or the axes hold no element.
    #[track_caller]
    pub fn mean_axes(self, axes: &[usize]) -> Self {
        self.check_averaged("mean", axes);
        self.reduce("mean", axes, |n| 1.0 / n as f64)
    }

    /// Every axis of this value.
    pub(super) fn all_axes(self) -> &'static [usize] {
        all(self.shape())
    }
    /// This value as rows `[.., n]` that run along `axes`, in order, and the shape that is left
    /// when these disappear.
    #[track_caller]
    pub(super) fn rows_along(self, name: &str, axes: &[usize]) -> (Self, Shape) {
        let shape = self.shape();
        let Reduced { left, count, .. } = Reduced::new(name, shape, axes);
        let kept = (0..shape.rank()).filter(|axis| !axes.contains(axis));
        let last = (0..shape.rank()).filter(|axis| axes.contains(axis));
        let order: Vec<usize> = kept.chain(last).collect();
        let x = if order.is_sorted() {
            self
        } else {
            self.permute(&order)
        };
        (x.reshape([left.size(), count]), left)
    }

    /// Each of `axes` must exist, and be named once.
    #[track_caller]
    pub(super) fn check_axes(self, name: &str, axes: &[usize]) {
        Reduced::new(name, self.shape(), axes);
    }
    /// Something must lie along `axes`.
    #[track_caller]
    pub(super) fn check_averaged(self, name: &str, axes: &[usize]) {
        let shape = self.shape();
        let Reduced { count, .. } = Reduced::new(name, shape, axes);
        assert!(count > 0, "{name}: {shape} has no rows to average");
    }

    #[track_caller]
    fn reduce(self, name: &'static str, axes: &[usize], factor: impl Fn(usize) -> f64) -> Self {
        let shape = self.shape();
        let Reduced { kept, left, count } = Reduced::new(name, shape, axes);
        let mut runs = Broadcast::new(kept, shape).runs(shape.size()).peekable();
        let mut x = self;
        while let Some(extents) = runs.next() {
            let [outer, _, inner] = extents;
            let (factor, shape) = match runs.peek() {
                Some(_) => (1.0, [outer, inner].into()),
                None => (factor(count), left),
            };
            let sum = Sum {
                name,
                factor,
                extents,
            };
            x = self.tape().apply(sum, [x], shape);
        }
        x
    }
    /// This value repeated to another shape, as numpy broadcasts it.
    ///
    /// # Panics
    /// If it does not broadcast to that shape.
    #[track_caller]
    pub fn broadcast_to(self, shape: impl Into<Shape>) -> Self {
        let (from, to) = (self.shape(), shape.into());
        assert!(
            broadcast(from, to) == Some(to),
            "broadcast_to: {from} does not broadcast to {to}"
        );
        let (mut runs, mut count) = ([[0; 3]; MAX_RANK], 0);
        for run in Broadcast::new(from, to).runs(to.size()) {
            runs[count] = run;
            count += 1;
        }
        // From the first axes on: what is repeated last is what the way back sums first.
        let mut x = self;
        for (left, &extents) in runs[..count].iter().enumerate().rev() {
            let [outer, n, inner] = extents;
            let shape = if left == 0 {
                to
            } else {
                [outer, n, inner].into()
            };
            x = self.tape().apply(Repeat { extents }, [x], shape);
        }
        x
    }
}

/// What a reduction over some axes leaves of a shape.
struct Reduced {
    /// With these axes left in as 1.
    kept: Shape,
    /// Without them.
    left: Shape,
    /// Elements along them.
    count: usize,
}

impl Reduced {
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    fn new(name: &str, shape: Shape, axes: &[usize]) -> Self {
        let (mut kept, mut count) = (shape, 1);
        // An array, because a training step allocates nothing.
        let (mut left, mut rank) = ([1; MAX_RANK], 0);
        for axis in 0..shape.rank() {
            match axes.iter().filter(|&&a| a == axis).count() {
                0 => {
                    left[rank] = shape.dim(axis);
                    rank += 1;
                }
                1 => {
                    count *= shape.dim(axis);
                    kept = kept.with(axis, 1);
                }
                _ => panic!("{name}: axis {axis} of {shape} is named twice"),
            }
        }
        if let Some(axis) = axes.iter().find(|&&a| a >= shape.rank()) {
            panic!("{name}: {shape} has no axis {axis}");
        }
        let left = Shape::new(&left[..rank]);
        Reduced { kept, left, count }
    }
}

/// Every axis of a shape.
fn all(shape: Shape) -> &'static [usize] {
    const AXES: [usize; MAX_RANK] = [0, 1, 2, 3, 4, 5, 6, 7];
    &AXES[..shape.rank()]
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Sum, "sum", (x: "..." in Domain::REAL) => x.sum()),
    law!(Sum, "sum", (x: "abc" in Domain::REAL) => x.sum_axes(&[1])),
    law!(Sum, "sum", (x: "abc" in Domain::REAL) => x.sum_axes(&[2, 0])),
    law!(Sum, "sum", (x: "ab" in Domain::REAL) => x.sum_axes(&[])),
    law!(Sum, "mean", (x: "AB" in Domain::REAL) => x.mean()),
    law!(Sum, "mean", (x: "Abc" in Domain::REAL) => x.mean_axes(&[0])),
    law!(Sum, "mean", (x: "aBC" in Domain::REAL) => x.mean_axes(&[1, 2])),
    law!(Repeat, "broadcast_to", (x: "a1" in Domain::REAL) => x.broadcast_to([2, x.shape().dim(0), 3])),
    law!(Repeat, "broadcast_to", (x: "" in Domain::REAL) => x.broadcast_to([2, 3])),
    law!(Repeat, "broadcast_to", (x: "ab" in Domain::REAL) => x.tile(&[2, 3])),
    law!(Repeat, "broadcast_to", (x: "ab" in Domain::REAL) => x.repeat(3, 0)),
];
