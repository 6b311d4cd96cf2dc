//! Operations against the numbers of other programs: `tests/truth/gradients.json`, see the README
//! there.
//!
//! Values, vector-Jacobian and Jacobian-vector products agree with JAX to 1e-10 relatively, plus
//! 1e-12 of the largest number of an array (sums cancel); functions at extreme points agree with
//! 120 and more digits of mpmath to 1e-13, without an absolute tolerance: tails must be right.

use std::panic::{self, AssertUnwindSafe};

mod binary;
mod case;
mod compositions;
mod convolutions;
mod elementwise;
mod layout;
mod normalizations;
mod products;
mod reductions;

use case::{Case, array, list};
use elbo::bayes::Prior;
use elbo::{Dual, Scalar, Tape, Tensor, Var};
use serde_json::Value;

fn truth() -> Value {
    serde_json::from_str(include_str!("../truth/gradients.json")).expect("the file is JSON")
}

/// The operation of a case on a tape; `None` for one that does not exist.
fn operation<'t, S: Scalar>(case: Case<'_>, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    elementwise::operation(case, x)
        .or_else(|| binary::operation(case, x))
        .or_else(|| reductions::operation(case, x))
        .or_else(|| products::operation(case, x))
        .or_else(|| layout::operation(case, x))
        .or_else(|| convolutions::operation(case, x))
        .or_else(|| normalizations::operation(case, x))
        .or_else(|| compositions::operation(case, x))
}

/// Operations of the file that do not exist yet.
fn is_missing(op: &str) -> bool {
    let families = [
        elementwise::LATER,
        binary::LATER,
        reductions::LATER,
        products::LATER,
        layout::LATER,
        convolutions::LATER,
        normalizations::LATER,
        compositions::LATER,
    ];
    families.iter().any(|later| later.contains(&op))
}

/// What disagrees with `expected` in a case.
fn compare(what: &str, found: &[f64], expected: &[f64]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!(
            "{what}: {} numbers, not {}",
            found.len(),
            expected.len()
        ));
    }
    let finite = expected.iter().filter(|e| e.is_finite());
    let largest = finite.fold(0.0, |most: f64, e| most.max(e.abs()));
    for (i, (&f, &e)) in found.iter().zip(expected).enumerate() {
        let tolerance = 1e-10 * f.abs().max(e.abs()) + 1e-12 * largest;
        if !(f == e || (f.is_nan() && e.is_nan()) || (f - e).abs() <= tolerance) {
            return Err(format!("{what} at {i} is {f:e}, not {e:e}"));
        }
    }
    Ok(())
}

/// Value, VJP and JVP of one case.
fn run(case: Case<'_>) -> Result<(), String> {
    let inputs = case.arrays("inputs");
    let tape = Tape::new();
    let x: Vec<_> = inputs.iter().map(|x| tape.parameter(x)).collect();
    let Some(y) = operation(case, &x) else {
        return Err("no such operation".into());
    };
    let output = case.array("output");
    if y.shape() != output.shape() {
        return Err(format!("shape {}, not {}", y.shape(), output.shape()));
    }
    compare("value", y.value().as_slice(), output.as_slice())?;

    // A -inf times a cotangent is no number: -inf stays outside of the sum that starts backward.
    weighted(y, &case.array("cotangent")).backward();
    // Where conventions differ, ours is the alternative: 0 at the kink of abs, 0 for -inf.
    let key = if case.has("alternative_grads") {
        "alternative_grads"
    } else {
        "grads"
    };
    for (k, expected) in list(case.0, key).iter().enumerate() {
        if expected.is_null() {
            continue; // of indices
        }
        let (found, expected) = (x[k].grad(), array(expected));
        if found.shape() != expected.shape() {
            return Err(format!(
                "gradient {k}: {}, not {}",
                found.shape(),
                expected.shape()
            ));
        }
        compare(
            &format!("gradient {k}"),
            found.as_slice(),
            expected.as_slice(),
        )?;
    }

    if case.has("smooth") {
        let tape = Tape::new();
        let along = |(x, v): (&Tensor<f64>, Tensor<f64>)| {
            let number = |i: usize| Dual {
                v: x.as_slice()[i],
                d: v.as_slice()[i],
            };
            tape.parameter(&Tensor::from_fn(x.shape(), number))
        };
        let tangents = case.arrays("tangents");
        let x: Vec<_> = inputs.iter().zip(tangents).map(along).collect();
        let y = operation(case, &x).expect("it exists over f64").value();
        let pushed: Vec<f64> = y.as_slice().iter().map(|y| y.d).collect();
        compare("tangent", &pushed, case.array("jvp").as_slice())?;
    }
    Ok(())
}

