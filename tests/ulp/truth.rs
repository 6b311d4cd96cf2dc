//! Functions in f64 that the standard library does not have, or not to the last digits; written
//! apart from the crate's, so that neither shares a mistake of the other.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, PI};

/// A NaN where x is one, which `f64::max` drops.
pub(crate) fn or_nan(x: f64, y: f64) -> f64 {
    if x.is_nan() { x } else { y }
}
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
pub(crate) fn softplus(x: f64) -> f64 {
    or_nan(x, x.max(0.0) + (-x.abs()).exp().ln_1p())
}
/// Around its zero ln(e - 1) from e^x - (e - 1), and on the left, where e^x is 0, x.
pub(crate) fn log_softplus(x: f64) -> f64 {
    let far = (x - 0.541_324_854_612_918_1) + 1.813_857_092_550_732_5e-17;
    if far.abs() < 0.1 {
        // softplus(x) = 1 + ln(1 + (e - 1)/e (e^far - 1))
        return (-(-1f64).exp_m1() * far.exp_m1()).ln_1p().ln_1p();
    }
    if x < -40.0 { x } else { softplus(x).ln() }
}
pub(crate) fn elu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}
pub(crate) fn selu(x: f64) -> f64 {
    1.050_700_987_355_480_5 * elu(x, 1.673_263_242_354_377_2)
}
pub(crate) fn softsign(x: f64) -> f64 {
    if x.is_infinite() {
        x.signum()
    } else {
        x / (1.0 + x.abs())
    }
}
pub(crate) fn huber(x: f64, delta: f64) -> f64 {
    if x.abs() > delta {
        delta * (x.abs() - 0.5 * delta)
    } else {
        0.5 * x * x
    }
}
pub(crate) fn gelu_tanh_gate(x: f64) -> f64 {
    sigmoid(2.0 * (2.0 / PI).sqrt() * (x + 0.044_715 * x.powi(3)))
}
/// x g(x), and the limit -0 at -inf.
pub(crate) fn gated(x: f64, gate: impl Fn(f64) -> f64) -> f64 {
    if x == f64::NEG_INFINITY {
        -0.0
    } else {
        x * gate(x)
    }
}
pub(crate) fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if size.is_infinite() {
        return x;
    }
    (size + size * size / (1.0 + 1f64.hypot(size)))
        .ln_1p()
        .copysign(x)
}
pub(crate) fn acosh(x: f64) -> f64 {
    if x < 1.0 {
        return f64::NAN;
    }
    let t = x - 1.0;
    (t + (t * (x + 1.0)).sqrt()).ln_1p()
}
pub(crate) fn atanh(x: f64) -> f64 {
    0.5 * (x.ln_1p() - (-x).ln_1p())
}
pub(crate) fn logit(x: f64) -> f64 {
    let twice = 2.0 * x - 1.0; // exact near 1/2
    if twice.abs() < 0.5 {
        2.0 * atanh(twice)
    } else {
        x.ln() - (-x).ln_1p()
    }
}
/// ln(e^x - 1)
pub(crate) fn softplus_inverse(x: f64) -> f64 {
    let far = (x - LN_2) - 2.319_046_813_846_299_6e-17; // from its zero
    if x > 50.0 {
        x
    } else if far.abs() < 0.1 {
        (2.0 * far.exp_m1()).ln_1p() // e^x = 2 e^far
    } else {
        x.exp_m1().ln()
    }
}
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}
pub(crate) fn normal_log_cdf(x: f64) -> f64 {
    if x > 0.0 {
        (-normal_cdf(-x)).ln_1p()
    } else if x > -20.0 {
        normal_cdf(x).ln()
    } else {
        // Φ(x) = φ(x) / -x (1 - 1/x² + 3/x⁴ - 15/x⁶ + …)
        let r = 1.0 / x / x;
        let series = -r * (1.0 - r * (3.0 - r * (15.0 - r * 105.0)));
        series.ln_1p() - (-x).ln() - 0.5 * (2.0 * PI).ln() - 0.5 * x * x
    }
}
/// Between bounds that are halved, and Newton's steps from there, on erfc where that has the
/// digits.
pub(crate) fn erfinv(x: f64) -> f64 {
    let right = x.abs();
    if right.is_nan() || right > 1.0 {
        return f64::NAN;
    }
    if right == 1.0 {
        return f64::INFINITY.copysign(x);
    }
    if right < 1e-6 {
        return x / FRAC_2_SQRT_PI; // the next term is x³ π/12
    }
    let error = |y: f64| {
        if right < 0.5 {
            libm::erf(y) - right
        } else {
            (1.0 - right) - libm::erfc(y)
        }
    };
    let (mut low, mut high) = (0.0, 6.0);
    for _ in 0..12 {
        let y = 0.5 * (low + high);
        *(if error(y) < 0.0 { &mut low } else { &mut high }) = y;
    }
    let newton = |y: f64, _| y - error(y) / (FRAC_2_SQRT_PI * (-y * y).exp());
    (0..3).fold(low, newton).copysign(x)
}

