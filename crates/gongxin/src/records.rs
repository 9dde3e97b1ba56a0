//! Preparing operations on records: random identifiers and salts, commitments, and the bodies that go with them.

use gongxin_client::wire::Wait;
use gongxin_crypto::{Suite, random};
use gongxin_types::{
    Action, BasisCode, Date, List, RecordBatch, RecordId, RecordOp, Resource, ResourceId, Transaction, codec,
    json as text,
    row::{Row, Salt},
};
use serde_json::{Map, Value, json};

use crate::cli::{Desk, fail, not_final, noun};
use crate::failure::Failure;

/// A row as JSON: `{"field": value, …}`.
pub(crate) type JsonRow = Map<String, Value>;

/// Operations on one resource in the making.
pub(crate) struct Draft {
    suite: Suite,
    resource: Resource,
    operations: Vec<RecordOp>,
    bodies: Vec<Value>,
}

impl Draft {
    /// Nothing yet.
    pub(crate) fn new(suite: Suite, resource: Resource) -> Self {
        Self { suite, resource, operations: Vec::new(), bodies: Vec::new() }
    }

    /// How many operations there are.
    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }

    /// A new record with a random identifier.
    pub(crate) fn create(&mut self, row: JsonRow) -> Result<RecordId, Failure> {
        let record = RecordId::new(random::array().map_err(Failure::usage)?);
        let commitment = self.commit(record, 1, row)?;
        self.operations.push(RecordOp::Create { record, commitment });
        Ok(record)
    }

    /// A further version.
    pub(crate) fn update(&mut self, record: RecordId, expected_version: u32, row: JsonRow) -> Result<(), Failure> {
        let commitment = self.commit(record, expected_version.saturating_add(1), row)?;
        self.operations.push(RecordOp::Update { record, expected_version, commitment });
        Ok(())
    }

    /// The end of a record.
    pub(crate) fn delete(&mut self, record: RecordId, expected_version: u32) {
        self.operations.push(RecordOp::Delete { record, expected_version });
    }

    fn commit(&mut self, record: RecordId, version: u32, row: JsonRow) -> Result<gongxin_crypto::Digest, Failure> {
        let salt = Salt(random::array().map_err(Failure::usage)?);
        let typed = Row::from_json(&row, &self.resource).map_err(Failure::usage)?;
        let commitment = typed.commitment(self.suite, &salt, &self.resource);
        self.bodies.push(json!({ "record": record, "version": version, "salt": salt, "row": row }));
        Ok(commitment)
    }

    /// The batch as an action, and its bodies.
    pub(crate) fn finish(self, legal_basis: BasisCode, effective: Date) -> Result<(Action, Vec<Value>), Failure> {
        let batch = RecordBatch {
            resource: self.resource.id,
            legal_basis,
            effective,
            operations: List::new(self.operations).map_err(Failure::usage)?,
        };
        Ok((Action::WriteRecords(batch), self.bodies))
    }
}

/// The body of `POST /api/v1/records`.
pub(crate) fn call(transaction: &Transaction, bodies: &[Value]) -> Value {
    json!({ "transaction": text::to_base64(&codec::encode(transaction)), "bodies": bodies })
}

/// Hands a call to one's own gateway and waits until it is final.
pub(crate) async fn write(desk: &Desk, call: &Value) -> Result<Value, Failure> {
    let path = format!("/api/v1/records{}", Wait::Final.query());
    let answer: Value = desk.client.post_json(&path, call).await.and_then(|answer| answer.json()).map_err(fail)?;
    match answer.get("height") {
        Some(height) if !height.is_null() => Ok(answer),
        _ => Err(not_final(answer.get("id").unwrap_or(&Value::Null))),
    }
}

/// The catalogue entry of a resource.
pub(crate) async fn catalogued(desk: &Desk, id: &ResourceId) -> Result<Resource, Failure> {
    let document = desk.get(&format!("/api/v1/resources/{id}")).await?;
    noun(document).map_err(|error| Failure::unreachable(format_args!("resource `{id}`: {error}")))
}

/// Signs one transaction after another with the key of a desk: lanes in turn, sequences ascending.
pub(crate) struct Signer<'a> {
    desk: &'a Desk,
    valid_until: gongxin_types::Time,
    first: u64,
    signed: u64,
}

impl<'a> Signer<'a> {
    /// Transactions valid until then.
    pub(crate) fn new(desk: &'a Desk, valid_until: gongxin_types::Time) -> Result<Self, Failure> {
        Ok(Self { desk, valid_until, first: crate::cli::sequence()?, signed: 0 })
    }

    /// The next one.
    pub(crate) fn sign(&mut self, actions: Vec<Action>) -> Result<Transaction, Failure> {
        let lanes = u64::from(gongxin_types::limits::LANES_MAX);
        let lane = u16::try_from(self.signed % lanes).map_err(Failure::usage)?;
        let sequence = self.first.saturating_add(self.signed / lanes);
        self.signed = self.signed.saturating_add(1);
        self.desk.sign_as(actions, self.valid_until, lane, sequence)
    }
}
