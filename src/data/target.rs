//! What is to be predicted: which columns, for which target of the net, and what
//! its classes are called.

use std::collections::{BTreeSet, HashMap};

use super::names::{listed, quoted};
use crate::error::{Error, Place, Result};

/// One target: the column or columns that a net learns to predict.
///
/// A column of numbers stays numbers. A column of text becomes classes, in
/// alphabetical order unless [`Target::classes`] or [`Target::positive`] says
/// otherwise, so that the order never depends on the order of the rows. Two texts that differ
/// in case alone, such as `yes` and `Yes`, are refused unless [`Target::classes`] names both.
///
/// ```
/// use elbo::data::Target;
///
/// let price = Target::column("price");
/// let tumour = Target::column("diagnosis").positive("malignant");
/// let iris = Target::column("species").classes(["setosa", "versicolor", "virginica"]);
/// let position = Target::columns(["east", "north"]).named("place");
/// # let _ = (price, tumour, iris, position);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) columns: Vec<String>,
    pub(super) feeds: Option<String>,
    pub(super) order: Order,
    pub(super) may_be_missing: bool,
}

/// The order of a target's classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Nothing is said: numbers stay numbers, text is sorted.
    Sorted,
    /// `classes([..])`: the position in the list is the label.
    Given(Vec<String>),
    /// `positive(..)`: two classes, and this one is 1.
    Positive(String),
}

impl Target {
    /// Whether the cells of this target are names of classes whatever they look like.
    pub(super) fn names_classes(&self) -> bool {
        self.order != Order::Sorted
    }
    /// A target of one column.
    pub fn column(name: impl Into<String>) -> Self {
        Target::columns([name])
    }

    /// A target of several columns of numbers, in this order.
    pub fn columns(names: impl IntoIterator<Item: Into<String>>) -> Self {
        Target {
            columns: names.into_iter().map(Into::into).collect(),
            feeds: None,
            order: Order::Sorted,
            may_be_missing: false,
        }
    }

    /// Names the net's target that this one feeds: `y` of `net Name(x: [3]) -> (y, z)`.
    ///
    /// A net with one target needs no such name, nor does a column that is called
    /// like the net's target.
    pub fn named(mut self, target: impl Into<String>) -> Self {
        self.feeds = Some(target.into());
        self
    }

    /// Names the classes in the order of their labels 0, 1, 2, ..
    ///
    /// Text must then be one of these names; numbers given in memory are positions
    /// in this list. A list that is empty or names a class twice is refused when the data
    /// are read or built.
    pub fn classes(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.order = Order::Given(names.into_iter().map(Into::into).collect());
        self
    }

    /// Names the class that counts as 1 in a target of two classes.
    pub fn positive(mut self, name: impl Into<String>) -> Self {
        self.order = Order::Positive(name.into());
        self
    }

