//! The laws that every operation keeps, and [`laws`], which holds one to them over drawn inputs.
//!
//! With J the Jacobian of f at x, u a cotangent and v a tangent:
//!
//! | law | |
//! | --- | --- |
//! | finite | f(x) is, and the operation under test is what was recorded |
//! | overwritten | f(x) and its gradient do not depend on what the tape's memory held before |
//! | shapes | each gradient has the shape of its operand |
//! | forward | J'u equals <u, J e> for each unit vector e, by dual numbers |
//! | differences | J'u equals central differences of <u, f(x)> |
//! | transpose | <u, J v> = <J'u, v> |
//! | fan-out | the gradient of <u, f(x)> + <w, f(x)> is the sum of both |
//! | same operand | of f(x, x), the gradient is the sum over the operands |
//! | untracked | data gets no gradient, and parameters the same one beside data |
//! | second order | the derivative of J'u along v, by dual numbers, equals its differences |

use std::fmt::{self, Debug, Display};
use std::slice;

use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use super::gradcheck::{Route, agree, agree_along};
use super::graph;
use super::routes::{self, Estimate, Point, dot};
use super::strategies;
use crate::bayes;
use crate::dist;
use crate::ops::{self, Law};
use crate::tape::Tape;
use crate::tensor::Tensor;

/// Every row of the table of laws, room by room.
pub fn table() -> impl Iterator<Item = &'static Law> {
    let own = &[routes::LAWS, graph::LAWS];
    let rooms = [ops::LAWS, dist::LAWS, bayes::LAWS, own];
    rooms.into_iter().flatten().copied().flatten()
}

/// Inputs for a [`Law`], and the numbers of which directions are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// One for each input of the law, inside of its domain.
    pub inputs: Vec<Tensor<f64>>,
    /// Between -1 and 1, read round and round as cotangents and tangents.
    pub directions: Vec<f64>,
}

/// A law that an operation breaks, and where.
#[derive(Clone, PartialEq)]
pub struct Violation {
    /// The row.
    pub law: String,
    /// What is wrong there.
    pub reason: String,
    /// The smallest inputs found on which it is.
    pub case: Case,
    /// The seed of the generator that drew them: `PROPTEST_RNG_SEED` takes it.
    pub seed: Option<u64>,
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.reason)?;
        for (k, x) in self.case.inputs.iter().enumerate() {
            write!(f, "\n  input {k} {}: {:?}", x.shape(), x.as_slice())?;
        }
        if let Some(seed) = self.seed {
            write!(f, "\n  again with PROPTEST_RNG_SEED={seed}")?;
        }
        Ok(())
    }
}
/// As [`Display`]: `unwrap` shows the message as it is.
impl Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
impl std::error::Error for Violation {}

/// Holds an operation to its laws over drawn shapes and numbers, among them empty ones, single
/// ones and ones that broadcast; as many as `PROPTEST_CASES` says, or 256.
///
/// # Errors
/// The first law that it breaks, with the smallest inputs on which it does. A panic of the
/// operation counts.
pub fn laws(law: &Law) -> Result<(), Violation> {
    let mut config = Config::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        // A seed of our own, to be told if it finds something.
        RngSeed::Random => rand_seed(),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    config.failure_persistence = None;
    let outcome = TestRunner::new(config).run(&strategies::case(law), |case| {
        laws_at(law, &case)
            .map_err(|violation| proptest::test_runner::TestCaseError::fail(violation.reason))
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(Violation {
            law: law.to_string(),
            reason: reason.message().to_owned(),
            case,
            seed: Some(seed),
        }),
        Err(TestError::Abort(reason)) => Err(Violation {
            law: law.to_string(),
            reason: format!("no inputs could be drawn: {reason}"),
            case: Case {
                inputs: vec![],
                directions: vec![],
            },
            seed: Some(seed),
        }),
    }
}

/// A number that differs from run to run.
fn rand_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("laws")
}

