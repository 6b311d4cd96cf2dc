//! A CSV file gives the numbers that were written, or an error that points at the
//! physical line.

use elbo::data::{CsvOptions, Dataset, Target};
use elbo::{Error, Result};
use proptest::prelude::*;

use crate::{assert_says, text};

fn read(file: impl AsRef<[u8]>, targets: impl IntoIterator<Item = Target>) -> Result<Dataset> {
    Dataset::from_csv_reader(file.as_ref(), "f.csv", targets)
}

fn features(file: impl AsRef<[u8]>) -> Result<Dataset> {
    read(file, [])
}

/// Quotes a text as CSV asks when it must, and sometimes when it need not.
fn quote(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.len().is_multiple_of(2) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

proptest! {
    /// write -> read is the identity on numbers (to the bit), names and classes, in any
    /// dialect of line ends, marks and last lines.
    #[test]
    fn a_written_file_reads_back_as_the_data_in_memory(
        rows in prop::collection::vec(
            (any::<f64>().prop_filter("finite", |x| x.is_finite()), -1e6..1e6_f64, 0..3_usize),
            1..20,
        ),
        crlf: bool, mark: bool, last_newline: bool,
    ) {
        let names = ["plain", "with, comma", "with \"quotes\"\nand a break"];
        let classes = ["x y", "b,c", "d\"e"];
        let end = if crlf { "\r\n" } else { "\n" };
        let mut lines = vec![format!("{},{},kind,{}", names[0], quote(names[1]), quote(names[2]))];
        for (a, b, class) in &rows {
            lines.push(format!("{a:e}, {b} ,{},7", quote(classes[*class])));
        }
        let mut file = if mark { "\u{feff}".to_string() } else { String::new() };
        file += &lines.join(end);
        if last_newline {
            file += end;
        }

        let target = || Target::column("kind").classes(classes);
        let from_file = read(&file, target())?;
        let in_memory = Dataset::builder()
            .column(names[0], rows.iter().map(|row| row.0).collect::<Vec<_>>())
            .column(names[1], rows.iter().map(|row| row.1).collect::<Vec<_>>())
            .column(names[2], vec![7; rows.len()])
            .labels(target(), rows.iter().map(|row| classes[row.2]))
            .build()?;
        prop_assert_eq!(from_file.features(), in_memory.features());
        for name in names {
            prop_assert_eq!(from_file.column(name), in_memory.column(name));
        }
        prop_assert_eq!(from_file.labels("kind"), in_memory.labels("kind"));
    }

    /// Whatever the bytes are: a dataset or an error, never a panic.
    #[test]
    fn no_file_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = features(bytes);
    }

    /// The same for bytes that look more like a CSV file.
    #[test]
    fn no_text_panics(file in "[ab1-3,;\"\r\n. -]{0,60}") {
        let _ = read(&file, Target::column("a"));
        let _ = features(&file);
    }

    /// The line in the error is the line on which an editor shows the cell.
    #[test]
    fn lines_are_physical_in_any_dialect(
        before in prop::collection::vec("[a-z]{0,3}(\n[a-z]{0,2}){0,3}", 0..6),
        crlf: bool, mark: bool, blank: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let header = format!("{}note,x{end}", if mark { "\u{feff}" } else { "" });
        let blank = if blank { end } else { "" };
        let rows = before.iter().map(|note| format!("\"{}\",1{end}{blank}", note.replace('\n', end)));
        let bad = format!("\"two{end}lines\",BAD{end}last,1{end}");
        let file = header + &rows.collect::<String>() + &bad;
        let line = 1 + file.lines().position(|line| line.contains("BAD")).unwrap();

        let options = CsvOptions::new().skip(["note"]);
        let error = Dataset::from_csv_reader_with(file.as_bytes(), "f.csv", [], options).unwrap_err();
        prop_assert_eq!(error.place().unwrap().line(), Some(line as u64), "{}", error);
    }
}

