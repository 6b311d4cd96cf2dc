//! Centring and scaling: each column to mean 0 and standard deviation 1.
//!
//! Everything here is in f64. A column such as `[1e8, 1e8 + 1, 1e8 + 2]` has
//! nothing left to scale once it has been rounded to f32.

/// The mean and standard deviation of each column, as learned from data.
///
/// ```text
/// mean = 1/n sum_i x_i        std = sqrt(1/n sum_i (x_i - mean)^2)
/// z    = (x - mean) / std     x   = mean + std z
/// ```
///
/// The standard deviation divides by `n`, not by `n - 1`: a standardized column
/// has a mean square of exactly 1, and a column of one row is no special case.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
pub struct Scaling {
    mean: Vec<f64>,
    std: Vec<f64>,
}

/// Below this ratio of standard deviation to largest magnitude, a column differs
/// only by the rounding of its own numbers.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

impl Scaling {
    /// Learns from `values`, row by row, `width` columns a row; all finite but for NaN, a missing
    /// value, which is left out.
    ///
    /// A constant column, or one that varies by no more than the rounding of its
    /// numbers (a standard deviation of at most 4 epsilon of the largest
    /// magnitude), is centred and not scaled: its `std` is 1. A constant column
    /// so becomes exactly 0.
    ///
    /// # Panics
    /// When `values` is not a whole number of rows.
    ///
    /// ```
    /// use elbo::data::Scaling;
    ///
    /// let mut values = [1.0, 14.62, 2.0, 14.62, 3.0, 14.62];
    /// Scaling::learn(&values, 2).apply(&mut values);
    /// let a = 1.5_f64.sqrt();
    /// assert_eq!(values, [-a, 0.0, 0.0, 0.0, a, 0.0]);
    /// ```
    #[track_caller]
    pub fn learn(values: &[f64], width: usize) -> Self {
        assert_whole_rows(values.len(), width);
        let (mean, std) = (0..width)
            .map(|column| {
                let values = values.iter().skip(column).step_by(width).copied();
                moments(values.filter(|x| !x.is_nan()))
            })
            .unzip();
        Scaling { mean, std }
    }

    /// The scaling with these means and standard deviations, one a column.
    ///
    /// # Panics
    /// When there are not as many of the ones as of the others.
    #[track_caller]
    pub fn new(mean: Vec<f64>, std: Vec<f64>) -> Self {
        let (means, stds) = (mean.len(), std.len());
        assert!(
            means == stds,
            "standardize: {means} means and {stds} standard deviations"
        );
        Scaling { mean, std }
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// The mean of each column, in the data's units.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each column, in the data's units; 1 for a
    /// constant column.
    pub fn std(&self) -> &[f64] {
        &self.std
    }

    /// `z = (x - mean) / std`, in place, for whole rows.
    ///
    /// # Panics
    /// When `values` is not a whole number of rows.
    #[track_caller]
    pub fn apply(&self, values: &mut [f64]) {
        self.each(values, |x, mean, std| (x - mean) / std);
    }

    /// `x = mean + std z`, in place: the inverse of [`Scaling::apply`], and what
    /// turns a predictive mean or quantile back into the data's units.
    ///
    /// # Panics
    /// When `values` is not a whole number of rows.
    #[track_caller]
    pub fn invert(&self, values: &mut [f64]) {
        self.each(values, |z, mean, std| mean + std * z);
    }

    /// `s = std s_z`, in place: what turns a predictive standard deviation back
    /// into the data's units. A spread has no mean to add.
    ///
    /// # Panics
    /// When `values` is not a whole number of rows.
    #[track_caller]
    pub fn invert_std(&self, values: &mut [f64]) {
        self.each(values, |z, _, std| std * z);
    }

    #[track_caller]
    fn each(&self, values: &mut [f64], f: impl Fn(f64, f64, f64) -> f64) {
        assert_whole_rows(values.len(), self.width());
        if values.is_empty() {
            return;
        }
        for row in values.chunks_exact_mut(self.width()) {
            for ((value, &mean), &std) in row.iter_mut().zip(&self.mean).zip(&self.std) {
                *value = f(*value, mean, std);
            }
        }
    }
}

/// Mean and standard deviation of a column in two passes, `(0, 1)` of none.
///
/// The numbers are divided by a power of two near the largest of them first.
/// That is exact, and without it the squares of 1e-200 vanish and those of 1e200
/// overflow.
fn moments(x: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let (low, high) = x
        .clone()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
    // Also for constants whose mean, summed and divided, would miss them by an ulp.
    if low >= high {
        return (if low == high { low } else { 0.0 }, 1.0);
    }
    let largest = low.abs().max(high.abs());
    let unit = power_of_two_below(largest);
    let n = x.clone().count() as f64;
    let x = x.map(|x| x / unit);

    let rough = x.clone().sum::<f64>() / n;
    // The second look at the mean takes away what its sum had rounded off.
    let mean = rough + x.clone().map(|x| x - rough).sum::<f64>() / n;
    let std = (x.map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
    if std <= ROUNDING * (largest / unit) {
        return (mean * unit, 1.0);
    }
    (mean * unit, std * unit)
}

/// The largest power of two that is not above `x > 0`; the smallest normal
/// number if `x` is below it.
fn power_of_two_below(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    f64::from_bits(x.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

#[track_caller]
fn assert_whole_rows(len: usize, width: usize) {
    let whole = if width == 0 {
        len == 0
    } else {
        len.is_multiple_of(width)
    };
    assert!(
        whole,
        "standardize: {len} values are no whole number of rows of {width} columns"
    );
}
