//! Whole graphs: random expressions of 20 to 30 operations out of the table of laws have the same
//! gradient by the way back, by dual numbers and by differences, and the same second derivatives
//! by dual numbers and by differences of gradients.

use elbo::check::{self, strategies};
use elbo::ops::{Differentiable, Domain, Function, Law};
use elbo::{Dual, Scalar, Shape, Tape, Tensor, Var};
use proptest::prelude::*;

/// The shape of every value between two operations.
const SIDE: usize = 3;

/// An expression: each step applies an operation to values that exist, and its result is one more.
#[derive(Clone, Debug)]
struct Graph(Vec<Step>);

#[derive(Clone, Debug)]
struct Step {
    /// Which row of the table.
    row: usize,
    /// Which values, counted round and round.
    operands: [usize; 4],
}

impl Graph {
    fn run<'t, S: Scalar>(
        &self,
        x: &[Var<'t, S>],
        apply: impl Fn(&Law, &[Var<'t, S>]) -> Var<'t, S>,
    ) -> Var<'t, S> {
        let table: Vec<&Law> = check::table().collect();
        let mut values = x.to_vec();
        for step in &self.0 {
            let law = table[step.row % table.len()];
            let operand = |(k, input): (usize, &elbo::ops::Input)| {
                let value = values[step.operands[k] % values.len()];
                reshaped(into(value, input.domain), named(input.shape))
            };
            let operands: Vec<_> = law.inputs.iter().enumerate().map(operand).collect();
            let y = apply(law, &operands);
            // An operation may cut everything away.
            if y.shape().size() > 0 {
                values.push(bounded(reshaped(y, Shape::new(&[SIDE, SIDE]))));
            }
        }
        let [first, rest @ ..] = &values[..] else {
            panic!("a graph has inputs")
        };
        rest.iter().fold(*first, |sum, &value| sum + value)
    }
}
impl Differentiable for Graph {
    fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        self.run(x, |law, x| law.f.plain(x))
    }
    fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>> {
        self.run(x, |law, x| law.f.dual(x))
    }
}

/// The shape that a law's text means where every letter is `SIDE`.
fn named(shape: &str) -> Shape {
    if shape == "..." {
        return Shape::new(&[SIDE, SIDE]);
    }
    let extent = |c: char| c.to_digit(10).map_or(SIDE, |d| d as usize);
    Shape::new(&shape.chars().map(extent).collect::<Vec<_>>())
}

/// The numbers of `x`, round and round, under another shape.
fn reshaped<S: Scalar>(x: Var<'_, S>, shape: Shape) -> Var<'_, S> {
    if x.shape() == shape {
        return x;
    }
    let count = x.shape().size();
    let indices: Vec<usize> = (0..shape.size()).map(|i| i % count).collect();
    x.reshape([count]).rows(&indices).reshape(shape)
}

/// All values between two operations lie between -BOUND and BOUND.
const BOUND: f64 = 1.5;

/// x / √(1 + x²) lies in (-1, 1) and, unlike tanh, still slopes at x = 20.
fn bounded<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    x / (x.square() + 1.0).sqrt() * BOUND
}

