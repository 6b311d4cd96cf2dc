//! The likelihoods: what may stand right of `y ~`.

/// A likelihood of the library, `elbo::dist::<name>`.
#[derive(Debug)]
pub(crate) struct Likelihood {
    pub(crate) name: &'static str,
    /// Its parameters in order, each a field of the type. The first gives the
    /// shape; the others must have the same or `[]`, and may be plain numbers.
    pub(crate) parameters: &'static [&'static str],
    pub(crate) target: TargetShape,
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
        example: "Normal(mean, 0.1)",
    },
    Likelihood {
        name: "Bernoulli",
        parameters: &["logits"],
        target: TargetShape::Same,
        example: "Bernoulli(logits)",
    },
    Likelihood {
        name: "Categorical",
        parameters: &["logits"],
        target: TargetShape::Class,
        example: "Categorical(logits)",
    },
    Likelihood {
        name: "Poisson",
        parameters: &["log_rate"],
        target: TargetShape::Same,
        example: "Poisson(log_rate)",
    },
];
