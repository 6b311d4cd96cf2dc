//! Three routes to a derivative: the tape backward, dual numbers forward, and differences.
//!
//! All of them are of g(x) = <u, f(x)>, where u gives each element of f a weight of its own: an
//! error in one element cannot hide in a sum over all.

use crate::kernels::{Dual, Scalar};
use crate::ops::Differentiable;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law};
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Tape, Var};
use crate::tensor::{Shape, Tensor};

/// The rounding errors of one operation, in units of the last place of the largest number on its
/// way; a few for each of its own steps, of which the longest (digamma) has about twenty.
const ULPS: f64 = 32.0;

/// The step of a central difference: near ∛ε, where its truncation h² and its rounding ε/h are
/// about equal; a power of two.
const STEP: f64 = 1.0 / (1 << 17) as f64;

/// A number with a bound on its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) error: f64,
}

impl Estimate {
    /// Whether `other` is the same number. False for a NaN, and where nothing could
    /// disagree.
    pub(super) fn agrees(self, other: f64) -> bool {
        (self.value - other).abs() <= self.error && !self.is_rough()
    }
    /// Whether the bound is so wide that this is no derivative, as at a kink.
    pub(super) fn is_rough(self) -> bool {
        self.error > 1e-3 * self.value.abs().max(1.0)
    }
}

/// g(x) = <u, f(x)> at a point.
pub(super) struct Point<'a> {
    pub(super) f: &'a dyn Differentiable,
    pub(super) x: &'a [Tensor<f64>],
    /// Of which inputs a gradient is asked.
    pub(super) tracked: &'a [bool],
    /// The weights of f's elements, read round and round.
    pub(super) u: &'a [f64],
}

/// What [`Point::reverse`] finds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reverse {
    pub(super) y: Tensor<f64>,
    /// One for each input; zeros for an untracked one.
    pub(super) gradients: Vec<Tensor<f64>>,
    /// At which inputs a gradient arrives.
    pub(super) reached: Vec<bool>,
    /// Number of nodes on the tape.
    pub(super) nodes: usize,
}

impl<'a> Point<'a> {
    /// The same function elsewhere.
    pub(super) fn at<'b>(&'b self, x: &'b [Tensor<f64>]) -> Point<'b>
    where
        'a: 'b,
    {
        Point { x, ..*self }
    }

    /// Puts the inputs on a tape.
    pub(super) fn record<'t>(&self, tape: &'t Tape<f64>) -> Vec<Var<'t, f64>> {
        self.record_with(tape, |_, x| x.clone())
    }
    fn record_with<'t, S: Scalar>(
        &self,
        tape: &'t Tape<S>,
        numbers: impl Fn(usize, &Tensor<f64>) -> Tensor<S>,
    ) -> Vec<Var<'t, S>> {
        let leaf = |(k, x)| {
            let x = numbers(k, x);
            if self.tracked[k] {
                tape.parameter(&x)
            } else {
                tape.constant(&x)
            }
        };
        self.x.iter().enumerate().map(leaf).collect()
    }
    /// <u, y>, a number to go backward from.
    pub(super) fn project<'t, S: Scalar>(&self, y: Var<'t, S>) -> Var<'t, S> {
        project(y, self.u)
    }

    /// f(x).
    pub(super) fn value(&self) -> Tensor<f64> {
        let tape = Tape::new();
        self.f.plain(&self.record(&tape)).value()
    }
    /// J'u by the way back.
    pub(super) fn reverse(&self) -> Reverse {
        self.reverse_from(|x| {
            let y = self.f.plain(x);
            (y.value(), self.project(y))
        })
    }
    /// J'u + J'w by one way back over two uses of f.
    pub(super) fn reverse_of_two(&self, w: &[f64]) -> Reverse {
        self.reverse_from(|x| {
            let [y, z] = [self.f.plain(x), self.f.plain(x)];
            (y.value(), self.project(y) + project(z, w))
        })
    }
    fn reverse_from(
        &self,
        root: impl for<'t> Fn(&[Var<'t, f64>]) -> (Tensor<f64>, Var<'t, f64>),
    ) -> Reverse {
        let tape = Tape::new();
        let x = self.record(&tape);
        let (y, root) = root(&x);
        root.pull_back(&[1.0]);
        // The inputs that are parameters are the first ones of the tape, in this order.
        let mut parameters = 0..;
        let reached = self.tracked.iter().map(|&tracked| {
            let parameter = tracked.then(|| parameters.next());
            parameter
                .flatten()
                .is_some_and(|k| tape.with_parameter_gradient(k, |g| g.is_some()))
        });
        Reverse {
            y,
            gradients: x.iter().map(|x| x.grad()).collect(),
            reached: reached.collect(),
            nodes: tape.len(),
        }
    }
    /// J v by dual numbers; untracked inputs do not move.
    pub(super) fn forward(&self, v: &dyn Fn(usize, usize) -> f64) -> Vec<f64> {
        let tape = Tape::new();
        let y = self.f.dual(&self.record_along(&tape, v)).value();
        y.as_slice().iter().map(|y| y.d).collect()
    }
    /// ∇g and its derivative along v, by the way back over dual numbers.
    pub(super) fn hessian_vector(&self, v: &dyn Fn(usize, usize) -> f64) -> Vec<Tensor<f64>> {
        let tape = Tape::new();
        let x = self.record_along(&tape, v);
        self.project(self.f.dual(&x)).pull_back(&[Dual::ONE]);
        x.iter().map(|x| x.grad().map(|g| g.d)).collect()
    }
    fn record_along<'t>(
        &self,
        tape: &'t Tape<Dual<f64>>,
        v: &dyn Fn(usize, usize) -> f64,
    ) -> Vec<Var<'t, Dual<f64>>> {
        self.record_with(tape, |k, x| {
            let moves = if self.tracked[k] { 1.0 } else { 0.0 };
            Tensor::from_fn(x.shape(), |i| Dual {
                v: x.as_slice()[i],
                d: moves * v(k, i),
            })
        })
    }

    /// ∂g/∂x for element `i` of input `k`, by central differences.
    ///
    /// ```text
    /// D(h) = (g(x + h) - g(x - h)) / 2h = g' + h²/6 g''' + …
    /// D(2h) - D(h) = 3 · h²/6 g''' + …
    /// ```
    ///
    /// So the difference of two steps bounds the truncation three times over, from values alone;
    /// `rounding` is the error of a value, and over h that of the quotient.
    pub(super) fn difference(&self, k: usize, i: usize, rounding: f64) -> Estimate {
        let mut x = self.x.to_vec();
        let center = x[k].as_slice()[i];
        let mut g = |at: f64| {
            x[k].as_mut_slice()[i] = at;
            let y = self.at(&x).value();
            dot(y.as_slice(), self.u)
        };
        let mut slope = |h: f64| {
            let (right, left) = (center + h, center - h);
            (g(right) - g(left)) / (right - left)
        };
        let h = STEP * center.abs().max(1.0);
        let (near, far) = (slope(h), slope(2.0 * h));
        Estimate {
            value: near,
            error: (far - near).abs() + rounding / h,
        }
    }

    /// A bound on the rounding error of g(x), which passes `nodes` operations on numbers no larger
    /// than 1, what goes in and what comes out. The errors are of either sign: those of n
    /// operations add up like √n (Higham 2002, Accuracy and Stability, section 2.8).
    pub(super) fn rounding(&self, y: &Tensor<f64>, nodes: usize) -> f64 {
        let weights = self.u.iter().cycle();
        let out: f64 = y
            .as_slice()
            .iter()
            .zip(weights)
            .map(|(y, u)| u.abs() * (1.0 + y.abs()))
            .sum();
        let inside: f64 = self
            .x
            .iter()
            .flat_map(Tensor::as_slice)
            .map(|x| x.abs())
            .sum();
        ULPS * f64::EPSILON * (nodes as f64).sqrt() * (out + inside)
    }
}

