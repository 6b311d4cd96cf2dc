//! Rows of named columns: features and targets.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use rand::seq::SliceRandom;

use super::names::{did_you_mean, quoted};
use crate::error::{Error, Place, Result};
use crate::kernels::noise::Philox;

/// Rows of named columns: features and targets, in f64.
///
/// ```
/// use elbo::data::{Dataset, Target};
///
/// let file = "size,rooms,kind\n80,3,flat\n120,5,house\n95,4,flat\n";
/// let kind = Target::column("kind").positive("house");
/// let data = Dataset::from_csv_reader(file.as_bytes(), "homes.csv", kind)?;
///
/// assert_eq!(data.rows(), 3);
/// assert_eq!(data.features(), ["size", "rooms"]);
/// assert_eq!(data.column("size").unwrap(), [80.0, 120.0, 95.0]);
/// assert_eq!(data.labels("kind").unwrap(), ["flat", "house", "flat"]);
/// assert_eq!(data.column("kind").unwrap(), [0.0, 1.0, 0.0]);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// Names of columns are unique. Every number is finite: what is not is refused
/// where it enters, with its line or row. Only a target may have missing values, if it
/// [allows](super::Target::allow_missing) them: they are NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    pub(super) rows: usize,
    pub(super) blocks: Vec<Block>,
    pub(super) targets: Vec<TargetBlock>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) origin: Origin,
}

/// Feature columns that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// The input of the net they feed; `None`: the one input that has no group.
    pub(crate) input: Option<String>,
    pub(crate) columns: Vec<String>,
    /// `[rows, columns]`, row by row.
    pub(crate) values: Vec<f64>,
}

/// The columns of one target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetBlock {
    /// The target of the net they feed, if the user said so.
    pub(crate) feeds: Option<String>,
    pub(crate) columns: Vec<String>,
    /// Whether the user named the classes in an order.
    pub(crate) in_order: bool,
    pub(crate) values: Values,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// `[rows, columns]`, row by row; NaN where one is missing.
    Numbers(Vec<f64>),
    /// One column of classes: the name of class `labels[row]` is `classes[labels[row]]`; `None`
    /// where it is missing.
    Labels {
        classes: Vec<String>,
        labels: Vec<Option<usize>>,
    },
}

/// How a message names a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Origin {
    Memory,
    #[cfg_attr(
        not(feature = "csv"),
        allow(dead_code, reason = "only files have lines")
    )]
    File {
        name: Arc<str>,
        lines: Vec<u64>,
    },
}

impl Dataset {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The names of the feature columns.
    pub fn features(&self) -> Vec<&str> {
        self.blocks
            .iter()
            .flat_map(|block| &block.columns)
            .map(String::as_str)
            .collect()
    }

    /// The names of the target columns.
    pub fn targets(&self) -> Vec<&str> {
        self.targets
            .iter()
            .flat_map(|target| &target.columns)
            .map(String::as_str)
            .collect()
    }

