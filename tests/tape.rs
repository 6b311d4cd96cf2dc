//! The tape as such: fan-out, foreign variables, very long graphs, repeated ways back, and the
//! texts and places of the panics that a wrong shape brings.

#[path = "common/panics.rs"]
mod panics;

use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use elbo::bayes::Noise;
use elbo::net::Net;
use elbo::tape::{Culprit, Kind, Label, Parameters, Path};
use elbo::{Shape, Tape, Tensor, Var, bayes_net, ops};
use panics::panic_of;

#[test]
fn a_value_that_is_both_operands_gets_both_gradients() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([3], vec![-1.5, 0.0, 4.0f64]));
    (x * x).sum().backward();
    assert_eq!(x.grad().as_slice(), [-3.0, 0.0, 8.0]);
    (x + x).sum().backward();
    assert_eq!(x.grad().as_slice(), [2.0; 3]);
    (x - x).sum().backward();
    assert_eq!(x.grad().as_slice(), [0.0; 3]);
    (x / (x + 10.0 - 10.0)).narrow(0, 2..3).sum().backward();
    assert!(x.grad().as_slice()[2].abs() <= f64::EPSILON);
}

/// Gradients of sums of the result: as many as each number of the operand is read.
#[test]
fn gradients_of_broadcast_operands_have_their_shapes() {
    let shapes: [(&[usize], f64); 4] = [(&[1, 3], 2.0), (&[3], 2.0), (&[2, 1], 3.0), (&[], 6.0)];
    for (shape, times) in shapes {
        let tape = Tape::new();
        let a = tape.parameter(&Tensor::<f64>::zeros([2, 3]));
        let b = tape.parameter(&Tensor::<f64>::zeros(shape));
        (a + b).sum().backward();
        assert_eq!(a.grad(), Tensor::full([2, 3], 1.0));
        assert_eq!(b.grad(), Tensor::full(shape, times));
    }
}

#[test]
fn backward_twice_gives_identical_gradients() {
    let tape = Tape::new();
    tape.retain_all();
    let x = tape.parameter(&Tensor::from_fn([4, 3], |i| (i as f64 * 0.7).sin()));
    let w = tape.parameter(&Tensor::from_fn([3, 2], |i| (i as f64 * 1.3).cos()));
    let loss = (x.matmul(w).tanh().logsumexp(1) * 0.3).mean();
    loss.backward();
    let once = [x.grad(), w.grad()];
    loss.backward();
    assert_eq!(once, [x.grad(), w.grad()]);
}

#[test]
fn a_million_nodes_need_no_stack() {
    let deep = || {
        let mut tape = Tape::new();
        for _ in 0..2 {
            let x = tape.parameter(&Tensor::scalar(0.5f64));
            let mut y = x;
            for _ in 0..1_000_000 {
                y = y + 1e-6;
            }
            y.backward();
            assert_eq!(x.grad().item(), 1.0);
            // Each of the additions rounds by at most half a unit in the last place of 1.
            assert!((y.item() - 1.5).abs() <= 1e6 * f64::EPSILON);
            tape.clear();
        }
    };
    let thread = thread::Builder::new().stack_size(128 * 1024).spawn(deep);
    thread
        .expect("a thread")
        .join()
        .expect("forward, backward and drop on 128 KiB of stack");
}

