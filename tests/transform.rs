//! Transformations against each other and against formulas: rows and columns give the same Jacobian,
//! a Hessian is the Jacobian of the gradient, and nested forward mode gives third derivatives.

use elbo::transform::{grad, hessian, hvp, jacobian_by_columns, jacobian_by_rows, jvp, vjp};
use elbo::{Dual, Scalar, Shape, Tape, Tensor, Var};
use proptest::prelude::*;

/// Several results of two inputs, each of which depends on both.
fn layer<'t, S: Scalar>([x, w]: [Var<'t, S>; 2]) -> Var<'t, S> {
    (x.matmul(w).tanh() + x.sum() * 0.1).logsumexp(0)
}
/// One number.
fn loss<'t, S: Scalar>(x: [Var<'t, S>; 2]) -> Var<'t, S> {
    layer(x).square().sum()
}

fn numbers(shape: impl Into<Shape>) -> impl Strategy<Value = Tensor<f64>> {
    let shape = shape.into();
    prop::collection::vec(-1.0..1.0f64, shape.size()).prop_map(move |x| Tensor::new(shape, x))
}

/// Sums of a few dozen products of numbers near 1, each rounded once.
fn near(a: &Tensor<f64>, b: &Tensor<f64>) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.shape(), b.shape());
    for (a, b) in a.as_slice().iter().zip(b.as_slice()) {
        prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{} but {}", a, b);
    }
    Ok(())
}

proptest! {
    #[test]
    fn rows_and_columns_give_one_jacobian(x in numbers([2, 3]), w in numbers([3, 2])) {
        let rows = jacobian_by_rows(layer, [&x, &w]);
        let columns = jacobian_by_columns(layer, [&x, &w]);
        for (rows, columns) in rows.iter().zip(&columns) {
            near(rows, columns)?;
        }
    }

    /// <u, J v> = <J'u, v>
    #[test]
    fn vjp_and_jvp_are_transposes(
        x in numbers([2, 3]), w in numbers([3, 2]),
        vx in numbers([2, 3]), vw in numbers([3, 2]), u in numbers([2]),
    ) {
        let dot = |a: &Tensor<f64>, b: &Tensor<f64>| -> f64 {
            a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b).sum()
        };
        let (_, pushed) = jvp(layer, [&x, &w], [&vx, &vw]);
        let (_, [dx, dw]) = vjp(layer, [&x, &w], &u);
        let (left, right) = (dot(&pushed, &u), dot(&dx, &vx) + dot(&dw, &vw));
        prop_assert!((left - right).abs() <= 1e-12, "{} but {}", left, right);
    }

    /// H v by hvp equals the Hessian's blocks times v, and H is symmetric.
    #[test]
    fn hessian_times_a_vector_is_hvp(
        x in numbers([2, 3]), w in numbers([3, 2]),
        vx in numbers([2, 3]), vw in numbers([3, 2]),
    ) {
        let blocks = hessian(loss, [&x, &w]);
        let (gradient, product) = hvp(loss, [&x, &w], [&vx, &vw]);
        let plain = grad(loss, [&x, &w]);
        for (a, b) in gradient.iter().zip(&plain) {
            near(a, b)?;
        }
        for (i, product) in product.iter().enumerate() {
            let row = |r: usize| -> f64 {
                let times = |(block, v): (&Tensor<f64>, &Tensor<f64>)| -> f64 {
                    let line = &block.as_slice()[r * v.len()..][..v.len()];
                    line.iter().zip(v.as_slice()).map(|(h, v)| h * v).sum()
                };
                blocks[i].iter().zip([&vx, &vw]).map(times).sum()
            };
            near(&Tensor::from_fn(product.shape(), row), product)?;
        }
        for r in 0..6 {
            for c in 0..6 {
                let [a, b] = [blocks[0][1].as_slice()[r * 6 + c], blocks[1][0].as_slice()[c * 6 + r]];
                prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()));
            }
        }
    }

    /// Of sin(x) e^(2x): the third derivative is ((2 + i)^3 e^((2 + i) x)).im.
    #[test]
    fn nested_forward_mode_gives_third_derivatives(at in -2.0..2.0f64) {
        let x = Tensor::scalar(Dual { v: at, d: 1.0 });
        let one = Tensor::scalar(Dual::ONE);
        let (_, [second]) = hvp(|[x]| x.sin() * (x * 2.0).exp(), [&x], [&one]);
        let e = (2.0 * at).exp();
        // (2 + i)² = 3 + 4i, (2 + i)³ = 2 + 11i
        let exact = [3.0 * at.sin() + 4.0 * at.cos(), 2.0 * at.sin() + 11.0 * at.cos()];
        let second = second.item();
        prop_assert!((second.v - exact[0] * e).abs() <= 1e-13 * e);
        prop_assert!((second.d - exact[1] * e).abs() <= 1e-12 * e);
    }
}

