//! `check::gradcheck` passes what is right and finds what is wrong: rules that differ from the
//! right one in a single place, which it must name.

use elbo::check::{self, GradientMismatch, Route, gradcheck};
use elbo::ops::{self, Differentiable, Domain, Function, Pointwise};
use elbo::tape::{Grads, Inputs, Keeps, Op, Saved};
use elbo::{Dual, Scalar, Tensor, Var};

/// What is wrong with the vjp of [`Product`].
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Ā has the wrong sign.
    Sign,
    /// B̄ is twice too large.
    FactorTwo,
    /// Ā is Ȳ B instead of Ȳ B'.
    Transpose,
    /// c̄ is the first row of Ȳ instead of the sum of its rows.
    NoUnbroadcast,
    /// The last row of B gets no gradient.
    DroppedTerm,
    /// Column j of B gets the gradient of column j + 1.
    WrongIndex,
    /// B̄ is written over what is there.
    Overwrites,
    /// No gradient goes to c.
    Severed,
    /// One element of Ā is NaN.
    NotANumber,
    /// Ā is off by 0.001 at [0, 1] and by 0.1 at [2, 0].
    TwoElements,
}

/// Y = A B + c for square A and B and a row c, which is added to each row.
struct Product(Fault);

impl<S: Scalar> Op<S> for Product {
    fn name(&self) -> &'static str {
        "product"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        let n = x.shape(0).dim(0);
        for (at, y) in y.iter_mut().enumerate() {
            let (i, j) = (at / n, at % n);
            *y = x[2][j];
            for k in 0..n {
                *y += x[0][i * n + k] * x[1][k * n + j];
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = x.shape(0).dim(0);
        let (a, b, fault) = (&x[0], &x[1], self.0);
        if let Some(d) = x_bar.of(0) {
            for (at, d) in d.iter_mut().enumerate() {
                let (i, k) = (at / n, at % n);
                for j in 0..n {
                    let b = if fault == Fault::Transpose {
                        b[j * n + k]
                    } else {
                        b[k * n + j]
                    };
                    let term = y_bar[i * n + j] * b;
                    *d += if fault == Fault::Sign { -term } else { term };
                }
            }
            match fault {
                Fault::NotANumber => d[n + 2] = S::of(f64::NAN),
                Fault::TwoElements => {
                    d[1] += S::of(0.001);
                    d[2 * n] += S::of(0.1);
                }
                _ => {}
            }
        }
        if let Some(d) = x_bar.of(1) {
            if fault == Fault::Overwrites {
                d.fill(S::ZERO);
            }
            for (at, d) in d.iter_mut().enumerate() {
                let (k, j) = (at / n, at % n);
                let column = if fault == Fault::WrongIndex {
                    (j + 1) % n
                } else {
                    j
                };
                let times = match fault {
                    Fault::FactorTwo => 2.0,
                    Fault::DroppedTerm if k == n - 1 => 0.0,
                    _ => 1.0,
                };
                for i in 0..n {
                    *d += S::of(times) * a[i * n + k] * y_bar[i * n + column];
                }
            }
        }
        if fault == Fault::Severed {
            return;
        }
        if let Some(d) = x_bar.of(2) {
            let rows = if fault == Fault::NoUnbroadcast { 1 } else { n };
            for row in y_bar.chunks(n).take(rows) {
                for (d, &y_bar) in d.iter_mut().zip(row) {
                    *d += y_bar;
                }
            }
        }
    }
}

impl Function for Product {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let [a, b, c] = *x else { panic!("A, B and c") };
        a.tape().apply(Product(self.0), [a, b, c], a.shape())
    }
}

const N: usize = 3;

/// A, B and c, no two elements of them alike.
fn inputs() -> [Tensor<f64>; 3] {
    let number = |k: usize| move |i: usize| ((7 * i + 5 * k + 1) as f64 * 0.61).sin();
    [
        Tensor::from_fn([N, N], number(0)),
        Tensor::from_fn([N, N], number(1)),
        Tensor::from_fn([N], number(2)),
    ]
}

