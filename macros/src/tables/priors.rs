//! The priors: what may stand right of `weights ~` and `biases ~`.

use super::{Choice, positive, probability, real};

/// Priors of the library; `code` is the constructor `elbo::bayes::Prior::<code>`.
pub(crate) static PRIORS: &[Choice] = &[
    Choice {
        name: "Normal",
        numbers: &[real("mean"), positive("std")],
        has_default: false,
        example: "Normal(0, 1)",
        code: "normal",
    },
    Choice {
        name: "ScaleMixture",
        numbers: &[probability("pi"), positive("sigma1"), positive("sigma2")],
        has_default: false,
        example: "ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025)",
        code: "scale_mixture",
    },
    Choice {
        name: "Laplace",
        numbers: &[real("location"), positive("scale")],
        has_default: false,
        example: "Laplace(0, 1)",
        code: "laplace",
    },
];
