//! Early examination of a request: quick and explained, by this gateway's own copy of the ledger. What it refuses goes on
//! the ledger all the same; what it lets pass is decided again there.

use gongxin_crypto::{PublicKey, Signature};
use gongxin_types::{AccessAuthority, AccessRequest, FieldName, Refusal, Resource};

use crate::office::{Office, internal};
use crate::port::OfficeError;

/// A request that is the officer's own.
pub(crate) struct Examined {
    /// The officer's key that signed the claim.
    pub(crate) key: PublicKey,
    /// What may be read, or why nothing may.
    pub(crate) verdict: Result<Readable, Refusal>,
}

/// What may be read.
pub(crate) struct Readable {
    /// The resource as catalogued.
    pub(crate) resource: Resource,
    /// The fields to show, ascending.
    pub(crate) fields: Vec<FieldName>,
}

/// Checks signature, resource, authority and fields.
pub(crate) fn examine(
    office: &Office,
    request: &AccessRequest,
    signature: &Signature,
) -> Result<Examined, OfficeError> {
    let key = signing_key(office, request, signature)?;
    let Some(known) = office.projection.resource(&request.resource).map_err(internal)?.value else {
        return Ok(Examined { key, verdict: Err(Refusal::UnknownResource) });
    };
    let resource = known.noun;
    let verdict = allowed(office, request, &resource)?.map(|()| Readable { resource, fields: request.fields.to_vec() });
    Ok(Examined { key, verdict })
}

/// The officer's key under which the claim verifies, valid now.
fn signing_key(office: &Office, request: &AccessRequest, signature: &Signature) -> Result<PublicKey, OfficeError> {
    let officer = office.projection.officer(&request.officer).map_err(internal)?.value;
    let time = office.tip().time;
    let message = request.claim(office.suite).message();
    let keys = officer.iter().flat_map(|known| known.noun.keys.iter());
    keys.filter(|key| key.is_valid_at(time))
        .map(|key| key.key)
        .find(|key| office.suite.verify(key, &message, signature).is_ok())
        .ok_or(OfficeError::ClaimSignature)
}

fn allowed(office: &Office, request: &AccessRequest, resource: &Resource) -> Result<Result<(), Refusal>, OfficeError> {
    if resource.withdrawn.is_some() {
        return Ok(Err(Refusal::UnknownResource));
    }
    if request.fields.is_empty() || request.fields.iter().any(|name| resource.field(name).is_none()) {
        return Ok(Err(Refusal::FieldsOutsideGrant));
    }
    if request.key.len() != resource.key_fields().count() {
        return Err(OfficeError::Invalid {
            reason: format!("`{}` is named by {} key columns", resource.id, resource.key_fields().count()),
        });
    }
    match &request.authority {
        AccessAuthority::Grant { grant } => granted(office, request, grant),
        AccessAuthority::Duty { duty } => {
            let own = request.reader == office.organization && duty.organization == office.organization;
            let known = office.projection.duty(duty).map_err(internal)?.value;
            let held = known.is_some_and(|known| known.noun.withdrawn.is_none());
            Ok(if own && held { Ok(()) } else { Err(Refusal::GrantMismatch) })
        }
    }
}

fn granted(
    office: &Office,
    request: &AccessRequest,
    id: &gongxin_types::GrantId,
) -> Result<Result<(), Refusal>, OfficeError> {
    let Some(known) = office.projection.grant(id).map_err(internal)?.value else {
        return Ok(Err(Refusal::GrantMismatch));
    };
    let grant = known.noun;
    let fits = grant.resource == request.resource
        && grant.reader == request.reader
        && grant.purpose == request.purpose
        && grant.legal_basis == request.legal_basis;
    Ok(if !fits {
        Err(Refusal::GrantMismatch)
    } else if grant.revoked.is_some() {
        Err(Refusal::GrantRevoked)
    } else if grant.until <= office.tip().time {
        Err(Refusal::GrantExpired)
    } else if request.fields.iter().any(|field| !grant.fields.contains(field)) {
        Err(Refusal::FieldsOutsideGrant)
    } else {
        Ok(())
    })
}
