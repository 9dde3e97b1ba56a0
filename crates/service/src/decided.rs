//! What became of a transaction, by the verified copy of the ledger.

use std::sync::Arc;

use gongxin_projection::TransactionFact;
use gongxin_types::{ActionReceipt, Effect, Time, TransactionId};

use crate::machine;
use crate::office::{Office, internal};
use crate::port::{OfficeError, Outcome};
use crate::{limits, submit};

/// A final transaction.
pub(crate) struct Decided(pub(crate) TransactionFact);

impl Decided {
    /// Its receipts, one per action.
    pub(crate) fn receipts(&self) -> impl Iterator<Item = &ActionReceipt> {
        self.0.actions.iter().map(|result| &result.receipt)
    }
}

/// How waiting for a transaction ended.
pub(crate) enum Waited {
    /// It is final.
    Final(Box<Decided>),
    /// A final block is past its term, and it is in none.
    Expired,
    /// Not yet.
    NotYet,
}

/// The transaction, if it is final and the vault has been told: whoever hears of it finds its rows.
pub(crate) fn find(office: &Office, id: TransactionId) -> Result<Option<Decided>, OfficeError> {
    // The tip is read before the search: it moves only after the vault has settled a block.
    let height = office.tip().height;
    Ok(applied(office, id)?.filter(|decided| decided.0.location.height <= height))
}

/// The transaction, if it is final, whether or not the vault has been told.
pub(crate) fn applied(office: &Office, id: TransactionId) -> Result<Option<Decided>, OfficeError> {
    Ok(office.projection.transaction_fact(&id).map_err(internal)?.value.map(Decided))
}

/// Waits until the transaction is final, or can no longer become so, or the limit of a call is reached. Until then the
/// same bytes are handed in again and again: a validator that took them may have died before it passed them on.
pub(crate) async fn wait(
    office: &Arc<Office>,
    id: TransactionId,
    valid_until: Time,
    bytes: &[u8],
) -> Result<Waited, OfficeError> {
    let now = || office.machine.steady();
    let deadline = now().saturating_add(limits::FINAL_WITHIN);
    let mut resend_at = now().saturating_add(limits::RESEND_AFTER);
    loop {
        // The tip is read before the search: a block that arrives in between is seen in the next round.
        let tip = office.tip();
        if let Some(decided) = office.blocking(move |office| find(office, id)).await? {
            return Ok(Waited::Final(Box::new(decided)));
        }
        if tip.time >= valid_until {
            return Ok(Waited::Expired);
        }
        let patience = deadline.min(resend_at).saturating_sub(now());
        match machine::within(&*office.machine, patience, office.tips.beyond(tip)).await {
            Some(()) => {}
            None if now() < deadline => {
                if let Err(error) = submit::hand_over(office, bytes.to_vec()).await {
                    tracing::debug!(%error, "a transaction could not be handed in again");
                }
                resend_at = now().saturating_add(limits::RESEND_AFTER);
            }
            None => return Ok(Waited::NotYet),
        }
    }
}

/// The outcome with the receipt that speaks for it: of the first action that took effect or, where none did, of the first.
pub(crate) fn outcome(office: &Office, id: TransactionId, decided: &Decided) -> Result<Outcome, OfficeError> {
    let allowed = decided.receipts().find(|receipt| receipt.decision.effect == Effect::Allow);
    let speaks = allowed.or_else(|| decided.receipts().next()).ok_or_else(|| OfficeError::Unavailable {
        reason: "the copy of the ledger lacks the receipts of this transaction".into(),
    })?;
    let place = decided.0.location;
    let receipt = office.projection.bundle(place.action(speaks.index), None).map_err(internal)?.value;
    Ok(Outcome { id, height: place.height, decision: speaks.decision.clone(), receipt })
}
