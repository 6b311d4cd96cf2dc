//! Largest and smallest elements, and the order of all.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `max`, `max_axes` | largest element | ȳ, shared equally by the elements that are as large | both |
//! | `min`, `min_axes` | smallest element | ȳ, shared likewise | both |
//! | `sort` | elements in rising order | ȳ, back in the old order | nothing |
//! | `top_k` | the k largest in falling order | ȳ, where they came from | nothing |
//!
//! A NaN is larger and smaller than everything: it is the result, and takes the gradient. No
//! element is no maximum: a panic.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};

/// Whether `x` takes the place of the extreme element so far: a NaN does, and keeps it.
fn beats<S: Scalar>(largest: bool, x: S, best: S) -> bool {
    x.value().is_nan() || if largest { x > best } else { x < best }
}

/// `best` with the mean of the derivatives that its equals, among them itself, carry; its value
/// is exactly theirs, also where it is infinite.
pub(super) fn shared<S: Scalar>(best: S, equals: impl Iterator<Item = S>) -> S {
    let value = best.constant();
    let (mut count, mut moved) = (0, S::ZERO);
    for x in equals {
        count += 1;
        moved += x - value; // 0 and a derivative
    }
    if count < 2 || !value.is_finite() {
        return best;
    }
    value + moved / S::of(f64::from(count))
}

/// The largest element of each row of `len`, or the smallest.
struct Extremum {
    name: &'static str,
    largest: bool,
    len: usize,
}

impl<S: Scalar> Op<S> for Extremum {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Both
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for (y, row) in y.iter_mut().zip(x[0].chunks_exact(self.len)) {
            let better = |best, &x| {
                if beats(self.largest, x, best) {
                    x
                } else {
                    best
                }
            };
            let best = row[1..].iter().fold(row[0], better);
            *y = shared(best, row.iter().copied().filter(|x| *x == best));
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let rows = x[0]
            .chunks_exact(self.len)
            .zip(d.chunks_exact_mut(self.len));
        for ((row, d), (y, &y_bar)) in rows.zip(y.iter().zip(y_bar)) {
            let wins = |x: &S| x == y || x.value().is_nan();
            let share = y_bar / S::of(row.iter().filter(|x| wins(x)).count() as f64);
            for (x, d) in row.iter().zip(d) {
                if wins(x) {
                    *d += share;
                }
            }
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The largest element, a number of shape `[]`; equal ones share the gradient.
    ///
    /// # Panics
    /// If there is no element.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([3], vec![2.0f64, 5.0, 5.0]));
    /// x.max().backward();
    /// assert_eq!(x.grad().as_slice(), [0.0, 0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn max(self) -> Self {
        self.max_axes(self.all_axes())
    }
    /// The largest element over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice, or the axes hold no element.
    #[track_caller]
    pub fn max_axes(self, axes: &[usize]) -> Self {
        self.extremum("max", true, axes)
    }
    /// The smallest element, a number of shape `[]`; equal ones share the gradient.
    ///
    /// # Panics
    /// If there is no element.
    #[track_caller]
    pub fn min(self) -> Self {
        self.min_axes(self.all_axes())
    }
    /// The smallest element over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice, or the axes hold no element.
    #[track_caller]
    pub fn min_axes(self, axes: &[usize]) -> Self {
        self.extremum("min", false, axes)
    }
    #[track_caller]
    fn extremum(self, name: &'static str, largest: bool, axes: &[usize]) -> Self {
        let (rows, kept) = self.rows_along(name, axes);
        let [count, len] = [rows.shape().dim(0), rows.shape().dim(1)];
        assert!(
            len > 0,
            "{name}: {} has no element along {axes:?}",
            self.shape()
        );
        let op = Extremum { name, largest, len };
        let y = self.tape().apply(op, [rows], [count].into());
        y.reshape(kept)
    }
    /// Where the largest element along `axis` stands, the first of equal ones, or a NaN: for each
    /// line, in the order of rows.
    ///
    /// # Panics
    /// If there is no such axis, or it has no element.
    #[track_caller]
    pub fn argmax(self, axis: usize) -> Vec<usize> {
        self.places("argmax", axis, |x| extreme_place(true, x))
    }
    /// Where the smallest element along `axis` stands, the first of equal ones, or a NaN: for each
    /// line, in the order of rows.
    ///
    /// # Panics
    /// If there is no such axis, or it has no element.
    #[track_caller]
    pub fn argmin(self, axis: usize) -> Vec<usize> {
        self.places("argmin", axis, |x| extreme_place(false, x))
    }
    /// The elements along `axis` in rising order; equal ones stay in theirs, NaN comes last.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn sort(self, axis: usize) -> Self {
        let shape = self.axis_checked("sort", axis);
        let places = self.ranked("sort", axis, shape.dim(axis), false);
        self.gather(axis, shape, &places)
    }
    /// Where the elements of [`sort`](Var::sort) come from, places along `axis`: what
    /// [`gather`](Var::gather) takes.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn argsort(self, axis: usize) -> Vec<usize> {
        let shape = self.axis_checked("argsort", axis);
        self.ranked("argsort", axis, shape.dim(axis), false)
    }
    /// The `k` largest elements along `axis` in falling order, and their places along it; the first
    /// of equal ones comes first, NaN before all others.
    ///
    /// # Panics
    /// If there is no such axis, or it has fewer than `k` elements.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([4], vec![0.1f64, 0.4, 0.2, 0.3]));
    /// let (largest, places) = x.top_k(2, 0);
    /// assert_eq!(largest.value().as_slice(), [0.4, 0.3]);
    /// assert_eq!(places, [1, 3]);
    /// ```
    #[track_caller]
    pub fn top_k(self, k: usize, axis: usize) -> (Self, Vec<usize>) {
        let shape = self.axis_checked("top_k", axis);
        assert!(
            k <= shape.dim(axis),
            "top_k: {shape} has no {k} elements along axis {axis}"
        );
        let places = self.ranked("top_k", axis, k, true);
        (self.gather(axis, shape.with(axis, k), &places), places)
    }
    /// The places along `axis` of its first `k` elements by rank, in the layout of a result that has
    /// so many.
    #[track_caller]
    fn ranked(self, name: &str, axis: usize, k: usize, falling: bool) -> Vec<usize> {
        let shape = self.axis_checked(name, axis);
        let size = shape.with(axis, k).size();
        if size == 0 {
            return vec![];
        }
        let lines = self.places(name, axis, |x| {
            let is_nan = |i: usize| x[i].value().is_nan();
            let rising = |a: usize, b: usize| {
                let order = x[a].partial_cmp(&x[b]);
                order.unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
            };
            let mut places: Vec<usize> = (0..x.len()).collect();
            places.sort_by(|&a, &b| if falling { rising(b, a) } else { rising(a, b) });
            places
        });
        let [_, _, inner] = shape.split(axis);
        let place = |i: usize| {
            let line = i / (k * inner) * inner + i % inner;
            lines[line][i / inner % k]
        };
        (0..size).map(place).collect()
    }
    /// What `find` says of the elements of each line along `axis`.
    #[track_caller]
    fn places<R>(self, name: &str, axis: usize, find: impl Fn(&[S]) -> R) -> Vec<R> {
        let shape = self.axis_checked(name, axis);
        let [outer, len, inner] = shape.split(axis);
        assert!(len > 0, "{name}: {shape} has no element along axis {axis}");
        let value = self.value();
        let mut line = Vec::with_capacity(len);
        let mut of_line = |i: usize| {
            let start = i / inner * len * inner + i % inner;
            line.clear();
            line.extend((0..len).map(|place| value.as_slice()[start + place * inner]));
            find(&line)
        };
        (0..outer * inner).map(&mut of_line).collect()
    }
}

