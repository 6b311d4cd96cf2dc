//! The settings: what holds for the layers that follow, or inside one call.

use super::{Choice, positive, priors::PRIORS};

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

static POSTERIORS: &[Choice] = &[
    Choice {
        name: "MeanField",
        numbers: &[positive("init_std")],
        has_default: true,
        example: "MeanField(init_std: 0.05)",
        code: "MeanField",
    },
    Choice {
        name: "Point",
        numbers: &[],
        has_default: false,
        example: "Point",
        code: "Point",
    },
];

static ESTIMATORS: &[Choice] = &[
    Choice {
        name: "WeightReparam",
        numbers: &[],
        has_default: false,
        example: "WeightReparam",
        code: "WeightReparam",
    },
    Choice {
        name: "LocalReparam",
        numbers: &[],
        has_default: false,
        example: "LocalReparam",
        code: "LocalReparam",
    },
    Choice {
        name: "Flipout",
        numbers: &[],
        has_default: false,
        example: "Flipout",
        code: "Flipout",
    },
    Choice {
        name: "Auto",
        numbers: &[],
        has_default: false,
        example: "Auto",
        code: "Auto",
    },
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
