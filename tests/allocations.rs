//! A training step allocates nothing after the first ones, apart from the packing buffer that
//! matrixmultiply allocates for each product.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use elbo::bayes::Noise;
use elbo::net::Net;
use elbo::ops::{Conv, Divisor, Pool};
use elbo::optim::{Adam, Optimizer};
use elbo::tape::Parameters;
use elbo::{Tape, Tensor, bayes_net};

thread_local! {
    /// Allocations of this thread, as the addresses' alignments.
    static COUNT: Cell<[usize; 2]> = const { Cell::new([0, 0]) };
}

/// The system's allocator, counting.
struct Counting;

/// matrixmultiply asks for its packing buffer with the alignment of a vector register; nothing
/// of this crate asks for more than the 16 bytes of its widest number.
const PACKING_ALIGNMENT: usize = 32;

#[allow(unsafe_code)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let packing = usize::from(layout.align() >= PACKING_ALIGNMENT);
        // The thread may be ending, and its counter gone.
        let _ = COUNT.try_with(|count| {
            let mut counts = count.get();
            counts[packing] += 1;
            count.set(counts);
        });
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

bayes_net! {
    /// Every kind of term that a step can have: a mixture prior, a closed form, local noise,
    /// a residual, a concatenation and a learned scale.
    net Everything(x: [7], z: [2]) -> (y, c) {
        weights ~ ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.1);
        h1 = relu(linear(x, 12));
        h2 = tanh(linear(h1, 12, weights ~ Laplace(0.0, 0.5)));
        h3 = gelu(linear(concat(h1 + h2, z), 9, weights ~ Normal(0.0, 1.0), estimator = LocalReparam));
        mean = linear(h3, 2);
        std = learned(0.5);
        logits = linear(h3, 3, posterior = Point);
        y ~ Normal(mean, std);
        c ~ Categorical(logits);
    }
}

#[test]
fn a_training_step_allocates_nothing_but_packing_buffers() {
    let mut net = Everything::new(1);
    let mut adam = Adam::new(1e-3);
    let mut tape = Tape::new();
    let x = Tensor::from_fn([16, 7], |i| (i as f32 * 0.37).sin());
    let z = Tensor::from_fn([16, 2], |i| (i as f32 * 0.73).cos());
    let y = Tensor::from_fn([16, 2], |i| (i as f32 * 0.11).sin());
    let c = Tensor::from_fn([16], |i| (i % 3) as f32);
    let mut products = 0;
    for step in 0..12 {
        let before = COUNT.get();
        let inputs = [tape.constant(&x), tape.constant(&z)];
        let targets = [tape.constant(&y), tape.constant(&c)];
        let loss = net
            .on(&tape)
            .loss(inputs, targets, Noise::new(7).step(step), 0.25);
        loss.backward();
        adam.step(&mut net, &mut tape);
        let after = COUNT.get();
        let (own, packing) = (after[0] - before[0], after[1] - before[1]);
        if step == 0 {
            assert!(own > 100, "the counter counts: {own}");
        }
        if step >= 2 {
            assert_eq!(own, 0, "allocations in step {step}");
            // At most one buffer a product: 5 layers, forward and twice backward, and the
            // variance of the local estimator.
            assert!(packing <= 20, "{packing} packing buffers in step {step}");
            products = packing;
        }
    }
    println!("{products} packing buffers a step");
}

/// Small enough for one thread, whose scratch memory is counted here.
#[test]
fn convolutions_and_pools_allocate_nothing_but_packing_buffers() {
    let mut tape = Tape::new();
    let image = Tensor::from_fn([2, 3, 9, 9], |i| (i as f32 * 0.37).sin());
    let kernel = Tensor::from_fn([4, 3, 3, 3], |i| (i as f32 * 0.11).sin());
    let bias = Tensor::from_fn([4], |i| i as f32);
    for step in 0..6 {
        let before = COUNT.get();
        let [x, w, b] = [&image, &kernel, &bias].map(|tensor| tape.parameter(tensor));
        let y = x.conv2d(w, Some(b), Conv::default());
        let means = y.avg_pool2d(Pool::of([2, 2]), Divisor::Window);
        let maxima = means.conv_transpose2d(w, None, Conv::default());
        maxima.max_pool2d(Pool::of([3, 3])).sum().backward();
        tape.clear();
        let own = COUNT.get()[0] - before[0];
        if step >= 2 {
            assert_eq!(own, 0, "allocations in step {step}");
        }
    }
}
