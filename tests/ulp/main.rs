//! Every function of one number is, in f32, within 2 ulp of the true value.
//!
//! One ulp is the distance of the f32 numbers around the true value, that of the subnormal numbers
//! below 2^-126. A NaN, an infinity and the sign of a 0 must be those of the true value, which is
//! computed in f64 with functions that the crate does not use: those of the standard library, whose
//! own error is 2^-29 ulp of f32, and those of `truth.rs`.
//!
//! How far off each function is, and at which argument, stands in `src/kernels/ulp.md`. That no
//! argument is worse is tried with all of them, 2^32 for each function, by
//!
//! ```text
//! ULP_STRIDE=1 cargo test --release --test ulp -- --nocapture
//! ```
//!
//! which prints the table anew. Without the variable every 8191st argument is tried (a prime, so
//! that no pattern of bits is missed), and those at which something begins or ends.

mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::{self, Display};
use std::process::Command;

use elbo::kernels::{Fused, simd::Level};
use elbo::{Scalar, Tape, Tensor, Var, check};
use rayon::prelude::*;

/// A function of the crate and the true one.
struct Row {
    name: &'static str,
    f: for<'t> fn(Var<'t, f32>) -> Var<'t, f32>,
    truth: fn(f64) -> f64,
}

macro_rules! rows {
    ($($name:literal |$x:ident| $y:expr => $truth:expr;)+) => {
        &[$(Row { name: $name, f: |$x| $y, truth: $truth }),+]
    };
}

/// A constant is rounded to the numbers that it meets.
const C: f64 = 0.7f32 as f64;

const ROWS: &[Row] = rows! {
    "abs" |x| x.abs() => f64::abs;
    "acos" |x| x.acos() => f64::acos;
    "acosh" |x| x.acosh() => truth::acosh;
    "add_constant(0.7)" |x| x + 0.7 => |x| x + C;
    "asin" |x| x.asin() => f64::asin;
    "asinh" |x| x.asinh() => truth::asinh;
    "atan" |x| x.atan() => f64::atan;
    "atanh" |x| x.atanh() => truth::atanh;
    "ceil" |x| x.ceil() => f64::ceil;
    "clamp(-2, 0.7)" |x| x.clamp(-2.0, 0.7) => |x| x.clamp(-2.0, C);
    "cos" |x| x.cos() => f64::cos;
    "cosh" |x| x.cosh() => f64::cosh;
    "digamma" |x| x.digamma() => truth::digamma;
    "divide_by_constant(0.7)" |x| x / 0.7 => |x| x / C;
    "divide_constant(0.7)" |x| 0.7 / x => |x| C / x;
    "elu(1.3)" |x| x.elu(1.3) => |x| truth::elu(x, 1.3);
    "erf" |x| x.erf() => libm::erf;
    "erfc" |x| x.erfc() => libm::erfc;
    "erfinv" |x| x.erfinv() => truth::erfinv;
    "exp" |x| x.exp() => f64::exp;
    "expm1" |x| x.expm1() => f64::exp_m1;
    "floor" |x| x.floor() => f64::floor;
    "gelu" |x| x.gelu() => |x| truth::gated(x, truth::normal_cdf);
    "gelu_tanh" |x| x.gelu_tanh() => |x| truth::gated(x, truth::gelu_tanh_gate);
    "huber(0.7)" |x| x.huber(0.7) => |x| truth::huber(x, C);
    "leaky_relu(0.7)" |x| x.leaky_relu(0.7) => |x| if x > 0.0 { x } else { C * x };
    "lgamma" |x| x.lgamma() => truth::lgamma;
    "log" |x| x.log() => f64::ln;
    "log10" |x| x.log10() => f64::log10;
    "log1p" |x| x.log1p() => f64::ln_1p;
    "log2" |x| x.log2() => f64::log2;
    "log_sigmoid" |x| x.log_sigmoid() => |x| -truth::softplus(-x);
    "logit" |x| x.logit() => truth::logit;
    "maximum(0.7)" |x| x.maximum(0.7) => |x| truth::or_nan(x, x.max(C));
    "minimum(0.7)" |x| x.minimum(0.7) => |x| truth::or_nan(x, x.min(C));
    "mish" |x| x.mish() => |x| truth::gated(x, |x| truth::softplus(x).tanh());
    "neg" |x| -x => |x| -x;
    "normal_cdf" |x| x.normal_cdf() => truth::normal_cdf;
    "normal_log_cdf" |x| x.normal_log_cdf() => truth::normal_log_cdf;
    "powf(-1.5)" |x| x.powf(-1.5) => |x| x.powf(-1.5);
    "powf(0.1)" |x| x.powf(0.1) => |x| x.powf(0.1);
    "powf(3)" |x| x.powf(3.0) => |x| x.powf(3.0);
    "powf(31)" |x| x.powf(31.0) => |x| x.powf(31.0);
    "relu" |x| x.relu() => |x| if x <= 0.0 { 0.0 } else { x };
    "round" |x| x.round() => f64::round_ties_even;
    "rsqrt" |x| x.rsqrt() => |x| 1.0 / x.sqrt();
    "scale(0.7)" |x| x * 0.7 => |x| x * C;
    "selu" |x| x.selu() => truth::selu;
    "sigmoid" |x| x.sigmoid() => truth::sigmoid;
    "sign" |x| x.sign() => |x| if x == 0.0 { 0.0 } else { x.signum() };
    "silu" |x| x.silu() => |x| truth::gated(x, truth::sigmoid);
    "sin" |x| x.sin() => f64::sin;
    "sinh" |x| x.sinh() => f64::sinh;
    "softplus" |x| x.softplus() => truth::softplus;
    "softplus_inverse" |x| x.softplus_inverse() => truth::softplus_inverse;
    "softsign" |x| x.softsign() => truth::softsign;
    "sqrt" |x| x.sqrt() => f64::sqrt;
    "square" |x| x.square() => |x| x * x;
    "tan" |x| x.tan() => f64::tan;
    "tanh" |x| x.tanh() => f64::tanh;
};

