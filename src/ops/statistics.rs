//! Spread, length and product.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `norm`, p = 2 | √Σ x² | ȳ x / y; 0 at 0 | both |
//! | `norm`, p = 1 | Σ \|x\| | ȳ sign(x) | both |
//! | `norm`, p = ∞ | max \|x\| | ȳ sign(x), shared equally by the largest | both |
//! | `norm`, other p | (Σ \|x\|^p)^(1/p) | ȳ sign(x) (\|x\| / y)^(p - 1) | both |
//! | `prod` | Π x, whose n roundings no order makes fewer | ȳ times the product of the others, exact with zeros | inputs |
//!
//! and what is made of others: `mse`, the mean of (x - target)²; `var`, Σ (x - mean)² / (n - ddof), in two passes, and `std`, its
//! root, whose gradient is 0 where there is no spread. No length overflows before its result does.

#[cfg(any(test, feature = "proptest"))]
use super::extremum::apart;
use super::extremum::shared;
#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, reduce};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};

/// The p-norm of each row of `len`.
struct Norm {
    p: f64,
    len: usize,
}

impl Norm {
    /// Whether |x|^p is x^p, which has no kink.
    fn is_even(&self) -> bool {
        self.p % 2.0 == 0.0
    }
}

/// The largest absolute value, as a constant.
fn scale<S: Scalar>(row: &[S]) -> S {
    let larger = |most: f64, x: &S| most.max(x.value().abs());
    S::of(row.iter().fold(0.0, larger))
}

impl<S: Scalar> Op<S> for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Both
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for (y, row) in y.iter_mut().zip(x[0].chunks(self.len.max(1))) {
            let m = scale(row);
            let sum = |f: &dyn Fn(S) -> S| reduce::sum_of(row.len(), &|i| f(row[i]));
            // NaN is not larger than 0, and not to be lost.
            let is_nan = row.iter().any(|x| x.value().is_nan());
            *y = if is_nan {
                S::of(f64::NAN)
            } else if m == S::ZERO {
                S::ZERO
            } else if !m.value().is_finite() {
                m
            } else if self.p == f64::INFINITY {
                let mut largest = row.iter().map(|x| x.abs()).filter(|x| *x == m).peekable();
                let first = largest.peek().copied().unwrap_or(m);
                shared(first, largest)
            } else if self.p == 1.0 {
                sum(&|x| x.abs())
            } else if self.p == 2.0 {
                m * sum(&|x| (x / m) * (x / m)).sqrt()
            } else {
                let p = self.p;
                let size = |x: S| if self.is_even() { x } else { x.abs() };
                m * sum(&|x| (size(x) / m).powf(p)).powf(1.0 / p)
            };
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let len = self.len.max(1);
        let rows = x[0].chunks(len).zip(d.chunks_mut(len));
        for ((row, d), (&y, &y_bar)) in rows.zip(y.iter().zip(y_bar)) {
            if y == S::ZERO {
                continue;
            }
            let ties = row.iter().filter(|x| x.abs() == y).count();
            for (&x, d) in row.iter().zip(d) {
                let sign = S::of(if x > S::ZERO { 1.0 } else { -1.0 });
                let partial = if self.p == f64::INFINITY {
                    let share = if x.abs() == y { 1.0 / ties as f64 } else { 0.0 };
                    sign * S::of(share)
                } else if self.p == 2.0 {
                    x / y
                } else if self.is_even() {
                    (x / y).powf(self.p - 1.0)
                } else if x == S::ZERO {
                    S::ZERO // a kink, of |x| or of a derivative
                } else if self.p == 1.0 {
                    sign
                } else {
                    sign * (x.abs() / y).powf(self.p - 1.0)
                };
                *d += y_bar.through(partial);
            }
        }
    }
}

/// The product of each row of `len`.
struct Prod {
    len: usize,
}