/// Derivatives of [`Point::reverse`]'s gradient along v, by central differences in each input.
pub(super) fn gradient_difference(
    point: &Point<'_>,
    v: &dyn Fn(usize, usize) -> f64,
) -> Vec<Vec<Estimate>> {
    let moved = |h: f64| {
        let along = |(k, x): (usize, &Tensor<f64>)| {
            let moves = if point.tracked[k] { h } else { 0.0 };
            Tensor::from_fn(x.shape(), |i| x.as_slice()[i] + moves * v(k, i))
        };
        let x: Vec<_> = point.x.iter().enumerate().map(along).collect();
        point.at(&x).reverse()
    };
    let [right, left, far_right, far_left] = [STEP, -STEP, 2.0 * STEP, -2.0 * STEP].map(moved);
    let rounding = point.rounding(&right.y, right.nodes);
    let estimate = |k: usize, i: usize| {
        let at = |r: &Reverse| r.gradients[k].as_slice()[i];
        let near = (at(&right) - at(&left)) / (2.0 * STEP);
        let far = (at(&far_right) - at(&far_left)) / (4.0 * STEP);
        // A gradient is as exact, relatively, as the value.
        let size = rounding * (1.0 + at(&right).abs());
        Estimate {
            value: near,
            error: (far - near).abs() + size / STEP,
        }
    };
    let of_input = |(k, x): (usize, &Tensor<f64>)| (0..x.len()).map(|i| estimate(k, i)).collect();
    point.x.iter().enumerate().map(of_input).collect()
}

/// Σ uᵢ yᵢ, with the weights read round and round.
pub(super) fn dot(y: &[f64], u: &[f64]) -> f64 {
    y.iter().zip(u.iter().cycle()).map(|(y, u)| y * u).sum()
}

/// <u, y> on the tape, without an operation of this crate that may itself be under test.
pub(super) fn project<'t, S: Scalar>(y: Var<'t, S>, u: &[f64]) -> Var<'t, S> {
    y.tape().apply(Project(u.to_vec()), [y], Shape::SCALAR)
}

struct Project(Vec<f64>);

impl<S: Scalar> Op<S> for Project {
    fn name(&self) -> &'static str {
        "project"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        y[0] = S::ZERO;
        for (&x, &u) in x[0].iter().zip(self.0.iter().cycle()) {
            y[0] += S::of(u) * x;
        }
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let Some(d) = x_bar.of(0) else { return };
        for (d, &u) in d.iter_mut().zip(self.0.iter().cycle()) {
            *d += S::of(u) * y_bar[0];
        }
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Project, "project", (x: "..." in Domain::REAL) => project(x, &[0.5, -2.0, 1.5])),
    // The tape knows no table: the row of its own operation stands here.
    Law {
        op: "elbo::tape::checkpoint::Checkpoint",
        ..law!(Checkpoint, "checkpoint", (a: "..." in Domain::REAL, b: "..." in Domain::REAL) =>
            a.tape().checkpoint(&[a, b], |x| (x[0] * x[1]).sin() + x[0]))
    },
];
