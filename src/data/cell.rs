//! One cell of a CSV file: a number, a class, or a mistake with a name.

use super::names::listed;
use super::target::{Order, Target};
use crate::error::{Error, Place, Result};

/// A cell of a target's column, its blanks trimmed, and its physical line.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) line: u64,
}

impl AsRef<str> for Cell {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Why a cell is no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoNumber {
    found: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    /// `NA`, `null`: stands for a missing value.
    Missing,
    /// NaN or an infinity, spelled out.
    NotFinite,
    /// Too large for f64.
    TooLarge,
    /// `true` or `false`: a fine class, but no number.
    Truth,
    /// Text which is nearly a number, and how to write it.
    Nearly(String),
    /// Any other text.
    Text,
}

/// The number in a cell.
pub(super) fn number(text: &str) -> Result<f64, NoNumber> {
    let text = text.trim();
    let kind = match text.parse::<f64>() {
        Ok(number) if number.is_finite() => return Ok(number),
        Ok(_) if text.contains(|c: char| c.is_ascii_digit()) => Kind::TooLarge,
        Ok(_) => Kind::NotFinite,
        Err(_) if text.is_empty() => Kind::Empty,
        Err(_) if stands_for_missing(text) => Kind::Missing,
        Err(_) if is_truth(text) => Kind::Truth,
        Err(_) => nearly(text).map_or(Kind::Text, Kind::Nearly),
    };
    Err(NoNumber {
        found: shortened(text),
        kind,
    })
}

/// Whether a cell holds nothing: it is empty, or says that the value is missing, or is NaN.
pub(super) fn is_missing(text: &str) -> bool {
    match number(text) {
        Ok(_) => false,
        Err(trouble) => match trouble.kind {
            Kind::Empty | Kind::Missing => true,
            Kind::NotFinite => text.trim().parse::<f64>().is_ok_and(f64::is_nan),
            _ => false,
        },
    }
}

impl NoNumber {
    /// The error, in a column that holds features.
    pub(super) fn in_feature(self, place: Place, column: &str) -> Error {
        let text = format!(
            "correct it, or leave the column out: CsvOptions::new().skip([{column:?}]); \
             a column of text can only be a target"
        );
        self.error(place, &text)
    }

    /// The error, in a column that holds `target`, of numbers.
    pub(super) fn in_target(self, place: Place, target: &Target) -> Error {
        let text = if target.columns.len() == 1 {
            "correct it; if the numbers are names of classes too, list them with .classes([..])"
        } else {
            "correct it; several columns make one target of numbers only: give a column of classes \
             a target of its own, Target::column(..)"
        };
        self.error(place, text)
    }

