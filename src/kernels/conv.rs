//! Convolutions of images by matrix products.
//!
//! A convolution is linear in its images X and in its kernel W; with group and image understood,
//!
//! ```text
//! Y = C(X, W) = W P(X)        W is [outputs, taps], P(X) is [taps, places], Y is [outputs, places]
//! ```
//!
//! where column j of P(X) holds what the kernel sees at place j: one number for each of its taps,
//! channel by channel, 0 in the padding. P is linear too, and its transpose P' adds every number of a
//! matrix to the position from which P would have read it. So both transposes are products again:
//! C'(Ȳ) = P'(W' Ȳ) in X, and K(X, Ȳ) = Ȳ P(X)' in W.
//!
//! Where the results have few planes and the stride is 1, a `Sweep` makes C, C' and K in less
//! time, without P. Elsewhere P(X), which is as large as the images times the taps, is never made as a
//! whole: the columns of all images, one after the other, are cut into strips, of which one fits the
//! cache. Source: Chellapilla, Puri, Simard (2006), High performance convolutional neural networks
//! for document processing; the strips are ours.

use std::ops::Range;

use super::Scalar;
use super::matmul::Matrix;
use super::reduce::add;
use super::sweep::Sweep;
use super::task::{chunks, join, with_scratch};
use super::window::Axis;

/// About how many numbers of P(X) are made at a time: 128 KiB in f32, a part of a core's own cache.
const STRIP: usize = 1 << 15;
/// Strips whose gradients are added up one after the other.
const STRIPS: usize = 32;
/// Columns of a strip at least: below, a product spends its time on reading the kernel.
const COLUMNS: usize = 128;
/// Planes of a result up to which a sweep is faster than a product, which packs its operands and
/// has tiles of 16: a third of the time at 6 outputs, where 1 place of 7 is wasted, four fifths at
/// 16 outputs and 1 place of 3 (64 images of LeNet-5 with AVX-512, 2026-11-25).
const FEW: usize = 16;
/// Multiplications of a task at least: below, a thread is not worth waking.
const TASK: usize = 1 << 20;

/// The sizes of a convolution of images with two axes; one axis is an image with a single row.
///
/// Images are `[images, groups, channels, rows, columns]` and results
/// `[images, groups, outputs, places, places]`, row major; the kernel is
/// `[groups, outputs, channels, rows, columns]`, so that channels and outputs are those of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Number of groups, each a convolution of its own.
    pub groups: usize,
    /// Channels of a group.
    pub channels: usize,
    /// Outputs of a group.
    pub outputs: usize,
    /// Rows and columns.
    pub axes: [Axis; 2],
}

impl Convolution {
    /// Multiplications for one number of the result.
    pub fn taps(&self) -> usize {
        let [h, w] = self.axes;
        self.channels * h.window.size * w.window.size
    }
    /// Numbers of a channel of a result.
    pub fn places(&self) -> usize {
        let [h, w] = self.axes;
        h.places * w.places
    }
    /// Numbers of a channel of an image.
    pub fn plane(&self) -> usize {
        let [h, w] = self.axes;
        h.extent * w.extent
    }

