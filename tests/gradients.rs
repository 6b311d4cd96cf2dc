//! Operations against the numbers of other programs: `tests/truth/gradients.json`, see the README
//! there.
//!
//! Values, vector-Jacobian and Jacobian-vector products agree with JAX to 1e-10 relatively, plus
//! 1e-12 of the largest number of an array (sums cancel); functions at extreme points agree with
//! 120 and more digits of mpmath to 1e-13, without an absolute tolerance: tails must be right.

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};

use elbo::bayes::Prior;
use elbo::dist::{Bernoulli, Categorical, Normal, Poisson};
use elbo::kernels::special;
use elbo::ops::concat;
use elbo::{Dual, Scalar, Tape, Tensor, Var, check};
use serde_json::Value;

fn truth() -> Value {
    serde_json::from_str(include_str!("truth/gradients.json")).expect("the file is JSON")
}
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
/// A number; non-finite ones are texts.
fn number(value: &Value) -> f64 {
    let from_text = || value.as_str().and_then(|text| text.parse().ok());
    value.as_f64().or_else(from_text).expect("a number")
}
fn indices(value: &Value) -> Vec<usize> {
    let whole = |v: &Value| v.as_u64().expect("an index") as usize;
    value
        .as_array()
        .expect("indices")
        .iter()
        .map(whole)
        .collect()
}
fn array(value: &Value) -> Tensor<f64> {
    let data = list(value, "data").iter().map(number).collect();
    Tensor::new(&indices(&value["shape"])[..], data)
}

/// A function of one number; `None` for one that does not exist.
fn function<'t, S: Scalar>(name: &str, x: Var<'t, S>) -> Option<Var<'t, S>> {
    Some(match name {
        "neg" => -x,
        "square" => x.square(),
        "reciprocal" => 1.0 / x,
        "exp" => x.exp(),
        "expm1" => x.expm1(),
        "log" => x.log(),
        "log1p" => x.log1p(),
        "sqrt" => x.sqrt(),
        "rsqrt" => 1.0 / x.sqrt(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "abs" => x.abs(),
        "erf" => x.erf(),
        "lgamma" => x.lgamma(),
        "relu" => x.relu(),
        "sigmoid" => x.sigmoid(),
        "log_sigmoid" => x.log_sigmoid(),
        "softplus" => x.softplus(),
        "tanh" => x.tanh(),
        "gelu" => x.gelu(),
        "silu" => x.silu(),
        "mish" => x * x.softplus().tanh(),
        "softsign" => x / (1.0 + x.abs()),
        _ => return None,
    })
}

/// The operation of a case on a tape; `None` for one that does not exist.
fn operation<'t, S: Scalar>(case: &Value, x: &[Var<'t, S>]) -> Option<Var<'t, S>> {
    let attrs = &case["attrs"];
    let data = |key: &str| x[0].tape().constant(&array(&attrs[key]).cast());
    let axis = |key: &str| {
        let axis = attrs[key].as_i64().expect("an axis");
        (axis
            + if axis < 0 {
                x[0].shape().rank() as i64
            } else {
                0
            }) as usize
    };
    Some(match text(case, "op") {
        "add" => x[0] + x[1],
        "sub" => x[0] - x[1],
        "mul" => x[0] * x[1],
        "div" => x[0] / x[1],
        "pow_scalar" => x[0].powf(number(&attrs["exponent"])),
        "sum" => reduced(attrs, x[0], |x, axis| x.sum_axes(&[axis])),
        "mean" => reduced(attrs, x[0], |x, axis| x.mean_axes(&[axis])),
        "logsumexp" => reduced(attrs, x[0], |x, axis| x.logsumexp(axis)),
        "softmax" => x[0].softmax(axis("axis")),
        "log_softmax" => x[0].log_softmax(axis("axis")),
        "matmul" => product(x[0], x[1]),
        "affine" => match text(attrs, "activation") {
            "tanh" => x[0].affine(x[1], x[2]).tanh(),
            "relu" => x[0].affine(x[1], x[2]).relu(),
            _ => x[0].affine(x[1], x[2]),
        },
        "reshape" => x[0].reshape(&indices(&attrs["shape"])[..]),
        "concat" => concat(x, axis("axis")),
        "stack" => {
            let along = axis("axis");
            let mut dims = x[0].shape().dims().to_vec();
            dims.insert(along, 1);
            let parts: Vec<_> = x.iter().map(|x| x.reshape(&dims[..])).collect();
            concat(&parts, along)
        }
        "index_select" => picked(x[0], axis("axis"), &indices(&attrs["indices"])),
        "embedding" => {
            let mut dims = indices(&attrs["indices"]["shape"]);
            dims.push(x[0].shape().dim(1));
            x[0].rows(&indices(&attrs["indices"]["data"]))
                .reshape(&dims[..])
        }
        "slice" => sliced(attrs, x[0]),
        "mlp_mse" => x[0]
            .affine(x[1], x[2])
            .tanh()
            .affine(x[3], x[4])
            .square()
            .mean(),
        "chain_30" => (0..30).fold(x[0], |x, _| x.sin() + 0.1 * x * x),
        "shared_subexpression" => {
            let e = x[0].exp();
            e * e + e / (1.0 + e)
        }
        "gaussian_sample" => x[0] + x[1].softplus() * data("eps"),
        "normal_log_prob" => Normal {
            mean: x[1],
            std: x[2].softplus(),
        }
        .log_prob(x[0]),
        "gaussian_nll" => -Normal {
            mean: x[1],
            std: x[2],
        }
        .log_prob(x[0]),
        "bce_with_logits" => -Bernoulli { logits: x[0] }.log_prob(data("targets")),
        "poisson_nll" => -Poisson { log_rate: x[0] }.log_prob(data("targets")),
        "cross_entropy" => {
            let labels: Vec<S> = list(attrs, "labels")
                .iter()
                .map(|l| S::of(number(l)))
                .collect();
            let labels = x[0].tape().constant(&Tensor::new([labels.len()], labels));
            let loss = -Categorical { logits: x[0] }.log_prob(labels);
            if text(attrs, "reduction") == "mean" {
                loss.mean()
            } else {
                loss
            }
        }
        "scale_mixture_log_prob" => {
            let [pi, sigma1, sigma2] = ["pi", "sigma1", "sigma2"].map(|key| number(&attrs[key]));
            let prior = Prior::scale_mixture(pi, sigma1, sigma2);
            // The prior gives the sum over a tensor: one number of it at a time.
            let flat = x[0].reshape([x[0].shape().size()]);
            let one = |i: usize| prior.log_prob(flat.narrow(0, i..i + 1)).reshape([1]);
            let parts: Vec<_> = (0..x[0].shape().size()).map(one).collect();
            concat(&parts, 0).reshape(x[0].shape())
        }
        "kl_normal" if x.len() == 2 => {
            let [mean, std] = ["prior_mean", "prior_std"].map(|key| number(&attrs[key]));
            Prior::normal(mean, std).kl(x[0], x[1])
        }
        name => return function(name, x[0]),
    })
}

