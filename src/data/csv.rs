//! CSV files: one header line with the names of the columns, then the rows.
//!
//! The crate `csv` splits fields; this file says what they mean and where they
//! stand. Lines in messages are **physical**, as an editor counts them: a quoted
//! cell may span several.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ::csv::{Position, ReaderBuilder, StringRecord};

use super::builder::labels;
use super::cell::{self, Cell};
use super::dataset::{Block, Dataset, Origin, TargetBlock, Values};
use super::names::{count, did_you_mean, quoted};
use super::sniff::not_csv_text;
use super::target::Target;
use crate::error::{Error, Place, Result};

/// How a file is written that is not plain CSV.
///
/// ```
/// use elbo::data::{CsvOptions, Dataset, Target};
///
/// let file = "name;age;price\nAda;41;1.5\nBob;35;2.5\n";
/// let options = CsvOptions::new().separator(b';').skip(["name"]);
/// let data = Dataset::from_csv_reader_with(
///     file.as_bytes(), "cars.csv", Target::column("price"), options)?;
/// assert_eq!(data.features(), ["age"]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CsvOptions {
    separator: Option<u8>,
    skip: Vec<String>,
}

impl CsvOptions {
    /// Fields separated by `,` and no column left out.
    pub fn new() -> Self {
        CsvOptions::default()
    }

    /// The byte between fields: `b';'`, `b'\t'`. One that ends lines, quotes cells or is no
    /// ASCII is refused when the file is read.
    pub fn separator(mut self, separator: u8) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Leaves these columns out; what stands in them does not matter.
    pub fn skip(mut self, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        self.skip.extend(columns.into_iter().map(Into::into));
        self
    }

