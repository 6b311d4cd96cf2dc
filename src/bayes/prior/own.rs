//! Priors of a user's own: one function, whose derivative comes from dual numbers.

use std::any::{Any, type_name};
use std::fmt::{self, Debug, Display};
use std::panic::RefUnwindSafe;

use crate::kernels::{Dual, Fused, Scalar, Wide};
use crate::ops::Pointwise;
#[cfg(any(test, feature = "proptest"))]
use crate::ops::{Domain, Law, law, pointwise_sum};
use crate::tape::Keeps;

/// A prior of your own: the log density of one weight, written once for every kind of number.
///
/// [`Dual`] numbers give its derivative, so that nothing else is to be written; a constant that is
/// left out shifts the ELBO and changes nothing in training. The KL is by Monte Carlo.
///
/// ```
/// use elbo::{Scalar, bayes::LogDensity, bayes_net};
///
/// /// ln p(w) = -ln cosh(w / scale) - ln(π scale), the hyperbolic secant: as smooth at 0 as a
/// /// Normal, with the tails of a Laplace.
/// #[derive(Debug)]
/// pub struct Sech(pub f64);
///
/// impl LogDensity for Sech {
///     fn log_prob<S: Scalar>(&self, w: S) -> S {
///         let z = w / S::of(self.0);
///         // ln cosh z = |z| + ln(1 + e^-2|z|) - ln 2, which does not overflow
///         let log_cosh = z.abs() + (z.abs() * S::of(-2.0)).exp().ln_1p() - S::of(2f64.ln());
///         -log_cosh - S::of((std::f64::consts::PI * self.0).ln())
///     }
/// }
///
/// bayes_net! {
///     /// A line whose weights have that prior.
///     pub net Line(x: [3]) -> y {
///         weights ~ self::Sech(0.5);
///         mean = linear(x, 1);
///         y ~ Normal(mean, 0.1);
///     }
/// }
///
/// fn main() {
///     assert_eq!(Line::new(1).mean.weight.prior.to_string(), "Sech(0.5)");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no prior: it lacks `LogDensity`",
    label = "has no log density",
    note = "a prior of your own derives `Debug` and implements `elbo::bayes::LogDensity`"
)]
pub trait LogDensity: Debug + Send + Sync + RefUnwindSafe + 'static {
    /// ln p(w), up to a constant.
    fn log_prob<S: Scalar>(&self, w: S) -> S;

    /// What is wrong with the parameters, if anything: `scale must be positive`.
    fn complaint(&self) -> Option<&'static str> {
        None
    }
}

/// A prior of any type that has a [`LogDensity`]. Its name is what `Debug` prints.
#[derive(Clone, Copy)]
pub struct OwnPrior(&'static dyn Erased);

impl OwnPrior {
    pub(super) const fn new<P: LogDensity>(prior: &'static P) -> Self {
        OwnPrior(prior)
    }
    pub(super) fn complaint(self) -> Option<&'static str> {
        self.0.complaint()
    }
}

impl Debug for OwnPrior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl Display for OwnPrior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
/// Equal are priors that print alike.
impl PartialEq for OwnPrior {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

#[derive(Clone, Copy)]
pub(super) struct LogProb(pub(super) OwnPrior);
impl Pointwise<1> for LogProb {
    const NAME: &'static str = "own_prior";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [w]: [S; 1]) -> S {
        at(self.0.0, w)[0]
    }
    fn partials<S: Scalar>(&self, [w]: [S; 1], _: S) -> [S; 1] {
        [at(self.0.0, w)[1]]
    }
}

/// A generic function cannot be called through `dyn`. This writes a method of [`Erased`] for each
/// kind of number that loops and transforms use, and picks it by the type at hand.
macro_rules! erased {
    ($($method:ident: $number:ty),+) => {
        /// [`LogDensity`] without its type parameter: log p(w) and its derivative.
        trait Erased: Debug + Send + Sync + RefUnwindSafe {
            fn complaint(&self) -> Option<&'static str>;
            $(fn $method(&self, w: $number) -> [$number; 2];)+
        }
        impl<P: LogDensity> Erased for P {
            fn complaint(&self) -> Option<&'static str> {
                LogDensity::complaint(self)
            }
            $(fn $method(&self, w: $number) -> [$number; 2] {
                with_derivative(self, w)
            })+
        }
        fn at<S: Scalar>(prior: &dyn Erased, w: S) -> [S; 2] {
            let mut both = [w; 2];
            let any: &mut dyn Any = &mut both;
            $(if let Some(both) = any.downcast_mut::<[$number; 2]>() {
                *both = prior.$method(both[0]);
            } else)+ {
                panic!("{prior:?}: a prior of one's own cannot be differentiated so often, over {}",
                    type_name::<S>());
            }
            both
        }
    };
}
erased! {
    f32: f32, f64: f64, fused: Fused, wide: Wide,
    dual_f32: Dual<f32>, dual_f64: Dual<f64>,
    dual2_f32: Dual<Dual<f32>>, dual2_f64: Dual<Dual<f64>>,
    dual3_f64: Dual<Dual<Dual<f64>>>
}

fn with_derivative<P: LogDensity, S: Scalar>(prior: &P, w: S) -> [S; 2] {
    let y = prior.log_prob(Dual { v: w, d: S::ONE });
    [y.v, y.d]
}

#[cfg(any(test, feature = "proptest"))]
#[derive(Debug)]
struct Quartic;
#[cfg(any(test, feature = "proptest"))]
impl LogDensity for Quartic {
    fn log_prob<S: Scalar>(&self, w: S) -> S {
        -(w * w * w * w)
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(in crate::bayes) const LAWS: &[Law] = &[
    law!(LogProb, "own_prior", (w: "..." in Domain::REAL) => pointwise_sum(LogProb(OwnPrior::new(&Quartic)), [w])),
];
