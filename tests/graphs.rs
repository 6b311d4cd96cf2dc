//! Laws of whole graphs: random expressions of 20 to 30 operations out of the table of laws.
//!
//! Their gradients are the same by the way back, by dual numbers and by differences, and so are
//! their second derivatives. J'u is linear in u, and <u, J v> = <J'u, v>. No order of independent
//! steps, no checkpoint and no number of threads changes them. `examples/bits.rs` holds the debug
//! build against the release build. What fails shrinks to a program of a few lines.

use std::panic::{self, AssertUnwindSafe};

use elbo::check::{self, GradientMismatch, Graph, strategies};
use elbo::ops::{self, Differentiable, Domain, Law, Pointwise, law};
use elbo::tape::Keeps;
use elbo::transform::{jvp, value_and_grad, vjp};
use elbo::{Dual, Scalar, Shape, Tape, Tensor, Var};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};
use rayon::ThreadPoolBuilder;

/// The size of the matrices between two steps.
const SIDE: usize = 3;

fn graphs() -> impl Strategy<Value = Graph> {
    strategies::graph(check::table(), 2, 20..=30)
}

fn square(side: usize) -> impl Strategy<Value = Tensor<f64>> {
    strategies::tensor(Shape::new(&[side, side]), Domain::between(-1.0, 1.0))
}

fn inputs() -> impl Strategy<Value = [Tensor<f64>; 2]> {
    [square(SIDE), square(SIDE)]
}

/// A share of the cases that proptest or `PROPTEST_CASES` asks for: each is a whole graph.
fn one_in(n: u32) -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig {
        cases: all.cases.div_ceil(n),
        ..all
    }
}

/// A kink between the points of a difference says nothing of a rule: other inputs are drawn.
fn verdict(checked: Result<(), GradientMismatch>) -> Result<(), TestCaseError> {
    match checked {
        Err(mismatch) if mismatch.is_kink() => Err(TestCaseError::reject("a kink is near")),
        Err(mismatch) => Err(TestCaseError::fail(mismatch.to_string())),
        Ok(()) => Ok(()),
    }
}

/// How far two ways to the same number may be apart, if each adds up numbers whose magnitudes have
/// the sum `size`. A graph of 30 steps has some 200 nodes of a few roundings each, which are of
/// either sign and add up like a root (Higham 2002, section 2.8).
fn rounding(size: f64) -> f64 {
    32.0 * 200f64.sqrt() * f64::EPSILON * size
}

fn numbers<'a>(x: &'a [Tensor<f64>]) -> impl Iterator<Item = f64> + use<'a> {
    x.iter().flat_map(Tensor::as_slice).copied()
}

fn bits(x: &[Tensor<f64>]) -> Vec<u64> {
    numbers(x).map(f64::to_bits).collect()
}

/// The sum of magnitudes, at least 1.
fn size(x: &[Tensor<f64>]) -> f64 {
    numbers(x).map(f64::abs).sum::<f64>().max(1.0)
}

fn dot(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    numbers(a).zip(numbers(b)).map(|(a, b)| a * b).sum()
}

/// What intermediate numbers a gradient is made of is not known: their sum is taken to be at most
/// that of the gradients of every value for itself, thirty times that of all.
const INSIDE: f64 = 30.0;

fn same(a: &[Tensor<f64>], b: &[Tensor<f64>], tolerance: f64) -> Result<(), TestCaseError> {
    for (i, (a, b)) in numbers(a).zip(numbers(b)).enumerate() {
        prop_assert!((a - b).abs() <= tolerance, "{i}: {a} but {b} ± {tolerance}");
    }
    Ok(())
}

/// The sum of all values, and its gradient.
fn gradient(graph: &Graph, [a, b]: &[Tensor<f64>; 2]) -> (f64, [Tensor<f64>; 2]) {
    value_and_grad(|x| graph.plain(&x).sum(), [a, b])
}