    /// A column, feature or target, by its name; classes as their labels 0, 1, .., and NaN for a
    /// missing value of a target.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        for block in &self.blocks {
            if let Some(index) = block.index(name) {
                return Some(pick(&block.values, block.columns.len(), index).collect());
            }
        }
        let (target, index) = self.target_column(name)?;
        Some(match &target.values {
            Values::Numbers(values) => pick(values, target.columns.len(), index).collect(),
            Values::Labels { labels, .. } => {
                let number = |label: &Option<usize>| label.map_or(f64::NAN, |label| label as f64);
                labels.iter().map(number).collect()
            }
        })
    }

    /// The class names of a target of classes, in the order of their labels.
    pub fn classes(&self, target: &str) -> Option<&[String]> {
        match &self.target_column(target)?.0.values {
            Values::Labels { classes, .. } => Some(classes),
            Values::Numbers(_) => None,
        }
    }

    /// How many values of this column of a target are missing; `None` if it is no such column.
    pub fn missing(&self, column: &str) -> Option<usize> {
        self.target_column(column)?;
        let values = self.column(column)?;
        Some(values.iter().filter(|y| y.is_nan()).count())
    }

    /// The class name of each row, for a target of classes; empty where it is missing.
    pub fn labels(&self, target: &str) -> Option<Vec<&str>> {
        match &self.target_column(target)?.0.values {
            Values::Labels { classes, labels } => Some(
                labels
                    .iter()
                    .map(|&label| label.map_or("", |label| classes[label].as_str()))
                    .collect(),
            ),
            Values::Numbers(_) => None,
        }
    }

    fn target_column(&self, name: &str) -> Option<(&TargetBlock, usize)> {
        self.targets.iter().find_map(|target| {
            let index = target.columns.iter().position(|column| column == name)?;
            Some((target, index))
        })
    }

    /// Gives `columns` to the input of that name, for nets with several inputs.
    ///
    /// An ungrouped column goes to the input of its name, if that takes one column only; what
    /// stays goes to the one input that has nothing yet.
    ///
    /// ```
    /// # use elbo::data::Dataset;
    /// let file = "age,lat,lon\n41,52.5,13.4\n";
    /// let data = Dataset::from_csv_reader(file.as_bytes(), "people.csv", [])?
    ///     .group("place", ["lat", "lon"])?;
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a column is no feature of the data, is named twice or is in a group already; when
    /// no column is named; when the input has a group already.
    pub fn group(
        mut self,
        input: impl Into<String>,
        columns: impl IntoIterator<Item: Into<String>>,
    ) -> Result<Self> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let input = input.into();
        self.require(&columns, &format!("the group `{input}`"))?;
        self.free(&columns, &input)?;
        let values = self.gather(&columns);
        self.drop_columns(&columns);
        self.blocks.push(Block {
            input: Some(input),
            columns,
            values,
        });
        Ok(self)
    }

    /// Takes the feature column `column` for the weights of the rows: training multiplies the
    /// log-likelihood of each row by its weight, as if the row stood there so many times.
    ///
    /// ```text
    /// ELBO = Σ_i w_i E_q[log p(y_i | x_i, theta)] - KL(q || p)
    /// ```
    ///
    /// Weights are not scaled: if they add up to another number than that of the rows, data and
    /// prior weigh that much more or less beside each other. A weight of 0 leaves the row out.
    /// Scores and predictions do not look at weights.
    ///
    /// ```
    /// # use elbo::data::Dataset;
    /// let data = Dataset::builder()
    ///     .column("x", [1.0, 2.0])
    ///     .column("people", [120.0, 35.0])
    ///     .target("y", [0.3, 0.1])
    ///     .build()?
    ///     .weights("people")?;
    /// assert_eq!(data.features(), ["x"]);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the column is no feature of the data, a weight is negative, or all are 0.
    pub fn weights(mut self, column: impl Into<String>) -> Result<Self> {
        let columns = [column.into()];
        self.require(&columns, "`weights`")?;
        let weights = self.gather(&columns);
        let [column] = &columns;
        if let Some(row) = weights.iter().position(|&weight| weight < 0.0) {
            return Err(Error::Value {
                place: self.place(row).in_column(column),
                found: weights[row].to_string(),
                needed: "a weight of at least 0".into(),
                mend: "correct it; 0 leaves the row out of training".into(),
            });
        }
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(Error::Empty {
                what: format!("what the weights `{column}` leave of the data"),
                mend: "give one row at least a weight above 0".into(),
            });
        }
        self.drop_columns(&columns);
        self.weights = Some(weights);
        Ok(self)
    }

    /// The data without these feature columns.
    ///
    /// # Errors
    /// When a column is no feature of the data, or is named twice.
    pub fn without(mut self, columns: impl IntoIterator<Item: Into<String>>) -> Result<Self> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        self.require(&columns, "`without`")?;
        self.drop_columns(&columns);
        Ok(self)
    }

    /// The rows at these indices, in this order; an index may stand there twice.
    ///
    /// # Panics
    /// When an index is not below [`rows`](Dataset::rows).
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Self {
        if let Some(row) = rows.iter().find(|&&row| row >= self.rows) {
            panic!("select: row {row} of data with {} rows", self.rows);
        }
        Dataset {
            rows: rows.len(),
            blocks: self
                .blocks
                .iter()
                .map(|block| Block {
                    values: select(&block.values, block.columns.len(), rows),
                    ..block.named_alike()
                })
                .collect(),
            targets: self
                .targets
                .iter()
                .map(|target| target.select(rows))
                .collect(),
            weights: (self.weights.as_ref())
                .map(|weights| rows.iter().map(|&row| weights[row]).collect()),
            origin: match &self.origin {
                Origin::Memory => Origin::Memory,
                Origin::File { name, lines } => Origin::File {
                    name: Arc::clone(name),
                    lines: rows.iter().map(|&row| lines[row]).collect(),
                },
            },
        }
    }

    /// Two parts: `fraction` of the rows, rounded, and the rest, both shuffled.
    ///
    /// Which rows go where is a function of the number of rows and of `seed` alone.
    ///
    /// # Panics
    /// When `fraction` is not between 0 and 1.
    ///
    /// ```
    /// # use elbo::data::Dataset;
    /// let data = Dataset::builder().column("x", [1.0, 2.0, 3.0, 4.0, 5.0]).build()?;
    /// let (train, test) = data.split(0.8, 7);
    /// assert_eq!((train.rows(), test.rows()), (4, 1));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    #[track_caller]
    pub fn split(&self, fraction: f64, seed: u64) -> (Self, Self) {
        assert!(
            (0.0..=1.0).contains(&fraction),
            "split: the fraction {fraction} is not between 0 and 1"
        );
        let mut order: Vec<usize> = (0..self.rows).collect();
        order.shuffle(&mut Philox::new(seed));
        let (first, second) = order.split_at((fraction * self.rows as f64).round() as usize);
        (self.select(first), self.select(second))
    }

    /// Where `row` stands, for messages.
    pub fn place(&self, row: usize) -> Place {
        match &self.origin {
            Origin::Memory => Place::row(row),
            Origin::File { name, lines } => Place::file(name).at_line(lines[row]),
        }
    }

    /// The data as a whole, for messages.
    fn whole(&self) -> Place {
        match &self.origin {
            Origin::Memory => Place::data(),
            Origin::File { name, .. } => Place::file(name),
        }
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The weight of each row, if they have any.
    pub(crate) fn row_weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    pub(crate) fn target_blocks(&self) -> &[TargetBlock] {
        &self.targets
    }

    /// `[rows, columns]` of features known to be there.
    pub(crate) fn gather(&self, columns: &[String]) -> Vec<f64> {
        self.view(columns).into_owned()
    }

    /// As [`gather`](Dataset::gather), without a copy where a block is just this.
    pub(crate) fn view(&self, columns: &[String]) -> Cow<'_, [f64]> {
        if let Some(block) = self.blocks.iter().find(|block| block.columns == columns) {
            return Cow::Borrowed(&block.values);
        }
        let mut values = vec![0.0; self.rows * columns.len()];
        for (j, name) in columns.iter().enumerate() {
            let source = self.blocks.iter().find_map(|block| {
                let index = block.index(name)?;
                Some(pick(&block.values, block.columns.len(), index))
            });
            let sink = values.iter_mut().skip(j).step_by(columns.len());
            for (to, from) in sink.zip(source.into_iter().flatten()) {
                *to = from;
            }
        }
        Cow::Owned(values)
    }

    /// Every one of `columns` is a feature, and none stands there twice.
    fn require(&self, columns: &[String], asker: &str) -> Result<()> {
        let features = self.features();
        let known: HashSet<&str> = features.iter().copied().collect();
        let mut seen = HashSet::new();
        for column in columns {
            let found = if !known.contains(column.as_str()) {
                format!("no feature column `{column}`")
            } else if !seen.insert(column) {
                format!("`{column}` twice in {asker}")
            } else {
                continue;
            };
            return Err(Error::Table {
                place: self.whole(),
                found,
                needed: format!("the feature columns that {asker} names, once each"),
                mend: format!(
                    "choose from {}{}",
                    quoted(&features),
                    did_you_mean(column, features.iter().copied().filter(|c| c != column)),
                ),
            });
        }
        Ok(())
    }

    /// None of `columns` is in a group, and there is no group `input` yet.
    fn free(&self, columns: &[String], input: &str) -> Result<()> {
        let (found, mend) = if columns.is_empty() {
            let found = format!("no column for the group `{input}`");
            (
                found,
                "name its columns, or leave the group out".to_string(),
            )
        } else if self
            .blocks
            .iter()
            .any(|block| block.input.as_deref() == Some(input))
        {
            let found = format!("a second group `{input}`");
            (found, "name all columns of the group at once".to_string())
        } else {
            let mut grouped = self.blocks.iter().filter_map(|block| {
                let column = columns
                    .iter()
                    .find(|column| block.index(column).is_some())?;
                Some((column, block.input.as_ref()?))
            });
            let Some((column, other)) = grouped.next() else {
                return Ok(());
            };
            (
                format!("`{column}` asked for by `{input}`, and in the group `{other}`"),
                "give it to one of them".to_string(),
            )
        };
        Err(Error::Table {
            place: self.whole(),
            found,
            needed: "one group of columns for an input, and one input for a column".into(),
            mend,
        })
    }

    fn drop_columns(&mut self, columns: &[String]) {
        let gone: HashSet<&str> = columns.iter().map(String::as_str).collect();
        for block in &mut self.blocks {
            block.drop_columns(&gone);
        }
        self.blocks.retain(|block| !block.columns.is_empty());
    }
}

