//! Data from memory.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::dataset::{Block, Dataset, Origin, TargetBlock, Values};
use super::names::{self, count, did_you_mean, listed};
use super::target::{Order, Target, Trouble, label_mend, on_missing};
use crate::error::{Error, Place, Result};

/// A number as data bring it; held as f64.
///
/// Every integer of at most 53 bits is exact. `false` is 0 and `true` is 1.
pub trait Number: Copy + sealed::Sealed {
    /// The number as f64.
    fn to_f64(self) -> f64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! number {
    ($($t:ty: $x:ident => $e:expr;)*) => {$(
        impl sealed::Sealed for $t {}
        impl Number for $t {
            fn to_f64(self) -> f64 {
                let $x = self;
                $e
            }
        }
    )*};
}

number! {
    f64: x => x;
    f32: x => x.into();
    i8: x => x.into();
    i16: x => x.into();
    i32: x => x.into();
    i64: x => x as f64;
    u8: x => x.into();
    u16: x => x.into();
    u32: x => x.into();
    u64: x => x as f64;
    usize: x => x as f64;
    bool: x => f64::from(u8::from(x));
}

/// Collects columns in memory; made by [`Dataset::builder`].
///
/// ```
/// use elbo::data::{Dataset, Target};
///
/// let data = Dataset::builder()
///     .column("age", [41, 35, 29])
///     .input("place", 2, [52.5, 13.4, 48.1, 11.6, 50.9, 6.9])     // row by row
///     .target("income", [3.1, 2.8, 2.2])
///     .labels(Target::column("tenant").positive("yes"), ["yes", "no", "yes"])
///     .build()?;
/// assert_eq!(data.features(), ["age", "place[0]", "place[1]"]);
/// assert_eq!(data.column("place[1]").unwrap(), [13.4, 11.6, 6.9]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    /// Single columns, one after the other.
    columns: Vec<(String, Vec<f64>)>,
    blocks: Vec<Block>,
    targets: Vec<(Target, Raw)>,
}

#[derive(Clone, Debug)]
enum Raw {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

impl Dataset {
    /// An empty builder of data in memory.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The commonest data in memory: rows of features and one target.
    ///
    /// The features are called `x[0]`, `x[1]`, .. and the target `y`.
    ///
    /// # Errors
    /// When there are no rows or no features, rows differ in length or in number from
    /// `targets`, or a number is not finite.
    ///
    /// ```
    /// use elbo::data::Dataset;
    ///
    /// let data = Dataset::from_rows(&[[1.0, 2.0], [3.0, 4.0]], &[0.5, 0.7])?;
    /// assert_eq!(data.column("x[1]").unwrap(), [2.0, 4.0]);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    pub fn from_rows<F: Number, T: Number>(
        rows: &[impl AsRef<[F]>],
        targets: &[T],
    ) -> Result<Self> {
        let Some(first) = rows.first() else {
            return Err(Error::Empty {
                what: "the data".into(),
                mend: "give at least one row".into(),
            });
        };
        let width = first.as_ref().len();
        if width == 0 {
            return Err(Error::Table {
                place: Place::row(0),
                found: "no values".into(),
                needed: "at least one feature".into(),
                mend: "give every row the same features".into(),
            });
        }
        let mut values = Vec::with_capacity(rows.len() * width);
        for (row, features) in rows.iter().map(AsRef::as_ref).enumerate() {
            if features.len() != width {
                return Err(Error::Table {
                    place: Place::row(row),
                    found: count(features.len(), "value"),
                    needed: format!("{width}, as in row 0"),
                    mend: "give every row the same features".into(),
                });
            }
            values.extend(features.iter().map(|x| x.to_f64()));
        }
        let mut builder = Dataset::builder().input("x", width, values);
        for block in &mut builder.blocks {
            block.input = None;
        }
        builder.target("y", targets).build()
    }
}

impl Builder {
    /// A feature column.
    pub fn column<F: Number>(mut self, name: impl Into<String>, values: impl AsRef<[F]>) -> Self {
        self.columns.push((name.into(), numbers(values)));
        self
    }

    /// All features of the net's input `name`, row by row, `width` numbers a row.
    ///
    /// Its columns are called `name[0]`, `name[1]`, ..
    pub fn input<F: Number>(
        mut self,
        name: impl Into<String>,
        width: usize,
        values: impl AsRef<[F]>,
    ) -> Self {
        let name = name.into();
        self.blocks.push(Block {
            columns: (0..width).map(|i| format!("{name}[{i}]")).collect(),
            input: Some(name),
            values: numbers(values),
        });
        self
    }

