//! What a training step takes, part by part, both sides of each ratio in one run.
//!
//! ```text
//! cargo bench --bench step
//! ```
//!
//! Prints minima over many runs, in microseconds. The answers are verified before anything is
//! timed.

mod common;

use std::hint::black_box;

use elbo::bayes::Noise;
use elbo::net::Net;
use elbo::optim::{Adam, Optimizer};
use elbo::tape::Parameters;
use elbo::{Tape, Tensor, bayes_net};

use common::least;

bayes_net! {
    /// The net of a thousand examples.
    net Mlp(x: [784]) -> y {
        h1     = relu(linear(x, 400));
        h2     = relu(linear(h1, 400));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

/// One step of a Bayesian network of 478,410 weights, batch 128.
fn step() {
    let mut net = Mlp::new(1);
    let x = Tensor::from_fn([128, 784], |i| (i as f32 * 0.37).sin());
    let y = Tensor::from_fn([128], |i| (i % 10) as f32);
    let mut tape = Tape::new();
    let mut adam = Adam::new(1e-3);
    let mut at = 0;
    let mut run = |backward: bool, update: bool| {
        let (inputs, targets) = (tape.constant(&x), tape.constant(&y));
        let loss = net
            .on(&tape)
            .loss(inputs, targets, Noise::new(7).step(at), 1e-2);
        at += 1;
        let value = loss.item();
        if backward {
            loss.backward();
        }
        if update {
            adam.step(&mut net, &mut tape);
        } else {
            tape.clear();
        }
        value
    };
    assert!(run(true, true).is_finite());
    let forward = least(5, || _ = black_box(run(false, false)));
    let both = least(5, || _ = black_box(run(true, false)));
    let all = least(5, || _ = black_box(run(true, true)));
    println!("step of 784-400-400-10, batch 128: {all:.0} us");
    println!(
        "  forward {forward:.0} us, backward {:.0} us, Adam {:.0} us",
        both - forward,
        all - both
    );
    println!("  forward and backward over forward: {:.2}", both / forward);
}

fn main() {
    if !common::is_a_test() {
        step();
    }
}
