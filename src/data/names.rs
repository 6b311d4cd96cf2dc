//! How names and texts stand in messages, and which known name was meant.

/// At most this many names stand in a message.
const SHOWN: usize = 6;

/// `` `a`, `b` and 3 more ``: names of columns.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    enumerate(names.iter().map(|name| format!("`{}`", name.as_ref())))
}

/// `"a", "b" and 3 more`: texts found in data.
pub(crate) fn listed<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    enumerate(texts.into_iter().map(|text| format!("{text:?}")))
}

fn enumerate(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    let shown = items[..items.len().min(SHOWN)].join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 column`, `2 columns`, `3 classes`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let ending = match n {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{n} {noun}{ending}")
}

/// A number as it is short to read: `1500.5`, `1e300`. Every digit stays.
pub(crate) fn number(x: f64) -> String {
    match x.abs() {
        0.0 | 1e-5..1e16 => format!("{x}"),
        // NaN and infinities are spelled the same in both ways.
        _ => format!("{x:e}"),
    }
}

/// `` ; did you mean `age`? `` if one of `known` is close to `name`, else nothing.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

/// The name that was probably meant: equal but for case, blanks, `-` and `_`, or
/// one change away for every three letters.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(name);
    known
        .into_iter()
        .map(|known| (distance(&plain, &self::plain(known)), known))
        .filter(|&(distance, _)| distance <= plain.len() / 3)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

fn plain(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| !c.is_whitespace() && *c != '_' && *c != '-')
        .flat_map(char::to_lowercase)
        .collect()
}

/// The least number of insertions, deletions and replacements of one letter that
/// turn `a` into `b` (Levenshtein), row by row of the usual table.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_case_separators_and_a_slip() {
        let known = ["mean_radius", "mean_area", "age"];
        assert_eq!(nearest("Mean Radius", known), Some("mean_radius"));
        assert_eq!(nearest("mean_aera", known), Some("mean_area"));
        assert_eq!(nearest("agee", known), Some("age"));
        assert_eq!(nearest("price", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn numbers_are_short_and_keep_their_digits() {
        let texts = [
            -1500.5,
            0.0,
            3.0,
            1e300,
            -2.5e-7,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
        ]
        .map(number);
        assert_eq!(
            texts,
            [
                "-1500.5",
                "0",
                "3",
                "1e300",
                "-2.5e-7",
                "1.7976931348623157e308",
                "NaN",
                "inf"
            ]
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..9).map(|i| format!("c{i}")).collect();
        assert_eq!(
            quoted(&names),
            "`c0`, `c1`, `c2`, `c3`, `c4`, `c5` and 3 more"
        );
        assert_eq!(listed(["a", "b"]), "\"a\", \"b\"");
    }
}