    /// A target of numbers: one a row, or as many as it has columns, row by row.
    pub fn target<F: Number>(mut self, target: impl Into<Target>, values: impl AsRef<[F]>) -> Self {
        self.targets
            .push((target.into(), Raw::Numbers(numbers(values))));
        self
    }

    /// A target of classes, by their names; an empty one is missing, if the target
    /// [allows](Target::allow_missing) that.
    pub fn labels(
        mut self,
        target: impl Into<Target>,
        names: impl IntoIterator<Item: Into<String>>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.targets.push((target.into(), Raw::Texts(names)));
        self
    }

    /// The data.
    ///
    /// # Errors
    /// When columns differ in their number of rows, a name stands there twice, a
    /// number is NaN or infinite (a target may [allow](Target::allow_missing) NaN), a class is none of
    /// those that the target names, or two classes differ in case alone and the target does not
    /// name both.
    pub fn build(self) -> Result<Dataset> {
        for block in &self.blocks {
            if let ([], Some(input)) = (&block.columns[..], &block.input) {
                let needed = format!("a width of at least 1, the number of columns of `{input}`");
                return Err(Error::setting("width", 0, needed));
            }
        }
        for (target, _) in &self.targets {
            target.check()?;
        }
        let rows = self.common_rows()?;
        self.check_names()?;
        let mut blocks = Vec::new();
        if !self.columns.is_empty() {
            blocks.push(loose_block(self.columns, rows));
        }
        blocks.extend(self.blocks);
        for block in &blocks {
            all_finite(&block.columns, &block.values)?;
        }
        let targets = self
            .targets
            .into_iter()
            .map(|(target, raw)| target_block(target, raw))
            .collect::<Result<_>>()?;
        Ok(Dataset {
            rows,
            blocks,
            targets,
            weights: None,
            origin: Origin::Memory,
        })
    }

    /// The number of rows that all parts agree about.
    fn common_rows(&self) -> Result<usize> {
        let columns = self.columns.iter().map(|(name, v)| (name, 1, v.len()));
        let blocks = self.blocks.iter().map(|block| {
            let name = block.input.as_ref().or(block.columns.first());
            (
                name.unwrap_or(&EMPTY),
                block.columns.len(),
                block.values.len(),
            )
        });
        let targets = self.targets.iter().map(|(target, raw)| {
            let len = match raw {
                Raw::Numbers(values) => values.len(),
                Raw::Texts(names) => names.len(),
            };
            let name = target.columns.first().unwrap_or(&EMPTY);
            (name, target.columns.len(), len)
        });

        let mut common: Option<(&String, usize)> = None;
        for (name, width, len) in columns.chain(blocks).chain(targets) {
            if len % width != 0 {
                return Err(Error::Table {
                    place: Place::data(),
                    found: format!("{} for `{name}`", count(len, "value")),
                    needed: format!("whole rows of {}", count(width, "column")),
                    mend: "give the values row by row".into(),
                });
            }
            let rows = len / width;
            match common {
                None => common = Some((name, rows)),
                Some((_, first)) if first == rows => {}
                Some((first_name, first)) => {
                    return Err(Error::Table {
                        place: Place::data(),
                        found: format!(
                            "{} of `{name}` and {first} of `{first_name}`",
                            count(rows, "row")
                        ),
                        needed: "as many rows of every column".into(),
                        mend: "give each column one value a row".into(),
                    });
                }
            }
        }
        match common {
            Some((_, rows)) if rows > 0 => Ok(rows),
            _ => Err(Error::Empty {
                what: "the data".into(),
                mend: "give at least one column with one value".into(),
            }),
        }
    }

    fn check_names(&self) -> Result<()> {
        let names = (self.columns.iter().map(|(name, _)| name))
            .chain(self.blocks.iter().flat_map(|block| &block.columns))
            .chain(self.targets.iter().flat_map(|(target, _)| &target.columns));
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                return Err(Error::Table {
                    place: Place::data(),
                    found: format!("two columns `{name}`"),
                    needed: "a name of its own for every column".into(),
                    mend: "rename one of them".into(),
                });
            }
        }
        Ok(())
    }
}

static EMPTY: String = String::new();

