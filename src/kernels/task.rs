//! How a kernel's work is cut for threads, and the scratch memory of a thread.
//!
//! Work is cut by its size alone, never by the number of threads: the same bits on any number. Only
//! products are cut by that number, which does not show in theirs: see [`matmul`](super::matmul).

use std::any::Any;
use std::array;
use std::cell::RefCell;

use rayon::prelude::*;

use super::Scalar;

/// Calls `f(k, chunk)` for the chunks of `len` elements of `out`, on several threads if there are
/// several.
///
/// # Panics
/// If `len` is 0 and `out` is not empty.
pub(super) fn chunks<T: Send>(out: &mut [T], len: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if out.len() <= len {
        f(0, out); // not worth waking a thread
    } else if rayon::current_num_threads() == 1 {
        let chunks = out.chunks_mut(len).enumerate();
        chunks.for_each(|(k, chunk)| f(k, chunk));
    } else {
        let chunks = out.par_chunks_mut(len).enumerate();
        chunks.for_each(|(k, chunk)| f(k, chunk));
    }
}

/// [`chunks`] of two slices of the same length.
pub(super) fn chunk_pairs<T: Send, U: Send>(
    out: &mut [T],
    other: &mut [U],
    len: usize,
    f: impl Fn(usize, &mut [T], &mut [U]) + Sync,
) {
    if out.len() <= len {
        f(0, out, other);
    } else if rayon::current_num_threads() == 1 {
        let chunks = out.chunks_mut(len).zip(other.chunks_mut(len));
        let chunks = chunks.enumerate();
        chunks.for_each(|(k, (chunk, other))| f(k, chunk, other));
    } else {
        let chunks = out.par_chunks_mut(len).zip(other.par_chunks_mut(len));
        let chunks = chunks.enumerate();
        chunks.for_each(|(k, (chunk, other))| f(k, chunk, other));
    }
}

/// Runs both, on two threads if there are two. One thread, which may stand outside of its pool, does
/// not ask the pool: to be woken would take it longer than a piece of work does.
pub(super) fn join<A: Send, B: Send>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    if rayon::current_num_threads() == 1 {
        (a(), b())
    } else {
        rayon::join(a, b)
    }
}

/// Runs `f`, which works on so many numbers, in the pool of threads, if there are several and there
/// is work for them. Outside of the pool, each pass of `f` would wake it.
pub(crate) fn in_pool<R: Send>(numbers: usize, f: impl FnOnce() -> R + Send) -> R {
    if numbers <= PIECE || rayon::current_num_threads() == 1 {
        f()
    } else {
        rayon::scope(|_| f())
    }
}

/// Elements of an element-wise pass below which no thread is woken: some 20 µs of work.
const PIECE: usize = 1 << 14;

/// Calls `f(start, x, y, to)` for the pieces of slices of the same length, each of them once, on
/// several threads if there are several and it pays. An empty slice among `x` and `y` stays one.
///
/// # Panics
/// If the others have different lengths.
#[track_caller]
pub fn pieces<T: Send + Sync, const N: usize, const K: usize, const M: usize>(
    x: [&[T]; N],
    y: [&[T]; K],
    to: [&mut [T]; M],
    f: impl Fn(usize, [&[T]; N], [&[T]; K], [&mut [T]; M]) + Sync,
) {
    let n = to.first().map_or(0, |to| to.len());
    let fits = x.iter().chain(&y).all(|x| x.is_empty() || x.len() == n);
    assert!(
        fits && to.iter().all(|to| to.len() == n),
        "pieces: slices of different lengths"
    );
    halves(0, x, y, to, &f);
}

