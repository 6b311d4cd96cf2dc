//! Nets at rest and on a tape, and models: nets together with what they know of their data.

mod bind;
#[cfg(feature = "files")]
mod file;
mod info;
mod model;
mod page;
mod schema;
mod summary;
mod traits;

pub use info::{InputInfo, InputRole, NetInfo, NodeInfo, TargetInfo};
pub use model::{Model, TrainingRecord};
pub(crate) use model::{PREDICTION_DRAWS, PREDICTION_SEED};
pub use schema::{InputSchema, Schema, TargetSchema};
pub use summary::Summary;
pub use traits::{BayesNet, Net, Target, check_rows, one_each, split, targets};
