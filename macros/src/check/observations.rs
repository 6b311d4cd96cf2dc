//! `y ~ Normal(mean, std);`: every target is observed once, by a likelihood
//! whose parameters are nodes.

use syn::{Ident, Path, ext::IdentExt};

use super::names::Names;
use super::{arguments, expressions::Line, numbers, settings};
use crate::ast::{self, Argument, Expr, Statement, ends};
use crate::errors::Errors;
use crate::net::{Observation, Value};
use crate::suggest;
use crate::tables::{self, Kind, LIKELIHOODS, MOST_OF_OWN, Range, SETTINGS, Setting, TargetShape};

/// The observation in line `number`, if its likelihood is known.
pub(super) fn observation<'a>(
    written: &'a ast::Observation,
    number: usize,
    names: &mut Names,
    errors: &mut Errors,
) -> Option<Observation<'a>> {
    // Of a `~` on a name that is no target, that is said and not more.
    if !names.is_target(&written.name) {
        return None;
    }
    let distribution = &written.distribution;
    if let Some(path) = &distribution.path {
        return own(written, path, number, names, errors);
    }
    let known: Vec<&str> = LIKELIHOODS.iter().map(|row| row.name).collect();
    let word = distribution.name.unraw().to_string();
    let mut row = LIKELIHOODS.iter().find(|row| row.name == word);
    let is_known = row.is_some();
    if row.is_none() {
        let hint = suggest::hint(&word, &known);
        errors.at(
            &distribution.name,
            format!("no likelihood is called `{word}`; {hint}"),
        );
        row = suggest::nearest(&word, known)
            .and_then(|near| LIKELIHOODS.iter().find(|row| row.name == near));
    }
    let row = row?;
    let mut observation = Observation {
        target: &written.name,
        likelihood: row,
        own: None,
        text: crate::written::written(&distribution.tokens),
        parameters: Vec::new(),
        ends: ends(&distribution.tokens),
    };
    if !is_known {
        return Some(observation);
    }
    settings::refuse_settings(row.name, &distribution.arguments, errors);
    let takes: Vec<&str> = row.parameters.iter().map(|number| number.name).collect();
    let owner = arguments::Owner {
        name: row.name,
        example: row.example,
        takes: &takes,
        end: observation.ends.1,
    };
    let Some(placed) = arguments::place(&owner, &distribution.arguments, errors) else {
        return Some(observation);
    };
    let mut line = Line {
        names,
        errors,
        number,
        node: None,
        layer: None,
        shapes: 0,
    };
    if let (Some((function, takes)), Some(Expr::Call(call))) = (row.applies, placed.get(row.head))
        && call.callee.is_ident(function)
    {
        let complaint = format!("`{}` takes {takes}: leave `{function}` out", row.name);
        line.errors.at(&call.callee, complaint);
        return Some(observation);
    }
    let values: Vec<_> = placed.iter().map(|expr| line.value(expr)).collect();
    let is_number = |value: &Option<Value<'_>>| value.as_ref().is_some_and(Value::is_number);
    if values.iter().all(is_number) {
        let (expr, parameter) = (placed[row.head], row.parameters[row.head].name);
        let found = expr.written();
        let complaint = format!(
            "`{parameter}` of `{}` is a node that the net computes, found the number `{found}`",
            row.name
        );
        line.errors.at(expr, complaint);
    }
    let vectors = matches!(row.target, TargetShape::Ordinal | TargetShape::Mixture);
    for (place, (value, expr)) in values.iter().zip(&placed).enumerate() {
        let number = row.parameters[place];
        let is_one_for_all = number.range == Range::Positive;
        if vectors && is_number(value) && !is_one_for_all && !values.iter().all(is_number) {
            let complaint = format!(
                "`{}` of `{}` is a node with a number for each class or component, found the \
                 number `{}`",
                number.name,
                row.name,
                expr.written()
            );
            line.errors.at(expr, complaint);
            continue;
        }
        if is_number(value) && !(place == row.head && values.iter().all(is_number)) {
            numbers::argument(expr, row.name, number, line.errors);
        }
    }
    observation.parameters = values
        .into_iter()
        .collect::<Option<_>>()
        .unwrap_or_default();
    Some(observation)
}

