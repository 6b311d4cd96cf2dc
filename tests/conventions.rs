//! Where derivatives are delicate: at kinks, at ties, at infinities and far out. Each line is a
//! convention of `src/ops/mod.rs` or a value that a careless formula loses.

use elbo::dist::{KlDivergence, Laplace};
use elbo::{Dual, Scalar, Tape, Tensor, Var};

/// The value of f and its gradient, from a sum over what f gives.
fn at<S: Scalar>(x: &[S], f: impl Fn(Var<'_, S>) -> Var<'_, S>) -> (Vec<S>, Vec<S>) {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([x.len()], x.to_vec()));
    let y = f(x).retain();
    y.sum().backward();
    (y.value().as_slice().to_vec(), x.grad().as_slice().to_vec())
}

#[test]
fn powers_of_numbers_that_are_negative_or_zero() {
    assert_eq!(at(&[-2.0f64], |x| x.powf(2.0)), (vec![4.0], vec![-4.0]));
    assert_eq!(at(&[-2.0f64], |x| x.powf(3.0)), (vec![-8.0], vec![12.0]));
    assert_eq!(at(&[0.0f64], |x| x.powf(1.0)), (vec![0.0], vec![1.0]));
    assert_eq!(
        at(&[0.0f64, -3.0], |x| x.powf(0.0)),
        (vec![1.0; 2], vec![0.0; 2])
    );
}

/// exp(-x²) at 0 has the derivatives 0, -2, 0, 12.
#[test]
fn four_derivatives_of_a_bell_at_its_top() {
    type Third = Dual<Dual<Dual<f64>>>;
    let x = Third {
        v: Dual {
            v: Dual { v: 0.0, d: 1.0 },
            d: Dual::ONE,
        },
        d: Dual::ONE,
    };
    let (y, slope) = at(&[x], |x| (-x.powf(2.0)).exp());
    assert_eq!(y[0], Third::ONE);
    let d = slope[0];
    assert_eq!([d.v.v.v, d.d.v.v, d.d.d.v, d.d.d.d], [0.0, -2.0, 0.0, 12.0]);
}

#[test]
fn kinks_take_no_side() {
    assert_eq!(
        at(&[-1.0f64, 0.0, -0.0, 2.0], |x| x.abs()).1,
        [-1.0, 0.0, 0.0, 1.0]
    );
    assert_eq!(
        at(&[-1.0f64, 0.0, -0.0, 2.0], |x| x.relu()).1,
        [0.0, 0.0, 0.0, 1.0]
    );
    assert!(at(&[f64::NAN], |x| x.relu()).0[0].is_nan());
    assert!(at(&[f64::NAN], |x| x.abs()).0[0].is_nan());
}

/// A kink has derivatives of every order, and they are 0.
#[test]
fn kinks_do_not_bend() {
    let zero = Dual {
        v: Dual { v: 0.0f64, d: 1.0 },
        d: Dual::ONE,
    };
    let (y, slope) = at(&[zero], |x| x.abs());
    assert!(y[0].is_zero() && slope[0].is_zero(), "{y:?} {slope:?}");
}

#[test]
fn divergences_from_a_laplace_bend_at_its_location() {
    let mean = Dual {
        v: Dual { v: 0.5f64, d: 1.0 },
        d: Dual::ONE,
    };
    let prior = Laplace {
        location: 0.5,
        scale: 2.0,
    };
    let std = 0.7f64;
    // √(2/π) / (std scale)
    let kl = prior.kl(mean, Scalar::of(std), Scalar::of(std.ln()));
    let [slope, _] = prior.kl_partials(mean, Scalar::of(std));
    let exact = (2.0 / std::f64::consts::PI).sqrt() / (std * 2.0);
    for second in [kl.d.d, slope.d.v] {
        assert!((second - exact).abs() <= 4.0 * f64::EPSILON, "{second}");
    }
    // 1 / (q.scale p.scale)
    let p = Laplace {
        location: Scalar::of(0.5),
        scale: Scalar::of(2.0),
    };
    let q = Laplace {
        location: mean,
        ..p
    };
    assert!((q.kl_divergence(&p).d.d - 0.25).abs() <= f64::EPSILON);
}

