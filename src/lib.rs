//! Bayesian neural networks: declare one in a macro, train it, and ask it how sure it is.
//!
//! ```
//! use elbo::{bayes_net, data::Dataset, net::Model, optim::Adam, train::Trainer};
//!
//! bayes_net! {
//!     /// A curve through points, with a band around it.
//!     pub net Curve(x: [1]) -> y {
//!         h    = relu(linear(x, 16));
//!         mean = linear(h, 1);
//!         std  = learned(0.3);
//!         y ~ Normal(mean, std);
//!     }
//! }
//!
//! fn main() -> elbo::Result<()> {
//!     let x: Vec<[f64; 1]> = (0..80).map(|i| [f64::from(i) / 40.0 - 1.0]).collect();
//!     let y: Vec<f64> = x.iter().map(|[x]| x * x * x + 0.05 * (97.0 * x).sin()).collect();
//!     let data = Dataset::from_rows(&x, &y)?;
//!
//!     let mut model = Model::new(Curve::new(42)).standardize();
//!     Trainer::new(Adam::new(0.02)).epochs(150).quiet().fit(&mut model, &data)?;
//!
//!     let p = model.predict(&[[0.5], [4.0]]).run()?; // amid the data, and far from it
//!     assert!((p.mean()[0] - 0.125).abs() < 0.2);
//!     assert!(p.std()[1] > 2.0 * p.std()[0]); // where nothing was seen, it is less sure
//!     Ok(())
//! }
//! ```
//!
//! Every weight of such a net is a distribution, trained by Bayes by Backprop (Blundell et al.
//! 2015); a prediction is a mixture over draws of the weights. What that can and
//! cannot do for you, says [`guide::limitations`].
//!
//! # How to read this crate
//!
//! 1. `examples/diagnosis.rs`: the whole way, from a file of patients to a prediction.
//! 2. [`guide::tape`]: differentiation in sixty lines, and how the crate's differs.
//! 3. [`tape`]: the engine. [`Op`](tape::Op) is all that it asks of an operation.
//! 4. [`ops`]: the operations, [`Pointwise`](ops::Pointwise) and the family of activations first,
//! 5. then the products, [`Var::matmul`].
//! 6. [`transform`]: gradients, Jacobians, Hessians of a function; then [`check`], which holds
//!    every rule to them.
//! 7. [`tensor`]: shaped buffers.
//! 8. [`kernels`]: the loops below them, and [`Scalar`], the numbers that they run over.
//! 9. [`dist`]: distributions; begin with [`Normal`](dist::Normal).
//! 10. [`bayes`]: weights as distributions, noise by name, the [`Elbo`](bayes::Elbo).
//! 11. [`layers`], with [`Linear`](layers::Linear) as the one to read.
//! 12. [`net`]: what [`bayes_net!`] writes; `tests/expansion/diagnosis.rs` is one net, printed.
//! 13. `macros/`: how it is written. Then [`data`], [`train`] and [`predict`], in any order.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `csv` | yes | `Dataset::from_csv` and its kin |
//! | `files` | yes | `Model::save` and `Model::load`: safetensors files |
//! | `progress` | no | a bar while training on a terminal; without it, a few lines |
//! | `plot` | no | `predict::plot`: pictures as SVG |
//! | `proptest` | no | in [`check`]: laws for operations of your own, strategies |
//!
//! `default-features = false` leaves the engine, the macro, training and prediction on data in
//! memory.
//!
//! # Errors and panics
//!
//! What comes from outside, files, data and settings, may be wrong; then a function returns an
//! [`enum@Error`], which says where, what was found, what is needed, and what to do. Nothing panics on
//! data. What only the programmer can get wrong, shapes, indices, variables of another tape,
//! panics, at the caller's line, with the operation and the shapes. The shapes and the names of a
//! declared net are checked when it is compiled.
//!
//! Results are a function of data, settings and seed: the same bits on any number of threads.

pub mod bayes;
pub mod check;
pub mod data;
pub mod dist;
mod error;
pub mod guide;
pub mod kernels;
pub mod layers;
pub mod net;
pub mod ops;
pub mod optim;
pub mod predict;
pub mod prelude;
pub mod tape;
pub mod tensor;
pub mod train;
pub mod transform;

pub use error::{Error, Place, Result};
pub use kernels::{Dual, Scalar};
pub use tape::{Tape, Var};
pub use tensor::{Shape, Tensor};

#[doc = include_str!("language.md")]
#[macro_export]
macro_rules! bayes_net {
    ($($net:tt)*) => {
        $crate::__bayes_net! { [$crate] $($net)* }
    };
}
#[doc(hidden)]
pub use elbo_macros::__bayes_net;

/// The program of the README runs.
#[cfg(all(doctest, feature = "csv", feature = "files"))]
#[doc = include_str!("../README.md")]
struct Readme;
