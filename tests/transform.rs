//! Transformations against each other and against formulas: rows and columns give the same Jacobian,
//! a Hessian is the Jacobian of the gradient, and nested forward mode gives third derivatives.

use elbo::transform::{grad, hessian, hvp, jacobian_by_columns, jacobian_by_rows, jvp, vjp};
use elbo::{Dual, Scalar, Shape, Tensor, Var};
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
