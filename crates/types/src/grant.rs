//! Grant 授权: who may read which fields of which resource, for what, until when.
//!
//! A grant takes effect at the height it is executed, never earlier, and ends at its expiry or revocation, whichever is
//! first. Who may grant is decided by `policy`; what is read under it is recorded by [`crate::access`].

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{BasisCode, FieldName, GrantId, List, OrganizationId, PurposeCode, ResourceId, Time, limits};

/// Who may read what, for what, until when.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Encoding version: 1.
    pub version: u8,
    /// A new random identifier.
    pub id: GrantId,
    /// What may be read; its organization is the owner.
    pub resource: ResourceId,
    /// Whose officers may read.
    pub reader: OrganizationId,
    /// Which fields, ascending, each once; at least one.
    pub fields: List<FieldName, { limits::FIELDS_MAX }>,
    /// For what.
    pub purpose: PurposeCode,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// Consensus time at which it ends.
    pub until: Time,
    /// When it was revoked; never set by the issuer.
    pub revoked: Option<Time>,
}