/// Binet's series for ln Γ(x) - (x - 1/2) ln x + x - ln √(2π), x >= 15.
fn binet(x: f64) -> f64 {
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / x
}
/// ζ(k) for k = 2, 3, …, by Euler and Maclaurin from 1/10^k on.
fn zeta(k: i32) -> f64 {
    let n = 10f64;
    let head: f64 = (1..10).rev().map(|i| f64::from(i).powi(-k)).sum();
    let s = f64::from(k);
    let tail = n.powi(1 - k) / (s - 1.0) + 0.5 * n.powi(-k);
    let c1 = s / 12.0 * n.powi(-k - 1);
    let c2 = s * (s + 1.0) * (s + 2.0) / 720.0 * n.powi(-k - 3);
    let c3 = c2 * (s + 3.0) * (s + 4.0) / 42.0 / (n * n);
    head + (tail + c1 - c2 + c3)
}
/// ln Γ(1 + t) = -γ t + Σ ζ(k) (-t)^k / k, |t| <= 0.3.
fn lgamma_near_one(t: f64) -> f64 {
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    thread_local! {
        static ZETA: [f64; 30] = std::array::from_fn(|k| zeta(k as i32 + 2));
    }
    let tail = ZETA.with(|zeta| {
        let terms = zeta.iter().enumerate().rev();
        terms.fold(0.0, |sum, (i, zeta)| zeta / (i as f64 + 2.0) - t * sum)
    });
    t * (t * tail - GAMMA) + 0.0 // no -0 at 1
}
/// ln |Γ(x)|
pub(crate) fn lgamma(x: f64) -> f64 {
    if x.is_infinite() {
        return f64::INFINITY;
    }
    if x < 0.0 {
        let r = x - x.round();
        if r == 0.0 {
            return f64::INFINITY;
        }
        return (PI / (PI * r).sin().abs()).ln() - lgamma(1.0 - x);
    }
    if (x - 1.0).abs() <= 0.3 {
        return lgamma_near_one(x - 1.0);
    }
    if (x - 2.0).abs() <= 0.3 {
        return (x - 2.0).ln_1p() + lgamma_near_one(x - 2.0);
    }
    let (mut large, mut product) = (x, 1.0);
    while large < 15.0 {
        product *= large;
        large += 1.0;
    }
    (large - 0.5) * large.ln() - large + 0.5 * (2.0 * PI).ln() + binet(large) - product.ln()
}
/// d/dx ln |Γ(x)|
pub(crate) fn digamma(x: f64) -> f64 {
    /// Where it is 0 on the right, and its derivatives there, over k!.
    const ZERO: [f64; 2] = [1.461_632_144_968_362_2, 9.549_995_429_965_697e-17];
    const SERIES: [f64; 8] = [
        0.967_672_245_447_621_2,
        -0.442_763_168_983_592_1,
        0.258_499_760_955_651,
        -0.163_942_705_442_406_52,
        0.107_824_050_691_262_37,
        -0.072_199_561_256_454_71,
        0.048_804_288_164_143_11,
        -0.033_161_126_474_847_36,
    ];
    let d = (x - ZERO[0]) - ZERO[1];
    if d.abs() < 0.01 {
        return d * SERIES.iter().rev().fold(0.0, |sum, c| sum * d + c);
    }
    if x < 0.0 {
        let r = x - x.round();
        if r == 0.0 {
            return f64::NAN;
        }
        return digamma(1.0 - x) - PI * (PI * r).cos() / (PI * r).sin();
    }
    let (mut large, mut sum) = (x, 0.0);
    while large < 20.0 {
        sum += 1.0 / large;
        large += 1.0;
    }
    let r = 1.0 / (large * large);
    let series = r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r / 240.0)));
    large.ln() - 0.5 / large - series - sum
}
