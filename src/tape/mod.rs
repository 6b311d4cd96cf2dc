//! Reverse-mode automatic differentiation: the tape, its variables, and the way back.
//!
//! A [`Tape`] writes down every operation in the order in which it ran. That order is already
//! topological, so [`Var::backward`] walks it once in reverse; no sort, no recursion. The tape
//! knows no operation by name: whatever implements [`Op`] can be put on it, a user's operation
//! as well as one of [`ops`](crate::ops).
//!
//! Read in this order: [`Op`] (what an operation must say), `record.rs` (the way forward),
//! `backward.rs` (the way back), `node.rs` (what is known of a node), `buffer.rs` (where the numbers
//! live), `inspect.rs` (looking inside), [`Module`] (structures of parameters).

mod backward;
mod buffer;
mod checkpoint;
mod hook;
mod inspect;
mod label;
mod module;
mod node;
mod op;
mod record;
mod var;

pub use buffer::Memory;
pub use inspect::{Culprit, Kind, Row, Table};
pub use label::Label;
pub use module::{Module, Parameters, Path};
pub use op::{Grad, Grads, Inputs, Keeps, Op, Saved, Scratch};
pub use record::Tape;
pub use var::Var;
