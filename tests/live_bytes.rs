//! What a tape holds does not grow with the number of passes: forward passes without a way back,
//! passes that a panic cut short, and training runs that end with an error leave no byte behind.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

use elbo::bayes::Noise;
use elbo::data::Dataset;
use elbo::net::{Model, Net};
use elbo::optim::Sgd;
use elbo::tape::Parameters;
use elbo::train::Trainer;
use elbo::{Error, Tape, Tensor, bayes_net};

thread_local! {
    /// Bytes that this thread has allocated and not freed.
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

fn count(bytes: i64) {
    // The thread may be ending, and its counter gone.
    let _ = LIVE.try_with(|live| live.set(live.get() + bytes));
}

#[allow(unsafe_code)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

bayes_net! {
    /// Some of each: two layers, a mixture, local noise.
    net Small(x: [3]) -> y {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.1);
        h = tanh(linear(x, 4));
        mean = linear(h, 1, weights ~ Normal(0.0, 1.0), estimator = LocalReparam);
        y ~ Normal(mean, 0.3);
    }
}

const PASSES: u64 = 100_000;

/// The live bytes after a pass are those after the first ones, which make the buffers.
fn flat(what: &str, mut pass: impl FnMut(u64)) {
    (0..10).for_each(&mut pass);
    let before = LIVE.get();
    (10..PASSES).for_each(&mut pass);
    assert_eq!(LIVE.get(), before, "{what}");
}

fn batch(columns: usize) -> Tensor {
    Tensor::from_fn([5, columns], |i| (i as f32 * 0.37).sin())
}

#[test]
fn forward_passes_without_a_way_back_leave_nothing() {
    let net = Small::new(1);
    let (x, y) = (batch(3), batch(1));
    let loss = |tape: &Tape, i: u64| {
        let (x, y) = (tape.constant(&x), tape.constant(&y));
        let loss = net.on(tape).loss([x], [y], Noise::new(7).step(i), 0.5);
        assert!(loss.item().is_finite());
    };
    let mut tape = Tape::new();
    flat("one tape, cleared", |i| {
        loss(&tape, i);
        tape.clear();
    });
    drop(tape);
    flat("a tape for each pass", |i| loss(&Tape::new(), i));
    // A counter that sees nothing would be flat too.
    let before = LIVE.get();
    let tape = Tape::new();
    loss(&tape, 0);
    assert!(LIVE.get() > before + 1000);
}

#[test]
fn a_panic_in_the_middle_of_a_pass_leaves_nothing() {
    let net = Small::new(1);
    let (x, y, wrong) = (batch(3), batch(1), batch(2));
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let mut tape = Tape::new();
    flat("a panic in every hundredth pass", |i| {
        let cut = i % 100 == 3;
        let done = panic::catch_unwind(AssertUnwindSafe(|| {
            // The layers are on the tape when the target turns out to have another shape.
            let y = tape.constant(if cut { &wrong } else { &y });
            let x = tape.constant(&x);
            net.on(&tape).loss([x], [y], Noise::new(7).step(i), 0.5);
            assert!(tape.len() > 5);
        }));
        assert_eq!(done.is_err(), cut);
        assert!(tape.len() > 5, "the panic comes in the middle");
        tape.clear();
    });
    panic::set_hook(hook);
}

#[test]
fn a_run_that_ends_with_an_error_leaves_nothing() {
    let x: Vec<[f64; 3]> = (0..8).map(|i| [f64::from(i), 1.0, -f64::from(i)]).collect();
    let y: Vec<f64> = (0..8).map(f64::from).collect();
    let data = Dataset::from_rows(&x, &y).unwrap();
    let net = Small::new(1);
    let run = || {
        let mut model = Model::new(net.clone());
        let trainer = Trainer::new(Sgd::new(1e30)).epochs(20).quiet();
        let error = trainer.fit(&mut model, &data).unwrap_err();
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
    };
    run();
    let before = LIVE.get();
    (0..200).for_each(|_| run());
    assert_eq!(LIVE.get(), before);
}
