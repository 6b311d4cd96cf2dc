//! What a call says when it panics: the operation, the shapes, and what is wrong with them.

use std::panic::{self, AssertUnwindSafe};

use elbo::ops::{Conv, ConvTranspose, Pool};
use elbo::{Tape, Tensor, Var};

fn zeros<'t>(tape: &'t Tape<f64>, dims: &[usize]) -> Var<'t, f64> {
    tape.constant(&Tensor::zeros(dims))
}

/// Holds what `f` says when it panics to `expected`.
#[track_caller]
fn says(expected: &str, f: impl FnOnce(&Tape<f64>)) {
    let tape = Tape::new();
    let panic = panic::catch_unwind(AssertUnwindSafe(|| f(&tape))).expect_err("it panics");
    let text = panic.downcast_ref::<String>().expect("a text with shapes");
    assert_eq!(text, expected);
}

#[test]
fn a_convolution() {
    #[track_caller]
    fn conv(w: &[usize], conv: Conv<2>, expected: &str) {
        says(&format!("conv2d: [1, 4, 5, 7] * {expected}"), |tape| {
            zeros(tape, &[1, 4, 5, 7]).conv2d(zeros(tape, w), None, conv);
        });
    }
    let plain = Conv::default();
    let groups = |groups| Conv { groups, ..plain };
    let padded = |padding| Conv { padding, ..plain };

    conv(
        &[6, 4, 3],
        plain,
        "[6, 4, 3]: wants [images, channels, rows, columns] * \
         [outputs, channels / groups, rows, columns]",
    );
    let w = [6, 3, 2, 2];
    conv(
        &w,
        plain,
        "[6, 3, 2, 2]: the kernel has 3 channels, not channels / groups = 4 / 1",
    );
    conv(
        &w,
        groups(2),
        "[6, 3, 2, 2]: the kernel has 3 channels, not channels / groups = 4 / 2",
    );
    conv(
        &w,
        groups(3),
        "[6, 3, 2, 2]: 4 channels cannot be cut into 3 groups",
    );
    conv(
        &w,
        groups(4),
        "[6, 3, 2, 2]: 6 outputs cannot be cut into 4 groups",
    );
    conv(
        &w,
        groups(0),
        "[6, 3, 2, 2]: 4 channels cannot be cut into 0 groups",
    );

    conv(
        &[6, 4, 2, 9],
        padded([[1, 1], [0, 1]]),
        "[6, 4, 2, 9]: a kernel of 9 does not fit 7 columns with padding [0, 1]",
    );
    let dilated = Conv {
        dilation: [3, 1],
        ..padded([[1, 0], [0, 2]])
    };
    conv(
        &[6, 4, 3, 2],
        dilated,
        "[6, 4, 3, 2]: a kernel of 3 with dilation 3 spans 7, which does not fit 5 rows with \
         padding [1, 0]",
    );
    let w = [6, 4, 2, 2];
    let [stride, dilation] = [[1, 0], [0, 1]];
    conv(
        &[6, 4, 0, 2],
        plain,
        "[6, 4, 0, 2]: a kernel with size 0 along the rows",
    );
    conv(
        &w,
        Conv { stride, ..plain },
        "[6, 4, 2, 2]: a kernel with stride 0 along the columns",
    );
    conv(
        &w,
        Conv { dilation, ..plain },
        "[6, 4, 2, 2]: a kernel with dilation 0 along the rows",
    );
    let beyond = padded([[1, usize::MAX], [0, 0]]);
    conv(&w, beyond, "[6, 4, 2, 2]: more rows than can be counted");
    conv(
        &w,
        padded([[1 << 40, 0], [1 << 40, 0]]),
        "[6, 4, 2, 2]: the result [1, 6, 1099511627780, 1099511627782] has more elements than can \
         be counted",
    );
    says(
        "conv2d: [1, 4, 5, 7] * [6, 4, 2, 2] + [4]: 6 outputs want a bias [6]",
        |tape| {
            let [x, w, b] = [&[1, 4, 5, 7][..], &w, &[4]].map(|dims| zeros(tape, dims));
            x.conv2d(w, Some(b), plain);
        },
    );
}

#[test]
fn a_transposed_convolution() {
    #[track_caller]
    fn conv(x: &[usize], w: &[usize], conv: impl Into<ConvTranspose<1>>, expected: &str) {
        let conv = conv.into();
        let shapes = format!("{x:?} * {w:?}");
        says(&format!("conv_transpose1d: {shapes}: {expected}"), |tape| {
            zeros(tape, x).conv_transpose1d(zeros(tape, w), None, conv);
        });
    }
    let plain = Conv::default();
    let groups = |groups| Conv { groups, ..plain };
    let (x, w) = ([1, 4, 5], [4, 1, 2]);
    conv(
        &x,
        &[4, 3],
        plain,
        "wants [images, channels, length] * [channels, outputs / groups, length]",
    );
    conv(&x, &[3, 4, 2], plain, "the kernel has 3 channels, not 4");
    conv(&x, &w, groups(3), "4 channels cannot be cut into 3 groups");
    conv(&x, &w, groups(0), "0 outputs cannot be cut into 0 groups");
    conv(
        &[1, 4, 0],
        &w,
        plain,
        "a kernel of 2 on 0 positions leaves nothing between the padding [0, 0]",
    );
    let padding = [[2, 4]];
    conv(
        &x,
        &w,
        Conv { padding, ..plain },
        "a kernel of 2 on 5 positions leaves nothing between the padding [2, 4]",
    );
    let stride = [0];
    conv(
        &x,
        &w,
        Conv { stride, ..plain },
        "a kernel with stride 0 along the positions",
    );
    let output_padding = [3];
    let of = Conv {
        stride: [2],
        dilation: [3],
        ..plain
    };
    conv(
        &x,
        &w,
        ConvTranspose { of, output_padding },
        "an output padding of 3 is below neither the stride 2 nor the dilation 3",
    );
}

#[test]
fn a_pool() {
    #[track_caller]
    fn pool(x: &[usize], pool: Pool<2>, expected: &str) {
        says(&format!("max_pool2d: {x:?}: {expected}"), |tape| {
            zeros(tape, x).max_pool2d(pool);
        });
    }
    let two = Pool::of([2, 2]);
    let x = [1, 1, 5, 1];
    pool(&[1, 5, 7], two, "wants [images, channels, rows, columns]");
    pool(
        &x,
        two,
        "a window of 2 does not fit 1 columns with padding [0, 0]",
    );
    pool(
        &x,
        Pool::of([2, 0]),
        "a window with size 0 along the columns",
    );
    let stride = [0, 1];
    pool(
        &x,
        Pool { stride, ..two },
        "a window with stride 0 along the rows",
    );
    let padding = [[0, 2], [1, 0]];
    pool(
        &x,
        Pool { padding, ..two },
        "padding [0, 2] of the rows is not less than the window of 2",
    );
    pool(&[1, 1, 0, 7], Pool { padding, ..two }, "no rows");
    says("adaptive_avg_pool1d: [2, 3, 0]: no positions", |tape| {
        zeros(tape, &[2, 3, 0]).adaptive_avg_pool1d(2);
    });
}
