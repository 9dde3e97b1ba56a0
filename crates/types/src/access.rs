//! Access: one reading of data, the evidence that it happened, and under which rule.
//!
//! An access is signed by the reader's officer and by the owner's gateway: neither fabricates one alone (PROTOCOL 22).
//! What stands on the ledger is the [`Access`] leaf. The [`AccessRequest`] itself, with key columns, fields and case,
//! goes from reader to owner and is known on the ledger by its digest only; its random salt keeps that digest from
//! being guessed.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, SealingPublic, Signature, Suite};
use serde::{Deserialize, Serialize};

use crate::{
    BasisCode, DutyId, FieldName, GatewayId, GrantId, List, OfficerId, OrganizationId, PurposeCode, RecordId, Refusal,
    RequestId, ResourceId, Slug, codec, limits,
};

/// What entitles the reader.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum AccessAuthority {
    /// A grant of the owner.
    Grant {
        /// The grant.
        grant: GrantId,
    },
    /// A duty of the owner's own: its own officers read by access too.
    Duty {
        /// The duty.
        duty: DutyId,
    },
}

/// Under which key of the state a reading is listed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum ListKey {
    /// A record about nobody.
    Record {
        /// The record.
        record: RecordId,
    },
    /// The resource itself, where the reading found nothing: `H(tag ‖ resource)`.
    Resource {
        /// Its digest.
        digest: Digest,
    },
}

impl ListKey {
    /// The list of a resource itself.
    pub fn of_resource(suite: Suite, resource: &ResourceId) -> Self {
        Self::Resource { digest: codec::digest(suite, "gongxin-list-resource-1", resource) }
    }
}

/// Text that names a row by its key columns, as a person types it: at most 256 bytes.
pub type KeyText = crate::text::PublicText<256>;

/// What a reader asks of the owner's gateway. Never on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRequest {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// Chosen by the reader, at random.
    pub request_id: RequestId,
    /// Random; keeps the digest from being guessed.
    #[serde(with = "crate::json::hex_array")]
    pub salt: [u8; 32],
    /// The reader.
    pub reader: OrganizationId,
    /// Its officer.
    pub officer: OfficerId,
    /// What to read.
    pub resource: ResourceId,
    /// Which row, by its key columns in catalogue order.
    pub key: List<KeyText, 8>,
    /// Which fields, ascending, each once.
    pub fields: List<FieldName, { limits::FIELDS_MAX }>,
    /// All versions instead of the latest.
    pub history: bool,
    /// For what.
    pub purpose: PurposeCode,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// What entitles the reader.
    pub authority: AccessAuthority,
    /// The reader's case.
    pub case: Option<Slug>,
    /// The response is sealed to this key.
    pub sealing_key: SealingPublic,
}

impl AccessRequest {
    /// The digest by which the ledger knows the request.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-access-request-1", self)
    }

    /// What the officer signs.
    pub fn claim(&self, suite: Suite) -> AccessClaim {
        AccessClaim {
            network: self.network,
            request_id: self.request_id,
            resource: self.resource.clone(),
            authority: self.authority.clone(),
            reader: self.reader.clone(),
            officer: self.officer,
            purpose: self.purpose.clone(),
            legal_basis: self.legal_basis.clone(),
            request_digest: self.digest(suite),
        }
    }
}

/// The public part of a request, signed by the reader's officer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AccessClaim {
    /// The network.
    pub network: Digest,
    /// See [`AccessRequest`].
    pub request_id: RequestId,
    /// See [`AccessRequest`].
    pub resource: ResourceId,
    /// See [`AccessRequest`].
    pub authority: AccessAuthority,
    /// See [`AccessRequest`].
    pub reader: OrganizationId,
    /// See [`AccessRequest`].
    pub officer: OfficerId,
    /// See [`AccessRequest`].
    pub purpose: PurposeCode,
    /// See [`AccessRequest`].
    pub legal_basis: BasisCode,
    /// Digest of the whole request.
    pub request_digest: Digest,
}

impl AccessClaim {
    /// The bytes under the officer's signature.
    pub fn message(&self) -> Vec<u8> {
        signed_bytes("gongxin-access-claim-1", &codec::encode(self))
    }
}

