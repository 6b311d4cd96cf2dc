//! Whether what a likelihood takes can be what it needs: a scale that a layer computes may be
//! negative, and training would end at NaN.

use syn::ext::IdentExt;

use crate::ast::Operator;
use crate::errors::Errors;
use crate::net::{Function, Layer, LayerKind, Net, Value, What};
use crate::tables::{Likelihood, Range};

/// Refuses a parameter that must be positive and is known to be so for some weights only.
pub(super) fn hold(net: &Net<'_>, errors: &mut Errors) {
    for observation in &net.observations {
        let Likelihood {
            name, parameters, ..
        } = observation.likelihood;
        for (number, value) in parameters.iter().zip(&observation.parameters) {
            if number.range == Range::Increasing && !is_cutpoints(value, net) {
                let (parameter, text) = (number.name, &value.text);
                errors.between(
                    value.ends,
                    format!(
                        "`{parameter}` of `{name}` must increase, and `{text}` may not: put \
                         `cuts = cutpoints(2);` on a line before, for three classes, and write \
                         `cuts` here"
                    ),
                );
            }
            if number.range == Range::Positive && may_be_negative(value, None, net) {
                let (parameter, text) = (number.name, &value.text);
                errors.between(
                    value.ends,
                    format!(
                        "`{parameter}` of `{name}` must be above 0, but `{text}`{} may be \
                         negative: write `softplus({text})`",
                        definition(value, net)
                    ),
                );
            }
        }
    }
}

/// Whether the value is the output of a layer of cutpoints.
fn is_cutpoints(value: &Value<'_>, net: &Net<'_>) -> bool {
    let What::Node(name) = &value.what else {
        return false;
    };
    let node = net.nodes().find(|node| node.name.unraw() == name.unraw());
    node.is_some_and(|node| match node.value.as_ref().map(|value| &value.what) {
        Some(What::Layer(_)) => node.layer.as_ref().is_some_and(
            |layer| matches!(layer.kind, LayerKind::Ours(row) if row.name == "cutpoints"),
        ),
        // `cuts = other;` or a function of the user's, of which nothing is known.
        Some(What::Node(_)) => node
            .value
            .as_ref()
            .is_some_and(|value| is_cutpoints(value, net)),
        Some(What::Users(_)) => true,
        _ => false,
    })
}

/// ` = linear(h, 1)` of a node.
fn definition(value: &Value<'_>, net: &Net<'_>) -> String {
    let What::Node(name) = &value.what else {
        return String::new();
    };
    let node = net.nodes().find(|node| node.name.unraw() == name.unraw());
    node.map_or_else(String::new, |node| format!(", which is `{}`,", node.text))
}

/// Whether some weights make the value negative, whatever the data. Of inputs and of functions of
/// the user's nothing is known. `layer` is the layer of the line.
fn may_be_negative(value: &Value<'_>, layer: Option<&Layer<'_>>, net: &Net<'_>) -> bool {
    let inside = |value: &Value<'_>| may_be_negative(value, layer, net);
    match &value.what {
        What::Node(name) => net
            .nodes()
            .find(|node| node.name.unraw() == name.unraw())
            .is_some_and(|node| {
                let value = node.value.as_ref();
                value.is_some_and(|value| may_be_negative(value, node.layer.as_ref(), net))
            }),
        What::Layer(_) => layer.is_some_and(|layer| match layer.kind {
            LayerKind::Ours(row) => row.has_weights,
            LayerKind::Users(_) => false,
        }),
        What::Function(Function { row, values, .. }) => match row.name {
            "tanh" | "gelu" | "log" | "log_softmax" => true,
            "relu" | "sigmoid" | "softplus" | "exp" | "sqrt" | "square" => false,
            _ => values.iter().any(inside),
        },
        What::Binary(left, Operator::Add, _, right) => inside(left) && inside(right),
        What::Binary(left, Operator::Subtract, ..) => inside(left),
        What::Binary(left, _, _, right) => inside(left) != inside(right),
        What::Number(_) | What::Users(_) | What::Negative(..) => false,
    }
}
