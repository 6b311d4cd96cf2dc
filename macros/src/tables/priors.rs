//! The priors: what may stand right of `weights ~` and `biases ~`.

use super::{Choice, Number, plain, positive, probability, real};

/// A prior of the library; `code` is the constructor `elbo::bayes::Prior::<code>`.
const fn prior(
    name: &'static str,
    numbers: &'static [Number],
    example: &'static str,
    code: &'static str,
) -> Choice {
    Choice {
        numbers,
        example,
        code,
        ..plain(name)
    }
}

/// Priors of the library.
pub(crate) static PRIORS: &[Choice] = &[
    Choice {
        learned: Some("learned_normal"),
        ..prior(
            "Normal",
            &[real("mean"), positive("std")],
            "Normal(0, 1)",
            "normal",
        )
    },
    prior(
        "ScaleMixture",
        &[probability("pi"), positive("sigma1"), positive("sigma2")],
        "ScaleMixture(pi: 0.5, sigma1: 1.0, sigma2: 0.0025)",
        "scale_mixture",
    ),
    prior(
        "Laplace",
        &[real("location"), positive("scale")],
        "Laplace(0, 1)",
        "laplace",
    ),
    prior(
        "StudentT",
        &[positive("df"), real("location"), positive("scale")],
        "StudentT(df: 3, location: 0, scale: 1)",
        "student_t",
    ),
    prior(
        "Cauchy",
        &[real("location"), positive("scale")],
        "Cauchy(0, 1)",
        "cauchy",
    ),
    prior(
        "Horseshoe",
        &[positive("scale")],
        "Horseshoe(scale: 0.1)",
        "horseshoe",
    ),
];