/// A bounded value in a domain: itself if it is there, so that values with several users are
/// frequent; data are numbers of the domain that do not depend on `x`.
fn into<S: Scalar>(x: Var<'_, S>, domain: Domain) -> Var<'_, S> {
    if !domain.is_smooth() {
        let number = |i: usize| S::of(domain.at(i as f64 * 0.37 % 1.0));
        return x.tape().constant(&Tensor::from_fn(x.shape(), number));
    }
    let [low, high] = domain.widest();
    if low <= -BOUND && BOUND <= high {
        return x;
    }
    x * (0.5 * (high - low) / BOUND) + 0.5 * (high + low)
}

fn graphs() -> impl Strategy<Value = Graph> {
    let step = (any::<usize>(), any::<[usize; 4]>());
    let step = step.prop_map(|(row, operands)| Step { row, operands });
    prop::collection::vec(step, 20..=30).prop_map(Graph)
}

fn inputs(count: usize) -> impl Strategy<Value = Vec<Tensor<f64>>> {
    let input = strategies::tensor(Shape::new(&[SIDE, SIDE]), Domain::between(-1.0, 1.0));
    prop::collection::vec(input, count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn reverse_equals_forward_and_differences(graph in graphs(), x in inputs(2)) {
        let checked = check::gradcheck(&graph, &x);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }

    /// H v by the way back over dual numbers equals (∇f(x + hv) - ∇f(x - hv)) / 2h.
    #[test]
    fn hessian_vector_product_equals_differences_of_gradients(graph in graphs(), x in inputs(1)) {
        let direction = |i: usize| ((i as f64 + 1.0) * 0.618_034).fract() - 0.5;
        let tape = Tape::new();
        let along = Tensor::from_fn(x[0].shape(), |i| Dual { v: x[0].as_slice()[i], d: direction(i) });
        let input = tape.parameter(&along);
        graph.dual(&[input]).sum().backward();
        let exact = input.grad().map(|g| g.d);

        let gradient = |h: f64| {
            let tape = Tape::new();
            let moved = Tensor::from_fn(x[0].shape(), |i| x[0].as_slice()[i] + h * direction(i));
            let input = tape.parameter(&moved);
            graph.plain(&[input]).sum().backward();
            input.grad()
        };
        let h = 2.0f64.powi(-17);
        let [right, left, far_right, far_left] = [h, -h, 2.0 * h, -2.0 * h].map(gradient);
        let size = right.as_slice().iter().fold(1.0, |m: f64, g| m.max(g.abs()));
        for i in 0..exact.len() {
            let at = |g: &Tensor<f64>| g.as_slice()[i];
            let near = (at(&right) - at(&left)) / (2.0 * h);
            let far = (at(&far_right) - at(&far_left)) / (4.0 * h);
            // Two steps differ by three times the truncation. A gradient of some 500 nodes has
            // √500 rounding errors of a few units in the last place.
            let tolerance = (far - near).abs() + 64.0 * 500f64.sqrt() * f64::EPSILON * size / h;
            let found = exact.as_slice()[i];
            prop_assert!((near - found).abs() <= tolerance, "{i}: {found} but {near} ± {tolerance}");
        }
    }
}

/// x³ eˣ, whose third derivative is (x³ + 9x² + 18x + 6) eˣ.
struct CubeTimesExp;
impl Function for CubeTimesExp {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        (x[0].powf(3.0) * x[0].exp()).sum()
    }
}

#[test]
fn third_derivative_by_dual_numbers_over_dual_numbers() {
    let tape = Tape::new();
    let points = [-1.5, 0.0, 0.3, 2.0];
    // x + ε₁ + ε₂: the gradient's part of ε₁ε₂ is its second derivative.
    let seed = |i: usize| Dual {
        v: Dual {
            v: points[i],
            d: 1.0,
        },
        d: Dual { v: 1.0, d: 0.0 },
    };
    let x = tape.parameter(&Tensor::from_fn([4], seed));
    CubeTimesExp.call(&[x]).backward();
    for (x, g) in points.into_iter().zip(x.grad().as_slice()) {
        let exact = (((x + 9.0) * x + 18.0) * x + 6.0) * x.exp();
        // Some ten roundings of terms of 18 e² and less.
        assert!(
            (g.d.d - exact).abs() <= 1e-13 * (1.0 + exact.abs()),
            "{} but {exact}",
            g.d.d
        );
    }
}

#[test]
fn gradcheck_tells_the_worst_element() {
    /// A function that has lost the gradient of its second operand's last element.
    struct Loses;
    impl Differentiable for Loses {
        fn plain<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
            let last = x[1].tape().constant(&x[1].narrow(0, 2..3).value());
            x[0] * elbo::ops::concat(&[x[1].narrow(0, 0..2), last], 0)
        }
        fn dual<'t>(&self, x: &[Var<'t, Dual<f64>>]) -> Var<'t, Dual<f64>> {
            x[0] * x[1]
        }
    }
    let x = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]].map(|x| Tensor::new([3], x));
    let worst = check::gradcheck(&Loses, &x).expect_err("a gradient is lost");
    assert_eq!(
        (worst.input, worst.index, worst.route),
        (1, 2, check::Route::Forward)
    );
    assert_eq!(worst.reverse, 0.0);
    // x₀ = 3, times a weight between 0.5 and 1.5.
    assert!(
        (1.5..=4.5).contains(&worst.expected) && worst.tolerance < 1e-11,
        "{worst}"
    );
}

#[test]
fn gradcheck_tells_a_kink() {
    struct NearKink;
    impl Function for NearKink {
        fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
            x[0].abs()
        }
    }
    // Closer than the step of a difference: one side of it lies beyond the kink.
    let kink = check::gradcheck(&NearKink, &[Tensor::scalar(1e-6)]).expect_err("a kink");
    assert!(kink.to_string().ends_with("is there a kink?"), "{kink}");
    check::gradcheck(&NearKink, &[Tensor::scalar(0.01)]).expect("far enough from it");
}