/// Holds an operation to its laws on one case.
///
/// # Errors
/// The first law that it breaks.
///
/// # Panics
/// If the operation does, as one that reads what it does not keep.
pub fn laws_at(law: &Law, case: &Case) -> Result<(), Violation> {
    let tracked: Vec<bool> = law.inputs.iter().map(|i| i.domain.is_smooth()).collect();
    let trial = Trial {
        law,
        case,
        point: Point {
            f: law.f,
            x: &case.inputs,
            tracked: &tracked,
            u: &case.directions,
        },
    };
    for (name, holds) in LAWS {
        holds(&trial).map_err(|reason| Violation {
            law: law.to_string(),
            reason: format!("law \"{name}\": {reason}"),
            case: case.clone(),
            seed: None,
        })?;
    }
    Ok(())
}

type Outcome = Result<(), String>;
type Holds = fn(&Trial<'_>) -> Outcome;

const LAWS: [(&str, Holds); 10] = [
    ("finite", finite),
    ("overwritten", overwritten),
    ("shapes", shapes),
    ("forward", forward),
    ("differences", differences),
    ("transpose", transpose),
    ("fan-out", fan_out),
    ("same operand", same_operand),
    ("untracked", untracked),
    ("second order", second_order),
];

/// One law on one case.
struct Trial<'a> {
    law: &'a Law,
    case: &'a Case,
    point: Point<'a>,
}

impl Trial<'_> {
    /// A tangent: element `i` of input `k`. Other numbers than the cotangent's.
    fn tangent(&self, k: usize, i: usize) -> f64 {
        let directions = &self.case.directions;
        directions[(7 * i + 13 * k + 5) % directions.len()]
    }
    /// The cotangent, turned: another one.
    fn second_cotangent(&self) -> Vec<f64> {
        self.case
            .directions
            .iter()
            .rev()
            .map(|d| d * 0.75)
            .collect()
    }
}

fn finite(t: &Trial<'_>) -> Outcome {
    let tape = Tape::new();
    let y = t.point.f.plain(&t.point.record(&tape));
    if !tape.operations().contains(&t.law.name) {
        let recorded = tape.operations();
        return Err(format!("it records {recorded:?}, not {:?}", t.law.name));
    }
    match y.value().as_slice().iter().position(|y| !y.is_finite()) {
        None => Ok(()),
        Some(i) => Err(format!("element {i} is {}", y.value().as_slice()[i])),
    }
}

fn overwritten(t: &Trial<'_>) -> Outcome {
    let fresh = t.point.reverse();
    // The inputs backwards are in the domain too, and leave other numbers in the tape's memory.
    let backwards: Vec<Tensor<f64>> = t
        .case
        .inputs
        .iter()
        .map(|x| Tensor::from_fn(x.shape(), |i| x.as_slice()[x.len() - 1 - i]))
        .collect();
    let mut tape = Tape::new();
    tape.retain_all(); // to go back twice
    let other = t.point.at(&backwards);
    other
        .project(other.f.plain(&other.record(&tape)))
        .pull_back(&[1.0]);
    tape.clear();
    let x = t.point.record(&tape);
    let y = t.point.f.plain(&x);
    let root = t.point.project(y);
    root.pull_back(&[1.0]);
    let once: Vec<Tensor<f64>> = x.iter().map(|x| x.grad()).collect();
    root.pull_back(&[1.0]);
    let twice: Vec<Tensor<f64>> = x.iter().map(|x| x.grad()).collect();
    if !same_bits(&[y.value()], &[fresh.y]) {
        Err("the value keeps numbers of an earlier pass".into())
    } else if !same_bits(&once, &fresh.gradients) {
        Err("the gradient keeps numbers of an earlier pass".into())
    } else if !same_bits(&once, &twice) {
        Err("a second backward gives other gradients".into())
    } else {
        Ok(())
    }
}

fn shapes(t: &Trial<'_>) -> Outcome {
    for (k, (x, d)) in t
        .case
        .inputs
        .iter()
        .zip(t.point.reverse().gradients)
        .enumerate()
    {
        if d.shape() != x.shape() {
            return Err(format!(
                "input {k} is {}, its gradient {}",
                x.shape(),
                d.shape()
            ));
        }
    }
    Ok(())
}

fn forward(t: &Trial<'_>) -> Outcome {
    agree(&t.point, Route::Forward).map_err(|e| e.to_string())
}

fn differences(t: &Trial<'_>) -> Outcome {
    agree(&t.point, Route::Differences).map_err(|e| e.to_string())
}

