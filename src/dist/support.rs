//! What a target may be: the set of values that a likelihood gives probability to.

use std::fmt;

/// The values that a likelihood gives probability to.
///
/// It decides what a column of data must hold, whether it may be standardized
/// (only [`Support::Real`]: a class or a count has no unit to scale), and what a
/// prediction can say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Support {
    /// Every real number: Normal, StudentT, Laplace, MixtureOfNormals.
    Real,
    /// 0 or 1: Bernoulli.
    Binary,
    /// A number above 0: LogNormal, Gamma.
    Positive,
    /// A number between 0 and 1, both excluded: Beta.
    Unit,
    /// One of the classes `0, 1, .., classes - 1`: Categorical, Ordinal.
    Class {
        /// How many classes there are.
        classes: usize,
    },
    /// 0, 1, 2, ..: Poisson, NegativeBinomial.
    Count,
}

impl Support {
    /// Whether `y` lies in the support. NaN and the infinities lie in none.
    ///
    /// ```
    /// use elbo::dist::Support;
    ///
    /// assert!(Support::Class { classes: 3 }.contains(2.0));
    /// assert!(!Support::Class { classes: 3 }.contains(3.0));
    /// assert!(!Support::Count.contains(1.5));
    /// assert!(!Support::Real.contains(f64::NAN));
    /// ```
    pub fn contains(self, y: f64) -> bool {
        match self {
            Support::Real => y.is_finite(),
            Support::Positive => y > 0.0 && y.is_finite(),
            Support::Unit => y > 0.0 && y < 1.0,
            Support::Binary => y == 0.0 || y == 1.0,
            Support::Class { classes } => is_whole(y) && y < classes as f64,
            Support::Count => is_whole(y),
        }
    }
}

/// Whether `y` is one of 0, 1, 2, ..
fn is_whole(y: f64) -> bool {
    y >= 0.0 && y.is_finite() && y.fract() == 0.0
}

/// Ends the sentence "needed ..": `a real number`, `0 or 1`.
impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Support::Real => f.write_str("a real number"),
            Support::Positive => f.write_str("a number above 0"),
            Support::Unit => f.write_str("a number between 0 and 1, both excluded"),
            Support::Binary => f.write_str("0 or 1"),
            Support::Class { classes: 1 } => f.write_str("the class label 0"),
            Support::Class { classes: 2 } => f.write_str("a class label 0 or 1"),
            Support::Class { classes } => {
                write!(f, "a class label from 0 to {}", classes.saturating_sub(1))
            }
            Support::Count => f.write_str("a count 0, 1, 2, .."),
        }
    }
}
