//! The reader's side of a reading: ask the owner's gateway, open what is proven, compare it with one's own copy.
//!
//! What proves an answer is checked by [`gongxin_client::reading`]. The versions shown are then compared with the history
//! that the reader's own gateway has verified, as far as it has come: an owner cannot show a version that was never final,
//! or hide one of a record that it shows. That there is no further record with this key is the owner's word, under its
//! signature: keys are on no ledger.

use std::time::Duration;

use gongxin_client::reading::{self, Opened};
use gongxin_client::{ClientError, GatewayClient};
use gongxin_crypto::{SealingSecret, random};
use gongxin_types::{
    AccessAuthority, AccessRequest, BasisCode, FieldName, Height, List, PurposeCode, RecordId, RequestId, ResourceId,
    Slug,
    access::KeyText,
    bundle::Encoded,
    record::HistoryEntry,
    response::{FieldDisclosure, VersionDisclosure},
};
use serde_json::{Map, Value, json};

use crate::cli::{Desk, fail};
use crate::failure::Failure;

/// How often the reader's own gateway is asked whether it has come as far as the owner's.
const COMPARED_AFTER: usize = 20;
/// Pause in between: a block takes some 50 ms.
const COMPARED_EVERY: Duration = Duration::from_millis(50);
/// Lines of a history in one page.
const PAGE_LINES: usize = 200;

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
    /// What the receipt proves.
    pub(crate) opened: Opened,
    /// Whether the reader's own gateway knows the same versions; not, where it had not come so far or did not answer.
    pub(crate) compared: bool,
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
    let (sealed, receipt) = match owner.access(&request, signature).await {
        Ok(answer) => (answer.sealed, answer.receipt),
        // Nothing was found: that answer is sealed and proven like any other.
        Err(ClientError::Refused(problem)) if problem.status == 404 && problem.sealed.is_some() => {
            let problem = *problem;
            (problem.sealed.unwrap_or(Encoded(Vec::new())), problem.receipt.unwrap_or_default())
        }
        Err(error) => return Err(fail(error)),
    };
    let opened = reading::open(&desk.network_file, &request, &secret, &sealed.0, &receipt).map_err(not_shown)?;
    let compared = compare(desk, &request, &opened).await?;
    Ok(Answer { opened, compared, receipt })
}

/// Compares every record shown with the reader's own gateway; whether all of them could be compared.
async fn compare(desk: &Desk, request: &AccessRequest, opened: &Opened) -> Result<bool, Failure> {
    let resource = crate::records::catalogued(desk, &request.resource).await?;
    if !opened.answers(request, &resource) {
        return Err(not_shown("it is of another key than was asked for"));
    }
    let mut all = true;
    for shown in &opened.records {
        match known(desk, &request.resource, shown.record, opened.as_of).await {
            Some(lines) if opened.agrees(shown, &lines, request.history) => {}
            Some(_) => return Err(not_shown("your own gateway knows other versions of the record at that block")),
            None => all = false,
        }
    }
    // Where nothing is shown there is nothing to compare: the ledger knows no keys.
    Ok(all && !opened.records.is_empty())
}

/// The history of a record as one's own gateway has verified it, once it has come to this height.
async fn known(
    desk: &Desk,
    resource: &ResourceId,
    record: RecordId,
    height: Height,
) -> Option<Vec<(HistoryEntry, Height)>> {
    for _ in 0..COMPARED_AFTER {
        match history(desk, resource, record).await {
            Some((lines, tip)) if tip >= height => return Some(lines),
            Some(_) => tokio::time::sleep(COMPARED_EVERY).await,
            None => return None,
        }
    }
    None
}

/// Every line of a history, and how far the gateway had come when it began to tell them.
async fn history(
    desk: &Desk,
    resource: &ResourceId,
    record: RecordId,
) -> Option<(Vec<(HistoryEntry, Height)>, Height)> {
    let (mut lines, mut tip, mut cursor) = (Vec::new(), None, String::new());
    loop {
        let path = format!("/api/v1/records/{resource}/{record}/history?limit={PAGE_LINES}{cursor}");
        let page = desk.get(&path).await.ok()?;
        tip = tip.or_else(|| page.get("height").and_then(Value::as_u64).map(Height::new));
        for item in page.get("items")?.as_array()? {
            let mut item = item.clone();
            let place = item.as_object_mut()?.remove("place")?;
            let height = place.get("height").and_then(Value::as_u64).map(Height::new)?;
            lines.push((serde_json::from_value(item).ok()?, height));
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return tip.map(|tip| (lines, tip)),
        }
    }
}

fn not_shown(reason: impl std::fmt::Display) -> Failure {
    Failure::refused(format_args!("the answer of the owner's gateway is not shown: {reason}"), None)
}

impl Answer {
    /// `{height, fields, receipt}` of a single record; fields are null where nothing was found.
    pub(crate) fn latest(&self) -> Value {
        let record = self.opened.records.first();
        let version = record.and_then(|record| record.versions.last());
        json!({
            "height": self.opened.height,
            "as_of": self.opened.as_of,
            "compared": self.compared,
            "fields": version.map(shown),
            "record": record.map(|record| record.record),
            "version": version.map(|version| version.entry.version),
            "effective": version.map(|version| version.entry.effective),
            "receipt": self.receipt,
        })
    }

    /// `{height, versions, receipt}`: every life of the key, in order.
    pub(crate) fn history(&self) -> Value {
        let mut versions = Vec::new();
        for (record, life) in self.opened.records.iter().zip(1_u32..) {
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
        json!({
            "height": self.opened.height,
            "as_of": self.opened.as_of,
            "compared": self.compared,
            "versions": versions,
            "receipt": self.receipt,
        })
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
