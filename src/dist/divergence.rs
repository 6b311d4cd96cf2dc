//! The Kullback-Leibler divergence, and the functions by which its closed forms avoid
//! cancellation.

use crate::kernels::{Scalar, select};

/// KL(q ‖ p) in closed form.
///
/// ```text
/// KL(q ‖ p) = E_q[ln q(x) - ln p(x)]    in nats; >= 0, and 0 only if q = p
/// ```
///
/// It is not symmetric: `self` is q, over which the expectation runs. Every form here is a sum
/// of terms that are not negative by themselves, so the result never is, is exactly 0 at
/// equality, and keeps its digits close by.
///
/// ```
/// use elbo::dist::{KlDivergence, Normal};
/// let q = Normal { mean: 0.0, std: 1.0 };
/// let p = Normal { mean: 0.0, std: 2.0 };
/// assert!((q.kl_divergence(&p) - 0.318_147_180_559_945_3_f64).abs() < 1e-15);
/// assert!((p.kl_divergence(&q) - 0.806_852_819_440_054_7_f64).abs() < 1e-15);
/// ```
pub trait KlDivergence<P, S = f64> {
    /// KL(self ‖ p), in nats.
    fn kl_divergence(&self, p: &P) -> S;
}

/// e^u - 1 - u >= 0, relatively exact everywhere: about u²/2 near 0, where `exp_m1(u) - u`
/// keeps only half of the digits.
#[inline(always)]
pub(super) fn excess<S: Scalar>(u: S) -> S {
    /// Up to |u| = 1/2 the series needs the terms u^k / k! to k = 15, the next is below 6e-18 of
    /// it, and in f32 those to k = 8, the next is below 5e-8 of it.
    const FACTORS: [f64; 13] = {
        let mut factors = [0.0; 13];
        let mut k = 3;
        while k <= 15 {
            factors[k - 3] = 1.0 / k as f64;
            k += 1;
        }
        factors
    };
    // u²/2 (1 + u/3 (1 + u/4 (1 + …)))
    let mut series = S::ONE;
    let terms = if S::EPSILON > 1e-8 { 6 } else { 13 };
    for &factor in FACTORS[..terms].iter().rev() {
        series = S::ONE + series * u * S::of(factor);
    }
    let near = S::of(0.5) * u * u * series;
    select(u.abs() < S::of(0.5), near, u.exp_m1() - u)
}

/// ln(a / b) for a, b > 0, relatively exact where a and b are close.
#[inline(always)]
pub(super) fn log_ratio<S: Scalar>(a: S, b: S) -> S {
    let difference = a - b;
    if difference.abs() < S::of(0.5) * b {
        (difference / b).ln_1p()
    } else {
        a.ln() - b.ln()
    }
}

/// q ln(q/p) - q + p >= 0 from ln q and ln p, each of them -inf where the mass is 0.
///
/// Summed over the outcomes of two discrete distributions this is their divergence, since the
/// masses of both add up to 1.
#[inline(always)]
pub(super) fn mass_divergence<S: Scalar>(log_q: S, log_p: S) -> S {
    if log_q == S::of(f64::NEG_INFINITY) {
        return log_p.exp(); // 0 ln 0 = 0
    }
    let (q, u) = (log_q.exp(), log_p - log_q);
    if u > S::ONE {
        // q (e^u - 1 - u), where e^u alone may overflow and q underflow
        log_p.exp() - q - q * u
    } else {
        q * excess(u)
    }
}

/// a x, where 0 times an infinity is 0: a mass of 0 adds nothing, however small its logarithm.
#[inline(always)]
pub(super) fn weighted<S: Scalar>(a: S, x: S) -> S {
    if a == S::ZERO && x.value().is_infinite() {
        S::ZERO
    } else {
        a * x
    }
}

/// What the tangent of a convex f at `from` leaves of it at `to`, the Bregman divergence that is
/// the KL of an exponential family:
///
/// ```text
/// f(to) - f(from) - f'(from)·d = ∫₀¹ (1 - t) f''(from + t d)[d, d] dt,   d = to - from
/// ```
///
/// By the integral where no coordinate changes by more than half of itself: the difference would
/// have lost what is quadratic in d. For functions such as ln Γ, singular at 0, ten nodes of Gauss
/// and Legendre are exact to 1e-14 there.
pub(super) fn remainder<S: Scalar, const N: usize>(
    from: [S; N],
    to: [S; N],
    f: impl Fn([S; N]) -> S,
    gradient: impl Fn([S; N]) -> [S; N],
    curvature: impl Fn([S; N], [S; N]) -> S,
) -> S {
    /// Where on the way from 0 to 1, and with which weight.
    const NODES: [[f64; 2]; 10] = [
        [0.013_046_735_741_414_14, 0.033_335_672_154_344_07],
        [0.067_468_316_655_507_75, 0.074_725_674_575_290_3],
        [0.160_295_215_850_487_8, 0.109_543_181_257_991_02],
        [0.283_302_302_935_376_4, 0.134_633_359_654_998_17],
        [0.425_562_830_509_184_4, 0.147_762_112_357_376_44],
        [0.574_437_169_490_815_6, 0.147_762_112_357_376_44],
        [0.716_697_697_064_623_6, 0.134_633_359_654_998_17],
        [0.839_704_784_149_512_2, 0.109_543_181_257_991_02],
        [0.932_531_683_344_492_2, 0.074_725_674_575_290_3],
        [0.986_953_264_258_585_9, 0.033_335_672_154_344_07],
    ];
    let d: [S; N] = std::array::from_fn(|i| to[i] - from[i]);
    let is_near = |i: usize| d[i].abs() <= S::of(0.5) * from[i];
    let mut sum = S::ZERO;
    if (0..N).all(is_near) {
        for [t, weight] in NODES {
            let at = std::array::from_fn(|i| from[i] + S::of(t) * d[i]);
            sum += S::of(weight * (1.0 - t)) * curvature(at, d);
        }
        return sum;
    }
    let slope = gradient(from);
    for i in 0..N {
        sum += slope[i] * d[i];
    }
    f(to) - f(from) - sum
}