    /// Y += C(X, W).
    ///
    /// # Panics
    /// If a slice is shorter than the sizes say.
    pub fn add_product<S: Scalar>(&self, x: &[S], w: &[S], y: &mut [S]) {
        let [image, result] = self.lengths();
        let images = self.task();
        let sweep = self.sweep();
        chunks(y, images * result, |task, y| {
            let x = &x[task * images * image..];
            if let Some(sweep) = sweep {
                let taps = self.taps();
                let weight = |output, tap| w[output * taps + tap];
                let n = sweep.scratch();
                return with_scratch(n, |scratch| sweep.add(x, weight, scratch, y));
            }
            self.strips(
                0..y.len() / result.max(1) * self.places(),
                |strip, taps, outputs| {
                    self.gather_taps(strip, x, taps);
                    let taps = Matrix::new(taps, self.taps(), strip.len());
                    S::gemm(self.kernel(strip, w), taps, false, outputs);
                    self.rows(strip, |row, place| add(&mut y[place], &outputs[row]));
                },
            );
        });
    }
    /// X += C'(Y, W), the transpose of C in X.
    ///
    /// # Panics
    /// If a slice is shorter than the sizes say.
    pub fn add_transposed<S: Scalar>(&self, y: &[S], w: &[S], x: &mut [S]) {
        let [image, result] = self.lengths();
        let images = self.task();
        let sweep = self.transposed_sweep();
        chunks(x, images * image, |task, x| {
            let y = &y[task * images * result..];
            if let Some(sweep) = sweep {
                let size = self.taps() / self.channels;
                // The kernel from its end to its start.
                let weight = |channel, tap| {
                    let (output, element) = (tap / size, size - 1 - tap % size);
                    w[(output * self.channels + channel) * size + element]
                };
                let n = sweep.scratch();
                return with_scratch(n, |scratch| sweep.add(y, weight, scratch, x));
            }
            self.strips(
                0..x.len() / image.max(1) * self.places(),
                |strip, taps, outputs| {
                    self.gather_outputs(strip, y, outputs);
                    let outputs = Matrix::new(outputs, self.outputs, strip.len());
                    S::gemm(self.kernel(strip, w).t(), outputs, false, taps);
                    self.scatter_taps(strip, taps, x);
                },
            );
        });
    }
    /// W += K(X, Y), the transpose of C in W, summed over `images`: pairwise, task by task.
    ///
    /// # Panics
    /// If a slice is shorter than the sizes say.
    pub fn add_kernel_gradient<S: Scalar>(&self, images: usize, x: &[S], y: &[S], w: &mut [S]) {
        // A task makes a gradient of its own, which takes a few columns to be worth it.
        let least = self.task().max(COLUMNS.div_ceil(self.places().max(1)));
        if images > least {
            let [image, result] = self.lengths();
            let half = (images / 2).next_multiple_of(least);
            with_scratch(w.len(), |rest: &mut [S]| {
                rest.fill(S::ZERO);
                let (x, rest_x) = x.split_at(half * image);
                let (y, rest_y) = y.split_at(half * result);
                join(
                    || self.add_kernel_gradient(half, x, y, w),
                    || self.add_kernel_gradient(images - half, rest_x, rest_y, rest),
                );
                add(w, rest);
            });
            return;
        }
        // At 16 outputs a sweep takes half as long again as the product, at 6 half of its time. It
        // adds up along an image, which must not be long.
        let is_small = |sweep: &Sweep| {
            2 * sweep.results <= FEW
                && 4 * sweep.length() <= 5 * self.places()
                && sweep.length() <= STRIP
        };
        if let Some(sweep) = self.sweep().filter(is_small) {
            let [image, result] = self.lengths();
            let (x, y) = (&x[..images * image], &y[..images * result]);
            let n = sweep.gradient_scratch();
            return with_scratch(n, |scratch| sweep.add_gradient(x, y, scratch, w));
        }
        self.add_gradient_of(0..images * self.places(), x, y, w);
    }
    /// The gradient from some columns of P(X) and Y, pairwise where they are many strips.
    fn add_gradient_of<S: Scalar>(&self, columns: Range<usize>, x: &[S], y: &[S], w: &mut [S]) {
        let most = STRIPS * self.strip_width(columns.len());
        if columns.len() > most {
            let half = columns.start + (columns.len() / 2).next_multiple_of(most);
            with_scratch(w.len(), |rest: &mut [S]| {
                rest.fill(S::ZERO);
                self.add_gradient_of(columns.start..half, x, y, w);
                self.add_gradient_of(half..columns.end, x, y, rest);
                add(w, rest);
            });
            return;
        }
        let size = self.outputs * self.taps();
        self.strips(columns, |strip, taps, outputs| {
            self.gather_taps(strip, x, taps);
            self.gather_outputs(strip, y, outputs);
            let taps = Matrix::new(taps, self.taps(), strip.len());
            let outputs = Matrix::new(outputs, self.outputs, strip.len());
            let w = &mut w[strip.group * size..][..size];
            S::gemm(outputs, taps.t(), true, w);
        });
    }

