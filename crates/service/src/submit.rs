//! Handing a transaction to the validators. The same bytes again give the first result.

use std::sync::Arc;
use std::time::Duration;

use gongxin_client::{ClientError, Submitted, wire};
use gongxin_types::{Action, Time, Transaction, TransactionId};

use crate::decided::{self, Waited};
use crate::limits;
use crate::office::Office;
use crate::port::{OfficeError, Submission, TransactionState, Wait};

/// Reads, hands over, and waits if asked to.
pub(crate) async fn submit(office: &Arc<Office>, bytes: Vec<u8>, wait: Wait) -> Result<Submission, OfficeError> {
    let transaction = read(&bytes)?;
    let id = transaction.id(office.suite);
    let valid_until = transaction.body.valid_until;
    if let Some(outcome) = finished(office, id).await? {
        return Ok(Submission::Final(outcome));
    }
    check_bodies(office, &transaction)?;
    hand_over(office, bytes.clone()).await?;
    settled(office, id, valid_until, wait, &bytes).await
}

/// Records of one's own are written with their bodies: a commitment without one could never be served.
fn check_bodies(office: &Office, transaction: &Transaction) -> Result<(), OfficeError> {
    let bare = transaction.body.actions.iter().any(|action| match action {
        Action::WriteRecords(batch) => batch.resource.organization == office.organization,
        _ => false,
    });
    if bare {
        return Err(OfficeError::Invalid {
            reason: "records are written with their rows: use `/api/v1/records`".into(),
        });
    }
    Ok(())
}

/// Exactly one transaction.
pub(crate) fn read(bytes: &[u8]) -> Result<Transaction, OfficeError> {
    Transaction::from_bytes(bytes).map_err(|error| OfficeError::Invalid { reason: error.to_string() })
}

async fn finished(office: &Arc<Office>, id: TransactionId) -> Result<Option<crate::port::Outcome>, OfficeError> {
    office
        .blocking(move |office| match decided::find(office, id)? {
            Some(decided) => decided::outcome(office, id, &decided).map(Some),
            None => Ok(None),
        })
        .await
}

/// Gives the bytes to a validator, whichever takes them.
pub(crate) async fn hand_over(office: &Office, bytes: Vec<u8>) -> Result<(), OfficeError> {
    hand_over_within(office, bytes, limits::SUBMIT_WITHIN).await
}

/// The same within a time.
pub(crate) async fn hand_over_within(office: &Office, bytes: Vec<u8>, within: Duration) -> Result<(), OfficeError> {
    match office.validators.submit(bytes, within).await {
        // Expired is for the copy of the ledger to say, by consensus time that it has checked.
        Ok(Submitted::Pending { .. } | Submitted::Final { .. } | Submitted::Expired) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// The same of a transaction of the gateway's own: whatever a validator has against it is no fault of the caller, who asks
/// again; it is signed anew once it has expired.
pub(crate) async fn hand_over_own(office: &Office, id: TransactionId, bytes: Vec<u8>) -> Result<(), OfficeError> {
    match hand_over(office, bytes).await {
        Err(error @ (OfficeError::Conflict { .. } | OfficeError::Invalid { .. })) => {
            tracing::warn!(transaction = %id, %error, "a validator does not take this gateway's own transaction");
            let reason =
                "the validators do not take this gateway's own transaction now: ask again with the same request";
            Err(OfficeError::Unavailable { reason: reason.into() })
        }
        other => other,
    }
}

fn refused(error: ClientError) -> OfficeError {
    match error {
        ClientError::Busy { retry_after } => OfficeError::Busy {
            retry_after_ms: u64::try_from(retry_after.as_millis()).unwrap_or(limits::RETRY_AFTER_MS),
        },
        ClientError::Refused(problem) if problem.status == 409 => {
            OfficeError::Conflict { reason: problem.message.clone() }
        }
        ClientError::Refused(problem) if problem.code == wire::UNKNOWN_KEY_CODE => OfficeError::UnknownKey,
        ClientError::Refused(problem) => OfficeError::Invalid { reason: problem.message.clone() },
        other => OfficeError::Unavailable { reason: other.to_string() },
    }
}

/// Waits as asked, by the verified copy of the ledger.
pub(crate) async fn settled(
    office: &Arc<Office>,
    id: TransactionId,
    valid_until: Time,
    wait: Wait,
    bytes: &[u8],
) -> Result<Submission, OfficeError> {
    if wait == Wait::No {
        return Ok(Submission::Pending(id));
    }
    match decided::wait(office, id, valid_until, bytes).await? {
        Waited::Final(decided) => {
            office.blocking(move |office| decided::outcome(office, id, &decided).map(Submission::Final)).await
        }
        Waited::Expired => Ok(Submission::Expired(id)),
        Waited::NotYet => Ok(Submission::Pending(id)),
    }
}

/// What became of a transaction: by the copy of the ledger, else by what the validators have heard.
pub(crate) async fn state(office: &Arc<Office>, id: TransactionId) -> Result<TransactionState, OfficeError> {
    if let Some(outcome) = finished(office, id).await? {
        return Ok(TransactionState::Final(outcome));
    }
    match office.validators.status(id).await.map_err(refused)? {
        wire::Status::Expired => Ok(TransactionState::Expired),
        wire::Status::Unknown => Ok(TransactionState::Unknown),
        // Final at a validator, and not here yet: to us it is still on its way.
        wire::Status::Pending | wire::Status::Final | wire::Status::Refused => Ok(TransactionState::Pending),
    }
}
