//! The likelihoods: what may stand right of `y ~`.

/// A likelihood of the library, `elbo::dist::<name>`.
#[derive(Debug)]
pub(crate) struct Likelihood {
    pub(crate) name: &'static str,
    /// Its parameters in order, each a field of the type. The first gives the
    /// shape; the others must have the same or `[]`, and may be plain numbers.
    pub(crate) parameters: &'static [&'static str],
    pub(crate) target: TargetShape,
    /// The function that the likelihood itself applies to its first
    /// parameter, and what it takes instead.
    pub(crate) applies: Option<(&'static str, &'static str)>,
    /// A call for messages.
    pub(crate) example: &'static str,
}

/// The shape of one row of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TargetShape {
    /// That of the first parameter.
    Same,
    /// `[]`: one class, of as many as the first parameter has numbers.
    Class,
}

pub(crate) static LIKELIHOODS: &[Likelihood] = &[
    Likelihood {
        name: "Normal",
        parameters: &["mean", "std"],
        target: TargetShape::Same,
        applies: None,
        example: "Normal(mean, 0.1)",
    },
    Likelihood {
        name: "Bernoulli",
        parameters: &["logits"],
        target: TargetShape::Same,
        applies: Some(("sigmoid", "logits")),
        example: "Bernoulli(logits)",
    },
    Likelihood {
        name: "Categorical",
        parameters: &["logits"],
        target: TargetShape::Class,
        applies: Some(("softmax", "logits")),
        example: "Categorical(logits)",
    },
    Likelihood {
        name: "Poisson",
        parameters: &["log_rate"],
        target: TargetShape::Same,
        applies: Some(("exp", "the log of the rate")),
        example: "Poisson(log_rate)",
    },
];
