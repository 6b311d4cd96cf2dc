//! Counter-based random bits and standard normal noise.
//!
//! A number is a function of (key, counter) alone: it does not matter which thread asks for it,
//! nor what was asked before.

use std::convert::Infallible;

use rand::{SeedableRng, TryRng};

use super::Scalar;
use super::simd::{Level, vectorize};
use super::single::{ln_normal, sin_cos_turns};

/// One block of Philox4x32-10: four words from a key of 64 bits and a counter of 128 bits.
///
/// Source: Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3, section 3.3; it
/// passes `BigCrush` there, and the known answers of its authors are pinned below.
pub fn philox(key: u64, counter: [u32; 4]) -> [u32; 4] {
    side_by_side(key, counter.map(|word| [u64::from(word)])).map(|[word]| word)
}

/// L blocks of [`philox`], word by word: word w of block l is `counter[w][l]`.
///
/// A word lives in the lower half of a lane of 64 bits, where its product finds room, and nobody
/// looks at the upper half.
#[allow(clippy::needless_range_loop)] // l is a lane of all four words
#[inline(always)]
fn side_by_side<const L: usize>(key: u64, counter: [[u64; L]; 4]) -> [[u32; L]; 4] {
    const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const WEYL: [u64; 2] = [0x9E37_79B9, 0xBB67_AE85];
    const LOWER: u64 = 0xffff_ffff;
    let mut k = [key & LOWER, key >> 32];
    let mut c = counter;
    for _ in 0..10 {
        for l in 0..L {
            let p = (c[0][l] & LOWER) * MULTIPLIERS[0];
            let q = (c[2][l] & LOWER) * MULTIPLIERS[1];
            c[0][l] = q >> 32 ^ c[1][l] ^ k[0];
            c[1][l] = q;
            c[2][l] = p >> 32 ^ c[3][l] ^ k[1];
            c[3][l] = p;
        }
        k = [(k[0] + WEYL[0]) & LOWER, (k[1] + WEYL[1]) & LOWER];
    }
    let mut words = [[0; L]; 4];
    for (words, c) in words.iter_mut().zip(c) {
        for l in 0..L {
            words[l] = c[l] as u32;
        }
    }
    words
}

/// What a counter's last word says it is for, so that streams of one key never meet.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Elements of a tensor of standard normal noise.
    Normal = 0,
    /// The stream of [`Philox`].
    Stream = 1,
    /// Keys derived from keys.
    Derive = 2,
}

fn block(key: u64, index: u64, purpose: Purpose) -> [u32; 4] {
    philox(key, [index as u32, (index >> 32) as u32, 0, purpose as u32])
}

/// A key that belongs to `value` below `key`.
pub(crate) fn derive(key: u64, value: u64, level: u32) -> u64 {
    let counter = [
        value as u32,
        (value >> 32) as u32,
        level,
        Purpose::Derive as u32,
    ];
    let [a, b, _, _] = philox(key, counter);
    u64::from(a) | u64::from(b) << 32
}

/// Blocks whose numbers are computed side by side, as many as the widest registers have lanes of
/// 32 bits.
const LANES: usize = 32;
/// Numbers of that many blocks.
const RUN: usize = 4 * LANES;

/// Fills `out` with the standard normal numbers `first..first + out.len()` of `key`.
///
/// Box-Muller in f32: u in (0, 1] from 32 bits and v in [0, 1) from 24,
///
/// ```text
/// r = sqrt(-2 ln u),   (z0, z1) = r (cos 2πv, sin 2πv)
/// ```
///
/// Number 128 j + 32 w + l comes from word w of block 32 j + l, words 0 and 1 being a pair, and 2 and
/// 3: word by word, as wide registers hold them.
///
/// Drawn in f32 and then converted, so that f32, f64 and dual numbers see the same noise.
/// The smallest u is 2^-32, hence |z| < 6.67.
pub fn fill_normal<S: Scalar>(key: u64, first: u64, out: &mut [S]) {
    if Level::current().is_fused() {
        fill::<S, true>(key, first, out);
    } else {
        fill::<S, false>(key, first, out);
    }
}

fn fill<S: Scalar, const FMA: bool>(key: u64, first: u64, out: &mut [S]) {
    vectorize(
        RUN,
        #[inline(always)]
        move || {
            let mut run = first / RUN as u64;
            let mut skip = (first % RUN as u64) as usize;
            let mut rest = out;
            while !rest.is_empty() {
                let z = normals::<FMA>(key, run);
                let z = z.as_flattened();
                let take = rest.len().min(RUN - skip);
                let (head, tail) = rest.split_at_mut(take);
                if take == RUN {
                    copy(&z[..RUN], head); // a length that the compiler knows
                } else {
                    copy(&z[skip..], head);
                }
                rest = tail;
                run = run.wrapping_add(1);
                skip = 0;
            }
        },
    );
}

#[inline(always)]
fn copy<S: Scalar>(from: &[f32], to: &mut [S]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = S::of(f64::from(*from));
    }
}

