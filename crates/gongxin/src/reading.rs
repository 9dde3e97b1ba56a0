//! The reader's side of a reading: ask the owner's gateway, verify what comes back, open it.
//!
//! Nothing is shown unless the receipt verifies against the network's public keys, allows this very request, and names
//! the digest of the sealed bytes; and unless every shown field hashes to the commitment of its operation.

use gongxin_client::{ClientError, GatewayClient};
use gongxin_crypto::{SealingSecret, random, seal};
use gongxin_types::{
    AccessAuthority, AccessOutcome, AccessRequest, Action, BasisCode, Effect, FieldName, Height, List, NetworkHead,
    PurposeCode, RequestId, ResourceId, Slug,
    access::KeyText,
    bundle::{Bundle, Encoded, Subject},
    codec,
    response::{AccessResponse, FieldDisclosure, RecordDisclosure, SEALING_INFO, VersionDisclosure},
};
use serde_json::{Map, Value, json};

use crate::cli::{Desk, fail};
use crate::failure::Failure;

/// What to read, and why.
pub(crate) struct Question {
    /// The resource.
    pub(crate) resource: ResourceId,
    /// Its key columns.
    pub(crate) key: Vec<KeyText>,
    /// Which fields.
    pub(crate) fields: Vec<FieldName>,
    /// All versions of all lives.
    pub(crate) history: bool,
    /// For what.
    pub(crate) purpose: PurposeCode,
    /// Under which law.
    pub(crate) legal_basis: BasisCode,
    /// What entitles the reader.
    pub(crate) authority: AccessAuthority,
    /// The reader's case.
    pub(crate) case: Option<Slug>,
}

/// What came back, opened and checked.
pub(crate) struct Answer {
    /// The height at which the access is final.
    pub(crate) height: Height,
    /// What was found; nothing, where nothing was.
    pub(crate) records: Vec<RecordDisclosure>,
    /// The receipt of the access.
    pub(crate) receipt: Value,
}

/// Asks the owner's gateway as the officer of this desk.
pub(crate) async fn ask(desk: &Desk, owner: &GatewayClient, question: Question) -> Result<Answer, Failure> {
    let suite = desk.network.suite;
    let secret = SealingSecret::generate().map_err(Failure::usage)?;
    let mut fields = question.fields;
    fields.sort();
    fields.dedup();
    let request = AccessRequest {
        version: 1,
        network: desk.network.id(),
        request_id: RequestId::new(random::array().map_err(Failure::usage)?),
        salt: random::array().map_err(Failure::usage)?,
        reader: desk.organization.clone(),
        officer: desk.officer,
        resource: question.resource,
        key: List::new(question.key).map_err(Failure::usage)?,
        fields: List::new(fields).map_err(Failure::usage)?,
        history: question.history,
        purpose: question.purpose,
        legal_basis: question.legal_basis,
        authority: question.authority,
        case: question.case,
        sealing_key: secret.public(),
    };
    let signature = desk.key.sign(&request.claim(suite).message());
    let (height, sealed, receipt) = match owner.access(&request, signature).await {
        Ok(answer) => (answer.height, answer.sealed, answer.receipt),
        // Nothing was found: that answer is sealed and proven like any other.
        Err(ClientError::Refused(problem)) if problem.status == 404 && problem.sealed.is_some() => {
            let problem = *problem;
            (
                problem.height.unwrap_or_default(),
                problem.sealed.unwrap_or(Encoded(Vec::new())),
                problem.receipt.unwrap_or_default(),
            )
        }
        Err(error) => return Err(fail(error)),
    };
    check_receipt(&desk.network, &request, &sealed.0, &receipt)?;
    let records = open(&desk.network, &request, &secret, &sealed.0)?;
    Ok(Answer { height, records, receipt })
}

