//! What goes over HTTP in JSON, written once for both ends.

#[cfg(test)]
mod tests;

use gongxin_crypto::{Digest, SealingPublic, Signature};
use gongxin_types::{
    AccessAuthority, AccessRequest, BasisCode, Certificate, DutyId, FieldName, GrantId, Height, List, OfficerId,
    OrganizationId, PurposeCode, RequestId, ResourceId, Slug, Time, TransactionId, access::KeyText, alert::Finding,
    bundle::Encoded, genesis::ConsensusKey, limits, receipt::Table,
};
use serde::{Deserialize, Serialize};

/// Whether an answer waits for finality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// No: the transaction is accepted.
    #[default]
    No,
    /// Yes: `?wait=final`.
    Final,
}

impl Wait {
    /// The query part of a path, with its question mark.
    pub const fn query(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Final => "?wait=final",
        }
    }
}

/// What has become of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Never heard of.
    Unknown,
    /// Accepted, not final.
    Pending,
    /// Final. (A gateway says so only when an action took effect.)
    Final,
    /// Final, and no action took effect; only gateways say so.
    Refused,
    /// Past its `valid_until`, and in no block.
    Expired,
}

/// The code of the problem by which a server says that a transaction has expired.
pub const EXPIRED_CODE: &str = "expired";

/// The code of the problem by which a validator says that it knows no such key of the sender: not yet, perhaps.
pub const UNKNOWN_KEY_CODE: &str = "unknown-key";

/// A transaction, as a validator speaks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionReport {
    /// Its identifier.
    pub id: TransactionId,
    /// What has become of it: never `refused`, a validator does not look into receipts.
    pub status: Status,
    /// Its block, once final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Height>,
    /// Its place in the block, once final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
}

/// What became of each transaction of a call with many, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    /// One item per transaction.
    pub transactions: Vec<BatchItem>,
}

/// What became of one of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BatchItem {
    /// It was taken.
    Taken(TransactionReport),
    /// It was not.
    Refused {
        /// As in a problem document: `busy`, `invalid`, `conflict`, `stopping`.
        code: String,
        /// Why, in words.
        message: String,
    },
}

/// A transaction, as a gateway speaks of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransactionAnswer {
    /// Its identifier.
    pub id: TransactionId,
    /// What has become of it.
    pub status: Status,
    /// Its block, once final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Height>,
    /// Receipt of its first action that took effect, else of its first action; once final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<serde_json::Value>,
}

/// A reading that was allowed and found something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingAnswer {
    /// The height at which its access is final.
    pub height: Height,
    /// The response, sealed to the reader's key.
    pub sealed: Encoded,
    /// The receipt of the access.
    pub receipt: serde_json::Value,
}

/// How a validator is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The network.
    pub network: Digest,
    /// `validator` or `follower`.
    pub role: String,
    /// Height of the last final block.
    pub height: Height,
    /// Its consensus time; none before the first block.
    pub time: Option<Time>,
    /// Its header's digest.
    pub header: Option<gongxin_types::HeaderDigest>,
    /// The engine's view.
    pub view: u64,
    /// Which validator set serves.
    pub epoch: u64,
    /// Whether it leads this view.
    pub leader: bool,
    /// Who leads, as a consensus key, where known.
    pub leader_key: Option<ConsensusKey>,
    /// Its own consensus key.
    pub key: ConsensusKey,
    /// How many peers were heard of lately.
    pub peers: u64,
    /// Transactions that wait.
    pub mempool_transactions: u64,
    /// Their bytes.
    pub mempool_bytes: u64,
    /// Whether it is still catching up.
    pub syncing: bool,
    /// Whether it votes (PROTOCOL 11).
    pub voting: bool,
    /// Whether a final block contradicted its machine's clock since it started (PROTOCOL 8).
    pub clock_fault: bool,
    /// What an operator looks at; a node of an older program leaves it out.
    #[serde(default)]
    pub operator: OperatorReport,
}

/// The code of a refusal of a block that the node has dropped, or has not fetched yet: others have it.
pub const NOT_KEPT_CODE: &str = "not-kept";

/// What a validator has found out about others and itself: one page of `GET /v1/findings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsReport {
    /// Whether it can judge what passes by itself: what is not among all findings is over then.
    pub watching: bool,
    /// The findings of this page.
    pub findings: Vec<Finding>,
    /// Where the next page begins (`?from=`); none at the end.
    pub next: Option<usize>,
}

/// What an operator of a node looks at, beside what it does for others. What is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OperatorReport {
    /// Its name, from its configuration.
    pub name: Option<Slug>,
    /// Version of its program.
    pub program: Option<String>,
    /// Version of the rules that its last block follows.
    pub protocol_version: Option<u16>,
    /// The time of day by its clock, when it answered.
    pub clock: Option<Time>,
    /// Whom it heard in the last seconds.
    pub heard: Option<List<ConsensusKey, HEARD_MAX>>,
    /// Why it does not vote, if it does not, in words.
    pub not_voting: Option<String>,
    /// Why it is not ready, if it is not, in words: what `/readyz` says.
    pub not_ready: Option<String>,
    /// Proven faults of validators that it has seen since its start.
    pub faults: u64,
    /// The disk under its data directory.
    pub disk: Option<DiskReport>,
    /// What it has of the archive.
    pub archive: Option<ArchiveReport>,
}