    fn check(&self) -> Result<()> {
        match self.separator {
            Some(byte) if matches!(byte, b'\n' | b'\r' | b'"') || !byte.is_ascii() => {
                Err(Error::setting(
                    "separator",
                    format!("b'{}'", byte.escape_ascii()),
                    "an ASCII byte that stands between fields, such as b';' or b'\\t'",
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Dataset {
    /// Reads a CSV file. Every column that is no target is a feature.
    ///
    /// The targets are one [`Target`], an array or a `Vec` of them, or `[]`. The file
    /// is UTF-8 with or without a mark, its lines end in LF or CRLF, cells may be
    /// quoted, blanks around them do not matter, blank lines are skipped. A target of
    /// text becomes classes; every other cell must be a finite number.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::Table`] when it is no such
    /// file, [`Error::Empty`] when it has no rows, [`Error::Value`] and
    /// [`Error::NotFinite`] for the first cell that is not what it must be,
    /// [`Error::Setting`] for targets or options that no file can meet.
    pub fn from_csv(
        path: impl AsRef<Path>,
        targets: impl IntoIterator<Item = Target>,
    ) -> Result<Self> {
        Dataset::from_csv_with(path, targets, CsvOptions::new())
    }

    /// As [`from_csv`](Dataset::from_csv), with options.
    ///
    /// # Errors
    /// As [`from_csv`](Dataset::from_csv).
    pub fn from_csv_with(
        path: impl AsRef<Path>,
        targets: impl IntoIterator<Item = Target>,
        options: CsvOptions,
    ) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let targets: Vec<Target> = targets.into_iter().collect();
        Table::new(&bytes, &path.display().to_string(), &options)?.read(targets, &options)
    }

    /// As [`from_csv`](Dataset::from_csv), from a reader; `name` is the file's name in
    /// messages.
    ///
    /// # Errors
    /// As [`from_csv`](Dataset::from_csv).
    pub fn from_csv_reader(
        reader: impl Read,
        name: &str,
        targets: impl IntoIterator<Item = Target>,
    ) -> Result<Self> {
        Dataset::from_csv_reader_with(reader, name, targets, CsvOptions::new())
    }

    /// As [`from_csv_reader`](Dataset::from_csv_reader), with options.
    ///
    /// # Errors
    /// As [`from_csv`](Dataset::from_csv).
    pub fn from_csv_reader_with(
        mut reader: impl Read,
        name: &str,
        targets: impl IntoIterator<Item = Target>,
        options: CsvOptions,
    ) -> Result<Self> {
        let mut bytes = Vec::new();
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| Error::io("read", name, error))?;
        let targets: Vec<Target> = targets.into_iter().collect();
        Table::new(&bytes, name, &options)?.read(targets, &options)
    }
}

/// A CSV text whose header has been read.
struct Table<'a> {
    name: &'a str,
    lines: Lines<'a>,
    reader: ::csv::Reader<&'a [u8]>,
    header: Vec<String>,
    header_line: u64,
}

/// What a column of the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Skip,
    Feature,
    /// Column `column` of target `target`.
    Target {
        target: usize,
        column: usize,
    },
}

impl<'a> Table<'a> {
    fn new(bytes: &'a [u8], name: &'a str, options: &CsvOptions) -> Result<Self> {
        options.check()?;
        let text = as_utf8(bytes, name)?;
        if text.trim().is_empty() {
            return Err(Error::Empty {
                what: name.to_string(),
                mend: "the file is empty: was it written to the end?".into(),
            });
        }
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(options.separator.unwrap_or(b','))
            .from_reader(text.as_bytes());
        let mut table = Table {
            name,
            lines: Lines::new(text.as_bytes()),
            reader,
            header: Vec::new(),
            header_line: 1,
        };
        if let Some((line, record)) = table.next_record()? {
            table.header_line = line;
            table.header = record.iter().map(|name| name.trim().to_string()).collect();
        }
        if options.separator.is_none() {
            table.check_separator()?;
        }
        Ok(table)
    }

    fn read(mut self, targets: Vec<Target>, options: &CsvOptions) -> Result<Dataset> {
        let roles = self.roles(&targets, options)?;
        let mut features = Vec::new();
        let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); targets.len()];
        let mut lines = Vec::new();

        while let Some((line, record)) = self.next_record()? {
            if record.len() != self.header.len() {
                return Err(self.ragged(line, &record));
            }
            lines.push(line);
            // A line break inside quotes moves the cells after it down.
            let mut line = line;
            let mut target_cells = Vec::new();
            for ((text, role), name) in record.iter().zip(&roles).zip(&self.header) {
                match role {
                    Role::Skip => {}
                    Role::Feature => {
                        let place = || Place::file(self.name).at_line(line).in_column(name);
                        features.push(cell::number(text).map_err(|t| t.in_feature(place(), name))?);
                    }
                    &Role::Target { target, column } => {
                        let text = text.trim().to_string();
                        target_cells.push((target, column, Cell { text, line }));
                    }
                }
                line += line_breaks(text.as_bytes());
            }
            // In the order of the targets' columns, which need not be the file's.
            target_cells.sort_by_key(|&(target, column, _)| (target, column));
            for (target, _, cell) in target_cells {
                cells[target].push(cell);
            }
        }

        if lines.is_empty() {
            return Err(Error::Empty {
                what: self.name.to_string(),
                mend: "only the header line is there: add the rows".into(),
            });
        }
        let features = Block {
            input: None,
            columns: (self.header.iter().zip(&roles))
                .filter(|&(_, role)| *role == Role::Feature)
                .map(|(name, _)| name.clone())
                .collect(),
            values: features,
        };
        let targets = targets
            .into_iter()
            .zip(cells)
            .map(|(target, cells)| target_block(self.name, target, cells))
            .collect::<Result<_>>()?;
        Ok(Dataset {
            rows: lines.len(),
            blocks: vec![features],
            targets,
            weights: None,
            origin: Origin::File {
                name: Arc::from(self.name),
                lines,
            },
        })
    }

