//! The settings: what holds for the layers that follow, or inside one call.

use super::{Choice, Number, count, plain, positive, priors::PRIORS};

/// A setting; its name is the field of `elbo::layers::LayerOptions`.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) choices: &'static [Choice],
}

/// What a setting is filled with, and so the type of its field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Prior,
    Posterior,
    Estimator,
}

impl Kind {
    /// The word for it in messages.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Kind::Prior => "prior",
            Kind::Posterior => "posterior",
            Kind::Estimator => "estimator",
        }
    }
}

/// A posterior of the library, `elbo::bayes::Posterior::<name>`, and the estimators that cannot
/// sample it.
const fn posterior(
    name: &'static str,
    numbers: &'static [Number],
    defaults: &'static [&'static str],
    example: &'static str,
    refuses: &'static [&'static str],
) -> Choice {
    Choice {
        numbers,
        defaults,
        example,
        refuses,
        ..plain(name)
    }
}

static POSTERIORS: &[Choice] = &[
    posterior(
        "MeanField",
        &[positive("init_std")],
        &["INIT_STD"],
        "MeanField(init_std: 0.05)",
        &[],
    ),
    plain("Point"),
    posterior(
        "LowRank",
        &[count("rank"), positive("init_std")],
        &["RANK", "INIT_STD"],
        "LowRank(rank: 4)",
        &["LocalReparam", "Flipout"],
    ),
    posterior(
        "FullCovariance",
        &[positive("init_std")],
        &["INIT_STD"],
        "FullCovariance(init_std: 0.05)",
        &["LocalReparam", "Flipout"],
    ),
    posterior(
        "MatrixNormal",
        &[positive("init_std")],
        &["INIT_STD"],
        "MatrixNormal(init_std: 0.05)",
        &["LocalReparam", "Flipout"],
    ),
    posterior(
        "Radial",
        &[positive("init_std")],
        &["INIT_STD"],
        "Radial(init_std: 0.05)",
        &["LocalReparam"],
    ),
];

static ESTIMATORS: &[Choice] = &[
    plain("WeightReparam"),
    plain("LocalReparam"),
    plain("Flipout"),
    plain("Auto"),
];

pub(crate) static SETTINGS: &[Setting] = &[
    Setting {
        name: "weights",
        kind: Kind::Prior,
        choices: PRIORS,
    },
    Setting {
        name: "biases",
        kind: Kind::Prior,
        choices: PRIORS,
    },
    Setting {
        name: "posterior",
        kind: Kind::Posterior,
        choices: POSTERIORS,
    },
    Setting {
        name: "estimator",
        kind: Kind::Estimator,
        choices: ESTIMATORS,
    },
];