#[test]
fn saturated_functions_keep_their_limits() {
    assert_eq!(
        at(&[-800.0f64, 800.0], |x| x.tanh()),
        (vec![-1.0, 1.0], vec![0.0; 2])
    );
    assert_eq!(
        at(&[-1000.0f64], |x| x.log_sigmoid()),
        (vec![-1000.0], vec![1.0])
    );
    // e^-20 is 2e-9, less than half a unit in the last place of 20 and of 1.
    let large = [20.0f32, 50.0, 100.0, 800.0];
    assert_eq!(at(&large, |x| x.softplus()), (large.to_vec(), vec![1.0; 4]));
    // e^-100 is subnormal in f32, and not 0; in its last place 1.4e-45 is a unit.
    let tail = at(&[-100.0f32], |x| x.softplus()).0[0];
    assert!((f64::from(tail) - 3.78e-44).abs() < 1e-45, "{tail:e}");
    assert_eq!(at(&[0.0f64], |x| x.softplus()).1, [0.5]);
}

#[test]
fn logsumexp_of_infinities_and_ties() {
    let none = f64::NEG_INFINITY;
    assert_eq!(
        at(&[none, none], |x| x.logsumexp(0)),
        (vec![none], vec![0.0, 0.0])
    );
    assert_eq!(
        at(&[none, 1.0], |x| x.logsumexp(0)),
        (vec![1.0], vec![0.0, 1.0])
    );
    assert_eq!(
        at(&[1000.0, 1000.0], |x| x.logsumexp(0)),
        (vec![1_000.693_147_180_559_9], vec![0.5; 2])
    );
    let (_, shares) = at(&[0.25; 10], |x| x.logsumexp(0));
    for share in shares {
        assert!((share - 0.1).abs() <= f64::EPSILON, "{share}");
    }
}

/// The loss -log_softmax(x)[label] of logits 1000, 0, -1000.
#[test]
fn log_softmax_of_certain_logits() {
    let logits = [1000.0f64, 0.0, -1000.0];
    let loss = |label: usize| {
        at(&logits, move |x| {
            -x.log_softmax(0).narrow(0, label..label + 1)
        })
    };
    assert_eq!(loss(2), (vec![2000.0], vec![1.0, 0.0, -1.0]));
    assert_eq!(loss(0), (vec![0.0], vec![0.0; 3]));
    // A masked logit has probability 0 and no gradient.
    let (p, slope) = at(&[1.0, f64::NEG_INFINITY, 1.0], |x| {
        x.softmax(0) * x.softmax(0)
    });
    assert_eq!((p, slope), (vec![0.25, 0.0, 0.25], vec![0.0; 3]));
}

#[test]
fn sums_and_means_of_nothing() {
    let tape = Tape::<f64>::new();
    let x = tape.parameter(&Tensor::zeros([0, 3]));
    let total = x.sum_axes(&[0]);
    assert_eq!(total.value().as_slice(), [0.0; 3]);
    total.sum().backward();
    assert_eq!(x.grad().shape(), x.shape());
}

/// Infinite and masked entries have results, not NaN.
#[test]
fn softmax_and_kin_take_infinite_entries() {
    const INF: f64 = f64::INFINITY;
    let all_masked = [-INF, -INF];
    assert_eq!(
        at(&all_masked, |x| x.log_softmax(0)),
        (vec![-INF; 2], vec![0.0; 2])
    );
    assert_eq!(
        at(&all_masked, |x| x.softmax(0)),
        (vec![0.0; 2], vec![0.0; 2])
    );
    assert_eq!(
        at(&[INF, INF, 0.0], |x| x.logsumexp(0)),
        (vec![INF], vec![0.5, 0.5, 0.0])
    );
    assert_eq!(at(&[INF, 1.0, INF], |x| x.softmax(0)).0, [0.5, 0.0, 0.5]);
}

/// What is divided by a number is divided, not multiplied by its inverse.
#[test]
fn division_by_a_number_is_division() {
    let tape = Tape::new();
    for (a, c) in [(49.0, 49.0), (3e-310, 1e-310), (1e300, 1e-5), (7.0, 3.0)] {
        let x = tape.parameter(&Tensor::scalar(a));
        assert_eq!((x / c).item(), a / c);
    }
}

#[test]
fn relu_of_minus_infinity_is_zero_and_never_minus_zero() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([3], vec![f64::NEG_INFINITY, -3.0, f64::NAN]));
    let y = x.relu().value();
    assert_eq!(y.as_slice()[0].to_bits(), 0);
    assert_eq!(y.as_slice()[1].to_bits(), 0);
    assert!(y.as_slice()[2].is_nan());
}