fn mismatch(fault: Fault) -> GradientMismatch {
    gradcheck(&Product(fault), &inputs()).expect_err(&format!("{fault:?}"))
}

#[test]
fn a_right_rule_passes() {
    assert_eq!(gradcheck(&Product(Fault::None), &inputs()), Ok(()));
}

/// Of each wrong rule: which input is named, what the rule gave instead of what, and by which
/// route it was found.
#[test]
fn wrong_rules_are_found() {
    let relation = |fault: Fault, input: usize, is: fn(f64, f64) -> bool| {
        let worst = mismatch(fault);
        assert_eq!(
            (worst.input, worst.route),
            (input, Route::Forward),
            "{fault:?}: {worst}"
        );
        assert!(worst.reached, "{fault:?}: {worst}");
        assert!(is(worst.reverse, worst.expected), "{fault:?}: {worst}");
        assert!(worst.tolerance < 1e-11, "{fault:?}: {worst}");
        worst
    };
    relation(Fault::Sign, 0, |found, right| (found + right).abs() < 1e-12);
    relation(Fault::FactorTwo, 1, |found, right| {
        (found - 2.0 * right).abs() < 1e-12
    });
    relation(Fault::Transpose, 0, |found, right| found != right);
    relation(Fault::NoUnbroadcast, 2, |found, right| {
        // Of three positive weights one is there.
        0.0 < found && found < right
    });
    let dropped = relation(Fault::DroppedTerm, 1, |found, right| {
        found == 0.0 && right != 0.0
    });
    assert_eq!(dropped.coordinates()[0], N - 1);
    relation(Fault::WrongIndex, 1, |found, right| found != right);
}

#[test]
fn the_worst_element_is_told() {
    let worst = mismatch(Fault::TwoElements);
    assert_eq!((worst.index, worst.coordinates()), (2 * N, vec![2, 0]));
    assert!((worst.reverse - worst.expected - 0.1).abs() < 1e-12);
    let expected = format!(
        "gradient of input 0 ([3, 3]) at [2, 0], element 6: the vjp gives {:e}, forward mode \
         {:e}; they may differ by {:.1e}",
        worst.reverse, worst.expected, worst.tolerance
    );
    assert_eq!(worst.to_string(), expected);
    // A NaN is further off than any number.
    let worst = mismatch(Fault::NotANumber);
    assert_eq!(worst.coordinates(), [1, 2]);
    assert!(worst.reverse.is_nan() && worst.expected.is_finite());
}

#[test]
fn an_input_that_no_gradient_reaches_is_named() {
    let worst = mismatch(Fault::Severed);
    assert_eq!((worst.input, worst.reached, worst.reverse), (2, false, 0.0));
    let text = worst.to_string();
    let start = format!(
        "gradient of input 2 ([3]) at {:?}, element",
        worst.coordinates()
    );
    assert!(text.starts_with(&start), "{text}");
    assert!(
        text.contains(": no gradient reaches this input, forward mode gives"),
        "{text}"
    );
}

/// An input that the function does not read has the gradient 0, and that is right.
#[test]
fn an_input_that_is_not_read_needs_no_gradient() {
    struct First;
    impl Function for First {
        fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
            x[0].exp()
        }
    }
    gradcheck(&First, &inputs()).expect("nothing is missing");
}

#[test]
fn a_rule_that_overwrites_is_found_by_a_second_use() {
    let worst = mismatch(Fault::Overwrites);
    assert_eq!((worst.input, worst.route), (1, Route::Sum));
    assert!(
        (2.0 * worst.reverse - worst.expected).abs() < 1e-12,
        "{worst}"
    );
    assert!(
        worst
            .to_string()
            .starts_with("gradient of two uses of input 1"),
        "{worst}"
    );
}

