//! Binds the columns of a dataset to the inputs and targets of a net, by name, and
//! says all that does not fit at once.

use std::collections::HashMap;

use super::info::{NetInfo, TargetInfo};
use super::schema::{Schema, TargetSchema};
use crate::data::names::{count, did_you_mean, listed, number, quoted};
use crate::data::{Dataset, TargetBlock, Values, label_mend};
use crate::dist::Support;
use crate::error::{Error, Place, Result};

/// The columns of each input, in the order of the net.
pub(super) fn inputs(
    info: &NetInfo,
    data: &Dataset,
    differences: &mut Vec<String>,
) -> Vec<Vec<String>> {
    let names: Vec<&str> = info.inputs.iter().map(|input| input.name).collect();
    let mut bound: Vec<Option<Vec<String>>> = vec![None; names.len()];
    let mut loose = Vec::new();
    for block in data.blocks() {
        match &block.input {
            None => loose.extend(block.columns.iter().cloned()),
            Some(group) => match names.iter().position(|name| name == group) {
                Some(index) => bound[index]
                    .get_or_insert_default()
                    .extend(block.columns.iter().cloned()),
                None => differences.push(format!(
                    "the data have a group `{group}`, net `{}` has the inputs {}",
                    info.name,
                    quoted(&names),
                )),
            },
        }
    }
    // A column called like an input that takes just one is meant for it.
    for (input, bound) in info.inputs.iter().zip(&mut bound) {
        let alike = loose.iter().position(|column| column == input.name);
        if let (None, 1, Some(index)) = (&bound, input.shape.size(), alike) {
            *bound = Some(vec![loose.remove(index)]);
        }
    }
    if !loose.is_empty() {
        let free: Vec<usize> = (0..names.len()).filter(|&i| bound[i].is_none()).collect();
        match free[..] {
            [index] => bound[index] = Some(loose),
            [] => differences.push(format!(
                "no input is left for the columns {}: group them or leave them out with `without`",
                quoted(&loose)
            )),
            [..] => differences.push(format!(
                "the columns {} may belong to {}: say so with .group(\"{}\", [..])",
                quoted(&loose),
                quoted(&free.iter().map(|&i| names[i]).collect::<Vec<_>>()),
                names[free[0]],
            )),
        }
    }
    let nothing_else = differences.is_empty();
    for (input, columns) in info.inputs.iter().zip(&bound) {
        let width = input.shape.size();
        match columns {
            None if nothing_else => differences.push(format!(
                "input `{}` takes {}, the data give none",
                input.name,
                count(width, "column")
            )),
            Some(columns) if columns.len() != width => differences.push(format!(
                "input `{}` takes {}, the data give {}: {}",
                input.name,
                count(width, "column"),
                columns.len(),
                quoted(columns),
            )),
            _ => {}
        }
    }
    bound.into_iter().map(Option::unwrap_or_default).collect()
}

/// The block of data that each target of the net learns from; as many as there are
/// targets if nothing differs.
pub(super) fn targets<'d>(
    info: &NetInfo,
    data: &'d Dataset,
    differences: &mut Vec<String>,
) -> Vec<&'d TargetBlock> {
    let blocks = data.target_blocks();
    if blocks.is_empty() {
        differences
            .push("the data have no target: name it, as in Target::column(\"price\")".to_string());
        return Vec::new();
    }
    let names: Vec<&str> = info.targets.iter().map(|target| target.name).collect();
    let (mut bound, mut free) = (Vec::new(), Vec::new());
    for target in &info.targets {
        let found = blocks.iter().find(|block| feeds(block, target.name)).or(
            // A single target needs no name to be the one that is meant.
            match (blocks, &info.targets[..]) {
                ([only], [_]) if only.feeds.is_none() => Some(only),
                _ => None,
            },
        );
        if let Some(block) = found {
            differences.extend(target_differences(info, target, block));
            bound.push(block);
        } else {
            free.push(target.name);
            differences.push(format!(
                "target `{0}` has no data: say which with .named(\"{0}\")",
                target.name
            ));
        }
    }
    for block in blocks {
        if !bound.iter().any(|bound| std::ptr::eq(*bound, block)) {
            differences.push(feeds_none(block, &names, &free));
        }
    }
    bound
}

