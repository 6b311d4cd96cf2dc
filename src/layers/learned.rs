//! A positive number that is learned.

use super::info::LayerInfo;
use super::layer::Layer;
use crate::bayes::{Noise, Pass};
use crate::kernels::{Scalar, special};
use crate::tape::{Module, Path, Var};
use crate::tensor::check::{Checked, Message};
use crate::tensor::{Shape, Tensor};

/// A positive number, learned by maximum likelihood: `std = learned(0.5);` in a `bayes_net!`.
///
/// ```text
/// value = FLOOR + softplus(raw)
/// ```
///
/// It has no prior and no posterior. The floor keeps a scale from falling to 0 where the data is
/// constant, which would send the likelihood to infinity.
#[derive(Clone, Debug)]
pub struct Learned<T = Tensor> {
    /// The value before softplus, a number of shape `[]`.
    pub raw: T,
}

/// The least value of a [`Learned`] number.
pub(crate) const FLOOR: f64 = 1e-3;

impl Learned {
    /// The least value, 0.001, in the units in which the net works.
    pub const FLOOR: f64 = FLOOR;

    /// The shape of the value, while the compiler runs.
    ///
    /// # Errors
    /// If `initial` is not above the floor.
    pub const fn shape(initial: f64) -> Checked {
        if initial > FLOOR && initial < f64::INFINITY {
            Ok(Shape::SCALAR)
        } else {
            Err(Message::new().text("learned starts at a finite number above its floor, 0.001"))
        }
    }
    /// A number that starts at `initial`.
    ///
    /// # Panics
    /// If `initial` is not above the floor.
    #[track_caller]
    pub fn new(initial: f64) -> Self {
        assert!(
            initial > FLOOR && initial.is_finite(),
            "learned: starts at a finite number above {FLOOR}, not {initial}"
        );
        let raw = special::softplus_inverse(initial - FLOOR);
        Learned {
            raw: Tensor::scalar(raw as f32),
        }
    }
}

impl<T> Module<T> for Learned<T> {
    type Of<U> = Learned<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Learned<U> {
        Learned {
            raw: f(path.at("raw"), &self.raw),
        }
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        f(path.at("raw"), &self.raw);
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        f(path.at("raw"), &mut self.raw);
    }
}

impl Layer for Learned {
    fn sample(&self, _: Noise) -> Self {
        self.clone()
    }
    fn describe(&self, name: &str) -> LayerInfo {
        LayerInfo {
            name: name.to_owned(),
            kind: "learned",
            expression: "",
            output: Shape::SCALAR,
            parameters: 1,
            weights: 1,
            prior: "none".to_owned(),
            posterior: "Point".to_owned(),
            estimator: String::new(),
        }
    }
}

impl<'t, S: Scalar> Learned<Var<'t, S>> {
    /// The value, of shape `[]`. The pass gives it its name on the tape.
    pub fn forward(&self, _: &Pass<'_, 't, S>) -> Var<'t, S> {
        self.raw.softplus() + FLOOR
    }
}
