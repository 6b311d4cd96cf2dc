//! Convolutions with stride 1 as sums of shifted images.
//!
//! Written line by line with its padding, `width` numbers a row, an image is one long vector, and so
//! is its result: the tap (c, i, j) of a kernel reads the same vector, moved by as many numbers for
//! every place,
//!
//! ```text
//! y[o][p] = Σ_{c, i, j} w[o, c, i, j] x[c][p + i d₀ width + j d₁]
//! ```
//!
//! and the gradient of a tap is the scalar product of two such vectors, Σ_p ȳ[o][p] x[c][p + …].
//! Nothing is gathered and nothing is packed, and the long dimension fills the vectors, however few
//! the outputs are. The price are the places between the lines, where a kernel reaches from one line
//! into the next; their sums are left out at the end.

use super::Scalar;
use super::conv::add_line;
use super::reduce;
use super::simd::vectorize;

/// Places that are summed at a time: a vector of `f32`, two of AVX2.
const LANES: usize = 16;

/// How images of `planes` planes are read, and their results written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    /// Planes that are summed over.
    pub(super) planes: usize,
    /// Rows and columns of such a plane.
    pub(super) extents: [usize; 2],
    /// Zeros in front of rows and of columns.
    pub(super) before: [usize; 2],
    /// Rows, and columns, of a plane with its zeros.
    pub(super) padded: [usize; 2],
    /// Rows and columns of the kernel.
    pub(super) kernel: [usize; 2],
    /// How far the elements of the kernel lie apart.
    pub(super) dilation: [usize; 2],
    /// Planes of a result.
    pub(super) results: usize,
    /// Rows and columns of such a plane.
    pub(super) places: [usize; 2],
}

impl Sweep {
    /// Numbers of the kernel for one plane of results.
    fn taps(&self) -> usize {
        self.planes * self.kernel[0] * self.kernel[1]
    }
    /// Numbers of a plane with its zeros.
    pub(super) fn plane(&self) -> usize {
        self.padded[0] * self.padded[1]
    }
    /// Places of a result, those between the lines included, up to whole vectors.
    pub(super) fn length(&self) -> usize {
        let [rows, columns] = self.places;
        ((rows - 1) * self.padded[1] + columns).next_multiple_of(LANES)
    }
    /// Numbers of the scratch that [`add`](Self::add) needs.
    pub(super) fn scratch(&self) -> usize {
        let images = self.planes * self.plane() + LANES;
        images + self.results * (self.taps() + self.length())
    }

    /// y += the results of the images x, with w\[result\]\[tap\] = `weight(result, tap)`.
    pub(super) fn add<S: Scalar>(
        &self,
        x: &[S],
        weight: impl Fn(usize, usize) -> S,
        scratch: &mut [S],
        y: &mut [S],
    ) {
        let (taps, length) = (self.taps(), self.length());
        let (w, rest) = scratch.split_at_mut(self.results * taps);
        let (sums, image) = rest.split_at_mut(self.results * length);
        // The blocks of the kernel one after the other, tap by tap.
        let mut to = w.iter_mut();
        for (first, width) in blocks(self.results) {
            for tap in 0..taps {
                for (output, w) in (first..first + width).zip(&mut to) {
                    *w = weight(output, tap);
                }
            }
        }
        image.fill(S::ZERO); // and the zeros around the planes stay
        let [size, result] = [self.extents, self.places].map(|[rows, columns]| rows * columns);
        let images = x.chunks_exact(self.planes * size);
        for (x, y) in images.zip(y.chunks_exact_mut(self.results * result)) {
            self.lay(x, image);
            vectorize(
                sums.len(),
                #[inline(always)]
                || self.sum(image, w, sums),
            );
            self.collect(sums, y);
        }
    }
    /// Numbers of the scratch that [`add_gradient`](Self::add_gradient) needs.
    pub(super) fn gradient_scratch(&self) -> usize {
        self.scratch() + self.results * self.taps() * (LANES - 1)
    }