/// Dual numbers run over the same value: if that is wrong in the same way, only differences tell.
#[test]
fn a_rule_that_is_wrong_over_dual_numbers_too_is_found_by_differences() {
    struct WrongTwice;
    impl Differentiable for WrongTwice {
        fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
            2.0 * x[0] - x[0].detach()
        }
        fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>> {
            2.0 * x[0] - x[0].detach()
        }
    }
    let worst = gradcheck(&WrongTwice, &[Tensor::scalar(0.7)]).expect_err("the slope is 1");
    assert_eq!(
        (worst.route, worst.coordinates()),
        (Route::Differences, vec![])
    );
    // The weight of the only element is between 0.5 and 1.5.
    assert!(
        (worst.reverse - 2.0 * worst.expected).abs() <= 2.0 * worst.tolerance,
        "{worst}"
    );
}

/// A fault in one element of four axes is found there.
#[test]
fn an_element_is_told_by_its_index_along_each_axis() {
    #[derive(Clone, Copy)]
    struct Cube;
    impl Pointwise<1> for Cube {
        const NAME: &'static str = "cube";
        const KEEPS: Keeps = Keeps::Inputs;
        fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
            x * x * x
        }
        fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
            let is_marked = x.value() == 0.75;
            [S::of(if is_marked { 2.0 } else { 3.0 }) * x * x]
        }
    }
    impl Function for Cube {
        fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
            ops::pointwise(*self, [x[1]])
        }
    }
    let marked = |at: usize| {
        Tensor::from_fn([2, 1, 3, 4], move |i| {
            if i == at { 0.75 } else { 0.5 + 0.01 * i as f64 }
        })
    };
    for at in 0..24 {
        let worst = gradcheck(&Cube, &[Tensor::scalar(1.0), marked(at)]).expect_err("marked");
        assert_eq!(worst.coordinates(), [at / 12, 0, at / 4 % 3, at % 4]);
        assert_eq!((worst.input, worst.index), (1, at));
    }
}

#[test]
fn a_kink_is_told_as_such() {
    struct NearKink;
    impl Function for NearKink {
        fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
            x[0].abs()
        }
    }
    // Closer than the step of a difference: one side of it lies beyond the kink.
    let kink = gradcheck(&NearKink, &[Tensor::scalar(1e-6)]).expect_err("a kink");
    assert!(
        kink.is_kink() && kink.to_string().ends_with("is there a kink?"),
        "{kink}"
    );
    gradcheck(&NearKink, &[Tensor::scalar(0.01)]).expect("far enough from it");
}

/// Every row of the table of laws, at numbers in the middle of its domain and two elements along
/// each axis.
#[test]
fn right_operations_pass() {
    let mut passed = 0;
    for law in check::table() {
        // A central difference of a count or a class says nothing.
        if law.inputs.iter().any(|input| !input.domain.is_smooth()) {
            continue;
        }
        let number = |domain: Domain, k: usize| {
            move |i: usize| domain.at(0.15 + (0.618 * (i + 3 * k + 1) as f64).fract() * 0.7)
        };
        let tensor = |(k, input): (usize, &ops::Input)| {
            let extent = |c: char| c.to_digit(10).map_or(2, |digit| digit as usize);
            let shape: Vec<usize> = match input.shape {
                "..." => vec![2, 3],
                letters => letters.chars().map(extent).collect(),
            };
            Tensor::from_fn(&shape[..], number(input.domain, k))
        };
        let x: Vec<_> = law.inputs.iter().enumerate().map(tensor).collect();
        let f = law.f;
        gradcheck(f, &x).unwrap_or_else(|worst| panic!("{law}: {worst}"));
        passed += 1;
    }
    assert!(passed > 100, "{passed} rows");
}

/// Nothing to check is no error: there is no element that could be wrong.
#[test]
fn empty_inputs_pass() {
    struct Exp;
    impl Function for Exp {
        fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
            x[0].exp()
        }
    }
    gradcheck(&Exp, &[Tensor::zeros([0, 3])]).expect("no element");
}
