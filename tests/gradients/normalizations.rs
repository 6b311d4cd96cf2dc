//! Normalizations, and losses in terms of logits and targets.

use elbo::dist::{Bernoulli, Categorical, Normal, Poisson};
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "layer_norm",
    "rms_norm",
    "batch_norm",
    "group_norm",
    "cross_entropy_soft",
    "huber",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    Some(match case.op() {
        "gaussian_nll" => -Normal {
            mean: x[1],
            std: x[2],
        }
        .log_prob(x[0]),
        "bce_with_logits" => -Bernoulli { logits: x[0] }.log_prob(case.data("targets", x[0])),
        "poisson_nll" => -Poisson { log_rate: x[0] }.log_prob(case.data("targets", x[0])),
        "cross_entropy" => {
            let labels = case.data("labels", x[0]);
            let loss = -Categorical { logits: x[0] }.log_prob(labels);
            if case.text("reduction") == "mean" {
                loss.mean()
            } else {
                loss
            }
        }
        _ => return None,
    })
}