    fn error(self, place: Place, mend_text: &str) -> Error {
        const MISSING: &str = "fill it in or remove the row";
        let (found, needed) = (format!("{:?}", self.found), "a number".to_string());
        let mend = match self.kind {
            Kind::NotFinite => {
                return Error::NotFinite {
                    place,
                    found,
                    mend: MISSING.into(),
                };
            }
            Kind::TooLarge => {
                return Error::NotFinite {
                    place,
                    found,
                    mend: "write a number below 1.8e308".into(),
                };
            }
            Kind::Empty => {
                return Error::Value {
                    place,
                    found: "an empty cell".into(),
                    needed,
                    mend: MISSING.into(),
                };
            }
            Kind::Missing => format!("this stands for a missing value: {MISSING}"),
            Kind::Truth => "write 1 for true and 0 for false".into(),
            Kind::Nearly(how) => how,
            Kind::Text => mend_text.to_string(),
        };
        Error::Value {
            place,
            found,
            needed,
            mend,
        }
    }
}

impl Target {
    /// Whether this very text is a class that the user has named.
    pub(super) fn lists(&self, text: &str) -> bool {
        match &self.order {
            Order::Sorted => false,
            Order::Given(names) => names.iter().any(|name| name == text),
            Order::Positive(name) => name == text,
        }
    }
}

/// Whether the cells of a target are names of classes rather than numbers.
///
/// They are if the target names its classes, or if no cell is a number; a column of
/// decimal commas alone is taken for numbers, too. A cell that is empty or stands for a
/// missing value is an error then, unless the target lists it as a class: it must never
/// become a class by itself, least of all class 0. A target that may be missing lets them be.
pub(super) fn hold_classes(
    target: &Target,
    cells: &[Cell],
    place: impl Fn(usize) -> Place,
) -> Result<bool> {
    let kind = |cell: &Cell| number(&cell.text).map_err(|trouble| trouble.kind);
    let kinds = || cells.iter().map(kind);
    let any_number = kinds().any(|kind| matches!(kind, Ok(_) | Err(Kind::TooLarge)));
    let all_nearly = kinds().all(|kind| matches!(kind, Err(Kind::Nearly(_))));
    let all_missing = target.may_be_missing && cells.iter().all(|cell| is_missing(&cell.text));
    if !target.names_classes() && (any_number || all_nearly || all_missing) {
        return Ok(false);
    }
    let may_stay = |cell: &Cell| target.may_be_missing && is_missing(&cell.text);
    let missing = cells.iter().position(|cell| {
        matches!(
            kind(cell),
            Err(Kind::Empty | Kind::Missing | Kind::NotFinite)
        ) && !target.lists(&cell.text)
            && !may_stay(cell)
    });
    match missing {
        None => Ok(true),
        Some(i) => Err(missing_label(&cells[i].text, place(i))),
    }
}

fn missing_label(cell: &str, place: Place) -> Error {
    const MEND: &str = "fill it in or remove the row";
    let text = listed([cell]);
    let (found, mend) = if cell.is_empty() {
        ("an empty cell".to_string(), MEND.to_string())
    } else {
        (
            format!("{text}, which stands for a missing value"),
            format!("{MEND}; if {text} is the name of a class, list it in .classes([..])"),
        )
    };
    Error::Value {
        place,
        found,
        needed: "the name of a class".into(),
        mend,
    }
}

fn stands_for_missing(text: &str) -> bool {
    const MARKS: [&str; 11] = [
        "na", "n/a", "#n/a", "<na>", "null", "none", "nil", "missing", "?", "-", ".",
    ];
    MARKS.contains(&text.to_ascii_lowercase().as_str())
}

fn is_truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// How to write a text that is nearly a number; `None` if it is not nearly one.
fn nearly(text: &str) -> Option<String> {
    let is_number = |text: &str| {
        text.contains(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
    };
    let commas = text.matches(',').count();
    if commas == 1 && !text.contains('.') {
        let dotted = text.replace(',', ".");
        if is_number(&dotted) {
            return Some(format!(
                "a decimal comma? write the point as in {dotted}, or 1,000 as 1000"
            ));
        }
    }
    let ascii = text.replace(MINUS, "-");
    if ascii != text && is_number(&ascii) {
        return Some(format!(
            "the minus sign is not the one of ASCII, but U+2212 or a dash: write {ascii}"
        ));
    }
    let alone = ascii.trim_matches(|c: char| UNITS.contains(&c) || c.is_whitespace());
    let bare: String = alone
        .chars()
        .filter(|c| !matches!(c, ',' | '_' | '\'' | '’') && !c.is_whitespace())
        .collect();
    if bare == text || !is_number(&bare) {
        return None;
    }
    Some(if alone == ascii {
        format!("write it without separators: {bare}")
    } else {
        format!("write the number alone, without the sign: {bare}")
    })
}

/// Signs that stand for a minus in typeset text: the minus itself, and two dashes.
const MINUS: [char; 3] = ['\u{2212}', '\u{2013}', '\u{2014}'];

/// Signs that stand beside a number.
const UNITS: [char; 7] = ['%', '‰', '€', '$', '£', '¥', '°'];

/// At most 40 characters of a text.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_string(),
    }
}
