//! How a page of plain text is set: paragraphs with labels, lines of one width, short numbers.

use std::fmt;

use crate::data::names::count;

/// The longest line.
pub(super) const WIDTH: usize = 96;
/// Where the text of a section starts.
const INDENT: usize = 12;

/// A paragraph with its label to the left; no label if it goes on with the one above.
pub(super) fn section(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    for (i, line) in wrap(text, WIDTH - INDENT).iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        writeln!(f, "{}", format!("{label:INDENT$}{line}").trim_end())?;
    }
    Ok(())
}

/// Lines of at most `width` letters, broken at blanks, and within a word where it is longer.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + letters.len() <= width {
            lines.last_mut().expect("never empty").push(' ');
            used += 1;
        } else if used > 0 {
            lines.push(String::new());
            used = 0;
        }
        for letter in letters {
            if used == width {
                lines.push(String::new());
                used = 0;
            }
            lines.last_mut().expect("never empty").push(letter);
            used += 1;
        }
    }
    lines
}

/// `12,674`.
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 step`, `2,800 steps`.
pub(super) fn count_of(n: usize, noun: &str) -> String {
    let counted = count(n, noun);
    let noun = counted.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{}{noun}", grouped(n))
}

/// The text with its long numbers rounded to four significant digits:
/// `Normal(0, 0.18257418583505536)` becomes `Normal(0, 0.1826)`.
pub(super) fn short(text: &str) -> String {
    const LONG: usize = 8;
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut rest = text;
    let mut short = String::new();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c| !is_number(c)).unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        short.push_str(before);
        match number.parse::<f64>() {
            Ok(value) if number.len() > LONG && value > 0.0 => short += &rounded(value),
            _ => short.push_str(number),
        }
        rest = after;
    }
    short + rest
}

/// Four significant digits.
fn rounded(value: f64) -> String {
    let exponent = value.log10().floor() as i32;
    if (-5..6).contains(&exponent) {
        format!("{value:.*}", (3 - exponent).max(0) as usize)
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_rounded_and_short_ones_are_left() {
        let long = "weights ~ Normal(0, 0.18257418583505536), biases ~ Normal(0, 1)";
        assert_eq!(
            short(long),
            "weights ~ Normal(0, 0.1826), biases ~ Normal(0, 1)"
        );
        let exact = "ScaleMixture(0.5, 1, 0.0025)";
        assert_eq!(short(exact), exact);
        assert_eq!(
            short("Normal(-123.456789, 0.000000001234567)"),
            "Normal(-123.5, 1.235e-9)"
        );
    }

    #[test]
    fn lines_hold_their_width() {
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("abcdefg hi", 3), ["abc", "def", "g", "hi"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(count_of(1, "step"), "1 step");
        assert_eq!(count_of(2800, "step"), "2,800 steps");
    }
}