/// What the owner's gateway answered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum AccessOutcome {
    /// A sealed response, with its digest; a value and "not found" look the same from outside.
    Answered {
        /// Digest of the sealed bytes.
        response_digest: Digest,
    },
    /// A refusal, decided before the ledger was asked and put on it all the same.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// One reading, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Chosen by the reader.
    pub request_id: RequestId,
    /// What was read.
    pub resource: ResourceId,
    /// What entitled the reader.
    pub authority: AccessAuthority,
    /// The reader.
    pub reader: OrganizationId,
    /// Its officer.
    pub officer: OfficerId,
    /// The officer's key.
    pub officer_key: PublicKey,
    /// For what.
    pub purpose: PurposeCode,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// Under which keys the reading is listed, ascending, each once; at least one. A history that shows several lives of
    /// one key is listed under every record it shows.
    pub lists: List<ListKey, { limits::ACCESS_LISTS_MAX }>,
    /// Digest of the request.
    pub request_digest: Digest,
    /// What was answered.
    pub outcome: AccessOutcome,
    /// Digest of the sealed part: case, fields, and the record of personal data.
    pub sealed_digest: Digest,
    /// The owner's gateway.
    pub gateway: GatewayId,
    /// The gateway's key.
    pub gateway_key: PublicKey,
    /// The officer's signature over the claim.
    pub officer_signature: Signature,
    /// The gateway's signature over everything above.
    pub gateway_signature: Signature,
}

impl Access {
    /// The claim the officer signed, rebuilt from the leaf.
    pub fn claim(&self, network: Digest) -> AccessClaim {
        AccessClaim {
            network,
            request_id: self.request_id,
            resource: self.resource.clone(),
            authority: self.authority.clone(),
            reader: self.reader.clone(),
            officer: self.officer,
            purpose: self.purpose.clone(),
            legal_basis: self.legal_basis.clone(),
            request_digest: self.request_digest,
        }
    }

    /// The bytes under the gateway's signature: network, and the leaf up to and with the officer's signature.
    pub fn gateway_message(&self, network: &Digest) -> Vec<u8> {
        let unsigned = (
            network,
            (&self.request_id, &self.resource, &self.authority, &self.reader, &self.officer, &self.officer_key),
            (&self.purpose, &self.legal_basis, &self.lists, &self.request_digest, &self.outcome, &self.sealed_digest),
            (&self.gateway, &self.gateway_key, &self.officer_signature),
        );
        signed_bytes("gongxin-access-leaf-1", &codec::encode(&unsigned))
    }

    /// What a list's head chains.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-access-1", self)
    }
}

/// The list of readings under one key: complete exactly when it hashes to the head.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSlot {
    /// How many readings there are.
    #[serde(with = "crate::json::integer")]
    pub count: u64,
    /// `head' = H(tag ‖ head ‖ digest of the access)`; the first head is the digest of the tag alone.
    pub head: Digest,
}

impl ListSlot {
    /// The list before its first reading.
    pub fn empty(suite: Suite) -> Self {
        Self { count: 0, head: suite.tagged("gongxin-list-1", &[]) }
    }

    /// The list after one more reading.
    #[must_use]
    pub fn with(&self, suite: Suite, access: &Digest) -> Self {
        Self {
            count: self.count.saturating_add(1),
            head: suite.tagged("gongxin-list-1", &[self.head.as_ref(), access.as_ref()]),
        }
    }
}

/// What a reading kept to itself: stored encrypted by the owner, known on the ledger by its digest.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedPart {
    /// Random; keeps the digest from being guessed.
    #[serde(with = "crate::json::hex_array")]
    pub salt: [u8; 32],
    /// The reader's case.
    pub case: Option<Slug>,
    /// Which fields were asked for.
    pub fields: List<FieldName, { limits::FIELDS_MAX }>,
}

impl SealedPart {
    /// Its digest in the leaf.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-access-sealed-1", self)
    }
}

/// `u8 length of tag ‖ tag ‖ bytes`: signatures of one purpose never pass for those of another.
pub(crate) fn signed_bytes(tag: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(tag.len().saturating_add(bytes.len()).saturating_add(1));
    message.push(u8::try_from(tag.len()).unwrap_or(u8::MAX));
    message.extend_from_slice(tag.as_bytes());
    message.extend_from_slice(bytes);
    message
}
