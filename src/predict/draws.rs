//! [`Draws`]: where the nets come from that a prediction is the mean over.

use std::borrow::Cow;

use crate::bayes::Noise;
use crate::net::BayesNet;

/// Draws theta_0, theta_1, … from a posterior: nets of point weights.
///
/// A prediction knows nothing else of how inference was done. A draw is a function of its number
/// alone, so that draws can be made in any order and by any thread.
///
/// ```text
/// p(y | x, D) = E_{p(theta | D)}[p(y | x, theta)] ≈ (1/S) Σ_s p(y | x, theta_s)
/// ```
pub trait Draws<N: BayesNet>: Sync {
    /// theta_s for s = `draw`.
    ///
    /// # Panics
    /// If `draw` is not below [`available`](Draws::available).
    fn theta(&self, draw: u64) -> Cow<'_, N>;

    /// How many draws there are; `None` if new ones can always be had.
    fn available(&self) -> Option<u64> {
        None
    }
}

/// Draws from the variational posterior that a net carries in its own weights.
#[derive(Clone, Copy, Debug)]
pub struct OwnPosterior<'a, N> {
    net: &'a N,
    noise: Noise,
}

impl<'a, N: BayesNet> OwnPosterior<'a, N> {
    /// Draw s takes its noise from the key `seed -> draw s`.
    pub fn new(net: &'a N, seed: u64) -> Self {
        OwnPosterior {
            net,
            noise: Noise::new(seed),
        }
    }
}

impl<N: BayesNet> Draws<N> for OwnPosterior<'_, N> {
    fn theta(&self, draw: u64) -> Cow<'_, N> {
        Cow::Owned(self.net.sample(self.noise.draw(draw)))
    }
}

/// Nets that are at hand: an ensemble, or the samples of a Markov chain.
impl<N: BayesNet> Draws<N> for Vec<N> {
    fn theta(&self, draw: u64) -> Cow<'_, N> {
        Cow::Borrowed(&self[draw as usize])
    }
    fn available(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}