#[test]
fn lines_end_in_lf_crlf_or_cr() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["a,b", "1,2", "3,x"].join(end);
        assert_says(
            &text(features(file)),
            &["f.csv, line 3, column `b`: found \"x\""],
        );
    }
}

#[test]
fn a_record_after_a_quoted_break_and_a_later_error_keep_their_lines() -> Result<()> {
    let file = "note,label\n\"a\nb\nc\",0\n\"d\",1\n\"e\nf\",5\n";
    let options = || CsvOptions::new().skip(["note"]);
    let read = |file: &str| {
        Dataset::from_csv_reader_with(file.as_bytes(), "f.csv", Target::column("label"), options())
    };
    // Labels are judged long after the file is read; the line is still known.
    let data = read(file)?;
    let net = crate::net(&[], &[("y", 1, elbo::dist::Support::Class { classes: 3 })]);
    let error = elbo::net::Schema::learn(&net, &data, false).unwrap_err();
    assert_eq!(error.place().unwrap().line(), Some(6), "{error}");
    Ok(())
}

#[test]
fn a_cell_that_is_no_number_is_named_with_file_line_column_and_text() {
    let error = features("age,price\n41,1.5\n35,cheap\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "f.csv, line 3, column `price`: found \"cheap\", needed a number; correct it, or leave the \
         column out: CsvOptions::new().skip([\"price\"]); a column of text can only be a target"
    );
    let place = error.place().unwrap();
    assert_eq!(place.file_name(), Some("f.csv"));
    assert_eq!((place.line(), place.column()), (Some(3), Some("price")));
}

#[test]
fn what_is_nearly_a_number_gets_the_hint_how_to_write_it() {
    let cases = [
        (
            "\"1,5\"",
            "a decimal comma? write the point as in 1.5, or 1,000 as 1000",
        ),
        ("\"-0,25\"", "a decimal comma? write the point as in -0.25"),
        ("\"1,234.5\"", "write it without separators: 1234.5"),
        ("\"1,234,567\"", "write it without separators: 1234567"),
        ("1 234", "write it without separators: 1234"),
        ("12%", "write the number alone, without the sign: 12"),
        ("TRUE", "write 1 for true and 0 for false"),
        ("€10", "write the number alone, without the sign: 10"),
        (
            "\"$1,234.50\"",
            "write the number alone, without the sign: 1234.50",
        ),
        ("-3 °", "write the number alone, without the sign: -3"),
        ("\u{2212}5", "U+2212 or a dash: write -5"),
        ("\u{2013}0.5", "U+2212 or a dash: write -0.5"),
    ];
    for (cell, hint) in cases {
        let error = text(features(format!("a,b\n1,{cell}\n")));
        assert_says(&error, &["f.csv, line 2, column `b`", hint]);
        let error = text(read(format!("a,b\n1,{cell}\n1,2\n"), Target::column("b")));
        assert_says(&error, &["f.csv, line 2, column `b`", hint]);
    }
    // A whole target column of decimal commas is no column of classes.
    let error = text(read("a,b\n1,\"1,5\"\n2,\"2,5\"\n", Target::column("b")));
    assert_says(&error, &["line 2", "a decimal comma?"]);
}

#[test]
fn an_unquoted_decimal_comma_makes_a_long_row_with_the_hint() {
    assert_eq!(
        text(features("a,b\n1,2\n1,5,2\n")),
        "f.csv, line 3: found 3 fields, needed 2, as in the header; does a number have a decimal \
         comma, or a text a comma without quotation marks?"
    );
}

