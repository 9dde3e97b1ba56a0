//! Hash bytes with a suite's hash, plainly or under a tag.
//!
//! A tag keeps meanings apart: the same bytes hashed as a receipt and as a transaction give different digests.
//! `H(u8 length of the tag ‖ tag ‖ parts)`; the parts are concatenated, so a caller with more than one part of variable
//! length writes their lengths itself.

use sha2::{Digest as _, Sha256};

use crate::limits::TAG_LENGTH_MAX;
use crate::{Digest, Suite};

/// The name a kind of bytes is hashed under: 1 to 255 ASCII characters, as `gongxin-receipt-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(&'static str);

impl Tag {
    /// A tag for a constant: a name that is empty, too long or not ASCII does not compile there.
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty() && name.len() <= TAG_LENGTH_MAX && name.is_ascii());
        Self(name)
    }

    /// The tag's text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Hash the concatenated parts under this tag.
    pub fn hash(self, suite: Suite, parts: &[&[u8]]) -> Digest {
        suite.tagged(self.0, parts)
    }
}

/// A hash in progress, for input that comes in pieces.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    #[cfg(feature = "test-suite")]
    Sha384(sha2::Sha384),
}

impl Hasher {
    /// Add bytes at the end.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            #[cfg(feature = "test-suite")]
            State::Sha384(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes added.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(state) => from_output(&state.finalize()),
            #[cfg(feature = "test-suite")]
            State::Sha384(state) => from_output(&state.finalize()),
        }
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hasher")
    }
}

impl Suite {
    /// Start a hash.
    pub fn hasher(self) -> Hasher {
        Hasher(match self {
            Self::Intl => State::Sha256(Sha256::new()),
            #[cfg(feature = "test-suite")]
            Self::Test => State::Sha384(sha2::Sha384::new()),
        })
    }

    /// Hash the concatenation of the parts.
    pub fn hash(self, parts: &[&[u8]]) -> Digest {
        let mut hasher = self.hasher();
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }

    /// Hash the concatenation of the parts under a tag of at most 255 ASCII bytes (a longer one is a mistake of ours and
    /// is cut there).
    pub fn tagged(self, tag: &str, parts: &[&[u8]]) -> Digest {
        debug_assert!(tag.len() <= TAG_LENGTH_MAX && tag.is_ascii(), "tag `{tag}` is too long or not ASCII");
        let length = u8::try_from(tag.len()).unwrap_or(u8::MAX);
        let tag = tag.as_bytes().get(..usize::from(length)).unwrap_or_default();
        let mut hasher = self.hasher();
        hasher.update(&[length]);
        hasher.update(tag);
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }
}

/// A digest from a hash function's output.
#[expect(clippy::expect_used, reason = "no hash of ours is empty or longer than 64 bytes")]
pub(crate) fn from_output(output: &[u8]) -> Digest {
    Digest::new(output).expect("a hash of 1 to 64 bytes")
}
