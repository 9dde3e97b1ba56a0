//! What the gateway's routes need of an organization's office: facts of the ledger, acts, readings.
//!
//! The routes know HTTP and nothing else; whoever implements [`OfficePort`] knows the ledger and no HTTP. Every answer is
//! a noun of `types`. The routes authenticate the caller and hold back what a caller may not see; everything else
//! (finality, sealing, staging of bodies, the order in which things become durable) is the office's promise.

use std::{future::Future, pin::Pin};

use gongxin_crypto::{Digest, Signature, Suite};
use gongxin_types::{
    Access, AccessRequest, Alert, AlertId, Bundle, Decision, Duty, EvidenceId, Gateway, Grant, Height, ListKey,
    Network, ObligationId, Officer, OfficerId, Organization, OrganizationId, Parameters, Pending, PendingId, PolicySet,
    Proposal, ProposalId, RecordId, RequestId, Resource, ResourceId, Time, TransactionId,
    evidence::Evidence,
    id::{DutyId, GatewayId, GrantId},
    proposal::Matter,
    record::{HistoryEntry, RecordSlot},
    row::Salt,
};
use serde::{Deserialize, Serialize};

pub use crate::alerts::AlertFilter;
pub use crate::serving::{ServingValidator, ValidatorsFact};
pub use crate::terms::{CalendarFact, ObligationFact, ObligationFilter};

/// An answer that may take a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, OfficeError>> + Send + 'a>>;

/// One organization's office, as the routes see it.
pub trait OfficePort: Send + Sync + 'static {
    /// The network's suite.
    fn suite(&self) -> Suite;
    /// The network's identity.
    fn network(&self) -> Digest;
    /// Whose gateway this is.
    fn organization(&self) -> OrganizationId;
    /// The gateway's own clock: calls are fresh within a minute of it.
    fn clock(&self) -> Time;
    /// How far the verified copy of the ledger has come: what is asked now is answered as of there.
    fn tip(&self) -> Tip;
    /// Whether it answers: the reason, in words, why not.
    fn ready(&self) -> Result<(), String>;
    /// What an operator should look at, in words that say nothing about records; it answers all the same.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    /// Metrics in the Prometheus text format.
    fn metrics(&self) -> String;

    /// The officer as of [`OfficePort::tip`], for authentication and visibility.
    fn officer(&self, id: OfficerId) -> Answer<'_, Option<Officer>>;
    /// One fact by its identifier.
    fn find(&self, key: FactKey) -> Answer<'_, Option<Fact>>;
    /// Facts of one kind, page by page, in a fixed order.
    fn list(&self, question: Question, page: Page) -> Answer<'_, Facts>;
    /// The proof bundle of one action, or of one operation of a batch. `None`: nothing by that name is final.
    fn receipt(&self, place: ReceiptPlace) -> Answer<'_, Option<Bundle>>;

    /// What became of a transaction.
    fn transaction(&self, id: TransactionId) -> Answer<'_, TransactionState>;
    /// Hands a transaction to the validators. The same bytes again give the first result.
    fn submit(&self, bytes: Vec<u8>, wait: Wait) -> Answer<'_, Submission>;
    /// Stages bodies in the vault, durably, checks each against its commitment, then submits the transaction.
    fn write_records(&self, bytes: Vec<u8>, bodies: Vec<RecordBody>, wait: Wait) -> Answer<'_, Submission>;
    /// One reading. Answers only when its access is final; until then [`OfficeError::Pending`].
    fn read(&self, request: AccessRequest, signature: Signature) -> Answer<'_, Reading>;
}

/// How far the copy of the ledger has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tip {
    /// Height of the last final block applied.
    pub height: Height,
    /// Its consensus time.
    pub time: Time,
}

/// Whether an act waits for finality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Answer as soon as the validators have it.
    No,
    /// Answer when it is final, within the office's own limit; then [`Submission::Pending`].
    Final,
}

/// Names one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKey {
    /// See [`Organization`].
    Organization(OrganizationId),
    /// See [`Officer`].
    Officer(OfficerId),
    /// See [`Duty`].
    Duty(DutyId),
    /// See [`Resource`].
    Resource(ResourceId),
    /// See [`Grant`].
    Grant(GrantId),
    /// See [`Gateway`].
    Gateway(GatewayId),
    /// See [`ProposalFact`].
    Proposal(ProposalId),
    /// See [`Pending`].
    Pending(PendingId),
    /// The rules of access in force.
    PolicySet,
    /// The parameters in force.
    Parameters,
    /// The calendar in force.
    Calendar,
    /// Who validates now.
    ValidatorSet,
    /// `network.json` as of now.
    Network,
    /// See [`ObligationFact`].
    Obligation(ObligationId),
    /// See [`Alert`].
    Alert(AlertId),
    /// See [`EvidenceFact`].
    Evidence(EvidenceId),
    /// See [`RecordFact`].
    Record(ResourceId, RecordId),
    /// See [`AccessFact`]: a request identifier is unique with its officer.
    Access(OfficerId, RequestId),
}

