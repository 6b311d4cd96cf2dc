//! The same bits in every build: values and gradients of fixed graphs as digests, a line each.
//!
//! ```text
//! cargo run --example bits > debug.txt
//! cargo run --release --example bits > release.txt
//! diff debug.txt release.txt
//! ```
//!
//! finds no difference on any machine; `.ci/run` does this. From one machine to another bits are
//! promised of what consists of sums, products, quotients, roots and comparisons, whose rounding
//! IEEE 754 fixes, and of functions, which are made of these: the digests of [`portable`] stand in
//! `tests/golden/bits.txt`, to which `cargo test --test golden` and `cargo test --release --test
//! golden` hold every build. Products of matrices come from the kernel that matrixmultiply picks for
//! the processor, with fused multiplications or without.
//!
//! After a change that is meant to change bits,
//! `cargo run --example bits portable > tests/golden/bits.txt` writes the file again.

use elbo::bayes::Noise;
use elbo::check::{self, strategies};
use elbo::net::Net;
use elbo::ops::{self, Differentiable, Function, Slice};
use elbo::tape::Parameters;
use elbo::{Scalar, Shape, Tape, Tensor, Var, bayes_net};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn main() {
    let only_portable = std::env::args()
        .nth(1)
        .is_some_and(|word| word == "portable");
    let of_this_machine = if only_portable {
        vec![]
    } else {
        of_this_machine()
    };
    for line in portable().iter().chain(&of_this_machine) {
        println!("{line}");
    }
}

/// Digests that are the same on every machine, those of f32 functions on every one with fused
/// multiply-add.
pub(crate) fn portable() -> Vec<String> {
    let mut lines = vec![];
    lines.extend(both("arithmetic", &Arithmetic));
    lines.extend(both("choices", &Choices));
    lines.extend(both("views", &Views));
    lines.extend(both("reductions", &Reductions));
    lines.extend(both("exact product", &ExactProduct));
    lines.extend(both("functions", &Functions));
    lines
}

/// Digests that are the same in every build for one machine.
fn of_this_machine() -> Vec<String> {
    let mut lines = vec![];
    lines.extend(both("products", &Products));
    lines.push(line("net", "f32", net()));
    let mut runner = TestRunner::deterministic();
    let graphs = strategies::graph(check::table(), 2, 20..=30);
    for _ in 0..16 {
        let graph = graphs.new_tree(&mut runner).expect("a graph").current();
        lines.push(line("random graph", "f64", random(&graph)));
    }
    lines
}

/// A function with numbers and operations of its own for inputs of 6 x 8, 8 and 6 x 1.
struct Arithmetic;
impl Function for Arithmetic {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let [a, row, column] = [x[0], x[1], x[2]];
        let y = a * row - column / (a.square() + 0.3);
        let z = (y * y + 0.7).sqrt() + (2.0 - a) * y.abs() / 3.0;
        (z + z.recip() - row).square() * 0.1
    }
}

/// Branches, extremes, and the kinks of activations.
struct Choices;
impl Function for Choices {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let [a, row, column] = [x[0], x[1], x[2]];
        let y = a.gt(row).select(a / 3.0, row * column);
        y.maximum(a - 0.1).minimum(1.3) + y.relu() * a.leaky_relu(0.1).clamp(-0.9, 0.9)
    }
}

/// Numbers moved, repeated, picked and joined.
struct Views;
impl Function for Views {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let (a, row) = (x[0] / 7.0, x[1]);
        let every = |count: usize| Slice {
            start: 0,
            count,
            step: 2,
        };
        let parts = [
            a.t().flip(&[0]).reshape([6, 8]),
            a.pad(&[[1, 0], [0, 0]], 0.3).narrow(0, 0..6),
            a.rows(&[0, 5, 5, 2, 1, 0]) * row.broadcast_to([6, 8]),
            a.slice(&[every(3), every(4)]).tile(&[2, 2]),
        ];
        let sum =
            ops::concat(&parts, 1).roll(3, 1).cumsum(1) * ops::stack(&parts, 2).reshape([6, 32]);
        sum.gather(1, [6, 2], &[0, 31, 7, 7, 3, 12, 9, 1, 0, 30, 22, 5])
    }
}

/// Sums, means, spread, length, products and extremes.
struct Reductions;
impl Function for Reductions {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let a = x[0] / 3.0 + x[1];
        let y = a.std_axes(&[0], 1) + a.mean_axes(&[0]) * a.norm_axes(2.0, &[0]);
        let z = a.max_axes(&[0]) * a.prod_axes(&[0]) - a.min_axes(&[0]);
        let long = a.tile(&[20, 50]);
        (y * z).sum() + long.sum() * long.mean() + a.normalize(&[1], 1e-3).square().cumprod(0).sum()
    }
}