/// Gradients of a function of two operands, of one number each.
fn of_two(
    a: f64,
    b: f64,
    f: impl for<'t> Fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>,
) -> [f64; 3] {
    let tape = Tape::new();
    let [a, b] = [a, b].map(|x| tape.parameter(&Tensor::scalar(x)));
    let y = f(a, b).retain();
    y.backward();
    [y.item(), a.grad().item(), b.grad().item()]
}

#[test]
fn the_branch_not_taken_contributes_nothing() {
    let root = at(&[-1.0f64, -4.0], |x| x.gt(0.0).select(x.sqrt(), x));
    assert_eq!(root.1, [1.0, 1.0]);
    let log = at(&[0.0f64, 2.0, 3.0], |x| x.gt(2.0).select(x.log2(), 2.0 * x));
    assert_eq!(log.1[..2], [2.0, 2.0]);
    assert!((log.1[2] - 0.480_898_346_962_987_8).abs() < 1e-15);
    // The cotangent is infinite here, and the branch not taken hears nothing of it.
    let steep = at(&[0.0f64], |x| x.ge(0.0).select(x, x.square().exp()).sqrt());
    assert_eq!(steep.1, [f64::INFINITY]);
    let still = at(&[0.0f64], |x| x.square().sqrt());
    assert_eq!(still, (vec![0.0], vec![0.0]));
    // The same by dual numbers.
    let still = Dual { v: 0.0, d: 0.0 };
    let infinite = Dual::<f64>::of(f64::INFINITY);
    for y in [
        still.sqrt(),
        still.ln(),
        still * infinite,
        infinite / Dual::ONE,
        still / still,
    ] {
        assert_eq!(y.d, 0.0, "{y}");
    }
    let moves = Dual { v: 0.0, d: 1.0 };
    assert_eq!(moves.sqrt().d, f64::INFINITY);
    assert!(!moves.is_zero() && !Dual { v: still, d: moves }.is_zero());
    assert!(Dual { v: moves, d: still }.sqrt().d.is_zero());
}

type Unary = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;

/// A cotangent that is exactly 0 asks nothing of numbers that are infinite or NaN.
#[test]
fn a_cotangent_of_zero_contributes_nothing() {
    const INF: f64 = f64::INFINITY;
    let functions: [(&str, Unary); 18] = [
        ("sum", |x| x.sum()),
        ("prod", |x| x.prod()),
        ("max", |x| x.max()),
        ("var", |x| x.var(0)),
        ("norm 1", |x| x.norm(1.0)),
        ("norm 2", |x| x.norm(2.0)),
        ("norm 3", |x| x.norm(3.0)),
        ("norm inf", |x| x.norm(INF)),
        ("logsumexp", |x| x.logsumexp(0)),
        ("softmax", |x| x.softmax(0)),
        ("log_softmax", |x| x.log_softmax(0)),
        ("normalize", |x| x.normalize(&[0], 1e-5)),
        ("cumsum", |x| x.cumsum(0)),
        ("cumprod", |x| x.cumprod(0)),
        ("cumlogsumexp", |x| x.cumlogsumexp(0)),
        ("sort", |x| x.sort(0)),
        ("matmul of two vectors", |x| x.matmul(x)),
        ("division", |x| x / x),
    ];
    for (name, f) in functions {
        for numbers in [[INF, 2.0], [0.0, INF], [-INF, -INF], [f64::NAN, 1.0]] {
            let tape = Tape::new();
            let x = tape.parameter(&Tensor::new([2], numbers.to_vec()));
            let y = f(x);
            y.backward_with(&Tensor::zeros(y.shape()));
            assert_eq!(x.grad().as_slice(), [0.0; 2], "{name} of {numbers:?}");
        }
    }
    // Of one element of several.
    let first = |x: &[f64], f: Unary| at(x, move |x| f(x).narrow(0, 0..1)).1;
    assert_eq!(first(&[INF, 2.0], |x| x.cumprod(0)), [1.0, 0.0]);
    assert_eq!(first(&[1.0, INF], |x| x.cumlogsumexp(0)), [1.0, 0.0]);
    // A probability of 0 has a logarithm of infinite slope, and no gradient.
    let (log, slope) = at(&[1.0, -INF], |x| x.softmax(0).log());
    assert_eq!((log, slope), (vec![0.0, -INF], vec![0.0; 2]));
}

