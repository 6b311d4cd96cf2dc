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
//! | `gelu_tanh` | x σ(2u), u = √(2/π) (x + 0.044715 x³) | (σ(2u) + 2x u' σ(2u) σ(-2u)) ȳ | inputs |
//! | `silu` | x σ(x) | σ(x) (1 + x σ(-x)) ȳ | inputs |
//! | `mish` | x tanh s, s = softplus(x) | (tanh s + x sech² s σ(x)) ȳ | inputs |
//! | `leaky_relu` | x, or c x | ȳ where x > 0, else c ȳ | inputs |
//! | `elu` | x, or α (e^x - 1) | ȳ where x > 0, else α e^x ȳ | inputs |
//! | `selu` | λ elu(x) | λ times that of `elu` | inputs |
//! | `softsign` | x / (1 + \|x\|) | ȳ / (1 + \|x\|)² | inputs |

#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::pointwise::{Pointwise, pointwise};
use crate::kernels::{Scalar, special};
use crate::tape::{Keeps, Var};

/// x, but no further left than each gate is 0, in f64 too: then x times it is -0 at -inf, not the
/// NaN of -inf · 0.
#[inline(always)]
fn gated<S: Scalar>(x: S) -> S {
    x.max(S::of(-1e3))
}

/// y = max(x, 0)
#[derive(Clone, Copy)]
struct Relu;
impl Pointwise<1> for Relu {
    const NAME: &'static str = "relu";
    const KEEPS: Keeps = Keeps::Output;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::ZERO {
            x
        } else if x <= S::ZERO {
            S::ZERO
        } else {
            x // NaN
        }
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.sigmoid()
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        -(-x).softplus()
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.softplus()
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x.tanh()
    }
    #[inline(always)]
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
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let x = gated(x.widen());
        S::narrow(x * x.normal_cdf())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.normal_cdf() + special::standard_normal_pdf(x).through(x)]
    }
}

/// y = x σ(x) (Elfwing et al. 2018)
#[derive(Clone, Copy)]
struct Silu;
impl Pointwise<1> for Silu {
    const NAME: &'static str = "silu";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let x = gated(x.widen());
        S::narrow(x * x.sigmoid())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [x.sigmoid() + Silu.value([x]) * (-x).sigmoid()]
    }
}

/// y = x where x > 0, else c x
#[derive(Clone, Copy)]
struct LeakyRelu(f64);
impl Pointwise<1> for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::ZERO { x } else { S::of(self.0) * x }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [if x > S::ZERO { S::ONE } else { S::of(self.0) }]
    }
}

/// y = x where x > 0, else α (e^x - 1) (Clevert et al. 2016)
#[derive(Clone, Copy)]
struct Elu(f64);
impl Pointwise<1> for Elu {
    const NAME: &'static str = "elu";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::ZERO {
            x
        } else {
            S::narrow(S::Wide::of(self.0) * x.widen().exp_m1())
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [if x > S::ZERO {
            S::ONE
        } else {
            S::of(self.0) * x.exp()
        }]
    }
}

/// y = λ elu(x), whose α and λ keep mean 0 and variance 1 (Klambauer et al. 2017)
#[derive(Clone, Copy)]
struct Selu;
impl Selu {
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    const LAMBDA: f64 = 1.050_700_987_355_480_5;
}
impl Pointwise<1> for Selu {
    const NAME: &'static str = "selu";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let elu = Elu(Self::ALPHA).value([x.widen()]);
        S::narrow(S::Wide::of(Self::LAMBDA) * elu)
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], y: S) -> [S; 1] {
        Elu(Self::ALPHA)
            .partials([x], y)
            .map(|d| S::of(Self::LAMBDA) * d)
    }
}