proptest! {
    #![proptest_config(one_in(5))]

    #[test]
    fn reverse_equals_forward_and_differences(graph in graphs(), x in inputs()) {
        verdict(check::gradcheck(&graph, &x))?;
    }

    /// H v by the way back over dual numbers equals (∇f(x + hv) - ∇f(x - hv)) / 2h.
    #[test]
    fn second_derivatives_equal_differences_of_gradients(graph in graphs(), x in inputs()) {
        verdict(check::gradgradcheck(&graph, &x))?;
    }

    /// J'(u + w) = J'u + J'w, and J'(-4u) = -4 J'u in every bit: times a power of two, no product
    /// and no sum rounds differently.
    #[test]
    fn vjp_is_linear(graph in graphs(), [a, b] in inputs(), [u, w] in inputs()) {
        let back = |u: &Tensor<f64>| vjp(|x| graph.plain(&x), [&a, &b], u).1;
        let sum = Tensor::from_fn(u.shape(), |i| u.as_slice()[i] + w.as_slice()[i]);
        let (of_u, of_w) = (back(&u), back(&w));
        let expected = [0, 1].map(|k| {
            Tensor::from_fn(u.shape(), |i| of_u[k].as_slice()[i] + of_w[k].as_slice()[i])
        });
        let tolerance = rounding(INSIDE * (size(&of_u) + size(&of_w)));
        same(&back(&sum), &expected, tolerance)?;
        let scaled = back(&u.map(|u| -4.0 * u));
        prop_assert_eq!(scaled.map(|d| d.map(|d| -0.25 * d)), of_u);
    }

    /// <u, J v> = <J'u, v>
    #[test]
    fn vjp_is_transpose_of_jvp(graph in graphs(), x in inputs(), v in inputs(), u in square(SIDE)) {
        let [a, b] = &x;
        let (y, pushed) = jvp(|x| graph.dual(&x), [a, b], [&v[0], &v[1]]);
        let (same_y, pulled) = vjp(|x| graph.plain(&x), [a, b], &u);
        let (left, right) = (dot(&[u], std::slice::from_ref(&pushed)), dot(&pulled, &v));
        let tolerance = rounding(INSIDE * (size(&[pushed]) + size(&pulled)));
        prop_assert!((left - right).abs() <= tolerance, "{left} but {right} ± {tolerance}");
        let [one, other] = [[y], [same_y]];
        same(&one, &other, rounding(INSIDE * size(&one)))?;
    }

    /// Another order of the same steps gives the same value in every bit, and adds gradients up in
    /// another order.
    #[test]
    fn independent_steps_may_run_in_any_order(
        graph in graphs(),
        x in inputs(),
        keys in prop::collection::vec(any::<u64>(), 30),
    ) {
        let other = graph.reordered(&keys);
        let (value, one) = gradient(&graph, &x);
        let (same_value, two) = gradient(&other, &x);
        prop_assert_eq!(value.to_bits(), same_value.to_bits());
        same(&one, &two, rounding(INSIDE * size(&one)))?;
        prop_assert_eq!(other.reordered(&[0]).to_string(), graph.to_string());
    }

    /// A checkpoint around any stretch of steps, or all of them.
    #[test]
    fn a_checkpoint_changes_no_bit(
        graph in graphs(),
        x in inputs(),
        ends in any::<[prop::sample::Index; 2]>(),
    ) {
        let [i, k] = ends.map(|end| end.index(graph.steps() + 1));
        let (value, without) = gradient(&graph, &x);
        for places in [i.min(k)..i.max(k), 0..graph.steps()] {
            let (same_value, with) = gradient(&graph.checkpointed(places), &x);
            prop_assert_eq!(value.to_bits(), same_value.to_bits());
            prop_assert_eq!(bits(&with), bits(&without));
        }
    }
}

/// Rows of at most two axes: with three, a value would have 160³ numbers.
fn flat() -> impl Iterator<Item = &'static Law> {
    let is_flat = |input: &ops::Input| input.shape == "..." || input.shape.len() <= 2;
    check::table().filter(move |law| law.inputs.iter().all(is_flat))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))] // of seconds each, without optimization

    /// Matrices that are large enough for their products to be cut for threads.
    #[test]
    fn threads_change_no_bit(
        graph in strategies::graph(flat(), 2, 20..=30),
        x in [square(160), square(160)],
    ) {
        prop_assume!(graph.to_string().contains("= matmul("));
        let [one, two, seven] = [1, 2, 7].map(|threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build();
            let (value, d) = pool.expect("threads").install(|| gradient(&graph, &x));
            (value.to_bits(), bits(&d))
        });
        prop_assert!(one == two && one == seven);
    }
}

/// A smooth function that has derivatives of any order over every kind of number: the table of
/// laws stops at `Dual<f64>`.
#[derive(Clone, Copy, Debug)]
enum Step {
    Sin,
    Tanh,
    Softplus,
    Softmax,
    LogSumExp,
    Norm,
    Mul,
    Div,
    MatMul,
    Select,
    Flip,
}

