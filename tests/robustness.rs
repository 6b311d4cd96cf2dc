//! Where engines break: every rank, axes without a place, counts that overflow, variables of two
//! tapes, and very long tapes. What works has the right shape and a gradient of its operand's;
//! what cannot work panics with the operation and the shapes at the caller's line.

#[path = "common/panics.rs"]
mod panics;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use elbo::check;
use elbo::ops::{self, Law, Slice};
use elbo::tape::Label;
use elbo::transform::{hessian, jacobian_by_columns, jacobian_by_rows};
use elbo::{Shape, Tape, Tensor, Var};
use panics::panic_of;

/// Shapes of every rank, with axes that have no place, one, and several.
fn shapes() -> Vec<Shape> {
    let mut shapes = vec![];
    for rank in 0..=8usize {
        // Never more than 2⁸ elements.
        shapes.push(vec![2; rank]);
        shapes.push(vec![1; rank]);
        for axis in 0..rank {
            let mut dims = vec![2; rank];
            dims[axis] = 0;
            shapes.push(dims.clone());
            dims.fill(1);
            dims[axis] = 3;
            shapes.push(dims.clone());
            dims[(axis + 1) % rank] = 0;
            shapes.push(dims);
        }
    }
    shapes.iter().map(|dims| Shape::new(dims)).collect()
}

fn numbers(shape: Shape) -> Tensor<f64> {
    Tensor::from_fn(shape, |i| 0.35 + 0.1 * (i as f64).sin())
}

/// The value of f at numbers of these shapes. Its gradients must have them too.
fn runs(
    what: &str,
    shapes: &[Shape],
    f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
) -> Tensor<f64> {
    let tape = Tape::new();
    let x: Vec<_> = shapes
        .iter()
        .map(|&shape| tape.parameter(&numbers(shape)))
        .collect();
    let y = f(&x);
    let value = y.value();
    assert_eq!(value.shape(), y.shape(), "{what} of {shapes:?}");
    y.sum().backward();
    for x in x {
        assert_eq!(x.grad().shape(), x.shape(), "{what} of {shapes:?}");
    }
    value
}

#[test]
fn functions_of_elements_take_every_shape() {
    let is_pointwise = |law: &&Law| law.inputs.iter().all(|input| input.shape == "...");
    let mut rows = 0;
    for law in check::table().filter(is_pointwise) {
        rows += 1;
        for shape in shapes() {
            let same = vec![shape; law.inputs.len()];
            let y = runs(&law.to_string(), &same, |x| law.f.plain(x)).shape();
            assert!(y == shape || y == Shape::SCALAR, "{law} of {shape} is {y}");
        }
    }
    assert!(rows > 80, "{rows} rows");
}

/// A function of one value along an axis, and its name.
type Along = (
    &'static str,
    for<'t> fn(Var<'t, f64>, usize) -> Var<'t, f64>,
);