#[test]
fn powers_of_two_operands_at_their_corners() {
    let pow = |a, b| of_two(a, b, |a, b| a.pow(b));
    assert_eq!(pow(0.0, 2.0), [0.0, 0.0, 0.0]);
    assert_eq!(pow(0.0, 1.0), [0.0, 1.0, 0.0]);
    assert_eq!(pow(0.0, 0.0), [1.0, 0.0, 0.0]);
    assert_eq!(pow(0.0, 0.5), [0.0, f64::INFINITY, 0.0]);
    let all = f64::INFINITY;
    assert_eq!(pow(0.0, -1.0), [all, -all, -all]);
    assert_eq!(pow(-2.0, 2.0)[..2], [4.0, -4.0]);
    assert_eq!(pow(-2.0, 3.0)[..2], [-8.0, 12.0]);
    assert_eq!(pow(-2.0, 0.0)[..2], [1.0, 0.0]);
    assert!(pow(-2.0, 2.0)[2].is_nan());
    let (y, slope) = at(&[-2.0f64, 0.0], |x| x.pow(x.tape().scalar(2.0)));
    assert_eq!((y, slope), (vec![4.0, 0.0], vec![-4.0, 0.0]));
}

#[test]
fn kinks_and_ties_of_choices() {
    let x = [-2.0f64, -1.0, 0.3, 1.0, 2.0];
    let clamped = at(&x, |x| x.clamp(-1.0, 1.0));
    assert_eq!(
        clamped,
        (
            vec![-1.0, -1.0, 0.3, 1.0, 1.0],
            vec![0.0, 1.0, 1.0, 1.0, 0.0]
        )
    );
    assert_eq!(of_two(3.0, 3.0, |a, b| a.maximum(b)), [3.0, 0.5, 0.5]);
    assert_eq!(of_two(3.0, 3.0, |a, b| a.minimum(b)), [3.0, 0.5, 0.5]);
    assert!(of_two(f64::NAN, 3.0, |a, b| a.maximum(b))[0].is_nan());
    assert!(of_two(3.0, f64::NAN, |a, b| a.minimum(b))[0].is_nan());
    let kinks = [-1.0f64, 0.0, -0.0, 2.0];
    assert_eq!(at(&kinks, |x| x.leaky_relu(0.1)).1, [0.1, 0.1, 0.1, 1.0]);
    assert_eq!(at(&kinks, |x| x.elu(1.5)).1[1..], [1.5, 1.5, 1.0]);
    assert_eq!(
        at(&kinks, |x| x.sign()),
        (vec![-1.0, 0.0, 0.0, 1.0], vec![0.0; 4])
    );
    let halves = [-1.5f64, 0.5, 1.5, 2.25];
    assert_eq!(
        at(&halves, |x| x.round()),
        (vec![-2.0, 0.0, 2.0, 2.0], vec![0.0; 4])
    );
    assert_eq!(at(&halves, |x| x.floor()).0, [-2.0, 0.0, 1.0, 2.0]);
    assert_eq!(at(&halves, |x| x.ceil()).0, [-1.0, 1.0, 2.0, 3.0]);
}

#[test]
fn comparisons_are_data() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([4], vec![1.0, 2.0, 3.0, f64::NAN]));
    for (y, expected) in [
        (x.gt(2.0), [0.0, 0.0, 1.0, 0.0]),
        (x.ge(2.0), [0.0, 1.0, 1.0, 0.0]),
        (x.lt(2.0), [1.0, 0.0, 0.0, 0.0]),
        (x.le(2.0), [1.0, 1.0, 0.0, 0.0]),
        (x.eq(2.0), [0.0, 1.0, 0.0, 0.0]),
        (x.ne(x), [0.0, 0.0, 0.0, 1.0]),
    ] {
        assert_eq!(y.value().as_slice(), expected);
        assert!(!y.is_tracked());
    }
}

#[test]
#[should_panic(expected = "clamp: nothing is between 2 and 1")]
fn bounds_in_the_wrong_order_are_refused() {
    let tape = Tape::<f64>::new();
    tape.scalar(0.0).clamp(2.0, 1.0);
}

