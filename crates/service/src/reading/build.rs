//! Building the response: the one place of the platform that opens a body.
//!
//! Every body is checked against the commitment on the ledger before it is shown; what differs is refused as a
//! divergence, and nothing of it is shown. What is built is sealed to the reader before this module returns it.

use gongxin_crypto::{Digest, PublicKey, random, seal};
use gongxin_projection::HistoryLine;
use gongxin_types::{
    AccessRequest, Height, List, ListKey, RecordId, Refusal,
    access::SealedPart,
    codec,
    limits::ACCESS_LISTS_MAX,
    response::{AccessResponse, FieldDisclosure, RecordDisclosure, SEALING_INFO, VersionDisclosure},
    row,
};
use gongxin_vault::{StoredBody, VaultError};

use super::examine::{Examined, Readable};
use crate::limits;
use crate::office::{Office, internal};
use crate::port::OfficeError;

/// A response that nobody has seen.
pub(crate) struct Built {
    /// The officer's key.
    pub(crate) officer_key: PublicKey,
    /// Sealed to the reader, or why there is nothing.
    pub(crate) answer: Result<Digest, Refusal>,
    /// The sealed bytes; empty for a refusal.
    pub(crate) sealed: Vec<u8>,
    /// Where the reading is listed.
    pub(crate) lists: Vec<ListKey>,
    /// Case and fields, kept from the ledger.
    pub(crate) sealed_part: SealedPart,
}

