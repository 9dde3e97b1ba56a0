//! What must hold before a transaction may stand in a block at all.
//!
//! A transaction that fails here makes a block permanently invalid: it is no refusal and gets no receipt. Everything that
//! depends on who may do what is judged in execution instead, and refused with a receipt. A key that no officer and no
//! gateway ever had is nobody's: its transactions cost nobody's quota and leave no replay window behind, because they
//! may not be included.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, Signature, Suite};
use gongxin_types::receipt::{Key, Page};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{Action, Height, OrganizationId, Time, Transaction, limits};

use crate::weight::weight;
use crate::{key, page};

/// What execution knows of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// The network's suite.
    pub suite: Suite,
    /// The network.
    pub network: Digest,
    /// The block's number.
    pub height: Height,
    /// Its consensus time.
    pub time: Time,
}

/// Why a transaction may not stand in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransaction {
    /// An encoding this version of the rules does not know.
    #[error("the transaction has version {0}, this network knows version 1")]
    Version(u8),
    /// Meant for another network.
    #[error("the transaction is for another network")]
    Network,
    /// Key or signature of an algorithm that is not the network's.
    #[error("key or signature is of another algorithm than the network's")]
    Algorithm,
    /// Its time is over.
    #[error("the transaction expired at `{0}`")]
    Expired(Time),
    /// Valid for longer than a transaction may be.
    #[error("the transaction is valid until `{0}`, more than ten minutes ahead")]
    TooFarAhead(Time),
    /// A lane above the bound.
    #[error("lane {0} is not one of 0 to 63")]
    Lane(u16),
    /// Nothing to do.
    #[error("the transaction has no action")]
    Empty,
    /// More work than a block may hold.
    #[error("the transaction weighs {0}, more than a block may hold")]
    TooHeavy(u64),
    /// A batch with nothing in it: a receipt speaks for an operation, so there could be none for it.
    #[error("a batch of the transaction has no operation")]
    EmptyBatch,
    /// Nobody's key, or somebody else's.
    #[error("the signing key is not registered for this sender")]
    UnknownKey,
    /// Its sequence number was used.
    #[error("sequence {0} was used before in this lane")]
    SequenceUsed(u64),
    /// Its sequence number lies below the window.
    #[error("sequence {0} is too old for this lane")]
    SequenceTooOld(u64),
}

/// Checks everything that needs no state. `context` is that of the block, or at the door that of the latest final one.
///
/// # Errors
/// See [`InvalidTransaction`].
pub fn admissible(transaction: &Transaction, context: &BlockContext) -> Result<(), InvalidTransaction> {
    let body = &transaction.body;
    if body.version != 1 {
        return Err(InvalidTransaction::Version(body.version));
    }
    if body.network != context.network {
        return Err(InvalidTransaction::Network);
    }
    if context.suite.check_key(&body.sender.key).is_err()
        || context.suite.check_signature(&transaction.signature).is_err()
    {
        return Err(InvalidTransaction::Algorithm);
    }
    if body.valid_until <= context.time {
        return Err(InvalidTransaction::Expired(body.valid_until));
    }
    if body.valid_until > context.time.plus_millis(limits::VALID_FOR_MS_MAX) {
        return Err(InvalidTransaction::TooFarAhead(body.valid_until));
    }
    if body.lane >= limits::LANES_MAX {
        return Err(InvalidTransaction::Lane(body.lane));
    }
    if body.actions.is_empty() {
        return Err(InvalidTransaction::Empty);
    }
    let is_hollow = |action: &Action| matches!(action, Action::WriteRecords(batch) if batch.operations.is_empty());
    if body.actions.iter().any(is_hollow) {
        return Err(InvalidTransaction::EmptyBatch);
    }
    let weight = weight(transaction);
    if weight > limits::BLOCK_WEIGHT_MAX { Err(InvalidTransaction::TooHeavy(weight)) } else { Ok(()) }
}

/// Whose a public key is; written when the key is first given to an officer or gateway, and never again.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct KeyOwner {
    pub(crate) organization: OrganizationId,
    pub(crate) actor: Actor,
}

/// Where the owner of a sender's key stands.
pub fn sender_key(sender: &Sender) -> Key {
    key::key_owner(&sender.key)
}

/// Whether the page under [`sender_key`] says that the key is, or was, this sender's. Once true it stays true.
pub fn is_registered(page: Option<&Page>, sender: &Sender) -> bool {
    let owner: Option<KeyOwner> = page.and_then(page::decode_slot);
    owner.is_some_and(|owner| owner.organization == sender.organization && owner.actor == sender.actor)
}

/// One signature that must verify before the transaction may be included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureCheck {
    /// Whose.
    pub key: PublicKey,
    /// Over what.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Signature,
}

/// The transaction's own signature, then those inside its readings: of the reader's officer and of the owner's gateway.
pub fn signature_checks(suite: Suite, transaction: &Transaction) -> Vec<SignatureCheck> {
    let body = &transaction.body;
    let message = Transaction::message(&transaction.id(suite));
    let mut checks = vec![SignatureCheck { key: body.sender.key, message, signature: transaction.signature }];
    for action in &body.actions {
        let Action::RecordAccess(access) = action else {
            continue;
        };
        checks.push(SignatureCheck {
            key: access.officer_key,
            message: access.claim(body.network).message(),
            signature: access.officer_signature,
        });
        checks.push(SignatureCheck {
            key: access.gateway_key,
            message: access.gateway_message(&body.network),
            signature: access.gateway_signature,
        });
    }
    checks
}