fn third_order<'t, S: Scalar>(steps: &[(Step, usize)], x: Var<'t, S>) -> Var<'t, S> {
    let mut values = vec![x];
    for &(step, other) in steps {
        let (a, b) = (values[values.len() - 1], values[other % values.len()]);
        values.push(match step {
            Step::Sin => a.sin(),
            Step::Tanh => (a + b).tanh(),
            Step::Softplus => a.softplus(),
            Step::Softmax => a.softmax(1),
            Step::LogSumExp => a.logsumexp(0) - b,
            Step::Norm => a / (b + 2.0).norm(2.0),
            Step::Mul => a * b,
            Step::Div => a / (b.square() + 1.0),
            Step::MatMul => a.matmul(b) * 0.3,
            Step::Select => {
                let upper = a.tape().constant(&Tensor::from_fn([SIDE, SIDE], |i| {
                    S::of(f64::from(u8::from(i / SIDE <= i % SIDE)))
                }));
                upper.select(a, b)
            }
            Step::Flip => a.flip(&[0]) + b.t(),
        });
    }
    values
        .iter()
        .skip(1)
        .fold(x, |sum, &value| sum + value)
        .sum()
}

proptest! {
    #![proptest_config(one_in(5))]

    /// D³f(v, v, v) by three dual numbers inside of each other, by the way back over two, and by
    /// differences of D²f(v, v).
    #[test]
    fn third_derivatives_by_nesting(
        steps in prop::collection::vec(
            (
                prop::sample::select(vec![
                    Step::Sin, Step::Tanh, Step::Softplus, Step::Softmax, Step::LogSumExp,
                    Step::Norm, Step::Mul, Step::Div, Step::MatMul, Step::Select, Step::Flip,
                ]),
                any::<usize>(),
            ),
            4..=8,
        ),
        x in square(SIDE),
        v in square(SIDE),
    ) {
        type Second = Dual<Dual<f64>>;
        let seed = |h: f64| {
            let number = |i: usize| {
                let (x, v) = (x.as_slice()[i], v.as_slice()[i]);
                Dual { v: Dual { v: x + h * v, d: v }, d: Dual { v, d: 0.0 } }
            };
            Tensor::from_fn(x.shape(), number)
        };
        let back = |h: f64| {
            let tape = Tape::<Second>::new();
            let x = tape.parameter(&seed(h));
            third_order(&steps, x).backward();
            x.grad()
        };
        let along = |part: fn(&Second) -> f64, g: &Tensor<Second>| {
            let terms = g.as_slice().iter().zip(v.as_slice()).map(|(g, v)| part(g) * v);
            let (sum, size) = terms.fold((0.0, 1.0), |(sum, size), t: f64| (sum + t, size + t.abs()));
            (sum, size)
        };
        let (reverse, terms) = along(|g| g.d.d, &back(0.0));

        let tape = Tape::<Dual<Second>>::new();
        let nested = seed(0.0);
        let nested = Tensor::from_fn(x.shape(), |i| Dual {
            v: nested.as_slice()[i],
            d: Second::of(v.as_slice()[i]),
        });
        let forward = third_order(&steps, tape.constant(&nested)).item().d.d.d;

        let second = |h: f64| along(|g| g.d.v, &back(h)).0;
        let h = 2f64.powi(-14);
        let near = (second(h) - second(-h)) / (2.0 * h);
        let far = (second(2.0 * h) - second(-2.0 * h)) / (4.0 * h);

        // Each derivative of one of the steps has a few times the terms of the one before.
        let exact = rounding(100.0 * terms);
        prop_assert!((forward - reverse).abs() <= exact, "{forward} but {reverse} ± {exact}");
        let rough = (far - near).abs() + exact / h;
        prop_assert!((near - reverse).abs() <= rough, "{near} but {reverse} ± {rough}");
    }
}

/// y = x + sin x, whose derivative has the wrong sign in its second term.
#[derive(Clone, Copy)]
struct Planted;
impl Pointwise<1> for Planted {
    const NAME: &'static str = "planted";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x + x.sin()
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::ONE - x.cos()]
    }
}
static PLANTED: Law =
    law!(Planted, "planted", (x: "..." in Domain::REAL) => ops::pointwise(Planted, [x]));

/// Of a graph of 20 steps or more in which one row is wrong a single line is left, with the number
/// of runs that proptest has by default.
#[test]
fn a_wrong_row_shrinks_to_a_program_of_three_lines() {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // A row of many is in every eighth graph.
    let table = || check::table().chain([&PLANTED]);
    let case = (strategies::graph(table(), 2, 20..=30), inputs());
    let found =
        TestRunner::new(config).run(&case, |(graph, x)| verdict(check::gradcheck(&graph, &x)));
    let Err(TestError::Fail(reason, (graph, _))) = found else {
        panic!("the planted row was not found: {found:?}")
    };
    let program = "v0, v1 = inputs\nv2 = planted(v0)\nv0 + v1 + v2";
    assert_eq!(graph.to_string(), program);
    assert!(
        reason.message().starts_with("gradient of input 0 ([3, 3])"),
        "{reason}"
    );
}

