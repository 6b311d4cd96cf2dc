//! FNV-1a, the checksum of model files.

use std::path::Path;

use super::description::shown;
use super::header::{AGAIN, refused};
use crate::error::Result;

/// The 64-bit FNV-1a hash of bytes that come piece by piece.
///
/// ```text
/// h = 0xcbf29ce484222325,   then for each byte:   h = (h ^ byte) * 0x100000001b3   mod 2^64
/// ```
///
/// It guards against damage, not against malice. Both steps are one-to-one in h, so damage within
/// a single byte is always seen; of any other damage, one in 2^64 goes unseen.
///
/// Fowler, Noll, Vo, Eastlake: The FNV Non-Cryptographic Hash Algorithm, RFC 9923.
pub(super) struct Checksum(u64);

impl Checksum {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;

    pub(super) fn new() -> Self {
        Checksum(Self::OFFSET)
    }
    /// Goes on with more bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(Self::PRIME);
        }
    }
    /// As it stands in a file: 16 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
    /// That of bytes that are all there.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut sum = Checksum::new();
        sum.add(bytes);
        sum
    }
}

/// Refuses the file at `path` if its `part` is not what it was when the checksum was `noted`.
pub(super) fn verify(path: &Path, part: &str, sum: &Checksum, noted: &str) -> Result<()> {
    let found = sum.text();
    if found == noted {
        return Ok(());
    }
    let reason = if noted.is_empty() {
        format!("is damaged: the checksum of its {part} is missing")
    } else {
        format!(
            "is damaged: its {part} have the checksum {found}, not {} as when they were saved",
            shown(noted)
        )
    };
    Err(refused(path, reason, AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that its authors publish.
    #[test]
    fn it_is_fnv_1a() {
        for (text, sum) in [
            ("", "cbf29ce484222325"),
            ("a", "af63dc4c8601ec8c"),
            ("foobar", "85944171f73967e8"),
        ] {
            assert_eq!(Checksum::of(text.as_bytes()).text(), sum);
        }
        let mut pieces = Checksum::of(b"foo");
        pieces.add(b"bar");
        assert_eq!(pieces.text(), "85944171f73967e8");
    }
}
