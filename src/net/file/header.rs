//! The beginning of a file that may be anything: what it is, and a model's header if it is one.
//!
//! Nothing is taken at its word: no length is allocated before the file is known to be as long,
//! and no tensor is read before all of the header has been checked.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use safetensors::tensor::Metadata;

use super::description::shown;
use crate::error::{Error, Result};

/// The key of the description in the header's metadata.
pub(super) const KEY: &str = "elbo";
/// The key of the description's checksum.
pub(super) const WORDS_SUM: &str = "elbo.words";
/// The key of the numbers' checksum.
pub(super) const NUMBERS_SUM: &str = "elbo.numbers";
/// The longest header that is read, in bytes: a thousand layers and 100,000 columns of data.
pub(super) const LIMIT: u64 = 32 << 20;
/// Bytes of the header's length.
const LENGTH: usize = size_of::<u64>();

pub(super) const AGAIN: &str = "copy or download it again";
const FOREIGN: &str = "load a file that `Model::save` wrote";

/// A model file's header.
pub(super) struct Header {
    /// What the file says of its tensors; their bytes fill the rest of the file exactly.
    pub(super) tensors: Metadata,
    /// The model in words, as JSON.
    pub(super) description: String,
    /// The checksums of the words and of the numbers; empty if the file has none.
    pub(super) sums: [String; 2],
    /// Where the header ends and the numbers begin.
    pub(super) end: u64,
}

impl Header {
    /// Opens the file at `path` and reads its header.
    pub(super) fn read(path: &Path) -> Result<(File, Header)> {
        let io = |source| Error::io("read", path, source);
        let refuse = |reason: String, mend| Err(refused(path, reason, mend));

        // Before opening: that of a pipe would wait for a writer.
        let metadata = fs::metadata(path).map_err(io)?;
        if metadata.is_dir() {
            return refuse("is a directory".into(), "name the file in it");
        }
        if !metadata.is_file() {
            return refuse("is no regular file".into(), FOREIGN);
        }
        let mut file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let mut start = Vec::new();
        (&mut file).take(512).read_to_end(&mut start).map_err(io)?;
        if let Some((reason, mend)) = recognise(&start) {
            return refuse(reason.into(), mend);
        }
        let Some((length, rest)) = start.split_first_chunk::<LENGTH>() else {
            return refuse(format!("is truncated: it has {bytes} bytes"), AGAIN);
        };
        let length = u64::from_le_bytes(*length);
        if length > LIMIT || rest.first().is_some_and(|&first| first != b'{') {
            return refuse("is no safetensors file".into(), FOREIGN);
        }
        let end = LENGTH as u64 + length;
        if end > bytes {
            let reason = format!("is truncated: it has {bytes} bytes, the header alone {end}");
            return refuse(reason, AGAIN);
        }

        let mut header = rest[..rest.len().min(length as usize)].to_vec();
        let missing = length - header.len() as u64;
        (&mut file)
            .take(missing)
            .read_to_end(&mut header)
            .map_err(io)?;
        let tensors: Metadata = match serde_json::from_slice(&header) {
            Ok(tensors) => tensors,
            Err(error) => {
                let reason = format!("the header is damaged: {}", shown(&error.to_string()));
                return refuse(reason, AGAIN);
            }
        };
        let wanted = end.saturating_add(tensors.data_len() as u64);
        if bytes != wanted {
            let what = if bytes < wanted {
                "is truncated"
            } else {
                "is too long"
            };
            let reason = format!("{what}: it has {bytes} bytes, its header accounts for {wanted}");
            return refuse(reason, AGAIN);
        }
        let metadata = |key| tensors.metadata().as_ref()?.get(key).cloned();
        let sums = [WORDS_SUM, NUMBERS_SUM].map(|key| metadata(key).unwrap_or_default());
        let Some(description) = metadata(KEY) else {
            let reason = "is a safetensors file, but it does not describe a model of elbo";
            return refuse(reason.into(), FOREIGN);
        };
        Ok((
            file,
            Header {
                tensors,
                description,
                sums,
                end,
            },
        ))
    }
}

/// What a file is whose first bytes are no header, and what to do.
fn recognise(start: &[u8]) -> Option<(&'static str, &'static str)> {
    if start.is_empty() {
        return Some(("is empty", "save the model again, or copy the file again"));
    }
    if start.starts_with(b"version https://git-lfs") {
        return Some((
            "is a Git LFS pointer, not the file it stands for",
            "fetch that with `git lfs pull`",
        ));
    }
    if start.starts_with(b"PK\x03\x04") {
        return Some(("is a zip archive", "unpack it first"));
    }
    // As the length of a header, these letters would be more bytes than any disk has.
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start().to_ascii_lowercase();
    let page = [&b"<!doctype"[..], b"<html", b"<?xml"];
    if page.iter().any(|tag| text.starts_with(tag)) {
        return Some((
            "is a web page, not a model",
            "download the file itself: the address leads to a page about it, or to a refusal",
        ));
    }
    None
}

/// The file at `path` cannot be a model because of `reason`.
pub(super) fn refused(path: &Path, reason: String, mend: &str) -> Error {
    Error::ModelFile {
        path: path.to_path_buf(),
        reason,
        mend: mend.to_owned(),
        differences: Vec::new(),
    }
}