fn halves<T: Send + Sync, const N: usize, const K: usize, const M: usize>(
    start: usize,
    x: [&[T]; N],
    y: [&[T]; K],
    to: [&mut [T]; M],
    f: &(impl Fn(usize, [&[T]; N], [&[T]; K], [&mut [T]; M]) + Sync),
) {
    let n = to.first().map_or(0, |to| to.len());
    if n <= PIECE {
        return f(start, x, y, to);
    }
    let half = (n / 2).next_multiple_of(PIECE);
    let split = |x: &'_ [T]| -> usize { half.min(x.len()) };
    let left = (x.map(|x| &x[..split(x)]), y.map(|y| &y[..split(y)]));
    let right = (x.map(|x| &x[split(x)..]), y.map(|y| &y[split(y)..]));
    let mut ends = array::from_fn(|_| &mut [][..]);
    let mut k = 0;
    let starts = to.map(|to| {
        let (begin, end) = to.split_at_mut(half);
        ends[k] = end;
        k += 1;
        begin
    });
    join(
        || halves(start, left.0, left.1, starts, f),
        || halves(start + half, right.0, right.1, ends, f),
    );
}

thread_local! {
    /// Vectors of numbers that wait for their next use.
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with `n` numbers that may be anything.
///
/// They are this thread's, and kept for its next call, so that after the first ones nothing is
/// allocated, and a block is written where the last one still stands in the cache. They are a few
/// blocks of a kernel for each thread, whatever the size of the net, and no tape counts them.
pub(super) fn with_scratch<S: Scalar, R>(n: usize, f: impl FnOnce(&mut [S]) -> R) -> R {
    // Taken out for the time of f: meanwhile this thread may take another task, and call again.
    let waiting = WAITING.with_borrow_mut(|waiting| {
        let place = waiting.iter().position(|numbers| numbers.is::<Vec<S>>())?;
        waiting.swap_remove(place).downcast::<Vec<S>>().ok()
    });
    let mut numbers = waiting.unwrap_or_default();
    if numbers.len() < n {
        numbers.resize(n, S::ZERO);
    }
    let result = f(&mut numbers[..n]);
    WAITING.with_borrow_mut(|waiting| waiting.push(numbers));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_all_there_once() {
        for n in [0, 1, 6, 7, 20] {
            let mut out = vec![0; n];
            chunks(&mut out, 7, |k, chunk| {
                for (i, out) in chunk.iter_mut().enumerate() {
                    *out += 1 + 7 * k + i;
                }
            });
            assert!(
                out.iter().enumerate().all(|(i, &out)| out == 1 + i),
                "{out:?}"
            );
        }
    }

    #[test]
    fn pieces_are_all_there_once() {
        for n in [0, 1, PIECE, PIECE + 1, 5 * PIECE + 3] {
            let x: Vec<usize> = (0..n).collect();
            let (mut a, mut b) = (vec![0; n], vec![0; n]);
            let to = [&mut a[..], &mut b];
            pieces([&x, &[]], [&x], to, |start, [x, none], [y], [a, b]| {
                assert!(none.is_empty() && a.len() <= PIECE);
                for i in 0..a.len() {
                    a[i] += x[i];
                    b[i] += y[i] + start + i;
                }
            });
            for i in 0..n {
                assert_eq!([a[i], b[i]], [i, 2 * i]);
            }
        }
    }

    #[test]
    #[should_panic(expected = "pieces: slices of different lengths")]
    fn pieces_of_different_lengths_are_refused() {
        pieces([&[1, 2]], [], [&mut [0]], |_, [_], [], [_]| {});
    }

    #[test]
    fn scratch_is_used_again_and_never_twice_at_a_time() {
        let first = with_scratch(100, |a: &mut [f32]| {
            a.fill(1.0);
            with_scratch(100, |b: &mut [f32]| b.fill(2.0));
            assert!(a.iter().all(|&a| a == 1.0));
            with_scratch(10, |other: &mut [f64]| assert_eq!(other.len(), 10));
            a.as_ptr()
        });
        let again = with_scratch(60, |b: &mut [f32]| {
            with_scratch(60, |c: &mut [f32]| [b.as_ptr(), c.as_ptr()])
        });
        assert!(again.contains(&first));
    }
}
