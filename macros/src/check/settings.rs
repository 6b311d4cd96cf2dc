//! `weights ~ Normal(0, 1)`, `posterior = Point`: the right side of a setting.

use super::names::Names;
use super::{arguments, numbers};
use crate::ast::{self, Expr, ends};
use crate::errors::Errors;
use crate::net::{Filled, Setting};
use crate::suggest;
use crate::tables::{Kind, SETTINGS};
use crate::written::written;

/// The setting with its value found in the tables; `place` tells its numbers
/// from those of others.
pub(super) fn setting(
    written: &ast::Setting,
    place: &str,
    names: &Names,
    errors: &mut Errors,
) -> Option<Setting> {
    let row = SETTINGS.iter().find(|row| written.name == row.name)?;
    let value = &written.value;
    let place = format!("IN_{}_{place}", row.name).to_uppercase();
    let filled = |value| Setting {
        name: written.name.clone(),
        ends: ends(&written.value.tokens),
        row,
        value,
        place,
    };
    let known: Vec<&str> = row.choices.iter().map(|choice| choice.name).collect();
    if let Some(path) = &value.path {
        if row.kind == Kind::Prior {
            return own(path, value, names, errors).map(filled);
        }
        let (noun, hint) = (row.kind.noun(), suggest::hint("", &known));
        let complaint = format!("{noun}s of your own are not possible; {hint}");
        errors.at(path, complaint);
        return None;
    }
    let Some(choice) = row.choices.iter().find(|choice| value.name == choice.name) else {
        let hint = suggest::hint(&value.name.to_string(), &known);
        errors.at(
            &value.name,
            format!("no {} is called `{}`; {hint}", row.kind.noun(), value.name),
        );
        return None;
    };
    refuse_settings(choice.name, &value.arguments, errors);
    let takes: Vec<&str> = choice.numbers.iter().map(|number| number.name).collect();
    let owner = arguments::Owner {
        name: choice.name,
        example: choice.example,
        takes: &takes,
        end: ends(&value.tokens).1,
    };
    let mut placed = if choice.defaults.is_empty() {
        let all = arguments::place(&owner, &value.arguments, errors)?;
        all.into_iter().map(Some).collect()
    } else {
        arguments::place_some(&owner, &[], &value.arguments, errors)?
    };
    let initial = placed.last().copied().flatten().and_then(learned);
    if let (Some(call), Some(last)) = (initial, placed.last_mut()) {
        if choice.learned.is_none() {
            let complaint = format!(
                "`{}` has nothing that is learned; `Normal(0, learned(0.3))` has its scale",
                choice.name
            );
            errors.at(&call.tokens, complaint);
            return None;
        }
        let owner = arguments::Owner {
            name: "learned",
            example: "learned(0.3)",
            takes: &["initial"],
            end: call.end,
        };
        *last = arguments::place(&owner, &call.arguments, errors)?.pop();
    }
    let mut numbers = Vec::new();
    for (expr, number) in placed.into_iter().zip(choice.numbers) {
        if let Some(call) = expr.and_then(learned) {
            let complaint = format!("`{}` of `{}` cannot be learned", number.name, choice.name);
            errors.at(&call.tokens, complaint);
            return None;
        }
        numbers.push(expr.map(|expr| {
            let what = format!("`{}` of `{}`", number.name, choice.name);
            names.refuse_nodes(expr, &what, errors);
            numbers::argument(expr, choice.name, *number, errors)
        }));
    }
    Some(filled(Filled::Choice {
        choice,
        numbers,
        is_learned: initial.is_some(),
    }))
}

/// The call that `expr` is, if that is `learned(0.3)`.
fn learned(expr: &Expr) -> Option<&ast::Call> {
    match expr {
        Expr::Group(_, inner) => learned(inner),
        Expr::Call(call) if call.callee.is_ident("learned") => Some(call),
        _ => None,
    }
}

/// A prior of the user's own, whose arguments are constants by position.
fn own(
    path: &syn::Path,
    value: &ast::Distribution,
    names: &Names,
    errors: &mut Errors,
) -> Option<Filled> {
    let name = written(path);
    refuse_settings(&name, &value.arguments, errors);
    let mut is_right = true;
    let owner = format!("a constant of `{name}`");
    for argument in &value.arguments {
        match argument {
            ast::Argument::Value(expr) => names.refuse_nodes(expr, &owner, errors),
            ast::Argument::Named(label, _) => {
                is_right = false;
                errors.at(
                    label,
                    format!(
                        "`{name}` is a prior of your own, which takes its constants by position"
                    ),
                );
            }
            ast::Argument::Setting(_) => is_right = false,
        }
    }
    is_right.then(|| Filled::Own(value.tokens.clone()))
}

/// An estimator beside a posterior that it cannot sample, in the layer that has both.
pub(super) fn refuse_unfit(posterior: &Setting, estimator: &Setting, errors: &mut Errors) {
    let (Filled::Choice { choice: q, .. }, Filled::Choice { choice: by, .. }) =
        (&posterior.value, &estimator.value)
    else {
        return;
    };
    if q.refuses.contains(&by.name) {
        let fits = SETTINGS
            .iter()
            .filter(|row| row.kind == Kind::Estimator)
            .flat_map(|row| row.choices)
            .filter(|choice| !q.refuses.contains(&choice.name))
            .map(|choice| format!("`{}`", choice.name));
        let fits: Vec<String> = fits.collect();
        let complaint = format!(
            "`{}` cannot sample a `{}` posterior; {} can",
            by.name,
            q.name,
            fits.join(", ")
        );
        errors.at_span(estimator.ends.0, complaint);
    }
}

/// What to say of `estimater = LocalReparam;`, which reads as a node.
pub(super) fn meant(node: &ast::Node) -> Option<String> {
    let word = match &node.value {
        Expr::Name(name) => name,
        Expr::Call(call) => call.callee.get_ident()?,
        _ => return None,
    };
    let row = SETTINGS.iter().find(|row| {
        row.kind != Kind::Prior && row.choices.iter().any(|choice| word == choice.name)
    })?;
    let name = row.name;
    Some(format!(
        "`{word}` fills the setting `{name}`; did you mean `{name} = {word}`?"
    ))
}

/// Settings belong into a layer with weights, nowhere else.
pub(super) fn refuse_settings(owner: &str, arguments: &[ast::Argument], errors: &mut Errors) {
    for argument in arguments {
        if let ast::Argument::Setting(setting) = argument {
            errors.at(
                setting,
                format!(
                    "`{owner}` has no weights, so `{}` cannot be set in it",
                    setting.name
                ),
            );
        }
    }
}
