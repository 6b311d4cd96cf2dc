//! Model files: a whole [`Model`] in one safetensors file.
//!
//! ```text
//! 8 bytes      length of the header, little endian
//! header       JSON: dtype, shape and offsets of each tensor under its path, and under
//!              __metadata__
//!                  elbo           the model in words, itself JSON
//!                  elbo.words     the checksum of these words
//!                  elbo.numbers   the checksum of the numbers
//! numbers      f32, little endian, in the order of the declaration
//! ```
//!
//! Any reader of safetensors sees the tensors, and may write them in another order: the checksum
//! goes through them in that of the declaration. The words are for [`Model::load`], which holds
//! them against the net of the program before it reads a number: `description.rs` says what they
//! are. The checksums, `checksum.rs`, guard against damage on a disk or on the way, not against
//! malice: who writes a file can write its checksums. `header.rs` reads the beginning of a file that may be anything, `replace.rs` writes a
//! file so that there is never half a file.

mod checksum;
mod description;
mod header;
mod replace;

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::Serializer;
use serde::ser::SerializeMap;

use self::checksum::Checksum;
use self::description::{Description, shown};
use self::header::{Header, KEY, LIMIT, NUMBERS_SUM, WORDS_SUM};
use super::model::Model;
use super::traits::BayesNet;
use crate::error::{Error, Result};
use crate::tape;
use crate::tensor::{Shape, Tensor};

/// Bytes of a number.
const WIDTH: usize = size_of::<f32>();

impl<N: BayesNet> Model<N> {
    /// Writes the model to a file: parameters, declaration, schema, scaling, names of classes
    /// and training record. A model that has seen no data can be saved too.
    ///
    /// The file at `path` is replaced in one step, once the new one is safely on the disk: if
    /// anything fails, what was there stays as it was. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses; [`Error::ModelFile`] if a parameter is not finite,
    /// since such a file could not be loaded; [`Error::TooLarge`] if the names of the columns
    /// leave no room for a header.
    ///
    /// # Panics
    /// If two parameters of the net have the same path: a mistake in a layer's `visit`.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        all_finite(&self.net, path)?;
        let header = self.header()?;
        replace::replace(path, |file| {
            file.write_all(&(header.len() as u64).to_le_bytes())?;
            file.write_all(&header)?;
            let mut written = Ok(());
            self.net.visit(tape::Path::ROOT, &mut |_, leaf| {
                if written.is_ok() {
                    written = (leaf.as_slice().iter())
                        .try_for_each(|value| file.write_all(&value.to_le_bytes()));
                }
            });
            written
        })
        .map_err(|source| Error::io("write", path, source))
    }

    /// Reads a model that [`save`](Model::save) wrote, and holds it against the net of the
    /// program: everything the file says must be what the declaration of `N` says. Its nodes and
    /// distributions are compared as text: what a constant named there is worth, or what a function
    /// of your own does, a file does not know.
    ///
    /// The loaded model predicts what the saved one did, bit for bit, and can be trained on.
    ///
    /// ```no_run
    /// # use elbo::net::{BayesNet, Model};
    /// # fn example<Diagnosis: BayesNet>() -> elbo::Result<()> {
    /// let model = Model::<Diagnosis>::load("diagnosis.safetensors")?;
    /// println!("{}", model.summary());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses; [`Error::ModelFile`] if the file is no model, is
    /// damaged, be it by a single bit, is of a newer format, holds a number that is not finite, or is the model of
    /// another net. In the last case [`Error::differences`] lists all that differs.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (mut file, header) = Header::read(path)?;
        let description = Description::parse(path, &header)?;

        let mut net = N::fresh(0);
        let (mut differences, layers) = description.differences(&net.describe());
        differences.extend(tensor_differences(&header.tensors, &net, &layers));
        if !differences.is_empty() {
            return Err(Error::ModelFile {
                path: path.to_path_buf(),
                reason: format!("is not a model of this program's net `{}`", N::NAME),
                mend: "load it with the declaration it was saved with, or train anew".to_owned(),
                differences: description::cut(differences),
            });
        }

        let mut read = Ok(());
        let mut sum = Checksum::new();
        net.visit_mut(tape::Path::ROOT, &mut |at, leaf| {
            if read.is_ok() {
                read = read_leaf(&mut file, &header, &at.to_string(), leaf, &mut sum);
            }
        });
        read.map_err(|source| Error::io("read", path, source))?;
        let [_, noted] = &header.sums;
        checksum::verify(path, "numbers", &sum, noted)?;
        all_finite(&net, path)?;
        Ok(Model {
            net,
            standardize: description.standardize,
            schema: description.schema,
            record: description.record,
        })
    }

    /// The header's bytes, padded with blanks so that the numbers lie on multiples of 8.
    fn header(&self) -> Result<Vec<u8>> {
        let mut end = 0;
        let tensors: Vec<_> = (leaves(&self.net).into_iter())
            .map(|(name, shape)| {
                let start = end;
                end += WIDTH * shape.size();
                let info = TensorInfo {
                    dtype: Dtype::F32,
                    shape: shape.dims().to_vec(),
                    data_offsets: (start, end),
                };
                (name, info)
            })
            .collect();
        let mut seen = HashSet::new();
        for (name, _) in &tensors {
            assert!(
                seen.insert(name),
                "save: two parameters of net `{}` have the path `{name}`",
                N::NAME
            );
        }
        let words = Description::of(self).to_json();
        let sums = [Checksum::of(words.as_bytes()), numbers(&self.net)].map(|sum| sum.text());
        let [words_sum, numbers_sum] = sums;
        let metadata = BTreeMap::from([
            (KEY, words),
            (WORDS_SUM, words_sum),
            (NUMBERS_SUM, numbers_sum),
        ]);
        let mut header = json(&metadata, &tensors).expect("strings and numbers are JSON");
        header.resize(header.len().next_multiple_of(8), b' ');
        if header.len() as u64 > LIMIT {
            return Err(Error::TooLarge {
                what: format!("the header of a file for net `{}`", N::NAME),
                bytes: header.len() as u64,
                limit: LIMIT,
                mend: "give the columns of the data shorter names".to_owned(),
            });
        }
        Ok(header)
    }
}

