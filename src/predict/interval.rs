//! [`Interval`].

use std::fmt::{self, Display};

/// The numbers from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least number in it.
    pub low: f64,
    /// The largest number in it.
    pub high: f64,
}

impl Interval {
    /// Whether `y` lies in it.
    pub fn contains(&self, y: f64) -> bool {
        self.low <= y && y <= self.high
    }
    /// `high - low`.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

impl Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        self.low.fmt(f)?;
        f.write_str(", ")?;
        self.high.fmt(f)?;
        f.write_str("]")
    }
}
