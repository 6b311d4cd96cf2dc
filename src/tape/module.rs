//! Structures of parameters: [`Module`].

use std::fmt::{self, Display};
use std::panic::Location;

use super::record::Tape;
use super::var::Var;
use crate::kernels::Scalar;
use crate::tensor::Tensor;

/// Where a leaf stands in a structure, such as `h1.weight.rho`.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a>(Option<(&'a Path<'a>, &'a str)>);

impl Path<'_> {
    /// The structure itself.
    pub const ROOT: Path<'static> = Path(None);

    /// The part `name` of this place.
    pub fn at<'a>(&'a self, name: &'a str) -> Path<'a> {
        Path(Some((self, name)))
    }
    /// The place around it and the last name; `None` for the structure itself.
    pub(super) fn split(&self) -> Option<(&Path<'_>, &str)> {
        self.0
    }
    /// The last name; `None` for the structure itself.
    pub fn name(&self) -> Option<&str> {
        self.0.map(|(_, name)| name)
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some((Path(None), name)) => f.write_str(name),
            Some((parent, name)) => write!(f, "{parent}.{name}"),
        }
    }
}

/// A structure with leaves of type `T`: a layer or a net.
///
/// `Linear<Tensor>` holds numbers at rest; `Linear<Var<'t>>` is the same layer on a tape. Visits
/// go through the leaves in the order of declaration, always the same.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no structure of parameters: it lacks `Module`",
    label = "does not show its leaves",
    note = "a layer of your own implements `Module`, `Layer` and `Forward`; \
            `elbo::layers::Linear` is the example"
)]
pub trait Module<T> {
    /// The same structure with other leaves.
    type Of<U>: Module<U>;

    /// The structure whose leaves are `f` of these.
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Self::Of<U>;
    /// Shows each leaf to `f`.
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T));
    /// Gives each leaf to `f` to change.
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T));
}

/// What every [`Module`] of tensors can do.
pub trait Parameters<S: Scalar>: Module<Tensor<S>> {
    /// Puts every leaf on the tape as a parameter under its [name](Tape::parameter_at).
    #[track_caller]
    fn on<'t>(&self, tape: &'t Tape<S>) -> Self::Of<Var<'t, S>> {
        let place = Location::caller();
        self.map(Path::ROOT, &mut |path, leaf| {
            tape.parameter_of(path, leaf, place)
        })
    }
    /// The same values as another kind of number.
    fn cast<R: Scalar>(&self) -> Self::Of<Tensor<R>> {
        self.map(Path::ROOT, &mut |_, leaf| leaf.cast())
    }
}
impl<S: Scalar, M: Module<Tensor<S>> + ?Sized> Parameters<S> for M {}
