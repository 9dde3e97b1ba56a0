//! The algorithms' numbers, names and lengths, in one table each for signing and for sealing.

use std::ops::RangeInclusive;

/// Ed25519, verified by ZIP-215.
pub const ALGORITHM_ED25519: u8 = 1;
/// The test suite's disguised Ed25519; known only with feature `test-suite`.
pub const ALGORITHM_TEST: u8 = 255;
/// X25519 with HKDF-SHA-256 and AES-256-GCM (RFC 9180), for sealing.
pub const ALGORITHM_X25519: u8 = 1;

/// What is fixed about a signature algorithm before any key is seen.
pub(crate) struct SigningAlgorithm {
    pub(crate) id: u8,
    pub(crate) name: &'static str,
    pub(crate) key_length: usize,
    pub(crate) key_length_words: &'static str,
    pub(crate) signature_length: RangeInclusive<usize>,
    pub(crate) signature_length_words: &'static str,
}

const SIGNING: &[SigningAlgorithm] = &[
    SigningAlgorithm {
        id: ALGORITHM_ED25519,
        name: "ed25519",
        key_length: 32,
        key_length_words: "32",
        signature_length: 64..=64,
        signature_length_words: "64",
    },
    #[cfg(feature = "test-suite")]
    SigningAlgorithm {
        id: ALGORITHM_TEST,
        name: "test",
        key_length: 33,
        key_length_words: "33",
        signature_length: 64..=71,
        signature_length_words: "64 to 71",
    },
];

/// The signature algorithm of this number, if this program has it.
pub(crate) fn signing_by_id(id: u8) -> Option<&'static SigningAlgorithm> {
    SIGNING.iter().find(|algorithm| algorithm.id == id)
}

/// The signature algorithm of this name, if this program has it.
pub(crate) fn signing_by_name(name: &str) -> Option<&'static SigningAlgorithm> {
    SIGNING.iter().find(|algorithm| algorithm.name == name)
}