/// Arguments at which something begins or ends, and their negatives.
const ENDS: [f32; 14] = [
    0.0,
    1e-45,
    1.175_494_2e-38, // the largest subnormal number
    f32::MIN_POSITIVE,
    0.5,
    1.0 - f32::EPSILON / 2.0,
    1.0,
    1.0 + f32::EPSILON,
    2.0,
    88.722_84,  // ln of the largest number
    103.972_08, // -ln of half the smallest
    f32::MAX,
    f32::INFINITY,
    f32::NAN,
];

/// A value, and how far it is off.
#[derive(Clone, Copy)]
struct Error {
    ulp: f64,
    x: f32,
    got: f32,
    wanted: f64,
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error {
            ulp,
            x,
            got,
            wanted,
        } = self;
        write!(f, "{ulp} ulp at {x:e}: {got:e}, {wanted:e} is true")
    }
}

fn values(row: &Row, x: &[f32]) -> Vec<f32> {
    let tape = Tape::new();
    let input = tape.constant(&Tensor::new([x.len()], x.to_vec()));
    (row.f)(input).value().as_slice().to_vec()
}

fn errors(row: &Row, x: &[f32]) -> impl Iterator<Item = Error> {
    x.iter().zip(values(row, x)).map(|(&x, got)| {
        let wanted = (row.truth)(f64::from(x));
        let ulp = distance(got, wanted);
        Error {
            ulp,
            x,
            got,
            wanted,
        }
    })
}

/// How far `got` is from `wanted`, in ulp; infinitely far if it is of another kind.
fn distance(got: f32, wanted: f64) -> f64 {
    const END: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0; // 2^128
    if got.is_nan() && wanted.is_nan() {
        return 0.0;
    }
    let same_sign = got.is_sign_negative() == wanted.is_sign_negative();
    if got.is_nan() || wanted.is_nan() || !same_sign {
        return f64::INFINITY;
    }
    let [mut got, mut wanted] = [f64::from(got), wanted].map(f64::abs);
    if got == f64::INFINITY {
        // It stands for everything from 2^128 on, and is the number after the largest.
        [got, wanted] = [END, wanted.min(END)];
    }
    let exponent = (wanted.to_bits() >> 52).clamp(1023 - 126, 1023 + 127);
    (got - wanted).abs() / f64::from_bits((exponent - 23) << 52)
}

/// The first of the largest errors.
fn largest(errors: impl Iterator<Item = Error>) -> Error {
    errors
        .reduce(|a, b| if b.ulp > a.ulp { b } else { a })
        .expect("there are arguments")
}

