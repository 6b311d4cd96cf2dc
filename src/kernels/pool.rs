//! Pools: each channel of an image is cut into parts, of which one number is left.

use std::ops::Range;

use super::simd::vectorize;
use super::task::{chunk_pairs, chunks};
use super::window::{Axis, Window};
use super::{Scalar, reduce};

/// Elements of a task at least: below, a thread is not worth waking.
const TASK: usize = 1 << 16;
/// Elements of a part above which they are added pairwise.
const RUN: usize = 64;
/// Windows of which the largest elements are searched side by side. Four fit the narrow rows of the
/// last layers of a net, and a vector of every instruction level.
const LANES: usize = 4;

/// How an axis is cut into parts, one for each place. They may overlap, and none is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Number of positions.
    pub extent: usize,
    /// Number of parts.
    pub places: usize,
    /// The window, without dilation, whose places the parts are; if there is none, they are of
    /// about equal extent.
    pub window: Option<Window>,
}

impl Cut {
    /// A single position, and a part of it.
    pub const SINGLE: Cut = Cut {
        extent: 1,
        places: 1,
        window: None,
    };

    /// The positions of part `place`, without those in the padding.
    fn part(&self, place: usize) -> Range<usize> {
        let Some(window) = self.window else {
            let end = ((place + 1) * self.extent).div_ceil(self.places);
            return place * self.extent / self.places..end;
        };
        let before = window.padding[0];
        let start = place * window.stride;
        let end = (start + window.size).saturating_sub(before);
        start.saturating_sub(before)..end.min(self.extent)
    }
    /// The places of the window at which no element lies in the padding.
    fn whole(&self) -> Option<(Window, Range<usize>)> {
        let window = self.window?;
        let before = window.padding[0];
        let end = match (before + self.extent).checked_sub(window.size) {
            Some(way) => (way / window.stride + 1).min(self.places),
            None => 0,
        };
        Some((window, before.div_ceil(window.stride).min(end)..end))
    }
}

/// A part of a channel: some columns of some rows.
struct Part {
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
}

impl Part {
    /// Number of elements.
    fn len(&self) -> usize {
        self.rows.len() * self.columns.len()
    }
    /// Where in the channel its first element stands.
    fn first(&self) -> usize {
        self.rows.start * self.width + self.columns.start
    }
    /// Where in the channel the elements of each row stand.
    fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let (columns, width) = (&self.columns, self.width);
        let line = move |row| row * width + columns.start..row * width + columns.end;
        self.rows.clone().map(line)
    }
}

/// How channels are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Rows and columns.
    pub axes: [Cut; 2],
}

impl Pool {
    /// Y = the largest element of each part of X, and where in its channel it stands: the first of
    /// equal ones, or a NaN.
    ///
    /// # Panics
    /// If `positions` and `y` are not as long as each other, or longer than `x` has channels for.
    #[track_caller]
    pub fn largest<S: Scalar>(&self, x: &[S], positions: &mut [u32], y: &mut [S]) {
        assert_eq!(positions.len(), y.len(), "pool: a position for each result");
        let (places, channels) = (self.places(), self.task());
        chunk_pairs(positions, y, channels * places, |task, positions, y| {
            let x = &x[task * channels * self.plane()..];
            vectorize(
                y.len(),
                #[inline(always)]
                || {
                    let positions = positions.chunks_mut(places.max(1));
                    let results = positions.zip(y.chunks_mut(places.max(1)));
                    for (x, (positions, y)) in x.chunks(self.plane()).zip(results) {
                        self.largest_of_channel(x, positions, y);
                    }
                },
            );
        });
    }
    /// [`largest`](Self::largest) of one channel.
    #[inline(always)]
    fn largest_of_channel<S: Scalar>(&self, x: &[S], positions: &mut [u32], y: &mut [S]) {
        let [h, w] = self.axes;
        let (window, whole) = w.whole().unwrap_or((Axis::SINGLE.window, 0..0));
        // As many as are searched side by side.
        let whole = whole.start..whole.end - whole.len() % LANES;
        let width = w.places.max(1);
        let lines = positions.chunks_mut(width).zip(y.chunks_mut(width));
        for (row, (positions, y)) in lines.enumerate() {
            let rows = h.part(row);
            for column in (0..whole.start).chain(whole.end..w.places) {
                let part = Part {
                    rows: rows.clone(),
                    columns: w.part(column),
                    width: w.extent,
                };
                let (place, largest) = largest(x, &part);
                (positions[column], y[column]) = (place as u32, largest);
            }
            for column in whole.clone().step_by(LANES) {
                let first = Part {
                    rows: rows.clone(),
                    columns: w.part(column),
                    width: w.extent,
                };
                // A stride that is known lets the compiler load vectors.
                let (places, largest) = match window.stride {
                    1 => largest_of_lanes(x, &first, 1),
                    2 => largest_of_lanes(x, &first, 2),
                    stride => largest_of_lanes(x, &first, stride),
                };
                positions[column..][..LANES].copy_from_slice(&places);
                y[column..][..LANES].copy_from_slice(&largest);
            }
        }
    }
    /// X at `positions` += Y: the transpose of [`largest`](Self::largest).
    ///
    /// # Panics
    /// If a position is none.
    pub fn add_selected<S: Scalar>(&self, y: &[S], positions: &[u32], x: &mut [S]) {
        self.channels(x, self.plane(), |channel, x| {
            let places = channel * self.places()..(channel + 1) * self.places();
            for (&y, &position) in y[places.clone()].iter().zip(&positions[places]) {
                x[position as usize] += y;
            }
        });
    }
    /// Y = the sum of each part of X over `divisor`, or over the number of its elements.
    ///
    /// # Panics
    /// If there are more channels in `y` than in `x`.
    pub fn mean<S: Scalar>(&self, x: &[S], divisor: Option<f64>, y: &mut [S]) {
        self.channels(y, self.places(), |channel, y| {
            let x = &x[channel * self.plane()..][..self.plane()];
            self.parts(y, |y, part| {
                *y = sum(x, part) / S::of(divisor.unwrap_or(part.len() as f64));
            });
        });
    }
    /// Each part of X += Y over the same number: the transpose of [`mean`](Self::mean).
    ///
    /// # Panics
    /// If there are more channels in `x` than in `y`.
    pub fn add_mean<S: Scalar>(&self, y: &[S], divisor: Option<f64>, x: &mut [S]) {
        self.channels(x, self.plane(), |channel, x| {
            let y = &y[channel * self.places()..][..self.places()];
            self.parts(y, |y, part| {
                let share = *y / S::of(divisor.unwrap_or(part.len() as f64));
                for line in part.lines() {
                    for x in &mut x[line] {
                        *x += share;
                    }
                }
            });
        });
    }

