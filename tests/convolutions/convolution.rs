//! Convolutions and their transposes: seven loops, one axis, transposes.

use elbo::ops::{Conv, ConvTranspose};
use elbo::{Scalar, Shape, Tape, Tensor};
use proptest::prelude::*;

use crate::{at, every, whole};

/// A convolution that is possible.
#[derive(Clone, Copy, Debug)]
struct Form {
    images: usize,
    /// In each group.
    channels: usize,
    outputs: usize,
    extents: [usize; 2],
    sizes: [usize; 2],
    conv: Conv<2>,
}

impl Form {
    fn x(&self) -> Shape {
        let [rows, columns] = self.extents;
        Shape::new(&[self.images, self.conv.groups * self.channels, rows, columns])
    }
    fn w(&self) -> Shape {
        let [rows, columns] = self.sizes;
        Shape::new(&[
            self.conv.groups * self.outputs,
            self.channels,
            rows,
            columns,
        ])
    }
    fn y(&self) -> Shape {
        let outputs = self.conv.groups * self.outputs;
        Shape::new(&[self.images, outputs, self.places(0), self.places(1)])
    }
    /// How often the kernel can be moved on before it leaves the padded axis.
    fn places(&self, axis: usize) -> usize {
        let [before, after] = self.conv.padding[axis];
        let (span, padded) = (self.span(axis), self.extents[axis] + before + after);
        let fits = |place: &usize| place * self.conv.stride[axis] + span <= padded;
        (0..=padded).take_while(fits).count()
    }
    /// What a kernel spans along an axis.
    fn span(&self, axis: usize) -> usize {
        (self.sizes[axis] - 1) * self.conv.dilation[axis] + 1
    }
    /// What the places of an axis cover.
    fn covered(&self, axis: usize) -> usize {
        (self.places(axis) - 1) * self.conv.stride[axis] + self.span(axis)
    }
    /// The transpose that gives these extents back.
    fn transpose(&self) -> ConvTranspose<2> {
        ConvTranspose {
            of: self.conv,
            output_padding: [0, 1].map(|axis| {
                let [before, after] = self.conv.padding[axis];
                self.extents[axis] + before + after - self.covered(axis)
            }),
        }
    }
    /// Calls `term(y, w, x)` for every product w x of the formula, and the y that it is added to.
    fn terms(&self, mut term: impl FnMut(usize, usize, usize)) {
        let Conv {
            stride,
            padding: [[top, _], [left, _]],
            dilation,
            ..
        } = self.conv;
        let [x, w, y] = [self.x(), self.w(), self.y()];
        let [rows, columns] = self.sizes;
        let loops = [
            y.dim(0),
            y.dim(1),
            self.channels,
            y.dim(2),
            y.dim(3),
            rows,
            columns,
        ];
        for [n, o, c, p, q, i, j] in every(loops) {
            let row = (p * stride[0] + i * dilation[0]).wrapping_sub(top);
            let column = (q * stride[1] + j * dilation[1]).wrapping_sub(left);
            if row < x.dim(2) && column < x.dim(3) {
                let channel = o / self.outputs * self.channels + c;
                let x = at(x, [n, channel, row, column]);
                term(at(y, [n, o, p, q]), at(w, [o, c, i, j]), x);
            }
        }
    }
}

/// Forms with small extents: every case of padding, stride and groups shows there.
fn form() -> impl Strategy<Value = Form> {
    let counts = (0usize..3, 1usize..3, 0usize..3, 1usize..3);
    let axis = (
        0usize..7,
        1usize..4,
        1usize..4,
        [0usize..4, 0usize..4],
        1usize..3,
    );
    (counts, [axis.clone(), axis]).prop_filter_map("the kernel does not fit", |(counts, axes)| {
        let (images, channels, outputs, groups) = counts;
        let form = Form {
            images,
            channels,
            outputs,
            extents: axes.map(|axis| axis.0),
            sizes: axes.map(|axis| axis.1),
            conv: Conv {
                stride: axes.map(|axis| axis.2),
                padding: axes.map(|axis| axis.3),
                dilation: axes.map(|axis| axis.4),
                groups,
            },
        };
        (form.places(0) * form.places(1) > 0).then_some(form)
    })
}

