//! [`Uncertainty`]: how unsure a prediction is, and why.

use std::fmt::{self, Display};

/// How unsure a prediction is, in two parts that add up.
///
/// | of | aleatoric | epistemic |
/// | --- | --- | --- |
/// | a quantity | `E_s[Var(y given theta_s)]` | `Var_s(E[y given theta_s])` |
/// | a class, in nats | `E_s[H(y given theta_s)]` | `H(y) - E_s[H(y given theta_s)]` |
///
/// The first line is the law of total variance; the variance over the draws divides by S, so
/// that the parts add up and a single draw has an epistemic part of 0. In the second one it is
/// the mutual information of class and weights, which is never negative.
///
/// Source: Depeweg et al. (2018), Decomposition of uncertainty in Bayesian deep learning,
/// arXiv:1710.07283.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertainty {
    /// What every draw by itself expects: noise that more data do not remove.
    pub aleatoric: f64,
    /// By how much the draws disagree: what more data would remove.
    pub epistemic: f64,
}

impl Uncertainty {
    /// `aleatoric + epistemic`.
    pub fn total(self) -> f64 {
        self.aleatoric + self.epistemic
    }
    /// The name of the larger part; of equal ones the aleatoric.
    pub fn dominant(self) -> &'static str {
        if self.epistemic > self.aleatoric {
            "epistemic"
        } else {
            "aleatoric"
        }
    }
}

/// One value of which the net is unsure, shown on one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Uncertain {
    /// Its row.
    pub row: usize,
    /// Its column, if the target has several.
    pub column: Option<String>,
    /// The prediction in words.
    pub prediction: String,
    /// How unsure it is.
    pub uncertainty: Uncertainty,
    /// The unit of the uncertainty.
    pub(super) unit: &'static str,
}

/// `row 17: malignant (0.53), 0.691 nats = 0.655 aleatoric + 0.036 epistemic, mostly aleatoric`
impl Display for Uncertain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(column) = &self.column {
            write!(f, ", `{column}`")?;
        }
        let Uncertainty {
            aleatoric,
            epistemic,
        } = self.uncertainty;
        write!(
            f,
            ": {}, {}{} = {} aleatoric + {} epistemic, mostly {}",
            self.prediction,
            short(aleatoric + epistemic),
            self.unit,
            short(aleatoric),
            short(epistemic),
            self.uncertainty.dominant()
        )
    }
}

/// Indices of the `k` largest totals, the largest first, of equal ones the first one first. Each
/// is relative to the square of its column's `scale` if there are several.
pub(super) fn most_uncertain(uncertainty: &[Uncertainty], scale: &[f64], k: usize) -> Vec<usize> {
    let size = |i: usize| {
        let scale = if scale.len() > 1 {
            scale[i % scale.len()]
        } else {
            1.0
        };
        uncertainty[i].total() / (scale * scale)
    };
    let mut order: Vec<usize> = (0..uncertainty.len()).collect();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    order.truncate(k);
    order
}

/// A number with about three significant digits, for reading.
pub(super) fn short(x: f64) -> String {
    let magnitude = x.abs();
    if x == 0.0 || (0.01..1e5).contains(&magnitude) {
        let digits = match magnitude {
            ..10.0 => 3,
            ..100.0 => 2,
            ..1000.0 => 1,
            _ => 0,
        };
        format!("{x:.digits$}")
    } else {
        format!("{x:.2e}")
    }
}