#[test]
fn functions_along_an_axis_take_every_shape() {
    let keeping: &[Along] = &[
        ("cumsum", |x, axis| x.cumsum(axis)),
        ("cumprod", |x, axis| x.cumprod(axis)),
        ("cumlogsumexp", |x, axis| x.cumlogsumexp(axis)),
        ("softmax", |x, axis| x.softmax(axis)),
        ("log_softmax", |x, axis| x.log_softmax(axis)),
        ("sort", |x, axis| x.sort(axis)),
        ("flip", |x, axis| x.flip(&[axis])),
        ("roll", |x, axis| x.roll(2, axis)),
        ("narrow", |x, axis| x.narrow(axis, 0..x.shape().dim(axis))),
        ("transpose", |x, axis| {
            x.transpose(axis, 0).transpose(0, axis)
        }),
        ("concat", |x, axis| {
            ops::concat(&[x, x.narrow(axis, 0..0)], axis)
        }),
        ("stack", |x, axis| {
            if x.shape().rank() == 8 {
                return x;
            }
            ops::stack(&[x], axis).squeeze(&[axis])
        }),
        ("index_select", |x, axis| {
            let every: Vec<usize> = (0..x.shape().dim(axis)).collect();
            x.index_select(axis, &every)
        }),
        ("scatter_add", |x, axis| {
            x.scatter_add(axis, &[], x.narrow(axis, 0..0))
        }),
        ("normalize", |x, axis| {
            if x.shape().dim(axis) == 0 {
                return x;
            }
            x.normalize(&[axis], 1e-5)
        }),
    ];
    // What nothing sums, multiplies or measures to, and what has no value of nothing.
    let reducing: &[(Along, Option<f64>)] = &[
        (("sum", |x, axis| x.sum_axes(&[axis])), Some(0.0)),
        (("prod", |x, axis| x.prod_axes(&[axis])), Some(1.0)),
        (("norm", |x, axis| x.norm_axes(2.0, &[axis])), Some(0.0)),
        (("norm", |x, axis| x.norm_axes(1.0, &[axis])), Some(0.0)),
        (
            ("norm", |x, axis| x.norm_axes(f64::INFINITY, &[axis])),
            Some(0.0),
        ),
        (
            ("logsumexp", |x, axis| x.logsumexp(axis)),
            Some(f64::NEG_INFINITY),
        ),
        (("max", |x, axis| x.max_axes(&[axis])), None),
        (("min", |x, axis| x.min_axes(&[axis])), None),
        (("mean", |x, axis| x.mean_axes(&[axis])), None),
        (("var", |x, axis| x.var_axes(&[axis], 0)), None),
        (("std", |x, axis| x.std_axes(&[axis], 0)), None),
    ];
    for shape in shapes() {
        for axis in 0..shape.rank() {
            for &(name, f) in keeping {
                let y = runs(name, &[shape], |x| f(x[0], axis));
                assert_eq!(y.shape(), shape, "{name} along {axis}");
            }
            for &((name, f), of_nothing) in reducing {
                let run = || runs(name, &[shape], |x| f(x[0], axis));
                if shape.dim(axis) > 0 {
                    assert_eq!(run().shape(), shape.without(axis), "{name} along {axis}");
                } else if let Some(of_nothing) = of_nothing {
                    let y = run();
                    assert_eq!(y, Tensor::full(shape.without(axis), of_nothing), "{name}");
                } else {
                    let (text, file, _) = panic_of(|| _ = run()).expect(name);
                    assert!(text.contains(&format!(": {shape} ")), "{name}: {text}");
                    assert_eq!(file, file!(), "{name}");
                }
            }
        }
    }
}

#[test]
fn views_take_every_shape() {
    type View = (&'static str, for<'t> fn(Var<'t, f64>) -> Var<'t, f64>);
    for shape in shapes() {
        let rank = shape.rank();
        let same: &[View] = &[
            ("flatten", |x| x.flatten().reshape(x.shape())),
            ("permute", |x| {
                let back: Vec<usize> = (0..x.shape().rank()).rev().collect();
                x.permute(&back).permute(&back)
            }),
            ("slice", |x| x.slice(&[])),
            ("pad", |x| {
                let widths = vec![[0, 1]; x.shape().rank()];
                let all: Vec<Slice> = x.shape().dims().iter().map(|&d| (0..d).into()).collect();
                x.pad(&widths, 7.0).slice(&all)
            }),
            ("tile", |x| x.tile(&vec![1; x.shape().rank()])),
            ("broadcast_to", |x| x.broadcast_to(x.shape())),
            ("split", |x| {
                if x.shape().rank() == 0 {
                    return x;
                }
                let extent = x.shape().dim(0);
                ops::concat(&x.split(0, &[0, extent, 0]), 0)
            }),
            ("detach", |x| x * x.detach()),
        ];
        for (name, f) in same {
            assert_eq!(runs(name, &[shape], |x| f(x[0])).shape(), shape, "{name}");
        }
        let doubled: Vec<usize> = shape.dims().iter().map(|d| 2 * d).collect();
        let tiled = runs("tile", &[shape], |x| x[0].tile(&vec![2; rank]));
        assert_eq!(tiled.shape(), Shape::new(&doubled));
    }
}

#[test]
fn products_take_empty_matrices() {
    for (m, k, n) in [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0), (1, 1, 1)] {
        let shapes = [Shape::new(&[m, k]), Shape::new(&[k, n])];
        let y = runs("matmul", &shapes, |x| x[0].matmul(x[1]));
        assert_eq!(y.shape(), Shape::new(&[m, n]));
        if k == 0 {
            assert!(y.as_slice().iter().all(|&y| y == 0.0));
        }
        let shapes = [shapes[0], shapes[1], Shape::new(&[n])];
        let y = runs("affine", &shapes, |x| x[0].affine(x[1], x[2]));
        assert_eq!(y.shape(), Shape::new(&[m, n]));
    }
}