/// Forms on both sides of the choice between a sweep and a product: few outputs or many, lines of
/// which the kernel leaves much or little, stride 1.
fn wide_form() -> impl Strategy<Value = Form> {
    let counts = (1usize..3, 1usize..8, 1usize..19);
    let axis = |extents| (extents, 1usize..5, [0usize..4, 0usize..4], 1usize..3);
    let axes = (axis(1usize..12), axis(8usize..24));
    (counts, axes).prop_filter_map("the kernel does not fit", |(counts, (rows, columns))| {
        let (images, channels, outputs) = counts;
        let form = Form {
            images,
            channels,
            outputs,
            extents: [rows.0, columns.0],
            sizes: [rows.1, columns.1],
            conv: Conv {
                padding: [rows.2, columns.2],
                dilation: [rows.3, columns.3],
                ..Conv::default()
            },
        };
        (form.places(0) * form.places(1) > 0).then_some(form)
    })
}

/// Holds C, its vjp, C' and its vjp to the seven loops.
fn equals_the_loops<S: Scalar>(form: Form) -> Result<(), TestCaseError> {
    let [x, w, y_bar] = [
        whole::<S>(form.x(), 1),
        whole(form.w(), 2),
        whole(form.y(), 3),
    ];
    let bias = whole([form.y().dim(1)], 4);
    let [mut y, mut x_bar, mut w_bar] = [&y_bar, &x, &w].map(|like| vec![S::ZERO; like.len()]);
    let [xs, ws, y_bars] = [&x, &w, &y_bar].map(Tensor::as_slice);
    form.terms(|i, j, k| {
        y[i] += ws[j] * xs[k];
        x_bar[k] += ws[j] * y_bars[i];
        w_bar[j] += y_bars[i] * xs[k];
    });
    let plane = (form.places(0) * form.places(1)).max(1);
    let channel = |i: usize| i / plane % bias.len();
    let with_bias = Tensor::from_fn(form.y(), |i| y[i] + bias.as_slice()[channel(i)]);
    let mut bias_bar = vec![S::ZERO; bias.len()];
    for (i, &y_bar) in y_bars.iter().enumerate() {
        bias_bar[channel(i)] += y_bar;
    }

    let y = Tensor::new(form.y(), y);
    let x_bar = Tensor::new(form.x(), x_bar);
    let w_bar = Tensor::new(form.w(), w_bar);
    let bias_bar = Tensor::new(bias.shape(), bias_bar);

    let tape = Tape::new();
    let vars = [&x, &w, &bias].map(|tensor| tape.parameter(tensor));
    let found = vars[0].conv2d(vars[1], Some(vars[2]), form.conv).retain();
    (found * tape.constant(&y_bar)).sum().backward();
    prop_assert_eq!(found.value(), with_bias);
    for (var, expected) in vars.iter().zip([&x_bar, &w_bar, &bias_bar]) {
        prop_assert_eq!(&var.grad(), expected);
    }

    if form.extents.contains(&0) {
        return Ok(()); // no result of C'
    }
    // C' takes y_bar to x_bar. With x as its cotangent, it takes that to y, and the kernel's
    // gradient is the same.
    let tape = Tape::new();
    let vars = [&y_bar, &w].map(|tensor| tape.parameter(tensor));
    let found = vars[0]
        .conv_transpose2d(vars[1], None, form.transpose())
        .retain();
    (found * tape.constant(&x)).sum().backward();
    prop_assert_eq!(found.value(), x_bar);
    prop_assert_eq!(vars[0].grad(), y);
    prop_assert_eq!(vars[1].grad(), w_bar);
    Ok(())
}

