//! The access leaf: what the ledger keeps of the reading, signed by this gateway.

use gongxin_crypto::Signature;
use gongxin_types::{Access, AccessOutcome, AccessRequest, List};

use super::build::Built;
use crate::office::{Office, internal};
use crate::port::OfficeError;

/// The leaf for what was built.
pub(crate) fn sign(
    office: &Office,
    request: &AccessRequest,
    officer_signature: &Signature,
    built: &Built,
) -> Result<Access, OfficeError> {
    let outcome = match built.answer {
        Ok(response_digest) => AccessOutcome::Answered { response_digest },
        Err(refusal) => AccessOutcome::Refused { refusal },
    };
    let mut access = Access {
        request_id: request.request_id,
        resource: request.resource.clone(),
        authority: request.authority.clone(),
        reader: request.reader.clone(),
        officer: request.officer,
        officer_key: built.officer_key,
        purpose: request.purpose.clone(),
        legal_basis: request.legal_basis.clone(),
        lists: List::new(built.lists.clone()).map_err(internal)?,
        request_digest: request.digest(office.suite),
        outcome,
        sealed_digest: built.sealed_part.digest(office.suite),
        gateway: office.gateway,
        gateway_key: office.key.public(),
        officer_signature: *officer_signature,
        // Replaced below: the message is over everything but this.
        gateway_signature: *officer_signature,
    };
    access.gateway_signature = office.key.sign(&access.gateway_message(&office.network));
    Ok(access)
}
