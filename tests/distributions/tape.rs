//! Distributions on a tape: the same densities as in plain numbers, whatever broadcasts, and no
//! target that meets another's parameters. That the gradients are right, the table of laws says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use elbo::dist::{
    Bernoulli, Beta, Categorical, Distribution, Gamma, Laplace, Likelihood, LogNormal,
    NegativeBinomial, Normal, Poisson, StudentT,
};
use elbo::tape::{Module, Parameters, Path};
use elbo::{Shape, Tape, Tensor, Var};
use proptest::prelude::*;

use super::assert_close;

/// A tensor of `shape` whose numbers lie between `low` and `high`, in an order without pattern.
fn tensor(shape: impl Into<Shape>, low: f32, high: f32) -> Tensor {
    let fraction = |i: usize| (i as f32 * 0.618_034 + 0.3).fract();
    Tensor::from_fn(shape, |i| low + (high - low) * fraction(i))
}

/// `log_prob` of each element on a tape over f64, of the numbers in `y`.
fn on_tape<D: Module<Tensor>>(
    d: &D,
    y: &Tensor,
    log_prob: impl for<'t> Fn(&D::Of<Var<'t, f64>>, Var<'t, f64>) -> Var<'t, f64>,
) -> Tensor<f64> {
    let tape = Tape::new();
    let on = d.map(Path::ROOT, &mut |_, leaf| tape.parameter(&leaf.cast()));
    log_prob(&on, tape.constant(&y.cast())).value()
}

/// Each element on the tape is that of [`Likelihood::element`], and a row is their sum.
fn tape_is_plain<D: Likelihood>(
    d: &D,
    y: &Tensor,
    log_prob: impl for<'t> Fn(&D::Of<Var<'t, f64>>, Var<'t, f64>) -> Var<'t, f64>,
) {
    let ours = on_tape(d, y, log_prob);
    assert_eq!(ours.shape(), y.shape());
    let rows = y.shape().dim(0);
    let columns = y.len() / rows;
    assert_eq!(d.columns(), columns);
    for row in 0..rows {
        let y: Vec<f64> = y.row(row).iter().copied().map(f64::from).collect();
        let plain: Vec<f64> = (0..columns)
            .map(|column| d.element(row, column).log_prob(y[column]))
            .collect();
        assert_close(D::NAME, ours.row(row), &plain, 1e-14, 0.0);
        let sum = ours.row(row).iter().sum();
        assert_close(D::NAME, &[sum], &[d.log_prob(row, &y)], 1e-13, 1e-13);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn log_prob_on_a_tape_is_the_plain_one(n in 1usize..5, d in 1usize..4, kind in 0usize..5) {
        let parameter: Shape = [&[n, d][..], &[n, 1], &[d], &[1], &[]][kind].into();
        let y = tensor([n, d], -3.0, 3.0);
        let normal = Normal { mean: tensor([n, d], -1.0, 1.0), std: tensor(parameter, 0.2, 2.0) };
        tape_is_plain(&normal, &y, |on, y| on.log_prob(y));
        let laplace = Laplace { location: tensor(parameter, -1.0, 1.0), scale: tensor([n, d], 0.2, 2.0) };
        tape_is_plain(&laplace, &y, |on, y| on.log_prob(y));
        let bernoulli = Bernoulli { logits: tensor([n, d], -5.0, 5.0) };
        let bits = tensor([n, d], 0.0, 2.0).map(f32::floor);
        tape_is_plain(&bernoulli, &bits, |on, y| on.log_prob(y));
        let poisson = Poisson { log_rate: tensor([n, d], -2.0, 4.0) };
        let counts = tensor([n, d], 0.0, 60.0).map(f32::floor);
        tape_is_plain(&poisson, &counts, |on, y| on.log_prob(y));
        let student_t = StudentT { df: tensor(parameter, 0.5, 40.0), loc: tensor([n, d], -1.0, 1.0), scale: tensor([], 0.2, 2.0) };
        tape_is_plain(&student_t, &y, |on, y| on.log_prob(y));
        let positive = tensor([n, d], 0.1, 9.0);
        let log_normal = LogNormal { mu: tensor([n, d], -1.0, 1.0), sigma: tensor(parameter, 0.2, 2.0) };
        tape_is_plain(&log_normal, &positive, |on, y| on.log_prob(y));
        let gamma = Gamma { concentration: tensor(parameter, 0.2, 30.0), rate: tensor([n, d], 0.2, 5.0) };
        tape_is_plain(&gamma, &positive, |on, y| on.log_prob(y));
        let shares = tensor([n, d], 0.05, 0.95);
        let beta = Beta { concentration1: tensor([n, d], 0.2, 30.0), concentration0: tensor(parameter, 0.2, 30.0) };
        tape_is_plain(&beta, &shares, |on, y| on.log_prob(y));
        let over = NegativeBinomial { total_count: tensor(parameter, 0.2, 40.0), logits: tensor([n, d], -2.0, 2.0) };
        tape_is_plain(&over, &counts, |on, y| on.log_prob(y));
        let categorical = Categorical { logits: tensor([n, d], -3.0, 3.0) };
        let labels = tensor([n], 0.0, d as f32).map(f32::floor);
        tape_is_plain(&categorical, &labels, |on, y| on.log_prob(y));
    }
}

/// Parameters without rows serve every row.
#[test]
fn one_distribution_serves_all_rows() {
    let d = Normal {
        mean: Tensor::scalar(0.5),
        std: Tensor::scalar(2.0),
    };
    let plain = Normal {
        mean: 0.5,
        std: 2.0,
    };
    assert_eq!(d.columns(), 1);
    assert_eq!(d.element(17, 0), plain);
    let y = tensor([4], -1.0, 1.0);
    let ours = on_tape(&d, &y, |on, y| on.log_prob(y));
    for (ours, &y) in ours.as_slice().iter().zip(y.as_slice()) {
        let y = f64::from(y);
        assert_close("Normal", &[*ours], &[plain.log_prob(y)], 1e-15, 0.0);
    }
}

#[track_caller]
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("this must panic")
    };
    panic.downcast_ref::<String>().expect("a message").clone()
}

