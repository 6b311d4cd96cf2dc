//! One loop, compiled for every instruction level, run at the best one that the machine has.
//!
//! A loop of this crate is plain Rust over slices, branch-free and free of calls, so that LLVM
//! vectorises it: with the target's baseline (SSE2, NEON) if nothing is said, with wider registers
//! inside a function that is compiled for them. [`vectorize`] is that function.
//!
//! **The width changes the time of a loop, never a bit of its result.** Rust neither contracts
//! `a * b + c` to a fused multiply-add nor reorders a sum, so an addition rounds the same in 4
//! lanes and in 16. A `mul_add` is one instruction where the machine has it and a slow call
//! elsewhere: the functions of f32 use it at the levels that have it ([`Level::is_fused`]), and are
//! the same bits at all of these. That is every x86-64 since 2013 and every aarch64.
//!
//! Nanoseconds a number, of one core of a busy Intel Xeon (family 6, model 207) at 2.3 GHz, by
//! `cargo bench --bench functions`, 2026-11-25:
//!
//! | f32 function | std, libm | baseline | AVX2 | AVX-512 |
//! | --- | --- | --- | --- | --- |
//! | `exp` | 2.6 | 1.3 | 0.72 | 0.51 |
//! | `ln` | 2.9 | 1.9 | 1.0 | 0.55 |
//! | `tanh` | 11.5 | 2.3 | 1.3 | 0.84 |
//! | `softplus` | 11.4 | 3.5 | 2.0 | 1.2 |
//! | `erf` | 12.5 | 7.6 | 4.0 | 2.7 |
//! | `sin` | 3.2 | 8.0 | 3.9 | 2.0 |
//!
//! The sine pays for every angle what only the large ones need.

use std::sync::LazyLock;

/// A set of instructions that loops are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of the target has: SSE2 on x86-64, NEON on aarch64.
    Baseline,
    /// x86-64 with AVX2, BMI and FMA: eight `f32` at a time.
    Avx2,
    /// x86-64 with AVX-512 F, BW, CD, DQ and VL: sixteen `f32` at a time.
    Avx512,
}

impl Level {
    const ALL: [Level; 3] = [Level::Baseline, Level::Avx2, Level::Avx512];

    /// The level as the environment variable `ELBO_SIMD` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }
    /// The levels of this machine, from the baseline up.
    pub fn available() -> impl Iterator<Item = Level> {
        let best = best();
        Level::ALL.into_iter().filter(move |&level| level <= best)
    }
    /// The level at which [`vectorize`] runs: the best that the machine has, but none above
    /// the one that `ELBO_SIMD` names (`baseline`, `avx2` or `avx512`). Another value is no limit.
    ///
    /// It is chosen at the first call, and stays.
    pub fn current() -> Level {
        static CURRENT: LazyLock<Level> =
            LazyLock::new(|| limited(best(), std::env::var("ELBO_SIMD").ok().as_deref()));
        *CURRENT
    }
    /// Whether the level multiplies and adds in one rounding.
    #[inline]
    pub fn is_fused(self) -> bool {
        self > Level::Baseline || cfg!(target_feature = "fma") || cfg!(target_arch = "aarch64")
    }
    /// Runs `f` compiled for [`Level::current`], few numbers or many: see [`vectorize`].
    ///
    /// # Panics
    /// If the level is not [fused](Level::is_fused).
    #[allow(unsafe_code)]
    #[inline]
    pub(super) fn run_fused<R>(f: impl FnOnce() -> R) -> R {
        match Level::current() {
            // SAFETY: `current` is never above `best`, which grants these only where their
            // instructions were detected.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(f) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(f) },
            #[cfg(any(target_feature = "fma", not(target_arch = "x86_64")))]
            level if level.is_fused() => f(),
            level => panic!("{} multiplies and adds in two roundings", level.name()),
        }
    }
    /// Runs `f` compiled for this level, as far as `f` is inlined: see [`vectorize`].
    ///
    /// # Panics
    /// If the machine does not have the level.
    #[allow(unsafe_code)]
    #[inline]
    #[track_caller]
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        assert!(self <= best(), "this machine has no {}", self.name());
        // SAFETY: the machine has the level, as was just checked.
        unsafe { self.run_unchecked(f) }
    }
    /// # Safety
    /// The machine must have the level: `self <= best()`.
    #[allow(unsafe_code)]
    #[inline]
    unsafe fn run_unchecked<R>(self, f: impl FnOnce() -> R) -> R {
        match self {
            Level::Baseline => f(),
            // SAFETY: `best` grants these only where their instructions were detected.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(f) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(f) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => f(),
        }
    }
}