    /// w += Σ y x over images and places, w\[result\]\[tap\]: the transpose in the kernel.
    pub(super) fn add_gradient<S: Scalar>(&self, x: &[S], y: &[S], scratch: &mut [S], w: &mut [S]) {
        let (taps, length) = (self.taps(), self.length());
        scratch.fill(S::ZERO); // and the zeros between and around the lines stay
        let (sums, rest) = scratch.split_at_mut(self.results * taps * LANES);
        let (lines, image) = rest.split_at_mut(self.results * length);
        let (sums, _) = sums.as_chunks_mut::<LANES>();
        let [size, result] = [self.extents, self.places].map(|[rows, columns]| rows * columns);
        let images = x.chunks_exact(self.planes * size);
        for (x, y) in images.zip(y.chunks_exact(self.results * result)) {
            self.lay(x, image);
            for (k, line) in y.chunks_exact(self.places[1]).enumerate() {
                let at = self.line(k);
                lines[at..at + line.len()].copy_from_slice(line);
            }
            vectorize(
                lines.len(),
                #[inline(always)]
                || self.multiply(image, lines, sums),
            );
        }
        let mut sums = sums.iter();
        for (first, width) in blocks(self.results) {
            for tap in 0..taps {
                for (output, sum) in (first..first + width).zip(&mut sums) {
                    w[output * taps + tap] += reduce::sum(sum);
                }
            }
        }
    }
    /// Where line k of a result stands among the sums.
    fn line(&self, k: usize) -> usize {
        let [rows, _] = self.places;
        k / rows * self.length() + k % rows * self.padded[1]
    }
    /// Writes the planes of an image between their zeros.
    fn lay<S: Scalar>(&self, x: &[S], image: &mut [S]) {
        let [rows, columns] = self.extents;
        let [top, left] = self.before;
        for (k, line) in x.chunks_exact(columns).enumerate() {
            let (plane, row) = (k / rows, k % rows);
            let at = plane * self.plane() + (top + row) * self.padded[1] + left;
            image[at..at + columns].copy_from_slice(line);
        }
    }
    /// Adds the sums, without those between the lines, to a result.
    fn collect<S: Scalar>(&self, sums: &[S], y: &mut [S]) {
        for (k, line) in y.chunks_exact_mut(self.places[1]).enumerate() {
            let at = self.line(k);
            add_line(line, &sums[at..]);
        }
    }
    /// All sums of an image.
    #[inline(always)]
    fn sum<S: Scalar>(&self, image: &[S], w: &[S], sums: &mut [S]) {
        let (taps, length) = (self.taps(), self.length());
        for (first, width) in blocks(self.results) {
            let w = &w[first * taps..][..width * taps];
            let sums = &mut sums[first * length..][..width * length];
            match width {
                WIDEST => self.sum_block::<WIDEST, S>(image, w, sums),
                4 => self.sum_block::<4, S>(image, w, sums),
                2 => self.sum_block::<2, S>(image, w, sums),
                _ => self.sum_block::<1, S>(image, w, sums),
            }
        }
    }
    /// The sums of N planes of results; w is tap by tap.
    #[inline(always)]
    fn sum_block<const N: usize, S: Scalar>(&self, image: &[S], w: &[S], sums: &mut [S]) {
        let length = self.length();
        let [rows, columns] = self.kernel;
        let [down, right] = [self.dilation[0] * self.padded[1], self.dilation[1]];
        let (w, _) = w.as_chunks::<N>();
        for place in (0..length).step_by(LANES) {
            let mut sum = [[S::ZERO; LANES]; N];
            let mut w = w.iter();
            for plane in 0..self.planes {
                for row in 0..rows {
                    let first = place + plane * self.plane() + row * down;
                    for (column, w) in (0..columns).zip(&mut w) {
                        let x = &image[first + column * right..][..LANES];
                        for (sum, &w) in sum.iter_mut().zip(w) {
                            for (sum, &x) in sum.iter_mut().zip(x) {
                                *sum += w * x;
                            }
                        }
                    }
                }
            }
            for (sum, sums) in sum.iter().zip(sums.chunks_exact_mut(length)) {
                sums[place..][..LANES].copy_from_slice(sum);
            }
        }
    }
    /// Adds the products of an image with a result, place by place, to the lanes of `sums`.
    #[inline(always)]
    fn multiply<S: Scalar>(&self, image: &[S], lines: &[S], sums: &mut [[S; LANES]]) {
        let (taps, length) = (self.taps(), self.length());
        for (first, width) in blocks(self.results) {
            let sums = &mut sums[first * taps..][..width * taps];
            let lines = &lines[first * length..][..width * length];
            match width {
                WIDEST => self.multiply_block::<WIDEST, S>(image, lines, sums),
                4 => self.multiply_block::<4, S>(image, lines, sums),
                2 => self.multiply_block::<2, S>(image, lines, sums),
                _ => self.multiply_block::<1, S>(image, lines, sums),
            }
        }
    }
    /// The products with N planes of a result; the sums are tap by tap.
    #[inline(always)]
    fn multiply_block<const N: usize, S: Scalar>(
        &self,
        image: &[S],
        lines: &[S],
        sums: &mut [[S; LANES]],
    ) {
        let length = self.length();
        let [rows, columns] = self.kernel;
        let [down, right] = [self.dilation[0] * self.padded[1], self.dilation[1]];
        let (sums, _) = sums.as_chunks_mut::<N>();
        let mut sums = sums.iter_mut();
        for plane in 0..self.planes {
            for row in 0..rows {
                for (column, total) in (0..columns).zip(&mut sums) {
                    let first = plane * self.plane() + row * down + column * right;
                    let image = &image[first..][..length];
                    let mut sum = *total;
                    for place in (0..length).step_by(LANES) {
                        let x = &image[place..][..LANES];
                        for (k, sum) in sum.iter_mut().enumerate() {
                            let y = &lines[k * length + place..][..LANES];
                            for (sum, (&y, &x)) in sum.iter_mut().zip(y.iter().zip(x)) {
                                *sum += y * x;
                            }
                        }
                    }
                    *total = sum;
                }
            }
        }
    }
}

/// The most planes of results that are summed at a time: twelve of the sixteen registers of AVX2,
/// or six of AVX-512, whose additions wait for four others.
const WIDEST: usize = 6;

/// Cuts `results` planes into blocks of 6, 4, 2 or 1: where each starts, and its width.
fn blocks(results: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let width = match results - first {
            0 => return None,
            WIDEST.. => WIDEST,
            4.. => 4,
            2.. => 2,
            _ => 1,
        };
        first += width;
        Some((first - width, width))
    })
}