/// [n, 1] against [n] is an error, never a broadcast to [n, n]; so is every other pair.
#[test]
fn a_target_of_another_shape_is_refused() {
    let tape = Tape::<f32>::new();
    let var = |shape: &[usize]| tape.constant(&Tensor::full(shape, 1.0));
    for (mean, target) in [
        (&[8, 1][..], &[8][..]),
        (&[8], &[8, 1]),
        (&[8, 2], &[8, 1]),
        (&[8, 1], &[8, 2]),
        (&[8, 1], &[1, 1]),
        (&[1, 1], &[1]),
        (&[4, 1], &[8, 1]),
    ] {
        let (mean, target) = (var(mean), var(target));
        let std = tape.scalar(1.0);
        assert_eq!(
            panic_of(|| Normal { mean, std }.log_prob(target)),
            format!(
                "Normal: parameters of shape {} do not fit a target of shape {}; \
                 the target holds one number for each distribution",
                mean.shape(),
                target.shape()
            )
        );
        panic_of(|| {
            Laplace {
                location: mean,
                scale: std,
            }
            .log_prob(target)
        });
        panic_of(|| Bernoulli { logits: mean }.log_prob(target));
        panic_of(|| Poisson { log_rate: mean }.log_prob(target));
    }
    let logits = var(&[8, 3]);
    for target in [&[8, 1][..], &[8, 3], &[7], &[]] {
        assert_eq!(
            panic_of(|| Categorical { logits }.log_prob(var(target))),
            format!(
                "Categorical: logits of shape [8, 3] do not fit labels of shape {target:?}; \
                 there is one label for each row of logits, their last axis being the classes"
            )
        );
    }
}

#[test]
fn parameters_that_do_not_broadcast_are_refused() {
    let tape = Tape::<f32>::new();
    let var = |n: usize| tape.constant(&Tensor::full([n], 1.0));
    let (mean, std) = (var(3), var(2));
    assert_eq!(
        panic_of(|| Normal { mean, std }.log_prob(var(3))),
        "Normal: parameters of shapes [3] and [2] do not broadcast"
    );
}

#[test]
fn a_label_that_is_no_class_is_refused() {
    let tape = Tape::<f32>::new();
    let logits = tape.constant(&Tensor::zeros([3, 3]));
    for bad in [3.0, -1.0, 1.5, f32::NAN] {
        let labels = tape.constant(&Tensor::new([3], vec![0.0, 1.0, bad]));
        assert_eq!(
            panic_of(|| Categorical { logits }.log_prob(labels)),
            format!(
                "Categorical: label {bad} in row 2 is none of the 3 classes, \
                 which are counted from 0"
            )
        );
    }
}

#[test]
fn no_rows_have_no_log_probs() {
    let tape = Tape::<f32>::new();
    let var = |shape: &[usize]| tape.constant(&Tensor::zeros(shape));
    let logits = var(&[0, 2]);
    let y = var(&[0, 2]);
    assert_eq!(Bernoulli { logits }.log_prob(y).sum().item(), 0.0);
    for classes in [0, 3] {
        let logits = tape.parameter(&Tensor::zeros([0, classes]));
        let loss = Categorical { logits }.log_prob(var(&[0])).sum();
        loss.backward();
        assert_eq!((loss.item(), logits.grad().len()), (0.0, 0));
    }
}

#[test]
fn parameters_are_leaves_in_order() {
    fn names(d: &impl Module<Tensor>) -> String {
        let mut names = vec![];
        d.visit(Path::ROOT.at("y"), &mut |path, _| {
            names.push(path.to_string());
        });
        names.join(", ")
    }
    let leaf = || Tensor::scalar(1.0);
    let normal = Normal {
        mean: leaf(),
        std: leaf(),
    };
    let laplace = Laplace {
        location: leaf(),
        scale: leaf(),
    };
    assert_eq!(names(&normal), "y.mean, y.std");
    assert_eq!(names(&laplace), "y.location, y.scale");
    assert_eq!(names(&Bernoulli { logits: leaf() }), "y.logits");
    assert_eq!(names(&Categorical { logits: leaf() }), "y.logits");
    assert_eq!(names(&Poisson { log_rate: leaf() }), "y.log_rate");
    let tape = Tape::new();
    let on: Normal<Var<'_>> = normal.on(&tape);
    assert_eq!(on.mean.item() + on.std.item(), 2.0);
    let wide: Normal<Tensor<f64>> = normal.cast();
    assert_eq!(wide.mean.item(), 1.0);
}
