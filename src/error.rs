//! The one error type of the crate.
//!
//! What comes from outside (files, data, settings) may be wrong, and then a
//! function returns an [`enum@Error`]. Each text has four parts: where, what was
//! found, what is needed, what to do. What only the programmer can get wrong
//! (shapes, indices) panics instead, at the caller's line.

use std::fmt;
use std::io::ErrorKind;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// A `Result` whose error is an [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong outside the program.
///
/// ```
/// use elbo::data::Dataset;
///
/// let file = "age,price\n41,1.5\n42,none\n";
/// let error = Dataset::from_csv_reader(file.as_bytes(), "cars.csv", []).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cars.csv, line 3, column `price`: found \"none\", needed a number; \
///      this stands for a missing value: fill it in or remove the row",
/// );
/// assert_eq!(error.place().unwrap().line(), Some(3));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused to read or write a file.
    #[error(
        "cannot {action} {}: {source}{}{mend}",
        path.display(),
        if mend.is_empty() { "" } else { "; " },
    )]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
        /// What to do; empty where the reason does not tell.
        mend: String,
    },

    /// A file is no table of columns: another format, a broken header, a row of
    /// another length.
    #[error("{place}: found {found}, needed {needed}; {mend}")]
    Table {
        /// The file, and the physical line if there is one to point at.
        place: Place,
        /// What stands there.
        found: String,
        /// What may stand there.
        needed: String,
        /// What to do.
        mend: String,
    },

    /// One value of the data is not what it must be: text where a number is
    /// needed, an unknown class, a label out of range, a negative count.
    #[error("{place}: found {found}, needed {needed}; {mend}")]
    Value {
        /// File and physical line, or row in memory; and column.
        place: Place,
        /// The text or number found.
        found: String,
        /// The values allowed.
        needed: String,
        /// What to do.
        mend: String,
    },

    /// A number in the data is NaN or infinite, or becomes so in `f32`.
    #[error("{place}: found {found}, needed a finite number; {mend}")]
    NotFinite {
        /// File and physical line, or row in memory; and column.
        place: Place,
        /// The number as it was found.
        found: String,
        /// What to do.
        mend: String,
    },

    /// There is nothing to work on.
    #[error("{what} has no rows, needed at least one; {mend}")]
    Empty {
        /// What is empty: a file, a dataset, a prediction's input.
        what: String,
        /// What to do.
        mend: String,
    },

    /// A setting is out of its range.
    #[error("{name} = {value}: needed {needed}")]
    Setting {
        /// The setting's name as the user writes it.
        name: &'static str,
        /// Its value.
        value: String,
        /// The range, and where needed the mend.
        needed: String,
    },

    /// The data do not fit the net or the model. All differences at once.
    #[error("the data do not fit net `{net}`:{}", Lines(differences))]
    Mismatch {
        /// The net's name.
        net: String,
        /// One sentence each.
        differences: Vec<String>,
    },

    /// The model has seen no data, so that nothing is known of its columns.
    #[error("the model of net `{net}` has seen no data; fit it, or load one that was fitted")]
    Untrained {
        /// The net's name.
        net: String,
    },

    /// A prediction is held against data that do not tell what came of it.
    #[error("the data do not fit the prediction of `{target}`: {difference}")]
    Truth {
        /// The target's name in the net's header.
        target: String,
        /// What does not fit.
        difference: String,
    },

    /// Training met a loss, gradient or parameter that is NaN or infinite. The
    /// last finite parameters are in the model.
    #[error(
        "epoch {epoch}, batch {batch} (step {step}): {quantity} is not finite{}; {advice}",
        Birth { op: *op, layer: layer.as_deref(), line: *line }
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The batch within the epoch, from 1.
        batch: usize,
        /// The optimizer's step, from 1.
        step: u64,
        /// `the loss`, or the path of a parameter.
        quantity: String,
        /// The operation that made the first such number, when known.
        op: Option<&'static str>,
        /// The layer in which it was made, when known.
        layer: Option<String>,
        /// The line of that layer, or the one that recorded the operation, when known.
        line: Option<&'static Location<'static>>,
        /// What to do.
        advice: String,
    },

    /// A file is no model, is broken, or holds the model of another net.
    #[error(
        "{}: {reason}; {mend}{}{}",
        path.display(),
        if differences.is_empty() { "" } else { ":" },
        Lines(differences)
    )]
    ModelFile {
        /// The file.
        path: PathBuf,
        /// What was found and what was needed.
        reason: String,
        /// What to do.
        mend: String,
        /// What the file and the net disagree about, one sentence each.
        differences: Vec<String>,
    },

    /// A request would need more memory than its limit allows.
    #[error("{what} needs {}; {mend}", Excess { bytes: *bytes, limit: *limit })]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The bytes it needs.
        bytes: u64,
        /// The bytes it may have.
        limit: u64,
        /// What to do.
        mend: String,
    },
}

