//! Reductions where several elements are the same, infinite or not numbers; and that a second
//! derivative that is cut off is found.

use elbo::check::{Route, gradcheck, gradgradcheck};
use elbo::ops::{Function, Pointwise, pointwise};
use elbo::tape::Keeps;
use elbo::{Dual, Scalar, Tape, Tensor, Var};

/// Value and gradient of one number made of a vector.
fn at(x: &[f64], f: impl Fn(Var<'_, f64>) -> Var<'_, f64>) -> (f64, Vec<f64>) {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([x.len()], x.to_vec()));
    let y = f(x);
    y.backward();
    (y.item(), x.grad().as_slice().to_vec())
}

const INF: f64 = f64::INFINITY;

#[test]
fn equal_extremes_share_the_gradient() {
    assert_eq!(
        at(&[INF, 1.0, INF], |x| x.max()),
        (INF, vec![0.5, 0.0, 0.5])
    );
    assert_eq!(at(&[-INF, -INF], |x| x.max()), (-INF, vec![0.5, 0.5]));
    assert_eq!(at(&[-INF, 0.0], |x| x.min()), (-INF, vec![1.0, 0.0]));
    let (y, dx) = at(&[f64::NAN, 2.0], |x| x.max());
    assert!(y.is_nan() && dx == [1.0, 0.0]);
    // Sums of k equal numbers over k need not be that number, for which ties are looked up.
    for k in 1..200 {
        for extreme in [0.1, 1.0 / 3.0, -0.7] {
            let x = vec![extreme; k];
            let share = 1.0 / k as f64;
            assert_eq!(at(&x, |x| x.max()), (extreme, vec![share; k]));
            let (y, dx) = at(&x, |x| x.norm(INF));
            assert_eq!((y, dx), (extreme.abs(), vec![share.copysign(extreme); k]));
        }
    }
}

/// Forward mode of ties is the mean of their tangents, as the way back shares the cotangent.
#[test]
fn forward_mode_of_ties_is_the_transpose() {
    let x = [3.0, 1.0, -3.0, 3.0].map(|v| Dual { v, d: v + 1.0 });
    let of = |f: fn(Var<'_, Dual<f64>>) -> Var<'_, Dual<f64>>| {
        let tape = Tape::new();
        let y = f(tape.constant(&Tensor::new([4], x.to_vec()))).item();
        (y.v, y.d)
    };
    assert_eq!(of(|x| x.max()), (3.0, 4.0));
    assert_eq!(of(|x| x.min()), (-3.0, -2.0));
    // |x| has the tangents 4, 2 and 4 where it is largest.
    let (y, d) = of(|x| x.norm(INF));
    assert_eq!(y, 3.0);
    assert!((d - 10.0 / 3.0).abs() < 1e-15, "{d}");
}

#[test]
fn the_order_of_elements() {
    let tape = Tape::<f64>::new();
    let x = |x: &[f64]| tape.constant(&Tensor::new([x.len()], x.to_vec()));
    assert_eq!(x(&[2.0, 5.0, 5.0, -1.0]).argmax(0), [1]);
    assert_eq!(x(&[2.0, -1.0, 5.0, -1.0]).argmin(0), [1]);
    // As max and min do, they go to a NaN.
    assert_eq!(x(&[2.0, f64::NAN, 5.0]).argmax(0), [1]);
    assert_eq!(x(&[2.0, f64::NAN, 5.0]).argmin(0), [1]);
    let sorted = x(&[2.0, f64::NAN, 0.0, -0.0, INF, -INF]).sort(0).value();
    let sorted = sorted.as_slice();
    assert_eq!(sorted[..5], [-INF, 0.0, -0.0, 2.0, INF]);
    assert!(sorted[1].is_sign_positive() && sorted[2].is_sign_negative() && sorted[5].is_nan());
    let columns = tape.constant(&Tensor::new([2, 3], vec![4.0, 1.0, 9.0, 2.0, 8.0, 7.0]));
    assert_eq!(columns.argmax(0), [0, 1, 0]);
    assert_eq!(columns.argmin(1), [1, 0]);
    assert_eq!(columns.argsort(0), [1, 0, 1, 0, 1, 0]);
    assert_eq!(columns.argsort(1), [1, 0, 2, 0, 2, 1]);
    let (largest, places) = columns.top_k(2, 1);
    assert_eq!(largest.value().as_slice(), [9.0, 4.0, 8.0, 7.0]);
    assert_eq!(places, [2, 0, 1, 2]);
    let (largest, places) = columns.top_k(1, 0);
    assert_eq!(largest.value().as_slice(), [4.0, 8.0, 9.0]);
    assert_eq!(places, [0, 1, 0]);
    // NaN before all others, then the first of equals.
    let (_, places) = x(&[2.0, 5.0, 5.0, f64::NAN]).top_k(3, 0);
    assert_eq!(places, [3, 1, 2]);
    assert_eq!(x(&[2.0]).top_k(0, 0).1, [0; 0]);
}

#[test]
fn the_gradient_of_what_is_sorted_goes_where_it_came_from() {
    let tape = Tape::new();
    let x = tape.parameter(&Tensor::new([3], vec![3.0, 1.0, 2.0]));
    let w = tape.constant(&Tensor::new([3], vec![1.0, 10.0, 100.0]));
    (x.sort(0) * w).sum().backward();
    assert_eq!(x.grad().as_slice(), [100.0, 1.0, 10.0]);
    let w = tape.constant(&Tensor::new([2], vec![1.0, 10.0]));
    (x.top_k(2, 0).0 * w).sum().backward();
    assert_eq!(x.grad().as_slice(), [1.0, 0.0, 10.0]);
}

/// x³ whose first derivative is right, and does not depend on x.
#[derive(Clone, Copy)]
struct Frozen;
impl Pointwise<1> for Frozen {
    const NAME: &'static str = "frozen";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        x * x * x
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [S::of(3.0) * x.constant() * x.constant()]
    }
}
impl Function for Frozen {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        pointwise(*self, [x[0]])
    }
}

#[test]
fn gradgradcheck_finds_what_gradcheck_cannot() {
    let x = Tensor::new([2, 2], vec![0.01, 0.01, 0.01, 2.0]);
    gradcheck(&Frozen, std::slice::from_ref(&x)).expect("the gradient is right");
    let worst = gradgradcheck(&Frozen, &[x]).expect_err("its derivative is not");
    assert_eq!(worst.route, Route::GradientDifferences);
    assert_eq!((worst.reverse, worst.coordinates()), (0.0, vec![1, 1]));
}
