//! What the tape itself costs: time and memory of a node, and the way back beside the way forward.
//!
//! ```text
//! cargo bench --bench tape
//! ```
//!
//! Prints minima over many runs. The answers are verified before anything is timed.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use elbo::{Tape, Tensor};

use common::least;

/// Bytes that are allocated now.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
struct Counting;

#[allow(unsafe_code)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A chain of additions of one number: what a node costs beside its arithmetic.
fn node() {
    const NODES: usize = 10_000;
    let one = Tensor::scalar(1e-4f32);
    let mut tape = Tape::new();
    let before = LIVE.load(Ordering::Relaxed);
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
    let bytes = LIVE.load(Ordering::Relaxed) - before;
    let forward = least(50, || _ = black_box(chain(false)));
    let both = least(50, || _ = black_box(chain(true)));
    let per_node = |us: f64| 1e3 * us / NODES as f64;
    println!("a node of one number, in a chain of {NODES}:");
    println!(
        "  forward {:.0} ns, backward {:.0} ns",
        per_node(forward),
        per_node(both - forward)
    );
    println!("  {} bytes", bytes / NODES);
}

/// x = sin(x) x + c, 3,333 times, and its derivatives in x and c: 9,999 operations on the tape, and
/// a loop that a person would write for this function alone.
fn chain() {
    const TIMES: usize = 3333;
    let (x, c) = (0.7f32, 0.5f32);
    let at = [Tensor::scalar(x), Tensor::scalar(c)];
    let mut tape = Tape::new();
    let mut on_tape = |backward: bool| {
        let [x, c] = [tape.parameter(&at[0]), tape.parameter(&at[1])];
        let y = (0..TIMES).fold(x, |x, _| x.sin() * x + c);
        if backward {
            y.backward();
        }
        let result = [y.item(), x.grad().item(), c.grad().item()];
        tape.clear();
        result
    };
    let mut steps = Vec::with_capacity(TIMES);
    let mut by_hand = || {
        steps.clear();
        let mut y: f32 = x;
        for _ in 0..TIMES {
            let sin = y.sin();
            steps.push([y, sin]);
            y = sin * y + c;
        }
        let (mut x_bar, mut c_bar) = (1.0, 0.0);
        for &[x, sin] in steps.iter().rev() {
            c_bar += x_bar;
            x_bar = sin * x_bar + x.cos() * (x * x_bar);
        }
        [y, x_bar, c_bar]
    };
    for (tape, hand) in on_tape(true).into_iter().zip(by_hand()) {
        assert!((tape - hand).abs() <= 1e-5 * hand.abs(), "{tape}, {hand}");
    }
    let forward = least(50, || _ = black_box(on_tape(false)));
    let both = least(50, || _ = black_box(on_tape(true)));
    let hand = least(50, || _ = black_box(by_hand()));
    println!("x = sin(x) x + c, {TIMES} times, on scalars:");
    println!("  forward {forward:.0} us, forward and backward {both:.0} us");
    println!(
        "  by hand {hand:.0} us, the tape over it: {:.2}",
        both / hand
    );
}

/// A multilayer perceptron: the theory says that the way back takes about twice the way forward, a
/// product of matrices for each operand.
fn mlp() {
    let layers = [[784, 400], [400, 400], [400, 10]];
    let wave = |shape: &[usize]| {
        let scale = 1.0 / (shape[0] as f32).sqrt();
        Tensor::from_fn(shape, |i| scale * (i as f32 * 0.37).sin())
    };
    let weights = layers.map(|shape| wave(&shape));
    let biases = layers.map(|[_, units]| Tensor::<f32>::zeros([units]));
    let data = wave(&[128, 784]);
    let mut tape = Tape::new();
    let mut run = |backward: bool| {
        let mut h = tape.constant(&data);
        for (k, (w, b)) in weights.iter().zip(&biases).enumerate() {
            h = h.affine(tape.parameter(w), tape.parameter(b));
            if k + 1 < layers.len() {
                h = h.relu();
            }
        }
        let loss = h.square().mean();
        if backward {
            loss.backward();
        }
        let value = loss.item();
        tape.clear();
        value
    };
    assert!(run(true).is_finite());
    let forward = least(30, || _ = black_box(run(false)));
    let both = least(30, || _ = black_box(run(true)));
    println!("784-400-400-10 with relu, batch 128, point weights:");
    println!(
        "  forward {forward:.0} us, backward {:.0} us",
        both - forward
    );
    println!("  backward over forward: {:.2}", (both - forward) / forward);
}

fn main() {
    if !common::is_a_test() {
        node();
        chain();
        mlp();
    }
}