/// Why a block of data feeds none of the net's targets, of which some are `free`.
fn feeds_none(block: &TargetBlock, names: &[&str], free: &[&str]) -> String {
    let columns = quoted(&block.columns);
    let by_column = match &block.columns[..] {
        [column] if names.contains(&column.as_str()) => Some(column),
        _ => None,
    };
    match (block.feeds.as_ref().or(by_column), free) {
        (Some(name), _) if !names.contains(&name.as_str()) => {
            let hint = did_you_mean(name, names.iter().copied());
            let mend = "; give .named(..) one of them";
            format!(
                "the data's target {columns} is named {name:?}, the net's targets are {}{}",
                quoted(names),
                if hint.is_empty() { mend } else { &hint },
            )
        }
        (Some(name), _) => format!(
            "the data's target {columns} would feed `{name}`, which another feeds already; leave \
             one of them out"
        ),
        (None, [free, ..]) => format!(
            "the data's target {columns} feeds none of the net's: {}; say which with \
             .named({free:?})",
            quoted(names),
        ),
        (None, []) => format!(
            "the data's target {columns} feeds none of the net's: {}; leave its column out",
            quoted(names),
        ),
    }
}

/// Whether a block says, or by the name of its column shows, which target it feeds.
fn feeds(block: &TargetBlock, target: &str) -> bool {
    match &block.feeds {
        Some(name) => name == target,
        None => block.columns.len() == 1 && block.columns[0] == target,
    }
}

/// Width and kind of one target's data.
fn target_differences(info: &NetInfo, target: &TargetInfo, block: &TargetBlock) -> Option<String> {
    let subject = match info.targets.len() {
        1 => "target".to_string(),
        _ => format!("target `{}`", target.name),
    };
    let columns = quoted(&block.columns);
    let (found, likelihood) = (block.columns.len(), target.likelihood);
    match target.support {
        Support::Class { .. } if found != 1 => {
            return Some(format!(
                "{subject} has {}, {likelihood} takes one column of labels, \
                 not a column a class: the data give {columns}",
                count(found, "column"),
            ));
        }
        Support::Class { .. } => {}
        _ if found != target.shape.size() => {
            return Some(format!(
                "{subject} has {}, net `{}` gives {}: the data give {columns}",
                count(found, "column"),
                info.name,
                count(target.shape.size(), "output"),
            ));
        }
        _ => {}
    }
    let Values::Labels { classes, .. } = &block.values else {
        return None;
    };
    let names = listed(classes.iter().map(String::as_str));
    if likelihood == "Ordinal" && !block.in_order {
        return Some(format!(
            "{subject} is text, {likelihood} needs the order of its classes: {columns} holds \
             {names}; list them from the lowest to the highest with .classes([..])"
        ));
    }
    let wanted = match target.support {
        Support::Binary => 2,
        Support::Class { classes } => classes,
        support => {
            return Some(format!(
                "{subject} is text, {likelihood} needs {support}: {columns} holds {names}"
            ));
        }
    };
    (classes.len() != wanted).then(|| {
        format!(
            "{subject} has {}, {likelihood} tells {wanted} apart: {columns} holds {names}{}",
            count(classes.len(), "class"),
            if classes.len() < wanted {
                "; if more may come, list all with .classes([..])"
            } else {
                ""
            },
        )
    })
}

/// The names of the classes, in the order of their labels.
pub(super) fn classes(support: Support, block: &TargetBlock) -> Vec<String> {
    match (&block.values, support) {
        (Values::Labels { classes, .. }, _) => classes.clone(),
        (Values::Numbers(_), Support::Binary) => numbered(2),
        (Values::Numbers(_), Support::Class { classes }) => numbered(classes),
        (Values::Numbers(_), _) => Vec::new(),
    }
}

/// The names of classes that have none: their labels.
fn numbered(classes: usize) -> Vec<String> {
    (0..classes).map(|label| label.to_string()).collect()
}

/// The blocks from which a model's targets can be read again.
pub(super) fn known_targets<'d>(
    schema: &Schema,
    data: &'d Dataset,
    differences: &mut Vec<String>,
) -> Vec<&'d TargetBlock> {
    let mut bound = Vec::new();
    for target in &schema.targets {
        match known_target(target, data) {
            Ok(block) => bound.push(block),
            Err(difference) => differences.push(difference),
        }
    }
    bound
}

/// The block from which a target can be read again, or why there is none.
pub(super) fn known_target<'d>(
    target: &TargetSchema,
    data: &'d Dataset,
) -> Result<&'d TargetBlock, String> {
    let found = data.target_blocks().iter().find(|block| {
        block.columns == target.columns || block.feeds.as_deref() == Some(target.name.as_str())
    });
    let Some(block) = found else {
        let known = data.targets();
        let column = target.columns.first().map_or("", String::as_str);
        let name = &target.name;
        let (have, mend) = if known.is_empty() {
            let mend = format!("name it where the data are read, as in Target::column({column:?})");
            ("no target".to_string(), mend)
        } else {
            let mend = format!("if one of them is `{name}`, say so with .named({name:?})");
            (format!("the targets {}", quoted(&known)), mend)
        };
        return Err(format!(
            "target `{name}` was trained on {}, the data have {have}; {mend}{}",
            quoted(&target.columns),
            did_you_mean(column, known),
        ));
    };
    if block.columns.len() != target.columns.len() {
        return Err(format!(
            "target `{}` has {}, the model was trained on {}: {}; give these",
            target.name,
            count(block.columns.len(), "column"),
            target.columns.len(),
            quoted(&target.columns),
        ));
    }
    known_classes(target, block).map_or(Ok(block), Err)
}