/// How the archive of a node stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArchiveReport {
    /// Lowest height from which on every block is there.
    pub first: Option<Height>,
    /// Whether it keeps every block for good.
    pub keeps_all: bool,
    /// Other validators that say they have every block and keep it.
    pub full_elsewhere: u64,
    /// So many must before it drops anything.
    pub full_needed: u64,
    /// Height of its newest snapshot.
    pub snapshot: Option<Height>,
    /// Why it drops nothing though its operator wants it, if so, in words.
    pub waits: Option<String>,
}

/// Peers that a node may name: every validator, and as many followers.
pub const HEARD_MAX: usize = 2 * limits::VALIDATORS_MAX;

/// A disk under a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskReport {
    /// Bytes that may still be written.
    pub free_bytes: u64,
    /// Bytes of all of it.
    pub total_bytes: u64,
    /// Free bytes below which the node stops in order.
    pub floor_bytes: u64,
}

/// The format's name in [`StateProofReport`].
pub const STATE_PROOF_FORMAT: &str = "gongxin-state-proof-1";

/// A proof that a key of the state has this page, or none, at one height (PROTOCOL 10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateProofReport {
    /// [`STATE_PROOF_FORMAT`].
    pub format: String,
    /// Which database.
    pub table: Table,
    /// The key.
    #[serde(with = "gongxin_types::json::hex_array")]
    pub key: [u8; 32],
    /// The page, all its bytes; none where the key is absent.
    pub page: Option<Encoded>,
    /// The engine's proof bytes, against the state root of the first header.
    pub proof: Encoded,
    /// Canonical headers, from the proven height to the first certified one.
    pub headers: List<Encoded, { limits::BUNDLE_HEADERS_MAX }>,
    /// Finality of the last header.
    pub certificate: Certificate,
}

/// The body of `POST /api/v1/accesses` (docs/spec/access.md): an [`AccessRequest`] without what the gateway knows from
/// the call itself (network, reader, officer), and the officer's signature over its claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessCall {
    /// Chosen at random by the reader.
    pub request_id: RequestId,
    /// What to read.
    pub resource: ResourceId,
    /// Which row, by its key columns in catalogue order; a single column may be given as a plain string.
    pub key: KeyColumns,
    /// Which fields, in any order, each once.
    pub fields: List<FieldName, { limits::FIELDS_MAX }>,
    /// For what.
    pub purpose: PurposeCode,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// The grant that entitles the reader …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// … or the duty of the owner's own officers; exactly one of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<DutyId>,
    /// The reader's case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Slug>,
    /// All versions instead of the latest.
    #[serde(default)]
    pub history: bool,
    /// The response is sealed to this key.
    pub sealing_key: SealingPublic,
    /// 32 random bytes.
    #[serde(with = "gongxin_types::json::hex_array")]
    pub salt: [u8; 32],
    /// The officer's signature over the claim.
    pub signature: Signature,
}

/// Key columns: `["310000"]`, or `"310000"` for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyColumns {
    /// One column.
    One(KeyText),
    /// Several.
    Several(List<KeyText, 8>),
}

/// A call that is well-formed JSON and yet no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessCallError {
    /// Neither or both.
    #[error("exactly one of `grant` and `duty` must be given")]
    Authority,
    /// None, or one twice.
    #[error("`fields` must name at least one field, each once")]
    Fields,
    /// No column.
    #[error("`key` must have at least one column")]
    Key,
}

impl AccessCall {
    /// The body for this request.
    pub fn of(request: &AccessRequest, signature: Signature) -> Self {
        let (grant, duty) = match &request.authority {
            AccessAuthority::Grant { grant } => (Some(*grant), None),
            AccessAuthority::Duty { duty } => (None, Some(duty.clone())),
        };
        Self {
            request_id: request.request_id,
            resource: request.resource.clone(),
            key: KeyColumns::Several(request.key.clone()),
            fields: request.fields.clone(),
            purpose: request.purpose.clone(),
            legal_basis: request.legal_basis.clone(),
            grant,
            duty,
            case: request.case.clone(),
            history: request.history,
            sealing_key: request.sealing_key,
            salt: request.salt,
            signature,
        }
    }

    /// The canonical request of this caller, and the signature.
    ///
    /// # Errors
    /// See [`AccessCallError`].
    pub fn into_request(
        self,
        network: Digest,
        reader: OrganizationId,
        officer: OfficerId,
    ) -> Result<(AccessRequest, Signature), AccessCallError> {
        let authority = match (self.grant, self.duty) {
            (Some(grant), None) => AccessAuthority::Grant { grant },
            (None, Some(duty)) => AccessAuthority::Duty { duty },
            _ => return Err(AccessCallError::Authority),
        };
        let mut fields = self.fields.into_inner();
        let named = fields.len();
        fields.sort();
        fields.dedup();
        if fields.is_empty() || fields.len() != named {
            return Err(AccessCallError::Fields);
        }
        let key = match self.key {
            KeyColumns::One(column) => List::new(vec![column]),
            KeyColumns::Several(columns) => Ok(columns),
        };
        let key = key.ok().filter(|columns| !columns.is_empty()).ok_or(AccessCallError::Key)?;
        let request = AccessRequest {
            version: 1,
            network,
            request_id: self.request_id,
            salt: self.salt,
            reader,
            officer,
            resource: self.resource,
            key,
            fields: List::new(fields).map_err(|_| AccessCallError::Fields)?,
            history: self.history,
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            authority,
            case: self.case,
            sealing_key: self.sealing_key,
        };
        Ok((request, self.signature))
    }
}