#[test]
#[rustfmt::skip] // one line a case: the line is what is tested
fn shape_errors_name_the_operation_and_the_shapes_at_the_callers_line() {
    let tape: Tape<f64> = Tape::new();
    let other: Tape<f64> = Tape::new();
    let x = |dims: &[usize]| tape.parameter(&Tensor::zeros(dims));
    let foreign = other.parameter(&Tensor::zeros([2, 3]));
    macro_rules! refuses {
        ($call:expr, $text:literal) => {{
            let (text, file, line) = panic_of(|| _ = black_box($call)).expect($text);
            assert_eq!(text, $text);
            assert_eq!((file.as_str(), line), (file!(), line!()), "{text}");
        }};
    }
    let (a, b, v) = (x(&[2, 3]), x(&[4, 5]), x(&[3]));
    let (empty, cube, number) = (x(&[0, 3]), x(&[2, 3, 4]), x(&[]));

    refuses!(a + b, "add: shapes [2, 3] and [4, 5] do not broadcast");
    refuses!(a - b, "sub: shapes [2, 3] and [4, 5] do not broadcast");
    refuses!(a * x(&[2]), "mul: shapes [2, 3] and [2] do not broadcast");
    refuses!(a / empty, "div: shapes [2, 3] and [0, 3] do not broadcast");
    refuses!(a * foreign, "mul: input 1 of [[2, 3], [2, 3]] belongs to another tape");
    refuses!(foreign.matmul(x(&[3, 2])), "matmul: input 1 of [[2, 3], [3, 2]] belongs to another tape");
    refuses!(ops::concat(&[a, foreign], 0), "concat: input 1 of [[2, 3], [2, 3]] belongs to another tape");

    refuses!(a.matmul(b), "matmul: [2, 3] x [4, 5]: inner dimensions 3 and 4 differ");
    refuses!(a.matmul_with([true, false], b), "matmul: [2, 3]' x [4, 5]: inner dimensions 2 and 4 differ");
    refuses!(a.matmul_with([false, true], b), "matmul: [2, 3] x [4, 5]': inner dimensions 3 and 5 differ");
    refuses!(b.matmul(v), "matmul: [4, 5] x [3]: inner dimensions 5 and 3 differ");
    refuses!(a.affine(b, v), "affine: [2, 3] x [4, 5] + [3]: wants [rows, k] x [k, units] + [units]");
    refuses!(a.affine(x(&[3, 2]), v), "affine: [2, 3] x [3, 2] + [3]: wants [rows, k] x [k, units] + [units]");

    refuses!(a.sum_axes(&[2]), "sum: [2, 3] has no axis 2");
    refuses!(a.sum_axes(&[1, 1]), "sum: axis 1 of [2, 3] is named twice");
    refuses!(a.mean_axes(&[7]), "mean: [2, 3] has no axis 7");
    refuses!(empty.mean(), "mean: [0, 3] has no rows to average");
    refuses!(empty.mean_axes(&[0]), "mean: [0, 3] has no rows to average");
    refuses!(a.logsumexp(2), "logsumexp: [2, 3] has no axis 2");
    refuses!(a.log_softmax(3), "log_softmax: [2, 3] has no axis 3");
    refuses!(number.softmax(0), "softmax: [] has no axis 0");

    refuses!(a.reshape([4]), "reshape: [2, 3] has 6 elements, [4] has 4");
    refuses!(cube.narrow(1, 2..4), "narrow: 2..4 is no range of axis 1 of [2, 3, 4]");
    refuses!(v.narrow(1, 0..1), "narrow: [3] has no axis 1");
    refuses!(a.rows(&[0, 2]), "rows: index 1 is 2, but axis 0 of [2, 3] has 2 places");
    refuses!(number.rows(&[0]), "rows: [] has no axis 0");
    refuses!(a.permute(&[0, 0]), "permute: [0, 0] is no order of the axes of [2, 3]");
    refuses!(cube.t(), "t: [2, 3, 4] is no matrix");
    refuses!(a.broadcast_to([3, 2]), "broadcast_to: [2, 3] does not broadcast to [3, 2]");
    refuses!(a.slice(&[(1..3).into()]), "slice: Slice { start: 1, count: 2, step: 1 } reaches outside of axis 0 of [2, 3]");
    refuses!(a.squeeze(&[1]), "squeeze: axis 1 of [2, 3] has extent 3, not 1");
    refuses!(a.expand_dims(&[4]), "expand_dims: [4] are no places of new axes of [2, 3]");
    refuses!(a.split(1, &[1, 1]), "split: [1, 1] are not the 3 of axis 1 of [2, 3] together");
    refuses!(a.pad(&[[0, 0]], 0.0), "pad: [2, 3] needs 2 pairs of widths, found 1");
    refuses!(a.repeat(usize::MAX, 1), "repeat: 18446744073709551615 times axis 1 of [2, 3] overflows");
    refuses!(a.gather(1, [2, 1], &[0, 3]), "gather: index 1 is 3, but axis 1 of [2, 3] has 3 places");
    refuses!(a.scatter_add(0, &[0], b), "scatter_add: 1 places of axis 0 of [2, 3] take [1, 3], not [4, 5]");
    refuses!(ops::stack(&[a, b], 0), "stack: shapes [2, 3] and [4, 5] differ");
    refuses!(ops::concat::<f64>(&[], 0), "concat: nothing to join");
    refuses!(ops::concat(&[a, b], 0), "concat: [2, 3] and [4, 5] differ along another axis than 0");
    refuses!(ops::concat(&[a, v], 0), "concat: [2, 3] and [3] differ along another axis than 0");
    refuses!(ops::concat(&[a], 2), "concat: [2, 3] has no axis 2");

    refuses!(a.backward(), "backward: starts at one number, but this value is [2, 3]; take its sum() first");
    refuses!(a.item(), "item: a tensor of shape [2, 3] is not one number");
    refuses!(Tensor::new([2, 3], vec![0.0; 5]), "tensor: shape [2, 3] has 6 elements, but 5 numbers were given");
    refuses!(Tensor::<f64>::zeros([6]).reshape([2, 2]), "reshape: [6] has 6 elements, [2, 2] has 4");
}