/// Builds and seals what the examined request may see.
pub(crate) fn build(office: &Office, request: &AccessRequest, examined: Examined) -> Result<Built, OfficeError> {
    let sealed_part = SealedPart {
        salt: random::array_of(&*office.randomness).map_err(internal)?,
        case: request.case.clone(),
        fields: request.fields.clone(),
    };
    let nothing = vec![ListKey::of_resource(office.suite, &request.resource)];
    let refused = |refusal| Built {
        officer_key: examined.key,
        answer: Err(refusal),
        sealed: Vec::new(),
        lists: nothing.clone(),
        sealed_part: sealed_part.clone(),
    };
    let readable = match &examined.verdict {
        Ok(readable) => readable,
        Err(refusal) => return Ok(refused(*refusal)),
    };
    let height = office.tip().height;
    let records = match open(office, request, readable, height)? {
        Ok(records) => records,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let lists = listed(&records).unwrap_or_else(|| nothing.clone());
    let plain = answer(office, request, height, records);
    // What is too large or too many to release depends on the register, and is refused on the ledger like anything else.
    if plain.len() > limits::RESPONSE_BYTES_MAX || lists.len() > ACCESS_LISTS_MAX {
        return Ok(refused(Refusal::RefusedByOwner));
    }
    let context = AccessResponse::sealing_context(&request.digest(office.suite));
    let sealed = seal::seal_of(&*office.randomness, &request.sealing_key, SEALING_INFO, &context, &plain);
    let sealed = sealed.map_err(internal)?;
    Ok(Built {
        officer_key: examined.key,
        answer: Ok(AccessResponse::sealed_digest(office.suite, &sealed)),
        sealed,
        lists,
        sealed_part,
    })
}

/// The record of a key that lives at this height, or every life of it where history was asked for. What the copy of the
/// ledger has beyond is left out: the vault may not have heard of it yet.
fn open(
    office: &Office,
    request: &AccessRequest,
    readable: &Readable,
    height: Height,
) -> Result<Result<Vec<RecordDisclosure>, Refusal>, OfficeError> {
    let key: Vec<String> = request.key.iter().map(ToString::to_string).collect();
    let lives = office.vault.records_by_key(&request.resource, &key).map_err(internal)?;
    let mut records = Vec::new();
    let mut versions = 0_usize;
    for record in lives {
        let mut lines = office.projection.history(&request.resource, &record).map_err(internal)?.value;
        lines.retain(|line| line.operation.action.height() <= height);
        let shown = if request.history { lines.as_slice() } else { latest(&lines) };
        versions = versions.saturating_add(shown.len());
        if versions > limits::HISTORY_VERSIONS_MAX {
            // Even "too many" depends on the register: it is refused on the ledger like anything else.
            return Ok(Err(Refusal::RefusedByOwner));
        }
        match disclose(office, request, readable, record, shown)? {
            Ok(disclosure) if !disclosure.versions.is_empty() => records.push(disclosure),
            Ok(_) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Ok(records))
}

/// The latest version, unless it is a deletion.
fn latest(lines: &[HistoryLine]) -> &[HistoryLine] {
    match lines.split_last() {
        Some((last, before)) if last.entry.operation.commitment().is_some() => {
            lines.get(before.len()..).unwrap_or_default()
        }
        _ => &[],
    }
}

fn disclose(
    office: &Office,
    request: &AccessRequest,
    readable: &Readable,
    record: RecordId,
    lines: &[HistoryLine],
) -> Result<Result<RecordDisclosure, Refusal>, OfficeError> {
    let mut versions = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(commitment) = line.entry.operation.commitment() else {
            versions.push(VersionDisclosure { entry: line.entry.clone(), row: None, fields: List::empty() });
            continue;
        };
        let body = match office.vault.body(&readable.resource.id, &record, line.entry.version) {
            Ok(Some(body)) => body,
            // The ledger has it and we have not, or what we have was altered: either way it is not what was committed to.
            Ok(None) | Err(VaultError::Damaged { .. }) => {
                return Ok(Err(divergence(request)));
            }
            Err(VaultError::Erased { .. }) => return Ok(Err(Refusal::RefusedByOwner)),
            Err(error) => return Err(internal(error)),
        };
        if body.row.commitment(office.suite, &body.salt, &readable.resource) != commitment {
            return Ok(Err(divergence(request)));
        }
        versions.push(show(office, readable, line, &body)?);
    }
    Ok(Ok(RecordDisclosure { record, versions }))
}

/// What the vault has is not what was committed to. The log names the request, which is random, and no record: who may know
/// finds the access under it.
fn divergence(request: &AccessRequest) -> Refusal {
    tracing::error!(request = %request.request_id, "a record differs from the ledger's commitment and is not served");
    Refusal::Divergence
}

/// The granted fields with their salts; of the others the leaf hash alone.
fn show(
    office: &Office,
    readable: &Readable,
    line: &HistoryLine,
    body: &StoredBody,
) -> Result<VersionDisclosure, OfficeError> {
    let suite = office.suite;
    let columns = body.row.0.iter().zip(&readable.resource.fields);
    let fields = columns.map(|(value, field)| {
        let salt = row::field_salt(suite, &body.salt, &field.name);
        if readable.fields.contains(&field.name) {
            FieldDisclosure::Shown { salt, name: field.name.clone(), value: value.clone() }
        } else {
            FieldDisclosure::Hidden(row::field_hash(suite, &salt, &field.name, value))
        }
    });
    let fields = List::new(fields.collect()).map_err(internal)?;
    Ok(VersionDisclosure { entry: line.entry.clone(), row: Some(body.row.digest(suite, &body.salt)), fields })
}

/// Every record that is shown, ascending; none where nothing was found.
fn listed(records: &[RecordDisclosure]) -> Option<Vec<ListKey>> {
    let mut lists: Vec<ListKey> = records.iter().map(|shown| ListKey::Record { record: shown.record }).collect();
    lists.sort_unstable();
    (!lists.is_empty()).then_some(lists)
}

/// The response in canonical bytes, before it is sealed.
fn answer(office: &Office, request: &AccessRequest, height: Height, records: Vec<RecordDisclosure>) -> Vec<u8> {
    let request_digest = request.digest(office.suite);
    codec::encode(&AccessResponse { version: 1, request_id: request.request_id, request_digest, height, records })
}
