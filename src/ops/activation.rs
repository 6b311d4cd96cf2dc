//! Activation functions.
//!
//! Their derivatives keep their digits in the tails: each is written in terms of the input
//! where the usual form in terms of the output cancels.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `relu` | max(x, 0) | ȳ where x > 0, else 0; 0 at 0 | output |
//! | `sigmoid` | 1 / (1 + e^(-x)) | σ(x) σ(-x) ȳ; not y (1 - y), which is 0 at x = 37 | inputs |
//! | `log_sigmoid` | -softplus(-x) | σ(-x) ȳ | inputs |
//! | `softplus` | ln(1 + e^x) | σ(x) ȳ | inputs |
//! | `tanh` | tanh x | 4e/(1 + e)² ȳ, e = e^(-2\|x\|); not (1 - y²) ȳ, off 30-fold at x = 19.5 | inputs |
//! | `gelu` | x Φ(x) | (Φ(x) + x φ(x)) ȳ | inputs |
//! | `silu` | x σ(x) | σ(x) (1 + x σ(-x)) ȳ | inputs |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// y = max(x, 0)
#[derive(Clone, Copy)]
struct Relu;
impl Pointwise<1> for Relu {
    const NAME: &'static str = "relu";
    const KEEPS: Keeps = Keeps::Output;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::ZERO {
            x
        } else if x <= S::ZERO {
            S::ZERO
        } else {
            x // NaN
        }
    }
    fn partials<S: Scalar>(&self, _: [S; 1], y: S) -> [S; 1] {
        [if y > S::ZERO { S::ONE } else { S::ZERO }]
    }
}

/// y = 1 / (1 + e^(-x))
#[derive(Clone, Copy)]
struct Sigmoid;
impl Pointwise<1> for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sigmoid()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.sigmoid() * (-x).sigmoid()]
    }
}

/// y = ln σ(x) = -softplus(-x)
#[derive(Clone, Copy)]
struct LogSigmoid;
impl Pointwise<1> for LogSigmoid {
    const NAME: &'static str = "log_sigmoid";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        -(-x).softplus()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [(-x).sigmoid()]
    }
}

/// y = ln(1 + e^x)
#[derive(Clone, Copy)]
struct Softplus;
impl Pointwise<1> for Softplus {
    const NAME: &'static str = "softplus";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.softplus()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.sigmoid()]
    }
}

/// y = tanh x
#[derive(Clone, Copy)]
struct Tanh;
impl Pointwise<1> for Tanh {
    const NAME: &'static str = "tanh";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.tanh()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::sech_squared(x)]
    }
}

/// y = x Φ(x), exact (Hendrycks and Gimpel 2016)
#[derive(Clone, Copy)]
struct Gelu;
impl Pointwise<1> for Gelu {
    const NAME: &'static str = "gelu";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x * special::standard_normal_cdf(x)
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [special::standard_normal_cdf(x) + x * special::standard_normal_pdf(x)]
    }
}

/// y = x σ(x) (Elfwing et al. 2018)
#[derive(Clone, Copy)]
struct Silu;
impl Pointwise<1> for Silu {
    const NAME: &'static str = "silu";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x * x.sigmoid()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.sigmoid() * (S::ONE + x * (-x).sigmoid())]
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// max(x, 0), element by element, with derivative 0 at 0.
    #[track_caller]
    pub fn relu(self) -> Self {
        pointwise(Relu, [self])
    }
    /// 1 / (1 + e^(-x)), element by element.
    #[track_caller]
    pub fn sigmoid(self) -> Self {
        pointwise(Sigmoid, [self])
    }
    /// ln(1 / (1 + e^(-x))), element by element; `log_sigmoid(-1000)` is -1000.
    #[track_caller]
    pub fn log_sigmoid(self) -> Self {
        pointwise(LogSigmoid, [self])
    }
    /// ln(1 + e^x), element by element; `softplus(800)` is 800.
    #[track_caller]
    pub fn softplus(self) -> Self {
        pointwise(Softplus, [self])
    }
    /// Hyperbolic tangent, element by element.
    #[track_caller]
    pub fn tanh(self) -> Self {
        pointwise(Tanh, [self])
    }
    /// x Φ(x), element by element, where Φ is the distribution function of N(0, 1).
    #[track_caller]
    pub fn gelu(self) -> Self {
        pointwise(Gelu, [self])
    }
    /// x σ(x), element by element.
    #[track_caller]
    pub fn silu(self) -> Self {
        pointwise(Silu, [self])
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(Relu, "relu", (x: "..." in Domain::NONZERO) => x.relu()),
    law!(Sigmoid, "sigmoid", (x: "..." in Domain::REAL) => x.sigmoid()),
    law!(LogSigmoid, "log_sigmoid", (x: "..." in Domain::REAL) => x.log_sigmoid()),
    law!(Softplus, "softplus", (x: "..." in Domain::REAL) => x.softplus()),
    law!(Tanh, "tanh", (x: "..." in Domain::REAL) => x.tanh()),
    law!(Gelu, "gelu", (x: "..." in Domain::REAL) => x.gelu()),
    law!(Silu, "silu", (x: "..." in Domain::REAL) => x.silu()),
];
