//! What a prediction can be asked for.

use std::borrow::Cow;
use std::collections::HashSet;

use super::builder::Number;
use super::dataset::Dataset;
use super::names::{count, did_you_mean, quoted};
use crate::error::Place;
use crate::tensor::Tensor;

/// Rows of features: what `predict` takes.
///
/// A [`Dataset`], with or without targets, is matched by the **names** of its
/// columns: their order and further columns do not matter. Plain numbers have no
/// names and are taken in the order of the columns that the model was trained on:
/// one row (`[f32; 3]`, `[f64]`, `Vec<f32>`), several rows (`[[f32; 3]]`,
/// `Vec<Vec<f32>>`, `[&[f32]]`), or a [`Tensor`] whose first dimension counts the
/// rows (one row if it is a vector). They can feed a net with one input only.
///
/// ```
/// use elbo::data::Inputs;
///
/// assert_eq!([1.0_f32, 2.0, 3.0].rows(), 1);
/// assert_eq!(vec![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].rows(), 2);
/// ```
pub trait Inputs {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The values of the columns that one input of a net takes, row by row, in f64.
    ///
    /// # Errors
    /// What does not fit, one sentence each.
    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>>;

    /// Where a row stands, for messages.
    fn place(&self, row: usize) -> Place {
        Place::row(row)
    }
}

/// What one input of a net takes.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The net's name.
    pub net: &'a str,
    /// The input's name.
    pub input: &'a str,
    /// The names of its columns, in order.
    pub columns: &'a [String],
    /// Whether the net has no other input.
    pub alone: bool,
}

impl Inputs for Dataset {
    fn rows(&self) -> usize {
        self.rows()
    }

    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
        let features = self.features();
        let known: HashSet<&str> = features.iter().copied().collect();
        let missing: Vec<&str> = (wanted.columns.iter().map(String::as_str))
            .filter(|column| !known.contains(column))
            .collect();
        if missing.is_empty() {
            return Ok(self.view(wanted.columns));
        }
        let hint = did_you_mean(missing[0], features.iter().copied());
        Err(vec![format!(
            "input `{}` was trained on {} that the data do not have as a feature: {}{hint}",
            wanted.input,
            count(missing.len(), "column"),
            quoted(&missing),
        )])
    }

    fn place(&self, row: usize) -> Place {
        self.place(row)
    }
}

/// What a slice may hold to be [`Inputs`]: numbers, which are one row together, or
/// rows of numbers.
pub trait Entry: Sized {
    /// The number of rows that the entries make.
    fn rows(entries: &[Self]) -> usize;

    /// The numbers of each of those rows.
    fn each(entries: &[Self]) -> impl Iterator<Item = Vec<f64>>;
}

impl<F: Number> Entry for F {
    fn rows(_: &[Self]) -> usize {
        1
    }

    fn each(entries: &[Self]) -> impl Iterator<Item = Vec<f64>> {
        std::iter::once(in_f64(entries))
    }
}

macro_rules! row_entry {
    ($(($($generics:tt)*) $row:ty;)*) => {$(
        impl<$($generics)*> Entry for $row {
            fn rows(entries: &[Self]) -> usize {
                entries.len()
            }

            fn each(entries: &[Self]) -> impl Iterator<Item = Vec<f64>> {
                entries.iter().map(|row| in_f64(row.as_ref()))
            }
        }
    )*};
}

row_entry! {
    (F: Number) Vec<F>;
    (F: Number) &[F];
    (F: Number, const N: usize) [F; N];
    (F: Number, const N: usize) &[F; N];
}

fn in_f64<F: Number>(values: &[F]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}

impl<E: Entry> Inputs for [E] {
    fn rows(&self) -> usize {
        E::rows(self)
    }

    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
        only_input(wanted)?;
        let mut values = Vec::with_capacity(E::rows(self) * wanted.columns.len());
        for (row, numbers) in E::each(self).enumerate() {
            same_width(row, numbers.len(), wanted)?;
            values.extend(numbers);
        }
        Ok(Cow::Owned(values))
    }
}

impl<E: Entry> Inputs for Vec<E> {
    fn rows(&self) -> usize {
        self.as_slice().rows()
    }

    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
        self.as_slice().values(wanted)
    }
}

impl<E: Entry, const M: usize> Inputs for [E; M] {
    fn rows(&self) -> usize {
        self.as_slice().rows()
    }

    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
        self.as_slice().values(wanted)
    }
}

macro_rules! tensor_inputs {
    ($($float:ty)*) => {$(
        impl Inputs for Tensor<$float> {
            fn rows(&self) -> usize {
                match self.shape().dims() {
                    [] | [_] => 1,
                    [rows, ..] => *rows,
                }
            }

            fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
                only_input(wanted)?;
                let width = match self.shape().dims() {
                    [] => 1,
                    [width] => *width,
                    [_, row @ ..] => row.iter().product(),
                };
                same_width(0, width, wanted)?;
                Ok(Cow::Owned(in_f64(self.as_slice())))
            }
        }
    )*};
}

tensor_inputs! { f32 f64 }

fn only_input(wanted: &Wanted<'_>) -> Result<(), Vec<String>> {
    if wanted.alone {
        return Ok(());
    }
    Err(vec![format!(
        "input `{}` is one of several of the net: give a Dataset, whose columns have names",
        wanted.input
    )])
}

fn same_width(row: usize, found: usize, wanted: &Wanted<'_>) -> Result<(), Vec<String>> {
    if found == wanted.columns.len() {
        return Ok(());
    }
    Err(vec![format!(
        "row {row} has {}, input `{}` takes {}: {}",
        count(found, "value"),
        wanted.input,
        wanted.columns.len(),
        quoted(wanted.columns),
    )])
}

/// References are as good as what they point to.
impl<T: Inputs + ?Sized> Inputs for &T {
    fn rows(&self) -> usize {
        (**self).rows()
    }

    fn values(&self, wanted: &Wanted<'_>) -> Result<Cow<'_, [f64]>, Vec<String>> {
        (**self).values(wanted)
    }

    fn place(&self, row: usize) -> Place {
        (**self).place(row)
    }
}
