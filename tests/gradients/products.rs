//! Products of matrices and what solves, factors and sums over them.

use std::f64::consts::PI;

use elbo::ops::{Triangle, einsum};
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    Some(match case.op() {
        "matmul" => x[0].matmul(x[1]),
        "outer" => x[0].outer(x[1]),
        "einsum" => einsum(case.text("equation"), x),
        "diag" => x[0].diag(0),
        "diagonal" => x[0].diagonal(0),
        "tril" => x[0].tril(case.number("k") as isize),
        "triu" => x[0].triu(case.number("k") as isize),
        "affine" => match case.text("activation") {
            "tanh" => x[0].affine(x[1], x[2]).tanh(),
            "relu" => x[0].affine(x[1], x[2]).relu(),
            _ => x[0].affine(x[1], x[2]),
        },
        "cholesky" => x[0].cholesky(),
        "logdet_spd" => x[0].log_det_spd(),
        "log_abs_det" => x[0].log_abs_det(),
        "inverse" => x[0].inverse(),
        "solve" => x[0].solve(x[1]),
        "triangular_solve" => {
            let triangle = Triangle {
                upper: !case.flag("lower"),
                transposed: case.flag("transpose"),
                unit: case.flag("unit_diagonal"),
            };
            x[0].triangular_solve(triangle, x[1])
        }
        "mvn_log_prob_cholesky" => {
            let (deviation, l) = (x[0] - x[1], x[2]);
            let n = deviation.shape().size();
            let diagonal: Vec<usize> = (0..n).map(|i| i * (n + 1)).collect();
            let log_det = l.flatten().index_select(0, &diagonal).log().sum();
            let standard = l.triangular_solve(Triangle::LOWER, deviation);
            -0.5 * standard.square().sum() - log_det - 0.5 * n as f64 * (2.0 * PI).ln()
        }
        _ => return None,
    })
}
