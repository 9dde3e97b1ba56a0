//! Parameters of a network: numbers and code lists that a vote may change, each with its legal basis where law gives it.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{BasisCode, Bilingual, List, PurposeCode, limits};

/// A law that an act may name.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Its code.
    pub code: BasisCode,
    /// Law and article, in words.
    pub title: Bilingual<{ limits::TITLE_BYTES_MAX }>,
}

/// A purpose that a grant or an access may name.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its code.
    pub code: PurposeCode,
    /// In words.
    pub title: Bilingual<{ limits::TITLE_BYTES_MAX }>,
}

/// Entries of one code list.
pub const CODES_MAX: usize = 256;

/// The parameters in force.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Encoding version: 1.
    pub version: u8,
    /// How long a sealed response can be fetched again after its access is final (PROTOCOL 21; default 24 h).
    pub release_lifetime_ms: u64,
    /// Longest term of a grant.
    pub grant_term_ms_max: u64,
    /// How long an act waits for its second pair of eyes.
    pub pending_term_ms: u64,
    /// How long the two of four eyes must have had nothing from each other: no admission, role or key (PROTOCOL 15; default 30
    /// days).
    pub independence_ms: u64,
    /// Legal bases, ascending by code.
    pub legal_bases: List<LegalBasis, CODES_MAX>,
    /// Purposes, ascending by code.
    pub purposes: List<Purpose, CODES_MAX>,
}
