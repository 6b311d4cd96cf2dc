//! What all distributions of several rows share: their leaves, and how parameters and targets
//! of different shapes meet.

use crate::kernels::Scalar;
use crate::tape::Var;
use crate::tensor::{Broadcast, Shape, Tensor, broadcast};

/// Makes a distribution or a posterior a [`Module`](crate::tape::Module) whose leaves are its
/// parameters.
macro_rules! leaves {
    ($name:ident { $($leaf:ident),+ }) => {
        impl<T> $crate::tape::Module<T> for $name<T> {
            type Of<U> = $name<U>;
            fn map<U>(
                &self,
                path: $crate::tape::Path<'_>,
                f: &mut dyn FnMut($crate::tape::Path<'_>, &T) -> U,
            ) -> $name<U> {
                $name { $($leaf: f(path.at(stringify!($leaf)), &self.$leaf)),+ }
            }
            fn visit(
                &self,
                path: $crate::tape::Path<'_>,
                f: &mut dyn FnMut($crate::tape::Path<'_>, &T),
            ) {
                $(f(path.at(stringify!($leaf)), &self.$leaf);)+
            }
            fn visit_mut(
                &mut self,
                path: $crate::tape::Path<'_>,
                f: &mut dyn FnMut($crate::tape::Path<'_>, &mut T),
            ) {
                $(f(path.at(stringify!($leaf)), &mut self.$leaf);)+
            }
        }
    };
}
pub(crate) use leaves;

/// Makes a distribution of one number, each parameter of which belongs to one number of the target, a
/// [`Module`](crate::tape::Module) and a [`Likelihood`](super::Likelihood), with `log_prob` in
/// plain numbers and on a tape: `elementwise!(Normal { mean, std }, LogProb, Support::Real);`, where
/// the [`Pointwise`](crate::ops::Pointwise) `LogProb` takes y and the parameters.
macro_rules! elementwise {
    ($name:ident { $($parameter:ident),+ }, $log_prob:expr, $support:expr) => {
        $crate::dist::parameters::leaves!($name { $($parameter),+ });

        impl $name<f64> {
            /// ln p(y), for any kind of number.
            #[inline(always)]
            pub fn log_prob<S: $crate::Scalar>(&self, y: S) -> S {
                $crate::ops::Pointwise::value(&$log_prob, [y, $(S::of(self.$parameter)),+])
            }
        }

        impl<'t, S: $crate::Scalar> $name<$crate::Var<'t, S>> {
            /// ln p(y) of each number of `y`, in the shape of `y`.
            ///
            /// # Panics
            /// If the parameters have not together the shape of `y` or of its last axes.
            #[track_caller]
            pub fn log_prob(&self, y: $crate::Var<'t, S>) -> $crate::Var<'t, S> {
                let parameters = [$(self.$parameter),+];
                $crate::dist::parameters::check_target(stringify!($name), parameters, y);
                $crate::ops::pointwise($log_prob, [y, $(self.$parameter),+])
            }
        }

        impl $crate::dist::Likelihood for $name {
            type Element = $name<f64>;
            const NAME: &'static str = stringify!($name);
            fn support(_: &[$crate::Shape]) -> $crate::dist::Support {
                $support
            }
            fn columns(&self) -> usize {
                $crate::dist::parameters::columns(self.joint())
            }
            fn element(&self, row: usize, column: usize) -> $name<f64> {
                let joint = self.joint();
                $name {
                    $($parameter: $crate::dist::parameters::at(&self.$parameter, joint, row, column)),+
                }
            }
        }

        impl $name {
            fn joint(&self) -> $crate::Shape {
                $crate::dist::parameters::joint(stringify!($name), &[$(self.$parameter.shape()),+])
            }
        }
    };
}
pub(super) use elementwise;

/// Checks that there is one distribution for each number of the target: the parameters have the
/// target's shape together, or that of its last axes, and serve all rows.
///
/// Broadcasting the target over the parameters would be wrong without a sign of it: [n, 1]
/// against [n] would compare each row with all the others.
///
/// # Panics
/// If that is not so.
#[track_caller]
pub(super) fn check_target<S: Scalar, const N: usize>(
    name: &str,
    parameters: [Var<'_, S>; N],
    target: Var<'_, S>,
) {
    let (joint, target) = (joint(name, &parameters.map(Var::shape)), target.shape());
    let serves = joint.rank() <= target.rank()
        && target.dims()[target.rank() - joint.rank()..] == *joint.dims();
    assert!(
        serves,
        "{name}: parameters of shape {joint} do not fit a target of shape {target}; \
         the target holds one number for each distribution"
    );
}

/// The shape that parameters have together.
///
/// # Panics
/// If they do not broadcast.
#[track_caller]
pub(super) fn joint(name: &str, shapes: &[Shape]) -> Shape {
    let mut joint = Shape::SCALAR;
    for &shape in shapes {
        joint = broadcast(joint, shape).unwrap_or_else(|| {
            let shapes: Vec<String> = shapes.iter().map(Shape::to_string).collect();
            panic!(
                "{name}: parameters of shapes {} do not broadcast",
                shapes.join(" and ")
            )
        });
    }
    joint
}

/// Number of target values of one row, where `joint` is the shape of the parameters together and
/// its first axis are the rows.
pub(super) fn columns(joint: Shape) -> usize {
    joint.dims().iter().skip(1).product()
}

/// A parameter's number at (row, column), read as if it had the shape `joint`.
///
/// # Panics
/// If there is no such row or column.
#[track_caller]
pub(super) fn at(parameter: &Tensor, joint: Shape, row: usize, column: usize) -> f64 {
    let columns = columns(joint);
    // Parameters without rows are the same for all of them.
    let rows_end = if joint.rank() == 0 {
        usize::MAX
    } else {
        joint.dim(0)
    };
    assert!(
        row < rows_end && column < columns,
        "row {row}, column {column}: there are parameters for {joint} only"
    );
    let i = if joint.rank() == 0 {
        0
    } else {
        row * columns + column
    };
    let i = Broadcast::new(parameter.shape(), joint).index(i);
    f64::from(parameter.as_slice()[i])
}
