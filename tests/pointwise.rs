//! Pointwise operations equal plain loops: values and gradients, for every way in which operands
//! broadcast, at sizes around the blocks (16, 128 and 512 elements) and the runs of a sum (256),
//! whichever operands are tracked.

use elbo::check;
use elbo::ops::{Input, Law, Pointwise, pointwise, pointwise_sum};
use elbo::tape::Keeps;
use elbo::tensor::{Broadcast, broadcast};
use elbo::{Scalar, Shape, Tape, Tensor, Var};

/// y = e^(a b), whose partials read inputs and output.
#[derive(Clone, Copy)]
struct ExpOfProduct;
impl Pointwise<2> for ExpOfProduct {
    const NAME: &'static str = "exp_of_product";
    const KEEPS: Keeps = Keeps::Both;
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        (a * b).exp()
    }
    fn partials<S: Scalar>(&self, [a, b]: [S; 2], y: S) -> [S; 2] {
        [b * y, a * y]
    }
}

/// y = e^(a - b), whose partials read the output.
#[derive(Clone, Copy)]
struct ExpOfDifference;
impl Pointwise<2> for ExpOfDifference {
    const NAME: &'static str = "exp_of_difference";
    const KEEPS: Keeps = Keeps::Output;
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        (a - b).exp()
    }
    fn partials<S: Scalar>(&self, _: [S; 2], y: S) -> [S; 2] {
        [y, -y]
    }
}

/// y = a - 2 b, whose partials read nothing.
#[derive(Clone, Copy)]
struct LessTwice;
impl Pointwise<2> for LessTwice {
    const NAME: &'static str = "less_twice";
    const KEEPS: Keeps = Keeps::Nothing;
    fn value<S: Scalar>(&self, [a, b]: [S; 2]) -> S {
        a - b - b
    }
    fn partials<S: Scalar>(&self, _: [S; 2], _: S) -> [S; 2] {
        [S::ONE, S::of(-2.0)]
    }
}

/// y = a b - a sin c, whose partials read the inputs.
#[derive(Clone, Copy)]
struct Three;
impl Pointwise<3> for Three {
    const NAME: &'static str = "three";
    const KEEPS: Keeps = Keeps::Inputs;
    fn value<S: Scalar>(&self, [a, b, c]: [S; 3]) -> S {
        a * b - a * c.sin()
    }
    fn partials<S: Scalar>(&self, [a, b, c]: [S; 3], _: S) -> [S; 3] {
        [b - c.sin(), a, -a * c.cos()]
    }
}

/// What a plain loop computes at one element: the value and all partial derivatives.
type Plain<const N: usize> = fn([f64; N]) -> (f64, [f64; N]);

/// The element that numpy's rule reads of an operand, counted out axis by axis.
fn element(operand: Shape, whole: Shape, i: usize) -> usize {
    let (mut rest, mut step, mut index) = (i, 1, 0);
    for back in 1..=operand.rank() {
        let extent = whole.dim(whole.rank() - back);
        let own = operand.dim(operand.rank() - back);
        if own > 1 {
            index += rest % extent * step;
        }
        step *= own;
        rest /= extent;
    }
    index
}

/// Every shape that broadcasts to `whole`: its last axes, with any of them 1.
fn operands(whole: Shape) -> Vec<Shape> {
    let mut all = vec![];
    for rank in 0..=whole.rank() {
        let axes = &whole.dims()[whole.rank() - rank..];
        for ones in 0..1u32 << rank {
            let dim = |(i, &d): (usize, &usize)| if ones >> i & 1 == 1 { 1 } else { d };
            let dims: Vec<usize> = axes.iter().enumerate().map(dim).collect();
            all.push(Shape::new(&dims));
        }
    }
    all.sort_by_key(|shape| shape.dims().to_vec());
    all.dedup();
    all
}

/// Numbers in [-1, 1], none like its neighbours.
fn numbers(shape: Shape, salt: usize) -> Tensor<f64> {
    Tensor::from_fn(shape, |i| ((i * 7 + salt * 13) as f64 * 0.61).sin())
}

/// A sum of n terms may be off by n roundings of all that it adds up, and by two of each term.
fn close(what: &str, got: f64, wanted: f64, magnitude: f64, n: usize) {
    let bound = f64::EPSILON * (n as f64 + 4.0) * magnitude;
    assert!(
        (got - wanted).abs() <= bound,
        "{what}: got {got}, wanted {wanted}, {bound:e} is allowed"
    );
}