/// A product of numbers so short that no sum in it, or in its gradients, is rounded.
struct ExactProduct;
impl Function for ExactProduct {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        x[0].matmul_with([false, true], x[0]) * x[2]
    }
}

/// What a mathematical library has.
struct Functions;
impl Function for Functions {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let (a, row) = (x[0], x[1]);
        let smooth = a.exp() + a.sin() * a.cos() + a.tanh() * row.softplus() + a.erf() + a.gelu();
        let positive =
            (a.square() + 0.5).log() + (a.abs() + 0.3).pow(row) + (a.abs() + 0.1).lgamma();
        let inverse = a.asinh() + a.atan2(row) + (a * 0.2).erfinv() + (a.square() + 1.0).digamma();
        (smooth + positive * inverse).softmax(1) * (a + positive).logsumexp(0)
    }
}

/// Products that are large enough to be cut for threads.
struct Products;
impl Function for Products {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let (a, row) = (x[0].tile(&[20, 20]) / 9.0, x[1].tile(&[20]));
        let square = a.matmul_with([false, true], a) * 0.02;
        square
            .tanh()
            .matmul(a)
            .affine(a.t().matmul(a), row)
            .square()
    }
}

bayes_net! {
    /// Weights, biases and noise of each kind.
    net Small(x: [8]) -> y {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.1);
        h = tanh(linear(x, 7));
        mean = linear(h, 1, weights ~ Normal(0.0, 1.0), estimator = LocalReparam);
        std = learned(0.3);
        y ~ Normal(mean, std);
    }
}

/// The loss of a net and the gradients of its parameters.
fn net() -> u64 {
    let tape = Tape::new();
    let [x, _, y] = inputs::<f32>().map(|x| tape.constant(&x));
    let loss = Small::new(3)
        .on(&tape)
        .loss([x], [y], Noise::new(7).step(0), 0.5);
    loss.backward();
    let mut digest = Digest::new();
    digest.add(&[loss.item()]);
    for k in 0..tape.parameters() {
        tape.with_parameter_gradient(k, |gradient| digest.add(gradient.unwrap_or_default()));
    }
    digest.0
}

/// Value, gradient and second derivatives of a random graph.
fn random(graph: &check::Graph) -> u64 {
    let numbers = |k: usize| Tensor::from_fn([3, 3], |i| short(i, k) / 2.0);
    let mut digest = Digest::new();
    let tape = Tape::new();
    let x = [0, 1].map(|k| tape.parameter(&numbers(k)));
    let y = graph.plain(&x);
    digest.add(y.value().as_slice());
    y.sum().backward();
    for x in x {
        digest.add(x.grad().as_slice());
    }

    let tape = Tape::new();
    let along = |k: usize| numbers(k).map(|v| elbo::Dual { v, d: 1.0 });
    let x = [0, 1].map(|k| tape.parameter(&along(k)));
    graph.dual(&x).sum().backward();
    for x in x {
        digest.add(x.grad().map(|g| g.d).as_slice());
    }
    digest.0
}

/// A multiple of 1/16 between -2 and 2, which f32 holds exactly.
fn short(i: usize, k: usize) -> f64 {
    ((37 * i + 11 * k + 5) % 64) as f64 / 16.0 - 2.0
}

fn inputs<S: Scalar>() -> [Tensor<S>; 3] {
    let numbers = |k: usize, shape: Shape| Tensor::from_fn(shape, |i| S::of(short(i, k)));
    [
        numbers(0, Shape::new(&[6, 8])),
        numbers(1, Shape::new(&[8])),
        numbers(2, Shape::new(&[6, 1])),
    ]
}

/// The digest of a function's value and gradients over one kind of number.
fn digest<S: Scalar>(f: &impl Function) -> u64 {
    let tape = Tape::<S>::new();
    let x = inputs().map(|x| tape.parameter(&x));
    let y = f.call(&x);
    let mut digest = Digest::new();
    digest.add(y.value().as_slice());
    y.sum().backward();
    for x in x {
        digest.add(x.grad().as_slice());
    }
    digest.0
}

fn both(name: &str, f: &impl Function) -> [String; 2] {
    [
        line(name, "f32", digest::<f32>(f)),
        line(name, "f64", digest::<f64>(f)),
    ]
}

fn line(name: &str, numbers: &str, digest: u64) -> String {
    format!("{name:<14} {numbers} {digest:016x}")
}

/// FNV-1a over the bits of numbers.
struct Digest(u64);
impl Digest {
    fn new() -> Self {
        Digest(0xcbf2_9ce4_8422_2325)
    }
    fn add<S: Scalar>(&mut self, numbers: &[S]) {
        for x in numbers {
            assert!(x.is_finite(), "a digest of what is not finite says little");
            // The same number as f64 is other bits for other bits.
            for byte in x.value().to_bits().to_le_bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}