impl Block {
    fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    fn named_alike(&self) -> Self {
        Block {
            input: self.input.clone(),
            columns: self.columns.clone(),
            values: Vec::new(),
        }
    }

    fn drop_columns(&mut self, gone: &HashSet<&str>) {
        let keep: Vec<bool> = self
            .columns
            .iter()
            .map(|column| !gone.contains(column.as_str()))
            .collect();
        let mut flags = keep.iter().cycle();
        self.values.retain(|_| flags.next() == Some(&true));
        let mut flags = keep.iter();
        self.columns.retain(|_| flags.next() == Some(&true));
    }
}

impl TargetBlock {
    fn select(&self, rows: &[usize]) -> Self {
        let values = match &self.values {
            Values::Numbers(values) => Values::Numbers(select(values, self.columns.len(), rows)),
            Values::Labels { classes, labels } => Values::Labels {
                classes: classes.clone(),
                labels: rows.iter().map(|&row| labels[row]).collect(),
            },
        };
        TargetBlock {
            feeds: self.feeds.clone(),
            columns: self.columns.clone(),
            in_order: self.in_order,
            values,
        }
    }
}

/// Column `index` of values that lie row by row.
fn pick(values: &[f64], width: usize, index: usize) -> impl Iterator<Item = f64> + '_ {
    values.iter().skip(index).step_by(width).copied()
}

fn select(values: &[f64], width: usize, rows: &[usize]) -> Vec<f64> {
    rows.iter()
        .flat_map(|row| &values[row * width..(row + 1) * width])
        .copied()
        .collect()
}