/// Asks for a list, in the order of identifiers unless said otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// All organizations.
    Organizations,
    /// All officers.
    Officers,
    /// All duties.
    Duties,
    /// All resources.
    Resources,
    /// All grants.
    Grants,
    /// All proposals.
    Proposals,
    /// Obligations.
    Obligations(ObligationFilter),
    /// Alerts.
    Alerts(AlertFilter),
    /// All acts that take two, ended ones too.
    Pending,
    /// All gateways.
    Gateways,
    /// All evidence.
    Evidence,
    /// Records, of one resource if named.
    Records {
        /// Only those of this one.
        resource: Option<ResourceId>,
    },
    /// One record's history, oldest first.
    History {
        /// Its resource.
        resource: ResourceId,
        /// The record.
        record: RecordId,
    },
    /// Readings, oldest first.
    Accesses(AccessFilter),
}

/// Which readings: those that pass every part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessFilter {
    /// Only those that this organization made or that were made at it; `None`: all (supervisors).
    pub within: Option<OrganizationId>,
    /// Only those made by this organization.
    pub reader: Option<OrganizationId>,
    /// Only those of this resource.
    pub resource: Option<ResourceId>,
    /// Only those listed under this key.
    pub list: Option<ListKey>,
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where the page before ended: what the office itself gave as [`Facts::next`], or anything a client made up.
    pub after: Option<String>,
    /// At most so many items, 1 to 200.
    pub limit: usize,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The items.
    pub items: Vec<Fact>,
    /// What [`Page::after`] of the next page is; `None` at the end.
    pub next: Option<String>,
    /// As of when the page is true.
    pub tip: Tip,
}

/// A noun and the height of its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known<T> {
    /// The noun; its members stand beside `height` in JSON.
    #[serde(flatten)]
    pub noun: T,
    /// The block of its last change.
    pub height: Height,
}

/// One fact of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the noun of its name")]
#[expect(clippy::large_enum_variant, reason = "pages are short and the nouns go straight into JSON")]
pub enum Fact {
    Organization(Known<Organization>),
    Officer(Known<Officer>),
    Duty(Known<Duty>),
    Resource(Known<Resource>),
    Grant(Known<Grant>),
    Proposal(ProposalFact),
    Pending(Known<Pending>),
    PolicySet(Known<PolicySet>),
    Parameters(ParametersFact),
    Calendar(CalendarFact),
    ValidatorSet(ValidatorsFact),
    Network(Network),
    Obligation(ObligationFact),
    Alert(Known<Alert>),
    Gateway(Known<Gateway>),
    Evidence(EvidenceFact),
    Record(RecordFact),
    History(HistoryFact),
    Access(AccessFact),
}

/// A proposal; shown alone, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalFact {
    /// The proposal with its votes.
    #[serde(flatten)]
    pub proposal: Known<Proposal>,
    /// What it is about, in full; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Matter>,
}

/// The parameters in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParametersFact {
    /// Counts them, from 1 for those of genesis.
    pub revision: u32,
    /// The parameters.
    #[serde(flatten)]
    pub parameters: Known<Parameters>,
}

/// Where an act stands on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The block.
    pub height: Height,
    /// Its consensus time.
    pub time: Time,
    /// The transaction.
    pub transaction: TransactionId,
    /// The action within it, from 0.
    pub index: u16,
    /// The operation within a batch, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<u32>,
}

/// A notarised digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceFact {
    /// Its identifier.
    pub id: EvidenceId,
    /// Whose officer notarised it.
    pub organization: OrganizationId,
    /// The officer.
    pub officer: OfficerId,
    /// What was notarised.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// When and where.
    #[serde(flatten)]
    pub place: Place,
}

/// A record as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordFact {
    /// Its resource.
    pub resource: ResourceId,
    /// Its identifier.
    pub record: RecordId,
    /// Version, commitment and history head.
    #[serde(flatten)]
    pub slot: RecordSlot,
    /// The block of its last change.
    pub height: Height,
}

