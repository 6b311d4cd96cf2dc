//! Pools: convolutions with ones, ties, equal parts.

use elbo::ops::{Conv, Divisor, Pool};
use elbo::{Shape, Tape, Tensor, Var};
use proptest::prelude::*;

use crate::{at, every, whole};

/// A pool that is possible.
#[derive(Clone, Copy, Debug)]
struct Windows {
    x: Shape,
    pool: Pool<2>,
}

fn windows() -> impl Strategy<Value = Windows> {
    let axis = (1usize..8, 1usize..5, 1usize..4, [0usize..5, 0usize..5]);
    ([axis.clone(), axis], 0usize..3, 1usize..3).prop_filter_map(
        "the window does not fit",
        |(axes, images, channels)| {
            let [rows, columns] = axes.map(|axis| axis.0);
            let pool = Pool {
                size: axes.map(|axis| axis.1),
                stride: axes.map(|axis| axis.2),
                padding: axes.map(|axis| axis.3.map(|padding| padding.min(axis.1 - 1))),
            };
            let fits = |(extent, size, _, [before, after]): (usize, usize, usize, [usize; 2])| {
                extent + before.min(size - 1) + after.min(size - 1) >= size
            };
            let x = Shape::new(&[images, channels, rows, columns]);
            (axes.map(fits) == [true; 2]).then_some(Windows { x, pool })
        },
    )
}

impl Windows {
    /// The convolution of each channel with ones: the sums of the windows.
    fn sums<'t>(&self, x: Var<'t, f64>) -> Var<'t, f64> {
        let [rows, columns] = self.pool.size;
        let channels = self.x.dim(1);
        let ones = Tensor::from_fn([channels, 1, rows, columns], |_| 1.0);
        let conv = Conv {
            stride: self.pool.stride,
            padding: self.pool.padding,
            groups: channels,
            ..Conv::default()
        };
        x.conv2d(x.tape().constant(&ones), None, conv)
    }
    /// For each element of the result the elements of x in its window, in the order of rows.
    fn elements(&self, y: Shape) -> Vec<Vec<usize>> {
        let Pool {
            size,
            stride,
            padding,
        } = self.pool;
        let inside = |axis: usize, place: usize, position: usize| {
            let from = place * stride[axis];
            (from..from + size[axis]).contains(&(position + padding[axis][0]))
        };
        let of = |[n, c, p, q]: [usize; 4]| {
            every([self.x.dim(2), self.x.dim(3)])
                .filter(|&[row, column]| inside(0, p, row) && inside(1, q, column))
                .map(|[row, column]| at(self.x, [n, c, row, column]))
                .collect()
        };
        every([0, 1, 2, 3].map(|axis| y.dim(axis)))
            .map(of)
            .collect()
    }
}

