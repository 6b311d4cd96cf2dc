//! The checked-in expansion of the main example is what the macro writes.

use std::{env, fs, path::Path};

use super::{DIAGNOSIS, expanded};

/// `UPDATE_EXPANSION=1 cargo test -p elbo-macros && cargo fmt` rewrites the file.
#[test]
fn the_checked_in_expansion_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expansion/diagnosis.rs");
    let current = expanded(DIAGNOSIS);
    if env::var_os("UPDATE_EXPANSION").is_some() {
        let net = DIAGNOSIS.trim_start_matches('\n').replace('\n', "\n//");
        let head = "// What `bayes_net!` writes for this net; \
                    `macros/src/tests/expansion.rs` keeps it current.\n//";
        let text = format!("{head}{net}\n\n{}", with_blank_lines(&current));
        fs::write(&path, text).expect("the repository can be written");
    }
    // The file is formatted as all our code is, which may drop braces and commas.
    let file =
        fs::read_to_string(&path).expect("tests/expansion/diagnosis.rs is in the repository");
    let checked_in = prettyplease::unparse(&syn::parse_file(&file).expect("the file is Rust"));
    let bare = |code: &str| -> Vec<char> {
        code.chars()
            .filter(|sign| !sign.is_whitespace() && !"{},".contains(*sign))
            .collect()
    };
    let (old, new) = (bare(&checked_in), bare(&current));
    let common = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let from = |code: &[char]| code.iter().skip(common).take(60).collect::<String>();
    assert!(
        old == new,
        "tests/expansion/diagnosis.rs is out of date; UPDATE_EXPANSION=1 rewrites it. \
         It has {} where the macro writes {}",
        from(&old),
        from(&new)
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