#[test]
#[should_panic(expected = "grad: f gives [2], not one number")]
fn a_gradient_starts_at_one_number() {
    let x = Tensor::new([2], vec![1.0, 2.0]);
    let _ = grad(|[x]| x, [&x]);
}

#[test]
#[should_panic(expected = "jvp: input 0 is [2], but its tangent is [1]")]
fn a_tangent_has_the_shape_of_its_input() {
    let _ = jvp(
        |[x]| x,
        [&Tensor::new([2], vec![1.0, 2.0])],
        [&Tensor::new([1], vec![1.0])],
    );
}

/// Hessians where an element is 0 or two are equal, against formulas.
#[test]
fn hessians_at_special_points() {
    let of_norm = |p: f64| {
        let x = Tensor::new([2], vec![0.0, 4.0]);
        let [[h]] = hessian(|[x]| x.norm(p), [&x]);
        h.as_slice().to_vec()
    };
    assert_eq!(of_norm(2.0), [0.25, 0.0, 0.0, 0.0]); // (1 - x x' / y²) / y
    assert_eq!(of_norm(4.0), [0.0; 4]);
    // ∂²/∂a∂b a^b = a^(b-1) (1 + b ln a), ∂²/∂b² a^b = a^b ln²a
    let (a, b) = (Tensor::scalar(2.0), Tensor::scalar(0.0));
    let [[aa, ab], [ba, bb]] = hessian(|[a, b]| a.pow(b), [&a, &b]);
    let ln_squared = std::f64::consts::LN_2.powi(2);
    assert_eq!([aa, ab, ba].map(|h| h.item()), [0.0, 0.5, 0.5]);
    assert!((bb.item() - ln_squared).abs() <= 2.0 * f64::EPSILON);
}

type Third = Dual<Dual<Dual<f64>>>;

/// The second and third derivatives of f at x, by forward mode alone and with the last one by the
/// way back.
fn higher(f: impl for<'t> Fn(Var<'t, Third>) -> Var<'t, Third>, x: f64) -> [[f64; 2]; 2] {
    let (zero, one) = (Dual::ZERO, Dual::ONE);
    let inner = Dual { v: x, d: 1.0 };
    let x = Dual {
        v: Dual { v: inner, d: one },
        d: Dual { v: one, d: zero },
    };
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([1], vec![x]));
    let y = f(x).sum().retain();
    y.backward();
    let (y, slope) = (y.value().item(), x.grad().as_slice()[0]);
    [[y.d.d.v, y.d.d.d], [slope.d.v.v, slope.d.d.v]]
}

