//! Data: columns with names, in f64 until after scaling.
//!
//! A [`Dataset`] holds named feature columns and targets; it comes from a CSV file
//! or from memory. What fits which net is not its business: a
//! [`Schema`](crate::net::Schema) binds columns to the inputs and targets of a net,
//! by name, and [`Inputs`] is what a prediction can be asked for.
//!
//! This room uses `tensor` and the generator of `kernels`. Read
//! [`Dataset`] first, then [`Target`].

mod builder;
#[cfg(feature = "csv")]
mod cell;
#[cfg(feature = "csv")]
mod csv;
mod dataset;
mod inputs;
pub(crate) mod names;
#[cfg(any(feature = "csv", feature = "files"))]
#[cfg_attr(
    not(feature = "csv"),
    allow(dead_code, reason = "files that fail to open ask it")
)]
pub(crate) mod sniff;
mod standardize;
mod target;

pub use builder::{Builder, Number};
#[cfg(feature = "csv")]
pub use csv::CsvOptions;
pub use dataset::Dataset;
pub(crate) use dataset::{TargetBlock, Values};
pub use inputs::{Entry, Inputs, Wanted};
pub use standardize::Scaling;
pub use target::Target;
pub(crate) use target::label_mend;