#[test]
fn a_missing_value_is_refused_and_never_zero() {
    for cell in ["", " ", "\"\"", "NA", "n/a", "null", "None", "?", "-", "."] {
        let file = format!("a,b\n1,0\n2,{cell}\n3,1\n");
        assert_says(
            &text(features(&file)),
            &["f.csv, line 3, column `b`", "remove the row"],
        );
        assert_says(
            &text(read(&file, Target::column("b"))),
            &["f.csv, line 3, column `b`", "remove the row"],
        );
        let file = format!("a,b\n1,yes\n2,{cell}\n3,no\n");
        for target in [Target::column("b"), Target::column("b").positive("yes")] {
            let error = text(read(&file, target));
            assert_says(&error, &["f.csv, line 3, column `b`", "remove the row"]);
        }
        let both = Target::columns(["a", "b"]);
        assert_says(
            &text(read(format!("a,b\n1,{cell}\n"), both)),
            &["line 2, column `b`"],
        );
    }
    assert_eq!(
        text(features("a,b\n1,\n")),
        "f.csv, line 2, column `b`: found an empty cell, needed a number; fill it in or remove the row"
    );
}

#[test]
fn a_mark_for_missing_may_be_a_class_if_it_is_listed() -> Result<()> {
    let data = read("a,b\n1,+\n2,-\n", Target::column("b").classes(["-", "+"]))?;
    assert_eq!(data.column("b").unwrap(), [1.0, 0.0]);
    Ok(())
}

#[test]
fn nan_and_infinities_are_refused_as_such() {
    for cell in ["NaN", "nan", "inf", "-Infinity", "1e999", "-1e400"] {
        let file = format!("a,b\n1,2\n{cell},3\n");
        for targets in [vec![], vec![Target::column("a")]] {
            let error = read(&file, targets).unwrap_err();
            assert_says(&error.to_string(), &["f.csv, line 3, column `a`", cell]);
            assert!(matches!(error, Error::NotFinite { .. }), "{error}");
        }
    }
}

#[test]
fn short_and_long_rows_are_refused_with_their_line() {
    for (row, fields) in [
        ("1", "1 field"),
        ("1,2,3", "3 fields"),
        ("1,2,", "3 fields"),
    ] {
        let error = text(features(format!("a,b\n1,2\n\n{row}\n3,4\n")));
        assert_says(
            &error,
            &["f.csv, line 4: ", fields, "needed 2, as in the header"],
        );
    }
    assert_says(
        &text(features("a,b\n1,\"2\n3,4\n5,6\n")),
        &["f.csv, line 2", "found", "number"],
    );
    assert_says(
        &text(features("a,b\n\"1,2\n3,4\n5,6\n")),
        &[
            "f.csv, line 2: found 1 field",
            "is a quotation mark left open?",
        ],
    );
}