/// A reduction over `axes`, the last one first, which may stay as axes of extent 1.
fn reduced<'t, S: Scalar>(
    attrs: &Value,
    x: Var<'t, S>,
    reduce: impl Fn(Var<'t, S>, usize) -> Var<'t, S>,
) -> Var<'t, S> {
    let rank = x.shape().rank();
    let mut axes: Vec<usize> = match &attrs["axes"] {
        Value::Null => (0..rank).collect(),
        axes => {
            let axes = axes.as_array().expect("axes").iter();
            axes.map(|a| a.as_i64().expect("an axis").rem_euclid(rank as i64) as usize)
                .collect()
        }
    };
    axes.sort_unstable();
    let y = axes.iter().rev().fold(x, |x, &axis| reduce(x, axis));
    if attrs["keepdims"] == true {
        let kept = axes
            .iter()
            .fold(x.shape(), |shape, &axis| shape.with(axis, 1));
        y.reshape(kept)
    } else {
        y
    }
}

/// A matrix product in which a vector is a row on the left and a column on the right.
fn product<'t, S: Scalar>(a: Var<'t, S>, b: Var<'t, S>) -> Var<'t, S> {
    let (left, right) = (a.shape(), b.shape());
    let row = if left.rank() == 1 {
        a.reshape([1, left.size()])
    } else {
        a
    };
    let column = if right.rank() == 1 {
        b.reshape([right.size(), 1])
    } else {
        b
    };
    let y = row.matmul(column);
    match (left.rank(), right.rank()) {
        (1, 1) => y.reshape([]),
        (1, _) | (_, 1) => y.reshape([y.shape().size()]),
        _ => y,
    }
}

/// The places `indices` of an axis.
fn picked<'t, S: Scalar>(x: Var<'t, S>, axis: usize, indices: &[usize]) -> Var<'t, S> {
    let parts: Vec<_> = indices.iter().map(|&i| x.narrow(axis, i..i + 1)).collect();
    concat(&parts, axis)
}

/// Along each axis the places from `start` by `step` up to `stop`, which is left out.
fn sliced<'t, S: Scalar>(attrs: &Value, x: Var<'t, S>) -> Var<'t, S> {
    (0..x.shape().rank()).fold(x, |x, axis| {
        let whole = |key: &str| attrs[key][axis].as_i64().expect("an index");
        let [start, stop, step] = ["start", "stop", "step"].map(whole);
        let count = (stop - start + step - step.signum()) / step;
        let index = |i: i64| (start + i * step) as usize;
        picked(x, axis, &(0..count).map(index).collect::<Vec<_>>())
    })
}

/// Cases of operations that exist, of forms that do not.
const BEYOND: [(&str, &str); 4] = [
    ("matmul/1", "a batch of matrices"),
    ("matmul/2", "batch axes that broadcast"),
    ("matmul/3", "a batch of matrices"),
    ("kl_normal/1", "a prior with a scale that is learned"),
];

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

