//! A formula over slices, element by element: see [`Scalar::map`].
#![allow(unsafe_code)]

use std::array;

use super::Scalar;

/// A function of numbers at one place of several slices, for numbers of any kind.
pub trait Formula<const N: usize, const M: usize>: Copy {
    /// What becomes of `to`, where the operands are `x` and `y`.
    fn at<S: Scalar>(&self, x: [S; N], y: [S; 2], to: [S; M]) -> [S; M];
}

/// [`Scalar::map`] in numbers of this very type, at the level at which it is called.
#[inline(always)]
#[track_caller]
pub(super) fn each<S: Scalar, const N: usize, const M: usize>(
    f: impl Formula<N, M>,
    x: [&[S]; N],
    y: [&[S]; 2],
    mut to: [&mut [S]; M],
) {
    let n = y[0].len();
    let same = x.iter().chain(&y).all(|x| x.len() == n) && to.iter().all(|to| to.len() == n);
    assert!(same, "map: slices of different lengths");
    for i in 0..n {
        // Checked indices would leave a loop with several exits, of which LLVM computes the last
        // elements one after the other: of 512 that was a quarter of the time.
        // SAFETY: every slice has n elements, as was just checked, and i < n.
        unsafe {
            let x = array::from_fn(|k| *x[k].get_unchecked(i));
            let y = array::from_fn(|k| *y[k].get_unchecked(i));
            let was = array::from_fn(|m| *to[m].get_unchecked(i));
            let values = f.at(x, y, was);
            for (to, value) in to.iter_mut().zip(values) {
                *to.get_unchecked_mut(i) = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy)]
    struct Two;
    impl Formula<2, 2> for Two {
        #[inline(always)]
        fn at<S: Scalar>(&self, [a, b]: [S; 2], [y, z]: [S; 2], [_, old]: [S; 2]) -> [S; 2] {
            [a * b - y, old + z.exp()]
        }
    }

    fn same(a: f32, b: f32) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }

    proptest! {
        #[test]
        fn it_is_the_plain_loop(rows in prop::collection::vec(any::<[f32; 5]>(), 0..100)) {
            let column = |k: usize| -> Vec<f32> { rows.iter().map(|row| row[k]).collect() };
            let [a, b, y, z, old] = [0, 1, 2, 3, 4].map(column);
            let (mut first, mut second) = (vec![0.0; y.len()], old);
            f32::map(Two, [&a, &b], [&y, &z], [&mut first, &mut second]);
            for (i, [a, b, y, z, old]) in rows.into_iter().enumerate() {
                prop_assert!(same(first[i], a * b - y));
                // Alone and among others: the same bits.
                let (mut product, mut sum) = ([0.0], [old]);
                f32::map(Two, [&[a], &[b]], [&[y], &[z]], [&mut product, &mut sum]);
                prop_assert!(same(product[0], first[i]) && same(sum[0], second[i]));
            }
        }
    }

    #[test]
    #[should_panic(expected = "map: slices of different lengths")]
    fn slices_of_different_lengths_are_refused() {
        let (one, two) = ([1.0], [1.0, 2.0]);
        f64::map(
            Two,
            [&two, &two],
            [&two, &two],
            [&mut [0.0], &mut [0.0, 0.0]],
        );
        f64::map(
            Two,
            [&one, &two],
            [&two, &two],
            [&mut [0.0, 0.0], &mut [0.0, 0.0]],
        );
    }
}