    /// The convolution as a sum of shifted images, where that pays.
    fn sweep(&self) -> Option<Sweep> {
        let [h, w] = self.axes;
        let padding = |axis: Axis| axis.window.padding[0] + axis.window.padding[1];
        let sweep = Sweep {
            planes: self.channels,
            extents: [h.extent, w.extent],
            before: [h.window.padding[0], w.window.padding[0]],
            padded: [h.extent + padding(h), w.extent + padding(w)],
            kernel: [h.window.size, w.window.size],
            dilation: [h.window.dilation, w.window.dilation],
            results: self.outputs,
            places: [h.places, w.places],
        };
        self.pays(&sweep).then_some(sweep)
    }
    /// C' likewise: the kernel reaches as far back as it reached forward.
    fn transposed_sweep(&self) -> Option<Sweep> {
        let [h, w] = self.axes;
        let reach = |axis: Axis| (axis.window.size - 1) * axis.window.dilation;
        let front = |axis: Axis| reach(axis).checked_sub(axis.window.padding[0]);
        let behind = |axis: Axis| reach(axis).checked_sub(axis.window.padding[1]);
        let padded = |axis: Axis| Some(front(axis)? + axis.places + behind(axis)?);
        let sweep = Sweep {
            planes: self.outputs,
            extents: [h.places, w.places],
            before: [front(h)?, front(w)?],
            padded: [padded(h)?, padded(w)?],
            kernel: [h.window.size, w.window.size],
            dilation: [h.window.dilation, w.window.dilation],
            results: self.channels,
            places: [h.extent, w.extent],
        };
        self.pays(&sweep).then_some(sweep)
    }
    /// Whether a sweep takes less time than the product, which for few outputs fills a part of its
    /// tiles: here the places between the lines are wasted. Nor may the zeros outweigh the image.
    fn pays(&self, sweep: &Sweep) -> bool {
        let is_dense = self.axes.iter().all(|axis| axis.window.stride == 1);
        let [image, result] = [sweep.extents, sweep.places].map(|[rows, columns]| rows * columns);
        is_dense
            && self.groups == 1
            && sweep.planes * sweep.results * image * result > 0
            && sweep.results <= FEW
            && sweep.plane() <= 2 * (image + result)
            && 2 * sweep.length() <= 3 * self.places()
    }
    /// Numbers of an image, and of its result.
    fn lengths(&self) -> [usize; 2] {
        let [channels, outputs] = [self.channels, self.outputs].map(|n| n * self.groups);
        [channels * self.plane(), outputs * self.places()]
    }
    /// Images of a task.
    fn task(&self) -> usize {
        let [_, result] = self.lengths();
        (TASK / (result * self.taps()).max(1)).max(1)
    }
    /// The kernel of a strip's group.
    fn kernel<'a, S: Scalar>(&self, strip: &Strip, w: &'a [S]) -> Matrix<'a, S> {
        let size = self.outputs * self.taps();
        let w = &w[strip.group * size..][..size];
        Matrix::new(w, self.outputs, self.taps())
    }

    /// Columns of a strip where there are so many in all: strips are about as wide as each other.
    fn strip_width(&self, columns: usize) -> usize {
        let widest = (STRIP / self.taps().max(1)).max(COLUMNS);
        columns.div_ceil(columns.div_ceil(widest).max(1)).max(1)
    }
    /// Calls `f(strip, taps, outputs)` for each strip of these columns, with scratch for its columns
    /// of P(X) and of Y.
    fn strips<S: Scalar>(
        &self,
        columns: Range<usize>,
        mut f: impl FnMut(&Strip, &mut [S], &mut [S]),
    ) {
        let width = self.strip_width(columns.len());
        with_scratch(width * (self.taps() + self.outputs), |scratch| {
            let (taps, outputs) = scratch.split_at_mut(width * self.taps());
            for group in 0..self.groups {
                for start in columns.clone().step_by(width) {
                    let columns = start..columns.end.min(start + width);
                    let strip = Strip { group, columns };
                    let taps = &mut taps[..self.taps() * strip.len()];
                    let outputs = &mut outputs[..self.outputs * strip.len()];
                    f(&strip, taps, outputs);
                }
            }
        });
    }
    /// Calls `row(here, there)` with where the same numbers stand in a strip's columns of Y and in
    /// Y: for each output those of one image.
    fn rows(&self, strip: &Strip, mut row: impl FnMut(Range<usize>, Range<usize>)) {
        for (image, places, column) in strip.pieces(self.places()) {
            let first = (image * self.groups + strip.group) * self.outputs;
            for output in 0..self.outputs {
                let here = output * strip.len() + column;
                let there = (first + output) * self.places() + places.start;
                row(here..here + places.len(), there..there + places.len());
            }
        }
    }
    /// Calls `line(here, there)` with where the same numbers stand in a strip's columns of P(X)
    /// and, the first of them, in X, where the others follow a stride apart: for each tap those of
    /// one row of places, without what lies in the padding.
    fn lines(&self, strip: &Strip, mut line: impl FnMut(Range<usize>, usize)) {
        let [h, w] = self.axes;
        let [rows, columns] = [h.window.size, w.window.size];
        for (row, places, column) in strip.pieces(w.places) {
            let (image, row) = (row / h.places, row % h.places);
            let first = (image * self.groups + strip.group) * self.channels;
            for j in 0..columns {
                let inside = w.inside(j);
                let from = inside.start.max(places.start);
                let len = inside.end.min(places.end).saturating_sub(from);
                let Some(x_column) = w.position(from, j).filter(|_| len > 0) else {
                    continue;
                };
                for i in 0..rows {
                    let Some(x_row) = h.position(row, i) else {
                        continue;
                    };
                    for channel in 0..self.channels {
                        let tap = (channel * rows + i) * columns + j;
                        let here = tap * strip.len() + column + from - places.start;
                        let there = (first + channel) * self.plane() + x_row * w.extent + x_column;
                        line(here..here + len, there);
                    }
                }
            }
        }
    }
    /// Writes a strip's columns of P(X).
    fn gather_taps<S: Scalar>(&self, strip: &Strip, x: &[S], taps: &mut [S]) {
        let stride = self.axes[1].window.stride;
        if self.axes.iter().any(|axis| axis.window.padding != [0, 0]) {
            taps.fill(S::ZERO); // what no line reaches
        }
        self.lines(strip, |here, there| {
            let taps = &mut taps[here];
            if stride == 1 {
                taps.copy_from_slice(&x[there..there + taps.len()]);
            } else {
                for (tap, x) in taps.iter_mut().zip(x[there..].iter().step_by(stride)) {
                    *tap = *x;
                }
            }
        });
    }
    /// X += P' of a strip's columns.
    fn scatter_taps<S: Scalar>(&self, strip: &Strip, taps: &[S], x: &mut [S]) {
        let stride = self.axes[1].window.stride;
        self.lines(strip, |here, there| {
            let taps = &taps[here];
            if stride == 1 {
                add_line(&mut x[there..there + taps.len()], taps);
            } else {
                for (tap, x) in taps.iter().zip(x[there..].iter_mut().step_by(stride)) {
                    *x += *tap;
                }
            }
        });
    }
    /// Writes a strip's columns of Y.
    fn gather_outputs<S: Scalar>(&self, strip: &Strip, y: &[S], outputs: &mut [S]) {
        self.rows(strip, |here, there| {
            outputs[here].copy_from_slice(&y[there]);
        });
    }
}

/// Some columns, which count the places of image after image, of one group.
struct Strip {
    group: usize,
    columns: Range<usize>,
}

impl Strip {
    /// Number of columns.
    fn len(&self) -> usize {
        self.columns.len()
    }
    /// The columns cut at the multiples of `len`: how many lie before the piece, where between
    /// them it stands, and its first column's place in the strip.
    fn pieces(&self, len: usize) -> impl Iterator<Item = (usize, Range<usize>, usize)> {
        let Range { start, end } = self.columns;
        let mut from = start;
        std::iter::from_fn(move || {
            let column = from;
            (column < end).then(|| {
                let (before, first) = (column / len, column % len);
                let last = len.min(first + end - column);
                from += last - first;
                (before, first..last, column - start)
            })
        })
    }
}

/// to += from, for lines of images, which are often too short to be worth a call of [`add`]. Of two
/// arguments the compiler knows that they do not overlap; in a loop it would ask each time.
pub(super) fn add_line<S: Scalar>(to: &mut [S], from: &[S]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += *from;
    }
}