#[test]
fn what_is_no_csv_is_called_by_its_name() {
    let utf16 = |little: bool, mark: bool| -> Vec<u8> {
        let text = if mark {
            "\u{feff}a,b\n1,2\n"
        } else {
            "a,b\n1,2\n"
        };
        let bytes = |u: u16| {
            if little {
                u.to_le_bytes()
            } else {
                u.to_be_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    };
    let cases: [(Vec<u8>, &str); 13] = [
        (utf16(true, true), "UTF-16 text (little endian)"),
        (utf16(false, true), "UTF-16 text (big endian)"),
        (
            utf16(true, false),
            "UTF-16 text (little endian, without a mark)",
        ),
        (
            utf16(false, false),
            "UTF-16 text (big endian, without a mark)",
        ),
        (vec![0x1f, 0x8b, 8, 0, 0, 0], "a gzip archive"),
        (
            b"PK\x03\x04....".to_vec(),
            "a zip archive or an Excel workbook",
        ),
        (b"<!DOCTYPE html>\n<html>".to_vec(), "an HTML page"),
        (b"\n\n  <HTML lang=en>".to_vec(), "an HTML page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n".to_vec(),
            "a Git LFS pointer",
        ),
        (b"a,b\n1,\x00\x01\x02\n".to_vec(), "binary data"),
        (b"[\n  {\"a\": 1, \"b\": 2}\n]\n".to_vec(), "JSON"),
        (b"{\"a\": 1}\n{\"a\": 2}\n".to_vec(), "JSON"),
        (b"\xef\xbb\xbf[[1, 2], [3, 4]]".to_vec(), "JSON"),
    ];
    for (bytes, name) in cases {
        let error = features(bytes).unwrap_err();
        assert_says(
            &error.to_string(),
            &["f.csv: found ", name, "needed CSV text in UTF-8"],
        );
        assert!(matches!(error, Error::Table { .. }), "{error}");
    }
    assert_eq!(
        text(features([0x1f, 0x8b, 8])),
        "f.csv: found a gzip archive, needed CSV text in UTF-8; unpack it first, for example with \
         gunzip"
    );
    assert_says(
        &text(features(b"a,b\n1,2\n3,\xe9\n")),
        &["f.csv, line 3: found the byte 0xe9, which is not UTF-8"],
    );
}

#[test]
fn empty_files_and_lone_headers_have_no_rows() {
    for file in ["", "\u{feff}", "\n\n", "  \r\n"] {
        let error = features(file).unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
        assert_says(
            &error.to_string(),
            &["f.csv has no rows", "the file is empty"],
        );
    }
    for file in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
        assert_says(
            &text(features(file)),
            &["f.csv has no rows", "only the header line"],
        );
    }
}

#[test]
fn a_header_names_every_column_once() {
    assert_eq!(
        text(features("a,b,a\n1,2,3\n")),
        "f.csv, line 1: found columns 1 and 3 both called `a`, needed a name of its own for every \
         column; rename one of them in the header"
    );
    assert_says(
        &text(features(",a\n0,1\n")),
        &["column 1 without a name", "skip([\"\"])"],
    );
    let options = CsvOptions::new().skip([""]);
    let data = Dataset::from_csv_reader_with(&b",a\n0,1\n"[..], "f.csv", [], options);
    assert_eq!(data.unwrap().features(), ["a"]);
}

#[test]
fn a_target_that_is_not_there_is_asked_for() {
    assert_eq!(
        text(read("age,price\n1,2\n", Target::column("Price"))),
        "f.csv, line 1: found no column `Price`, needed the column that the target names; the \
         columns are `age`, `price`; did you mean `price`?"
    );
    assert_says(
        &text(read("1,2\n3,4\n", Target::column("y"))),
        &["the first line holds numbers", "header"],
    );
    assert_says(
        &text(read(
            "a,b\n1,2\n",
            [Target::column("a"), Target::columns(["b", "a"])],
        )),
        &["column `a` asked for twice"],
    );
    assert_says(
        &text(read("a\n1\n", Target::columns(Vec::<String>::new()))),
        &["Target::columns = []"],
    );
}

#[test]
fn another_separator_is_recognised_and_can_be_given() -> Result<()> {
    assert_says(
        &text(features("a;b\n1;2\n")),
        &["f.csv, line 1", "';' between the names", "separator(b';')"],
    );
    assert_says(&text(features("a\tb\n1\t2\n")), &["separator(b'\\t')"]);
    let options = CsvOptions::new().separator(b';');
    let data = Dataset::from_csv_reader_with(&b"a;b\n1;2\n"[..], "f.csv", [], options)?;
    assert_eq!(data.column("b").unwrap(), [2.0]);
    for (byte, shown) in [(b'\n', "b'\\n'"), (b'"', "b'\\\"'"), (0xa7, "b'\\xa7'")] {
        let options = CsvOptions::new().separator(byte);
        let error = Dataset::from_csv_reader_with(&b"a;b\n1;2\n"[..], "f.csv", [], options);
        assert_says(
            &text(error),
            &[&format!("separator = {shown}: needed an ASCII byte")],
        );
    }
    Ok(())
}

#[test]
fn a_comment_above_the_header_is_recognised() {
    let file = "# measured in May\na,b\n1,2\n";
    assert_eq!(
        text(features(file)),
        "f.csv, line 1: found 1 field in a line that begins with '#', needed the names of 2 \
         columns, as many as line 2 has; the first line begins with '#': remove the comments above \
         the header; CsvOptions::skip leaves out columns, not lines"
    );
    let error = text(read(file, Target::column("b")));
    assert_says(
        &error,
        &["no column `b`", "remove the comments above the header"],
    );
    // A column may be called so.
    assert_eq!(features("#,a\n1,2\n").unwrap().features(), ["#", "a"]);
}

#[test]
fn text_targets_become_classes_and_mixed_ones_are_refused() -> Result<()> {
    let file = "x,kind\n1,dog\n2,cat\n3,dog\n";
    let data = read(file, Target::column("kind"))?;
    assert_eq!(data.classes("kind").unwrap(), ["cat", "dog"]);
    assert_eq!(data.column("kind").unwrap(), [1.0, 0.0, 1.0]);
    assert_eq!(
        text(read(file, Target::column("kind").classes(["Dog", "cat"]))),
        "f.csv, line 2, column `kind`: found \"dog\", needed one of \"Dog\", \"cat\"; correct it, \
         or add it to .classes([..]); did you mean `Dog`?"
    );
    assert_says(
        &text(read("x,k\n1,2\n2,two\n", Target::column("k"))),
        &[
            "line 3, column `k`: found \"two\", needed a number",
            ".classes([..])",
        ],
    );
    let data = read(
        "x,k\n1,true\n2,False\n",
        Target::column("k").positive("true"),
    )?;
    assert_eq!(data.column("k").unwrap(), [1.0, 0.0]);
    let data = read("x,k\n1,true\n2,false\n", Target::column("k"))?;
    assert_eq!(data.classes("k").unwrap(), ["false", "true"]);
    // Digits are names of classes where the user says so.
    let data = read("x,k\n1,3\n2,8\n", Target::column("k").positive("8"))?;
    assert_eq!(data.column("k").unwrap(), [0.0, 1.0]);
    Ok(())
}

#[test]
fn several_columns_keep_the_order_of_the_target_not_of_the_file() -> Result<()> {
    let data = read("a,x,b\n1,9,2\n3,9,4\n", Target::columns(["b", "a"]))?;
    assert_eq!(data.targets(), ["b", "a"]);
    assert_eq!(data.column("a").unwrap(), [1.0, 3.0]);
    assert_eq!(data.column("b").unwrap(), [2.0, 4.0]);
    assert_says(
        &text(read("a,b\n1,cat\n", Target::columns(["a", "b"]))),
        &[
            "line 2, column `b`: found \"cat\", needed a number",
            "give a column of classes a target of its own, Target::column(..)",
        ],
    );
    assert_says(
        &text(read(
            "a,b\n1,2\n",
            Target::columns(["a", "b"]).positive("1"),
        )),
        &["one column of classes"],
    );
    Ok(())
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Dataset::from_csv("no/such/file.csv", []).unwrap_err();
    assert_says(
        &error.to_string(),
        &[
            "cannot read no/such/file.csv: ",
            "; check the path, which is relative to",
        ],
    );
    if cfg!(unix) {
        let folder = Dataset::from_csv(env!("CARGO_MANIFEST_DIR"), []);
        assert_says(&text(folder), &["; name a file in this folder"]);
    }
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn the_breast_cancer_data_read_as_described() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/wdbc.csv");
    let data = Dataset::from_csv(path, Target::column("diagnosis").positive("malignant"))?;
    assert_eq!((data.rows(), data.features().len()), (569, 30));
    assert_eq!(data.classes("diagnosis").unwrap(), ["benign", "malignant"]);
    assert_eq!(data.column("diagnosis").unwrap().iter().sum::<f64>(), 212.0);
    Ok(())
}