#[test]
#[rustfmt::skip] // one line a case: the line is what is tested
fn counts_that_overflow_are_refused_by_name() {
    const HUGE: usize = 1 << 40;
    const MOST: usize = usize::MAX;
    let tape: Tape<f64> = Tape::new();
    let x = |dims: &[usize]| tape.parameter(&Tensor::zeros(dims));
    let a = x(&[2, 3]);
    let (wide, high) = (x(&[0, 1, HUGE]), x(&[0, HUGE, 1])); // empty: they take no memory
    macro_rules! refuses {
        ($call:expr, $text:expr) => {{
            let (text, file, line) = panic_of(|| _ = black_box($call)).expect($text);
            assert_eq!(text, $text);
            assert_eq!((file.as_str(), line), (file!(), line!()), "{text}");
        }};
    }
    refuses!(wide + high, "add: shapes [0, 1, 1099511627776] and [0, 1099511627776, 1] do not broadcast");
    refuses!(wide.maximum(high), "maximum: shapes [0, 1, 1099511627776] and [0, 1099511627776, 1] do not broadcast");
    refuses!(wide.gt(high), "gt: shapes [0, 1, 1099511627776] and [0, 1099511627776, 1] do not broadcast");
    refuses!(a.broadcast_to([1 << 60, 2, 3]), "broadcast_to: the number of bytes of [1152921504606846976, 2, 3] overflows");
    refuses!(a.broadcast_to([MOST, 2, 3]), "a shape's number of elements overflows usize");
    refuses!(a.reshape([MOST, 2]), "a shape's number of elements overflows usize");
    refuses!(a.repeat(MOST / 3, 1), "repeat: the number of elements of [2, 18446744073709551615] overflows");
    refuses!(a.tile(&[1 << 33, 1 << 33]), "tile: the number of elements of [17179869184, 25769803776] overflows");
    refuses!(a.tile(&[1 << 29, 1 << 29]), "tile: the number of bytes of [1073741824, 1610612736] overflows");
    refuses!(a.tile(&[MOST, 1]), "tile: 18446744073709551615 times axis 0 of [2, 3] overflows");
    refuses!(a.pad(&[[MOST, 0], [0, 0]], 0.0), "pad: 18446744073709551615 and 0 around axis 0 of [2, 3] overflow");
    refuses!(a.pad(&[[MOST / 2, 0], [0, 0]], 0.0), "pad: the number of elements of [9223372036854775809, 3] overflows");
    refuses!(ops::concat(&[x(&[0, MOST]), x(&[0, 2])], 1), "concat: the extents of axis 1 of [0, 18446744073709551615] and others overflow");
    refuses!(ops::concat(&[x(&[3, 0, MOST / 4]), x(&[3, 0, MOST / 4])], 0), "concat: the number of elements of [6, 0, 4611686018427387903] overflows");
    refuses!(ops::stack(&[x(&[0, MOST / 2]); 3], 0), "stack: the number of elements of [3, 0, 9223372036854775807] overflows");
    refuses!(ops::stack(&[x(&[1; 8]); 2], 0), "stack: [1, 1, 1, 1, 1, 1, 1, 1] has no place 0 for a new axis");
    refuses!(a.slice(&[Slice { start: 0, count: MOST, step: 0 }]), "slice: the number of elements of [18446744073709551615, 3] overflows");
    refuses!(a.segment_sum(&[0, 1], MOST / 2), "segment_sum: the number of elements of [9223372036854775807, 3] overflows");
    refuses!(a.segment_sum(&[0, 1], 1 << 59), "segment_sum: the number of bytes of [576460752303423488, 3] overflows");
    refuses!(ops::one_hot(&tape, &[0, 0, 0], MOST / 2), "one_hot: the number of elements of [3, 9223372036854775807] overflows");
    refuses!(ops::one_hot(&tape, &[0, 0, 0], 1 << 59), "one_hot: the number of bytes of [3, 576460752303423488] overflows");
    refuses!(Tensor::<f32>::zeros([1 << 61]), "tensor: the number of bytes of [2305843009213693952] overflows");
    refuses!(Tensor::from_fn([1 << 61], |_| 0.0f32), "tensor: the number of bytes of [2305843009213693952] overflows");
    refuses!(Tensor::<f32>::zeros([1; 9]), "a shape has at most 8 axes");
    refuses!(tape.generate([1 << 60].into(), |_| ()), "generate: the number of bytes of [1152921504606846976] overflows");
    let empty = Tensor::<f64>::zeros([0, HUGE]);
    refuses!(jacobian_by_rows(|[x]| x, [&empty]), "jacobian_by_rows: the number of elements of [0, 1099511627776, 0, 1099511627776] overflows");
    refuses!(jacobian_by_columns(|[x]| x, [&empty]), "jacobian_by_columns: the number of elements of [0, 1099511627776, 0, 1099511627776] overflows");
    refuses!(hessian(|[x]| x.sum(), [&empty]), "hessian: the number of elements of [0, 1099511627776, 0, 1099511627776] overflows");
    // Nothing of all this is on the tape.
    (a + a).sum().backward();
    assert_eq!(a.grad(), Tensor::full([2, 3], 2.0));
}

