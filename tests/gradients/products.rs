//! Products of matrices and what solves, factors and sums over them.

use std::f64::consts::PI;

use elbo::ops::Triangle;
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "matmul/1", "matmul/2", "matmul/3", "outer", "einsum", "diag", "diagonal", "tril", "triu",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    Some(match case.op() {
        "matmul" => product(x[0], x[1]),
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

/// A matrix product in which a vector is a row on the left and a column on the right.
fn product<'t, S: Scalar>(a: Var<'t, S>, b: Var<'t, S>) -> Var<'t, S> {
    let (left, right) = (a.shape(), b.shape());
    let row = if left.rank() == 1 {
        a.reshape([1, left.size()])
    } else {
        a
    };
    let column = if right.rank() == 1 {
        b.reshape([right.size(), 1])
    } else {
        b
    };
    let y = row.matmul(column);
    match (left.rank(), right.rank()) {
        (1, 1) => y.reshape([]),
        (1, _) | (_, 1) => y.reshape([y.shape().size()]),
        _ => y,
    }
}