/// The place of the first extreme element, or of a NaN.
fn extreme_place<S: Scalar>(largest: bool, x: &[S]) -> usize {
    let better = |best: usize, i: usize| {
        if beats(largest, x[i], x[best]) {
            i
        } else {
            best
        }
    };
    (1..x.len()).fold(0, better)
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Extremum, "max", (x: "A" in Domain::REAL) => apart(x).max()),
    law!(Extremum, "max", (x: "aBc" in Domain::REAL) => apart(x).max_axes(&[1])),
    law!(Extremum, "min", (x: "Ab" in Domain::REAL) => apart(x).min_axes(&[0])),
    law!(Extremum, "min", (x: "ABc" in Domain::REAL) => apart(x).min_axes(&[0, 1])),
    Law {
        op: "elbo::ops::index::IndexSelect",
        ..law!(IndexSelect, "gather", (x: "aBc" in Domain::REAL) => apart(x).sort(1))
    },
    Law {
        op: "elbo::ops::index::IndexSelect",
        ..law!(IndexSelect, "gather", (x: "a3b" in Domain::REAL) => apart(x).top_k(2, 1).0)
    },
];

/// x, with a different whole number times 7 added to each element: no two are near each other,
/// unless their number is a multiple of 5.
#[cfg(any(test, feature = "proptest"))]
pub(super) fn apart<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    let count = x.shape().size();
    let far = |numbers: &mut [S]| {
        for (i, number) in numbers.iter_mut().enumerate() {
            *number = S::of(7.0 * (i * 5 % count.max(1)) as f64 + 0.01 * i as f64);
        }
    };
    x + x.tape().generate(x.shape(), far)
}