/// Value, VJP and JVP of one case; `Ok(false)` if its operation does not exist.
fn run(case: &Value) -> Result<bool, String> {
    let inputs: Vec<Tensor<f64>> = list(case, "inputs").iter().map(array).collect();
    let tape = Tape::new();
    let x: Vec<_> = inputs.iter().map(|x| tape.parameter(x)).collect();
    let Some(y) = operation(case, &x) else {
        return Ok(false);
    };
    let output = array(&case["output"]);
    if y.shape() != output.shape() {
        return Err(format!("shape {}, not {}", y.shape(), output.shape()));
    }
    compare("value", y.value().as_slice(), output.as_slice())?;

    // A -inf times a cotangent is no number: -inf stays outside of the sum that starts backward.
    let cotangent = array(&case["cotangent"]);
    weighted(y, &cotangent).backward();
    // Where conventions differ, ours is the alternative: 0 at the kink of abs, 0 for -inf.
    let key = if case["alternative_grads"].is_null() {
        "grads"
    } else {
        "alternative_grads"
    };
    for (k, expected) in list(case, key).iter().enumerate() {
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

    if case["smooth"] == true {
        let tape = Tape::new();
        let along = |(x, v): (&Tensor<f64>, &Value)| {
            let v = array(v);
            let number = |i: usize| Dual {
                v: x.as_slice()[i],
                d: v.as_slice()[i],
            };
            tape.parameter(&Tensor::from_fn(x.shape(), number))
        };
        let x: Vec<_> = inputs
            .iter()
            .zip(list(case, "tangents"))
            .map(along)
            .collect();
        let y = operation(case, &x).expect("it exists over f64").value();
        let pushed: Vec<f64> = y.as_slice().iter().map(|y| y.d).collect();
        compare("tangent", &pushed, array(&case["jvp"]).as_slice())?;
    }
    Ok(true)
}

/// Σ uᵢ yᵢ, one number of y at a time.
fn weighted<'t>(y: Var<'t, f64>, u: &Tensor<f64>) -> Var<'t, f64> {
    let u = y.tape().constant(u);
    (y * u).sum()
}

#[test]
fn operations_agree_with_jax() {
    let truth = truth();
    let mut wrong = vec![];
    for case in list(&truth, "cases") {
        let id = text(case, "id");
        if BEYOND.iter().any(|(beyond, _)| *beyond == id) {
            continue;
        }
        match run(case) {
            Ok(true) => {}
            Ok(false) => wrong.push(format!("{id}: no such operation")),
            Err(error) => wrong.push(format!("{id}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn forms_that_do_not_exist_are_refused() {
    let truth = truth();
    for (id, reason) in BEYOND {
        let cases = list(&truth, "cases");
        let case = cases
            .iter()
            .find(|case| text(case, "id") == id)
            .expect("the case is there");
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| run(case)));
        assert!(
            !matches!(outcome, Ok(Ok(true))),
            "{id} ({reason}) works: run it with the others"
        );
    }
}

#[test]
fn no_operation_of_the_full_file_exists_and_is_not_run() {
    let truth = truth();
    let later: Vec<&str> = list(&truth, "later")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    println!(
        "operations of the full file that do not exist yet: {}",
        later.join(", ")
    );
    let known: BTreeSet<&str> = check::table().map(|law| law.name).collect();
    let possible: Vec<_> = later.iter().filter(|op| known.contains(*op)).collect();
    assert!(
        possible.is_empty(),
        "{possible:?} exist now: add them to tests/truth/trim.py"
    );
}

/// Where a function may be further than 1e-13 from the exact number, and how far.
///
/// Forward mode through erfc(x/√2) at x = -37 squares a rounded quotient: half a unit in its last
/// place is 684 · 2.2e-16 = 1.5e-13 of e^(-684). The tape's rule squares x itself.
const LISTED: [(&str, usize, f64); 1] = [("extreme/gelu/0", 1, 1.6e-13)];

/// f and f' at one point by the tape, and by dual numbers.
fn at_point(entry: &Value, x: f64) -> [[f64; 2]; 2] {
    let dual = Dual { v: x, d: 1.0 };
    let forward = match text(entry, "op") {
        "erfc" => Some(dual.erfc()),
        "digamma" => Some(special::digamma(dual)),
        "softplus_inverse" => Some(special::softplus_inverse(dual)),
        _ => None,
    };
    if let Some(y) = forward {
        return [[y.v, y.d]; 2];
    }
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
    for entry in list(&truth, "extreme") {
        let (id, op) = (text(entry, "id"), text(entry, "op"));
        let [x, values, slopes] = ["x", "value", "derivative"].map(|key| array(&entry[key]));
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
    for case in list(&truth, "higher_order") {
        let id = text(case, "id");
        let [x, v] = ["x", "v"].map(|key| array(&case[key]));
        let n = x.len();
        let check = |what: &str, found: &[f64], key: &str| {
            let compared = compare(what, found, array(&case[key]).as_slice());
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
