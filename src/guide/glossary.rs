//! The words of the field, as this crate uses them.