/// The law for operands of these shapes, of which any may want a gradient.
fn check<const N: usize, F: Pointwise<N>>(f: F, plain: Plain<N>, shapes: [Shape; N], whole: Shape) {
    let x: [Tensor<f64>; N] = std::array::from_fn(|k| numbers(shapes[k], k));
    let y_bar = numbers(whole, 9);

    // The plain loop: values, and for each gradient the sum and the sum of magnitudes.
    let n = whole.size();
    let (mut y, mut total, mut magnitude) = (vec![], 0.0, 0.0);
    let zeros = |k: usize| vec![[0.0; 2]; x[k].len()];
    let (mut map, mut sum): ([_; N], [_; N]) =
        (std::array::from_fn(zeros), std::array::from_fn(zeros));
    for i in 0..n {
        let at: [usize; N] = std::array::from_fn(|k| element(shapes[k], whole, i));
        let (value, partials) = plain(std::array::from_fn(|k| x[k].as_slice()[at[k]]));
        y.push(value);
        total += value;
        magnitude += value.abs();
        for k in 0..N {
            for (gradient, y_bar) in [(&mut map, y_bar.as_slice()[i]), (&mut sum, 1.5)] {
                let term = y_bar * partials[k];
                gradient[k][at[k]][0] += term;
                // Three is a difference of numbers up to 2.
                gradient[k][at[k]][1] += term.abs() + y_bar.abs();
            }
        }
    }

    for (tracked, is_sum) in (0..1u32 << N).flat_map(|t| [(t, false), (t, true)]) {
        let what = format!("{} of {shapes:?}, tracked {tracked:b}", F::NAME);
        let is_tracked = |k: usize| tracked >> k & 1 == 1;
        let tape = Tape::new();
        let var = |k: usize| {
            if is_tracked(k) {
                tape.parameter(&x[k])
            } else {
                tape.constant(&x[k])
            }
        };
        let vars: [_; N] = std::array::from_fn(var);
        let (loss, gradients) = if is_sum {
            let got = pointwise_sum(f, vars);
            close(
                &format!("{what}: sum"),
                got.item(),
                total,
                magnitude + n as f64,
                n,
            );
            (got * 1.5, &sum)
        } else {
            let got = pointwise(f, vars);
            assert_eq!(got.shape(), whole, "{what}");
            for (i, (&got, &y)) in got.value().as_slice().iter().zip(&y).enumerate() {
                close(&format!("{what}: y[{i}]"), got, y, 1.0 + y.abs(), 1);
            }
            ((got * tape.constant(&y_bar)).sum(), &map)
        };
        if tracked == 0 {
            assert!(!loss.is_tracked());
            continue;
        }
        loss.backward();
        for k in (0..N).filter(|&k| is_tracked(k)) {
            let terms = n / x[k].len();
            for (i, (&got, &[wanted, magnitude])) in vars[k]
                .grad()
                .as_slice()
                .iter()
                .zip(&gradients[k])
                .enumerate()
            {
                let what = || format!("{what}, sum {is_sum}: gradient {k}[{i}]");
                close(&what(), got, wanted, magnitude, terms);
            }
        }
    }
}

/// Result shapes: one axis of sizes around the blocks, the same in rows that are shorter than one and
/// longer, and three axes, where operands have rows of several periods.
const WHOLE: [&[usize]; 27] = [
    &[1],
    &[15],
    &[16],
    &[17],
    &[127],
    &[128],
    &[129],
    &[300],
    &[512],
    &[513],
    &[1100],
    &[5, 3],
    &[6, 3],
    &[9, 7],
    &[42, 3],
    &[43, 3],
    &[171, 3],
    &[143, 7],
    &[1, 128],
    &[2, 128],
    &[5, 128],
    &[5, 129],
    &[2, 600],
    &[6, 4, 3],
    &[6, 5, 7],
    &[2, 2, 128],
    &[3, 5, 40],
];

/// Those for three operands, of which there are so many more.
const WHOLE_OF_THREE: [&[usize]; 15] = [
    &[1],
    &[16],
    &[17],
    &[128],
    &[129],
    &[300],
    &[513],
    &[6, 3],
    &[9, 7],
    &[43, 3],
    &[74, 7],
    &[2, 128],
    &[5, 129],
    &[6, 4, 3],
    &[3, 5, 40],
];

#[test]
fn two_operands_equal_a_plain_loop() {
    let product: Plain<2> = |[a, b]| {
        let y = (a * b).exp();
        (y, [b * y, a * y])
    };
    let difference: Plain<2> = |[a, b]| {
        let y = (a - b).exp();
        (y, [y, -y])
    };
    let twice: Plain<2> = |[a, b]| (a - 2.0 * b, [1.0, -2.0]);
    for whole in WHOLE.map(Shape::new) {
        let operands = operands(whole);
        for &a in &operands {
            for &b in &operands {
                if broadcast(a, b) == Some(whole) {
                    check(ExpOfProduct, product, [a, b], whole);
                    check(ExpOfDifference, difference, [a, b], whole);
                    check(LessTwice, twice, [a, b], whole);
                }
            }
        }
    }
}