#[test]
fn functions_of_the_plane_and_of_infinities() {
    assert_eq!(of_two(0.0, 0.0, |a, b| a.hypot(b)), [0.0; 3]);
    assert_eq!(of_two(0.0, 0.0, |y, x| y.atan2(x)), [0.0; 3]);
    assert_eq!(of_two(1e-300, 0.0, |a, b| a.hypot(b)), [1e-300, 1.0, 0.0]);
    assert!(
        of_two(1e200, 1e200, |a, b| a.hypot(b))
            .iter()
            .all(|x| x.is_finite())
    );
    assert_eq!(of_two(0.0, 0.0, |a, b| a.xlogy(b)), [0.0; 3]);
    let none = f64::NEG_INFINITY;
    assert_eq!(of_two(none, none, |a, b| a.logaddexp(b)), [none, 0.0, 0.0]);
    assert_eq!(of_two(none, 2.0, |a, b| a.logaddexp(b)), [2.0, 0.0, 1.0]);
    let all = f64::INFINITY;
    assert_eq!(of_two(all, all, |a, b| a.logaddexp(b)), [all, 0.5, 0.5]);
    assert_eq!(
        of_two(1e308, -1e308, |a, b| a.logaddexp(b)),
        [1e308, 1.0, 0.0]
    );
    let ends = at(&[-1.0f64, 1.0], |x| x.erfinv()).0;
    assert_eq!(ends, [none, f64::INFINITY]);
    assert!(at(&[-2.0f64], |x| x.digamma()).0[0].is_nan());
    assert!(at(&[-1e15f64 + 0.5], |x| x.digamma()).0[0].is_finite());
    assert_eq!(at(&[8.0f64], |x| x.log2()).0, [3.0]);
}

/// A gradient arrives, and it is 0: nobody asks in vain for one of x⁰.
#[test]
fn a_power_of_zero_has_a_gradient() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([2], vec![-3.0f64, 0.0]));
    x.powf(0.0).sum().backward();
    tape.with_parameter_gradient(0, |gradient| assert_eq!(gradient, Some(&[0.0, 0.0][..])));
}

#[test]
fn lengths_neither_overflow_nor_vanish() {
    let length = |x: &[f64]| at(x, |x| x.norm(2.0));
    assert_eq!(length(&[0.0, 0.0]), (vec![0.0], vec![0.0, 0.0]));
    assert_eq!(length(&[1e-300, 0.0]), (vec![1e-300], vec![1.0, 0.0]));
    let (y, slope) = length(&[1e200, 1e200]);
    let root = std::f64::consts::FRAC_1_SQRT_2;
    // Two roundings each.
    assert!(
        (y[0] / 1e200 - 2f64.sqrt()).abs() <= 2.0 * f64::EPSILON,
        "{y:?}"
    );
    assert!(
        slope.iter().all(|s| (s - root).abs() <= f64::EPSILON),
        "{slope:?}"
    );
}

#[test]
fn lengths_and_orders_with_zeros_and_ties() {
    let x = [0.0f64, -3.0];
    assert_eq!(at(&x, |x| x.norm(1.0)), (vec![3.0], vec![0.0, -1.0]));
    assert_eq!(at(&[2.0f64, 2.0], |x| x.std(0)), (vec![0.0], vec![0.0; 2]));
    let ties = [2.0f64, 1.0, 2.0, 2.0];
    let second = at(&ties, |x| x.top_k(2, 0).0.narrow(0, 1..2));
    assert_eq!(second, (vec![2.0], vec![0.0, 0.0, 1.0, 0.0]));
    let last = at(&ties, |x| x.sort(0).narrow(0, 3..4));
    assert_eq!(last, (vec![2.0], vec![0.0, 0.0, 0.0, 1.0]));
}

#[test]
fn softplus_has_an_inverse_over_its_whole_range() {
    let inverse = |y: f64| at(&[y], |x| x.softplus_inverse()).0[0];
    assert_eq!(inverse(100.0), 100.0);
    assert!((inverse(1e-20) - 1e-20f64.ln()).abs() <= 1e-14);
    for exponent in -30..=4 {
        for digits in [1.0, 2.5, 7.3] {
            let y = digits * 10f64.powi(exponent);
            let back = at(&[inverse(y)], |x| x.softplus()).0[0];
            assert!(
                (back / y - 1.0).abs() <= 1e-12,
                "{y:e} comes back as {back:e}"
            );
        }
    }
}