fn transpose(t: &Trial<'_>) -> Outcome {
    let reverse = t.point.reverse();
    let pushed = t.point.forward(&|k, i| t.tangent(k, i));
    let left = dot(&pushed, t.point.u);
    let (mut right, mut size) = (0.0, 0.0);
    for (k, d) in reverse.gradients.iter().enumerate() {
        for (i, d) in d.as_slice().iter().enumerate() {
            right += d * t.tangent(k, i);
            size += (d * t.tangent(k, i)).abs();
        }
    }
    let tolerance = t.point.rounding(&reverse.y, reverse.nodes) * (1.0 + size);
    if (left - right).abs() <= tolerance {
        Ok(())
    } else {
        Err(format!(
            "<u, Jv> is {left:e}, <J'u, v> {right:e}; they may differ by {tolerance:.1e}"
        ))
    }
}

fn fan_out(t: &Trial<'_>) -> Outcome {
    let w = t.second_cotangent();
    let one = t.point.reverse();
    let other = Point { u: &w, ..t.point }.reverse();
    let found = t.point.reverse_of_two(&w);
    let both: Vec<Vec<f64>> = one
        .gradients
        .iter()
        .zip(&other.gradients)
        .map(|(a, b)| {
            a.as_slice()
                .iter()
                .zip(b.as_slice())
                .map(|(a, b)| a + b)
                .collect()
        })
        .collect();
    same(&found.gradients, &both, t.point.rounding(&one.y, one.nodes))
}

fn same_operand(t: &Trial<'_>) -> Outcome {
    let inputs = t.law.inputs;
    let (first, x) = (inputs[0], &t.case.inputs[0]);
    let allowed = inputs.iter().zip(&t.case.inputs).all(|(input, own)| {
        input.domain == first.domain && (input.shape == "..." || own.shape() == x.shape())
    });
    if inputs.len() == 1 || !allowed || !t.point.tracked[0] {
        return Ok(());
    }
    let copies = vec![x.clone(); inputs.len()];
    let apart = t.point.at(&copies).reverse();
    let sum = (0..x.len())
        .map(|i| apart.gradients.iter().map(|d| d.as_slice()[i]).sum())
        .collect();
    let tape = Tape::new();
    let var = tape.parameter(x);
    t.point
        .project(t.point.f.plain(&vec![var; inputs.len()]))
        .pull_back(&[1.0]);
    same(
        &[var.grad()],
        &[sum],
        t.point.rounding(&apart.y, apart.nodes),
    )
}

/// Gradients that differ by the order of their additions alone.
fn same(found: &[Tensor<f64>], expected: &[Vec<f64>], rounding: f64) -> Outcome {
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        for (i, (f, e)) in found.as_slice().iter().zip(expected).enumerate() {
            let sum = Estimate {
                value: *e,
                error: rounding * (1.0 + e.abs()),
            };
            if !sum.agrees(*f) {
                return Err(format!(
                    "gradient of input {k} at element {i} is {f:e}, the sum {e:e}; they may \
                     differ by {:.1e}",
                    sum.error
                ));
            }
        }
    }
    Ok(())
}

fn untracked(t: &Trial<'_>) -> Outcome {
    let all = t.point.reverse().gradients;
    for data in 0..t.law.inputs.len() {
        let mut tracked = t.point.tracked.to_vec();
        tracked[data] = false;
        let point = Point {
            tracked: &tracked,
            ..t.point
        };
        for (k, d) in point.reverse().gradients.iter().enumerate() {
            if k == data && d.as_slice().iter().any(|&d| d != 0.0) {
                return Err(format!("input {k} is data and gets a gradient"));
            }
            if k != data && !same_bits(slice::from_ref(d), slice::from_ref(&all[k])) {
                return Err(format!(
                    "input {k} gets another gradient when input {data} is data"
                ));
            }
        }
    }
    Ok(())
}

/// Equality that a NaN has to itself: whether it may be one is another law's business.
fn same_bits(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> bool {
    let bits = |x: &[Tensor<f64>]| -> Vec<u64> {
        x.iter()
            .flat_map(Tensor::as_slice)
            .map(|x| x.to_bits())
            .collect()
    };
    bits(a) == bits(b)
}

fn second_order(t: &Trial<'_>) -> Outcome {
    agree_along(&t.point, &|k, i| t.tangent(k, i)).map_err(|e| e.to_string())
}
