//! An operation of your own, which nothing tells from one of the crate's: it stands in graphs, is
//! checked, has second derivatives, and shows in the table of a tape.
//!
//! ```text
//! cargo run --example custom_op
//! ```

use elbo::check::{gradcheck, gradgradcheck};
use elbo::ops::{Function, Pointwise, pointwise};
use elbo::tape::{Grads, Inputs, Keeps, Op, Saved};
use elbo::transform::hvp;
use elbo::{Scalar, Shape, Tape, Tensor, Var};

/// y = ln(1 - e^x) for x < 0: from the log-probability that nothing happens to the one that
/// something does.
///
/// Near 0 the difference cancels, so e^x - 1 is computed as such; far from it, 1 - e^x rounds to 1.
/// Source: Mächler (2012), Accurately computing log(1 - exp(-|a|)), section 2.
#[derive(Clone, Copy)]
struct Log1mExp;
impl Pointwise<1> for Log1mExp {
    const NAME: &'static str = "log1mexp";
    const KEEPS: Keeps = Keeps::Inputs; // what `partials` reads
    fn value<S: Scalar>(&self, [x]: [S; 1]) -> S {
        if x > S::of(-std::f64::consts::LN_2) {
            (-x.exp_m1()).ln()
        } else {
            (-x.exp()).ln_1p()
        }
    }
    fn partials<S: Scalar>(&self, [x]: [S; 1], _: S) -> [S; 1] {
        [-S::ONE / (-x).exp_m1()] // -e^x / (1 - e^x)
    }
}

/// ln(1 - e^x), element by element.
#[track_caller]
fn log1mexp<S: Scalar>(x: Var<'_, S>) -> Var<'_, S> {
    pointwise(Log1mExp, [x])
}

/// D = |xᵢ - yₖ|² for the rows of X `[m, n]` and Y `[l, n]`: an operation that does not work element
/// by element says itself what goes back.
///
/// ```text
/// x̄ᵢ = Σₖ 2 D̄ᵢₖ (xᵢ - yₖ),   ȳₖ = -Σᵢ 2 D̄ᵢₖ (xᵢ - yₖ)
/// ```
struct SquaredDistances;
impl<S: Scalar> Op<S> for SquaredDistances {
    fn name(&self) -> &'static str {
        "squared_distances"
    }
    fn keeps(&self) -> Keeps {
        Keeps::Inputs
    }
    fn forward(&self, x: &Inputs<'_, S>, d: &mut [S], _: &mut Saved<S>) {
        let n = x.shape(0).dim(1);
        for (pair, d) in pairs(x).zip(d) {
            *d = S::ZERO;
            for j in 0..n {
                let difference = x[0][pair[0] * n + j] - x[1][pair[1] * n + j];
                *d += difference * difference;
            }
        }
    }
    fn vjp(&self, x: &Inputs<'_, S>, _: &[S], d_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        let n = x.shape(0).dim(1);
        for (side, sign) in [(0, 2.0), (1, -2.0)] {
            // None if nobody asks for it; else what has arrived so far, to be added to.
            let Some(grad) = x_bar.of(side) else { continue };
            for (pair, &d_bar) in pairs(x).zip(d_bar) {
                for j in 0..n {
                    let difference = x[0][pair[0] * n + j] - x[1][pair[1] * n + j];
                    grad[pair[side] * n + j] += S::of(sign) * d_bar * difference;
                }
            }
        }
    }
}

/// All pairs of a row of X and a row of Y, in the order of D.
fn pairs<S: Scalar>(x: &Inputs<'_, S>) -> impl Iterator<Item = [usize; 2]> + use<S> {
    let [m, l] = [0, 1].map(|side| x.shape(side).dim(0));
    (0..m).flat_map(move |i| (0..l).map(move |k| [i, k]))
}

/// |xᵢ - yₖ|² for all pairs of rows.
#[track_caller]
fn squared_distances<'t, S: Scalar>(x: Var<'t, S>, y: Var<'t, S>) -> Var<'t, S> {
    let (a, b) = (x.shape(), y.shape());
    assert!(
        a.rank() == 2 && b.rank() == 2 && a.dim(1) == b.dim(1),
        "squared_distances: {a} and {b}: wants matrices with rows of one length"
    );
    x.tape()
        .apply(SquaredDistances, [x, y], Shape::new(&[a.dim(0), b.dim(0)]))
}

/// The log-probability that a receiver hears at least one sender, if it misses each of them with
/// 1 - e^(-d²), independently; summed over all receivers.
struct Heard;
impl Function for Heard {
    fn call<'t, S: Scalar>(&self, x: &[Var<'t, S>]) -> Var<'t, S> {
        let heard = -squared_distances(x[0], x[1]);
        log1mexp(log1mexp(heard).sum_axes(&[1])).sum()
    }
}

fn main() {
    println!("x          log(1 - exp x) as it is written   log1mexp");
    for x in [-1e-20f64, -1e-3, -50.0] {
        println!(
            "{x:<10e} {:<32e}  {:e}",
            (1.0 - x.exp()).ln(),
            Log1mExp.value([x])
        );
    }

    // Held to forward mode and to differences, first and second derivatives.
    let receivers = Tensor::new([2, 2], vec![0.1, 0.7, -0.5, 1.2]);
    let senders = Tensor::new([3, 2], vec![1.0, 0.2, -0.3, 0.3, 0.6, -0.9]);
    let inputs = [receivers, senders];
    gradcheck(&Heard, &inputs).expect("the gradient is right");
    gradgradcheck(&Heard, &inputs).expect("and its derivative");

    // Over dual numbers the same lines give products with the Hessian.
    let [receivers, senders] = &inputs;
    let along = [Tensor::full([2, 2], 1.0), Tensor::zeros([3, 2])];
    let ([gradient, _], [product, _]) = hvp(
        |x| Heard.call(&x),
        [receivers, senders],
        [&along[0], &along[1]],
    );
    println!("\ngradient of the receivers  {:.4?}", gradient.as_slice());
    println!(
        "its change if all move by (1, 1)  {:.4?}",
        product.as_slice()
    );

    let tape = Tape::new();
    let x = inputs.each_ref().map(|x| tape.parameter(x));
    Heard.call(&x).backward();
    println!("\n{}", tape.table());
}
