//! f32 functions at every instruction level beside those of the standard library.
//!
//! ```text
//! cargo bench --bench functions
//! ```
//!
//! Prints minima over many runs, in nanoseconds a number, of loops within the L1 cache. That a level
//! gives the same bits as the baseline is verified before it is timed.

mod common;

use std::hint::black_box;

use elbo::Scalar;
use elbo::kernels::simd::Level;

use common::{is_a_test, least};

const N: usize = 4096;

/// y = f(x), compiled for a level.
type Loop = fn(Level, &[f32], &mut [f32]);

macro_rules! loops {
    ($($name:literal |$x:ident| $y:expr, $std:expr;)+) => {
        [$(($name, one!(|$x| $y), one!(|$x| $std))),+]
    };
}
macro_rules! one {
    (|$x:ident| $y:expr) => {
        |level, x, y| {
            level.run(
                #[inline(always)]
                move || {
                    for (y, &$x) in y.iter_mut().zip(x) {
                        *y = $y;
                    }
                },
            )
        }
    };
}

fn main() {
    if is_a_test() {
        return;
    }
    let functions: [(&str, Loop, Loop); 12] = loops! {
        "exp" |x| Scalar::exp(x), f32::exp(x);
        "expm1" |x| Scalar::exp_m1(x), f32::exp_m1(x);
        "ln" |x| Scalar::ln(x), f32::ln(x);
        "ln_1p" |x| Scalar::ln_1p(x), f32::ln_1p(x);
        "sin" |x| Scalar::sin(x), f32::sin(x);
        "tanh" |x| Scalar::tanh(x), f32::tanh(x);
        "powf 1.7" |x| Scalar::powf(x, 1.7), f32::powf(x, 1.7);
        "sigmoid" |x| Scalar::sigmoid(x), 1.0 / (1.0 + f32::exp(-x));
        "softplus" |x| Scalar::softplus(x), f32::ln_1p(f32::exp(x));
        "log_softplus" |x| Scalar::log_softplus(x), f32::ln(f32::ln_1p(f32::exp(x)));
        "erf" |x| Scalar::erf(x), libm::erff(x);
        "normal_cdf" |x| Scalar::normal_cdf(x), 0.5 * libm::erfcf(-0.707_106_77 * x);
    };
    let x: Vec<f32> = (1..=N).map(|i| 8.0 * i as f32 / N as f32).collect();
    let levels: Vec<Level> = Level::available().collect();
    print!("{:12} {:>9}", "ns a number", "std, libm");
    for level in &levels {
        print!(" {:>9}", level.name());
    }
    println!();
    for (name, f, std) in functions {
        let mut baseline = vec![0.0; N];
        f(Level::Baseline, &x, &mut baseline);
        let mut y = vec![0.0; N];
        let mut ns = |f: Loop, level| {
            let us = least(200, || f(level, black_box(&x), black_box(&mut y)));
            1e3 * us / N as f64
        };
        print!("{name:12} {:9.2}", ns(std, Level::Baseline));
        for &level in &levels {
            let mut same = vec![0.0; N];
            f(level, &x, &mut same);
            assert_eq!(same, baseline, "{name}: {level:?}");
            print!(" {:9.2}", ns(f, level));
        }
        println!();
    }
}
