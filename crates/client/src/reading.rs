//! Open the answer to a reading, once everything about it is proven.
//!
//! Nothing comes out unless the receipt verifies against the network's public keys, says that the reading took effect, is
//! about this very request, and names the digest of the sealed bytes; and unless what they open to is listed as the leaf
//! says, within what was asked, and hashes to the commitments of its operations. That these operations are the ledger's own
//! is for [`Opened::agrees`] to say, with the history that the reader's own gateway has verified.

use gongxin_crypto::{SealingSecret, seal};
use gongxin_types::record::HistoryEntry;
use gongxin_types::response::{
    AccessResponse, DisclosureError, FieldDisclosure, RecordDisclosure, SEALING_INFO, VersionDisclosure,
};
use gongxin_types::{
    Access, AccessOutcome, AccessRequest, Action, Bundle, Effect, Height, ListKey, Network, Resource, Time,
    bundle::Subject, codec,
};
use gongxin_verify::{bundle, jcs};

/// Why an answer is not shown.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// A step of the verification does not hold.
    #[error("its receipt does not verify: {step}: {detail}")]
    Receipt {
        /// Which.
        step: &'static str,
        /// Why not.
        detail: String,
    },
    /// The receipt cannot be read.
    #[error("its receipt cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The receipt of a refusal verifies too; what it refused is not shown, whatever bytes came with it.
    #[error("its receipt says that the reading was refused")]
    Refused,
    /// The receipt of another act.
    #[error("its receipt is of no reading")]
    NoReading,
    /// A receipt of another request, or of other bytes.
    #[error("its receipt is of another request or of other bytes")]
    OtherReading,
    /// The sealed bytes do not open.
    #[error("its sealed bytes do not open with the key they were asked for")]
    Sealed,
    /// What they open to is no response to this request.
    #[error("it answers another request")]
    OtherRequest,
    /// It was checked at a height beyond that of its own access.
    #[error("it claims to be as of block {as_of}, after its own access at block {height}")]
    Height {
        /// The height it claims.
        as_of: Height,
        /// That of the access.
        height: Height,
    },
    /// It shows records under which the reading is not listed, or the other way round.
    #[error("the reading is not listed under exactly the records that it shows")]
    Lists,
    /// It shows a field that was not asked for.
    #[error("it shows a field that was not asked for")]
    Fields,
    /// A version does not hash to its commitment.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
}

/// An answer that may be shown.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The height at which the access is final, by its receipt.
    pub height: Height,
    /// Consensus time of that block.
    pub time: Time,
    /// The height at which the owner's gateway looked.
    pub as_of: Height,
    /// What was found; nothing, where nothing was.
    pub records: Vec<RecordDisclosure>,
}

/// Opens the answer to a request.
///
/// # Errors
/// See [`NotShown`]; then nothing of it may be shown.
pub fn open(
    network: &Network,
    request: &AccessRequest,
    secret: &SealingSecret,
    sealed: &[u8],
    receipt: &serde_json::Value,
) -> Result<Opened, NotShown> {
    let (access, height, time) = proven(network, receipt)?;
    let suite = network.head.suite;
    let digest = request.digest(suite);
    let answered = AccessOutcome::Answered { response_digest: AccessResponse::sealed_digest(suite, sealed) };
    if access.request_digest != digest || access.outcome != answered {
        return Err(NotShown::OtherReading);
    }
    let context = AccessResponse::sealing_context(&digest);
    let plain = seal::open(secret, SEALING_INFO, &context, sealed).map_err(|_| NotShown::Sealed)?;
    let response: AccessResponse = codec::decode("response", &plain).map_err(|_| NotShown::OtherRequest)?;
    if response.version != 1 || response.request_digest != digest || response.request_id != request.request_id {
        return Err(NotShown::OtherRequest);
    }
    if response.height > height {
        return Err(NotShown::Height { as_of: response.height, height });
    }
    let mut lists: Vec<ListKey> =
        response.records.iter().map(|shown| ListKey::Record { record: shown.record }).collect();
    lists.sort_unstable();
    if lists.is_empty() {
        lists.push(ListKey::of_resource(suite, &request.resource));
    }
    if *access.lists != *lists {
        return Err(NotShown::Lists);
    }
    for (record, version) in
        response.records.iter().flat_map(|shown| shown.versions.iter().map(|one| (shown.record, one)))
    {
        if version.entry.operation.record() != record {
            return Err(NotShown::Lists);
        }
        check_fields(request, version)?;
        version.check(suite)?;
    }
    Ok(Opened { height, time, as_of: response.height, records: response.records })
}

/// The leaf of a reading that took effect, with the height and time of its block.
fn proven(network: &Network, receipt: &serde_json::Value) -> Result<(Access, Height, Time), NotShown> {
    let bytes = jcs::to_bytes(receipt)?;
    let report = bundle::verify(&bytes, &bundle::network_to_bytes(network));
    if let Some(step) = report.failures().next() {
        return Err(NotShown::Receipt { step: step.name, detail: step.detail.clone() });
    }
    if report.decision.as_ref().is_none_or(|decision| decision.effect != Effect::Allow) {
        return Err(NotShown::Refused);
    }
    let bundle: Bundle = serde_json::from_slice(&bytes)?;
    let access = match &bundle.subject {
        Subject::Action { action } => match codec::decode("action", &action.0) {
            Ok(Action::RecordAccess(access)) => Some(access),
            _ => None,
        },
        Subject::Operation { .. } => None,
    };
    match (access, report.height, report.time) {
        (Some(access), Some(height), Some(time)) => Ok((access, height, time)),
        _ => Err(NotShown::NoReading),
    }
}

/// Only what was asked for.
fn check_fields(request: &AccessRequest, version: &VersionDisclosure) -> Result<(), NotShown> {
    let unasked = version.fields.iter().any(|field| match field {
        FieldDisclosure::Shown { name, .. } => !request.fields.contains(name),
        FieldDisclosure::Hidden(_) => false,
    });
    if unasked { Err(NotShown::Fields) } else { Ok(()) }
}

impl Opened {
    /// Whether every version shown has the key that was asked for, as far as its key columns are shown: a record can be the
    /// ledger's own and still not be the one in question. `resource` is the catalogue entry, verified by someone else than
    /// the owner.
    pub fn answers(&self, request: &AccessRequest, resource: &Resource) -> bool {
        let columns = || resource.fields.iter().filter(|field| field.key);
        let mut versions = self.records.iter().flat_map(|shown| shown.versions.iter());
        versions.all(|version| {
            columns().zip(&request.key).all(|(column, asked)| {
                let shown = version.fields.iter().find_map(|field| match field {
                    FieldDisclosure::Shown { name, value, .. } if *name == column.name => Some(value.key_text()),
                    _ => None,
                });
                shown.is_none_or(|shown| shown == asked.as_str())
            })
        })
    }

    /// Whether the disclosed versions of a record are those the ledger has of it, as of the height at which the owner
    /// looked: all of them for a history, the latest otherwise. `known` are its operations with the heights of their blocks,
    /// oldest first, verified by someone else than the owner.
    pub fn agrees(&self, shown: &RecordDisclosure, known: &[(HistoryEntry, Height)], history: bool) -> bool {
        let mut until = known.iter().filter(|(_, height)| *height <= self.as_of).map(|(entry, _)| entry);
        let disclosed = shown.versions.iter().map(|version| &version.entry);
        if history { disclosed.eq(until) } else { disclosed.eq(until.next_back()) }
    }
}