    /// Lets values be missing: NaN, or in a file a cell that is empty or says so, such as `NA`. What
    /// is missing is left out of the likelihood, counted, and reported by
    /// [`History`](crate::train::History) and `evaluate`; the row's other values stay. Without
    /// this a missing value is an error, which names it.
    ///
    /// ```
    /// use elbo::data::{Dataset, Target};
    ///
    /// let file = "x,y\n1,0.5\n2,\n3,NA\n";
    /// let data = Dataset::from_csv_reader(file.as_bytes(), "y.csv", Target::column("y").allow_missing())?;
    /// assert_eq!(data.missing("y"), Some(2));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    pub fn allow_missing(mut self) -> Self {
        self.may_be_missing = true;
        self
    }

    /// Whether it names columns, and its classes once each.
    pub(super) fn check(&self) -> Result<()> {
        if self.columns.is_empty() {
            let needed = "the name of at least one column";
            return Err(Error::setting("Target::columns", "[]", needed));
        }
        let Order::Given(names) = &self.order else {
            return Ok(());
        };
        let mut seen = BTreeSet::new();
        let twice = names.iter().find(|&name| !seen.insert(name));
        let needed = match twice {
            _ if names.is_empty() => {
                "the names of all classes, in the order of their labels".into()
            }
            Some(name) => format!("every class once, {name:?} is there twice: remove one"),
            None => return Ok(()),
        };
        Err(Error::setting(
            "Target::classes",
            format!("[{}]", listed(names.iter().map(String::as_str))),
            needed,
        ))
    }

    /// Two classes that differ in case alone are most often one, written in two ways, unless
    /// the user names both. The error is the row in which the second of them turns up, and
    /// what is wrong.
    pub(super) fn case_of_classes<S: AsRef<str>>(
        &self,
        classes: &[String],
        texts: &[S],
    ) -> Result<(), (usize, Trouble)> {
        if matches!(self.order, Order::Given(_)) {
            return Ok(());
        }
        let mut lower = HashMap::new();
        let pair = (classes.iter())
            .find_map(|class| Some([lower.insert(class.to_lowercase(), class)?, class]));
        let Some(pair) = pair else {
            return Ok(());
        };
        // One of them may be the positive class, which no row needs to have.
        let rows =
            (pair.iter()).filter_map(|&class| texts.iter().position(|text| text.as_ref() == class));
        let row = rows.max().unwrap_or(0);
        let both = listed(pair.map(String::as_str));
        let trouble = Trouble {
            found: format!("the classes {both}, which differ in case alone"),
            needed: "one way to write each class".into(),
            mend: format!(
                "write them alike, or say that both are meant with .classes([{both}, ..])"
            ),
        };
        Err((row, trouble))
    }

    /// `` target `diagnosis` `` for messages.
    pub(super) fn describe(&self) -> String {
        format!("target {}", quoted(&self.columns))
    }

    /// Text in a target of several columns.
    pub(super) fn one_column(&self) -> Trouble {
        Trouble {
            found: format!("classes in the {}", self.describe()),
            needed: "one column of classes, or several columns of numbers".into(),
            mend: "give each column of classes a target of its own".into(),
        }
    }

    /// The class names, in order, of a column that holds the names in `found`.
    ///
    /// The error is what is wrong: found, needed, mend.
    pub(super) fn class_names(&self, found: &BTreeSet<&str>) -> Result<Vec<String>, Trouble> {
        match &self.order {
            Order::Sorted => Ok(found.iter().map(ToString::to_string).collect()),
            Order::Given(names) => Ok(names.clone()),
            Order::Positive(positive) => {
                let others: Vec<&str> = found.iter().copied().filter(|c| c != positive).collect();
                match others[..] {
                    // A column of positives alone does not tell the other name.
                    [] => Ok(vec![format!("not {positive}"), positive.clone()]),
                    [negative] => Ok(vec![negative.to_string(), positive.clone()]),
                    _ => Err(Trouble {
                        found: format!("the classes {}", listed(found.iter().copied())),
                        needed: format!("two classes, of which {positive:?} is the positive one"),
                        mend: if found.contains(positive.as_str()) {
                            "for more than two classes, give their order with .classes([..])".into()
                        } else {
                            "give .positive(..) one of the classes found".into()
                        },
                    }),
                }
            }
        }
    }
}

/// A target of one column may be written as its name.
impl From<&str> for Target {
    fn from(column: &str) -> Self {
        Target::column(column)
    }
}

/// One target where several may stand: `from_csv(path, Target::column("price"))`.
impl IntoIterator for Target {
    type Item = Target;
    type IntoIter = std::iter::Once<Target>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

/// Three of the four parts of a message; the caller knows the place.
pub(super) struct Trouble {
    pub(super) found: String,
    pub(super) needed: String,
    pub(super) mend: String,
}

impl Trouble {
    /// The error at this place, in the column of `target`.
    pub(super) fn at(self, place: Place, target: &Target) -> Error {
        Error::Value {
            place: match &target.columns[..] {
                [column] => place.in_column(column),
                _ => place,
            },
            found: self.found,
            needed: self.needed,
            mend: self.mend,
        }
    }
}

/// The error of a target's number that is not finite, with what else may be done about a missing one.
pub(super) fn on_missing(error: Error) -> Error {
    match error {
        Error::NotFinite { place, found, mend } if found == "NaN" => Error::NotFinite {
            place,
            found,
            mend: format!("{mend}, or leave it out of the likelihood: .allow_missing()"),
        },
        other => other,
    }
}

/// What to do about a label that is not from 0 to `classes - 1`.
pub(crate) fn label_mend(labels: &[f64], classes: usize) -> &'static str {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for &label in labels {
        if label.fract() != 0.0 {
            return "class labels are whole numbers; names of classes are given as text";
        }
        low = low.min(label);
        high = high.max(label);
    }
    if low == 1.0 && high == classes as f64 {
        "labels start at 0: subtract 1 from each, or give the classes names"
    } else {
        "correct the label, or give the net as many classes as there are"
    }
}
