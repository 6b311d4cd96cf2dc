//! Pictures of predictions and of training, as SVG files.
//!
//! | function | shows |
//! | --- | --- |
//! | [`reliability_diagram`] | whether a confidence of 80% is right in eight of ten cases |
//! | [`referral_curve`] | the accuracy left when the least sure predictions are referred |
//! | [`elbo_curve`] | ELBO, log-likelihood and KL of each epoch |
//! | [`regression_band`] | a predicted curve with its 50% and 90% intervals |
//!
//! Each takes plain numbers. Colours are those of Okabe and Ito (2008), which most kinds of
//! colour blindness tell apart; legends stand above the picture, never on the data.

mod canvas;
mod elbo;
mod referral;
mod regression;
mod reliability;

pub use elbo::elbo_curve;
pub use referral::referral_curve;
pub use regression::{Band, regression_band};
pub use reliability::reliability_diagram;
