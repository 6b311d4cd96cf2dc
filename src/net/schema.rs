//! What a model knows of its data: which columns feed which input, in what order
//! and scale, and what the targets' classes are called.
//!
//! [`Schema::learn`] holds a [`Dataset`] against a net once; from then on
//! [`Schema::inputs`] and [`Schema::targets`] turn whatever comes into tensors of
//! f32 for exactly that net. Scaling happens in f64, before the rounding.

use super::bind;
use super::info::{InputRole, NetInfo};
use crate::data::names::number;
use crate::data::{Dataset, Inputs, Scaling, Wanted};
use crate::dist::Support;
use crate::error::{Error, Place, Result};
use crate::tensor::{Shape, Tensor};

/// What a model knows of its data.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
pub struct Schema {
    /// The net's name.
    pub net: String,
    /// The inputs, in the order of the net's header.
    pub inputs: Vec<InputSchema>,
    /// The targets, in the order of the net's header.
    pub targets: Vec<TargetSchema>,
}

/// What a model knows of the data of one input.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
pub struct InputSchema {
    /// The name in the net's header.
    pub name: String,
    /// The names of the columns, in the order in which the net sees them.
    pub columns: Vec<String>,
    /// The shape of one row.
    #[cfg_attr(feature = "files", serde(with = "dims"))]
    pub shape: Shape,
    /// Means and standard deviations, if the columns are standardized.
    pub scaling: Option<Scaling>,
}

/// What a model knows of the data of one target.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "files", derive(serde::Serialize, serde::Deserialize))]
pub struct TargetSchema {
    /// The name in the net's header.
    pub name: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What the target may be.
    pub support: Support,
    /// The names of the classes in the order of their labels: `[negative, positive]`
    /// for a binary target, empty where there are no classes.
    pub classes: Vec<String>,
    /// What is added to a standardized value of each column: 0 if unscaled.
    pub mean: Vec<f64>,
    /// What a standardized value of each column is multiplied by first: 1 if unscaled.
    pub std: Vec<f64>,
}

impl Schema {
    /// Holds the data against the net and remembers what belongs where.
    ///
    /// The feature columns go to the net's input; if it has several, each takes the
    /// group of its name, or, if it takes one column, the column of its name; and one may take
    /// the columns that are left. With `standardize`, columns of features and targets of
    /// [`Support::Real`] are centred and scaled; classes and counts stay what they are, and so do
    /// inputs that no layer reads, see [`InputRole`](super::InputRole).
    ///
    /// # Errors
    /// [`Error::Empty`] for data without rows or a column of a target that is all missing,
    /// [`Error::Mismatch`] with all that does
    /// not fit at once, [`Error::Value`] for the first number outside of the support of the target's
    /// likelihood, or in f32 outside: a count above 2^24, from where on f32 leaves some out, or a
    /// share that rounds to 1.
    pub fn learn(info: &NetInfo, data: &Dataset, standardize: bool) -> Result<Self> {
        not_empty(data.rows(), "the data")?;
        let mut differences = Vec::new();
        let inputs = bind::inputs(info, data, &mut differences);
        let targets = bind::targets(info, data, &mut differences);
        mismatch(info.name, differences)?;

        let mut schema = Schema {
            net: info.name.to_string(),
            inputs: Vec::new(),
            targets: Vec::new(),
        };
        for (target, block) in info.targets.iter().zip(targets) {
            let width = block.columns.len();
            let mut target = TargetSchema {
                name: target.name.to_string(),
                columns: block.columns.clone(),
                support: target.support,
                classes: bind::classes(target.support, block),
                mean: vec![0.0; width],
                std: vec![1.0; width],
            };
            let values = bind::encode(&target, block, data)?;
            bind::fit_f32(&target, &values, data)?;
            bind::not_all_missing(&target, &values)?;
            if standardize && target.support == Support::Real {
                let scaling = Scaling::learn(&values, width);
                target.mean = scaling.mean().to_vec();
                target.std = scaling.std().to_vec();
            }
            schema.targets.push(target);
        }
        for (input, columns) in info.inputs.iter().zip(inputs) {
            let values = data.view(&columns);
            let scaling = match input.role {
                InputRole::Feature => standardize.then(|| Scaling::learn(&values, columns.len())),
                InputRole::Known { positive, unit } => {
                    if positive {
                        bind::all_positive(input.name, &columns, &values, |row| data.place(row))?;
                    }
                    unit.and_then(|target| schema.targets[target].unit_of(columns.len()))
                }
            };
            schema.inputs.push(InputSchema {
                name: input.name.to_string(),
                columns,
                shape: input.shape,
                scaling,
            });
        }
        Ok(schema)
    }

    /// One tensor an input, `[rows, ..]` with the shape that the net declares.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::Mismatch`] with all that does not fit,
    /// [`Error::NotFinite`] for a number that is NaN or infinite, or is so in f32.
    pub fn inputs<I: Inputs + ?Sized>(&self, inputs: &I) -> Result<Vec<Tensor>> {
        not_empty(inputs.rows(), "the input")?;
        let mut differences = Vec::new();
        let mut blocks = Vec::new();
        for input in &self.inputs {
            let wanted = Wanted {
                net: &self.net,
                input: &input.name,
                columns: &input.columns,
                alone: self.inputs.len() == 1,
            };
            match inputs.values(&wanted) {
                Ok(values) => blocks.push(values),
                Err(found) => differences.extend(found),
            }
        }
        mismatch(&self.net, differences)?;

        let place = |row| inputs.place(row);
        (self.inputs.iter().zip(blocks))
            .map(|(input, values)| {
                let mut scaled = values.to_vec();
                if let Some(scaling) = &input.scaling {
                    scaling.apply(&mut scaled);
                }
                let data = in_f32(&scaled, &values, &input.columns, place, false)?;
                let dims: Vec<usize> = std::iter::once(inputs.rows())
                    .chain(input.shape.dims().iter().copied())
                    .collect();
                Ok(Tensor::new(Shape::new(&dims), data))
            })
            .collect()
    }