/// One line of a record's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryFact {
    /// What was done.
    #[serde(flatten)]
    pub entry: HistoryEntry,
    /// When and where; `operation` inside is the index within the batch.
    pub place: Place,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessFact {
    /// The leaf.
    #[serde(flatten)]
    pub access: Access,
    /// What was decided.
    pub decision: Decision,
    /// When and where.
    pub place: Place,
}

/// Names a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptPlace {
    /// The transaction.
    pub transaction: TransactionId,
    /// The action within it, from 0.
    pub index: u16,
    /// The operation within a batch, from 0; `None`: the whole action.
    pub operation: Option<u32>,
}

/// A final transaction, with the receipt that speaks for it: that of its first action that took effect or, where none
/// did, of its first action.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The transaction.
    pub id: TransactionId,
    /// Its block.
    pub height: Height,
    /// The decision on that action: a deny only where no action took effect.
    pub decision: Decision,
    /// Its proof bundle.
    pub receipt: Bundle,
}

/// What became of a transaction.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one per answer")]
pub enum TransactionState {
    /// Never heard of.
    Unknown,
    /// Handed to the validators, not final.
    Pending,
    /// Final: allowed or refused, as its decision says.
    Final(Outcome),
    /// A final block is past its `valid_until` and it is in none.
    Expired,
}

/// What became of handing a transaction in.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one per answer")]
pub enum Submission {
    /// The validators have it.
    Pending(TransactionId),
    /// It is final.
    Final(Outcome),
    /// It can no longer become final.
    Expired(TransactionId),
}

/// One row that a batch commits to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordBody {
    /// The record.
    pub record: RecordId,
    /// The version this row is, from 1.
    pub version: u32,
    /// The salt of the commitment.
    pub salt: Salt,
    /// `{"field": value, …}`.
    pub row: serde_json::Map<String, serde_json::Value>,
}

/// A final reading that was allowed.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The height at which its access is final.
    pub height: Height,
    /// The response, sealed to the reader.
    pub sealed: Vec<u8>,
    /// The receipt of the access.
    pub receipt: Bundle,
    /// The policies that allowed it are in here.
    pub decision: Decision,
    /// Whether the key named a record: HTTP says 404 where it did not.
    pub found: bool,
}

/// Why the office gives no answer. Reasons are for people, lower-case, without full stop, and say nothing about rows.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The request contradicts itself or the ledger's words: 400.
    #[error("{reason}")]
    Invalid {
        /// What, where, what to do.
        reason: String,
    },
    /// Neither our copy nor the validators know the key: 400. It may have been registered in the block that comes.
    #[error("the signing key is not registered for its sender, as of the latest block here")]
    UnknownKey,
    /// The officer's signature over the claim does not verify with a valid key of the caller: 400.
    #[error("the signature over the access claim is not by a valid key of the officer")]
    ClaimSignature,
    /// The ledger refused, finally: 403 with policies and receipt.
    #[error("refused by the ledger")]
    Refused(Box<Refused>),
    /// The same identifier was used with another body: 409.
    #[error("{reason}")]
    Conflict {
        /// Which, in words.
        reason: String,
    },
    /// A living record has the key of a new one, or may come to have it: 409. Told to the office's own stewards alone.
    #[error("{reason}")]
    KeyTaken {
        /// Which, in words.
        reason: String,
    },
    /// An update changes a key column: 422. Told to the office's own stewards alone.
    #[error("an update may not change a key column: end record `{record}` and create a new one with the new key")]
    KeyChanged {
        /// The record.
        record: RecordId,
    },
    /// The release lifetime of the response is over: 410.
    #[error("the lifetime of this response has ended: make a new request")]
    Gone,
    /// Another organization's gateway answers for this: 421.
    #[error("`{resource}` is served by the gateway of `{owner}`", owner = resource.organization)]
    NotServedHere {
        /// The resource.
        resource: ResourceId,
    },
    /// Not final yet: 503, ask again with the same request.
    #[error("not final yet: ask again with the same request")]
    Pending {
        /// After how long, milliseconds.
        retry_after_ms: u64,
    },
    /// The validators or the office take no more now: 503.
    #[error("busy: try again later")]
    Busy {
        /// After how long, milliseconds.
        retry_after_ms: u64,
    },
    /// No validator can be reached, or the copy of the ledger is behind: 503.
    #[error("{reason}")]
    Unavailable {
        /// What is missing, in words.
        reason: String,
    },
    /// Our own fault: 500. The cause is for the log alone.
    #[error("the office failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A final refusal.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why, by which policies.
    pub decision: Decision,
    /// The block.
    pub height: Height,
    /// The receipt that proves it.
    pub receipt: Bundle,
}
