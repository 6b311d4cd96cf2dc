//! What the passes over the weights of a Bayesian layer take, one by one.
//!
//! ```text
//! RAYON_NUM_THREADS=1 cargo bench --bench weights
//! ```
//!
//! Prints minima over many runs, in nanoseconds a weight, of a layer of 784 x 400: 1.25 MB for each
//! array. A training step draws, adds the gradients of the draw and of the KL, and updates mu and
//! rho.

mod common;

use std::hint::black_box;

use elbo::bayes::{Ledger, Noise, Pass, Posterior, Prior, Weight};
use elbo::optim::{Adam, Optimizer};
use elbo::tape::{Module, Path};
use elbo::{Tape, Tensor, Var};

use common::{is_a_test, least};

const WEIGHTS: usize = 784 * 400;
const RUNS: usize = 50;

fn print(what: &str, us: f64) {
    println!("{what:42} {:6.2} ns", 1e3 * us / WEIGHTS as f64);
}

/// Times what `f` records, and the way back from it.
fn passes(
    name: &str,
    prior: Prior,
    f: impl for<'t> Fn(&Weight<Var<'t>>, &Pass<'_, 't, f32>) -> Var<'t>,
) {
    let means = Tensor::from_fn([784, 400], |i| 0.1 * (i as f32 * 0.37).sin());
    let weight = Weight::new(means, Posterior::DEFAULT, prior);
    let mut tape = Tape::new();
    let mut step = 0;
    let mut run = |back: bool| {
        let ledger = Ledger::default();
        let on = weight.map(Path::ROOT, &mut |_, leaf| tape.parameter(leaf));
        step += 1;
        let pass = Pass::new(&tape, &ledger, Noise::new(7).step(step));
        let y = black_box(f(&on, &pass));
        if back && y.shape().rank() == 0 {
            y.backward();
        } else if back {
            y.sum().backward();
        }
        tape.clear();
    };
    let forward = least(RUNS, || run(false));
    let both = least(RUNS, || run(true));
    print(&format!("{name}, forward"), forward);
    print(&format!("{name}, back"), both - forward);
}

fn kl<'t>(on: &Weight<Var<'t>>, prior: Prior) -> Var<'t> {
    prior.kl(on.mu, *on.rho().expect("a mean field"))
}

fn main() {
    if is_a_test() {
        return;
    }
    let mut noise = vec![0.0f32; WEIGHTS];
    print(
        "noise",
        least(RUNS, || Noise::new(3).fill_normal(black_box(&mut noise))),
    );
    let normal = Prior::normal(0.0, 1.0);
    passes("draw (and a sum)", normal, |on, pass| {
        on.draw("weight", &pass.kl_value(false))
    });
    passes("KL to Normal(0, 1)", normal, |on, _| kl(on, normal));
    let laplace = Prior::laplace(0.0, 1.0);
    passes("KL to Laplace(0, 1)", laplace, |on, _| kl(on, laplace));
    let mixture = Prior::scale_mixture(0.5, 1.0, 0.0025);
    passes("draw and KL to a scale mixture", mixture, |on, pass| {
        let _ = on.draw("weight", pass);
        pass.kl()
    });
    let (mut x, mut adam) = (vec![0.1f32; WEIGHTS], Adam::new(1e-3));
    let one = least(RUNS, || {
        adam.advance();
        adam.update(0, &mut x, black_box(&noise));
    });
    print("Adam, mu and rho", 2.0 * one);
}