/// A refused operation leaves the tape as it was.
#[test]
fn a_tape_goes_on_after_a_refused_operation() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![1.0, 2.0f64]));
    let before = tape.len();
    panic::catch_unwind(AssertUnwindSafe(|| x.reshape([3]))).expect_err("sizes differ");
    panic::catch_unwind(AssertUnwindSafe(|| x.t())).expect_err("no matrix");
    assert_eq!(tape.len(), before);
    x.square().sum().backward();
    assert_eq!(x.grad().as_slice(), [2.0, 4.0]);
}

/// A deep chain: with its values kept, memory would grow with the depth.
fn chain(x: Var<'_, f64>, depth: usize) -> Var<'_, f64> {
    (0..depth).fold(x, |x, _| {
        let sin = x.sin();
        let y = sin * 0.9 + 0.1;
        sin.end();
        y
    })
}

#[test]
fn the_way_back_uses_memory_again() {
    const N: usize = 1000;
    let bytes = |numbers: usize| numbers * N * size_of::<f64>();
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::full([N], 0.3));
    let y = chain(x, 10);
    // sin reads its input; neither `* 0.9` nor `+ 0.1` reads anything, and sin's value was ended
    // where it was last read. Of 30 values remain 10 inputs of sin and 10 products.
    assert_eq!(tape.memory().in_use, bytes(20));
    y.sum().backward();
    // The gradient of x. On the way, never more than two gradients beside the values, and a
    // block of terms.
    assert_eq!(tape.memory().in_use, bytes(1));
    let most = bytes(20 + 2) + 512 * size_of::<f64>();
    assert!(tape.memory().peak <= most, "{:?}", tape.memory());
    let error = panic_of(|| _ = y.value()).expect("given back").0;
    assert!(
        error.contains("given back by `backward`; `retain()`"),
        "{error}"
    );
    let error = panic_of(|| _ = y.grad()).expect("given back").0;
    assert!(error.contains("gradient: that of node"), "{error}");
    let (error, file, _) = panic_of(|| y.sum().backward()).expect("given back");
    assert!(error.contains("given back") && file == file!(), "{error}");
}

#[test]
fn without_gradients_a_chain_holds_two_values() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::full([1000], 0.3f64));
    let first = tape.no_grad(|| x.sin());
    let y = tape.no_grad(|| {
        (0..50).fold(first, |x, _| {
            let y = x.sin();
            x.end();
            y
        })
    });
    assert_eq!(tape.memory().peak, 2 * 8000);
    assert!(!y.is_tracked());
    let error = panic_of(|| _ = first + y).expect("it was ended").0;
    assert!(error.starts_with("add: the value of node 1"), "{error}");
}

