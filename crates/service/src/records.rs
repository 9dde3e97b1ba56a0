//! Writing one's own records: bodies are durable in the vault before the commitment is submitted, and nothing is kept there
//! for a transaction that no validator could take.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use gongxin_types::{
    Action, RecordId, RecordOp, Resource, Transaction,
    row::{Row, Salt},
};
use gongxin_vault::{NewBody, Staging, key_of};

use crate::office::{Office, internal};
use crate::port::{OfficeError, RecordBody, Submission, Wait};
use crate::{decided, sender, submit, unique};

/// Checks, stages, submits, and waits if asked to.
pub(crate) async fn write(
    office: &Arc<Office>,
    bytes: Vec<u8>,
    bodies: Vec<RecordBody>,
    wait: Wait,
) -> Result<Submission, OfficeError> {
    let transaction = submit::read(&bytes)?;
    let id = transaction.id(office.suite);
    let valid_until = transaction.body.valid_until;
    let staged = bytes.clone();
    let done = office.blocking(move |office| stage(office, &transaction, staged, bodies)).await?;
    if let Some(done) = done {
        return Ok(done);
    }
    submit::hand_over(office, bytes.clone()).await?;
    submit::settled(office, id, valid_until, wait, &bytes).await
}

/// Puts rows into the vault that only wait for their transaction; what became of it, where that is known already.
fn stage(
    office: &Office,
    transaction: &Transaction,
    bytes: Vec<u8>,
    bodies: Vec<RecordBody>,
) -> Result<Option<Submission>, OfficeError> {
    let (id, valid_until) = (transaction.id(office.suite), transaction.body.valid_until);
    // The tip is read before the search: what is not found at a time beyond its term is in no block.
    let time = office.tip().time;
    if let Some(decided) = decided::find(office, id)? {
        return decided::outcome(office, id, &decided).map(|outcome| Some(Submission::Final(outcome)));
    }
    if valid_until <= time {
        return Ok(Some(Submission::Expired(id)));
    }
    sender::check(office, transaction)?;
    let bodies = check(office, transaction, bodies)?;
    let one_at_a_time = office.writing.lock().unwrap_or_else(PoisonError::into_inner);
    unique::check(office, transaction, &bodies)?;
    office.vault.stage(&Staging { transaction: id, valid_until, bytes, bodies }).map_err(internal)?;
    drop(one_at_a_time);
    Ok(None)
}

/// Pairs every operation that commits to a row with its body, and checks that it does.
fn check(office: &Office, transaction: &Transaction, bodies: Vec<RecordBody>) -> Result<Vec<NewBody>, OfficeError> {
    let mut given: BTreeMap<(RecordId, u32), RecordBody> = BTreeMap::new();
    for body in bodies {
        if given.insert((body.record, body.version), body).is_some() {
            return Err(invalid("the same version of a record is given twice"));
        }
    }
    let mut paired = Vec::new();
    for (action, place) in transaction.body.actions.iter().zip(0_u16..) {
        let Action::WriteRecords(batch) = action else {
            return Err(invalid("only batches of records are written here; other acts go to `/api/v1/transactions`"));
        };
        let resource = own_resource(office, &batch.resource)?;
        for (operation, index) in batch.operations.iter().zip(0_u32..) {
            let Some(version) = version_made(operation) else {
                continue;
            };
            let body = given
                .remove(&(operation.record(), version))
                .ok_or_else(|| invalid(format!("no body for version {version} of record `{}`", operation.record())))?;
            let place = Place { action: place, operation: index, version };
            paired.push(committed(office, &resource, operation, body, place)?);
        }
    }
    match given.keys().next() {
        Some((record, version)) => Err(invalid(format!("no operation makes version {version} of record `{record}`"))),
        None => Ok(paired),
    }
}

#[derive(Clone, Copy)]
struct Place {
    action: u16,
    operation: u32,
    version: u32,
}

/// The version an operation makes, where it has a row.
fn version_made(operation: &RecordOp) -> Option<u32> {
    match operation {
        RecordOp::Create { .. } => Some(1),
        RecordOp::Update { expected_version, .. } => Some(expected_version.saturating_add(1)),
        RecordOp::Delete { .. } => None,
    }
}

fn own_resource(office: &Office, id: &gongxin_types::ResourceId) -> Result<Resource, OfficeError> {
    if id.organization != office.organization {
        return Err(OfficeError::NotServedHere { resource: id.clone() });
    }
    let known = office.projection.resource(id).map_err(internal)?;
    known.value.map(|known| known.noun).ok_or_else(|| invalid(format!("resource `{id}` is not in the catalogue")))
}

fn committed(
    office: &Office,
    resource: &Resource,
    operation: &RecordOp,
    body: RecordBody,
    place: Place,
) -> Result<NewBody, OfficeError> {
    let row = Row::from_json(&body.row, resource)
        .map_err(|error| invalid(format!("version {} of record `{}`: {error}", place.version, operation.record())))?;
    let salt: Salt = body.salt;
    if Some(row.commitment(office.suite, &salt, resource)) != operation.commitment() {
        return Err(invalid(format!(
            "version {} of record `{}` does not hash to its commitment",
            place.version,
            operation.record()
        )));
    }
    Ok(NewBody {
        action: place.action,
        operation: place.operation,
        resource: resource.id.clone(),
        record: operation.record(),
        version: place.version,
        key: key_of(resource, &row),
        salt,
        row,
    })
}

fn invalid(reason: impl Into<String>) -> OfficeError {
    OfficeError::Invalid { reason: reason.into() }
}