/// The header of safetensors. `Metadata` of that crate would write the metadata in an order of
/// chance, and the same model not always as the same bytes.
fn json(
    metadata: &BTreeMap<&str, String>,
    tensors: &[(String, TensorInfo)],
) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::new(&mut bytes);
    let mut map = writer.serialize_map(None)?;
    map.serialize_entry("__metadata__", metadata)?;
    for (name, info) in tensors {
        map.serialize_entry(name, info)?;
    }
    map.end()?;
    Ok(bytes)
}

/// The checksum of the numbers, as they stand in a file.
fn numbers<N: BayesNet>(net: &N) -> Checksum {
    let mut sum = Checksum::new();
    net.visit(tape::Path::ROOT, &mut |_, leaf| {
        for value in leaf.as_slice() {
            sum.add(&value.to_le_bytes());
        }
    });
    sum
}

/// Path and shape of each parameter, in the order of the declaration.
fn leaves<N: BayesNet>(net: &N) -> Vec<(String, Shape)> {
    let mut leaves = Vec::new();
    net.visit(tape::Path::ROOT, &mut |path, leaf| {
        leaves.push((path.to_string(), leaf.shape()));
    });
    leaves
}

/// What the tensors of a file and the parameters of the net disagree about; parameters of
/// `layers`, which are known to be missing here or there, are left out.
fn tensor_differences<N: BayesNet>(file: &Metadata, net: &N, layers: &[String]) -> Vec<String> {
    let known = |name: &str| {
        let layer = name.split('.').next().unwrap_or(name);
        layers.iter().any(|known| known == layer)
    };
    let wanted = leaves(net);
    let mut differences = Vec::new();
    for (name, shape) in &wanted {
        match file.info(name) {
            None if known(name) => {}
            None => differences.push(format!("parameter `{name}` is in the net only")),
            Some(info) => {
                if info.dtype != Dtype::F32 {
                    let found = info.dtype;
                    differences.push(format!("parameter `{name}` is {found}, not F32"));
                }
                if info.shape != shape.dims() {
                    differences.push(format!(
                        "parameter `{name}` is {} in the file, {shape} in the net",
                        shown(&format!("{:?}", info.shape)),
                    ));
                }
            }
        }
    }
    let wanted: HashSet<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let extra = (file.offset_keys().into_iter())
        .filter(|name| !wanted.contains(name.as_str()) && !known(name))
        .map(|name| format!("parameter `{}` is in the file only", shown(&name)));
    differences.extend(extra);
    differences
}

/// Fills a parameter whose shape and type have been checked, and goes on with the checksum.
fn read_leaf(
    file: &mut File,
    header: &Header,
    name: &str,
    leaf: &mut Tensor,
    sum: &mut Checksum,
) -> io::Result<()> {
    let Some(info) = header.tensors.info(name) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, name.to_owned()));
    };
    file.seek(SeekFrom::Start(header.end + info.data_offsets.0 as u64))?;
    let mut bytes = vec![0; WIDTH * leaf.len()];
    file.read_exact(&mut bytes)?;
    sum.add(&bytes);
    let (numbers, _) = bytes.as_chunks();
    for (value, bytes) in leaf.as_mut_slice().iter_mut().zip(numbers) {
        *value = f32::from_le_bytes(*bytes);
    }
    Ok(())
}

/// Refuses parameters that are NaN or infinite, all at once.
fn all_finite<N: BayesNet>(net: &N, path: &Path) -> Result<()> {
    let mut differences = Vec::new();
    net.visit(tape::Path::ROOT, &mut |at, leaf| {
        let values = leaf.as_slice();
        if let Some(first) = values.iter().position(|value| !value.is_finite()) {
            let wrong = values.iter().filter(|value| !value.is_finite()).count();
            differences.push(format!(
                "parameter `{at}`: {wrong} of {} numbers, the first is {} at index {first}",
                values.len(),
                values[first],
            ));
        }
    });
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::ModelFile {
        path: path.to_path_buf(),
        reason: "parameters of the model are not finite".to_owned(),
        mend: "take a file from before they became so, or train anew".to_owned(),
        differences,
    })
}