#[test]
fn what_is_retained_stays() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![0.5f64, 2.0]));
    let y = x.exp().retain();
    let z = y.square();
    z.sum().backward();
    assert_eq!(y.grad().as_slice(), [2.0 * 0.5f64.exp(), 2.0 * 2f64.exp()]);
    assert_eq!(y.value().as_slice(), [0.5f64.exp(), 2f64.exp()]);
    panic_of(|| _ = z.value()).expect("z was not retained");
}

#[test]
fn hooks_see_and_change_whole_gradients() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![3.0f64, -1.0]));
    let y = x * 2.0;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
    let (first, second) = (seen.clone(), seen.clone());
    y.hook(move |shape, g| {
        first.lock().unwrap().push((shape, g.to_vec()));
        g[0] = 10.0;
    });
    y.hook(move |shape, g| second.lock().unwrap().push((shape, g.to_vec())));
    // y is read twice: both contributions have arrived.
    (y + y.square()).sum().backward();
    let shape = Shape::new(&[2]);
    let expected = [(shape, vec![13.0, -3.0]), (shape, vec![10.0, -3.0])];
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(x.grad().as_slice(), [20.0, -6.0]);
}

/// Values and gradients with a checkpoint are those without, in every bit, also where an input is
/// read outside too, and with noise that is drawn inside.
#[test]
fn a_checkpoint_changes_no_bit() {
    fn stretch<'t>(x: &[Var<'t, f32>]) -> Var<'t, f32> {
        let noise = Noise::new(3).at("h");
        let eps = x[0]
            .tape()
            .generate(x[0].shape(), |eps| noise.fill_normal(eps));
        let h = (x[0].matmul(x[1]) + eps).tanh();
        h * x[0] + x[2] * x[2]
    }
    let numbers = |salt: f32| Tensor::from_fn([7, 7], |i| (i as f32 * 0.37 + salt).sin());
    let run = |checkpointed: bool| {
        let tape = Tape::new();
        let (a, b) = (tape.parameter(&numbers(0.1)), tape.parameter(&numbers(0.2)));
        let c = a.sin();
        let inputs = [c, b, c];
        let y = if checkpointed {
            tape.checkpoint(&inputs, stretch)
        } else {
            stretch(&inputs)
        };
        let total = (y * c + b).square().sum();
        total.backward();
        (total.item(), a.grad(), b.grad(), tape.len())
    };
    let (with, without) = (run(true), run(false));
    assert!(with.3 < without.3, "the tape keeps the stretch");
    assert_eq!((with.0, with.1, with.2), (without.0, without.1, without.2));
}

#[test]
fn the_birthplace_of_a_bad_number_is_named() {
    let tape = Tape::new();
    tape.watch(true);
    let layer = tape.label(Label::ROOT, "h1");
    let x = tape.parameter(&Tensor::new([2], vec![-1.0f64, 2.0]));
    tape.enter(layer);
    let y = x.log(); // the line that is told
    let line = line!() - 1;
    (y * 2.0).sum().backward();
    let culprit = tape.find_non_finite().expect("log(-1) is NaN");
    assert_eq!((culprit.kind, culprit.op), (Kind::Value, "log"));
    assert_eq!((culprit.layer.as_str(), culprit.index), ("h1", 1));
    assert_eq!(
        (culprit.place.file(), culprit.place.line()),
        (file!(), line)
    );
    assert_eq!(culprit.inputs, ["0: `parameter` [2], from -1 to 2"]);
}