/// Runs `f`, a loop over n numbers, compiled for [`Level::current`]; few of them, for which that is not
/// worth a call, at the baseline.
///
/// Only what is inlined into `f` is: write it as `vectorize(n, #[inline(always)] || …)`, with
/// functions inside that are `#[inline(always)]` too, and without closures of their own, which may
/// not be. What stays a call computes the same at the baseline.
///
/// ```
/// use elbo::kernels::simd::vectorize;
/// let mut x = [1.0f32; 100];
/// vectorize(x.len(), #[inline(always)] || x.iter_mut().for_each(|x| *x += 0.5));
/// assert_eq!(x, [1.5; 100]);
/// ```
#[allow(unsafe_code)]
#[inline]
pub fn vectorize<R>(n: usize, f: impl FnOnce() -> R) -> R {
    let level = if n < 16 {
        Level::Baseline
    } else {
        Level::current()
    };
    // SAFETY: `Level::current` is never above `best`, and every machine has the baseline.
    unsafe { level.run_unchecked(f) }
}

/// The machine's best level, no better than `limit` if that names one.
fn limited(best: Level, limit: Option<&str>) -> Level {
    let named = Level::ALL.into_iter().find(|l| Some(l.name()) == limit);
    named.map_or(best, |named| named.min(best))
}

/// The highest level whose instructions the machine has, and those of all levels below it.
fn best() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! has {
            ($($feature:tt)+) => { $(is_x86_feature_detected!($feature))&&+ };
        }
        if has!("avx2" "bmi1" "bmi2" "fma") {
            if has!("avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl") {
                return Level::Avx512;
            }
            return Level::Avx2;
        }
    }
    Level::Baseline
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,fma")]
fn avx2<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi1,bmi2,fma")]
fn avx512<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Scalar;
    use super::*;

    #[inline(always)]
    fn several(x: f32) -> [f32; 6] {
        [
            Scalar::exp(x),
            Scalar::ln(x),
            Scalar::sin(x),
            Scalar::erf(x),
            Scalar::softplus(x),
            Scalar::powf(x, 1.5),
        ]
    }

    proptest! {
        #[test]
        fn every_level_computes_the_bits_of_the_plain_loop(
            bits in prop::collection::vec(any::<u32>(), 0..100)
        ) {
            let x: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
            let mut plain = vec![];
            for &x in &x {
                plain.push(several(x));
            }
            for level in Level::available() {
                let mut y = vec![[0.0; 6]; x.len()];
                level.run(
                    #[inline(always)]
                    || {
                        for (y, &x) in y.iter_mut().zip(&x) {
                            *y = several(x);
                        }
                    },
                );
                for (y, plain) in y.as_flattened().iter().zip(plain.as_flattened()) {
                    let same = y.to_bits() == plain.to_bits() || y.is_nan() && plain.is_nan();
                    prop_assert!(same, "{level:?}: {y:e}, {plain:e}");
                }
            }
        }
    }

    #[test]
    fn a_limit_lowers_the_level_and_never_raises_it() {
        for best in Level::ALL {
            assert_eq!(limited(best, None), best);
            assert_eq!(limited(best, Some("AVX-2")), best);
            assert_eq!(limited(best, Some("")), best);
            assert_eq!(limited(best, Some("baseline")), Level::Baseline);
            assert_eq!(limited(best, Some("avx2")), best.min(Level::Avx2));
            assert_eq!(limited(best, Some("avx512")), best);
        }
    }

    #[test]
    fn a_level_that_the_machine_lacks_is_refused() {
        for level in Level::ALL {
            let ran = std::panic::catch_unwind(|| level.run(|| 7));
            assert_eq!(ran.ok(), (level <= best()).then_some(7));
        }
    }
}