impl<S: Scalar> Op<S> for Prod {
    fn name(&self) -> &'static str {
        "prod"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for (i, y) in y.iter_mut().enumerate() {
            let row = &x[0][i * self.len..][..self.len];
            *y = row.iter().fold(S::ONE, |y, &x| y * x);
        }
    }
    /// The product of the others is that of what stands before and of what stands behind: no
    /// division, so zeros need no case of their own.
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let mut before = Vec::with_capacity(self.len);
        for (i, &y_bar) in y_bar.iter().enumerate() {
            let row = &x[0][i * self.len..][..self.len];
            before.clear();
            let mut product = S::ONE;
            for &x in row {
                before.push(product);
                product *= x;
            }
            let mut behind = y_bar;
            let d = &mut d[i * self.len..][..self.len];
            for ((d, &before), &x) in d.iter_mut().zip(&before).zip(row).rev() {
                *d += behind.through(before);
                behind = behind.through(x);
            }
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The mean of (x - target)² over all elements, of two values of one shape.
    ///
    /// Written by hand, `(x - target).square().mean()` broadcasts: of `[n, 1]` and `[n]` it takes
    /// the mean over n² pairs, and trains towards the mean of all targets.
    ///
    /// ```
    /// use elbo::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([2], vec![1.0f64, 5.0]));
    /// let target = tape.constant(&Tensor::new([2], vec![2.0, 2.0]));
    /// assert_eq!(x.mse(target).item(), 5.0);
    /// ```
    ///
    /// # Panics
    /// If the shapes differ, or there is no element.
    #[track_caller]
    pub fn mse(self, target: Self) -> Self {
        self.tape().check_inputs("mse", &[self, target]);
        let (shape, other) = (self.shape(), target.shape());
        assert!(
            shape == other,
            "mse: {shape} against a target of {other}, which need one shape; `reshape` one of them"
        );
        self.check_averaged("mse", self.all_axes());
        (self - target).square().mean()
    }
    /// Σ (x - mean)² / (n - `ddof`) over all elements; `ddof` is 0 for the data itself, 1 for an
    /// unbiased estimate.
    ///
    /// # Panics
    /// If there are no more than `ddof` elements.
    #[track_caller]
    pub fn var(self, ddof: usize) -> Self {
        self.var_axes(self.all_axes(), ddof)
    }
    /// Σ (x - mean)² / (n - `ddof`) over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice, or the axes hold no more than `ddof` elements.
    #[track_caller]
    pub fn var_axes(self, axes: &[usize], ddof: usize) -> Self {
        let (rows, kept) = self.rows_along("var", axes);
        let len = rows.shape().dim(1);
        assert!(
            len > ddof,
            "var: {} along {axes:?} has {len} elements, but ddof is {ddof}",
            self.shape()
        );
        let centered = rows - rows.mean_axes(&[1]).expand_dims(&[1]);
        let sum = centered.square().sum_axes(&[1]);
        (sum / (len - ddof) as f64).reshape(kept)
    }
    /// √var over all elements; the gradient is 0 where there is no spread.
    ///
    /// # Panics
    /// As [`var`](Var::var).
    #[track_caller]
    pub fn std(self, ddof: usize) -> Self {
        self.var(ddof).sqrt()
    }
    /// √var over `axes`, which disappear; the gradient is 0 where there is no spread.
    ///
    /// # Panics
    /// As [`var_axes`](Var::var_axes).
    #[track_caller]
    pub fn std_axes(self, axes: &[usize], ddof: usize) -> Self {
        self.var_axes(axes, ddof).sqrt()
    }
    /// (Σ |x|^p)^(1/p) over all elements; p = ∞ is the largest |x|. The gradient at 0 is 0.
    ///
    /// # Panics
    /// If p is below 1 or NaN.
    #[track_caller]
    pub fn norm(self, p: f64) -> Self {
        self.norm_axes(p, self.all_axes())
    }
    /// (Σ |x|^p)^(1/p) over `axes`, which disappear.
    ///
    /// # Panics
    /// If p is below 1 or NaN, or an axis does not exist or is named twice.
    #[track_caller]
    pub fn norm_axes(self, p: f64, axes: &[usize]) -> Self {
        assert!(p >= 1.0, "norm: p is {p}, but a norm has p >= 1");
        let (rows, kept) = self.rows_along("norm", axes);
        let [count, len] = [rows.shape().dim(0), rows.shape().dim(1)];
        if len == 0 {
            return self.sum_axes(axes); // of nothing: 0
        }
        let y = self.tape().apply(Norm { p, len }, [rows], [count].into());
        y.reshape(kept)
    }
    /// Π x over all elements; 1 if there is none.
    #[track_caller]
    pub fn prod(self) -> Self {
        self.prod_axes(self.all_axes())
    }
    /// Π x over `axes`, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    pub fn prod_axes(self, axes: &[usize]) -> Self {
        let (rows, kept) = self.rows_along("prod", axes);
        let [count, len] = [rows.shape().dim(0), rows.shape().dim(1)];
        let y = self.tape().apply(Prod { len }, [rows], [count].into());
        y.reshape(kept)
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    // Beside a 1, which keeps 0 away from the origin, the one kink of a norm with 1 < p < ∞.
    law!(Norm, "norm", (x: "a" in Domain::REAL) => x.pad(&[[0, 1]], 1.0).norm(2.0)),
    law!(Norm, "norm", (x: "abc" in Domain::REAL) => x.pad(&[[0, 0], [0, 1], [0, 0]], 1.0).norm_axes(2.0, &[1])),
    law!(Norm, "norm", (x: "ab" in Domain::REAL) => x.pad(&[[0, 0], [0, 1]], 1.0).norm_axes(3.0, &[1])),
    law!(Norm, "norm", (x: "ab" in Domain::REAL) => x.pad(&[[0, 0], [0, 1]], 1.0).norm_axes(4.0, &[1])),
    law!(Norm, "norm", (x: "aB" in Domain::NONZERO) => x.norm_axes(1.5, &[1])),
    law!(Norm, "norm", (x: "aB" in Domain::NONZERO) => x.norm_axes(1.0, &[1])),
    law!(Norm, "norm", (x: "1b" in Domain::NONZERO) => x.norm_axes(f64::INFINITY, &[0])),
    law!(Prod, "prod", (x: "a" in Domain::REAL) => x.prod()),
    law!(Prod, "prod", (x: "abc" in Domain::REAL) => x.prod_axes(&[0, 2])),
    law!(Prod, "prod", (x: "3b" in Domain::REAL) => (x * x.tape().generate([3, 1].into(), |m| { m.fill(S::ONE); m[1] = S::ZERO; })).prod_axes(&[0])),
    Law {
        op: "elbo::ops::reduce::Sum",
        ..law!(Sum, "mean", (a: "AB" in Domain::REAL, b: "AB" in Domain::REAL) => a.mse(b))
    },
    Law {
        op: "elbo::ops::reduce::Sum",
        ..law!(Sum, "sum", (x: "A" in Domain::REAL) => x.var(0))
    },
    Law {
        op: "elbo::ops::reduce::Sum",
        ..law!(Sum, "sum", (x: "a3b" in Domain::REAL) => x.var_axes(&[1], 1))
    },
    // Without spread the root has a kink.
    Law {
        op: "elbo::ops::elementary::Sqrt",
        ..law!(Sqrt, "sqrt", (x: "2a" in Domain::REAL) => apart(x).std_axes(&[0], 0))
    },
    Law {
        op: "elbo::ops::elementary::Sqrt",
        ..law!(Sqrt, "sqrt", (x: "3B" in Domain::REAL) => apart(x).std(1))
    },
];