fn numbers<F: Number>(values: impl AsRef<[F]>) -> Vec<f64> {
    values.as_ref().iter().map(|x| x.to_f64()).collect()
}

/// Single columns as one block, row by row.
fn loose_block(columns: Vec<(String, Vec<f64>)>, rows: usize) -> Block {
    let values = (0..rows)
        .flat_map(|row| columns.iter().map(move |(_, values)| values[row]))
        .collect();
    Block {
        input: None,
        columns: columns.into_iter().map(|(name, _)| name).collect(),
        values,
    }
}

fn all_finite(columns: &[String], values: &[f64]) -> Result<()> {
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::NotFinite {
            place: Place::row(i / columns.len()).in_column(&columns[i % columns.len()]),
            found: values[i].to_string(),
            mend: "remove the row or fill the value in".into(),
        }),
    }
}

fn target_block(target: Target, raw: Raw) -> Result<TargetBlock> {
    let values = match raw {
        Raw::Texts(texts) => labels(&target, &texts, str::is_empty),
        Raw::Numbers(numbers) => {
            let missing = |x: &f64| x.is_nan() && target.may_be_missing;
            let there: Vec<f64> = (numbers.iter())
                .map(|x| if missing(x) { 0.0 } else { *x })
                .collect();
            all_finite(&target.columns, &there).map_err(on_missing)?;
            match &target.order {
                Order::Sorted => Ok(Values::Numbers(numbers)),
                Order::Given(classes) => positions(&target, classes, &numbers),
                Order::Positive(_) => {
                    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                    labels(&target, &texts, |text| text == "NaN")
                }
            }
        }
    };
    let values = values.map_err(|(row, trouble)| trouble.at(Place::row(row), &target))?;
    Ok(TargetBlock {
        in_order: target.names_classes(),
        feeds: target.feeds,
        columns: target.columns,
        values,
    })
}

/// Class names as labels, none where the target may be missing and `is_missing`; the error is the
/// row and what is wrong with it.
pub(super) fn labels<S: AsRef<str>>(
    target: &Target,
    texts: &[S],
    is_missing: impl Fn(&str) -> bool,
) -> Result<Values, (usize, Trouble)> {
    if target.columns.len() != 1 {
        return Err((0, target.one_column()));
    }
    let is_missing = |text: &str| target.may_be_missing && is_missing(text);
    let texts_there = texts.iter().map(AsRef::as_ref);
    let found: BTreeSet<&str> = texts_there.filter(|text| !is_missing(text)).collect();
    let classes = target.class_names(&found).map_err(|trouble| (0, trouble))?;
    target.case_of_classes(&classes, texts)?;
    let known = || classes.iter().map(String::as_str);
    // A map, because a column of names taken for a target has as many classes as rows.
    let label_of: HashMap<&str, usize> = known().zip(0..).collect();
    let labels = texts
        .iter()
        .map(AsRef::as_ref)
        .enumerate()
        .map(|(row, text)| {
            if is_missing(text) {
                return Ok(None);
            }
            label_of.get(text).copied().map(Some).ok_or_else(|| {
                let trouble = Trouble {
                    found: format!("{text:?}"),
                    needed: format!("one of {}", listed(known())),
                    mend: format!(
                        "correct it, or add it to .classes([..]){}",
                        did_you_mean(text, known())
                    ),
                };
                (row, trouble)
            })
        });
    let labels = labels.collect::<Result<_, _>>()?;
    Ok(Values::Labels { classes, labels })
}

/// Numbers that are positions in a list of class names.
fn positions(
    target: &Target,
    classes: &[String],
    numbers: &[f64],
) -> Result<Values, (usize, Trouble)> {
    if target.columns.len() != 1 {
        return Err((0, target.one_column()));
    }
    let labels = numbers.iter().enumerate().map(|(row, &number)| {
        if number.is_nan() {
            return Ok(None);
        }
        // A whole number in range is its own label; the cast is exact then.
        let label = number as usize;
        (label < classes.len() && label as f64 == number)
            .then_some(Some(label))
            .ok_or_else(|| {
                let trouble = Trouble {
                    found: names::number(number),
                    needed: format!(
                        "a label from 0 to {}, a position in .classes([..])",
                        classes.len().saturating_sub(1)
                    ),
                    mend: label_mend(numbers, classes.len()).into(),
                };
                (row, trouble)
            })
    });
    Ok(Values::Labels {
        classes: classes.to_vec(),
        labels: labels.collect::<Result<_, _>>()?,
    })
}
