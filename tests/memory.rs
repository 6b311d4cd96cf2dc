//! What a net holds on the tape: a prediction about two layers, however deep the net; a training
//! step what its formula says.

use elbo::bayes::{Ledger, Noise, Pass};
use elbo::net::Net;
use elbo::tape::Parameters;
use elbo::{Scalar, Tape, Tensor, Var, bayes_net};

const WIDTH: usize = 64;
const ROWS: usize = 256;

bayes_net! {
    net Shallow(x: [WIDTH]) -> y {
        h1 = relu(linear(x, WIDTH));
        h2 = relu(linear(h1, WIDTH));
        mean = linear(h2, 1);
        y ~ Normal(mean, 0.1);
    }
}

bayes_net! {
    net Deep(x: [WIDTH]) -> y {
        h1 = relu(linear(x, WIDTH));
        h2 = relu(linear(h1, WIDTH));
        h3 = relu(linear(h2, WIDTH));
        h4 = relu(linear(h3, WIDTH));
        h5 = relu(linear(h4, WIDTH));
        h6 = relu(linear(h5, WIDTH));
        h7 = relu(linear(h6, WIDTH));
        h8 = relu(linear(h7, WIDTH));
        mean = linear(h8, 1);
        y ~ Normal(mean, 0.1);
    }
}

/// Numbers that `f` makes the tape hold at the most.
fn peak(f: impl for<'t> FnOnce(&'t Tape, Var<'t>, Var<'t>)) -> usize {
    let tape = Tape::new();
    let x = tape.constant(&Tensor::from_fn([ROWS, WIDTH], |i| (i as f32).sin()));
    let y = tape.constant(&Tensor::zeros([ROWS, 1]));
    f(&tape, x, y);
    tape.memory().peak / size_of::<f32>()
}

#[test]
fn a_prediction_holds_two_layers_however_deep_the_net() {
    let shallow = peak(|tape, x, _| {
        let ledger = Ledger::default();
        let pass = Pass::new(tape, &ledger, Noise::new(3));
        tape.no_grad(|| Shallow::new(1).on(tape).forward(&[x], &pass));
    });
    let deep = peak(|tape, x, _| {
        let ledger = Ledger::default();
        let pass = Pass::new(tape, &ledger, Noise::new(3));
        tape.no_grad(|| Deep::new(1).on(tape).forward(&[x], &pass));
    });
    assert_eq!(shallow, deep);
    // The layer's input, its output before and after relu, and a draw of its weights.
    let [layer, weights] = [ROWS * WIDTH, (WIDTH + 1) * WIDTH];
    assert!(deep <= 3 * layer + weights, "{deep} numbers");
}

#[test]
fn a_training_step_holds_what_its_formula_says() {
    let held = peak(|tape, x, y| {
        let loss = Deep::new(1).on(tape).loss([x], [y], Noise::new(3), 0.1);
        loss.backward();
    });
    let [layer, weights] = [ROWS * WIDTH, (WIDTH + 1) * WIDTH];
    // Forward, each layer keeps its output and its weights; their noise is made twice. On the way
    // back, that of mu and of rho comes to it, while the cotangents of two layers and of one draw
    // are at work.
    let forward = 8 * (layer + weights);
    let back = 8 * 2 * weights + 2 * layer + weights;
    let last = 4 * (WIDTH + 1) + 8 * ROWS;
    assert!(
        held <= forward + back + last,
        "{held} of {}",
        forward + back + last
    );
    // And not much less: the test sees what the step holds.
    assert!(held > forward, "{held} of {forward}");
}

fn same<'t, S: Scalar>(x: Var<'t, S>) -> Var<'t, S> {
    x
}

bayes_net! {
    net Same(x: [3]) -> y {
        a = linear(x, 3);
        b = crate::same(a);
        c = a * 2;
        d = crate::same(b) + c;
        mean = linear(d + b, 1);
        y ~ Normal(mean, 0.1);
    }
}

/// A function that returns its argument gives it a second name; the value is not ended while one
/// of the two is read.
#[test]
fn a_value_of_two_names_lives_as_long_as_both() {
    let tape: Tape = Tape::new();
    let (x, y) = (Tensor::full([2, 3], 1.0), Tensor::zeros([2, 1]));
    let loss =
        Same::new(1)
            .on(&tape)
            .loss([tape.constant(&x)], [tape.constant(&y)], Noise::new(3), 1.0);
    loss.backward();
    assert!(loss.item().is_finite());
}
