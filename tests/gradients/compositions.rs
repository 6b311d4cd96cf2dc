//! Functions that are made of several operations: small nets, cells, densities and estimators.

use elbo::bayes::Prior;
use elbo::dist::Normal;
use elbo::ops::concat;
use elbo::{Scalar, Var};

use crate::case::Case;

/// Operations of the file that this crate does not have yet.
pub(crate) const LATER: &[&str] = &[];

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
        // KL(N(mu, softplus(rho)²) || N(m, s²)) with a learned ln s.
        "kl_normal" => {
            let (std, prior_std) = (x[1].softplus(), x[2].exp());
            let shift = (x[0] - case.number("prior_mean")) / prior_std;
            let ratio = std / prior_std;
            (0.5 * (ratio.square() + shift.square() - 1.0) - ratio.log()).sum()
        }
        "flipout_affine" => {
            let [eps, sign_in, sign_out] =
                ["eps", "sign_in", "sign_out"].map(|key| case.data(key, x[0]));
            let moved = x[2].softplus() * eps;
            x[0].matmul(x[1]) + (x[0] * sign_in).matmul(moved) * sign_out
        }
        "local_reparam_affine" => {
            let variance = x[0].square().matmul(x[2].softplus().square());
            x[0].matmul(x[1]) + case.data("eps", x[0]) * variance.sqrt()
        }
        "attention" => {
            let scores = x[0].matmul_with([false, true], x[1]) * case.number("scale");
            scores.softmax(2).matmul(x[2])
        }
        "lstm_cell" => lstm(x),
        "gru_cell" => gru(x),
        _ => return None,
    })
}

/// Inputs x, h, c, the weights of x and of h, the biases; gates input, forget, cell, output.
fn lstm<'t, S: Scalar>(x: &[Var<'t, S>]) -> Var<'t, S> {
    let &[x, h, c, wx, wh, b] = x else {
        panic!("lstm_cell: six inputs")
    };
    let gates = (x.matmul(wx) + h.matmul(wh) + b).split(1, &[3; 4]);
    let [input, forget, cell, output] = gates[..] else {
        panic!("four gates")
    };
    let c = forget.sigmoid() * c + input.sigmoid() * cell.tanh();
    concat(&[output.sigmoid() * c.tanh(), c], 1)
}

/// Inputs x, h, the weights of x and of h, their biases; gates reset, update, candidate.
fn gru<'t, S: Scalar>(x: &[Var<'t, S>]) -> Var<'t, S> {
    let &[x, h, wx, wh, bx, bh] = x else {
        panic!("gru_cell: six inputs")
    };
    let (of_x, of_h) = (
        x.affine(wx, bx).split(1, &[3; 3]),
        h.affine(wh, bh).split(1, &[3; 3]),
    );
    let reset = (of_x[0] + of_h[0]).sigmoid();
    let update = (of_x[1] + of_h[1]).sigmoid();
    let candidate = (of_x[2] + reset * of_h[2]).tanh();
    (1.0 - update) * candidate + update * h
}
