//! How a kernel's work is cut for threads, and the scratch memory of a thread.
//!
//! Work is cut by its size alone, never by the number of threads: the same bits on any number.

use std::any::Any;
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
    } else {
        let chunks = out.par_chunks_mut(len).zip(other.par_chunks_mut(len));
        let chunks = chunks.enumerate();
        chunks.for_each(|(k, (chunk, other))| f(k, chunk, other));
    }
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