impl Error {
    /// Where in the data the trouble is, for the kinds that have such a place.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Error::Table { place, .. }
            | Error::Value { place, .. }
            | Error::NotFinite { place, .. } => Some(place),
            _ => None,
        }
    }

    /// What the data, or a model file, and the net disagree about; empty for every other kind.
    pub fn differences(&self) -> &[String] {
        match self {
            Error::Mismatch { differences, .. } | Error::ModelFile { differences, .. } => {
                differences
            }
            _ => &[],
        }
    }

    /// The system refused to `action` the file at `path`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        Error::Io {
            mend: io_mend(action, &path, source.kind()),
            action,
            path,
            source,
        }
    }

    /// The setting `name` is `value`, but `needed` is needed.
    pub fn setting(
        name: &'static str,
        value: impl fmt::Display,
        needed: impl Into<String>,
    ) -> Self {
        Error::Setting {
            name,
            value: value.to_string(),
            needed: needed.into(),
        }
    }
}

/// Where in the data something stands.
///
/// A file is counted as an editor counts it: in physical lines from 1. Data in
/// memory are counted as Rust counts them: in rows from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    file: Option<Box<str>>,
    number: Number,
    column: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    None,
    Line(u64),
    Row(usize),
}

impl Place {
    /// The data in memory as a whole.
    pub fn data() -> Self {
        Place {
            file: None,
            number: Number::None,
            column: None,
        }
    }

    /// A file as a whole.
    pub fn file(name: &str) -> Self {
        Place {
            file: Some(name.into()),
            number: Number::None,
            column: None,
        }
    }

    /// A row of data in memory, from 0.
    pub fn row(row: usize) -> Self {
        Place {
            file: None,
            number: Number::Row(row),
            column: None,
        }
    }

    /// This place, at a physical line, from 1.
    pub fn at_line(mut self, line: u64) -> Self {
        self.number = Number::Line(line);
        self
    }

    /// This place, in a column.
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.into());
        self
    }

    /// The file's name; `None` for data in memory.
    pub fn file_name(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The physical line in the file, from 1.
    pub fn line(&self) -> Option<u64> {
        match self.number {
            Number::Line(line) => Some(line),
            _ => None,
        }
    }

    /// The row in memory, from 0.
    pub fn row_index(&self) -> Option<usize> {
        match self.number {
            Number::Row(row) => Some(row),
            _ => None,
        }
    }

    /// The column's name.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Place::data() {
            return f.write_str("data");
        }
        let mut separator = "";
        if let Some(file) = &self.file {
            f.write_str(file)?;
            separator = ", ";
        }
        match self.number {
            Number::None => {}
            Number::Line(line) => {
                write!(f, "{separator}line {line}")?;
                separator = ", ";
            }
            Number::Row(row) => {
                write!(f, "{separator}row {row}")?;
                separator = ", ";
            }
        }
        if let Some(column) = &self.column {
            write!(f, "{separator}column `{column}`")?;
        }
        Ok(())
    }
}

/// What to do when the system refuses a file; empty if that kind of refusal has no mend.
fn io_mend(action: &str, path: &Path, kind: ErrorKind) -> String {
    let from = match std::env::current_dir() {
        Ok(folder) if path.is_relative() => {
            format!(", which is relative to the folder {}", folder.display())
        }
        _ => String::new(),
    };
    match (kind, path.parent()) {
        _ if path.as_os_str().is_empty() => "the path is empty: name a file".into(),
        (ErrorKind::NotFound, Some(folder)) if action == "write" => {
            format!("create the folder {} first{from}", folder.display())
        }
        (ErrorKind::NotFound, _) => format!("check the path{from}"),
        (ErrorKind::IsADirectory, _) => "name a file in this folder".into(),
        (ErrorKind::NotADirectory, _) => "a part of the path is a file: name a folder".into(),
        (ErrorKind::PermissionDenied, _) => format!("allow this user to {action} it"),
        _ => String::new(),
    }
}

/// `1.5 GiB, the limit is 1 GiB`
struct Excess {
    bytes: u64,
    limit: u64,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [mut bytes, mut limit] = [self.bytes, self.limit].map(size);
        if bytes == limit {
            // Too close for rounded numbers.
            [bytes, limit] = [self.bytes, self.limit].map(|n| format!("{n} bytes"));
        }
        write!(f, "{bytes}, the limit is {limit}")
    }
}

/// `900 bytes`, `1.5 GiB`: to one decimal.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let fits = |power: u32| bytes >> (10 * power) < 1024;
    let power = (0..4).find(|&power| fits(power)).unwrap_or(4);
    let rounded = (bytes as f64 / (1_u64 << (10 * power)) as f64 * 10.0).round() / 10.0;
    format!("{rounded} {}", UNITS[power as usize])
}

/// Each sentence on a line of its own.
struct Lines<'a>(&'a [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0 {
            write!(f, "\n  - {line}")?;
        }
        Ok(())
    }
}

/// `, first in exp of layer h1`, as far as it is known.
struct Birth<'a> {
    op: Option<&'static str>,
    layer: Option<&'a str>,
    line: Option<&'static Location<'static>>,
}

impl fmt::Display for Birth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.op, self.layer) {
            (None, None) => {}
            (Some(op), None) => write!(f, ", first in `{op}`")?,
            (None, Some(layer)) => write!(f, ", first in or after layer `{layer}`")?,
            (Some(op), Some(layer)) => {
                write!(f, ", first in `{op}`, in or after layer `{layer}`")?;
            }
        }
        match self.line {
            Some(line) => write!(f, " ({line})"),
            None => Ok(()),
        }
    }
}
