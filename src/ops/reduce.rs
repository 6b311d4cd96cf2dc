//! Sums and means over all elements or along axes.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `sum`, `sum_axes` | Σ x | ȳ, repeated | nothing |
//! | `mean`, `mean_axes` | Σ x / n | ȳ / n, repeated | nothing |
//!
//! The mean of no elements is a panic ("no rows"), never NaN; their sum is 0.

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::{Broadcast, MAX_RANK, Shape};

/// y = c Σ x over the axes in which `kept` has extent 1 and x has not.
struct Sum {
    name: &'static str,
    factor: f64,
    /// The result's shape with the summed axes left in as 1.
    kept: Shape,
}

impl<S: Scalar> Op<S> for Sum {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let factor = S::of(self.factor);
        let (x, shape) = (&x[0], x.shape(0));
        if y.len() == 1 {
            y[0] = factor * reduce::sum(x);
            return;
        }
        y.fill(S::ZERO);
        match Broadcast::new(self.kept, shape) {
            Broadcast::Rows { .. } => reduce::add_rows(x, y),
            to => {
                for (i, &x) in x.iter().enumerate() {
                    y[to.index(i)] += x;
                }
            }
        }
        for y in y {
            *y *= factor;
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let factor = S::of(self.factor);
        let from = Broadcast::new(self.kept, x.shape(0));
        let Some(d) = x_bar.of(0) else { return };
        for (i, d) in d.iter_mut().enumerate() {
            *d += factor * y_bar[from.index(i)];
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

    #[track_caller]
    fn reduce(self, name: &'static str, axes: &[usize], factor: impl Fn(usize) -> f64) -> Self {
        let shape = self.shape();
        let Reduced { kept, left, count } = Reduced::new(name, shape, axes);
        assert!(
            count > 0 || name == "sum",
            "{name}: {shape} has no rows to average"
        );
        let op = Sum {
            name,
            factor: factor(count),
            kept,
        };
        self.tape().apply(op, [self], left)
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
];
