//! A reading in tests: what the officer asks and signs, and the leaf the owner's gateway makes of it.

use gongxin_crypto::{Digest, Signature, Suite};
use gongxin_types::access::{AccessOutcome, SealedPart};
use gongxin_types::{Access, AccessAuthority, AccessRequest, ListKey, PublicText, RequestId};

use crate::cast::{Person, bytes, sealing};
use crate::world::{DIVISIONS, list};

/// A request, signed by the reader's officer.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What is asked.
    pub request: AccessRequest,
    /// The officer's key and signature over the claim.
    pub signed: (gongxin_crypto::PublicKey, Signature),
}

impl Reading {
    /// An officer asks for the division with this code. The same label gives the same request.
    pub fn of_division(
        network: Digest,
        suite: Suite,
        officer: &Person,
        authority: AccessAuthority,
        code: &str,
        label: &str,
    ) -> Self {
        let request = AccessRequest {
            version: 1,
            network,
            request_id: RequestId::new(bytes(0, "request", label)),
            salt: bytes(0, "request salt", label),
            reader: officer.organization.clone(),
            officer: officer.officer_id(),
            resource: DIVISIONS.parse().expect("a resource's name"),
            key: list([PublicText::new(code).expect("a key")]),
            fields: list(["code", "name"].map(|name| name.parse().expect("a field's name"))),
            history: false,
            purpose: "case-handling".parse().expect("a purpose"),
            legal_basis: "sharing-regulation-art-20".parse().expect("a legal basis"),
            authority,
            case: None,
            sealing_key: sealing(0, label).public(),
        };
        Self::signed(suite, officer, request)
    }

    /// The officer signs a request.
    pub fn signed(suite: Suite, officer: &Person, request: AccessRequest) -> Self {
        let signature = officer.secret.sign(&request.claim(suite).message());
        Self { signed: (officer.secret.public(), signature), request }
    }

    /// The owner's gateway answers it and lists it under these keys.
    pub fn answered(&self, suite: Suite, gateway: &Person, lists: impl IntoIterator<Item = ListKey>) -> Access {
        let response_digest = suite.tagged("gongxin-test-1", &[b"response", self.request.request_id.as_bytes()]);
        self.concluded(suite, gateway, lists, AccessOutcome::Answered { response_digest })
    }

    /// The leaf with this outcome, signed by the owner's gateway.
    pub fn concluded(
        &self,
        suite: Suite,
        gateway: &Person,
        lists: impl IntoIterator<Item = ListKey>,
        outcome: AccessOutcome,
    ) -> Access {
        let request = &self.request;
        let sealed = SealedPart { salt: request.salt, case: request.case.clone(), fields: request.fields.clone() };
        let mut lists: Vec<ListKey> = lists.into_iter().collect();
        lists.sort_unstable();
        let mut access = Access {
            request_id: request.request_id,
            resource: request.resource.clone(),
            authority: request.authority.clone(),
            reader: request.reader.clone(),
            officer: request.officer,
            officer_key: self.signed.0,
            purpose: request.purpose.clone(),
            legal_basis: request.legal_basis.clone(),
            lists: list(lists),
            request_digest: request.digest(suite),
            outcome,
            sealed_digest: sealed.digest(suite),
            gateway: gateway.gateway_id(),
            gateway_key: gateway.secret.public(),
            officer_signature: self.signed.1,
            gateway_signature: self.signed.1,
        };
        access.gateway_signature = gateway.secret.sign(&access.gateway_message(&request.network));
        access
    }
}