/// Every operation with two inputs or more refuses each of them from another tape.
#[test]
fn variables_of_two_tapes_do_not_mix() {
    let mut refused = 0;
    for law in check::table().filter(|law| law.inputs.len() > 1) {
        for foreign in 0..law.inputs.len() {
            let tapes = [Tape::new(), Tape::new()];
            // Places on the tapes differ: an index of one is none of the other.
            for _ in 0..foreign + 3 {
                tapes[1].scalar(0.0);
            }
            let operand = |(k, input): (usize, &ops::Input)| {
                let extent = |c: char| c.to_digit(10).map_or(2, |digit| digit as usize);
                let dims: Vec<usize> = match input.shape {
                    "..." => vec![2, 2],
                    letters => letters.chars().map(extent).collect(),
                };
                let number = input.domain.at(0.3);
                tapes[usize::from(k == foreign)].parameter(&Tensor::full(&dims[..], number))
            };
            let x: Vec<_> = law.inputs.iter().enumerate().map(operand).collect();
            let (text, ..) = panic_of(|| _ = law.f.plain(&x)).expect(law.name);
            // `stack` joins what has one axis more than its operands, so shapes are not compared.
            let told = text.contains(" of [[") && text.ends_with("] belongs to another tape");
            assert!(told, "{law}: {text}");
            refused += 1;
        }
    }
    assert!(refused > 60, "{refused} refusals");
}

