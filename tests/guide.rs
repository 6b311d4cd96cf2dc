//! What the guide quotes is what the crate ships.
//!
//! A block that begins with `// src/..` holds lines of that file, one after the other, moved to
//! the left.

use std::fs;
use std::path::{Path, PathBuf};

/// A quotation: where it stands, what it quotes, and its lines.
struct Quotation {
    place: String,
    source: PathBuf,
    lines: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The quotations of a chapter.
fn quotations(chapter: &Path) -> Vec<Quotation> {
    let text = fs::read_to_string(chapter).unwrap();
    let mut found: Vec<Quotation> = vec![];
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let Some(line) = line.strip_prefix("//!") else {
            continue;
        };
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            open = false;
        } else if let Some(path) = line.strip_prefix("// src/") {
            open = true;
            found.push(Quotation {
                place: format!("{}:{}", chapter.display(), number + 1),
                source: root().join("src").join(path),
                lines: vec![],
            });
        } else if open {
            found.last_mut().unwrap().lines.push(line.to_owned());
        }
    }
    found
}

/// Whether the lines stand in the source, one after the other, all moved by the same spaces.
fn is_in(lines: &[String], source: &str) -> bool {
    let source: Vec<&str> = source.lines().collect();
    source.windows(lines.len()).any(|window| {
        let indent = window[0].len() - window[0].trim_start().len();
        let moved = |line: &str| line.get(indent..).unwrap_or("").to_owned();
        window
            .iter()
            .map(|line| moved(line))
            .eq(lines.iter().cloned())
    })
}

#[test]
fn quotations_are_the_shipped_source() {
    let mut count = 0;
    for chapter in fs::read_dir(root().join("src/guide")).unwrap() {
        for quotation in quotations(&chapter.unwrap().path()) {
            count += 1;
            let source = fs::read_to_string(&quotation.source).unwrap_or_else(|error| {
                panic!(
                    "{}: {}: {error}",
                    quotation.place,
                    quotation.source.display()
                )
            });
            assert!(
                is_in(&quotation.lines, &source),
                "{}: these lines do not stand in {}:\n{}",
                quotation.place,
                quotation.source.display(),
                quotation.lines.join("\n")
            );
        }
    }
    assert!(count >= 5, "only {count} quotations were found");
}

#[test]
fn a_changed_line_is_no_quotation() {
    let source = "fn f() {\n    let x = 1;\n    let y = 2;\n}\n";
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(is_in(&lines("let x = 1;\nlet y = 2;"), source));
    assert!(!is_in(&lines("let x = 1;\nlet y = 3;"), source));
    assert!(!is_in(&lines("let y = 2;\nlet x = 1;"), source));
}

#[test]
fn the_tape_of_the_first_chapter_has_sixty_lines() {
    let text = fs::read_to_string(root().join("src/guide/sixty_lines.rs")).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    assert!((50..=60).contains(&lines), "{lines} lines");
}
