//! Running sums and products along an axis.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `cumsum` | yᵢ = Σ_(j<=i) xⱼ | Σ_(j>=i) ȳⱼ | nothing |
//! | `cumprod` | yᵢ = Π_(j<=i) xⱼ | y_(i-1) Rᵢ, Rᵢ = ȳᵢ + x_(i+1) R_(i+1): exact with zeros | inputs |
//! | `cumlogsumexp` | yᵢ = ln Σ_(j<=i) e^xⱼ | e^(xᵢ - yᵢ) Rᵢ, Rᵢ = ȳᵢ + e^(yᵢ - y_(i+1)) R_(i+1) | both |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use crate::kernels::Scalar;
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

/// ln(e^a + e^b), also where one or both are -inf.
fn log_add_exp<S: Scalar>(a: S, b: S) -> S {
    let (high, low) = if a < b { (b, a) } else { (a, b) };
    if low == S::of(f64::NEG_INFINITY) || high == S::of(f64::INFINITY) {
        return high;
    }
    high + (low - high).exp().ln_1p()
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
            let mut running = x[0][start];
            y[start] = running;
            for j in 1..self.len {
                let at = start + j * self.inner;
                let next = x[0][at];
                running = match self.kind {
                    Kind::Sum => running + next,
                    Kind::Product => running * next,
                    Kind::LogSumExp => log_add_exp(running, next),
                };
                y[at] = running;
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, y: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        let mut before = Vec::with_capacity(self.len);
        for start in self.starts(y_bar.len()) {
            let at = |j: usize| start + j * self.inner;
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
                    let factor = match self.kind {
                        Kind::Sum => S::ONE,
                        Kind::Product => x[0][at(j + 1)],
                        Kind::LogSumExp => (y[at(j)] - y[at(j + 1)]).exp(),
                    };
                    rest = rest.through(factor);
                }
                rest += y_bar[at(j)];
                d[at(j)] += rest.through(match self.kind {
                    Kind::Sum => S::ONE,
                    Kind::Product => before[j],
                    Kind::LogSumExp => (x[0][at(j)] - y[at(j)]).exp(),
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
