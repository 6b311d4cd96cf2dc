//! What is to be predicted: which columns, for which target of the net, and what
//! its classes are called.

use std::collections::BTreeSet;

use super::names::{listed, quoted};
use crate::error::{Error, Place};

/// One target: the column or columns that a net learns to predict.
///
/// A column of numbers stays numbers. A column of text becomes classes, in
/// alphabetical order unless [`Target::classes`] or [`Target::positive`] says
/// otherwise, so that the order never depends on the order of the rows.
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
    /// in this list.
    pub fn classes(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.order = Order::Given(names.into_iter().map(Into::into).collect());
        self
    }

    /// Names the class that counts as 1 in a target of two classes.
    pub fn positive(mut self, name: impl Into<String>) -> Self {
        self.order = Order::Positive(name.into());
        self
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
