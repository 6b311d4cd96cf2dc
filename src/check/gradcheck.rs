//! [`gradcheck`]: one gradient, at one point, by three routes.

use std::error::Error;
use std::fmt::{self, Display};

use super::routes::{Estimate, Point, dot};
use crate::ops::Differentiable;
use crate::tensor::{Shape, Tensor};

/// How the number was found that a gradient disagrees with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Central differences of values.
    Differences,
    /// Forward mode, by dual numbers.
    Forward,
}

/// The element of a gradient that is furthest outside of its tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientMismatch {
    /// Which input.
    pub input: usize,
    /// The shape of that input.
    pub shape: Shape,
    /// Which element of it, in the order of rows.
    pub index: usize,
    /// The gradient that the tape's way back gives.
    pub reverse: f64,
    /// The derivative by the other route.
    pub expected: f64,
    /// The other route.
    pub route: Route,
    /// How far they may differ.
    pub tolerance: f64,
}

impl Display for GradientMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = match self.route {
            Route::Differences => "central differences",
            Route::Forward => "forward mode",
        };
        write!(
            f,
            "gradient of input {} ({}) at element {}: the vjp gives {:e}, {route} {:e}; they may \
             differ by {:.1e}",
            self.input, self.shape, self.index, self.reverse, self.expected, self.tolerance
        )?;
        let expected = Estimate {
            value: self.expected,
            error: self.tolerance,
        };
        if expected.is_rough() {
            write!(f, ", which is too much to tell: is there a kink?")?;
        }
        Ok(())
    }
}
impl Error for GradientMismatch {}

/// Compares the gradient of <u, f(x)>, for fixed weights u, with central differences and with
/// forward mode, element by element of each input.
///
/// The tolerances follow from the values of f: a central difference of step h has a truncation
/// error, which a second step measures, and a rounding error of ε/h; forward mode has rounding
/// errors alone. The gradient under test has no part in them. At a kink of f no difference is
/// a derivative: keep 0.01 away from it.
///
/// # Errors
/// If an element is outside of its tolerance, or NaN, or its tolerance above a thousandth of it:
/// the worst one.
pub fn gradcheck(f: &dyn Differentiable, x: &[Tensor<f64>]) -> Result<(), GradientMismatch> {
    // Multiples of the golden ratio never repeat: no two elements have the same weight.
    let u: Vec<f64> = (1..=1009)
        .map(|i| 0.5 + (f64::from(i) * 0.618_033_988_75).fract())
        .collect();
    let tracked = vec![true; x.len()];
    let point = Point {
        f,
        x,
        tracked: &tracked,
        u: &u,
    };
    agree(&point, Route::Forward)?;
    agree(&point, Route::Differences)
}

/// Compares every element of every tracked input's gradient with what `route` finds.
pub(super) fn agree(point: &Point<'_>, route: Route) -> Result<(), GradientMismatch> {
    let reverse = point.reverse();
    let rounding = point.rounding(&reverse.y, reverse.nodes);
    let mut worst: Option<(f64, GradientMismatch)> = None;
    for (k, gradient) in reverse.gradients.iter().enumerate() {
        let elements = if point.tracked[k] { gradient.len() } else { 0 };
        for index in 0..elements {
            let found = gradient.as_slice()[index];
            let expected = match route {
                Route::Differences => point.difference(k, index, rounding),
                Route::Forward => forward(point, k, index, rounding),
            };
            if expected.agrees(found) {
                continue;
            }
            let excess = (expected.value - found).abs() / expected.error;
            let excess = if excess.is_nan() {
                f64::INFINITY
            } else {
                excess
            };
            if worst.as_ref().is_none_or(|(most, _)| excess > *most) {
                let mismatch = GradientMismatch {
                    input: k,
                    shape: gradient.shape(),
                    index,
                    reverse: found,
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
