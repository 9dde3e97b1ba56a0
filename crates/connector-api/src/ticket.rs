//! Ticket: who made a change in a register, under which law; it rides in the change's own database transaction.
//!
//! PROTOCOL 28: a change is anchored only with a ticket. Its bytes are those of docs/spec/ticket.md: canonical, signed over
//! resource, act, key and the digest of the new row. Here tickets are read and held against the change they claim; whose
//! key signed, whether that person may, and whether the operation is new, is for the gateway to judge.
//!
//! The digest of the row has no salt: whoever knows the ticket can try rows out. A ticket stands where the row stands, in the
//! department's own database and its gateway's vault, and goes nowhere else.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, Signature, SignatureError, Suite};
use gongxin_types::codec::{self, DecodeError};
use gongxin_types::row::Row;
use gongxin_types::{BasisCode, Date, OfficerId, ResourceId, Slug};

use crate::Key;
use crate::limits::TICKET_BYTES_MAX;

/// Names one act, once: 16 random bytes, chosen by whoever acts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct OperationId(pub [u8; 16]);

impl fmt::Display for OperationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OperationId({self})")
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Author {
    /// A person, under the pseudonym of the ledger.
    Officer(OfficerId),
    /// A program of the department, by the name under which its gateway knows its key.
    Service(Slug),
}

/// What is done to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum TicketAct {
    /// It is new.
    Create,
    /// It has other values, and the same key.
    Update,
    /// It is taken out.
    Delete,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TicketBody {
    /// Encoding version: 1.
    pub version: u8,
    /// The network: a ticket of a trial network is none here.
    pub network: Digest,
    /// The act, named once.
    pub operation: OperationId,
    /// Who acts.
    pub author: Author,
    /// The key that signs.
    pub key: PublicKey,
    /// The law it is done under.
    pub legal_basis: BasisCode,
    /// The civil date from which the fact holds.
    pub effective: Date,
    /// The register, by its resource.
    pub resource: ResourceId,
    /// What is done.
    pub act: TicketAct,
    /// The row's key.
    pub row_key: Key,
    /// [`row_digest`] of the row as it is afterwards; none after a deletion.
    pub row: Option<Digest>,
}

/// A signed body.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ticket {
    /// What is signed.
    pub body: TicketBody,
    /// By the key in the body, over [`TicketBody::message`].
    pub signature: Signature,
}

/// `tagged("gongxin-ticket-row-1", canonical row)`.
pub fn row_digest(suite: Suite, row: &Row) -> Digest {
    codec::digest(suite, "gongxin-ticket-row-1", row)
}

impl TicketBody {
    /// The bytes under the signature: `u8 length of tag ‖ tag ‖ digest of the body`.
    pub fn message(&self, suite: Suite) -> Vec<u8> {
        const TAG: &str = "gongxin-ticket-signature-1";
        let digest = codec::digest(suite, "gongxin-ticket-1", self);
        let mut message = Vec::with_capacity(TAG.len().saturating_add(digest.len()).saturating_add(1));
        message.push(u8::try_from(TAG.len()).unwrap_or(u8::MAX));
        message.extend_from_slice(TAG.as_bytes());
        message.extend_from_slice(digest.as_ref());
        message
    }
}

impl Ticket {
    /// Reads exactly one ticket of a version that is known here.
    ///
    /// # Errors
    /// When the bytes are too many, not canonical, of another version, or contradict themselves.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bad = |reason: String| DecodeError { expected: "ticket", reason };
        if bytes.len() > TICKET_BYTES_MAX {
            return Err(bad(format!("{} bytes where at most {TICKET_BYTES_MAX} are allowed", bytes.len())));
        }
        let ticket: Self = codec::decode("ticket", bytes)?;
        let body = &ticket.body;
        if body.version != 1 {
            return Err(bad(format!("version {} where 1 is known", body.version)));
        }
        if body.row.is_some() == (body.act == TicketAct::Delete) {
            return Err(bad("a deletion has no row, anything else has one".into()));
        }
        Ok(ticket)
    }

    /// Its canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Whether the key it names has signed it. Whose key that is, is not said here.
    ///
    /// # Errors
    /// When it has not.
    pub fn check_signature(&self, suite: Suite) -> Result<(), SignatureError> {
        suite.verify(&self.body.key, &self.body.message(suite), &self.signature)
    }

    /// Whether it was signed for exactly this row as it is after the act: none after a deletion.
    pub fn covers(&self, suite: Suite, row: Option<&Row>) -> bool {
        self.body.row == row.map(|row| row_digest(suite, row))
    }
}