/// Every `stride`-th of the 2^32 arguments, and those at the ends, block by block.
fn arguments(stride: u64) -> impl ParallelIterator<Item = Vec<f32>> {
    const BLOCK: u64 = 1 << 14;
    let count = (1u64 << 32).div_ceil(stride);
    (0..count.div_ceil(BLOCK))
        .into_par_iter()
        .map(move |block| {
            let all = block * BLOCK..count.min((block + 1) * BLOCK);
            let ends = ENDS.iter().flat_map(|&x| [x, -x]);
            let ends = ends.take(if block == 0 { usize::MAX } else { 0 });
            all.map(|i| f32::from_bits((i * stride) as u32))
                .chain(ends)
                .collect()
        })
}

/// The table of the documentation: for each function the largest error, and its argument.
fn documented() -> BTreeMap<&'static str, (f64, f32)> {
    let cells = |line: &'static str| -> Option<(&'static str, (f64, f32))> {
        let [_, name, ulp, x, _] = line.split('|').collect::<Vec<_>>()[..] else {
            return None;
        };
        let name = name.trim().strip_prefix('`')?.strip_suffix('`')?;
        Some((name, (ulp.trim().parse().ok()?, x.trim().parse().ok()?)))
    };
    let lines = include_str!("../../src/kernels/ulp.md").lines();
    lines.filter_map(cells).collect()
}

/// A line of that table. The error is rounded up.
fn line(name: &str, ulp: f64, x: f32) -> String {
    format!("| `{name}` | {:.3} | {x:e} |", (ulp * 1e3).ceil() / 1e3)
}