/// Text where numbers were learned, or numbers where names of classes were.
fn known_classes(target: &TargetSchema, block: &TargetBlock) -> Option<String> {
    match &block.values {
        Values::Labels { classes, .. } if target.classes.is_empty() => Some(format!(
            "target `{}` is text, the model was trained on {}: {} holds {}; give the numbers",
            target.name,
            target.support,
            quoted(&block.columns),
            listed(classes.iter().map(String::as_str)),
        )),
        // Numbers for names would have to be bound by position.
        Values::Numbers(_)
            if !target.classes.is_empty() && target.classes != numbered(target.classes.len()) =>
        {
            Some(format!(
                "target `{}` holds numbers, the model was trained on the classes {}; give their \
                 names, or say which number is which with .classes([..])",
                target.name,
                listed(target.classes.iter().map(String::as_str)),
            ))
        }
        _ => None,
    }
}

/// The target as numbers, `[rows, columns]`, unscaled; each lies in its support, or is missing: NaN.
pub(super) fn encode(
    target: &TargetSchema,
    block: &TargetBlock,
    data: &Dataset,
) -> Result<Vec<f64>> {
    let column = |i: usize| &block.columns[i % block.columns.len()];
    let place = |i: usize| data.place(i / block.columns.len()).in_column(column(i));
    match &block.values {
        Values::Numbers(values) => match values
            .iter()
            .position(|&y| !(y.is_nan() || target.support.contains(y)))
        {
            None => Ok(values.clone()),
            Some(i) => Err(Error::Value {
                place: place(i),
                found: number(values[i]),
                needed: target.support.to_string(),
                mend: mend(target.support, values).into(),
            }),
        },
        Values::Labels { classes, labels } => {
            // The same class may have another number here and there: bind by name.
            let label_of: HashMap<&str, usize> =
                (target.classes.iter().map(String::as_str).zip(0..)).collect();
            let known: Vec<Option<usize>> = (classes.iter())
                .map(|class| label_of.get(class.as_str()).copied())
                .collect();
            let bound = labels.iter().enumerate().map(|(row, &label)| {
                let Some(label) = label else {
                    return Ok(f64::NAN);
                };
                known[label].map(|label| label as f64).ok_or_else(|| {
                    let names = || target.classes.iter().map(String::as_str);
                    Error::Value {
                        place: place(row),
                        found: format!("{:?}", classes[label]),
                        needed: format!("one of the classes {}", listed(names())),
                        mend: format!(
                            "the model was not trained on this class{}",
                            did_you_mean(&classes[label], names())
                        ),
                    }
                })
            });
            bound.collect()
        }
    }
}

/// The largest count up to which f32 holds every one: 2^24.
const COUNTS: f64 = 16_777_216.0;

/// The net works in f32, where every count must be itself and no number may leave the support.
pub(super) fn fit_f32(target: &TargetSchema, values: &[f64], data: &Dataset) -> Result<()> {
    let stays = |&y: &f64| match target.support {
        _ if y.is_nan() => true,
        Support::Count => y <= COUNTS,
        support => support.contains(f64::from(y as f32)) || !f64::from(y as f32).is_finite(),
    };
    let Some(i) = values.iter().position(|y| !stays(y)) else {
        return Ok(());
    };
    let (needed, mend) = match target.support {
        Support::Count => (
            format!("a count up to {COUNTS}, since f32 leaves out larger ones"),
            "count in a larger unit, or choose Normal",
        ),
        support => (
            format!("{support} in f32, where this is {}", values[i] as f32),
            "change the column's unit, or move the value inside",
        ),
    };
    let width = target.columns.len();
    Err(Error::Value {
        place: data.place(i / width).in_column(&target.columns[i % width]),
        found: number(values[i]),
        needed,
        mend: mend.into(),
    })
}

