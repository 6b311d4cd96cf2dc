//! The memory of a tape: [`Buffer`], what a slot holds, and [`Pool`], where it comes from.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use crate::kernels::Scalar;
use crate::tensor::{Shape, Tensor};

/// The numbers of a value or of a gradient.
#[derive(Debug, Default)]
pub(super) enum Buffer<S> {
    /// Not there yet, or given back.
    #[default]
    Empty,
    /// One number: no memory to manage.
    One([S; 1]),
    /// Memory of the pool.
    Own(Vec<S>),
    /// A parameter or data, which belongs to somebody else.
    Shared(Arc<Vec<S>>),
}

impl<S: Scalar> Buffer<S> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Buffer::Empty)
    }
    /// The numbers; none if they are not there.
    #[inline]
    pub(super) fn as_slice(&self) -> &[S] {
        match self {
            Buffer::Empty => &[],
            Buffer::One(one) => one,
            Buffer::Own(many) => many,
            Buffer::Shared(numbers) => numbers,
        }
    }
    /// The numbers to write to; none if they are not the tape's own.
    #[inline]
    pub(super) fn as_mut_slice(&mut self) -> &mut [S] {
        match self {
            Buffer::Empty | Buffer::Shared(_) => &mut [],
            Buffer::One(one) => one,
            Buffer::Own(many) => many,
        }
    }
    /// Whether none of the numbers is infinite or NaN.
    pub(super) fn is_finite(&self) -> bool {
        self.as_slice().iter().all(|v| v.is_finite())
    }
    /// A tensor of these numbers: shared if they are somebody's, else a copy.
    pub(super) fn to_tensor(&self, shape: Shape) -> Tensor<S> {
        match self {
            Buffer::Shared(numbers) => Tensor::from_shared(shape, Arc::clone(numbers)),
            own => Tensor::new(shape, own.as_slice().to_vec()),
        }
    }
}

/// What a tape holds, in bytes; see [`Tape::memory`](super::Tape::memory).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Values and gradients in use now, and what operations saved for their way back. Parameters
    /// and data are their owners', and not counted.
    pub in_use: usize,
    /// The most that was in use at a time since the tape was made.
    pub peak: usize,
    /// Memory that the tape holds, whether it is in use or waits for the next pass.
    pub held: usize,
}

/// Buffers that wait for their next use, by their length.
///
/// A pass asks for the same lengths as the one before, so that after the first one nothing is
/// allocated.
#[derive(Debug)]
pub(super) struct Pool<S> {
    free: BTreeMap<usize, Vec<Vec<S>>>,
    memory: Memory,
}

impl<S: Scalar> Pool<S> {
    pub(super) fn new() -> Self {
        Pool {
            free: BTreeMap::new(),
            memory: Memory::default(),
        }
    }
    pub(super) fn memory(&self) -> Memory {
        self.memory
    }

    /// Makes `place`, which is empty, a buffer of `n` numbers that may be anything.
    #[inline]
    pub(super) fn give(&mut self, place: &mut Buffer<S>, n: usize) {
        // Two stores, not one of a buffer that was made elsewhere: read as it was not written, in
        // other widths, it would wait in the processor for longer than all the rest takes.
        if n == 1 {
            *place = Buffer::One([S::ZERO]);
        } else {
            *place = Buffer::Own(self.take(n));
        }
    }
    /// Takes the memory of `buffer` back, if it is the pool's; leaves any other as it is.
    #[inline]
    pub(super) fn give_back(&mut self, buffer: &mut Buffer<S>) {
        if let Buffer::Own(numbers) = buffer {
            let numbers = mem::take(numbers);
            *buffer = Buffer::Empty;
            self.put(numbers);
        }
    }
    /// Empties `buffer`, whatever it holds.
    #[inline]
    pub(super) fn empty(&mut self, buffer: &mut Buffer<S>) {
        self.give_back(buffer);
        *buffer = Buffer::Empty;
    }

    /// Counts what an operation saved for itself, of which `before` bytes were there already.
    #[inline]
    pub(super) fn count_saved(&mut self, before: usize, after: usize) {
        if before != after {
            let memory = &mut self.memory;
            memory.in_use = (memory.in_use + after).saturating_sub(before);
            memory.held = (memory.held + after).saturating_sub(before);
            memory.peak = memory.peak.max(memory.in_use);
        }
    }

    #[inline(never)] // what is for arrays alone, stays out of the way of single numbers
    fn take(&mut self, n: usize) -> Vec<S> {
        // A longer one serves too, but not one that would waste more than it gives.
        let fitting = self.free.range_mut(n..=n.saturating_mul(2));
        let waiting = fitting.map(|(_, list)| list).find(|list| !list.is_empty());
        let mut numbers = waiting.and_then(Vec::pop).unwrap_or_else(|| {
            self.memory.held += n * size_of::<S>();
            vec![S::ZERO; n]
        });
        self.memory.in_use += numbers.capacity() * size_of::<S>();
        self.memory.peak = self.memory.peak.max(self.memory.in_use);
        numbers.truncate(n);
        numbers
    }
    #[inline(never)] // as above
    fn put(&mut self, mut numbers: Vec<S>) {
        let capacity = numbers.capacity();
        self.memory.in_use -= capacity * size_of::<S>();
        // Whole again, so that it can be taken without a word about what it holds.
        numbers.resize(capacity, S::ZERO);
        self.free.entry(capacity).or_default().push(numbers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again() {
        let mut pool = Pool::<f32>::new();
        let [mut a, mut b, mut c] = [Buffer::Empty, Buffer::Empty, Buffer::Empty];
        pool.give(&mut a, 100);
        let place = a.as_slice().as_ptr();
        pool.give_back(&mut a);
        assert!(a.is_empty());
        pool.give(&mut b, 60);
        assert_eq!((b.as_slice().len(), b.as_slice().as_ptr()), (60, place));
        // Not for what is much smaller: it would be held for nothing.
        pool.give_back(&mut b);
        pool.give(&mut c, 49);
        assert_ne!(c.as_slice().as_ptr(), place);
        assert_eq!(
            pool.memory(),
            Memory {
                in_use: 196,
                peak: 400,
                held: 596
            }
        );
    }

    #[test]
    fn one_number_takes_no_memory() {
        let mut pool = Pool::<f64>::new();
        let mut one = Buffer::Empty;
        pool.give(&mut one, 1);
        one.as_mut_slice()[0] = 3.0;
        pool.give_back(&mut one);
        assert_eq!(one.as_slice(), [3.0]);
        pool.empty(&mut one);
        assert!(one.is_empty());
        assert_eq!(pool.memory(), Memory::default());
    }
}
