//! A formula over slices, element by element: see [`Scalar::map`].
#![allow(unsafe_code)]

use std::array;

use super::Scalar;
use super::simd::Level;

/// A function of N + 1 numbers with M results, for numbers of any kind.
pub trait Formula<const N: usize, const M: usize>: Copy {
    /// f(x, y).
    fn at<S: Scalar>(&self, x: [S; N], y: S) -> [S; M];
}

/// [`Scalar::map`] in numbers of this very type.
#[track_caller]
pub(super) fn each<S: Scalar, const N: usize, const M: usize>(
    f: impl Formula<N, M>,
    x: [&[S]; N],
    y: &[S],
    to: [&mut [S]; M],
) {
    let n = y.len();
    let same = x.iter().all(|x| x.len() == n) && to.iter().all(|to| to.len() == n);
    assert!(same, "map: slices of different lengths");
    // Of few numbers too, which are the same then as among many.
    Level::at_current(
        #[inline(always)]
        move || {
            let mut to = to;
            for i in 0..n {
                // Checked indices would leave a loop with several exits, of which LLVM computes
                // the last elements one after the other: of 512 that was a quarter of the time.
                // SAFETY: every slice has n elements, as was just checked, and i < n.
                unsafe {
                    let x = array::from_fn(|k| *x[k].get_unchecked(i));
                    let values = f.at(x, *y.get_unchecked(i));
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

    #[derive(Clone, Copy)]
    struct Two;
    impl Formula<2, 2> for Two {
        #[inline(always)]
        fn at<S: Scalar>(&self, [a, b]: [S; 2], y: S) -> [S; 2] {
            [a * b - y, y.exp()]
        }
    }

    proptest! {
        #[test]
        fn it_is_the_plain_loop(rows in prop::collection::vec(any::<[f32; 3]>(), 0..100)) {
            let column = |k: usize| -> Vec<f32> { rows.iter().map(|row| row[k]).collect() };
            let [a, b, y] = [column(0), column(1), column(2)];
            let mut to = [vec![0.0; y.len()], vec![0.0; y.len()]];
            let [first, second] = &mut to;
            f32::map(Two, [&a, &b], &y, [first, second]);
            for (i, [a, b, y]) in rows.into_iter().enumerate() {
                let product = a * b - y;
                prop_assert!(to[0][i].to_bits() == product.to_bits() || product.is_nan() && to[0][i].is_nan());
                // One by one, and among others: the same bits; as f64, within 2 ulp.
                let mut alone = [[0.0], [0.0]];
                let [first, second] = &mut alone;
                f32::map(Two, [&[a], &[b]], &[y], [first, second]);
                prop_assert!(alone[1][0].to_bits() == to[1][i].to_bits() || y.is_nan());
                let exact = f64::from(y).exp();
                let close = (f64::from(to[1][i]) - exact).abs() <= 2f64.powi(-22) * exact + 3e-45;
                prop_assert!(close || to[1][i] as f64 == exact || exact > 3.4e38 || y.is_nan());
            }
        }
    }

    #[test]
    #[should_panic(expected = "map: slices of different lengths")]
    fn slices_of_different_lengths_are_refused() {
        let [mut c, mut d] = [[0.0], [0.0]];
        f64::map(
            Two,
            [&[1.0, 2.0], &[1.0, 2.0]],
            &[1.0, 2.0],
            [&mut c, &mut d],
        );
    }
}
