//! Files that are not what their name says: recognised by their first bytes.

/// What a file is instead of the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// `a gzip archive`
    pub(crate) what: &'static str,
    /// What turns it into the expected one.
    pub(crate) mend: &'static str,
}

const UNPACK: &str = "unpack it first";
const EXPORT: &str = "export the sheet or table as CSV first";
const TO_UTF8: &str = "save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8";

/// Signatures at the start of a file. UTF-32 comes before UTF-16, whose mark it
/// begins with.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (
        b"\xff\xfe\0\0",
        "UTF-32 text (little endian)",
        "save it as UTF-8",
    ),
    (
        b"\0\0\xfe\xff",
        "UTF-32 text (big endian)",
        "save it as UTF-8",
    ),
    (b"\xff\xfe", "UTF-16 text (little endian)", TO_UTF8),
    (b"\xfe\xff", "UTF-16 text (big endian)", TO_UTF8),
    (
        b"\x1f\x8b",
        "a gzip archive",
        "unpack it first, for example with gunzip",
    ),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", EXPORT),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", EXPORT),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (
        b"\x93NUMPY",
        "a NumPy file",
        "save it with numpy.savetxt, with a header",
    ),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"%PDF", "a PDF document", "download the data themselves"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, not the data",
        "fetch the data with git lfs pull",
    ),
];

/// The format that a file's first bytes show it to have, if it is one of those that take
/// the place of another: archives, office files, web pages, Git LFS pointers.
///
/// A binary format may begin with such bytes by chance: ask only when it cannot be read.
pub(crate) fn known_format(bytes: &[u8]) -> Option<Foreign> {
    if let Some(&(_, what, mend)) = SIGNATURES.iter().find(|(sign, ..)| bytes.starts_with(sign)) {
        return Some(Foreign { what, mend });
    }
    is_html(beginning(bytes)).then_some(Foreign {
        what: "an HTML page",
        mend: "the download gave a web page: fetch the raw file",
    })
}

/// What the file is, if its start shows that it is something else than a table in text that
/// somebody meant to be UTF-8.
#[cfg(feature = "csv")]
pub(crate) fn not_csv_text(bytes: &[u8]) -> Option<Foreign> {
    if let Some(known) = known_format(bytes) {
        return Some(known);
    }
    let start = beginning(bytes);
    if is_json(start) {
        return Some(Foreign {
            what: "JSON",
            mend: "write it as a table first: a header line, then one line a row",
        });
    }
    // ASCII in UTF-16 without its mark has a zero in every second byte.
    let zeros = |parity: usize| {
        let half = start.iter().skip(parity).step_by(2);
        half.clone().count() > 0 && half.clone().filter(|&&b| b == 0).count() * 2 > half.count()
    };
    match (zeros(0), zeros(1)) {
        (false, true) => Some(Foreign {
            what: "UTF-16 text (little endian, without a mark)",
            mend: TO_UTF8,
        }),
        (true, false) => Some(Foreign {
            what: "UTF-16 text (big endian, without a mark)",
            mend: TO_UTF8,
        }),
        _ if start.contains(&0) => Some(Foreign {
            what: "binary data",
            mend: "give a text file",
        }),
        _ => None,
    }
}

fn beginning(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(1024)]
}

/// The first text in a file, after the mark of UTF-8 and blanks.
fn first_text(start: &[u8]) -> &[u8] {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    text.trim_ascii_start()
}

/// An object with a first key or an array with a first entry, but not a column's name that
/// begins with a bracket.
#[cfg(feature = "csv")]
fn is_json(start: &[u8]) -> bool {
    let [bracket, rest @ ..] = first_text(start) else {
        return false;
    };
    let next = rest.trim_ascii_start().first();
    match bracket {
        b'{' => matches!(next, Some(b'"' | b'}')),
        b'[' => matches!(next, Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')),
        _ => false,
    }
}

fn is_html(start: &[u8]) -> bool {
    let text = first_text(start).to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<?xml"]
        .iter()
        .any(|tag| text.starts_with(tag))
}

#[cfg(all(test, feature = "csv"))]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_foreign() {
        for text in [
            "",
            "a",
            "a,b\n1,2\n",
            "\u{feff}a,b\n",
            "größe\n1\n",
            "<5,b\n",
            "[kg],[m]\n",
            "{a},b\n",
        ] {
            assert_eq!(not_csv_text(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn utf16_is_named_with_and_without_its_mark() {
        let units: Vec<u16> = "a,b\n1,2\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        for (bytes, order) in [(little, "little endian"), (big, "big endian")] {
            let what = not_csv_text(&bytes).expect("UTF-16").what;
            assert!(what.starts_with("UTF-16") && what.contains(order), "{what}");
        }
    }
}
