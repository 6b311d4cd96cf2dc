//! The arguments of a call or distribution, each put where it belongs.

use proc_macro2::Span;

use crate::ast::{Argument, Expr};
use crate::errors::Errors;
use crate::suggest;

/// What takes the arguments, for messages and places.
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    /// How a right call looks.
    pub(super) example: &'a str,
    /// The arguments' names in order.
    pub(super) takes: &'a [&'a str],
    /// Where the argument list ends.
    pub(super) end: Span,
}

/// The arguments in the order of `owner.takes`, positional ones first, or
/// nothing after a mistake. Settings are not looked at.
pub(super) fn place<'a>(
    owner: &Owner<'_>,
    arguments: &'a [Argument],
    errors: &mut Errors,
) -> Option<Vec<&'a Expr>> {
    let (placed, _) = place_with_options(owner, &[], arguments, errors)?;
    Some(placed)
}

/// The arguments in the order of `owner.takes`, and those of `options`, each
/// given by name or left out; nothing after a mistake.
pub(super) fn place_with_options<'a>(
    owner: &Owner<'_>,
    options: &[&str],
    arguments: &'a [Argument],
    errors: &mut Errors,
) -> Option<(Vec<&'a Expr>, Vec<Option<&'a Expr>>)> {
    let takes = owner.takes;
    let mut found = place_some(owner, options, arguments, errors)?;
    let given = found.split_off(takes.len());
    if found.iter().any(Option::is_none) {
        let missing: Vec<String> = takes
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|(taken, _)| format!("`{taken}`"))
            .collect();
        errors.at_span(
            owner.end,
            format!(
                "{}; {} missing: `{}`",
                wants(owner.name, takes, options),
                is_or_are(&missing),
                owner.example
            ),
        );
    }
    let placed: Option<Vec<&Expr>> = found.into_iter().collect();
    Some((placed?, given))
}

/// The arguments in the order of `owner.takes` and `options`, each given or left
/// out; nothing after a mistake.
pub(super) fn place_some<'a>(
    owner: &Owner<'_>,
    options: &[&str],
    arguments: &'a [Argument],
    errors: &mut Errors,
) -> Option<Vec<Option<&'a Expr>>> {
    let Owner {
        name,
        example,
        takes,
        ..
    } = owner;
    let named = [takes, options].concat();
    let mut found: Vec<Option<&Expr>> = vec![None; named.len()];
    let mut position = 0;
    let mut is_right = true;
    for argument in arguments {
        let (place, value) = match argument {
            Argument::Setting(_) => continue,
            Argument::Value(value) => {
                position += 1;
                (position - 1, value)
            }
            Argument::Named(label, value) => {
                let Some(place) = named.iter().position(|taken| label == taken) else {
                    let hint = suggest::hint(&label.to_string(), &named);
                    errors.at(label, format!("`{name}` has no option `{label}`; {hint}"));
                    is_right = false;
                    continue;
                };
                (place, value)
            }
        };
        let is_positional = matches!(argument, Argument::Value(_));
        let room = if is_positional { takes } else { &named[..] };
        match found[..room.len()].get_mut(place) {
            None => {
                let given = arguments
                    .iter()
                    .filter(|argument| !matches!(argument, Argument::Setting(_)))
                    .count();
                errors.at(
                    argument.tokens(),
                    format!(
                        "{}, found {given}: `{example}`",
                        wants(name, takes, options)
                    ),
                );
                return None;
            }
            Some(Some(_)) => {
                errors.at(
                    argument.tokens(),
                    format!("`{}` of `{name}` is given twice", named[place]),
                );
                is_right = false;
            }
            Some(empty) => *empty = Some(value),
        }
    }
    is_right.then_some(found)
}

fn wants(name: &str, takes: &[&str], options: &[&str]) -> String {
    let wants = match takes {
        [] => format!("`{name}` takes no arguments"),
        [one] => format!("`{name}` takes one argument ({one})"),
        _ => format!(
            "`{name}` takes {} arguments ({})",
            takes.len(),
            takes.join(", ")
        ),
    };
    match options {
        [] => wants,
        _ => format!("{wants} and by name {}", options.join(", ")),
    }
}

fn is_or_are(missing: &[String]) -> String {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", missing.join(" and "))
}
