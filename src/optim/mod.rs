//! Optimizers: how parameters follow their gradients.
//!
//! An optimizer says how one parameter moves, [`Optimizer::update`]; the walk through a net and
//! its tape is written once, [`Optimizer::step`].

mod adam;
mod sgd;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::error::{Error, Result};
use crate::kernels::select;
use crate::tape::{Module, Path, Tape};
use crate::tensor::Tensor;

/// A rule by which parameters follow their gradients, with the memory that it needs.
pub trait Optimizer: Clone + Send {
    /// Checks the settings.
    ///
    /// # Errors
    /// If one is out of its range.
    fn validate(&self) -> Result<()>;

    /// Begins a step: what is counted once for all parameters.
    fn advance(&mut self);

    /// Moves parameter `index` along its gradient, which has the same length. An index keeps its
    /// parameter from step to step.
    ///
    /// A number whose step would not end at a finite one stays where it is. Returns whether all
    /// of them moved.
    fn update(&mut self, index: usize, parameter: &mut [f32], gradient: &[f32]) -> bool;

    /// One step of all parameters of `module`, which `tape` holds the gradients of; the tape is
    /// cleared. Parameters that no gradient reached stay where they are.
    ///
    /// Returns the path of the first parameter whose step would not have ended at finite numbers:
    /// with the gradient finite, the step is too long.
    ///
    /// # Panics
    /// If the tape's parameters are not those of the module.
    fn step(&mut self, module: &mut impl Module<Tensor>, tape: &mut Tape) -> Option<String>
    where
        Self: Sized,
    {
        // First of all the leaves are given back, so that they can be written in place.
        tape.release();
        self.advance();
        let (mut index, mut stuck) = (0, None);
        module.visit_mut(Path::ROOT, &mut |path, parameter| {
            tape.with_parameter_gradient(index, |gradient| {
                let Some(gradient) = gradient else { return };
                assert!(
                    gradient.len() == parameter.len(),
                    "step: the tape's parameter {index} is not `{path}`"
                );
                let moved = self.update(index, parameter.as_mut_slice(), gradient);
                if !moved && stuck.is_none() {
                    stuck = Some(path.to_string());
                }
            });
            index += 1;
        });
        tape.clear();
        stuck
    }
}

/// x - step, or x itself if that is not finite; and whether it is.
#[inline(always)]
fn moved(x: f32, step: f32) -> (f32, bool) {
    let y = x - step;
    let finite = y.is_finite();
    (select(finite, y, x), finite)
}

/// A setting that must be positive, in f32 as well, in which it is used.
fn positive(name: &'static str, value: f64) -> Result<()> {
    let inside = |x: f64| x > 0.0 && x.is_finite();
    if !inside(value) {
        return Err(Error::setting(name, value, "a finite number above 0"));
    }
    if !inside(f64::from(value as f32)) {
        let needed = "a number that is finite and above 0 in f32, in which training runs";
        return Err(Error::setting(name, value, needed));
    }
    Ok(())
}

/// A setting that must lie in [0, 1).
fn fraction(name: &'static str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::setting(name, value, "a number in [0, 1)"))
    }
}

/// The memory of parameter `index`, zeros at first.
fn memory(all: &mut Vec<Vec<f32>>, index: usize, len: usize) -> &mut [f32] {
    if all.len() <= index {
        all.resize(index + 1, vec![]);
    }
    let own = &mut all[index];
    own.resize(len, 0.0);
    own
}
