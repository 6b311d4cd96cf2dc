//! Layers: the parts of a net that own weights.
//!
//! A layer is a [`Module`](crate::tape::Module) of [`Weight`](crate::bayes::Weight)s with a map
//! from input to output. It knows neither prior, posterior nor estimator; those are told to it at
//! birth by [`LayerOptions`]. A layer of your own, named by its path in a `bayes_net!`, provides
//! what [`Linear`] provides: read `linear.rs`.

mod conv;
mod cutpoints;
mod info;
mod layer;
mod learned;
mod linear;

pub use conv::{Conv1d, Conv2d, Convolution};
pub use cutpoints::Cutpoints;
pub use info::LayerInfo;
pub use layer::{Forward, Gain, Layer, LayerOptions};
pub use learned::Learned;
pub use linear::Linear;
