//! Adam.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Optimizer, fraction, memory, moved, positive};
use crate::error::Result;
use crate::kernels::simd::vectorize;
use crate::kernels::task::pieces;

/// Adam, by the moments of the gradient g:
///
/// ```text
/// m = β₁ m + (1 - β₁) g            v = β₂ v + (1 - β₂) g²
/// x = x - lr m̂ / (√v̂ + ε),        m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ)
/// ```
///
/// Source: Kingma and Ba (2015), algorithm 1.
#[derive(Clone, Debug)]
pub struct Adam {
    learning_rate: f64,
    betas: [f64; 2],
    epsilon: f64,
    steps: i32,
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
}

impl Adam {
    /// Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    pub fn new(learning_rate: f64) -> Self {
        Adam {
            learning_rate,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            steps: 0,
            first: vec![],
            second: vec![],
        }
    }
    /// Sets the decay of the moments, \[β₁, β₂\].
    pub fn betas(mut self, betas: [f64; 2]) -> Self {
        self.betas = betas;
        self
    }
    /// Sets ε.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl Optimizer for Adam {
    fn validate(&self) -> Result<()> {
        positive("learning_rate", self.learning_rate)?;
        fraction("beta1", self.betas[0])?;
        fraction("beta2", self.betas[1])?;
        positive("epsilon", self.epsilon)
    }
    fn advance(&mut self) {
        self.steps = self.steps.saturating_add(1);
    }
    fn update(&mut self, index: usize, parameter: &mut [f32], gradient: &[f32]) -> bool {
        let corrections = self.betas.map(|beta| 1.0 - beta.powi(self.steps));
        let rate = (self.learning_rate / corrections[0]) as f32;
        let root = (1.0 / corrections[1].sqrt()) as f32;
        let [b1, b2] = self.betas.map(|beta| beta as f32);
        // 1 - β in f64: in f32 it would lose the digits of 1 - 0.999.
        let [a1, a2] = self.betas.map(|beta| (1.0 - beta) as f32);
        let epsilon = self.epsilon as f32;
        let m = memory(&mut self.first, index, parameter.len());
        let v = memory(&mut self.second, index, parameter.len());
        let all_moved = AtomicBool::new(true);
        pieces(
            [],
            [gradient],
            [parameter, m, v],
            |_, [], [gradient], [parameter, m, v]| {
                let all = vectorize(
                    parameter.len(),
                    #[inline(always)]
                    move || {
                        let mut all = true;
                        for (((x, &g), m), v) in parameter.iter_mut().zip(gradient).zip(m).zip(v) {
                            *m = b1 * *m + a1 * g;
                            *v = b2 * *v + a2 * g * g;
                            let (to, finite) = moved(*x, rate * *m / (v.sqrt() * root + epsilon));
                            *x = to;
                            all &= finite;
                        }
                        all
                    },
                );
                all_moved.fetch_and(all, Ordering::Relaxed);
            },
        );
        all_moved.into_inner()
    }
}
