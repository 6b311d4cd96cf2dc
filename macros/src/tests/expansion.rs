//! The checked-in expansion of the main example is what the macro writes.

use std::{env, fs, path::Path};

use super::{DIAGNOSIS, expanded};

/// `UPDATE_EXPANSION=1 cargo test -p elbo-macros` rewrites the file.
#[test]
fn the_checked_in_expansion_is_current() {
    let net = DIAGNOSIS
        .lines()
        .map(|line| format!("//{line}\n").replace("//    ", "//     "))
        .collect::<String>();
    let head = "// What `bayes_net!` writes for this net, kept current by `macros/src/tests/expansion.rs`:\n";
    let text = format!("{head}{net}\n{}", with_blank_lines(&expanded(DIAGNOSIS)));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expansion/diagnosis.rs");
    if env::var_os("UPDATE_EXPANSION").is_some() {
        fs::write(&path, &text).expect("the repository can be written");
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    let differs = checked_in
        .lines()
        .zip(text.lines())
        .find(|(old, new)| old != new);
    assert!(
        checked_in == text,
        "tests/expansion/diagnosis.rs is out of date; UPDATE_EXPANSION=1 rewrites it. First difference: {differs:#?}"
    );
}

/// An empty line between items, which the printer does not write.
fn with_blank_lines(code: &str) -> String {
    let mut text = String::new();
    let mut previous = "";
    for line in code.lines() {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let ends_item = previous.trim() == "}" || previous.trim_start().starts_with("use ");
        let goes_on = line.trim_start().starts_with(['}', '/']) && previous.trim() != "}";
        if ends_item
            && !goes_on
            && indent(line) == indent(previous)
            && !line.trim_start().starts_with("use ")
        {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        previous = line;
    }
    text
}
