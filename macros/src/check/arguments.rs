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
    let Owner {
        name,
        example,
        takes,
        end,
    } = owner;
    let mut found: Vec<Option<&Expr>> = vec![None; takes.len()];
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
                let Some(place) = takes.iter().position(|taken| label == taken) else {
                    let hint = suggest::hint(&label.to_string(), takes);
                    errors.at(label, format!("`{name}` has no option `{label}`; {hint}"));
                    is_right = false;
                    continue;
                };
                (place, value)
            }
        };
        match found.get_mut(place) {
            None => {
                let given = arguments
                    .iter()
                    .filter(|argument| !matches!(argument, Argument::Setting(_)))
                    .count();
                errors.at(
                    argument.tokens(),
                    format!("{}, found {given}: `{example}`", wants(name, takes)),
                );
                return None;
            }
            Some(Some(_)) => {
                errors.at(
                    argument.tokens(),
                    format!("`{}` of `{name}` is given twice", takes[place]),
                );
                is_right = false;
            }
            Some(empty) => *empty = Some(value),
        }
    }
    if is_right && found.iter().any(Option::is_none) {
        let missing: Vec<String> = takes
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|(taken, _)| format!("`{taken}`"))
            .collect();
        errors.at_span(
            *end,
            format!(
                "{}; {} missing: `{example}`",
                wants(name, takes),
                is_or_are(&missing)
            ),
        );
    }
    if is_right {
        found.into_iter().collect()
    } else {
        None
    }
}

fn wants(name: &str, takes: &[&str]) -> String {
    match takes {
        [] => format!("`{name}` takes no arguments"),
        [one] => format!("`{name}` takes one argument ({one})"),
        _ => format!(
            "`{name}` takes {} arguments ({})",
            takes.len(),
            takes.join(", ")
        ),
    }
}

fn is_or_are(missing: &[String]) -> String {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", missing.join(" and "))
}
