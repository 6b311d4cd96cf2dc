//! Functions that are made of several operations: small nets, cells, densities and estimators.

use elbo::bayes::Prior;
use elbo::dist::Normal;
use elbo::ops::concat;
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[
    "flipout_affine",
    "local_reparam_affine",
    "lstm_cell",
    "gru_cell",
    "attention",
    "kl_normal/1",
];

/// The operation of a case; `None` if it belongs to another family.
pub(crate) fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    Some(match case.op() {
        "mlp_mse" => x[0]
            .affine(x[1], x[2])
            .tanh()
            .affine(x[3], x[4])
            .square()
            .mean(),
        "chain_30" => (0..30).fold(x[0], |x, _| x.sin() + 0.1 * x * x),
        "shared_subexpression" => {
            let e = x[0].exp();
            e * e + e / (1.0 + e)
        }
        "gaussian_sample" => x[0] + x[1].softplus() * case.data("eps", x[0]),
        "normal_log_prob" => Normal {
            mean: x[1],
            std: x[2].softplus(),
        }
        .log_prob(x[0]),
        "scale_mixture_log_prob" => {
            let [pi, sigma1, sigma2] = ["pi", "sigma1", "sigma2"].map(|key| case.number(key));
            let prior = Prior::scale_mixture(pi, sigma1, sigma2);
            // The prior gives the sum over a tensor: one number of it at a time.
            let flat = x[0].reshape([x[0].shape().size()]);
            let one = |i: usize| prior.log_prob(flat.narrow(0, i..i + 1)).reshape([1]);
            let parts: Vec<_> = (0..x[0].shape().size()).map(one).collect();
            concat(&parts, 0).reshape(x[0].shape())
        }
        "kl_normal" if x.len() == 2 => {
            let [mean, std] = ["prior_mean", "prior_std"].map(|key| case.number(key));
            Prior::normal(mean, std).kl(x[0], x[1])
        }
        _ => return None,
    })
}