/// Σ uᵢ yᵢ, one number of y at a time.
fn weighted<'t>(y: Var<'t, f64>, u: &Tensor<f64>) -> Var<'t, f64> {
    let u = y.tape().constant(u);
    (y * u).sum()
}

/// Whether a case is of an operation, or a form of one, that does not exist yet.
fn is_later(case: Case<'_>) -> bool {
    is_missing(case.op()) || is_missing(case.id())
}

#[test]
fn operations_agree_with_jax() {
    let truth = truth();
    let wrong: Vec<String> = list(&truth, "cases")
        .iter()
        .map(Case)
        .filter(|case| !is_later(*case))
        .filter_map(|case| Some(format!("{}: {}", case.id(), run(case).err()?)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn operations_that_exist_are_not_called_missing() {
    let truth = truth();
    let works = |case: &Case<'_>| {
        matches!(
            panic::catch_unwind(AssertUnwindSafe(|| run(*case))),
            Ok(Ok(()))
        )
    };
    let cases = list(&truth, "cases").iter().map(Case);
    let found: Vec<_> = cases
        .filter(|case| is_later(*case) && works(case))
        .collect();
    let found: Vec<_> = found.iter().map(|case| case.id()).collect();
    assert!(
        found.is_empty(),
        "these work: run them with the others: {found:?}"
    );
}

/// Where a function may be further than 1e-13 from the exact number, and how far: each with its
/// reason.
const LISTED: [(&str, usize, f64); 0] = [];

/// f and f' at one point by the tape, and by dual numbers.
fn at_point(entry: Case<'_>, x: f64) -> [[f64; 2]; 2] {
    let dual = Dual { v: x, d: 1.0 };
    let tape = Tape::new();
    let var = tape.parameter(&Tensor::new([1], vec![x]));
    let y = operation(entry, &[var]).expect("the operation exists");
    y.sum().backward();
    let reverse = [y.value().as_slice()[0], var.grad().as_slice()[0]];
    let tape = Tape::new();
    let y = operation(entry, &[tape.parameter(&Tensor::new([1], vec![dual]))]);
    let y = y.expect("the operation exists").value().as_slice()[0];
    [reverse, [y.v, y.d]]
}

#[test]
fn functions_are_exact_at_extreme_points() {
    let truth = truth();
    let mut wrong = vec![];
    for entry in list(&truth, "extreme").iter().map(Case) {
        let (id, op) = (entry.id(), entry.op());
        if is_later(entry) {
            continue;
        }
        let [x, values, slopes] = ["x", "value", "derivative"].map(|key| entry.array(key));
        if op == "logsumexp" {
            let tape = Tape::new();
            let var = tape.parameter(&x);
            let y = var.logsumexp(0);
            y.backward();
            let found = [y.value(), var.grad()];
            for (found, exact) in found.iter().zip([&values, &slopes]) {
                for (i, (&f, &e)) in found.as_slice().iter().zip(exact.as_slice()).enumerate() {
                    judge(id, "", i, f, e, &mut wrong);
                }
            }
            continue;
        }
        for (i, &x) in x.as_slice().iter().enumerate() {
            for (route, [value, slope]) in ["tape", "dual"].iter().zip(at_point(entry, x)) {
                let exact = [values.as_slice()[i], slopes.as_slice()[i]];
                judge(
                    id,
                    &format!("{route}, value at {x:e}"),
                    i,
                    value,
                    exact[0],
                    &mut wrong,
                );
                judge(
                    id,
                    &format!("{route}, derivative at {x:e}"),
                    i,
                    slope,
                    exact[1],
                    &mut wrong,
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn judge(id: &str, what: &str, i: usize, found: f64, exact: f64, wrong: &mut Vec<String>) {
    // Around its root digamma is the difference of numbers near 1.
    let absolute = if id.starts_with("extreme/digamma") {
        1e-15
    } else {
        0.0
    };
    let listed = LISTED.iter().find(|(l, at, _)| *l == id && *at == i);
    let relative = listed.map_or(1e-13, |(_, _, figure)| *figure);
    let error = (found - exact).abs();
    let close = error <= relative * exact.abs() + absolute;
    if found != exact && !close {
        let ratio = error / exact.abs();
        wrong.push(format!(
            "{id} {what}: {found:e}, not {exact:e}: off by {ratio:.1e}"
        ));
    }
}

/// The scalar functions of the file's `higher_order`, by their names.
fn scalar_function<'t, S: Scalar>(id: &str, x: Var<'t, S>) -> Option<Var<'t, S>> {
    let size = x.shape().size();
    let at = |i: usize| x.narrow(0, i..i + 1);
    Some(match id {
        "higher/rosenbrock" => {
            let (left, right) = (x.narrow(0, 0..size - 1), x.narrow(0, 1..size));
            (100.0 * (right - left.square()).square() + (1.0 - left).square()).sum()
        }
        "higher/logsumexp" => x.logsumexp(0),
        "higher/tanh_quartic" => x.tanh().sum().powf(4.0),
        "higher/log_prob_normal" => {
            let sigma = at(1).softplus();
            (-0.5 * ((0.7 - at(0)) / sigma).square() - sigma.log()).sum()
        }
        "higher/scale_mixture" => Prior::scale_mixture(0.5, 1.0, 0.1).log_prob(x),
        "higher/kl_normal" => Prior::normal(0.1, 0.8).kl(x.narrow(0, 0..2), x.narrow(0, 2..4)),
        "higher/mlp" => {
            let a = x.narrow(0, 0..6).reshape([2, 3]);
            let v = x
                .tape()
                .constant(&Tensor::new([2, 1], vec![S::of(0.3), S::of(-1.2)]));
            let hidden = a.matmul_with([true, false], v).tanh();
            (hidden.reshape([3]) * x.narrow(0, 6..9).square()).sum()
        }
        "higher/lgamma" => x.lgamma().sum() + (at(0) * at(1)).sum(),
        "higher/softplus_exp" => (x.softplus() * (-x.square()).exp()).sum(),
        "higher/matmul_quadratic" => {
            let a = x.reshape([2, 2]);
            a.matmul_with([false, true], a).square().sum()
        }
        "higher/logdet" => {
            let a = x.reshape([2, 2]);
            let eye = x.tape().constant(&Tensor::from_fn([2, 2], |i| {
                if i % 3 == 0 { S::ONE } else { S::ZERO }
            }));
            let spd = a.matmul_with([false, true], a) + eye;
            // Half by each of the two ways: neither may be off.
            0.5 * spd.log_det_spd() + 0.5 * spd.log_abs_det()
        }
        "higher/sin_product" => {
            let sin = x.sin();
            (1..size)
                .fold(sin.narrow(0, 0..1), |p, i| p * sin.narrow(0, i..i + 1))
                .sum()
        }
        "higher/gelu_sum" => x.gelu().sum().square(),
        _ => return None,
    })
}

/// Gradient, Hessian (by one dual direction at a time), H v, and the derivative of v' H v by dual
/// numbers over dual numbers.
#[test]
fn higher_derivatives_agree_with_jax() {
    let truth = truth();
    for case in list(&truth, "higher_order").iter().map(Case) {
        let id = case.id();
        if is_later(case) {
            continue;
        }
        let [x, v] = ["x", "v"].map(|key| case.array(key));
        let n = x.len();
        let check = |what: &str, found: &[f64], key: &str| {
            let compared = compare(what, found, case.array(key).as_slice());
            assert!(compared.is_ok(), "{id}: {}", compared.unwrap_err());
        };

        let tape = Tape::new();
        let var = tape.parameter(&x);
        let y = scalar_function(id, var).expect("the formula is written out above");
        y.backward();
        check("value", &[y.item()], "value");
        check("gradient", var.grad().as_slice(), "grad");

        let product = |direction: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let tape = Tape::new();
            let number = |i: usize| Dual {
                v: x.as_slice()[i],
                d: direction(i),
            };
            let var = tape.parameter(&Tensor::from_fn([n], number));
            scalar_function(id, var).expect("as above").backward();
            var.grad().as_slice().iter().map(|g| g.d).collect()
        };
        let unit = |row: usize| product(&|i| f64::from(u8::from(i == row)));
        check(
            "Hessian",
            &(0..n).flat_map(unit).collect::<Vec<_>>(),
            "hessian",
        );
        check("H v", &product(&|i| v.as_slice()[i]), "hvp");

        let tape = Tape::new();
        let number = |i: usize| {
            let (x, v) = (x.as_slice()[i], v.as_slice()[i]);
            Dual {
                v: Dual { v: x, d: v },
                d: Dual { v, d: 0.0 },
            }
        };
        let var = tape.parameter(&Tensor::from_fn([n], number));
        scalar_function(id, var).expect("as above").backward();
        let third: Vec<f64> = var.grad().as_slice().iter().map(|g| g.d.d).collect();
        check("third derivative", &third, "third_vv");
    }
}
