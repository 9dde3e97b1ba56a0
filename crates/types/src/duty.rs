//! Duty 职责: a statutory task of an organization, with its legal basis.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{BasisCode, Bilingual, DutyId, Time, limits};

/// A statutory task.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Encoding version: 1.
    pub version: u8,
    /// Organization and name.
    pub id: DutyId,
    /// Official title.
    pub title: Bilingual<{ limits::TITLE_BYTES_MAX }>,
    /// What it consists of.
    pub description: Bilingual<{ limits::DESCRIPTION_BYTES_MAX }>,
    /// The law that gives it.
    pub legal_basis: BasisCode,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// When it ended.
    pub withdrawn: Option<Time>,
}
