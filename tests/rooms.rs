//! Dependencies run one way: a room uses only the rooms to its left.

use std::fs;
use std::path::Path;

/// The rooms in the order of their dependencies; see `CONTRIBUTING.md`.
const ORDER: [&str; 12] = [
    "kernels",
    "tensor",
    "tape",
    "ops",
    "transform",
    "dist",
    "bayes",
    "layers",
    "net",
    "optim",
    "predict",
    "train",
];

/// Which rooms `room` may use.
fn allowed(room: &str) -> Vec<&'static str> {
    match room {
        // Data needs numbers, shapes and the names of supports.
        "data" => vec!["kernels", "tensor", "dist"],
        // The checker sees everything, and nothing sees it.
        "check" => ORDER.to_vec(),
        _ => {
            let place = ORDER.iter().position(|r| *r == room);
            let place = place.unwrap_or_else(|| panic!("room `{room}` has no place in the order"));
            let mut rooms = ORDER[..place].to_vec();
            if place >= ORDER.iter().position(|r| *r == "net").unwrap() {
                rooms.push("data");
            }
            rooms
        }
    }
}

/// The rooms that a source file names after `crate::`, outside of tests.
fn used(source: &str) -> Vec<(usize, String)> {
    let mut rooms = vec![];
    for (number, line) in source.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if code.contains("mod tests") {
            break;
        }
        let mut rest = code;
        while let Some(at) = rest.find("crate::") {
            // `$crate` is the crate of whoever uses the macro
            let of_macro = rest[..at].ends_with('$');
            rest = &rest[at + "crate::".len()..];
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !of_macro && name.chars().next().is_some_and(char::is_lowercase) {
                rooms.push((number + 1, name));
            }
        }
    }
    rooms
}

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn a_room_uses_only_the_rooms_to_its_left() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = vec![];
    let mut looked_at = 0;
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_name().unwrap().to_str().unwrap().to_owned();
        // The guide uses public paths, in doc tests.
        if !path.is_dir() || room == "guide" {
            continue;
        }
        let allowed = allowed(&room);
        let mut sources = vec![];
        files(&path, &mut sources);
        for file in sources {
            looked_at += 1;
            for (line, name) in used(&fs::read_to_string(&file).unwrap()) {
                let known = name == room || name == "error" || allowed.contains(&name.as_str());
                // Names at the crate's root are re-exports and macros, not rooms.
                if !known && src.join(&name).is_dir() {
                    wrong.push(format!("{}:{line} uses {name}", file.display()));
                }
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} files were found");
    assert!(
        wrong.is_empty(),
        "against the order of rooms:\n{}",
        wrong.join("\n")
    );
}
