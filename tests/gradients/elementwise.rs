//! Functions of one number, element by element.

use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "atanh",
    "logit",
    "gelu_tanh",
    "selu",
    "erfc/0",
    "digamma/0",
    "softplus_inverse/0",
    "erfinv",
    "normal_cdf",
    "normal_log_cdf",
    "elu",
    "leaky_relu",
    "clamp",
    "sign",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let x = *x.first()?;
    Some(match case.op() {
        "neg" => -x,
        "square" => x.square(),
        "reciprocal" => 1.0 / x,
        "exp" => x.exp(),
        "expm1" => x.expm1(),
        "log" => x.log(),
        "log1p" => x.log1p(),
        "sqrt" => x.sqrt(),
        "pow_scalar" => x.powf(case.number("exponent")),
        "rsqrt" => 1.0 / x.sqrt(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "abs" => x.abs(),
        "erf" => x.erf(),
        "lgamma" => x.lgamma(),
        "relu" => x.relu(),
        "sigmoid" => x.sigmoid(),
        "log_sigmoid" => x.log_sigmoid(),
        "softplus" => x.softplus(),
        "tanh" => x.tanh(),
        "gelu" => x.gelu(),
        "silu" => x.silu(),
        "mish" => x * x.softplus().tanh(),
        "softsign" => x / (1.0 + x.abs()),
        _ => return None,
    })
}
