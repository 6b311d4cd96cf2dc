//! Nets at rest and on a tape, and models: nets together with what they know of their data.

mod info;
mod traits;

pub use info::{InputInfo, NetInfo, TargetInfo};
pub use traits::{BayesNet, Net, check_rows, split};
/// (schema)
#[derive(Clone, Debug)]
pub struct TargetSchema;