    /// The next record that is no blank line, and the physical line it starts on.
    fn next_record(&mut self) -> Result<Option<(u64, StringRecord)>> {
        let mut record = StringRecord::new();
        let more = self.reader.read_record(&mut record).map_err(|error| {
            let line = error.position().map_or(1, Position::line);
            self.trouble(line, error.to_string(), "CSV", "correct the line")
        })?;
        if !more {
            return Ok(None);
        }
        let start = record.position().map_or(0, Position::byte);
        Ok(Some((self.lines.at(start as usize), record)))
    }

    /// What each column is for.
    fn roles(&self, targets: &[Target], options: &CsvOptions) -> Result<Vec<Role>> {
        let mut roles = vec![Role::Feature; self.header.len()];
        for name in &options.skip {
            let index = self.index(name, "the option `skip`")?;
            roles[index] = Role::Skip;
        }
        self.check_header(&roles)?;
        for (target, asked) in targets.iter().enumerate() {
            asked.check()?;
            for (column, name) in asked.columns.iter().enumerate() {
                let index = self.index(name, "the target")?;
                if roles[index] != Role::Feature {
                    return Err(self.trouble(
                        self.header_line,
                        format!("column `{name}` asked for twice"),
                        "one use of every column",
                        "name it in one target, or in `skip`, and once only",
                    ));
                }
                roles[index] = Role::Target { target, column };
            }
        }
        Ok(roles)
    }

    fn index(&self, name: &str, asker: &str) -> Result<usize> {
        if let Some(index) = self.header.iter().position(|column| column == name) {
            return Ok(index);
        }
        let mend = if self.header.iter().all(|name| name.parse::<f64>().is_ok()) {
            "the first line holds numbers: put a header line with names before it".to_string()
        } else if self.begins_with_comment() {
            COMMENT.to_string()
        } else {
            let columns = self.header.iter().map(String::as_str);
            format!(
                "the columns are {}{}",
                quoted(&self.header),
                did_you_mean(name, columns)
            )
        };
        Err(self.trouble(
            self.header_line,
            format!("no column `{name}`"),
            format!("the column that {asker} names"),
            mend,
        ))
    }

    /// Every column that is used has a name of its own.
    fn check_header(&self, roles: &[Role]) -> Result<()> {
        let mut first = HashMap::new();
        for (index, (name, role)) in self.header.iter().zip(roles).enumerate() {
            if *role == Role::Skip {
                continue;
            }
            let number = index + 1;
            if name.is_empty() {
                return Err(self.trouble(
                    self.header_line,
                    format!("column {number} without a name"),
                    "a name for every column",
                    "name it in the header, or leave it out: CsvOptions::new().skip([\"\"])",
                ));
            }
            if let Some(earlier) = first.insert(name, number) {
                return Err(self.trouble(
                    self.header_line,
                    format!("columns {earlier} and {number} both called `{name}`"),
                    "a name of its own for every column",
                    "rename one of them in the header",
                ));
            }
        }
        Ok(())
    }

    /// A header of one field that holds another usual separator was not meant so.
    fn check_separator(&self) -> Result<()> {
        let [header] = &self.header[..] else {
            return Ok(());
        };
        match header.chars().find(|c| [';', '\t', '|'].contains(c)) {
            None => Ok(()),
            Some(other) => Err(self.trouble(
                self.header_line,
                format!("{other:?} between the names"),
                "columns separated by ','",
                format!("read it with CsvOptions::new().separator(b{other:?})"),
            )),
        }
    }

    /// Whether the line taken for the header looks like a comment.
    fn begins_with_comment(&self) -> bool {
        self.header
            .first()
            .is_some_and(|name| name.starts_with('#'))
    }