/// y = x (1 + tanh u) / 2 = x σ(2u), u = √(2/π) (x + 0.044715 x³) (Hendrycks and Gimpel 2016)
#[derive(Clone, Copy)]
struct GeluTanh;
impl GeluTanh {
    const CUBIC: f64 = 0.044_715;
    /// 2u; 1 + tanh u itself would have no digits left at x = -5.
    #[inline(always)]
    fn exponent<S: Scalar>(x: S) -> S {
        let two_root = S::of(std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::SQRT_2);
        two_root * x * (S::ONE + S::of(Self::CUBIC) * x * x)
    }
}
impl Pointwise<1> for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let x = gated(x.widen());
        S::narrow(x * Self::exponent(x).sigmoid())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let two_root = S::of(std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::SQRT_2);
        let u = Self::exponent(x);
        // x times du/dx
        let slope = two_root * x * (S::ONE + S::of(3.0 * Self::CUBIC) * x * x);
        [u.sigmoid() + slope.through(u.sigmoid() * (-u).sigmoid())]
    }
}

/// y = x tanh(softplus(x)) (Misra 2020)
#[derive(Clone, Copy)]
struct Mish;
impl Pointwise<1> for Mish {
    const NAME: &'static str = "mish";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        let x = gated(x.widen());
        S::narrow(x * x.softplus().tanh())
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let s = x.softplus();
        [s.tanh() + (special::sech_squared(s) * x.sigmoid()).through(x)]
    }
}

/// y = x / (1 + |x|); by 1/x far out, where forward mode would subtract 1 from 1
#[derive(Clone, Copy)]
struct Softsign;
impl Pointwise<1> for Softsign {
    const NAME: &'static str = "softsign";
    const KEEPS: Keeps = Keeps::Inputs;
    #[inline(always)]
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::ONE {
            S::ONE / (S::ONE + S::ONE / x)
        } else if x < -S::ONE {
            S::ONE / (S::ONE / x - S::ONE)
        } else {
            x / (S::ONE + x.abs())
        }
    }
    #[inline(always)]
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        let r = S::ONE / (S::ONE + x.abs());
        [r * r]
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
    /// x where x > 0, else `slope` · x, element by element, with derivative `slope` at 0.
    ///
    /// # Panics
    /// If `slope` is not finite.
    #[track_caller]
    pub fn leaky_relu(self, slope: f64) -> Self {
        assert!(slope.is_finite(), "leaky_relu: the slope is {slope}");
        pointwise(LeakyRelu(slope), [self])
    }
    /// x where x > 0, else `alpha` (e^x - 1), element by element, with derivative `alpha` at 0.
    ///
    /// # Panics
    /// If `alpha` is not finite.
    #[track_caller]
    pub fn elu(self, alpha: f64) -> Self {
        assert!(alpha.is_finite(), "elu: alpha is {alpha}");
        pointwise(Elu(alpha), [self])
    }
    /// λ x where x > 0, else λ α (e^x - 1), element by element, with λ = 1.0507… and α = 1.6732…
    #[track_caller]
    pub fn selu(self) -> Self {
        pointwise(Selu, [self])
    }
    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, element by element: an approximation of
    /// [`gelu`](Var::gelu).
    #[track_caller]
    pub fn gelu_tanh(self) -> Self {
        pointwise(GeluTanh, [self])
    }
    /// x tanh(softplus(x)), element by element.
    #[track_caller]
    pub fn mish(self) -> Self {
        pointwise(Mish, [self])
    }
    /// x / (1 + |x|), element by element.
    #[track_caller]
    pub fn softsign(self) -> Self {
        pointwise(Softsign, [self])
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
    law!(LeakyRelu, "leaky_relu", (x: "..." in Domain::NONZERO) => x.leaky_relu(0.1)),
    law!(Elu, "elu", (x: "..." in Domain::NONZERO) => x.elu(1.3)),
    law!(Selu, "selu", (x: "..." in Domain::NONZERO) => x.selu()),
    law!(GeluTanh, "gelu_tanh", (x: "..." in Domain::REAL) => x.gelu_tanh()),
    law!(Mish, "mish", (x: "..." in Domain::REAL) => x.mish()),
    law!(Softsign, "softsign", (x: "..." in Domain::NONZERO) => x.softsign()),
];