/// The numbers of run `run` of blocks, word by word.
#[allow(clippy::needless_range_loop)] // l is a lane of all four words
#[inline(always)]
fn normals<const FMA: bool>(key: u64, run: u64) -> [[f32; LANES]; 4] {
    let mut counter = [[0; LANES]; 4];
    for l in 0..LANES {
        let block = run.wrapping_mul(LANES as u64) + l as u64;
        counter[0][l] = block;
        counter[1][l] = block >> 32;
        counter[3][l] = Purpose::Normal as u64;
    }
    let words = side_by_side(key, counter);
    let mut z = [[0.0; LANES]; 4];
    for pair in [0, 2] {
        for l in 0..LANES {
            let r = radius::<FMA>(words[pair][l]);
            let (sin, cos) = sin_cos_turns::<FMA>(words[pair + 1][l]);
            z[pair][l] = r * cos;
            z[pair + 1][l] = r * sin;
        }
    }
    z
}

/// √(-2 ln u) of u = (bits + 1) / 2^32, rounded once: never of 0.
#[inline(always)]
fn radius<const FMA: bool>(bits: u32) -> f32 {
    // Both halves are whole numbers of 24 bits, which every level converts at once.
    let [high, low] = [bits >> 8, (bits & 255) + 1].map(|half| half as i32 as f32);
    let u = (high * 256.0 + low) * (1.0 / 4_294_967_296.0);
    (-2.0 * ln_normal::<FMA>(u)).sqrt()
}

/// A stream of random bits from a key: [`rand`]'s traits over [`philox()`], so that every
/// distribution of [`rand_distr`] can be drawn from it.
///
/// ```
/// use elbo::kernels::noise::Philox;
/// use rand::{RngExt, SeedableRng};
/// let (mut a, mut b) = (Philox::seed_from_u64(7), Philox::seed_from_u64(7));
/// assert_eq!(a.random::<u64>(), b.random::<u64>());
/// ```
#[derive(Clone, Debug)]
pub struct Philox {
    key: u64,
    next: u64,
    words: [u32; 4],
    used: usize,
}

impl Philox {
    /// The stream that belongs to `key`.
    pub fn new(key: u64) -> Self {
        Philox {
            key,
            next: 0,
            words: [0; 4],
            used: 4,
        }
    }
}

impl SeedableRng for Philox {
    type Seed = [u8; 8];
    fn from_seed(seed: Self::Seed) -> Self {
        Philox::new(u64::from_le_bytes(seed))
    }
}

impl TryRng for Philox {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.used == 4 {
            self.words = block(self.key, self.next, Purpose::Stream);
            self.next += 1;
            self.used = 0;
        }
        self.used += 1;
        Ok(self.words[self.used - 1])
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        Ok(u64::from(low) | u64::from(self.try_next_u32()?) << 32)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_its_authors_known_answers() {
        // kat_vectors of Random123, philox4x32 with 10 rounds
        assert_eq!(
            philox(0, [0; 4]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox(u64::MAX, [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        let key = 0xa409_3822 | 0x299f_31d0 << 32;
        let counter = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(
            philox(key, counter),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn noise_is_box_muller_of_the_words() {
        let mut z = [0.0f64; 4 * RUN];
        fill_normal(5, 3 * RUN as u64, &mut z);
        for (i, run) in z.chunks(RUN).enumerate() {
            for l in 0..LANES {
                let block = ((3 + i) * LANES + l) as u32;
                let words = philox(5, [block, 0, 0, Purpose::Normal as u32]);
                let z: Vec<f64> = run.iter().skip(l).step_by(LANES).copied().collect();
                for (z, word) in z.chunks(2).zip(words.chunks(2)) {
                    let u = (f64::from(word[0]) + 1.0) / 2f64.powi(32);
                    let v = f64::from(word[1] >> 8) / 2f64.powi(24);
                    let (sin, cos) = (std::f64::consts::TAU * v).sin_cos();
                    let r = (-2.0 * u.ln()).sqrt();
                    // u is rounded to 2^-24, which near 1 is much of ln u: r² is off by 2^-23 then.
                    for (z, exact) in z.iter().zip([r * cos, r * sin]) {
                        assert!(
                            (z - exact).abs() <= 1e-6 + 2f64.powi(-23) / r,
                            "{z} {exact}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn an_element_depends_on_its_index_alone() {
        let mut whole = [0.0f32; 137];
        fill_normal(9, 0, &mut whole);
        for first in 0..137 {
            let mut part = vec![0.0f32; 137 - first];
            fill_normal(9, first as u64, &mut part);
            assert_eq!(part, whole[first..]);
        }
    }

    #[test]
    fn moments_and_tails_are_those_of_a_standard_normal() {
        let n = 1_000_000;
        let mut z = vec![0.0f64; n];
        fill_normal(3, 0, &mut z);
        let moment = |k: i32| z.iter().map(|z| z.powi(k)).sum::<f64>() / n as f64;
        let beyond = |c: f64| z.iter().filter(|z| z.abs() > c).count() as f64 / n as f64;
        // Standard errors: 1/√n, √(2/n), √(15/n), √(96/n); a bound of 4 of them.
        let se = 4.0 / (n as f64).sqrt();
        assert!(moment(1).abs() < se);
        assert!((moment(2) - 1.0).abs() < se * 2f64.sqrt());
        assert!(moment(3).abs() < se * 15f64.sqrt());
        assert!((moment(4) - 3.0).abs() < se * 96f64.sqrt());
        for (c, p) in [
            (1.0, 0.317_310_507_9),
            (2.0, 0.045_500_263_9),
            (3.0, 0.002_699_796_1),
        ] {
            assert!((beyond(c) - p).abs() < se * f64::sqrt(p), "beyond {c}");
        }
    }
}
