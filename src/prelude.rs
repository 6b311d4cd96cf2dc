//! What a program that trains a net uses: `use elbo::prelude::*;`.

pub use crate::bayes_net;
pub use crate::data::{Dataset, Target};
pub use crate::net::{BayesNet, Model};
pub use crate::optim::{Adam, Optimizer, Sgd};
pub use crate::predict::Predictive;
pub use crate::train::{History, Trainer};
