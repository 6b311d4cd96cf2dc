//! [`gradcheck`]: one gradient, at one point, by three routes; [`gradgradcheck`]: its derivative,
//! by two.

use std::error::Error;
use std::fmt::{self, Display};

use super::routes::{Estimate, Point, dot, gradient_difference};
use crate::ops::Differentiable;
use crate::tensor::{Shape, Tensor};

/// How the number was found that a derivative disagrees with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Central differences of values.
    Differences,
    /// Forward mode, by dual numbers.
    Forward,
    /// Central differences of gradients, for a second derivative.
    GradientDifferences,
}

/// The element of a derivative that is furthest outside of its tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientMismatch {
    /// Which input.
    pub input: usize,
    /// The shape of that input.
    pub shape: Shape,
    /// Which element of it, in the order of rows.
    pub index: usize,
    /// The number that the tape's way back gives.
    pub reverse: f64,
    /// The number by the other route.
    pub expected: f64,
    /// The other route.
    pub route: Route,
    /// How far they may differ.
    pub tolerance: f64,
}

impl GradientMismatch {
    /// Where the element stands: its index along each axis.
    pub fn coordinates(&self) -> Vec<usize> {
        let mut rest = self.index;
        let along = |&extent: &usize| {
            let coordinate = rest % extent;
            rest /= extent;
            coordinate
        };
        let mut coordinates: Vec<usize> = self.shape.dims().iter().rev().map(along).collect();
        coordinates.reverse();
        coordinates
    }
    /// Whether the two steps of a difference disagree so much that neither is a derivative: the
    /// function has a kink nearby, and nothing is known of the rule under test.
    pub fn is_kink(&self) -> bool {
        let expected = Estimate {
            value: self.expected,
            error: self.tolerance,
        };
        expected.is_rough()
    }
}

impl Display for GradientMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, rule, route) = match self.route {
            Route::Differences => ("gradient", "the vjp", "central differences"),
            Route::Forward => ("gradient", "the vjp", "forward mode"),
            Route::GradientDifferences => (
                "derivative of the gradient",
                "the vjp over dual numbers",
                "differences of gradients",
            ),
        };
        write!(
            f,
            "{what} of input {} ({}) at {:?}, element {}: {rule} gives {:e}, {route} {:e}; they \
             may differ by {:.1e}",
            self.input,
            self.shape,
            self.coordinates(),
            self.index,
            self.reverse,
            self.expected,
            self.tolerance
        )?;
        if self.is_kink() {
            write!(f, ", which is too much to tell: is there a kink?")?;
        }
        Ok(())
    }
}
impl Error for GradientMismatch {}

/// Compares the gradient of <u, f(x)>, for fixed weights u, with forward mode and with central
/// differences, element by element of each input.
///
/// The tolerances follow from the values of f: a central difference of step h has a truncation
/// error, which a second step measures, and a rounding error of ε/h; forward mode has rounding
/// errors alone. The gradient under test has no part in them. At a kink of f no difference is
/// a derivative: keep 0.01 away from it.
///
/// What one gradient cannot show is a rule that overwrites a gradient instead of adding to it, or
/// whose own derivative is wrong: see [`gradgradcheck`], and `check::laws` for operations.
///
/// ```
/// use elbo::{Scalar, Tensor, Var, check::gradcheck, ops::Function};
///
/// /// Σ sin(x) / y
/// struct Waves;
/// impl Function for Waves {
///     fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
///         (x[0].sin() / x[1]).sum()
///     }
/// }
/// let x = Tensor::new([2], vec![0.3, -1.2]);
/// gradcheck(&Waves, &[x, Tensor::scalar(2.0)]).unwrap();
/// ```
///
/// # Errors
/// If an element is outside of its tolerance, or NaN, or its tolerance above a thousandth of it:
/// the worst one.
pub fn gradcheck(f: &dyn Differentiable, x: &[Tensor<f64>]) -> Result<(), GradientMismatch> {
    let (tracked, u) = (vec![true; x.len()], weights());
    let point = Point {
        f,
        x,
        tracked: &tracked,
        u: &u,
    };
    agree(&point, Route::Forward)?;
    agree(&point, Route::Differences)
}

/// Compares the derivative of f's gradient along one direction, by the way back over dual numbers,
/// with central differences of the gradient.
///
/// The gradient itself should have passed [`gradcheck`].
///
/// # Errors
/// As [`gradcheck`] has them.
pub fn gradgradcheck(f: &dyn Differentiable, x: &[Tensor<f64>]) -> Result<(), GradientMismatch> {
    let (tracked, u) = (vec![true; x.len()], weights());
    let point = Point {
        f,
        x,
        tracked: &tracked,
        u: &u,
    };
    agree_along(&point, &|k, i| u[(i + 17 * k + 5) % u.len()] - 1.0)
}

/// Weights of f's elements between 0.5 and 1.5. Multiples of the golden ratio never repeat: no two
/// elements have the same one.
fn weights() -> Vec<f64> {
    let weight = |i: u32| 0.5 + (f64::from(i) * 0.618_033_988_75).fract();
    (1..=1009).map(weight).collect()
}

/// Compares every element of every tracked input's gradient with what `route` finds.
pub(super) fn agree(point: &Point<'_>, route: Route) -> Result<(), GradientMismatch> {
    let reverse = point.reverse();
    let rounding = point.rounding(&reverse.y, reverse.nodes);
    worst(point, &reverse.gradients, route, &|k, i| match route {
        Route::Forward => forward(point, k, i, rounding),
        _ => point.difference(k, i, rounding),
    })
}

/// Compares the derivative of every tracked input's gradient along `v` with its differences.
pub(super) fn agree_along(
    point: &Point<'_>,
    v: &dyn Fn(usize, usize) -> f64,
) -> Result<(), GradientMismatch> {
    let exact = point.hessian_vector(v);
    let differences = gradient_difference(point, v);
    worst(point, &exact, Route::GradientDifferences, &|k, i| {
        differences[k][i]
    })
}

/// The element of `found` that is furthest outside of what is expected of it.
fn worst(
    point: &Point<'_>,
    found: &[Tensor<f64>],
    route: Route,
    expected: &dyn Fn(usize, usize) -> Estimate,
) -> Result<(), GradientMismatch> {
    let mut worst: Option<(f64, GradientMismatch)> = None;
    for (input, found) in found.iter().enumerate() {
        let elements = if point.tracked[input] { found.len() } else { 0 };
        for index in 0..elements {
            let reverse = found.as_slice()[index];
            let expected = expected(input, index);
            if expected.agrees(reverse) {
                continue;
            }
            let excess = (expected.value - reverse).abs() / expected.error;
            let excess = if excess.is_nan() {
                f64::INFINITY
            } else {
                excess
            };
            if worst.as_ref().is_none_or(|(most, _)| excess > *most) {
                let mismatch = GradientMismatch {
                    input,
                    shape: found.shape(),
                    index,
                    reverse,
                    expected: expected.value,
                    route,
                    tolerance: expected.error,
                };
                worst = Some((excess, mismatch));
            }
        }
    }
    worst.map_or(Ok(()), |(_, mismatch)| Err(mismatch))
}

/// <u, J e> for the unit vector e of one element.
fn forward(point: &Point<'_>, k: usize, index: usize, rounding: f64) -> Estimate {
    let column = point.forward(&|input, i| f64::from(u8::from((input, i) == (k, index))));
    let size: f64 = column
        .iter()
        .zip(point.u.iter().cycle())
        .map(|(c, u)| (c * u).abs())
        .sum();
    Estimate {
        value: dot(&column, point.u),
        error: rounding * (1.0 + size),
    }
}