#[test]
#[rustfmt::skip] // one line a case: the line is what is tested
fn a_foreign_variable_is_named_with_operation_shapes_and_line() {
    let (tape, other) = (Tape::<f64>::new(), Tape::<f64>::new());
    other.scalar(0.0);
    let a = tape.parameter(&Tensor::zeros([2, 3]));
    let b = other.parameter(&Tensor::zeros([1, 3]));
    macro_rules! refuses {
        ($call:expr, $text:expr) => {{
            let (text, file, line) = panic_of(|| _ = black_box($call)).expect($text);
            assert_eq!(text, $text);
            assert_eq!((file.as_str(), line), (file!(), line!()), "{text}");
        }};
    }
    refuses!(a + b, "add: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(b + a, "add: input 1 of [[1, 3], [2, 3]] belongs to another tape");
    refuses!(a.gt(b), "gt: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(a.select(a, b), "select: input 2 of [[2, 3], [2, 3], [1, 3]] belongs to another tape");
    refuses!(a.matmul_with([false, true], b), "matmul: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(ops::concat(&[a, a, b], 0), "concat: input 2 of [[2, 3], [2, 3], [1, 3]] belongs to another tape");
    refuses!(tape.checkpoint(&[a, b], |x| x[0] + x[1]), "checkpoint: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(ops::einsum("ab,cb->a", [a, b]), "einsum: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(a.mse(b), "mse: input 1 of [[2, 3], [1, 3]] belongs to another tape");
    refuses!(tape.end_from(0, b), "end_from: a variable of [1, 3] belongs to another tape");
    refuses!(tape.gradient(b), "gradient: a variable of [1, 3] belongs to another tape");
    assert_eq!((tape.len(), other.len()), (1, 2)); // nothing was recorded
}

/// What is made of other operations is named in what it refuses, as its user has called it.
#[test]
#[rustfmt::skip]
fn refusals_name_what_was_called() {
    let tape = Tape::<f64>::new();
    let a = tape.parameter(&Tensor::zeros([2, 3]));
    let (empty, column) = (a.narrow(1, 0..0), a.narrow(1, 0..1));
    macro_rules! refuses {
        ($call:expr, $text:expr) => {{
            let (text, file, line) = panic_of(|| _ = black_box($call)).expect($text);
            assert_eq!(text, $text);
            assert_eq!((file.as_str(), line), (file!(), line!()), "{text}");
        }};
    }
    refuses!(a.eq(a.t()), "eq: shapes [2, 3] and [3, 2] do not broadcast");
    refuses!(empty.mean_axes(&[1]), "mean: [2, 0] has no rows to average");
    refuses!(empty.normalize(&[1], 1e-5), "normalize: [2, 0] has no rows to average");
    refuses!(empty.rms_normalize(&[1], 1e-5), "rms_normalize: [2, 0] has no rows to average");
    refuses!(empty.group_normalize(1, 1e-5), "group_normalize: [2, 0] has no rows to average");
    refuses!(a.normalize(&[1], -1e-5), "normalize: epsilon is -0.00001, but a variance grows by it");
    refuses!(a.group_normalize(1, f64::NAN), "group_normalize: epsilon is NaN, but a variance grows by it");
    refuses!(a.segment_sum(&[0, 2], 2), "segment_sum: segment 1 is 2, but there are 2 segments");
    refuses!(column.mse(column.flatten()), "mse: [2, 1] against a target of [2], which need one shape; `reshape` one of them");
    refuses!(a.flip(&[0, 1, 0]), "flip: axis 0 of [2, 3] is named twice");
    refuses!(a.leaky_relu(f64::NAN), "leaky_relu: the slope is NaN");
    refuses!(a.elu(f64::INFINITY), "elu: alpha is inf");
    let x = tape.constant(&Tensor::zeros([2]));
    refuses!(x.hook(|_, _| ()), format!("hook: no gradient flows to node {} (`data`, [2]), which depends on no parameter", x.index()).as_str());
}

/// Every node says by which line it was recorded: those of a row of the table of laws stand in that
/// table, not inside of the operation, from where no user has called it. Priors are called by the
/// estimators, whose nodes have the label of their layer.
#[test]
fn every_node_knows_the_line_of_its_caller() {
    let mut tables: BTreeMap<String, u32> = BTreeMap::new();
    let mut inside = BTreeSet::new();
    for law in check::table().filter(|law| law.op.starts_with("elbo::ops::")) {
        let tape = Tape::new();
        let operand = |input: &ops::Input| {
            let extent = |c: char| c.to_digit(10).map_or(2, |digit| digit as usize);
            let dims: Vec<usize> = match input.shape {
                "..." => vec![2, 2],
                letters => letters.chars().map(extent).collect(),
            };
            tape.parameter(&Tensor::full(&dims[..], input.domain.at(0.3)))
        };
        let x: Vec<_> = law.inputs.iter().map(operand).collect();
        law.f.plain(&x);
        for row in &tape.table().rows()[x.len()..] {
            let (file, line) = (row.place.file(), row.place.line());
            let table = *tables.entry(file.to_owned()).or_insert_with(|| {
                let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
                let source = fs::read_to_string(path).expect("a source of this crate");
                // What belongs to the table is marked, it and what its rows call.
                let mut lines = source.lines().enumerate();
                lines.find(|(_, line)| line.starts_with("impl"));
                let table = lines.find(|(_, line)| line.contains("feature = \"proptest\""));
                table.expect("a file with a table of laws").0 as u32
            });
            if line <= table {
                inside.insert(format!("{law}: `{}` was recorded at {file}:{line}", row.op));
            }
        }
    }
    assert!(inside.is_empty(), "{inside:#?}");
    assert!(tables.len() > 12, "{} files", tables.len());
}

/// Runs f in a thread with a stack of 128 KiB.
fn on_a_small_stack(f: fn()) {
    let thread = thread::Builder::new().stack_size(128 * 1024).spawn(f);
    thread
        .expect("a thread")
        .join()
        .expect("forward, backward and drop on 128 KiB");
}

const MILLION: usize = 1_000_000;

#[test]
fn a_million_nodes_of_several_numbers() {
    on_a_small_stack(|| {
        let tape = Tape::new();
        let x = tape.parameter(&Tensor::new([2], vec![0.5f64, -1.0]));
        let mut y = x;
        for _ in 0..MILLION {
            y = y * 1.0;
        }
        y.sum().backward();
        assert_eq!(x.grad().as_slice(), [1.0; 2]);
    });
}

#[test]
fn a_value_that_is_read_a_million_times() {
    on_a_small_stack(|| {
        let tape = Tape::new();
        let x = tape.parameter(&Tensor::new([2], vec![0.5f64, -1.0]));
        let mut sum = tape.constant(&Tensor::zeros([2]));
        for _ in 0..MILLION / 2 {
            sum = sum + x;
        }
        sum.sum().backward();
        assert_eq!(x.grad().as_slice(), [5e5; 2]);
    });
}

#[test]
fn a_long_tape_under_a_checkpoint() {
    on_a_small_stack(|| {
        let tape = Tape::new();
        let x = tape.parameter(&Tensor::scalar(0.5f64));
        let y = tape.checkpoint(&[x], |x| (0..MILLION / 4).fold(x[0], |y, _| y * 1.0));
        y.backward();
        assert_eq!((x.grad().item(), tape.len()), (1.0, 2));
    });
}

/// What is done for each node must not grow with their number: with a quadratic step these would
/// take hours. That they end is the test.
#[test]
fn no_step_is_quadratic() {
    const MANY: usize = MILLION / 4;
    let chain = |step: &dyn for<'t> Fn(Var<'t, f64>, usize)| {
        let tape = Tape::new();
        let x = tape.parameter(&Tensor::scalar(0.5));
        let mut y = x;
        for i in 0..MANY {
            y = y * 1.0;
            step(y, i);
        }
        y.backward();
        assert_eq!(x.grad().item(), 1.0);
    };
    chain(&|y, _| y.hook(|_, _| ()));
    chain(&|y, i| _ = y.tape().label(Label::ROOT, &format!("h{i}")));
    chain(&|y, _| _ = y.retain());

    let joined = |join: fn(&[Var<'_, f64>])| {
        let tape = Tape::new();
        let x = Tensor::new([1], vec![0.5]);
        let parts: Vec<_> = (0..MANY).map(|_| tape.parameter(&x)).collect();
        join(&parts);
        assert_eq!(parts[MANY / 2].grad().item(), 1.0);
    };
    joined(|x| ops::concat(x, 0).sum().backward());
    joined(|x| ops::stack(x, 0).sum().backward());
    joined(|x| {
        let tape = x[0].tape();
        let sum = tape.checkpoint(x, |x| x.iter().skip(1).fold(x[0], |sum, &x| sum + x));
        sum.backward();
    });

    let tape = Tape::new();
    let x = tape.parameter(&Tensor::<f64>::zeros([MANY, 1]));
    let parts = x.split(0, &vec![1; MANY]);
    parts
        .iter()
        .fold(tape.scalar(0.0), |sum, part| sum + part.sum())
        .backward();
    assert_eq!(x.grad(), Tensor::full([MANY, 1], 1.0));
    assert_eq!(tape.table().rows().len(), tape.len());
}

/// A closure that panics while the tape is at work leaves it as it was.
#[test]
fn a_tape_survives_panics_of_those_that_it_calls() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![1.0f64, 2.0]));
    let held = tape.memory().held;
    let panics = |f: &dyn Fn()| {
        panic_of(|| _ = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("a panic"));
    };
    let before = tape.len();
    for _ in 0..3 {
        panics(&|| _ = tape.generate([2].into(), |_| panic!("in the middle")));
    }
    assert_eq!(tape.memory().held, held + 2 * size_of::<f64>());
    panics(&|| _ = tape.checkpoint(&[x], |_| panic!("in the middle")));
    panics(&|| tape.no_grad(|| panic!("in the middle")));
    assert_eq!(tape.len(), before);
    let y = x.square();
    assert!(y.is_tracked());
    y.sum().backward();
    assert_eq!(x.grad().as_slice(), [2.0, 4.0]);
}
