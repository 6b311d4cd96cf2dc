//! Running sums and products along an axis.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `cumsum` | yᵢ = Σ_(j<=i) xⱼ | Σ_(j>=i) ȳⱼ | nothing |
//! | `cumprod` | yᵢ = Π_(j<=i) xⱼ | y_(i-1) Rᵢ, Rᵢ = ȳᵢ + x_(i+1) R_(i+1): exact with zeros | inputs |
//! | `cumlogsumexp` | yᵢ = ln Σ_(j<=i) e^xⱼ | e^(xᵢ - yᵢ) Rᵢ, Rᵢ = ȳᵢ + e^(yᵢ - y_(i+1)) R_(i+1) | both |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::{Scalar, reduce::Running};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;

/// Which running result.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sum,
    Product,
    LogSumExp,
}

/// Running results along an axis of `len` elements, `inner` apart.
struct Cumulative {
    kind: Kind,
    len: usize,
    inner: usize,
}

impl Cumulative {
    /// The first element of each line.
    fn starts(&self, size: usize) -> impl Iterator<Item = usize> {
        let (row, inner) = ((self.len * self.inner).max(1), self.inner);
        (0..size / row).flat_map(move |o| (0..inner).map(move |i| o * row + i))
    }
}

/// ln Σ e^x as the terms come: m + ln(1 + r), where m is the largest and r the sum of e^(x - m) over
/// the others.
struct RunningLogSumExp<S> {
    largest: S,
    rest: Running<S>,
}

impl<S: Scalar> RunningLogSumExp<S> {
    fn new(first: S) -> Self {
        RunningLogSumExp {
            largest: first,
            rest: Running::new(S::ZERO),
        }
    }
    fn add(&mut self, x: S) {
        let m = self.largest;
        if x > m {
            // e^(m - x) is 0 for m = -inf, which is nothing yet.
            let rest = (S::ONE + self.rest.total()) * (m - x).exp();
            *self = RunningLogSumExp {
                largest: x,
                rest: Running::new(if m.value() == f64::NEG_INFINITY {
                    S::ZERO
                } else {
                    rest
                }),
            };
        } else if m.value().is_finite() {
            self.rest.add((x - m).exp());
        } else if x.value().is_nan() {
            self.largest = x;
        }
    }
    fn total(&self) -> S {
        self.largest + self.rest.total().ln_1p()
    }
}

impl<S: Scalar> Op<S> for Cumulative {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Sum => "cumsum",
            Kind::Product => "cumprod",
            Kind::LogSumExp => "cumlogsumexp",
        }
    }
    fn keeps(&self) -> Keeps {
        match self.kind {
            Kind::Sum => Keeps::Nothing,
            Kind::Product => Keeps::Inputs,
            Kind::LogSumExp => Keeps::Both,
        }
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        for start in self.starts(y.len()) {
            let at = |j: usize| start + j * self.inner;
            let first = x[0][start];
            y[start] = first;
            match self.kind {
                Kind::Sum => {
                    let mut sum = Running::new(first);
                    for j in 1..self.len {
                        sum.add(x[0][at(j)]);
                        y[at(j)] = sum.total();
                    }
                }
                Kind::Product => {
                    for j in 1..self.len {
                        y[at(j)] = y[at(j - 1)] * x[0][at(j)];
                    }
                }
                Kind::LogSumExp => {
                    let mut sum = RunningLogSumExp::new(first);
                    for j in 1..self.len {
                        sum.add(x[0][at(j)]);
                        y[at(j)] = sum.total();
                    }
                }
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let mut before = Vec::with_capacity(self.len);
        for start in self.starts(y_bar.len()) {
            let at = |j: usize| start + j * self.inner;
            if self.kind == Kind::Sum {
                let mut rest = Running::new(S::ZERO);
                for j in (0..self.len).rev() {
                    rest.add(y_bar[at(j)]);
                    d[at(j)] += rest.total();
                }
                continue;
            }
            if self.kind == Kind::Product {
                before.clear();
                let mut product = S::ONE;
                for j in 0..self.len {
                    before.push(product);
                    product *= x[0][at(j)];
                }
            }
            let mut rest = S::ZERO;
            for j in (0..self.len).rev() {
                if j + 1 < self.len {
                    rest = rest.through(match self.kind {
                        Kind::LogSumExp => (y[at(j)] - y[at(j + 1)]).exp(),
                        _ => x[0][at(j + 1)],
                    });
                }
                rest += y_bar[at(j)];
                d[at(j)] += rest.through(match self.kind {
                    Kind::LogSumExp => (x[0][at(j)] - y[at(j)]).exp(),
                    _ => before[j],
                });
            }
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// Σ of the elements up to each one along `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn cumsum(self, axis: usize) -> Self {
        self.cumulative(Kind::Sum, self.axis_checked("cumsum", axis), axis)
    }
    /// Π of the elements up to each one along `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn cumprod(self, axis: usize) -> Self {
        self.cumulative(Kind::Product, self.axis_checked("cumprod", axis), axis)
    }
    /// ln Σ e^x of the elements up to each one along `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn cumlogsumexp(self, axis: usize) -> Self {
        self.cumulative(
            Kind::LogSumExp,
            self.axis_checked("cumlogsumexp", axis),
            axis,
        )
    }
    #[track_caller]
    fn cumulative(self, kind: Kind, shape: Shape, axis: usize) -> Self {
        let [_, len, inner] = shape.split(axis);
        self.tape()
            .apply(Cumulative { kind, len, inner }, [self], shape)
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Cumulative, "cumsum", (x: "abc" in Domain::REAL) => x.cumsum(1)),
    law!(Cumulative, "cumsum", (x: "ab" in Domain::REAL) => x.cumsum(1)),
    law!(Cumulative, "cumprod", (x: "abc" in Domain::REAL) => x.cumprod(1)),
    law!(Cumulative, "cumprod", (x: "4b" in Domain::REAL) => (x * x.tape().generate([4, 1].into(), |m| { m.fill(S::ONE); m[1] = S::ZERO; })).cumprod(0)),
    law!(Cumulative, "cumlogsumexp", (x: "abc" in Domain::REAL) => x.cumlogsumexp(0)),
];
