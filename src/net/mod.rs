//! Nets at rest and on a tape, and models: nets together with what they know of their data.

mod bind;
mod info;
mod model;
mod schema;
mod traits;

pub use info::{InputInfo, NetInfo, TargetInfo};
pub use model::{Model, TrainingRecord};
pub use schema::{InputSchema, Schema, TargetSchema};
pub use traits::{BayesNet, Net, check_rows, one_each, split};
