//! [`gradcheck`]: one gradient, at one point, by three routes and of two uses at once;
//! [`gradgradcheck`]: its derivative, by two.

use std::error::Error;
use std::fmt::{self, Display};

use super::routes::{Estimate, Point, Reverse, dot, gradient_difference};
use crate::ops::Differentiable;
use crate::tensor::{Shape, Tensor};

/// How the number was found that a derivative disagrees with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Central differences of values.
    Differences,
    /// Forward mode, by dual numbers.
    Forward,
    /// The sum of the gradients of two uses of the function.
    Sum,
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
    /// Whether any gradient arrives at that input; if not, the way to it is cut off.
    pub reached: bool,
    /// The number that the tape's way back gives; 0 where none arrives.
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
            Route::Sum => (
                "gradient of two uses",
                "the vjp",
                "the sum of both, to which it must add,",
            ),
            Route::GradientDifferences => (
                "derivative of the gradient",
                "the vjp over dual numbers",
                "differences of gradients",
            ),
        };
        write!(
            f,
            "{what} of input {} ({}) at {:?}, element {}: ",
            self.input,
            self.shape,
            self.coordinates(),
            self.index
        )?;
        if self.reached {
            write!(
                f,
                "{rule} gives {:e}, {route} {:e}",
                self.reverse, self.expected
            )?;
        } else {
            write!(
                f,
                "no gradient reaches this input, {route} gives {:e}",
                self.expected
            )?;
        }
        write!(f, "; they may differ by {:.1e}", self.tolerance)?;
        if self.is_kink() {
            write!(f, ", which is too much to tell: is there a kink?")?;
        }
        Ok(())
    }
}
impl Error for GradientMismatch {}

/// Whether the gradient of a function is right at a point: holds the way back over the tape against
/// forward mode and central differences, element by element of each input.
///
/// What is compared is the gradient of <u, f(x)>, where each element of f(x) has a weight of its
/// own, so that f may give an array and errors cannot cancel:
///
/// ```text
/// J'u  =  <u, J e> for each unit vector e            by dual numbers
///      =  (<u, f(x + h e)> - <u, f(x - h e)>) / 2h   by values alone
/// ```
///
/// and where f is used twice, the gradient must be 2 J'u: a rule that writes instead of adding
/// gives J'u.
///
/// Write f as a [`Function`](crate::ops::Function), which runs over every kind of number, and give
/// it inputs of the shapes that matter: with an axis that is broadcast, with extents that differ (a
/// transposed rule shows), with negative numbers. For each number of the inputs f runs once over
/// dual and four times over plain numbers: a few dozen of them are plenty.
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
/// A gradient that is cut off is one that does not reach its input:
///
/// ```
/// # use elbo::{Scalar, Tensor, Var, check::gradcheck, ops::{Differentiable, Function}};
/// /// x y, of which `detach` cuts y off; over dual numbers nobody forgot.
/// struct Severed;
/// impl Differentiable for Severed {
///     fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
///         x[0] * x[1].detach()
///     }
///     fn dual<'t>(&self, x: &[Var<'t, elbo::Dual<f64>>]) -> Var<'t, elbo::Dual<f64>> {
///         x[0] * x[1]
///     }
/// }
/// let x = [Tensor::scalar(2.0), Tensor::new([3], vec![1.0, 2.0, 3.0])];
/// let error = gradcheck(&Severed, &x).unwrap_err();
/// assert_eq!((error.input, error.reached), (1, false));
/// let text = error.to_string();
/// assert!(text.starts_with("gradient of input 1 ([3])"));
/// assert!(text.contains("no gradient reaches this input, forward mode gives"));
/// ```
///
/// The tolerances follow from the values of f: a central difference of step h has a truncation
/// error, which a second step measures, and a rounding error of ε/h; forward mode has rounding
/// errors alone. The gradient under test has no part in them. At a kink of f no difference is
/// a derivative: keep 0.01 away from it.
///
/// Whether the rule's own derivative is right, as second derivatives need it, asks
/// [`gradgradcheck`]; over many shapes and numbers an operation is held to all laws by
/// `check::laws`.
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
    agree(&point, Route::Differences)?;
    agree_twice(&point)
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
    worst(point, &reverse, route, &|k, i| match route {
        Route::Forward => forward(point, k, i, rounding),
        _ => point.difference(k, i, rounding),
    })
}

/// Compares the gradient of <u, f(x)> + <u, f(x)> with twice that of one of them.
fn agree_twice(point: &Point<'_>) -> Result<(), GradientMismatch> {
    let once = point.reverse();
    let rounding = point.rounding(&once.y, once.nodes);
    worst(
        point,
        &point.reverse_of_two(point.u),
        Route::Sum,
        &|k, i| {
            let value = 2.0 * once.gradients[k].as_slice()[i];
            Estimate {
                value,
                error: rounding * (1.0 + value.abs()),
            }
        },
    )
}

/// Compares the derivative of every tracked input's gradient along `v` with its differences.
pub(super) fn agree_along(
    point: &Point<'_>,
    v: &dyn Fn(usize, usize) -> f64,
) -> Result<(), GradientMismatch> {
    let exact = Reverse {
        gradients: point.hessian_vector(v),
        ..point.reverse()
    };
    let differences = gradient_difference(point, v);
    worst(point, &exact, Route::GradientDifferences, &|k, i| {
        differences[k][i]
    })
}

/// The element of the gradients that is furthest outside of what is expected of it.
fn worst(
    point: &Point<'_>,
    found: &Reverse,
    route: Route,
    expected: &dyn Fn(usize, usize) -> Estimate,
) -> Result<(), GradientMismatch> {
    let mut worst: Option<(f64, GradientMismatch)> = None;
    for (input, gradient) in found.gradients.iter().enumerate() {
        let elements = if point.tracked[input] {
            gradient.len()
        } else {
            0
        };
        for index in 0..elements {
            let reverse = gradient.as_slice()[index];
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
                    shape: gradient.shape(),
                    index,
                    reached: found.reached[input],
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
