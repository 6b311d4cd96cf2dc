//! Functions of one number, element by element.

use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let x = *x.first()?;
    Some(match case.op() {
        "neg" => -x,
        "square" => x.square(),
        "reciprocal" => x.recip(),
        "exp" => x.exp(),
        "expm1" => x.expm1(),
        "log" => x.log(),
        "log1p" => x.log1p(),
        "sqrt" => x.sqrt(),
        "pow_scalar" => x.powf(case.number("exponent")),
        "rsqrt" => x.rsqrt(),
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
        "mish" => x.mish(),
        "softsign" => x.softsign(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "asinh" => x.asinh(),
        "atanh" => x.atanh(),
        "logit" => x.logit(),
        "gelu_tanh" => x.gelu_tanh(),
        "selu" => x.selu(),
        "erfc" => x.erfc(),
        "digamma" => x.digamma(),
        "softplus_inverse" => x.softplus_inverse(),
        "erfinv" => x.erfinv(),
        "normal_cdf" => x.normal_cdf(),
        "normal_log_cdf" => x.normal_log_cdf(),
        "sign" => x.sign(),
        "elu" => x.elu(case.number("alpha")),
        "leaky_relu" => x.leaky_relu(case.number("negative_slope")),
        "clamp" => x.clamp(case.number("min"), case.number("max")),
        _ => return None,
    })
}
