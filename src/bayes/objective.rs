//! The evidence lower bound and its minibatch shares.

use crate::kernels::Scalar;
use crate::tape::Var;
use crate::{Error, Result};

/// The two parts of the evidence lower bound, on a tape:
///
/// ```text
/// ELBO = E_q[log p(D | theta)] - KL(q || p)      (Blundell et al. 2015, equation 1, negated)
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Elbo<'t, S = f32> {
    /// log p(y | x, theta) summed over the rows of the batch, its mean over the draws.
    pub log_likelihood: Var<'t, S>,
    /// KL(q || p), summed over every scalar of every weight.
    pub kl: Var<'t, S>,
}

impl<'t, S: Scalar> Elbo<'t, S> {
    /// The loss of a batch whose share of the KL is `share`:
    ///
    /// ```text
    /// loss = share KL - Σ_b log p(y_b | x_b, theta)
    /// ```
    ///
    /// The shares of the batches of an epoch add up to 1, and then their losses add up to the
    /// negative ELBO of all data; see [`MinibatchWeighting`].
    pub fn loss(&self, share: f64) -> Var<'t, S> {
        self.kl * share - self.log_likelihood
    }
}

/// How the KL is shared out over the M batches of an epoch. The shares add up to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinibatchWeighting {
    /// By rows: `B_i / N` for batch i with B_i of the N rows, which is 1/M for equal batches.
    #[default]
    Uniform,
    /// 2^(M-i) / (2^M - 1): the first batches feel the prior, the later ones the data
    /// (Blundell et al. 2015, section 3.4).
    Blundell,
}

impl MinibatchWeighting {
    /// The share of batch `i`, counted from 1, of `batches`, which holds `rows` of `total` rows.
    ///
    /// # Errors
    /// If there is no such batch, or it has no row or more than there are.
    pub fn share(self, i: usize, batches: usize, rows: usize, total: usize) -> Result<f64> {
        if i == 0 || i > batches {
            return Err(Error::setting(
                "batch",
                i,
                format!("one of 1..={batches}, the batches of an epoch"),
            ));
        }
        if rows == 0 || rows > total {
            return Err(Error::setting(
                "rows",
                rows,
                format!("one of 1..={total}, the rows of the data"),
            ));
        }
        Ok(match self {
            MinibatchWeighting::Uniform => rows as f64 / total as f64,
            // 2^-i / (1 - 2^-M), which neither overflows nor divides inf by inf.
            MinibatchWeighting::Blundell => {
                let half_to = |n: usize| 0.5f64.powf(n as f64);
                half_to(i) / (1.0 - half_to(batches))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_an_epoch_add_up_to_one() {
        for batches in [1, 2, 4, 7, 60, 2000] {
            let sum = |weighting: MinibatchWeighting| -> f64 {
                let share = |i| weighting.share(i, batches, 3, 3 * batches).unwrap();
                (1..=batches).map(share).sum()
            };
            assert!((sum(MinibatchWeighting::Blundell) - 1.0).abs() < 1e-15);
            assert!((sum(MinibatchWeighting::Uniform) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn blundell_shares_are_those_of_the_paper() {
        let share = |i, m| MinibatchWeighting::Blundell.share(i, m, 1, m).unwrap();
        for (i, numerator) in [8.0, 4.0, 2.0, 1.0].into_iter().enumerate() {
            assert_eq!(share(i + 1, 4), numerator / 15.0);
        }
        assert_eq!(share(1, 1), 1.0);
        assert_eq!(
            [share(1, 2000), share(2, 2000), share(2000, 2000)],
            [0.5, 0.25, 0.0]
        );
        for wrong in [0, 5] {
            assert!(MinibatchWeighting::Blundell.share(wrong, 4, 1, 4).is_err());
        }
    }
}