proptest! {
    #[test]
    fn convolutions_equal_seven_loops(form in form()) {
        equals_the_loops::<f64>(form)?;
    }

    #[test]
    fn convolutions_of_wide_images_equal_seven_loops(form in wide_form()) {
        equals_the_loops::<f32>(form)?;
    }

    /// One axis is two of which the first has one position.
    #[test]
    fn one_axis_is_a_single_row(form in form()) {
        let form = Form {
            extents: [1, form.extents[1]],
            sizes: [1, form.sizes[1]],
            conv: Conv {
                padding: [[0, 0], form.conv.padding[1]],
                ..form.conv
            },
            ..form
        };
        let Conv { stride: [_, stride], padding: [_, padding], dilation: [_, dilation], groups } = form.conv;
        let line = Conv {
            stride: [stride],
            padding: [padding],
            dilation: [dilation],
            groups,
        };
        let tape = Tape::<f64>::new();
        let [x, w] = [whole(form.x(), 1), whole(form.w(), 2)].map(|tensor| tape.constant(&tensor));
        let plane = x.conv2d(w, None, form.conv);
        let found = x.squeeze(&[2]).conv1d(w.squeeze(&[2]), None, line);
        prop_assert_eq!(found.value(), plane.squeeze(&[2]).value());
        // Two calls that panic alike are no test: only where C' has a result.
        if form.covered(1) > padding[0] + padding[1] {
            let plane = plane.conv_transpose2d(w, None, form.conv);
            let found = found.conv_transpose1d(w.squeeze(&[2]), None, line);
            prop_assert_eq!(found.value(), plane.squeeze(&[2]).value());
        }
    }

    #[test]
    fn transposes_are_transposes(form in form()) {
        if form.extents.contains(&0) {
            return Ok(());
        }
        let tape = Tape::<f64>::new();
        let [x, w, y] = [form.x(), form.w(), form.y()];
        let [x, w, y] = [(x, 5), (w, 6), (y, 7)].map(|(shape, salt)| tape.constant(&whole(shape, salt)));
        let there = (x.conv2d(w, None, form.conv) * y).sum();
        let back = (y.conv_transpose2d(w, None, form.transpose()) * x).sum();
        prop_assert_eq!(there.item(), back.item());
    }
}

/// Sizes at which columns are cut into strips, in the middle of a row too, and images into tasks.
#[test]
fn strips_and_tasks_equal_seven_loops() {
    let long = Form {
        images: 1,
        channels: 3,
        outputs: 2,
        extents: [1, 3000],
        sizes: [1, 15],
        conv: Conv {
            padding: [[0, 0], [9, 5]],
            dilation: [1, 2],
            ..Conv::default()
        },
    };
    let several = Form {
        images: 50,
        channels: 2,
        outputs: 8,
        extents: [19, 13],
        sizes: [3, 3],
        conv: Conv {
            padding: [[1, 0], [1, 1]],
            groups: 2,
            ..Conv::default()
        },
    };
    let apart = Form {
        conv: Conv {
            stride: [2, 3],
            ..several.conv
        },
        images: 300,
        ..several
    };
    let every_channel = Form {
        channels: 1,
        outputs: 1,
        conv: Conv {
            groups: 20,
            ..several.conv
        },
        ..several
    };
    for form in [long, several, apart, every_channel] {
        equals_the_loops::<f64>(form).unwrap();
        equals_the_loops::<f32>(form).unwrap();
    }
}

/// As in PyTorch, it may be above the stride if it is below the dilation; nothing comes there.
#[test]
fn an_output_padding_up_to_the_dilation() {
    let tape = Tape::<f64>::new();
    let ones = tape.constant(&Tensor::from_fn([1, 1, 2], |_| 1.0));
    let transpose = ConvTranspose {
        of: Conv {
            stride: [2],
            dilation: [3],
            ..Conv::default()
        },
        output_padding: [2],
    };
    let y = ones.conv_transpose1d(ones, None, transpose).value();
    assert_eq!(y.as_slice(), [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
}