/// Zeros without a word would hide that the parameters were lost on the way.
#[test]
fn a_way_back_that_leads_to_no_parameter_is_refused() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![1.0f64, 2.0]));
    let detached = x.detach().sum();
    let paused = tape.no_grad(|| x.square());
    let (text, file, line) = panic_of(|| detached.backward()).expect("data");
    assert_eq!((file.as_str(), line), (file!(), line!() - 1));
    assert!(text.starts_with("backward: no gradient flows from node 2 (`sum`, [])"));
    let (text, ..) = panic_of(|| paused.backward_with(&x.value())).expect("no_grad");
    assert!(text.starts_with("backward_with: no gradient flows from node 3 (`square`, [2])"));
    // A constant function has a gradient.
    let [zeros] = elbo::transform::grad(|[x]| x.detach().sum(), [&x.value()]);
    assert_eq!(zeros.as_slice(), [0.0; 2]);
}

/// Where a bad number comes from outside, it is not the operation that reads it that is named.
#[test]
fn a_bad_number_from_outside_is_named_where_it_came_in() {
    let bad = Tensor::new([2], vec![1.0, f64::NAN]);
    let culprit = |work: &dyn Fn(Var<'_, f64>)| {
        let tape = Tape::new();
        tape.watch(true);
        work(tape.parameter(&Tensor::full([2], 0.5)));
        let culprit = tape.find_non_finite().expect("a NaN came in");
        assert_eq!(culprit.place.file(), file!());
        let Culprit {
            kind,
            op,
            index,
            place,
            ..
        } = culprit;
        (kind, op, index, place.line())
    };
    let leaf = |x: Var<'_, f64>| (x * x.tape().constant(&bad)).sum().backward();
    assert_eq!(culprit(&leaf), (Kind::Value, "data", 1, line!() - 1));
    let leaf = |x: Var<'_, f64>| (x.tape().parameter(&bad) * x).sum().backward();
    assert_eq!(culprit(&leaf), (Kind::Value, "parameter", 1, line!() - 1));
    let leaf = |x: Var<'_, f64>| _ = x.tape().generate([2].into(), |x| x.fill(f64::INFINITY));
    assert_eq!(culprit(&leaf), (Kind::Value, "data", 1, line!() - 1));
    let seed = |x: Var<'_, f64>| (x * 2.0).sin().backward_with(&bad);
    assert_eq!(culprit(&seed), (Kind::Cotangent, "sin", 2, line!() - 1));
    let hook = |x: Var<'_, f64>| {
        let y = x.exp();
        y.hook(|_, _| ());
        y.hook(|_, g| g[1] = f64::NAN); // the line that is told
        y.hook(|_, _| ());
        y.sin().sum().backward();
    };
    assert_eq!(culprit(&hook), (Kind::Hook, "exp", 1, line!() - 4));
}

#[test]
fn the_birthplace_inside_of_a_checkpoint_is_named() {
    let tape = Tape::new();
    tape.watch(true);
    let layer = tape.label(Label::ROOT, "h1");
    let x = tape.parameter(&Tensor::new([2], vec![-1.0f64, 2.0]));
    let y = tape.checkpoint(&[x], move |x| {
        let inside = x[0].tape().label(layer, "deep");
        let y = x[0].tanh().log(); // the line that is told
        assert_eq!(x[0].tape().label_path(inside), "h1.deep");
        y.exp()
    });
    let line = line!() - 4;
    let culprit = tape.find_non_finite().expect("log(-1) is NaN");
    assert_eq!((culprit.kind, culprit.op), (Kind::Value, "log"));
    let layer = (culprit.layer.as_str(), culprit.index);
    assert_eq!(layer, ("h1.deep", y.index()));
    let place = (culprit.place.file(), culprit.place.line());
    assert_eq!(place, (file!(), line));
    assert!(culprit.inputs[0].starts_with("1: `tanh` [2], from -0.76"));
}