/// An observation by a likelihood of the user's own, which takes its parameters by position.
fn own<'a>(
    written: &'a ast::Observation,
    path: &'a Path,
    number: usize,
    names: &mut Names,
    errors: &mut Errors,
) -> Option<Observation<'a>> {
    let distribution = &written.distribution;
    let name = crate::written::written(path);
    let example = format!("{name}(location, 0.1)");
    settings::refuse_settings(&name, &distribution.arguments, errors);
    let count = distribution.arguments.len();
    let Some(row) = tables::own(count) else {
        let complaint = format!(
            "`{name}` takes from 1 to {MOST_OF_OWN} parameters, found {count}: `{example}`"
        );
        errors.at(&distribution.tokens, complaint);
        return None;
    };
    let mut line = Line {
        names,
        errors,
        number,
        node: None,
        layer: None,
        shapes: 0,
    };
    let mut parameters = Vec::new();
    for argument in &distribution.arguments {
        match argument {
            Argument::Value(expr) => parameters.push(line.value(expr)),
            Argument::Named(label, _) => {
                let complaint = format!(
                    "`{name}` is a likelihood of your own, which takes its parameters by position: \
                     `{example}`"
                );
                line.errors.at(label, complaint);
                parameters.push(None);
            }
            Argument::Setting(_) => parameters.push(None),
        }
    }
    let parameters: Option<Vec<Value<'_>>> = parameters.into_iter().collect();
    if parameters
        .as_deref()
        .is_some_and(|all| all.iter().all(Value::is_number))
    {
        let complaint =
            format!("one parameter of `{name}` at least is a node that the net computes");
        line.errors.at(&distribution.tokens, complaint);
    }
    Some(Observation {
        target: &written.name,
        likelihood: row,
        own: Some(path),
        text: crate::written::written(&distribution.tokens),
        parameters: parameters.unwrap_or_default(),
        ends: ends(&distribution.tokens),
    })
}

/// Every target has one observation, and nothing else has.
pub(super) fn each_target_once(net: &ast::Net, names: &Names, errors: &mut Errors) {
    let mut observed: Vec<&Ident> = Vec::new();
    let mut a_line_is_unclear = !net.header_is_whole;
    for statement in &net.body {
        match statement {
            Statement::Observation(observation) => {
                let name = &observation.name;
                if observed.contains(&name) {
                    errors.at(
                        name,
                        format!(
                            "`{}` is observed twice; a target has one likelihood",
                            name.unraw()
                        ),
                    );
                } else if net.targets.contains(name) {
                    observed.push(name);
                } else {
                    a_line_is_unclear = true;
                    stray(net, observation, names, errors);
                }
            }
            Statement::Broken(Some(name), _) if net.targets.contains(name) => observed.push(name),
            Statement::Broken(..) => a_line_is_unclear = true,
            Statement::Node(node) if node.is_meant_as_observation(net) => observed.push(&node.name),
            Statement::Setting(_) | Statement::Node(_) => {}
        }
    }
    let missing: Vec<&Ident> = net
        .targets
        .iter()
        .filter(|target| !observed.contains(target))
        .collect();
    if !a_line_is_unclear {
        for target in &missing {
            let text = target.unraw();
            errors.at(
                target,
                format!(
                    "the target `{text}` is never observed; say how it is distributed: \
                     `{text} ~ Normal(mean, 0.1);`"
                ),
            );
        }
    }
}

/// A `~` on a name that is no target.
fn stray(net: &ast::Net, observation: &ast::Observation, names: &Names, errors: &mut Errors) {
    if !net.header_is_whole {
        return;
    }
    let targets: Vec<String> = net
        .targets
        .iter()
        .map(|target| target.unraw().to_string())
        .collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let name = &observation.name;
    let word = name.unraw().to_string();
    if let Some(role) = names.role_of_node(name) {
        errors.at(
            name,
            format!("`{word}` is {role}, which cannot be observed; `~` is for the targets, which stand after `->`"),
        );
        return;
    }
    // `weight ~ Normal(0, 1)`: a prior, if that is nearer than a target.
    let is_prior = |row: &&Setting| {
        let mut choices = row.choices.iter();
        row.kind == Kind::Prior
            && choices.any(|choice| observation.distribution.name == choice.name)
    };
    let priors = SETTINGS.iter().filter(is_prior).map(|row| row.name);
    let words = targets.iter().copied().chain(priors.clone());
    if let Some(setting) = suggest::nearest(&word, words)
        && priors.clone().any(|prior| prior == setting)
    {
        errors.at(
            name,
            format!("`{word}` is no target of the net; did you mean the prior of `{setting}`?"),
        );
        return;
    }
    let hint = match targets.as_slice() {
        [only] => format!("did you mean `{only}`?"),
        several => suggest::hint(&word, several),
    };
    errors.at(
        name,
        format!("`{word}` is no target of the net (those stand after `->`); {hint}"),
    );
}
