//! What the crate and its method do not do well.
