//! Pools: each channel of an image is cut into parts, of which one number is left.

use std::ops::Range;

use super::task::{chunk_pairs, chunks};
use super::window::Window;
use super::{Scalar, reduce};

/// Elements of a task at least: below, a thread is not worth waking.
const TASK: usize = 1 << 16;
/// Elements of a part above which they are added pairwise.
const RUN: usize = 64;

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
            let x = x[task * channels * self.plane()..].chunks(self.plane());
            let positions = positions.chunks_mut(places.max(1));
            let results = positions.zip(y.chunks_mut(places.max(1)));
            for (x, (positions, y)) in x.zip(results) {
                self.parts(positions.iter_mut().zip(y), |(position, y), part| {
                    let (place, largest) = largest(x, part);
                    (*position, *y) = (place as u32, largest);
                });
            }
        });
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
