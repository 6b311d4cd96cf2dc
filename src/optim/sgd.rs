//! Stochastic gradient descent.

use super::{Optimizer, fraction, memory, moved, positive};
use crate::error::Result;
use crate::kernels::simd::vectorize;

/// Gradient descent with momentum:
///
/// ```text
/// v = momentum v + g,   x = x - lr v
/// ```
///
/// Source: Polyak (1964), in the form of Sutskever et al. (2013) without dampening.
#[derive(Clone, Debug)]
pub struct Sgd {
    learning_rate: f64,
    momentum: f64,
    velocity: Vec<Vec<f32>>,
}

impl Sgd {
    /// Plain gradient descent.
    pub fn new(learning_rate: f64) -> Self {
        Sgd {
            learning_rate,
            momentum: 0.0,
            velocity: vec![],
        }
    }
    /// Sets the momentum, in [0, 1).
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }
}

impl Optimizer for Sgd {
    fn validate(&self) -> Result<()> {
        positive("learning_rate", self.learning_rate)?;
        fraction("momentum", self.momentum)
    }
    fn advance(&mut self) {}
    fn update(&mut self, index: usize, parameter: &mut [f32], gradient: &[f32]) -> bool {
        let (rate, momentum) = (self.learning_rate as f32, self.momentum as f32);
        let velocity = memory(&mut self.velocity, index, parameter.len());
        vectorize(
            parameter.len(),
            #[inline(always)]
            move || {
                let mut all = true;
                for ((x, &g), v) in parameter.iter_mut().zip(gradient).zip(velocity) {
                    *v = momentum * *v + g;
                    let (to, finite) = moved(*x, rate * *v);
                    *x = to;
                    all &= finite;
                }
                all
            },
        )
    }
}
