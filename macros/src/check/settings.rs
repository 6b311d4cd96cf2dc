//! `weights ~ Normal(0, 1)`, `posterior = Point`: the right side of a setting.

use super::names::Names;
use super::{arguments, numbers};
use crate::ast::{self, Expr, ends};
use crate::errors::Errors;
use crate::net::Setting;
use crate::suggest;
use crate::tables::{Kind, SETTINGS};

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
    let Some(choice) = row.choices.iter().find(|choice| value.name == choice.name) else {
        let known: Vec<&str> = row.choices.iter().map(|choice| choice.name).collect();
        let hint = suggest::hint(&value.name.to_string(), &known);
        errors.at(
            &value.name,
            format!("no {} is called `{}`; {hint}", row.kind.noun(), value.name),
        );
        return None;
    };
    let place = format!("IN_{}_{place}", row.name).to_uppercase();
    if choice.has_default && value.arguments.is_empty() {
        return Some(Setting {
            name: written.name.clone(),
            ends: ends(&value.tokens),
            row,
            choice,
            numbers: Vec::new(),
            place,
        });
    }
    refuse_settings(choice.name, &value.arguments, errors);
    let takes: Vec<&str> = choice.numbers.iter().map(|number| number.name).collect();
    let owner = arguments::Owner {
        name: choice.name,
        example: choice.example,
        takes: &takes,
        end: ends(&value.tokens).1,
    };
    let placed = arguments::place(&owner, &value.arguments, errors)?;
    let mut numbers = Vec::new();
    for (expr, number) in placed.into_iter().zip(choice.numbers) {
        let what = format!("`{}` of `{}`", number.name, choice.name);
        names.refuse_nodes(expr, &what, errors);
        numbers.push(numbers::argument(expr, choice.name, *number, errors));
    }
    Some(Setting {
        name: written.name.clone(),
        ends: ends(&value.tokens),
        row,
        choice,
        numbers,
        place,
    })
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
