//! Log-sum-exp and its kin along one axis.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `logsumexp` | m + ln(1 + r) | ȳ softmax(x) | inputs |
//! | `log_softmax` | x - logsumexp(x) | ȳ - e^y Σȳ | output |
//! | `softmax` | e^(x - logsumexp(x)) | y (ȳ - Σ ȳ y) | output |
//!
//! m is the largest entry and r the sum of e^(x - m) over the *other* ones, so that a small rest
//! is not lost beside 1: logsumexp([0, -700]) is 9.9e-305. An entry that is -inf is masked:
//! its probability is 0. Where all entries are, all results are -inf (0 of softmax), and no gradient
//! flows. An entry of +inf takes all the probability, equal ones share it.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// One line of a tensor along an axis: element j stands at `start + j * step`.
#[derive(Clone, Copy)]
struct Lane {
    start: usize,
    step: usize,
    len: usize,
}

impl Lane {
    fn indices(self) -> impl Iterator<Item = usize> {
        (0..self.len).map(move |j| self.start + j * self.step)
    }
    /// Σ f(i) over its elements, pairwise.
    fn sum<S: Scalar>(self, f: impl Fn(usize) -> S) -> S {
        reduce::sum_of(self.len, &|j| f(self.start + j * self.step))
    }
}

/// All lines of `shape` along `axis`, in the order of the elements of the reduced shape.
fn lanes(shape: Shape, axis: usize) -> impl Iterator<Item = Lane> {
    let [outer, len, step] = shape.split(axis);
    (0..outer * step).map(move |i| Lane {
        start: i / step * len * step + i % step,
        step,
        len,
    })
}

/// m and r of a lane: logsumexp is m + ln(1 + r), and e^(x - m) / (1 + r) is the softmax.
fn statistics<S: Scalar>(x: &[S], lane: Lane) -> (S, S) {
    let mut largest = None;
    for i in lane.indices() {
        // A NaN takes the place and keeps it.
        if largest.is_none_or(|l: usize| x[i] > x[l] || x[i].value().is_nan()) {
            largest = Some(i);
        }
    }
    let Some(largest) = largest else {
        return (S::of(f64::NEG_INFINITY), S::ZERO);
    };
    let m = x[largest];
    let rest = lane.sum(|i| {
        if i == largest || is_masked(x[i]) {
            S::ZERO
        } else {
            above(x[i], m).exp()
        }
    });
    (m, rest)
}

/// x - m, and 0 for two equal infinities: of largest entries that are infinite, each has its
/// share.
fn above<S: Scalar>(x: S, m: S) -> S {
    if x == m && !m.value().is_finite() {
        S::ZERO
    } else {
        x - m
    }
}

/// Whether an entry is masked out: its probability is 0, also where all entries of its lane are.
fn is_masked<S: Scalar>(x: S) -> bool {
    x == S::of(f64::NEG_INFINITY)
}

struct LogSumExp {
    axis: usize,
}

impl<S: Scalar> Op<S> for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for (y, lane) in y.iter_mut().zip(lanes(x.shape(0), self.axis)) {
            let (m, rest) = statistics(&x[0], lane);
            *y = m + rest.ln_1p();
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for (&y_bar, lane) in y_bar.iter().zip(lanes(x.shape(0), self.axis)) {
            let (m, rest) = statistics(&x[0], lane);
            if is_masked(m) || y_bar.is_zero() {
                continue;
            }
            let scale = y_bar / (S::ONE + rest);
            for i in lane.indices() {
                d[i] += scale.through(above(x[0][i], m).exp());
            }
        }
    }
}

struct LogSoftmax {
    axis: usize,
}

impl<S: Scalar> Op<S> for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Output
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for lane in lanes(x.shape(0), self.axis) {
            let (m, rest) = statistics(&x[0], lane);
            let log_rest = rest.ln_1p();
            for i in lane.indices() {
                let x = x[0][i];
                y[i] = if is_masked(x) {
                    x
                } else {
                    above(x, m) - log_rest
                };
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for lane in lanes(x.shape(0), self.axis) {
            if lane.indices().all(|i| is_masked(y[i])) {
                continue;
            }
            let total = lane.sum(|i| y_bar[i]);
            for i in lane.indices() {
                d[i] += y_bar[i] - total.through(y[i].exp());
            }
        }
    }
}

struct Softmax {
    axis: usize,
}

impl<S: Scalar> Op<S> for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Output
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for lane in lanes(x.shape(0), self.axis) {
            let (m, rest) = statistics(&x[0], lane);
            for i in lane.indices() {
                let x = x[0][i];
                y[i] = if is_masked(x) {
                    S::ZERO
                } else {
                    above(x, m).exp() / (S::ONE + rest)
                };
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for lane in lanes(x.shape(0), self.axis) {
            let mean = lane.sum(|i| y_bar[i].through(y[i]));
            for i in lane.indices() {
                d[i] += (y_bar[i] - mean).through(y[i]);
            }
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// ln Σ e^x along `axis`, which disappears.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn logsumexp(self, axis: usize) -> Self {
        let shape = self.axis_checked("logsumexp", axis);
        self.tape()
            .apply(LogSumExp { axis }, [self], shape.without(axis))
    }
    /// ln Σ e^x over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    pub fn logsumexp_axes(self, axes: &[usize]) -> Self {
        let (rows, kept) = self.rows_along("logsumexp", axes);
        rows.logsumexp(1).reshape(kept)
    }
    /// ln softmax(x) = x - ln Σ e^x along `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn log_softmax(self, axis: usize) -> Self {
        let shape = self.axis_checked("log_softmax", axis);
        self.tape().apply(LogSoftmax { axis }, [self], shape)
    }
    /// e^x / Σ e^x along `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn softmax(self, axis: usize) -> Self {
        let shape = self.axis_checked("softmax", axis);
        self.tape().apply(Softmax { axis }, [self], shape)
    }
    /// The shape, of which `axis` is an axis.
    #[track_caller]
    pub(super) fn axis_checked(self, name: &str, axis: usize) -> Shape {
        let shape = self.shape();
        assert!(axis < shape.rank(), "{name}: {shape} has no axis {axis}");
        shape
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(LogSumExp, "logsumexp", (x: "A" in Domain::REAL) => x.logsumexp(0)),
    law!(LogSumExp, "logsumexp", (x: "aBc" in Domain::REAL) => x.logsumexp(1)),
    law!(LogSumExp, "logsumexp", (x: "AbC" in Domain::REAL) => x.logsumexp_axes(&[0, 2])),
    law!(LogSoftmax, "log_softmax", (x: "ab" in Domain::REAL) => x.log_softmax(1)),
    law!(LogSoftmax, "log_softmax", (x: "abc" in Domain::REAL) => x.log_softmax(0)),
    law!(Softmax, "softmax", (x: "ab" in Domain::REAL) => x.softmax(1)),
    law!(Softmax, "softmax", (x: "abc" in Domain::REAL) => x.softmax(1)),
];