proptest! {
    /// Sums of windows are convolutions with ones, and so are their numbers of elements.
    #[test]
    fn means_of_windows_equal_convolutions_with_ones(windows in windows()) {
        let tape = Tape::<f64>::new();
        let x = tape.constant(&whole(windows.x, 1));
        let sums = windows.sums(x);
        let sizes = windows.sums(tape.constant(&Tensor::from_fn(windows.x, |_| 1.0)));
        let size: usize = windows.pool.size.iter().product();
        let by_window = x.avg_pool2d(windows.pool, Divisor::Window);
        let by_elements = x.avg_pool2d(windows.pool, Divisor::Elements);
        prop_assert_eq!(by_window.value(), (sums / size as f64).value());
        prop_assert_eq!(by_elements.value(), (sums / sizes).value());
    }

    /// Seven numbers in windows of up to 16: ties are frequent.
    #[test]
    fn the_first_of_the_largest_takes_the_gradient(windows in windows()) {
        let tape = Tape::<f64>::new();
        let x = tape.parameter(&whole(windows.x, 2));
        let y = x.max_pool2d(windows.pool).retain();
        let y_bar = whole(y.shape(), 3);
        (y * tape.constant(&y_bar)).sum().backward();

        let numbers = x.value();
        let numbers = numbers.as_slice();
        let mut x_bar = vec![0.0; numbers.len()];
        for (i, elements) in windows.elements(y.shape()).into_iter().enumerate() {
            let mut largest = elements[0];
            for &element in &elements {
                if numbers[element] > numbers[largest] {
                    largest = element;
                }
            }
            prop_assert_eq!(y.value().as_slice()[i], numbers[largest]);
            x_bar[largest] += y_bar.as_slice()[i];
        }
        prop_assert_eq!(x.grad(), Tensor::new(windows.x, x_bar));
    }

    /// Where the extents are multiples, equal parts are windows side by side; one part is all.
    #[test]
    fn equal_parts_are_windows_side_by_side(
        size in [1usize..4, 1usize..4],
        places in [1usize..4, 1usize..4],
        [images, channels] in [0usize..3, 0usize..3],
    ) {
        let extents = [0, 1].map(|axis| size[axis] * places[axis]);
        let x = Shape::new(&[images, channels, extents[0], extents[1]]);
        let tape = Tape::<f64>::new();
        let x = tape.constant(&whole(x, 4));
        let side_by_side = Pool::of(size);
        let maxima = x.max_pool2d(side_by_side);
        prop_assert_eq!(x.adaptive_max_pool2d(places).value(), maxima.value());
        let means = x.avg_pool2d(side_by_side, Divisor::Elements);
        prop_assert_eq!(x.adaptive_avg_pool2d(places).value(), means.value());
        let all = x.adaptive_avg_pool2d([1, 1]).squeeze(&[2, 3]);
        let sums = x.sum_axes(&[2, 3]) / (extents[0] * extents[1]) as f64;
        prop_assert_eq!(all.value(), sums.value());
    }

    #[test]
    fn pools_of_one_axis_are_those_of_a_single_row(
        (size, stride) in (1usize..4, 1usize..4),
        padding in [0usize..3, 0usize..3],
        dims in [0usize..3, 0usize..3, 3usize..9],
    ) {
        let padding = padding.map(|padding| padding.min(size - 1));
        let line = Pool { size: [size], stride: [stride], padding: [padding] };
        let plane = Pool {
            size: [1, size],
            stride: [3, stride],
            padding: [[0, 0], padding],
        };
        let tape = Tape::<f64>::new();
        let x = tape.constant(&whole(&dims[..], 5));
        let row = x.expand_dims(&[2]);
        for [found, expected] in [
            [x.max_pool1d(line), row.max_pool2d(plane)],
            [x.avg_pool1d(line, Divisor::Window), row.avg_pool2d(plane, Divisor::Window)],
            [x.avg_pool1d(line, Divisor::Elements), row.avg_pool2d(plane, Divisor::Elements)],
            [x.adaptive_avg_pool1d(size), row.adaptive_avg_pool2d([1, size])],
            [x.adaptive_max_pool1d(size), row.adaptive_max_pool2d([1, size])],
        ] {
            prop_assert_eq!(found.value(), expected.squeeze(&[2]).value());
        }
    }
}

/// A 1 amid zeros is the largest of exactly those parts whose mean it lifts.
#[test]
fn means_and_maxima_are_of_the_same_parts() {
    for (extent, places) in (1..9).flat_map(|extent| (1..6).map(move |places| (extent, places))) {
        let tape = Tape::<f64>::new();
        let unit = |i: usize| f64::from(u8::from(i / extent == i % extent));
        let x = tape.constant(&Tensor::from_fn([1, extent, extent], unit));
        let mean = x.adaptive_avg_pool1d(places).value();
        let lifted: Vec<f64> = mean
            .as_slice()
            .iter()
            .map(|m| m.signum() * m.ceil())
            .collect();
        assert_eq!(x.adaptive_max_pool1d(places).value().as_slice(), lifted);
    }
}

#[test]
fn infinities_and_nan_in_pools() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let tape = Tape::new();
    let x = vec![-inf, -inf, 1.0, nan, nan, 2.0, inf, inf];
    let x = tape.parameter(&Tensor::new([1, 1, 8], x));
    let y = x.max_pool1d(Pool::of([2])).retain();
    y.backward_with(&Tensor::new([1, 1, 4], vec![1.0, 2.0, 3.0, 4.0]));
    let maxima = y.value();
    assert_eq!([maxima.as_slice()[0], maxima.as_slice()[3]], [-inf, inf]);
    assert!(maxima.as_slice()[1..3].iter().all(|y| y.is_nan()));
    assert_eq!(
        x.grad().as_slice(),
        [1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 4.0, 0.0]
    );
}

/// The mean of 10^6 equal numbers in f32, added pairwise.
#[test]
fn the_mean_of_a_large_part_is_exact() {
    let tape = Tape::new();
    let x = tape.constant(&Tensor::from_fn([1, 1, 1000, 1000], |_| 0.1f32));
    let mean = x.adaptive_avg_pool2d([1, 1]).sum().item();
    assert!((mean / 0.1 - 1.0).abs() < 1e-6, "{mean}");
}
