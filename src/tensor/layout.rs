//! Broadcasting: how operands of different shapes are read as if they had one.

use std::iter;

use super::{MAX_RANK, Shape};

/// The shape of two operands together, as numpy has it: shapes are aligned at their last axes,
/// and an extent of 1 (or a missing axis) is repeated. `None` if they do not fit, or if the number
/// of elements overflows `usize`.
///
/// ```
/// use elbo::{Shape, tensor::broadcast};
/// assert_eq!(broadcast([2, 1].into(), [3].into()), Some([2, 3].into()));
/// assert_eq!(broadcast([2].into(), [3].into()), None);
/// ```
pub fn broadcast(a: Shape, b: Shape) -> Option<Shape> {
    if a == b {
        return Some(a);
    }
    let rank = a.rank().max(b.rank());
    let mut dims = [1; MAX_RANK];
    for (i, dim) in dims[..rank].iter_mut().enumerate() {
        *dim = match (aligned(a, i, rank), aligned(b, i, rank)) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            _ => return None,
        };
    }
    Shape::checked(&dims[..rank])
}

/// Extent of `shape` along axis `i` of `rank`, aligned at the last axes.
fn aligned(shape: Shape, i: usize, rank: usize) -> usize {
    (i + shape.rank())
        .checked_sub(rank)
        .map_or(1, |axis| shape.dim(axis))
}

/// How an operand is read under a broadcast shape.
#[derive(Clone, Copy, Debug)]
pub enum Broadcast {
    /// It has the shape itself: element i is element i.
    Same,
    /// It is one number.
    One,
    /// Its shape is the shape's last axes: element i is element `i % period`.
    Rows {
        /// Number of elements of the operand.
        period: usize,
    },
    /// Any other case: an axis repeats where its stride is 0.
    Strided {
        /// The shape that is read.
        shape: Shape,
        /// Elements to go on along each axis.
        strides: [usize; MAX_RANK],
    },
}

impl Broadcast {
    /// How an operand of shape `from` is read under the shape `to`, which it must fit.
    pub fn new(from: Shape, to: Shape) -> Self {
        if from.size() == to.size() {
            // Sizes equal under broadcasting: only axes of extent 1 differ.
            return Broadcast::Same;
        }
        if from.size() == 1 {
            return Broadcast::One;
        }
        let rank = to.rank();
        let mut strides = [0; MAX_RANK];
        let mut step = 1;
        // Whether the axes so far, from the last one, are those of `to`.
        let mut is_suffix = true;
        for i in (0..rank).rev() {
            let extent = aligned(from, i, rank);
            is_suffix &= extent == to.dim(i) || step == from.size();
            strides[i] = if extent == 1 { 0 } else { step };
            step *= extent;
        }
        if is_suffix {
            Broadcast::Rows {
                period: from.size(),
            }
        } else {
            Broadcast::Strided { shape: to, strides }
        }
    }
    /// The operand's element that stands at element `i`.
    #[inline]
    pub fn index(&self, i: usize) -> usize {
        match *self {
            Broadcast::Same => i,
            Broadcast::One => 0,
            Broadcast::Rows { period } => i % period,
            Broadcast::Strided { shape, strides } => {
                let (mut rest, mut index) = (i, 0);
                for axis in (0..shape.rank()).rev() {
                    index += rest % shape.dim(axis) * strides[axis];
                    rest /= shape.dim(axis);
                }
                index
            }
        }
    }

    /// The sums that take an array of `size` elements, read under the broadcast shape, back to the
    /// operand's own: for each run of axes that repeat, from the last one on, the extents
    /// `[outer, n, inner]` around it in what the sums before have left. One that sums nothing,
    /// `[1, 1, size]`, where nothing repeats.
    pub fn runs(self, size: usize) -> impl Iterator<Item = [usize; 3]> {
        let (mut alone, mut axis) = (None, 0);
        let (mut dims, mut repeats) = ([1; MAX_RANK], [false; MAX_RANK]);
        match self {
            Broadcast::Same => alone = Some([1, 1, size]),
            Broadcast::One => alone = Some([1, size, 1]),
            Broadcast::Rows { period } => alone = Some([1, size / period, period]),
            Broadcast::Strided { shape, strides } => {
                axis = shape.rank();
                dims[..axis].copy_from_slice(shape.dims());
                repeats = strides.map(|stride| stride == 0);
            }
        }
        let mut inner = 1;
        iter::from_fn(move || {
            // An axis of extent 1 goes with whatever stands beside it.
            while axis > 0 && (!repeats[axis - 1] || dims[axis - 1] == 1) {
                axis -= 1;
                inner *= dims[axis];
            }
            if axis == 0 {
                return alone.take();
            }
            let mut n = 1;
            while axis > 0 && (repeats[axis - 1] || dims[axis - 1] == 1) {
                axis -= 1;
                n *= dims[axis];
            }
            Some([dims[..axis].iter().product(), n, inner])
        })
    }
}

