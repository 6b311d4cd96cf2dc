//! The families of q(theta | phi), one a file.

pub(super) mod draw;
pub(super) mod mean_field;
