//! Keys of the state: one name, one key, for whoever asks for a proof.
//!
//! `key = SHA-256(u8 length of tag ‖ "gongxin-key-1" ‖ u8 kind ‖ canonical bytes of the identifier ‖ u32 page)`, whatever
//! the network's suite: the engine's databases have keys of 32 bytes. A noun longer than a page continues under the same
//! name with page 1, 2 and so on. Kinds keep their numbers for ever.

use borsh::BorshSerialize;
use gongxin_crypto::{Digest, PublicKey, Suite};
use gongxin_types::receipt::{Key, Table};
use gongxin_types::{
    AlertId, DutyId, EvidenceId, GatewayId, GrantId, ListKey, ObligationId, OfficerId, OrganizationId, PendingId,
    ProposalId, RecordId, RequestId, ResourceId, codec,
};

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// An organization.
    Organization = 1,
    /// An officer.
    Officer = 2,
    /// A gateway.
    Gateway = 3,
    /// A duty.
    Duty = 4,
    /// A resource.
    Resource = 5,
    /// The slot of a record, under resource and record.
    Record = 6,
    /// The slot of a notarised digest.
    Evidence = 7,
    /// A grant.
    Grant = 8,
    /// Whose a public key is.
    KeyOwner = 9,
    /// The replay window of a key and a lane.
    Replay = 10,
    /// The access of an officer under a request id.
    Request = 11,
    /// Which parameters are in force.
    Parameters = 12,
    /// Which policy set is in force.
    PolicySet = 13,
    /// Chunks of something large, under its digest.
    Blob = 14,
    /// A list of readings, in the table of lists.
    List = 15,
    /// What members vote on.
    Proposal = 16,
    /// Accepted proposals that wait for their height.
    Agenda = 17,
    /// The validators that serve.
    ValidatorSet = 18,
    /// Which calendar is in force, and the legal clock.
    Calendar = 19,
    /// An obligation.
    Obligation = 20,
    /// Obligations by the ordinal they are due on.
    Term = 21,
    /// How far terms have been looked at.
    TermCursor = 22,
    /// An act that waits for its second pair of eyes.
    Pending = 23,
    /// The acts that wait, of one organization.
    Tray = 24,
    /// The authorities of one organization.
    Heads = 25,
    /// For whom an identifier or a key is kept.
    Reservation = 26,
    /// The validators that served in an epoch that is over.
    FormerValidatorSet = 30,
    /// Which version of the rules is in force.
    ProtocolVersion = 31,
    /// The open proposals of one organization.
    Docket = 32,
    /// An alert.
    Alert = 33,
    /// How many alerts there were about the same thing.
    AlertTopic = 34,
    /// How many alerts an organization has raised lately.
    AlertDesk = 35,
}

/// The key of one page of what `kind` and `id` name.
pub fn of<T: BorshSerialize + ?Sized>(kind: Kind, id: &T, page: u32) -> Key {
    let mut bytes = Vec::with_capacity(96);
    bytes.push(kind as u8);
    // Writing into a vector cannot fail.
    let written = id.serialize(&mut bytes);
    debug_assert!(written.is_ok());
    bytes.extend_from_slice(&page.to_le_bytes());
    let table = if kind == Kind::List { Table::Lists } else { Table::Objects };
    let mut key = [0; 32];
    key.copy_from_slice(Suite::Intl.tagged("gongxin-key-1", &[&bytes]).as_bytes());
    Key { table, key }
}

/// First page of an organization.
pub fn organization(id: &OrganizationId) -> Key {
    of(Kind::Organization, id, 0)
}

/// First page of an officer.
pub fn officer(id: &OfficerId) -> Key {
    of(Kind::Officer, id, 0)
}

/// First page of a gateway.
pub fn gateway(id: &GatewayId) -> Key {
    of(Kind::Gateway, id, 0)
}

/// First page of a duty.
pub fn duty(id: &DutyId) -> Key {
    of(Kind::Duty, id, 0)
}

/// First page of a resource.
pub fn resource(id: &ResourceId) -> Key {
    of(Kind::Resource, id, 0)
}

/// First page of a grant.
pub fn grant(id: &GrantId) -> Key {
    of(Kind::Grant, id, 0)
}

/// First page of a proposal.
pub fn proposal(id: &ProposalId) -> Key {
    of(Kind::Proposal, id, 0)
}

/// First page of an obligation.
pub fn obligation(id: &ObligationId) -> Key {
    of(Kind::Obligation, id, 0)
}

/// First page of an act that waits for its second pair of eyes.
pub fn pending(id: &PendingId) -> Key {
    of(Kind::Pending, id, 0)
}

/// First page of an alert.
pub fn alert(id: &AlertId) -> Key {
    of(Kind::Alert, id, 0)
}

/// The slot of a record.
pub fn record(resource: &ResourceId, record: &RecordId) -> Key {
    of(Kind::Record, &(resource, record), 0)
}

/// The slot of a notarised digest.
pub fn evidence(id: &EvidenceId) -> Key {
    of(Kind::Evidence, id, 0)
}

/// Whose a public key is.
pub fn key_owner(key: &PublicKey) -> Key {
    of(Kind::KeyOwner, key, 0)
}

/// The access of an officer under a request id.
pub fn request(officer: &OfficerId, request: &RequestId) -> Key {
    of(Kind::Request, &(officer, request), 0)
}

/// The list of readings under a list key.
pub fn list(key: &ListKey) -> Key {
    of(Kind::List, key, 0)
}

/// One chunk of something large.
pub(crate) fn blob(digest: &Digest, page: u32) -> Key {
    of(Kind::Blob, digest, page)
}

/// The name of an object without its page: to ask for several pages of it, and to tell objects apart cheaply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectName {
    kind: Kind,
    id: Vec<u8>,
    /// How many pages to ask for at once.
    pub(crate) pages: u16,
}

impl ObjectName {
    pub(crate) fn new<T: BorshSerialize>(kind: Kind, id: &T, pages: u16) -> Self {
        Self { kind, id: codec::encode(id), pages }
    }

    pub(crate) fn key(&self, page: u32) -> Key {
        of(self.kind, &Raw(&self.id), page)
    }
}

/// Bytes that are an encoding already.
struct Raw<'a>(&'a [u8]);

impl BorshSerialize for Raw<'_> {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        writer.write_all(self.0)
    }
}
