//! [`Noise`]: random numbers by name.

use std::collections::BTreeMap;

use crate::kernels::Scalar;
use crate::kernels::noise::{Philox, derive, fill_normal};
use crate::tensor::Tensor;

/// A key to random numbers: seed, step, draw, site, and then element by element.
///
/// The numbers are a function of the key alone. They do not depend on threads, nor on what was
/// drawn before; a site goes by its name, so that moving a layer changes no draw.
///
/// ```
/// use elbo::bayes::Noise;
/// let key = Noise::new(7).step(3).draw(0).at("h1").at("weight");
/// let (mut a, mut b) = ([0.0f32; 4], [0.0f64; 8]);
/// key.fill_normal(&mut a);
/// key.fill_normal(&mut b);
/// assert_eq!(f64::from(a[3]), b[3]);
/// assert_ne!(key, Noise::new(7).step(3).draw(1).at("h1").at("weight"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
}

/// Levels of the key, so that step 1 and draw 1 differ.
#[derive(Clone, Copy)]
enum Level {
    Seed = 1,
    Step = 2,
    Draw = 3,
    Site = 4,
}

impl Noise {
    fn below(self, level: Level, value: u64) -> Self {
        Noise {
            key: derive(self.key, value, level as u32),
        }
    }
    /// All noise that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Noise { key: 0 }.below(Level::Seed, seed)
    }
    /// The part that belongs to training step `step`.
    pub fn step(self, step: u64) -> Self {
        self.below(Level::Step, step)
    }
    /// The part that belongs to draw `draw` of several.
    pub fn draw(self, draw: u64) -> Self {
        self.below(Level::Draw, draw)
    }
    /// The part that belongs to the site `name`: a layer, or a parameter of it.
    pub fn at(self, name: &str) -> Self {
        // FNV-1a; `derive` does the mixing.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, byte| {
            (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.below(Level::Site, hash)
    }
    /// Fills `out` with independent standard normal numbers.
    pub fn fill_normal<S: Scalar>(self, out: &mut [S]) {
        fill_normal(self.key, 0, out);
    }
    /// As [`fill_normal`](Noise::fill_normal), from the number `first` on.
    pub fn fill_normal_from<S: Scalar>(self, first: u64, out: &mut [S]) {
        fill_normal(self.key, first, out);
    }
    /// A stream of random bits, for [`rand`] and [`rand_distr`].
    pub fn rng(self) -> Philox {
        Philox::new(self.key)
    }
}

/// Noise that is written down instead of drawn: for tests, teaching and replay.
///
/// ```
/// use elbo::{Tensor, bayes::Given};
/// let mut given = Given::default();
/// given.insert(0, "h1.weight", Tensor::new([2], vec![0.5, -1.0]));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Given(BTreeMap<(u64, String), Tensor<f64>>);

impl Given {
    /// The noise of draw `draw` at the site `path`, such as `h1.weight`.
    pub fn insert(&mut self, draw: u64, path: &str, noise: Tensor<f64>) {
        self.0.insert((draw, path.to_owned()), noise);
    }
    /// What was written for draw `draw` at `path`.
    pub fn get(&self, draw: u64, path: &str) -> Option<&Tensor<f64>> {
        self.0.get(&(draw, path.to_owned()))
    }
}
