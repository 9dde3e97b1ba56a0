//! One reading of one's own register, from the request to the release (DESIGN section 6, PROTOCOL 20–22).
//!
//! 1. [`examine`]: is it ours, signed by the officer, within a grant or duty? What is refused early goes on the ledger too.
//! 2. [`build`]: the one place that opens a body. The response is sealed to the reader and stored before anything else.
//! 3. The access leaf is signed by this gateway and submitted, and resubmitted until it is final.
//! 4. Only a final receipt that allows it releases the sealed bytes; the same request fetches the same bytes again.
//!
//! A value, "not found" and a divergence take the same way, so that none comes out earlier than the others.

mod build;
mod examine;
mod leaf;

use std::sync::Arc;

use gongxin_crypto::Signature;
use gongxin_types::{Access, AccessRequest, Action, Effect, ListKey, Time, Transaction, codec};
use gongxin_vault::{Carried, Carrier, Kept, Lookup, Response, VaultError};

use crate::decided::{self, Decided, Waited};
use crate::limits;
use crate::office::{Office, internal};
use crate::port::{OfficeError, Reading, Refused};
use crate::submit;

/// Reads, or fetches again what the same request has read.
pub(crate) async fn read(
    office: &Arc<Office>,
    request: AccessRequest,
    signature: Signature,
) -> Result<Reading, OfficeError> {
    let _turn = office.readings.acquire().await.map_err(internal)?;
    let stored = office.blocking(move |office| prepared(office, &request, &signature)).await?;
    release(office, stored).await
}

/// The response to a request, stored: the first answer counts, however often it is asked.
fn prepared(office: &Office, request: &AccessRequest, signature: &Signature) -> Result<Response, OfficeError> {
    if request.resource.organization != office.organization {
        return Err(OfficeError::NotServedHere { resource: request.resource.clone() });
    }
    let digest = request.digest(office.suite);
    match office.vault.response(&request.officer, &request.request_id).map_err(internal)? {
        Lookup::Present(response) if response.request_digest == digest => return Ok(response),
        Lookup::Ended { request_digest } if request_digest == digest => return Err(OfficeError::Gone),
        Lookup::Present(_) | Lookup::Ended { .. } => return Err(conflict()),
        Lookup::Absent => {}
    }
    let known = office.projection.access_by_request(&request.officer, &request.request_id).map_err(internal)?;
    if known.value.is_some() {
        // On the ledger, and no longer here: a restored vault, or an identifier used at another resource's owner.
        return Err(conflict());
    }
    let examined = examine::examine(office, request, signature)?;
    let built = build::build(office, request, examined)?;
    let access = leaf::sign(office, request, signature, &built)?;
    let (transaction, carrier) = carried(office, access.clone())?;
    let response = Response {
        officer: request.officer,
        request: request.request_id,
        request_digest: digest,
        sealed: built.sealed,
        leaf: codec::encode(&access),
        transaction,
        expires: None,
    };
    match office.vault.put_response(&response, &carrier, &built.sealed_part) {
        Ok(Kept::New) => Ok(response),
        Ok(Kept::Earlier(earlier)) => Ok(earlier),
        Ok(Kept::Ended) => Err(OfficeError::Gone),
        Err(VaultError::RequestConflict { .. }) => Err(conflict()),
        Err(error) => Err(internal(error)),
    }
}

/// A transaction of the gateway's own for a leaf: its bytes, and by what it is found.
fn carried(office: &Office, access: Access) -> Result<(Vec<u8>, Carrier), OfficeError> {
    let transaction = office.sign(Action::RecordAccess(access))?;
    let carrier = Carrier { transaction: transaction.id(office.suite), valid_until: transaction.body.valid_until };
    Ok((codec::encode(&transaction), carrier))
}

fn conflict() -> OfficeError {
    OfficeError::Conflict { reason: "this request identifier was used with another request: choose a new one".into() }
}

/// Submits the leaf until it is final, then releases what it allows.
async fn release(office: &Arc<Office>, mut response: Response) -> Result<Reading, OfficeError> {
    for _ in 0..2 {
        let transaction: Transaction = codec::decode("transaction", &response.transaction).map_err(internal)?;
        let id = transaction.id(office.suite);
        let valid_until = transaction.body.valid_until;
        let known = office.blocking(move |office| decided::find(office, id)).await?;
        if let Some(decided) = known {
            return finish(office, response, decided).await;
        }
        if office.tip().time < valid_until {
            submit::hand_over_own(office, id, response.transaction.clone()).await?;
        }
        #[cfg(feature = "simulated")]
        if let Some(reading) = crate::planted::early(office, &response).await? {
            return Ok(reading);
        }
        match decided::wait(office, id, valid_until, &response.transaction).await? {
            Waited::Final(decided) => return finish(office, response, *decided).await,
            Waited::NotYet => {
                return Err(OfficeError::Pending { retry_after_ms: limits::RETRY_AFTER_MS });
            }
            // The leaf is in no block and its transaction never will be: the same leaf goes into a new one.
            Waited::Expired => response = resigned(office, response).await?,
        }
    }
    Err(OfficeError::Pending { retry_after_ms: limits::RETRY_AFTER_MS })
}

/// The same response in a new transaction; of several fetches that see the first one expire, one makes the next.
async fn resigned(office: &Arc<Office>, response: Response) -> Result<Response, OfficeError> {
    office
        .blocking(move |office| {
            let access: Access = codec::decode("access", &response.leaf).map_err(internal)?;
            let (transaction, carrier) = carried(office, access)?;
            match office.vault.resubmit_response(&response, &transaction, &carrier).map_err(internal)? {
                Carried::Changed => Ok(Response { transaction, ..response }),
                Carried::Other(other) => Ok(other),
                Carried::Absent => Err(OfficeError::Pending { retry_after_ms: limits::RETRY_AFTER_MS }),
            }
        })
        .await
}

/// Releases the sealed bytes of an allowed reading within its lifetime; a refusal with its receipt, and nothing else.
async fn finish(office: &Arc<Office>, response: Response, decided: Decided) -> Result<Reading, OfficeError> {
    office
        .blocking(move |office| {
            let height = decided.0.location.height;
            let id =
                codec::decode::<Transaction>("transaction", &response.transaction).map_err(internal)?.id(office.suite);
            let outcome = decided::outcome(office, id, &decided)?;
            let expires = lifetime(office, &decided)?;
            if response.expires.is_none() {
                office.vault.finish_response(&response.officer, &response.request, expires).map_err(internal)?;
            }
            if outcome.decision.effect == Effect::Deny {
                let refused = Refused { decision: outcome.decision, height, receipt: outcome.receipt };
                return Err(OfficeError::Refused(Box::new(refused)));
            }
            if office.tip().time >= expires {
                return Err(OfficeError::Gone);
            }
            let found = found(&response)?;
            Ok(Reading { height, sealed: response.sealed, receipt: outcome.receipt, decision: outcome.decision, found })
        })
        .await
}

/// When the release of a reading ends: by the parameter in force in the block of its access, whatever was voted since.
pub(crate) fn lifetime(office: &Office, decided: &Decided) -> Result<Time, OfficeError> {
    let parameters = office.projection.parameters_at(decided.0.location.height).map_err(internal)?.value;
    Ok(decided.0.time.plus_millis(parameters.noun.release_lifetime_ms))
}

/// Whether the key named a record: a reading that found nothing is listed under the resource itself.
fn found(response: &Response) -> Result<bool, OfficeError> {
    let access: Access = codec::decode("access", &response.leaf).map_err(internal)?;
    Ok(access.lists.iter().any(|list| matches!(list, ListKey::Record { .. })))
}
