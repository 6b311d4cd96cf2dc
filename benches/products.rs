//! Products of `f32` matrices beside matrixmultiply, called directly.
//!
//! ```text
//! cargo bench --bench products
//! ```
//!
//! Prints GFLOP/s, from minima over many runs of the two in turn, of the three products of a linear
//! layer with `[inputs, units]` weights: X W (NN), X' Ȳ (TN) and Ȳ W' (NT), in pools of one thread and
//! of two. The answers are verified before anything is timed.
#![allow(unsafe_code)]

mod common;

use std::hint::black_box;

use elbo::Scalar;
use elbo::kernels::matmul::Matrix;
use rayon::ThreadPoolBuilder;

use common::{is_a_test, least};

/// Batch, inputs and units.
const LAYERS: [[usize; 3]; 11] = [
    [32, 13, 50],
    [32, 50, 1],
    [1, 784, 400],
    [128, 784, 400],
    [128, 400, 400],
    [128, 784, 1200],
    [128, 1200, 1200],
    [128, 1024, 1024],
    [128, 400, 10],
    [128, 1200, 10],
    [512, 1200, 1200],
];

/// The factors of a product, m x k and k x n, transposed where told so.
struct Product {
    name: String,
    size: [usize; 3],
    transposed: [bool; 2],
    factors: [Vec<f32>; 2],
}

impl Product {
    fn new(name: String, size: [usize; 3], transposed: [bool; 2]) -> Self {
        let [m, k, n] = size;
        let numbers = |len: usize, salt: usize| -> Vec<f32> {
            let number = |i| ((i * 37 + salt) % 1009) as f32 / 500.0 - 1.0;
            (0..len).map(number).collect()
        };
        let factors = [numbers(m * k, 11), numbers(k * n, 7)];
        Product {
            name,
            size,
            transposed,
            factors,
        }
    }
    fn matrices(&self) -> [Matrix<'_, f32>; 2] {
        let [m, k, n] = self.size;
        let sizes = [[m, k], [k, n]];
        [0, 1].map(|i| {
            let ([rows, columns], data) = (sizes[i], &self.factors[i]);
            if self.transposed[i] {
                Matrix::new(data, columns, rows).t()
            } else {
                Matrix::new(data, rows, columns)
            }
        })
    }
    fn ours(&self, c: &mut [f32]) {
        let [a, b] = self.matrices();
        f32::gemm(a, b, false, c);
    }
    fn theirs(&self, c: &mut [f32]) {
        let [m, k, n] = self.size;
        let strides = |i: usize, rows: usize, columns: usize| {
            if self.transposed[i] {
                [1, rows as isize]
            } else {
                [columns as isize, 1]
            }
        };
        let ([ar, ac], [br, bc]) = (strides(0, m, k), strides(1, k, n));
        let [a, b] = &self.factors;
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        // SAFETY: the strides are those of matrices that fill their slices.
        unsafe {
            matrixmultiply::sgemm(
                m,
                k,
                n,
                1.0,
                a.as_ptr(),
                ar,
                ac,
                b.as_ptr(),
                br,
                bc,
                0.0,
                c.as_mut_ptr(),
                n as isize,
                1,
            );
        }
    }
    fn verify(&self) {
        let [m, k, n] = self.size;
        let [a, b] = self.matrices();
        let mut c = [vec![f32::NAN; m * n], vec![f32::NAN; m * n]];
        self.ours(&mut c[0]);
        self.theirs(&mut c[1]);
        for place in (0..m * n).step_by(1 + m * n / 1000) {
            let (i, j) = (place / n, place % n);
            let exact: f64 = (0..k)
                .map(|l| f64::from(a.at(i, l)) * f64::from(b.at(l, j)))
                .sum();
            for c in &c {
                // k products of numbers of at most 1, each rounded once.
                let tolerance = f64::from(f32::EPSILON) * k as f64;
                assert!(
                    (f64::from(c[place]) - exact).abs() <= tolerance,
                    "{}",
                    self.name
                );
            }
        }
    }
    /// GFLOP/s of ours and of matrixmultiply.
    fn rates(&self) -> [f64; 2] {
        let [m, k, n] = self.size;
        let work = m * k * n;
        let mut c = vec![0.0; m * n];
        let calls = (500_000 / work).max(1);
        let runs = (20_000_000 / (work * calls)).clamp(5, 100);
        let mut us = [f64::INFINITY; 2];
        for _ in 0..10 {
            let ours = least(runs, || {
                (0..calls).for_each(|_| self.ours(black_box(&mut c)));
            });
            let theirs = least(runs, || {
                (0..calls).for_each(|_| self.theirs(black_box(&mut c)));
            });
            us = [us[0].min(ours), us[1].min(theirs)];
        }
        us.map(|us| 2e-3 * (work * calls) as f64 / us)
    }
}

fn main() {
    let products: Vec<Product> = LAYERS
        .iter()
        .flat_map(|&[batch, inputs, units]| {
            let name = |form| format!("{batch}, {inputs}, {units} {form}");
            [
                Product::new(name("NN"), [batch, inputs, units], [false, false]),
                Product::new(name("TN"), [inputs, batch, units], [true, false]),
                Product::new(name("NT"), [batch, units, inputs], [false, true]),
            ]
        })
        .collect();
    products.iter().for_each(Product::verify);
    if is_a_test() {
        return;
    }
    let pools = [1, 2].map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("threads")
    });
    println!(
        "{:20} {:>8} {:>9} {:>8} {:>6} {:>6}",
        "GFLOP/s", "1 thread", "2 threads", "theirs", "ratio", "ratio"
    );
    for product in &products {
        let [[one, theirs], [two, again]] = pools
            .each_ref()
            .map(|pool| pool.install(|| product.rates()));
        let theirs = theirs.max(again);
        println!(
            "{:20} {one:8.1} {two:9.1} {theirs:8.1} {:6.2} {:6.2}",
            product.name,
            one / theirs,
            two / theirs
        );
    }
}