/// Verifies the receipt, and that it speaks of this request and these bytes.
fn check_receipt(
    network: &NetworkHead,
    request: &AccessRequest,
    sealed: &[u8],
    receipt: &Value,
) -> Result<(), Failure> {
    let suite = network.suite;
    let bytes = gongxin_verify::jcs::to_bytes(receipt).map_err(Failure::usage)?;
    let network_file = gongxin_verify::jcs::to_bytes(&gongxin_types::Network::of(network)).map_err(Failure::usage)?;
    let report = gongxin_verify::bundle::verify(&bytes, &network_file);
    if let Some(step) = report.steps.iter().find(|step| !step.ok) {
        return Err(not_shown(format_args!("its receipt does not verify: {}: {}", step.name, step.detail)));
    }
    // The receipt of a refusal verifies too; what it refused is not shown, whatever bytes came with it.
    if report.decision.as_ref().is_none_or(|decision| decision.effect != Effect::Allow) {
        return Err(not_shown("its receipt says that the reading was refused"));
    }
    let bundle: Bundle = serde_json::from_slice(&bytes).map_err(Failure::usage)?;
    let Subject::Action { action } = &bundle.subject else {
        return Err(not_shown("its receipt is of no reading"));
    };
    let Ok(Action::RecordAccess(access)) = codec::decode("action", &action.0) else {
        return Err(not_shown("its receipt is of no reading"));
    };
    let expected = AccessOutcome::Answered { response_digest: AccessResponse::sealed_digest(suite, sealed) };
    let fits = access.request_digest == request.digest(suite) && access.outcome == expected;
    if fits { Ok(()) } else { Err(not_shown("its receipt is of another request or of other bytes")) }
}

fn open(
    network: &NetworkHead,
    request: &AccessRequest,
    secret: &SealingSecret,
    sealed: &[u8],
) -> Result<Vec<RecordDisclosure>, Failure> {
    let digest = request.digest(network.suite);
    let context = AccessResponse::sealing_context(&digest);
    let plain = seal::open(secret, SEALING_INFO, &context, sealed).map_err(not_shown)?;
    let response: AccessResponse = codec::decode("response", &plain).map_err(not_shown)?;
    if response.request_digest != digest {
        return Err(not_shown("it answers another request"));
    }
    for version in response.records.iter().flat_map(|record| &record.versions) {
        version.check(network.suite).map_err(not_shown)?;
    }
    Ok(response.records)
}

fn not_shown(reason: impl std::fmt::Display) -> Failure {
    Failure::refused(format_args!("the answer of the owner's gateway is not shown: {reason}"), None)
}

impl Answer {
    /// `{height, fields, receipt}` of a single record; fields are null where nothing was found.
    pub(crate) fn latest(&self) -> Value {
        let version = self.records.first().and_then(|record| record.versions.last());
        json!({
            "height": self.height,
            "fields": version.map(shown),
            "record": self.records.first().map(|record| record.record),
            "version": version.map(|version| version.entry.version),
            "effective": version.map(|version| version.entry.effective),
            "receipt": self.receipt,
        })
    }

    /// `{height, versions, receipt}`: every life of the key, in order.
    pub(crate) fn history(&self) -> Value {
        let mut versions = Vec::new();
        for (record, life) in self.records.iter().zip(1_u32..) {
            for version in &record.versions {
                versions.push(json!({
                    "life": life,
                    "record": record.record,
                    "version": version.entry.version,
                    "operation": operation(version),
                    "effective": version.entry.effective,
                    "legal_basis": version.entry.legal_basis,
                    "fields": shown(version),
                }));
            }
        }
        json!({ "height": self.height, "versions": versions, "receipt": self.receipt })
    }
}

fn operation(version: &VersionDisclosure) -> &'static str {
    use gongxin_types::RecordOp;
    match version.entry.operation {
        RecordOp::Create { .. } => "create",
        RecordOp::Update { .. } => "update",
        RecordOp::Delete { .. } => "delete",
    }
}

/// The shown fields as a JSON object; null after a deletion.
fn shown(version: &VersionDisclosure) -> Value {
    if version.row.is_none() {
        return Value::Null;
    }
    let mut fields = Map::new();
    for field in &version.fields {
        if let FieldDisclosure::Shown { name, value, .. } = field {
            fields.insert(name.to_string(), value.to_json());
        }
    }
    Value::Object(fields)
}
