//! A function of numbers over slices, element by element.
#![allow(unsafe_code)]

use std::array;

use super::simd::vectorize;

/// `to[m][i] = f([x[0][i], x[1][i], …], y[i])[m]` for each i, in wide registers as far as f is
/// `#[inline(always)]` and free of branches.
///
/// # Panics
/// If the slices have different lengths.
#[track_caller]
pub fn map<S: Copy, const N: usize, const M: usize>(
    x: [&[S]; N],
    y: &[S],
    to: [&mut [S]; M],
    f: impl Fn([S; N], S) -> [S; M],
) {
    let n = y.len();
    let same = x.iter().all(|x| x.len() == n) && to.iter().all(|to| to.len() == n);
    assert!(same, "map: slices of different lengths");
    vectorize(
        n,
        #[inline(always)]
        move || {
            let mut to = to;
            for i in 0..n {
                // Checked indices would leave a loop with several exits, of which LLVM computes
                // the last elements one after the other: of 512 that was a quarter of the time.
                // SAFETY: every slice has n elements, as was just checked, and i < n.
                unsafe {
                    let x = array::from_fn(|k| *x[k].get_unchecked(i));
                    let values = f(x, *y.get_unchecked(i));
                    for (to, value) in to.iter_mut().zip(values) {
                        *to.get_unchecked_mut(i) = value;
                    }
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_plain_loop(
            rows in prop::collection::vec(any::<[f32; 3]>(), 0..100)
        ) {
            let column = |k: usize| -> Vec<f32> { rows.iter().map(|row| row[k]).collect() };
            let [a, b, y] = [column(0), column(1), column(2)];
            let mut to = [vec![0.0; y.len()], vec![0.0; y.len()]];
            let [first, second] = &mut to;
            map([&a, &b], &y, [first, second], #[inline(always)] |[a, b], y| [a * b - y, y / a]);
            for (i, [a, b, y]) in rows.into_iter().enumerate() {
                for (to, plain) in to.iter().zip([a * b - y, y / a]) {
                    prop_assert!(to[i].to_bits() == plain.to_bits() || to[i].is_nan() && plain.is_nan());
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "map: slices of different lengths")]
    fn slices_of_different_lengths_are_refused() {
        map([&[1.0, 2.0]], &[1.0, 2.0], [&mut [0.0]], |[a], b| [a + b]);
    }
}