    fn ragged(&self, line: u64, record: &StringRecord) -> Error {
        let (found, wanted) = (record.len(), self.header.len());
        if self.begins_with_comment() {
            return self.trouble(
                self.header_line,
                format!("{} in a line that begins with '#'", count(wanted, "field")),
                format!(
                    "the names of {}, as many as line {line} has",
                    count(found, "column")
                ),
                COMMENT,
            );
        }
        let mend = if record.iter().any(|text| line_breaks(text.as_bytes()) > 0) {
            "is a quotation mark left open?"
        } else if found > wanted {
            "does a number have a decimal comma, or a text a comma without quotation marks?"
        } else if record.iter().all(|text| text.trim().is_empty()) {
            "remove the blank line"
        } else {
            "fill in what is missing, or remove the row"
        };
        self.trouble(
            line,
            count(found, "field"),
            format!("{wanted}, as in the header"),
            mend,
        )
    }

    fn trouble(
        &self,
        line: u64,
        found: impl Into<String>,
        needed: impl Into<String>,
        mend: impl Into<String>,
    ) -> Error {
        Error::Table {
            place: Place::file(self.name).at_line(line),
            found: found.into(),
            needed: needed.into(),
            mend: mend.into(),
        }
    }
}

/// What to do where a comment stands in the place of the header.
const COMMENT: &str = "the first line begins with '#': remove the comments above the header; \
     CsvOptions::skip leaves out columns, not lines";

/// The text of a file in UTF-8, without its mark.
fn as_utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str> {
    const NEEDED: &str = "CSV text in UTF-8";
    if let Some(foreign) = not_csv_text(bytes) {
        return Err(Error::Table {
            place: Place::file(name),
            found: foreign.what.into(),
            needed: NEEDED.into(),
            mend: foreign.mend.into(),
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, bad) = bytes.split_at(error.valid_up_to());
        Error::Table {
            place: Place::file(name).at_line(1 + line_breaks(good)),
            found: format!("the byte 0x{:02x}, which is not UTF-8", bad[0]),
            needed: NEEDED.into(),
            mend: "save it as UTF-8, for example with iconv -f LATIN1 -t UTF-8".into(),
        }
    })
}

/// A target from the cells of its columns, row by row.
fn target_block(file: &str, target: Target, cells: Vec<Cell>) -> Result<TargetBlock> {
    let place = |i: usize| {
        let column = &target.columns[i % target.columns.len()];
        Place::file(file).at_line(cells[i].line).in_column(column)
    };
    let may_be_classes = target.columns.len() == 1 || target.names_classes();
    let values = if may_be_classes && cell::hold_classes(&target, &cells, place)? {
        let is_missing = |text: &str| cell::is_missing(text) && !target.lists(text);
        labels(&target, &cells, is_missing)
            .map_err(|(row, trouble)| trouble.at(place(row), &target))?
    } else {
        let numbers = cells
            .iter()
            .enumerate()
            .map(|(i, cell)| match cell::number(&cell.text) {
                Err(_) if target.may_be_missing && cell::is_missing(&cell.text) => Ok(f64::NAN),
                number => number.map_err(|trouble| trouble.in_target(place(i), &target)),
            });
        Values::Numbers(numbers.collect::<Result<_>>()?)
    };
    Ok(TargetBlock {
        in_order: target.names_classes(),
        feeds: target.feeds,
        columns: target.columns,
        values,
    })
}

/// Counts lines as it walks through the text.
struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8]) -> Self {
        Lines {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// The line of the first byte from `offset` on that is no line break: a record
    /// may be said to start at the end of the line before, or at blank lines.
    fn at(&mut self, offset: usize) -> u64 {
        let blank = |b: &&u8| matches!(b, b'\r' | b'\n');
        let start = offset + self.text[offset..].iter().take_while(blank).count();
        self.line += line_breaks(&self.text[self.offset..start]);
        self.offset = start;
        self.line
    }
}

/// The line breaks in a text: LF, CRLF or a lone CR.
fn line_breaks(text: &[u8]) -> u64 {
    let ends = text.iter().enumerate().filter(|&(i, &b)| match b {
        b'\n' => true,
        b'\r' => text.get(i + 1) != Some(&b'\n'),
        _ => false,
    });
    ends.count() as u64
}