/// Known numbers of which a logarithm or a scale is made are above 0.
pub(super) fn all_positive(
    input: &str,
    columns: &[String],
    values: &[f64],
    place: impl Fn(usize) -> Place,
) -> Result<()> {
    let Some(i) = values.iter().position(|&x| x <= 0.0) else {
        return Ok(());
    };
    let column = &columns[i % columns.len()];
    Err(Error::Value {
        place: place(i / columns.len()).in_column(column),
        found: number(values[i]),
        needed: format!("a number above 0, as `{input}` is an exposure or a scale"),
        mend: "correct it, or remove the row".into(),
    })
}

/// Every column has a value in some row.
pub(super) fn not_all_missing(target: &TargetSchema, values: &[f64]) -> Result<()> {
    let width = target.columns.len();
    let empty = (target.columns.iter().enumerate()).find(|&(column, _)| {
        values
            .iter()
            .skip(column)
            .step_by(width)
            .all(|y| y.is_nan())
    });
    match empty {
        None => Ok(()),
        Some((_, column)) => Err(Error::Empty {
            what: format!("column `{column}` of target `{}`", target.name),
            mend: "every value is missing: was the right column named?".into(),
        }),
    }
}

/// What to do about numbers outside of the support.
fn mend(support: Support, values: &[f64]) -> &'static str {
    let values: Vec<f64> = values.iter().copied().filter(|y| !y.is_nan()).collect();
    let values = &values[..];
    match support {
        Support::Class { classes } => label_mend(values, classes),
        Support::Binary if values.iter().all(|&y| y == -1.0 || y == 1.0) => "write 0 for -1",
        Support::Binary if values.iter().all(|&y| y == 1.0 || y == 2.0) => label_mend(values, 2),
        Support::Binary => "correct it, or choose a likelihood for such numbers",
        Support::Count => "counts are whole and not negative: correct it, or choose Normal",
        Support::Positive => "correct it, or choose Normal; too small to measure is not 0",
        Support::Unit if values.iter().all(|&y| (0.0..=100.0).contains(&y)) => {
            if values.iter().any(|&y| y > 1.0) {
                "divide percentages by 100"
            } else {
                "move shares of 0 and 1 inside, such as to (y (n - 1) + 0.5) / n of n rows"
            }
        }
        Support::Unit => "correct it, or choose Normal",
        Support::Real => "remove the row or fill the value in",
    }
}

/// What a schema, for example from a file, and a net disagree about.
pub(super) fn schema_against_net(schema: &Schema, info: &NetInfo) -> Vec<String> {
    let mut differences = Vec::new();
    let (had, has) = (schema.inputs.len(), info.inputs.len());
    if had != has {
        differences.push(format!("{} against {has} of the net", count(had, "input")));
    }
    for (input, wanted) in schema.inputs.iter().zip(&info.inputs) {
        let name = &input.name;
        if name != wanted.name || input.shape != wanted.shape {
            differences.push(format!(
                "input `{name}` of {} against `{}` of {} of the net",
                input.shape, wanted.name, wanted.shape
            ));
        }
        let width = input.columns.len();
        if width != input.shape.size() {
            differences.push(format!(
                "input `{name}` of {} with {}",
                input.shape,
                count(width, "column")
            ));
        }
        if let Some(scaling) = &input.scaling
            && !(scaling.width() == width && sound(scaling.mean(), scaling.std()))
        {
            differences.push(format!("input `{name}` with a broken scaling"));
        }
    }
    let (had, has) = (schema.targets.len(), info.targets.len());
    if had != has {
        differences.push(format!("{} against {has} of the net", count(had, "target")));
    }
    for (target, wanted) in schema.targets.iter().zip(&info.targets) {
        let name = &target.name;
        if name != wanted.name || target.support != wanted.support {
            differences.push(format!(
                "target `{name}`, {}, against `{}`, {}, of the net",
                target.support, wanted.name, wanted.support
            ));
        }
        let (width, classes) = match wanted.support {
            Support::Class { classes } => (1, classes),
            Support::Binary => (wanted.shape.size(), 2),
            _ => (wanted.shape.size(), 0),
        };
        if target.columns.len() != width || target.classes.len() != classes {
            differences.push(format!(
                "target `{name}` with {} and {} against {width} and {classes} of the net",
                count(target.columns.len(), "column"),
                count(target.classes.len(), "class"),
            ));
        }
        let scaled = target.mean.len() == target.columns.len();
        if !(scaled && sound(&target.mean, &target.std)) {
            differences.push(format!("target `{name}` with a broken scaling"));
        }
    }
    differences
}

fn sound(mean: &[f64], std: &[f64]) -> bool {
    mean.len() == std.len()
        && mean.iter().all(|x| x.is_finite())
        && std.iter().all(|&x| x.is_finite() && x > 0.0)
}
