//! f32 functions at every instruction level beside those of the standard library.
//!
//! ```text
//! cargo bench --bench functions
//! ```
//!
//! Prints minima over many runs, in nanoseconds a number, of loops within the L1 cache. A level is
//! chosen once in a process: this one calls itself for each of them. How exact the functions are,
//! `tests/ulp` measures.

mod common;

use std::hint::black_box;
use std::process::Command;

use elbo::Scalar;
use elbo::kernels::map::Formula;
use elbo::kernels::simd::Level;

use common::{is_a_test, least};

const N: usize = 4096;

/// Nanoseconds a number that a loop takes.
type Timed = fn(&[f32]) -> f64;

struct Function {
    name: &'static str,
    ours: Timed,
    std: Timed,
}

macro_rules! functions {
    ($($name:literal |$x:ident| $ours:expr, $std:expr;)+) => {
        [$(Function {
            name: $name,
            ours: |x| {
                #[derive(Clone, Copy)]
                struct F;
                impl Formula<1, 1> for F {
                    #[inline(always)]
                    fn at<S: Scalar>(&self, [$x]: [S; 1], _: [S; 2], _: [S; 1]) -> [S; 1] {
                        [$ours]
                    }
                }
                time(x, |x, y| f32::map(F, [x], [x; 2], [y]))
            },
            std: |x| time(x, |x, y| {
                for (y, &$x) in y.iter_mut().zip(x) {
                    *y = $std;
                }
            }),
        }),+]
    };
}

fn time(x: &[f32], f: impl Fn(&[f32], &mut [f32])) -> f64 {
    let mut y = vec![0.0; x.len()];
    let us = least(200, || f(black_box(x), black_box(&mut y)));
    1e3 * us / x.len() as f64
}

fn main() {
    if is_a_test() {
        return;
    }
    let functions = functions! {
        "exp" |x| x.exp(), x.exp();
        "expm1" |x| x.exp_m1(), x.exp_m1();
        "ln" |x| x.ln(), x.ln();
        "ln_1p" |x| x.ln_1p(), x.ln_1p();
        "sin" |x| x.sin(), x.sin();
        "tanh" |x| x.tanh(), x.tanh();
        "powf 1.7" |x| x.powf(1.7), x.powf(1.7);
        "sigmoid" |x| x.sigmoid(), 1.0 / (1.0 + (-x).exp());
        "softplus" |x| x.softplus(), x.exp().ln_1p();
        "log_softplus" |x| x.log_softplus(), x.exp().ln_1p().ln();
        "erf" |x| x.erf(), libm::erff(x);
        "normal_cdf" |x| x.normal_cdf(), 0.5 * libm::erfcf(-0.707_106_77 * x);
    };
    let x: Vec<f32> = (1..=N).map(|i| 8.0 * i as f32 / N as f32).collect();
    if std::env::args().any(|argument| argument == "--column") {
        for function in functions {
            println!("{:.2}", (function.ours)(&x));
        }
        return;
    }
    let levels: Vec<Level> = Level::available().collect();
    let columns: Vec<Vec<String>> = levels.iter().map(|&level| column(level)).collect();
    print!("{:12} {:>9}", "ns a number", "std, libm");
    for level in &levels {
        print!(" {:>9}", level.name());
    }
    println!();
    for (i, function) in functions.iter().enumerate() {
        print!("{:12} {:9.2}", function.name, (function.std)(&x));
        for column in &columns {
            print!(" {:>9}", column[i]);
        }
        println!();
    }
}

/// What this program measures at a level.
fn column(level: Level) -> Vec<String> {
    let this = std::env::current_exe().expect("a bench is a program");
    let output = Command::new(this)
        .arg("--column")
        .env("ELBO_SIMD", level.name())
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("numbers");
    text.lines().map(str::to_owned).collect()
}