/// Second derivatives by two routes, third ones by these and by differences of second ones, which
/// are taken beside the special point, at 0, ±1, half integers and for equal operands.
#[allow(clippy::too_many_lines)] // a list of functions
#[test]
fn third_derivatives_at_special_points() {
    const STEP: f64 = 1.0 / (1 << 13) as f64;
    type Case = (
        &'static str,
        fn(Var<'_, Third>) -> Var<'_, Third>,
        &'static [f64],
    );
    const REAL: &[f64] = &[-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
    const POSITIVE: &[f64] = &[0.5, 1.0, 1.5, 2.0];
    const UNIT: &[f64] = &[-0.5, 0.0, 0.5];
    let cases: &[Case] = &[
        ("exp", |x| x.exp(), REAL),
        ("expm1", |x| x.expm1(), REAL),
        ("log", |x| x.log(), POSITIVE),
        ("log1p", |x| x.log1p(), UNIT),
        ("log2", |x| x.log2(), POSITIVE),
        ("sqrt", |x| x.sqrt(), POSITIVE),
        ("rsqrt", |x| x.rsqrt(), POSITIVE),
        ("huber", |x| x.huber(1.75), REAL),
        ("abs", |x| x.abs(), &[-1.0, 1.0]),
        ("square", |x| x.square(), REAL),
        ("recip", |x| x.recip(), &[-1.0, -0.5, 0.5, 1.0]),
        ("x / x", |x| x / x.square(), &[-1.0, 0.5, 1.0]),
        ("x x", |x| x * x * x, REAL),
        ("powf 0", |x| x.powf(0.0), REAL),
        ("powf 3", |x| x.powf(3.0), REAL),
        ("powf -2", |x| x.powf(-2.0), &[-1.0, -0.5, 0.5, 1.0]),
        ("x^x", |x| x.pow(x), POSITIVE),
        ("(x + 2)^x", |x| (x + 2.0).pow(x), REAL),
        ("2^(x - 1)", |x| x.tape().scalar(2.0).pow(x - 1.0), REAL),
        (
            "(x + 2)^(x² - 1)",
            |x| (x + 2.0).pow(x.square() - 1.0),
            REAL,
        ),
        ("sin", |x| x.sin(), REAL),
        ("cos", |x| x.cos(), REAL),
        ("tan", |x| x.tan(), UNIT),
        ("asin", |x| x.asin(), UNIT),
        ("acos", |x| x.acos(), UNIT),
        ("atan", |x| x.atan(), REAL),
        ("sinh", |x| x.sinh(), REAL),
        ("cosh", |x| x.cosh(), REAL),
        ("asinh", |x| x.asinh(), REAL),
        ("acosh", |x| x.acosh(), &[1.5, 2.0]),
        ("atanh", |x| x.atanh(), UNIT),
        ("atan2", |x| x.atan2(x.square() + 1.0), REAL),
        ("atan2 of equals", |x| x.atan2(x.square()), POSITIVE),
        ("hypot", |x| x.hypot(x + 1.0), REAL),
        ("erf", |x| x.erf(), REAL),
        ("erfc", |x| x.erfc(), REAL),
        ("erfinv", |x| x.erfinv(), UNIT),
        ("normal_cdf", |x| x.normal_cdf(), REAL),
        ("normal_log_cdf", |x| x.normal_log_cdf(), REAL),
        ("lgamma", |x| x.lgamma(), &[-1.5, -0.5, 0.5, 1.0, 2.0]),
        ("digamma", |x| x.digamma(), &[-1.5, -0.5, 0.5, 1.0, 2.0]),
        ("logit", |x| x.logit(), &[0.25, 0.5, 0.75]),
        ("softplus_inverse", |x| x.softplus_inverse(), POSITIVE),
        ("xlogy", |x| (x - 1.0).xlogy(x), POSITIVE),
        ("logaddexp", |x| x.logaddexp(x.square()), REAL),
        ("sigmoid", |x| x.sigmoid(), REAL),
        ("log_sigmoid", |x| x.log_sigmoid(), REAL),
        ("softplus", |x| x.softplus(), REAL),
        ("tanh", |x| x.tanh(), REAL),
        ("gelu", |x| x.gelu(), REAL),
        ("gelu_tanh", |x| x.gelu_tanh(), REAL),
        ("silu", |x| x.silu(), REAL),
        ("mish", |x| x.mish(), REAL),
        ("softsign", |x| x.softsign(), &[-1.5, -0.5, 0.5, 1.5]),
        ("elu", |x| x.elu(1.3), &[-1.0, 1.0]),
        ("norm", |x| x.pad(&[[0, 1]], 4.0).norm(2.0), REAL),
        ("norm 4", |x| x.pad(&[[0, 1]], 1.0).norm(4.0), REAL),
        ("norm 3", |x| x.pad(&[[0, 1]], 1.0).norm(3.0), &[-1.0, 1.0]),
        ("prod", |x| x.pad(&[[0, 1]], 2.0).square().prod(), REAL),
        ("cumprod", |x| x.tile(&[3]).cumprod(0), REAL),
        ("logsumexp", |x| x.pad(&[[1, 1]], 0.5).logsumexp(0), REAL),
        (
            "softmax",
            |x| x.pad(&[[0, 1]], 1.0).softmax(0).square(),
            REAL,
        ),
        (
            "log_softmax",
            |x| x.pad(&[[0, 1]], 1.0).log_softmax(0).square(),
            REAL,
        ),
        (
            "cumlogsumexp",
            |x| x.pad(&[[0, 1]], 1.0).cumlogsumexp(0),
            REAL,
        ),
        (
            "std",
            |x| x.pad(&[[1, 1]], 0.5).square().std(0),
            &[-1.5, -1.0, 0.0, 1.0],
        ),
        (
            "normalize",
            |x| x.pad(&[[0, 1]], 1.0).normalize(&[0], 0.5).square(),
            REAL,
        ),
    ];
    let mut wrong = vec![];
    for (name, f, points) in cases {
        for &x in *points {
            let [[second, third], [back_second, back_third]] = higher(f, x);
            let beside = |h: f64| higher(f, x + h)[1][0];
            let slope = (beside(STEP) - beside(-STEP)) / (2.0 * STEP);
            let near =
                |a: f64, b: f64, tolerance: f64| (a - b).abs() <= tolerance * (1.0 + b.abs());
            // A few dozen roundings; and a truncation of STEP²/6 times the fifth derivative.
            let routes = near(second, back_second, 1e-12) && near(third, back_third, 1e-11);
            if !(routes && near(back_third, slope, 1e-4)) {
                wrong.push(format!(
                    "{name} at {x}: second {second:e} {back_second:e}, third {third:e} \
                     {back_third:e} {slope:e}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
