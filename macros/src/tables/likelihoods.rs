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
        applies: None,
        example: "Normal(mean, 0.1)",
    },
    Likelihood {
        name: "StudentT",
        parameters: &[positive("df"), real("loc"), positive("scale")],
        head: 1,
        target: TargetShape::Same,
        applies: None,
        example: "StudentT(4, loc, 0.1)",
    },
    Likelihood {
        name: "Laplace",
        parameters: &[real("location"), positive("scale")],
        head: 0,
        target: TargetShape::Same,
        applies: None,
        example: "Laplace(location, 0.1)",
    },
    Likelihood {
        name: "MixtureOfNormals",
        parameters: &[real("logits"), real("means"), positive("stds")],
        head: 0,
        target: TargetShape::Mixture,
        applies: Some(("softmax", "logits")),
        example: "MixtureOfNormals(logits, means, 0.1)",
    },
    Likelihood {
        name: "LogNormal",
        parameters: &[real("mu"), positive("sigma")],
        head: 0,
        target: TargetShape::Same,
        applies: None,
        example: "LogNormal(mu, 0.1)",
    },
    Likelihood {
        name: "Gamma",
        parameters: &[positive("concentration"), positive("rate")],
        head: 1,
        target: TargetShape::Same,
        applies: None,
        example: "Gamma(2, softplus(rate))",
    },
    Likelihood {
        name: "Beta",
        parameters: &[positive("concentration1"), positive("concentration0")],
        head: 0,
        target: TargetShape::Same,
        applies: None,
        example: "Beta(softplus(a), softplus(b))",
    },
    Likelihood {
        name: "Bernoulli",
        parameters: &[real("logits")],
        head: 0,
        target: TargetShape::Same,
        applies: Some(("sigmoid", "logits")),
        example: "Bernoulli(logits)",
    },
    Likelihood {
        name: "Categorical",
        parameters: &[real("logits")],
        head: 0,
        target: TargetShape::Class,
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
        applies: None,
        example: "Ordinal(eta, cuts)",
    },
    Likelihood {
        name: "Poisson",
        parameters: &[real("log_rate")],
        head: 0,
        target: TargetShape::Same,
        applies: Some(("exp", "the log of the rate")),
        example: "Poisson(log_rate)",
    },
    Likelihood {
        name: "NegativeBinomial",
        parameters: &[positive("total_count"), real("logits")],
        head: 1,
        target: TargetShape::Same,
        applies: Some(("exp", "the log of the mean over `total_count`")),
        example: "NegativeBinomial(5, logits)",
    },
];
