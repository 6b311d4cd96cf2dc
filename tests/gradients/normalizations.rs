//! Normalizations, and losses in terms of logits and targets.

use elbo::dist::{Bernoulli, Categorical, Normal, Poisson};
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

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
        "cross_entropy_soft" => {
            let targets = case.data("targets", x[0]);
            -(targets * x[0].log_softmax(1)).sum_axes(&[1])
        }
        "huber" => x[0].huber(case.number("delta")),
        "layer_norm" => x[0].normalize(&case.axes(x[0]), case.number("eps")) * x[1] + x[2],
        "rms_norm" => x[0].rms_normalize(&case.axes(x[0]), case.number("eps")) * x[1],
        "batch_norm" => {
            let axes = [&[0], &(2..x[0].shape().rank()).collect::<Vec<_>>()[..]].concat();
            let y = x[0].normalize(&axes, case.number("eps"));
            per_channel(x[0], x[1]) * y + per_channel(x[0], x[2])
        }
        "group_norm" => {
            let y = x[0].group_normalize(case.number("groups") as usize, case.number("eps"));
            per_channel(x[0], x[1]) * y + per_channel(x[0], x[2])
        }
        _ => return None,
    })
}

/// A number for each channel, as it stands beside `x` of shape `[rows, channels, ..]`.
fn per_channel<'t, S: Scalar>(x: Var<'t, S>, number: Var<'t, S>) -> Var<'t, S> {
    number.expand_dims(&(1..x.shape().rank() - 1).collect::<Vec<_>>())
}
