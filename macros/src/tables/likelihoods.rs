//! The likelihoods: what may stand right of `y ~`.

use super::{Number, Range, positive, real};

/// A likelihood of the library, `elbo::dist::<name>`.
#[derive(Debug)]
pub(crate) struct Likelihood {
    pub(crate) name: &'static str,
    /// Its parameters in order, each a field of the type, and the numbers that it may be. One at
    /// least has a value for each row, which is the target's shape; the others have the same or
    /// `[]`, and may be plain numbers.
    pub(crate) parameters: &'static [Number],
    /// The place of the parameter that a net always computes, of which messages speak.
    pub(crate) head: usize,
    pub(crate) target: TargetShape,
    /// Whether its target is of any real number, and so may be standardized.
    pub(crate) is_scaled: bool,
    /// The function that the likelihood itself applies to its head, and what it takes instead.
    pub(crate) applies: Option<(&'static str, &'static str)>,
    /// A call for messages.
    pub(crate) example: &'static str,
}

/// The shape of one row of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TargetShape {
    /// That of the parameters.
    Same,
    /// `[]`: one class, of as many as the first parameter has numbers.
    Class,
    /// `[]`: one class, of one more than the second parameter has numbers.
    Ordinal,
    /// `[1]`: one number, of which the parameters hold vectors of components.
    Mixture,
}

pub(crate) static LIKELIHOODS: &[Likelihood] = &[
    Likelihood {
        name: "Normal",
        parameters: &[real("mean"), positive("std")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: true,
        applies: None,
        example: "Normal(mean, 0.1)",
    },
    Likelihood {
        name: "StudentT",
        parameters: &[positive("df"), real("loc"), positive("scale")],
        head: 1,
        target: TargetShape::Same,
        is_scaled: true,
        applies: None,
        example: "StudentT(4, loc, 0.1)",
    },
    Likelihood {
        name: "Laplace",
        parameters: &[real("location"), positive("scale")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: true,
        applies: None,
        example: "Laplace(location, 0.1)",
    },
    Likelihood {
        name: "MixtureOfNormals",
        parameters: &[real("logits"), real("means"), positive("stds")],
        head: 0,
        target: TargetShape::Mixture,
        is_scaled: true,
        applies: Some(("softmax", "logits")),
        example: "MixtureOfNormals(logits, means, 0.1)",
    },
    Likelihood {
        name: "LogNormal",
        parameters: &[real("mu"), positive("sigma")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: false,
        applies: None,
        example: "LogNormal(mu, 0.1)",
    },
    Likelihood {
        name: "Gamma",
        parameters: &[positive("concentration"), positive("rate")],
        head: 1,
        target: TargetShape::Same,
        is_scaled: false,
        applies: None,
        example: "Gamma(2, softplus(rate))",
    },
    Likelihood {
        name: "Beta",
        parameters: &[positive("concentration1"), positive("concentration0")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: false,
        applies: None,
        example: "Beta(softplus(a), softplus(b))",
    },
    Likelihood {
        name: "Bernoulli",
        parameters: &[real("logits")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: false,
        applies: Some(("sigmoid", "logits")),
        example: "Bernoulli(logits)",
    },
    Likelihood {
        name: "Categorical",
        parameters: &[real("logits")],
        head: 0,
        target: TargetShape::Class,
        is_scaled: false,
        applies: Some(("softmax", "logits")),
        example: "Categorical(logits)",
    },
    Likelihood {
        name: "Ordinal",
        parameters: &[
            real("eta"),
            Number {
                name: "cutpoints",
                range: Range::Increasing,
            },
        ],
        head: 0,
        target: TargetShape::Ordinal,
        is_scaled: false,
        applies: None,
        example: "Ordinal(eta, cuts)",
    },
    Likelihood {
        name: "Poisson",
        parameters: &[real("log_rate")],
        head: 0,
        target: TargetShape::Same,
        is_scaled: false,
        applies: Some(("exp", "the log of the rate")),
        example: "Poisson(log_rate)",
    },
    Likelihood {
        name: "NegativeBinomial",
        parameters: &[positive("total_count"), real("logits")],
        head: 1,
        target: TargetShape::Same,
        is_scaled: false,
        applies: Some(("exp", "the log of the mean over `total_count`")),
        example: "NegativeBinomial(5, logits)",
    },
];

/// The most parameters of a likelihood of the user's own.
pub(crate) const MOST_OF_OWN: usize = 8;

/// The row of a likelihood of the user's own with so many parameters: nodes or numbers, of which one
/// at least has the rows.
pub(crate) fn own(parameters: usize) -> Option<&'static Likelihood> {
    OWN.get(parameters.checked_sub(1)?)
}

static OWN: [Likelihood; MOST_OF_OWN] = {
    const NAMES: [Number; MOST_OF_OWN] = [
        real("the first parameter"),
        real("the second parameter"),
        real("the third parameter"),
        real("the fourth parameter"),
        real("the fifth parameter"),
        real("the sixth parameter"),
        real("the seventh parameter"),
        real("the eighth parameter"),
    ];
    const fn row(count: usize) -> Likelihood {
        Likelihood {
            name: "a likelihood of your own",
            parameters: NAMES.split_at(count).0,
            head: 0,
            target: TargetShape::Same,
            is_scaled: true,
            applies: None,
            example: "crate::Own(location, 0.1)",
        }
    }
    [
        row(1),
        row(2),
        row(3),
        row(4),
        row(5),
        row(6),
        row(7),
        row(8),
    ]
};
