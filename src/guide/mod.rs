//! The textbook. Every block of code in it is compiled and run by `cargo test --doc`.
//!
//! | chapter | what it is about |
//! | --- | --- |
//! | [`tape`] | a tape in sixty lines from nothing, then the one of this crate, in its own words |
//! | [`speed`] | where the time of a training step goes, and what each optimization is worth |
//! | [`limitations`] | what the crate and its method do not do well, with numbers |
//! | [`operations`] | the operations, by the names that JAX and PyTorch give them |
//! | [`glossary`] | the field's words, as they are used here |
//!
//! The chapters use public paths alone. Where one quotes the source of the crate, the test
//! `tests/guide.rs` compares the quotation with the file.

pub mod glossary;
pub mod limitations;
pub mod operations;
pub mod speed;
pub mod tape;
