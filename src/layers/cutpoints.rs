//! Increasing numbers that are learned.

use super::info::LayerInfo;
use super::layer::Layer;
use super::learned::FLOOR;
use crate::bayes::{Noise, Pass};
use crate::kernels::{Scalar, special};
use crate::ops::concat;
use crate::tape::{Module, Path, Var};
use crate::tensor::check::{Checked, Message};
use crate::tensor::{Shape, Tensor};

/// Increasing numbers, learned by maximum likelihood: `cuts = cutpoints(3);` in a `bayes_net!`, for the
/// four classes of an [`Ordinal`](crate::dist::Ordinal).
///
/// ```text
/// c_0 = raw_0,   c_j = c_(j-1) + FLOOR + softplus(raw_j)
/// ```
///
/// By increments, so that no step of an optimizer can bring them out of order, whatever the
/// gradient: two cutpoints that crossed would give a class a negative probability. They start where
/// all classes are equally probable for an eta of 0, at logit(j / k). They have no prior and no
/// posterior. The floor, that of [`Learned`](super::Learned), keeps a class that no row has from
/// vanishing altogether.
#[derive(Clone, Debug)]
pub struct Cutpoints<T = Tensor> {
    /// The first cutpoint, and the increments before softplus: `[1, count]`, one row for all rows.
    pub raw: T,
}

impl Cutpoints {
    /// The shape of the cutpoints, while the compiler runs.
    ///
    /// # Errors
    /// If there are none.
    pub const fn shape(count: usize) -> Checked {
        if count == 0 {
            let message = Message::new().text("cutpoints: `count` must be at least 1");
            return Err(message);
        }
        Ok(Shape::new(&[count]))
    }
    /// As many cutpoints, one less than there are classes.
    ///
    /// # Panics
    /// If `count` is 0.
    #[track_caller]
    pub fn new(count: usize) -> Self {
        assert!(count > 0, "cutpoints: count is at least 1, not 0");
        let classes = (count + 1) as f64;
        let cut = |j: usize| special::logit((j + 1) as f64 / classes);
        let raw = |j: usize| {
            if j == 0 {
                cut(0)
            } else {
                special::softplus_inverse((cut(j) - cut(j - 1) - FLOOR).max(FLOOR))
            }
        };
        Cutpoints {
            raw: Tensor::from_fn([1, count], |j| raw(j) as f32),
        }
    }
}

impl<T> Module<T> for Cutpoints<T> {
    type Of<U> = Cutpoints<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Cutpoints<U> {
        Cutpoints {
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

impl Layer for Cutpoints {
    fn sample(&self, _: Noise) -> Self {
        self.clone()
    }
    fn describe(&self, name: &str) -> LayerInfo {
        let count = self.raw.len();
        LayerInfo {
            name: name.to_owned(),
            kind: "cutpoints",
            expression: "",
            output: Shape::new(&[count]),
            parameters: count,
            weights: count,
            prior: "none".to_owned(),
            posterior: "Point".to_owned(),
            estimator: String::new(),
        }
    }
}

impl<'t, S: Scalar> Cutpoints<Var<'t, S>> {
    /// The cutpoints, of shape `[1, count]`. The pass gives them their name on the tape.
    pub fn forward(&self, _: &Pass<'_, 't, S>) -> Var<'t, S> {
        let count = self.raw.shape().dim(1);
        let first = self.raw.narrow(1, 0..1);
        if count == 1 {
            return first;
        }
        let increments = self.raw.narrow(1, 1..count).softplus() + FLOOR;
        concat(&[first, increments], 1).cumsum(1)
    }
}