#[test]
fn three_operands_equal_a_plain_loop() {
    let plain: Plain<3> = |[a, b, c]| (a * (b - c.sin()), [b - c.sin(), a, -a * c.cos()]);
    for whole in WHOLE_OF_THREE.map(Shape::new) {
        let operands = operands(whole);
        let together = |a, b| broadcast(a, b).unwrap();
        for &a in &operands {
            for &b in &operands {
                for &c in &operands {
                    if together(together(a, b), c) == whole {
                        check(Three, plain, [a, b, c], whole);
                    }
                }
            }
        }
    }
}

/// The shapes above reach every kind of operand, with every period.
#[test]
fn the_shapes_reach_every_way_of_reading_an_operand() {
    let (mut kinds, mut periods) = ([0; 4], vec![]);
    for whole in WHOLE.map(Shape::new) {
        for operand in operands(whole) {
            match Broadcast::new(operand, whole) {
                Broadcast::Same => kinds[0] += 1,
                Broadcast::One => kinds[1] += 1,
                Broadcast::Rows { period } => {
                    kinds[2] += 1;
                    periods.push(period);
                }
                Broadcast::Strided { .. } => kinds[3] += 1,
            }
        }
    }
    assert!(kinds.iter().all(|&count| count > 5), "{kinds:?}");
    for period in [3, 7, 128, 129, 600] {
        assert!(periods.contains(&period), "{periods:?}");
    }
}

/// The inputs of a law as leaves; those of which no gradient is asked are data.
fn leaves<'t>(
    tape: &'t Tape<f64>,
    law: &Law,
    x: impl Fn(usize) -> Tensor<f64>,
) -> Vec<Var<'t, f64>> {
    let inputs = law.inputs.iter().enumerate();
    let leaf = |(k, input): (usize, &Input)| {
        if input.domain.is_smooth() {
            tape.parameter(&x(k))
        } else {
            tape.constant(&x(k))
        }
    };
    inputs.map(leaf).collect()
}

/// Values and gradients of one number, which take a way of their own, have the bits of the same
/// number among others, for every operation of the crate.
#[test]
fn one_number_has_the_bits_of_one_among_many() {
    const MANY: usize = 40;
    let mut compared = 0;
    for law in check::table() {
        if law.inputs.iter().any(|input| input.shape != "...") {
            continue;
        }
        let x = |k: usize, i: usize| {
            let golden = 0.618_033_988_75 * (k * MANY + i) as f64;
            law.inputs[k].domain.at(golden.fract())
        };
        let y_bar = Tensor::from_fn([MANY], |i| (i as f64).cos());
        let tape = Tape::new();
        let many = leaves(&tape, law, |k| Tensor::from_fn([MANY], |i| x(k, i)));
        let y = law.f.plain(&many).retain();
        if y.shape() != y_bar.shape() {
            continue; // a sum of them
        }
        y.backward_with(&y_bar);
        let among = |x: Tensor<f64>, i: usize| x.as_slice()[i].to_bits();
        for i in 0..MANY {
            let tape = Tape::new();
            let one = leaves(&tape, law, |k| Tensor::scalar(x(k, i)));
            let y_i = law.f.plain(&one);
            y_i.backward_with(&Tensor::scalar(y_bar.as_slice()[i]));
            assert_eq!(
                y_i.item().to_bits(),
                among(y.value(), i),
                "{law}, value {i}"
            );
            for (one, many) in one.iter().zip(&many) {
                let one = one.grad().item().to_bits();
                assert_eq!(one, among(many.grad(), i), "{law}, gradient {i}");
            }
        }
        compared += 1;
    }
    assert!(compared > 60, "{compared} operations");
}

/// The same of f32, of which functions may be computed at a level with other roundings.
#[test]
fn one_f32_has_the_bits_of_one_among_many() {
    type Unary = for<'t> fn(Var<'t>) -> Var<'t>;
    let functions: [Unary; 8] = [
        |x| x.exp(),
        |x| x.log(),
        |x| x.sin(),
        |x| x.tanh(),
        |x| x.sigmoid(),
        |x| x.softplus(),
        |x| x.erf(),
        |x| x.pow(x + 0.5) / x,
    ];
    let x: Vec<f32> = (1..=200).map(|i| i as f32 * 0.037).collect();
    let bits = |x: Tensor| x.as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for (k, f) in functions.into_iter().enumerate() {
        let run = |x: Tensor| {
            let tape = Tape::new();
            let x = tape.parameter(&x);
            let y = f(x).retain();
            y.backward_with(&Tensor::full(x.shape(), 0.7));
            [bits(y.value()), bits(x.grad())]
        };
        let many = run(Tensor::new([x.len()], x.clone()));
        for (i, &x) in x.iter().enumerate() {
            let one = run(Tensor::scalar(x));
            assert_eq!(one, many.each_ref().map(|bits| vec![bits[i]]), "{k}, {x}");
        }
    }
}