/// A failure that needs two steps keeps both of them, and what they have between them.
#[test]
fn shrinking_keeps_what_the_failure_needs() {
    let needs = |graph: &Graph| {
        let program = graph.to_string();
        program.contains("= exp(") && program.contains("= matmul(")
    };
    let is_flat = |law: &&Law| ["exp", "matmul", "sin", "add"].contains(&law.name);
    let strategy = strategies::graph(check::table().filter(is_flat), 2, 20..=30);
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let mut tree = strategy.new_tree(&mut runner).expect("a graph");
        let mut runs = 0;
        if !needs(&tree.current()) || !tree.simplify() {
            continue;
        }
        loop {
            runs += 1;
            let goes_on = if needs(&tree.current()) {
                tree.simplify()
            } else {
                tree.complicate()
            };
            if !goes_on {
                break;
            }
        }
        let left = tree.current();
        assert!(needs(&left) && left.steps() == 2, "{left}");
        assert!(
            !left.to_string().contains("(v2"),
            "an input would do:\n{left}"
        );
        assert!(runs <= 100, "{runs} runs");
    }
}

#[test]
fn a_program_shows_its_order_rows_and_checkpoint() {
    let rows = ["t(x: ab)", "matmul(a: mk, b: kn)", "matmul(a: km, b: kn)"];
    let table = || check::table().filter(|law| rows.contains(&law.to_string().as_str()));
    let mut runner = TestRunner::deterministic();
    let strategy = strategies::graph(table(), 2, 3..=3);
    let mut draw = || strategy.new_tree(&mut runner).expect("a graph").current();
    let graph = (0..1000).map(|_| draw()).find(|graph| {
        let text = graph.to_string();
        text.contains("v2 = t(v0)\n") && text.contains("v3 = t(v1)\nv4 = matmul(v3, v2)  // row 2")
    });
    let graph = graph.expect("such a graph").reordered(&[2, 1, 0]);
    assert_eq!(
        graph.checkpointed(0..2).to_string(),
        "v0, v1 = inputs\n\
         v3 = t(v1)  // in the checkpoint\n\
         v2 = t(v0)  // in the checkpoint\n\
         v4 = matmul(v3, v2)  // row 2 of `matmul`\n\
         v0 + v1 + v2 + v3 + v4"
    );
    // And it is what runs.
    let tape = Tape::new();
    let [a, b] = [0.3, -0.2].map(|x| tape.parameter(&Tensor::full([1, 1], x)));
    let bounded = |x: f64| 1.5 * x / (1.0 + x * x).sqrt();
    let (v2, v3) = (bounded(0.3), bounded(-0.2));
    let expected = 0.3 - 0.2 + v2 + v3 + bounded(v2 * v3);
    let found = graph.plain(&[a, b]).item();
    assert!(
        (found - expected).abs() <= 8.0 * f64::EPSILON,
        "{found} but {expected}"
    );
}

/// Only rows whose result is empty, if every axis has one place, take no part.
#[test]
fn nearly_every_row_takes_part_in_graphs() {
    let alone = |law: &'static Law| {
        panic::catch_unwind(AssertUnwindSafe(|| {
            let _ = strategies::graph([law], 1, 1..=1);
        }))
    };
    let (mut part, mut missing) = (0, vec![]);
    for law in check::table() {
        if alone(law).is_ok() {
            part += 1;
            continue;
        }
        let tape = Tape::new();
        let extent = |c: char| c.to_digit(10).map_or(1, |digit| digit as usize);
        let operand = |input: &ops::Input| {
            let dims: Vec<usize> = input.shape.replace("...", "").chars().map(extent).collect();
            tape.constant(&Tensor::full(&dims[..], input.domain.at(0.5)))
        };
        let operands: Vec<_> = law.inputs.iter().map(operand).collect();
        assert_eq!(law.f.plain(&operands).shape().size(), 0, "{law}");
        missing.push(law.to_string());
    }
    assert!(
        part > 150 && missing.contains(&"narrow(x: a3)".into()),
        "{part}, not {missing:?}"
    );
}

#[test]
#[should_panic(expected = "graph: wants 2 square matrices of one size, not [[3, 3], [3, 4]]")]
fn a_graph_wants_the_inputs_that_it_was_drawn_for() {
    let mut runner = TestRunner::deterministic();
    let graph = graphs().new_tree(&mut runner).expect("a graph").current();
    assert!((20..=30).contains(&graph.steps()), "{graph}");
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::<f64>::zeros([3, 3]));
    assert_eq!(graph.plain(&[x, x]).shape(), x.shape());
    graph.plain(&[x, tape.parameter(&Tensor::zeros([3, 4]))]);
}
