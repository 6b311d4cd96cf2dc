//! Largest and smallest elements, and the order of all.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `max`, `max_axes` | largest element | ȳ, shared equally by the elements that are as large | both |
//! | `min`, `min_axes` | smallest element | ȳ, shared likewise | both |
//! | `sort` | elements in rising order | ȳ, back in the old order | nothing |
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
        if shape.size() == 0 {
            return self;
        }
        let [_, len, inner] = shape.split(axis);
        let order = self.places("sort", axis, |x| {
            let is_nan = |i: usize| x[i].value().is_nan();
            let mut places: Vec<usize> = (0..x.len()).collect();
            places.sort_by(|&a, &b| {
                let order = x[a].partial_cmp(&x[b]);
                order.unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
            });
            places
        });
        let index = |i: usize| {
            let line = i / (len * inner) * inner + i % inner;
            order[line][i / inner % len]
        };
        let indices: Vec<usize> = (0..shape.size()).map(index).collect();
        self.gather(axis, shape, &indices)
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
];

/// x, with a different whole number times 7 added to each element: no two are near each other.
#[cfg(any(test, feature = "proptest"))]
fn apart<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    let count = x.shape().size();
    let far = |numbers: &mut [S]| {
        for (i, number) in numbers.iter_mut().enumerate() {
            *number = S::of(7.0 * (i * 5 % count.max(1)) as f64 + 0.01 * i as f64);
        }
    };
    x + x.tape().generate(x.shape(), far)
}