    /// One tensor a target: `[rows, columns]`, or `[rows]` for class labels; scaled as
    /// the features are. A missing value is NaN.
    ///
    /// Columns bind by name, and so do classes.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or where all values of a column are missing,
    /// [`Error::Mismatch`] with all that does not fit, [`Error::Value`] for a class that was not
    /// there in training or a number outside of the support, as in [`learn`](Schema::learn).
    pub fn targets(&self, data: &Dataset) -> Result<Vec<Tensor>> {
        not_empty(data.rows(), "the data")?;
        let mut differences = Vec::new();
        let blocks = bind::known_targets(self, data, &mut differences);
        mismatch(&self.net, differences)?;

        (self.targets.iter().zip(blocks))
            .map(|(target, block)| {
                let values = bind::encode(target, block, data)?;
                bind::fit_f32(target, &values, data)?;
                bind::not_all_missing(target, &values)?;
                let mut scaled = values.clone();
                target.scaling().apply(&mut scaled);
                let place = |row| data.place(row);
                let numbers = in_f32(&scaled, &values, &target.columns, place, true)?;
                Ok(match target.support {
                    Support::Class { .. } => Tensor::new([data.rows()], numbers),
                    _ => Tensor::new([data.rows(), target.columns.len()], numbers),
                })
            })
            .collect()
    }

    /// What this schema and a net disagree about, one sentence each: for a model file
    /// that may be of another net, or damaged.
    pub fn differences(&self, info: &NetInfo) -> Vec<String> {
        bind::schema_against_net(self, info)
    }
}

impl TargetSchema {
    /// What brings so many known numbers from the data's units into those of the net, if the target
    /// is scaled: no shift, which a bias makes good.
    fn unit_of(&self, width: usize) -> Option<Scaling> {
        let std = match &self.std[..] {
            [one] => vec![*one; width],
            all if all.len() == width => all.to_vec(),
            _ => return None,
        };
        let is_scaled = std.iter().any(|&std| std != 1.0);
        is_scaled.then(|| Scaling::new(vec![0.0; width], std))
    }

    /// Mean and standard deviation of each column, which bring predictions back into
    /// the data's units.
    pub fn scaling(&self) -> Scaling {
        Scaling::new(self.mean.clone(), self.std.clone())
    }

    /// The target's values in `data`, `[rows, columns]` row by row, in the data's units;
    /// classes as labels, and NaN for what is missing.
    ///
    /// Columns bind by name, and so do classes.
    ///
    /// # Errors
    /// [`Error::Truth`] for data without this target or with another one under its name,
    /// [`Error::Value`] for a class that was not there in training, or a number outside of the
    /// support.
    pub fn values(&self, data: &Dataset) -> Result<Vec<f64>> {
        let block = bind::known_target(self, data).map_err(|difference| Error::Truth {
            target: self.name.clone(),
            difference,
        })?;
        bind::encode(self, block, data)
    }
}

/// Rounds to f32 what must be finite there, but for NaN if a value may be missing.
fn in_f32(
    scaled: &[f64],
    values: &[f64],
    columns: &[String],
    place: impl Fn(usize) -> Place,
    may_be_missing: bool,
) -> Result<Vec<f32>> {
    let rounded: Vec<f32> = scaled.iter().map(|&x| x as f32).collect();
    let is_fine = |i: usize| rounded[i].is_finite() || may_be_missing && values[i].is_nan();
    let Some(i) = (0..rounded.len()).find(|&i| !is_fine(i)) else {
        return Ok(rounded);
    };
    Err(Error::NotFinite {
        place: place(i / columns.len()).in_column(&columns[i % columns.len()]),
        found: number(values[i]),
        mend: if values[i].is_finite() {
            "it leaves the range of f32: standardize, or change the column's unit".into()
        } else {
            "remove the row or fill the value in".into()
        },
    })
}

fn not_empty(rows: usize, what: &str) -> Result<()> {
    if rows > 0 {
        return Ok(());
    }
    Err(Error::Empty {
        what: what.into(),
        mend: "was all of it split away or filtered out?".into(),
    })
}

fn mismatch(net: &str, differences: Vec<String>) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::Mismatch {
        net: net.to_string(),
        differences,
    })
}

/// A shape in a file: the list of its dimensions.
#[cfg(feature = "files")]
mod dims {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use crate::tensor::{MAX_RANK, Shape};

    pub(super) fn serialize<S: Serializer>(shape: &Shape, to: S) -> Result<S::Ok, S::Error> {
        shape.dims().serialize(to)
    }

    /// A file may hold anything: ranks and sizes that [`Shape`] refuses are errors here.
    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Shape, D::Error> {
        let dims = Vec::<usize>::deserialize(from)?;
        let size = dims
            .iter()
            .try_fold(1_usize, |n, &dim| n.checked_mul(dim.max(1)));
        if dims.len() > MAX_RANK || size.is_none() {
            return Err(D::Error::custom(format!("no shape: {dims:?}")));
        }
        Ok(Shape::new(&dims))
    }
}
