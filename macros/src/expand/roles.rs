//! What the inputs are to the net. One that no layer reads is known of each row, and enters the
//! likelihood as it is: an exposure, an error of measurement.

use syn::{Ident, ext::IdentExt};

use crate::net::{Function, Net, Observation, Users, Value, What};
use crate::tables::{Range, TargetShape};

/// Whether a layer reads the input, itself or by way of other nodes.
pub(super) fn is_feature(net: &Net<'_>, input: &Ident) -> bool {
    let values = net.nodes().filter_map(|node| node.value.as_ref());
    values
        .filter_map(Value::layer_input)
        .any(|read| depends(net, read, input))
}

/// Whether a logarithm of the input is taken, or it is itself a parameter that must be positive.
pub(super) fn is_positive(net: &Net<'_>, input: &Ident) -> bool {
    let nodes = net.nodes().filter_map(|node| node.value.as_ref());
    let observed = net.observations.iter().flat_map(|seen| &seen.parameters);
    let is_scale = |seen: &Observation<'_>| {
        let mut parameters = seen.likelihood.parameters.iter().zip(&seen.parameters);
        parameters.any(|(number, value)| number.range == Range::Positive && is_name(value, input))
    };
    nodes.chain(observed).any(|value| takes_log(value, input))
        || net.observations.iter().any(is_scale)
}

/// The number of the target in whose unit the input is: a real one that may be standardized, whose
/// location or scale depends on it.
pub(super) fn unit_of(net: &Net<'_>, input: &Ident) -> Option<usize> {
    net.observed().iter().position(|seen| {
        let row = seen.likelihood;
        let has_unit = matches!(row.target, TargetShape::Same | TargetShape::Mixture);
        let mut parameters = row.parameters.iter().zip(&seen.parameters);
        row.is_scaled
            && has_unit
            && parameters.any(|(number, value)| number.name != "df" && depends(net, value, input))
    })
}

fn is_name(value: &Value<'_>, name: &Ident) -> bool {
    matches!(&value.what, What::Node(node) if node.unraw() == name.unraw())
}

/// The values inside of a value.
fn inside<'v, 'a>(value: &'v Value<'a>) -> Vec<&'v Value<'a>> {
    match &value.what {
        What::Node(_) | What::Number(_) => Vec::new(),
        What::Layer(input) => input.as_deref().into_iter().collect(),
        What::Function(Function { values, .. }) | What::Users(Users { values, .. }) => {
            values.iter().collect()
        }
        What::Negative(_, value) => vec![value],
        What::Binary(left, _, _, right) => vec![left, right],
    }
}

/// Whether the value depends on the input, itself or by way of other nodes.
fn depends(net: &Net<'_>, value: &Value<'_>, input: &Ident) -> bool {
    if let What::Node(name) = &value.what {
        let node = net.nodes().find(|node| node.name.unraw() == name.unraw());
        return name.unraw() == input.unraw()
            || node
                .and_then(|node| node.value.as_ref())
                .is_some_and(|value| depends(net, value, input));
    }
    inside(value)
        .into_iter()
        .any(|value| depends(net, value, input))
}

/// Whether `log(input)` stands in the value.
fn takes_log(value: &Value<'_>, input: &Ident) -> bool {
    let is_log = matches!(&value.what, What::Function(Function { row, values, .. })
        if row.name == "log" && values.iter().any(|value| is_name(value, input)));
    is_log
        || inside(value)
            .into_iter()
            .any(|value| takes_log(value, input))
}