/// Also on the way back, through a checkpoint in a checkpoint.
#[test]
fn a_bad_gradient_inside_of_a_checkpoint_is_named() {
    let tape = Tape::new();
    tape.watch(true);
    let x = tape.parameter(&Tensor::new([2], vec![0.0f64, 1.0]));
    tape.label(Label::ROOT, "h2");
    let y = tape.checkpoint(&[x], |x| {
        let twice = x[0] * 2.0;
        x[0].tape()
            .checkpoint(&[twice], |x| (x[0] * 3.0).sqrt().exp())
    });
    assert_eq!(tape.find_non_finite(), None);
    y.sum().backward();
    let culprit = tape.find_non_finite().expect("1 / 0");
    assert_eq!((culprit.kind, culprit.op), (Kind::Gradient, "sqrt"));
    assert_eq!((culprit.layer.as_str(), culprit.index), ("h2", y.index()));
}

/// A gradient that flows outside of the checkpoint too; and an input that `f` does not read.
#[test]
fn a_checkpoint_reaches_what_its_function_reads() {
    let tape = Tape::new();
    let numbers = Tensor::new([2], vec![1.0f64, 2.0]);
    let [a, b, c] = [(); 3].map(|()| tape.parameter(&numbers));
    let y = tape.checkpoint(&[a, b, c], |x| x[0] * x[2]);
    let same = tape.checkpoint(&[a, b], |x| x[0]);
    (y + same * 10.0 + a * 100.0).sum().backward();
    assert_eq!(a.grad().as_slice(), [111.0, 112.0]);
    let reached = |k| tape.with_parameter_gradient(k, |g| g.is_some());
    assert_eq!([0, 1, 2].map(reached), [true, false, true]);
    // All memory but that of the two gradients is back.
    assert_eq!(tape.memory().in_use, 2 * 2 * size_of::<f64>());
}

/// 16 stretches of 25 sines: without checkpoints the tape holds the input of each, with them the
/// inputs of the stretches and one stretch.
#[test]
fn checkpoints_save_memory_and_what_they_do_is_counted() {
    const N: usize = 1000;
    fn stretch<'t>(x: &[Var<'t, f32>]) -> Var<'t, f32> {
        (0..25).fold(x[0], |x, _| x.sin())
    }
    let run = |checkpointed: bool| {
        let tape = Tape::new();
        tape.profile(true);
        let x = tape.parameter(&Tensor::full([N], 0.3));
        let y = (0..16).fold(x, |x, _| {
            if checkpointed {
                tape.checkpoint(&[x], stretch)
            } else {
                stretch(&[x])
            }
        });
        y.sum().backward();
        let table = tape.table();
        let flops: u64 = table.rows().iter().map(|row| row.flops).sum();
        let peak = tape.memory().peak / (N * size_of::<f32>());
        (flops, peak, tape.memory().in_use, table, x.grad())
    };
    let (with, without) = (run(true), run(false));
    assert_eq!(
        (with.0, with.2, &with.4),
        (without.0, without.2, &without.4)
    );
    assert!(without.1 >= 16 * 25, "{} arrays", without.1);
    // The stretch counts, and nothing but a few gradients and the copy of its input beside it.
    let held = 16 + 25;
    assert!((held - 2..=held + 6).contains(&with.1), "{} arrays", with.1);
}

#[test]
fn the_time_of_a_checkpoint_is_that_of_its_function() {
    const NAP: Duration = Duration::from_millis(2);
    let tape = Tape::new();
    tape.profile(true);
    let x = tape.parameter(&Tensor::scalar(0.3f64));
    let y = tape.checkpoint(&[x], |x| {
        thread::sleep(NAP);
        x[0].sin()
    });
    y.backward();
    let row = tape.table().rows()[1].clone();
    assert!(row.forward >= NAP && row.backward >= NAP, "{row:?}");
}

bayes_net! {
    net Explodes(x: [2]) -> y {
        posterior = Point;
        h = linear(x, 4);
        e = exp(h);
        mean = linear(e, 1);
        y ~ Normal(mean, 0.5);
    }
}

/// The line of `what` in `Explodes`.
fn line_of(what: &str) -> u32 {
    let before = include_str!("tape.rs").split(what).next();
    before.expect("a part before").lines().count() as u32
}