    /// Numbers of a channel of the result.
    fn places(&self) -> usize {
        self.axes[0].places * self.axes[1].places
    }
    /// Numbers of a channel.
    fn plane(&self) -> usize {
        self.axes[0].extent * self.axes[1].extent
    }
    /// Channels of a task.
    fn task(&self) -> usize {
        (TASK / self.plane().max(self.places()).max(1)).max(1)
    }
    /// Calls `f(channel, numbers)` for each channel of `out`, which holds `len` numbers of each.
    fn channels<T: Send>(&self, out: &mut [T], len: usize, f: impl Fn(usize, &mut [T]) + Sync) {
        if len == 0 {
            return;
        }
        let channels = self.task();
        chunks(out, channels * len, |task, out| {
            for (k, numbers) in out.chunks_exact_mut(len).enumerate() {
                f(task * channels + k, numbers);
            }
        });
    }
    /// Calls `f` with each of a channel's `numbers` and its part, row by row.
    fn parts<T>(&self, numbers: impl IntoIterator<Item = T>, mut f: impl FnMut(T, &Part)) {
        let [h, w] = self.axes;
        let mut numbers = numbers.into_iter();
        for row in 0..h.places {
            let rows = h.part(row);
            for (column, number) in (0..w.places).zip(numbers.by_ref()) {
                let part = Part {
                    rows: rows.clone(),
                    columns: w.part(column),
                    width: w.extent,
                };
                f(number, &part);
            }
        }
    }
}

/// The largest element of a part, the first of equal ones or a NaN, and where it stands.
fn largest<S: Scalar>(x: &[S], part: &Part) -> (usize, S) {
    let is_nan = |x: S| x.value().is_nan();
    let (mut place, mut largest) = (part.first(), x[part.first()]);
    let mut nan = is_nan(largest);
    for line in part.lines() {
        for (i, &x) in line.clone().zip(&x[line]) {
            // Two selections and no branch: which number is larger cannot be foreseen.
            place = if x > largest { i } else { place };
            largest = if x > largest { x } else { largest };
            nan |= is_nan(x);
        }
    }
    if nan {
        let first = part.lines().flatten().find(|&i| is_nan(x[i]));
        place = first.unwrap_or(place);
        largest = x[place];
    }
    (place, largest)
}

/// [`largest`] of each of the parts that lie a stride apart from the `first` on.
#[inline(always)]
fn largest_of_lanes<S: Scalar>(x: &[S], first: &Part, stride: usize) -> ([u32; LANES], [S; LANES]) {
    let is_nan = |x: S| x.value().is_nan();
    let start = first.first();
    let mut largest: [S; LANES] = std::array::from_fn(|lane| x[start + lane * stride]);
    // From where the part starts, which is the same number for all lanes.
    let mut way = [0; LANES];
    for line in first.lines() {
        for i in line {
            let x = &x[i..][..=(LANES - 1) * stride];
            let here = (i - start) as u32;
            for lane in 0..LANES {
                let x = x[lane * stride];
                let wins = (x > largest[lane]) | (is_nan(x) & !is_nan(largest[lane]));
                way[lane] = if wins { here } else { way[lane] };
                largest[lane] = if wins { x } else { largest[lane] };
            }
        }
    }
    let places = std::array::from_fn(|lane| (start + lane * stride) as u32 + way[lane]);
    (places, largest)
}

/// The sum of a part; of a large one pairwise, so that its error does not grow with its size.
fn sum<S: Scalar>(x: &[S], part: &Part) -> S {
    if part.len() > RUN {
        let line = |row: usize| &x[(part.rows.start + row) * part.width..][part.columns.clone()];
        return reduce::sum_of(part.rows.len(), &|row| reduce::sum(line(row)));
    }
    let mut sum = S::ZERO;
    for line in part.lines() {
        for &x in &x[line] {
            sum += x;
        }
    }
    sum
}