#[test]
fn no_function_is_further_off_than_documented() {
    let stride = match env::var("ULP_STRIDE") {
        Ok(stride) => stride.parse().expect("ULP_STRIDE is a number"),
        Err(_) => 8191,
    };
    let documented = documented();
    let mut complaints = vec![];
    for row in ROWS {
        let name = row.name;
        let blocks = arguments(stride).map(|x| largest(errors(row, &x)));
        let worst = largest(blocks.collect::<Vec<_>>().into_iter());
        println!("{}", line(name, worst.ulp, worst.x));
        let Some(&(bound, x)) = documented.get(name) else {
            complaints.push(format!("`{name}` has no line; {worst}"));
            continue;
        };
        let fused = Level::current().is_fused();
        if worst.ulp > if fused { bound } else { 1.9 } {
            complaints.push(format!("`{name}` may be off by {bound}; {worst}"));
        }
        let there = largest(errors(row, &[x]));
        if fused && line(name, there.ulp, x) != line(name, bound, x) {
            complaints.push(format!("`{name}` is said to be off by {bound}; {there}"));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_function_of_one_number_has_a_row() {
    let names = ROWS.iter().filter_map(|row| row.name.split('(').next());
    let rows: BTreeSet<&str> = names.collect();
    // What works element by element gives as many numbers as it takes.
    let elementwise = check::table().filter(|law| {
        let tape = Tape::new();
        let x = Tensor::full([2], law.inputs[0].domain.at(0.5));
        law.op.starts_with("elbo::ops::")
            && matches!(law.inputs, [x] if x.shape == "...")
            && law.f.plain(&[tape.constant(&x)]).shape().size() == 2
    });
    let laws: BTreeSet<&str> = elementwise.map(|law| law.name).collect();
    assert!(laws.len() > 50, "only {} operations were found", laws.len());
    let without: Vec<_> = laws.difference(&rows).collect();
    assert!(
        without.is_empty(),
        "functions of one number without a row in ROWS (say what is true of them): {without:?}"
    );
    let unknown: Vec<_> = rows.difference(&laws).collect();
    assert!(
        unknown.is_empty(),
        "rows for what is no function of one number: {unknown:?}"
    );
}

/// Digests of the values and gradients of all functions, at the level that `ELBO_SIMD` names.
#[test]
#[ignore = "it only prints: the next one runs it at every level"]
fn digests() {
    for row in ROWS {
        let digest = arguments(65_521).map(|x| {
            let tape = Tape::new();
            let input = tape.parameter(&Tensor::new([x.len()], x));
            let y = (row.f)(input).retain();
            y.backward_with(&Tensor::full([input.shape().size()], 1.0));
            let numbers = [y.value(), input.grad()];
            // Which NaN it is, is not promised.
            let bits = numbers.iter().flat_map(Tensor::as_slice).map(|x| {
                let x = if x.is_nan() { f32::NAN } else { *x };
                u64::from(x.to_bits())
            });
            bits.fold(0, |digest: u64, bits| {
                (digest ^ bits)
                    .wrapping_mul(0x0100_0000_01b3)
                    .rotate_left(7)
            })
        });
        println!(
            "digest {} {:016x}",
            row.name,
            digest.reduce(|| 0, u64::wrapping_add)
        );
    }
}

#[test]
fn values_and_gradients_have_the_same_bits_at_every_level_that_fuses() {
    let of = |level: Level| -> Vec<String> {
        let this = env::current_exe().expect("a test is a program");
        let output = Command::new(this)
            .args(["digests", "--exact", "--ignored", "--nocapture"])
            .env("ELBO_SIMD", level.name())
            .output()
            .expect("it runs");
        let text = String::from_utf8(output.stdout).expect("names and digits");
        let lines = text.lines().filter(|line| line.starts_with("digest "));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        assert_eq!(lines.len(), ROWS.len(), "{level:?}: {text}");
        lines
    };
    let mut digests = Level::available().filter(|l| l.is_fused()).map(of);
    if let Some(first) = digests.next() {
        assert!(digests.all(|others| others == first));
    }
}

/// A loop may have wide registers, one number has none.
#[test]
fn a_number_alone_has_the_bits_that_it_has_among_others() {
    for row in ROWS {
        arguments(1_048_573).for_each(|x| {
            for (&x, y) in x.iter().zip(values(row, &x)) {
                let alone = values(row, &[x])[0];
                let same = y.to_bits() == alone.to_bits() || y.is_nan() && alone.is_nan();
                assert!(
                    same,
                    "{}({x:e}): {y:e} among others, {alone:e} alone",
                    row.name
                );
            }
        });
    }
}

#[test]
fn the_distance_sees_what_is_wrong() {
    assert_eq!(distance(1.0, 1.0), 0.0);
    assert_eq!(distance(1.0 + f32::EPSILON, 1.0), 1.0);
    assert_eq!(distance(1.0, 1.0 + 0.75 * f64::from(f32::EPSILON)), 0.75);
    assert_eq!(distance(f32::from_bits(3), 2f64.powi(-149)), 2.0);
    assert_eq!(distance(f32::MAX, f64::from(f32::MAX)), 0.0);
    assert_eq!(distance(f32::INFINITY, f64::from(f32::MAX)), 1.0);
    assert_eq!(distance(f32::INFINITY, 1e300), 0.0);
    assert!(distance(f32::MAX, 4e38) > 1e6);
    for (got, wanted) in [
        (f32::NAN, 1.0),
        (1.0, f64::NAN),
        (0.0, -0.0),
        (f32::MAX, f64::INFINITY),
        (-1e-45, 1e-60),
    ] {
        assert_eq!(distance(got, wanted), f64::INFINITY, "{got}, {wanted}");
    }
}

/// x^p for all pairs of numbers among which every convention of IEEE 754 has its case.
#[test]
fn powers_have_the_conventions_of_ieee_754() {
    let more = [0.3, 1.5, 3.0, 4.5, 1e8, 16_777_215.0];
    let numbers = ENDS.into_iter().chain(more).flat_map(|x| [x, -x]);
    let numbers: Vec<f32> = numbers.collect();
    for &x in &numbers {
        for &p in &numbers {
            let ulp = distance(Scalar::pow(x, p), f64::from(x).powf(f64::from(p)));
            assert!(ulp <= 0.6, "{x:e}^{p:e} is {ulp} ulp off");
        }
    }
}

/// The logarithm of softplus is no operation; the KL of Gaussians is made of it, to which digits
/// beyond those of 1 do not matter.
#[test]
fn the_logarithm_of_softplus_is_within_its_bound_everywhere() {
    arguments(8191).for_each(|numbers| {
        for x in numbers {
            let wanted = truth::log_softplus(f64::from(x));
            let fused = Fused::of(f64::from(x)).log_softplus();
            for got in [x.log_softplus().value(), fused.value()] {
                let error = (got - wanted).abs();
                let bound = 2f64.powi(-22) * wanted.abs().max(1.0);
                let same = got == wanted || got.is_nan() && wanted.is_nan();
                assert!(same || error <= bound, "{x:e}: {got:e}, {wanted:e} is true");
            }
        }
    });
}