#[test]
fn the_birthplace_in_a_net_is_the_line_of_its_declaration() {
    let born = |x: f32| {
        let tape = Tape::new();
        tape.watch(true);
        let x = tape.constant(&Tensor::full([1, 2], x));
        let y = tape.constant(&Tensor::zeros([1, 1]));
        let net = Explodes::new(1).on(&tape);
        let _ = net.loss([x], [y], Noise::new(1), 1.0);
        tape.find_non_finite().expect("infinite")
    };
    let layer = Some((file!(), line_of("linear(x, 4);")));
    let entered = |culprit: &Culprit| culprit.entered.map(|place| (place.file(), place.line()));

    let culprit = born(1e4);
    assert_eq!((culprit.op, entered(&culprit)), ("exp", layer));
    assert_eq!(culprit.place.line(), line_of("exp(h);"));
    let text = culprit.to_string();
    assert!(
        text.contains(&format!("layer `h` of {}:", file!())),
        "{text}"
    );

    let culprit = born(f32::MAX);
    assert_eq!((culprit.op, entered(&culprit)), ("affine", layer));
}

/// Parameters that have a name are called by it, step after step, and those without one by number.
#[test]
fn parameters_are_called_by_their_names() {
    let mut tape = Tape::new();
    for step in 0..3 {
        let h1 = Path::ROOT.at("h1");
        let [mu, rho] = ["mu", "rho"]
            .map(|name| tape.parameter_at(h1.at("weight").at(name), &Tensor::scalar(1.0f64)));
        let nameless = tape.parameter(&Tensor::scalar(1.0));
        let place = line!() - 1;
        let other = tape.parameter_at(Path::ROOT.at(["a", "b", "a"][step]), &Tensor::scalar(1.0));
        tape.label(Label::ROOT, "h1");
        (mu * mu * other).backward();
        let names = [
            "h1.weight.mu",
            "h1.weight.rho",
            "parameter 2",
            ["a", "b", "a"][step],
        ];
        assert_eq!([0, 1, 2, 3].map(|k| tape.parameter_name(k)), names);
        assert_eq!(tape.unreached(), names[1..3]);
        let table = tape.table();
        let layers: Vec<_> = table.rows().iter().map(|row| row.layer.as_str()).collect();
        assert_eq!(
            layers,
            ["h1.weight.mu", "h1.weight.rho", "", names[3], "h1", "h1"]
        );
        assert_eq!(table.rows()[nameless.index()].place.line(), place);
        let dot = tape.to_dot();
        for text in [
            "label=\"h1.weight\"",
            "0 parameter mu\\n[]",
            "1 parameter rho\\n[]",
        ] {
            assert!(dot.contains(text), "{text}: {dot}");
        }
        assert_eq!(rho.index(), 1);
        tape.clear();
    }
}

#[test]
fn a_table_and_a_picture_show_every_node() {
    let tape = Tape::new();
    tape.profile(true);
    let x = tape.constant(&Tensor::<f32>::zeros([8, 3]));
    let w = tape.parameter(&Tensor::zeros([3, 2]));
    tape.label(Label::ROOT, "h1");
    x.matmul(w).relu().sum().backward();
    let table = tape.table();
    let ops: Vec<_> = table.rows().iter().map(|row| row.op).collect();
    assert_eq!(ops, ["data", "parameter", "matmul", "relu", "sum"]);
    assert_eq!(table.rows()[2].parents, [0, 1]);
    assert_eq!(table.rows()[2].flops, 2 * 8 * 3 * 2);
    assert_eq!(table.rows()[2].layer, "h1");
    assert!(
        table
            .rows()
            .iter()
            .map(|row| row.backward)
            .sum::<std::time::Duration>()
            .as_nanos()
            > 0
    );
    assert_eq!(table.to_string().lines().count(), 1 + 5 + 1);
    let dot = tape.to_dot();
    assert!(
        dot.contains("n0 -> n2;") && dot.contains("n1 -> n2;"),
        "{dot}"
    );
    assert!(
        dot.contains("label=\"h1\"") && dot.matches(" -> ").count() == 4,
        "{dot}"
    );
}
