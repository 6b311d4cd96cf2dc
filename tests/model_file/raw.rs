//! Model files taken apart and put together again, to damage them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A directory of its own for one test, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("elbo-model-file-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
    /// Puts `bytes` into the file `name`.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, bytes).unwrap();
        path
    }
    /// The names in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |entry: Result<fs::DirEntry, _>| entry.unwrap().file_name();
        let names = fs::read_dir(&self.0).unwrap().map(name);
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The parts of a file.
#[derive(Clone)]
pub(crate) struct Raw {
    /// The tensors' entries.
    pub(crate) tensors: Value,
    /// The description of the model.
    pub(crate) model: Value,
    /// The checksum of the numbers that the file tells.
    pub(crate) sum: String,
    pub(crate) numbers: Vec<u8>,
}

impl Raw {
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let (header, numbers) = rest.split_at(u64::from_le_bytes(*length) as usize);
        let mut tensors: Value = serde_json::from_slice(header).unwrap();
        let metadata = tensors
            .as_object_mut()
            .unwrap()
            .remove("__metadata__")
            .unwrap();
        Raw {
            tensors,
            model: serde_json::from_str(metadata["elbo"].as_str().unwrap()).unwrap(),
            sum: metadata["elbo.numbers"].as_str().unwrap().to_owned(),
            numbers: numbers.to_vec(),
        }
    }
    /// The file, as whole as its parts are: the checksum of the words is theirs.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut header = self.tensors.clone();
        let words = self.model.to_string();
        let sum = checksum(words.as_bytes());
        header["__metadata__"] =
            json!({ "elbo": words, "elbo.words": sum, "elbo.numbers": self.sum });
        file(&header.to_string(), &self.numbers)
    }
}

/// FNV-1a in the numbers of 128 bits, where the product has room.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    let step = |h: u128, &byte: &u8| ((h ^ u128::from(byte)) * ((1 << 40) + 0x1b3)) % (1 << 64);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// A file with this header.
pub(crate) fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(numbers);
    bytes
}
