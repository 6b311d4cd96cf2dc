//! What a training step takes, part by part, both sides of each ratio in one run.
//!
//! ```text
//! cargo bench --bench step
//! ```
//!
//! Prints minima over many runs, in microseconds. The answers are verified before anything is
//! timed.

use std::hint::black_box;
use std::time::Instant;

use elbo::bayes::Noise;
use elbo::net::Net;
use elbo::optim::{Adam, Optimizer};
use elbo::tape::Parameters;
use elbo::{Tape, Tensor, bayes_net};

bayes_net! {
    /// The net of a thousand examples.
    net Mlp(x: [784]) -> y {
        h1     = relu(linear(x, 400));
        h2     = relu(linear(h1, 400));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

/// The least time of `runs` calls, in microseconds, after as many to warm up.
fn least(runs: usize, mut f: impl FnMut()) -> f64 {
    (0..2 * runs)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64() * 1e6
        })
        .skip(runs)
        .fold(f64::INFINITY, f64::min)
}

/// A chain of additions of one number: what a node costs beside its arithmetic.
fn nodes() {
    const NODES: usize = 10_000;
    let one = Tensor::scalar(1e-4f32);
    let mut tape = Tape::new();
    let mut chain = |backward: bool| {
        let x = tape.parameter(&one);
        let y = (1..NODES).fold(x, |y, _| y + x);
        if backward {
            y.backward();
        }
        let result = (y.item(), x.grad().item());
        tape.clear();
        result
    };
    assert_eq!(chain(true).1, NODES as f32);
    let forward = least(20, || _ = black_box(chain(false)));
    let both = least(20, || _ = black_box(chain(true)));
    let ns = |us: f64| 1e3 * us / NODES as f64;
    println!(
        "node: {:.0} ns forward, {:.0} ns forward and backward",
        ns(forward),
        ns(both)
    );
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
    // `cargo test --benches` calls it with this; nothing is timed then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    nodes();
    step();
}
