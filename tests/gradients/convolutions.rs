//! Convolutions and pooling.

use elbo::ops::{Conv, ConvTranspose, Divisor, Pool};
use elbo::{Scalar, Var};
use serde_json::Value;

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let bias = x.get(2).copied();
    let output = || counts::<2>(case, "output");
    Some(match case.op() {
        "conv2d" | "conv2d_bias" => x[0].conv2d(x[1], bias, conv(case)),
        "conv1d" => x[0].conv1d(x[1], None, conv(case)),
        "conv_transpose2d" => {
            let transpose = ConvTranspose {
                of: conv(case),
                output_padding: counts(case, "output_padding"),
            };
            x[0].conv_transpose2d(x[1], None, transpose)
        }
        "max_pool2d" => x[0].max_pool2d(pool(case)),
        "avg_pool2d" if case.flag("count_include_pad") => {
            x[0].avg_pool2d(pool(case), Divisor::Window)
        }
        "avg_pool2d" => x[0].avg_pool2d(pool(case), Divisor::Elements),
        "adaptive_avg_pool2d" => x[0].adaptive_avg_pool2d(output()),
        _ => return None,
    })
}

fn conv<const N: usize>(case: Case<'_>) -> Conv<N> {
    Conv {
        stride: counts(case, "stride"),
        padding: padding(case),
        dilation: counts(case, "dilation"),
        groups: case.number("groups") as usize,
    }
}

fn pool(case: Case<'_>) -> Pool<2> {
    Pool {
        size: counts(case, "kernel"),
        stride: counts(case, "stride"),
        padding: padding(case),
    }
}

/// One count for each axis.
fn counts<const N: usize>(case: Case<'_>, key: &str) -> [usize; N] {
    let counts = case.counts(key);
    counts.try_into().expect("one for each axis")
}

/// `[before, after]` of the only axis, or for each axis either that or one count for both.
fn padding<const N: usize>(case: Case<'_>) -> [[usize; 2]; N] {
    let both = |v: &Value| match v.as_array() {
        Some(pair) => [&pair[0], &pair[1]].map(count),
        None => [count(v); 2],
    };
    match case.setting("padding").as_array().expect("padding") {
        pair if N == 1 => [[count(&pair[0]), count(&pair[1])]; N],
        axes => std::array::from_fn(|axis| both(&axes[axis])),
    }
}

fn count(value: &Value) -> usize {
    value.as_u64().expect("a count") as usize
}
