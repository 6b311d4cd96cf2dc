//! Convolutions and pools against plain loops.
//!
//! Whole numbers are added and multiplied exactly in any order, so that two routes give the same
//! bits: C, C' and K equal seven loops over the formula, <C(x), y> = <x, C'(y)>, and pools equal
//! convolutions with ones. The derivatives of every form are held to the laws by `tests/ops.rs`.

mod convolution;
mod errors;
mod pool;

use elbo::ops::{Conv, Pool};
use elbo::{Scalar, Shape, Tape, Tensor};

/// Whole numbers from -3 to 3 that look drawn; other ones for another `salt`.
pub(crate) fn whole<S: Scalar>(shape: impl Into<Shape>, salt: u64) -> Tensor<S> {
    Tensor::from_fn(shape, |i| S::of(f64::from(drawn(i, salt) % 7) - 3.0))
}

/// Numbers that look drawn.
fn drawn(i: usize, salt: u64) -> u32 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03);
    (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as u32
}

/// Every index of N nested loops, the last one fastest.
pub(crate) fn every<const N: usize>(loops: [usize; N]) -> impl Iterator<Item = [usize; N]> {
    (0..loops.iter().product()).map(move |mut rest: usize| {
        let mut index = [0; N];
        for (i, len) in index.iter_mut().zip(loops).rev() {
            (rest, *i) = (rest / len, rest % len);
        }
        index
    })
}

/// Where an element of a shape stands.
pub(crate) fn at(shape: Shape, index: [usize; 4]) -> usize {
    let axes = index.iter().zip(shape.dims());
    axes.fold(0, |at, (i, dim)| at * dim + i)
}

/// The gradients of images, kernel and bias, and the value, to the last bit.
#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let bits = |threads: usize| -> Vec<u32> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let fraction = |shape: &[usize], salt| {
                Tensor::from_fn(shape, |i| (drawn(i, salt) % 1000) as f32 / 333.0 - 1.5)
            };
            let tape = Tape::new();
            let x = tape.parameter(&fraction(&[70, 3, 28, 28], 1));
            let w = tape.parameter(&fraction(&[8, 3, 5, 5], 2));
            let b = tape.parameter(&fraction(&[8], 3));
            let y = x.conv2d(w, Some(b), Conv::default()).retain();
            let pooled = y.max_pool2d(Pool::of([2, 2]));
            let means = pooled.adaptive_avg_pool2d([5, 5]);
            let wide = means.conv_transpose2d(w, None, Conv::default());
            (wide * wide).sum().backward();
            let numbers = [y.value(), x.grad(), w.grad(), b.grad()];
            let numbers = numbers.iter().flat_map(Tensor::as_slice);
            numbers.map(|number| number.to_bits()).collect()
        })
    };
    let one = bits(1);
    assert!(one == bits(2) && one == bits(7));
}

#[test]
fn nothing_in_nothing_out() {
    let tape = Tape::<f64>::new();
    let zeros = |dims: &[usize]| tape.parameter(&Tensor::zeros(dims));
    let conv = Conv::default();
    // No image, no output, no channel, no position but padding.
    let none = zeros(&[0, 3, 5, 5]).conv2d(zeros(&[2, 3, 2, 2]), Some(zeros(&[2])), conv);
    assert_eq!(none.shape().dims(), [0, 2, 4, 4]);
    let none = zeros(&[4, 3, 5, 5]).conv2d(zeros(&[0, 3, 2, 2]), Some(zeros(&[0])), conv);
    assert_eq!(none.shape().dims(), [4, 0, 4, 4]);
    let bias = tape.parameter(&Tensor::new([2], vec![1.0, -1.0]));
    let biases = zeros(&[1, 0, 3, 2]).conv2d(zeros(&[2, 0, 2, 2]), Some(bias), conv);
    assert_eq!(biases.value().as_slice(), [1.0, 1.0, -1.0, -1.0]);
    let padded = Conv {
        padding: [[1, 1]],
        ..Conv::default()
    };
    let zero = zeros(&[1, 1, 0]).conv1d(zeros(&[1, 1, 2]), None, padded);
    assert_eq!(zero.value().as_slice(), [0.0]);
    assert_eq!(
        zeros(&[0, 3, 4]).max_pool1d(Pool::of([2])).shape().dims(),
        [0, 3, 2]
    );
    assert_eq!(
        zeros(&[2, 0, 4]).adaptive_avg_pool1d(0).shape().dims(),
        [2, 0, 0]
    );
}