/// The inverse of [`Broadcast`]: which elements of a shape read an element of an operand.
#[derive(Clone, Copy, Debug)]
pub struct Readers {
    kept: Axes,
    repeated: Axes,
}

impl Readers {
    /// The readers under the shape `to` of an operand of shape `from`, which must fit.
    pub fn new(from: Shape, to: Shape) -> Self {
        let (mut kept, mut repeated) = (Axes::default(), Axes::default());
        let rank = to.rank();
        let mut stride = 1;
        for i in (0..rank).rev() {
            let extent = to.dim(i);
            let is_kept = aligned(from, i, rank) == extent;
            let axes = if is_kept { &mut kept } else { &mut repeated };
            axes.push(extent, stride);
            stride *= extent;
        }
        Readers { kept, repeated }
    }
    /// How many elements read each one of the operand.
    pub fn count(&self) -> usize {
        let axes = &self.repeated.list[..self.repeated.len];
        axes.iter().map(|(extent, _)| extent).product()
    }
    /// The `k`th element that reads the operand's element `i`.
    #[inline]
    pub fn at(&self, i: usize, k: usize) -> usize {
        self.kept.place(i) + self.repeated.place(k)
    }
}

/// Some axes of a shape, the last one first: extents, and elements to go on along each.
#[derive(Clone, Copy, Debug, Default)]
struct Axes {
    list: [(usize, usize); MAX_RANK],
    len: usize,
}

impl Axes {
    fn push(&mut self, extent: usize, stride: usize) {
        // An axis that goes on where the one after it ends is counted with it.
        match self.list[..self.len].last_mut() {
            Some((inner, step)) if *inner * *step == stride => *inner *= extent,
            _ => {
                self.list[self.len] = (extent, stride);
                self.len += 1;
            }
        }
    }
    /// Where element `i` of these axes stands.
    #[inline]
    fn place(&self, mut i: usize) -> usize {
        let Some((&(_, last), inner)) = self.list[..self.len].split_last() else {
            return 0;
        };
        let mut place = 0;
        for (extent, stride) in inner {
            place += i % extent * stride;
            i /= extent;
        }
        // What is left of i lies within the last axis: often the only one, and no division.
        place + i * last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The index of every element equals the one counted out axis by axis.
        #[test]
        fn index_equals_counting_out(
            dims in prop::collection::vec(1usize..4, 0..5),
            ones in prop::collection::vec(any::<bool>(), 5),
            cut in 0usize..5,
        ) {
            let to = Shape::new(&dims);
            let kept: Vec<usize> = dims
                .iter()
                .zip(&ones)
                .skip(cut.min(dims.len()))
                .map(|(&d, &one)| if one { 1 } else { d })
                .collect();
            let from = Shape::new(&kept);
            prop_assert_eq!(broadcast(from, to), Some(to));
            let how = Broadcast::new(from, to);
            for i in 0..to.size() {
                let mut counters = vec![0; dims.len()];
                let mut rest = i;
                for (c, d) in counters.iter_mut().zip(&dims).rev() {
                    *c = rest % d;
                    rest /= d;
                }
                let own = &counters[dims.len() - kept.len()..];
                let expected = own
                    .iter()
                    .zip(&kept)
                    .fold(0, |index, (&c, &d)| index * d + if d == 1 { 0 } else { c });
                prop_assert_eq!(how.index(i), expected);
            }
            // Summing ones along the runs counts how often each element is read.
            let mut counts = vec![1; to.size()];
            for [outer, n, inner] in how.runs(to.size()) {
                prop_assert_eq!(counts.len(), outer * n * inner);
                counts = (0..outer * inner)
                    .map(|k| (0..n).map(|j| counts[(k / inner * n + j) * inner + k % inner]).sum())
                    .collect();
            }
            let mut expected = vec![0; from.size()];
            for i in 0..to.size() {
                expected[how.index(i)] += 1;
            }
            prop_assert_eq!(counts, expected);
            // Each element once, among the readers of the one that it reads.
            let readers = Readers::new(from, to);
            prop_assert_eq!(readers.count() * from.size(), to.size());
            let mut seen = vec![false; to.size()];
            for i in 0..from.size() {
                for k in 0..readers.count() {
                    let at = readers.at(i, k);
                    prop_assert_eq!(how.index(at), i);
                    prop_assert!(!std::mem::replace(&mut seen[at], true));
                }
            }
        }
    }
}
