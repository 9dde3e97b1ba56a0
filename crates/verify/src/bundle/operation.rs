//! One operation of a batch: that it is in the batch its leaf names, and what it left in the state.
//!
//! Where the state keeps a record, and in which bytes, is rebuilt here from its specification (docs/spec/receipt.md,
//! section 8): so a receipt shows the version that the operation made, not merely that something was written.

use gongxin_crypto::{Suite, merkle};
use gongxin_types::bundle::{Encoded, Path};
use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::record::{BatchHead, HistoryEntry, RecordSlot};
use gongxin_types::{ActionCode, ActionReceipt, Effect, RecordOp, Write, codec};

use super::check_inclusion;
use super::subject::{decode, same};
use crate::{Report, TrustedNetwork};

/// Number of the kind "record" among the keys of the state.
const RECORD_KIND: u8 = 6;

/// What a receipt shows of an operation.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) batch: &'a Encoded,
    pub(super) operation: &'a Encoded,
    pub(super) operation_path: &'a Path,
    pub(super) write: &'a Option<Encoded>,
    pub(super) write_path: &'a Option<Path>,
}

impl Shown<'_> {
    /// Adds the steps `action`, `operation` and `write`.
    pub(super) fn check(self, report: &mut Report, leaf: Result<&ActionReceipt, String>, network: &TrustedNetwork) {
        let head = leaf.clone().and_then(|leaf| self.batch(leaf, network.suite));
        report.push("action", head.as_ref().map(describe_batch).map_err(String::clone));
        let operation = head.clone().and_then(|head| self.operation(&head, network.suite));
        let described = operation.as_ref().map(|operation| self.describe_operation(operation));
        report.push("operation", described.map_err(String::clone));
        let written = head.and_then(|head| self.written(leaf?, &head, &operation?, network.suite));
        report.push("write", written);
    }

    fn batch(self, leaf: &ActionReceipt, suite: Suite) -> Result<BatchHead, String> {
        if leaf.action != ActionCode::RecordWrite {
            return Err(format!("the leaf tells of `{}`, not of a batch of records", leaf.action.code()));
        }
        let head: BatchHead = decode("batch head", self.batch)?;
        same("batch", &suite.tagged("gongxin-batch-1", &[&self.batch.0]), &leaf.action_digest)?;
        Ok(head)
    }

    fn operation(self, head: &BatchHead, suite: Suite) -> Result<RecordOp, String> {
        let operation: RecordOp = decode("operation", self.operation)?;
        let path = self.operation_path;
        if path.size != u64::from(head.count) {
            return Err(format!("the path is of a tree of {} entries, the batch has {}", path.size, head.count));
        }
        check_inclusion(suite, &merkle::leaf_hash(suite, &self.operation.0), path, &head.operations_root)?;
        Ok(operation)
    }

    fn describe_operation(self, operation: &RecordOp) -> String {
        let verb = match operation {
            RecordOp::Create { .. } => "create".to_owned(),
            RecordOp::Update { expected_version, .. } => format!("update version {expected_version} of"),
            RecordOp::Delete { expected_version, .. } => format!("delete version {expected_version} of"),
        };
        let Path { index, size, .. } = self.operation_path;
        format!("operation {} of {size} is: {verb} record `{}`", index.saturating_add(1), operation.record())
    }

    fn written(
        self,
        leaf: &ActionReceipt,
        head: &BatchHead,
        operation: &RecordOp,
        suite: Suite,
    ) -> Result<String, String> {
        match (self.write, self.write_path, leaf.decision.effect) {
            (None, None, Effect::Deny) => Ok("the batch was denied: it wrote nothing".into()),
            (_, _, Effect::Deny) => Err("the batch was denied, but the receipt shows a write".into()),
            (Some(write), Some(path), Effect::Allow) => {
                self.included(write, path, leaf, suite)?;
                let slot = slot_of(&decode("write", write)?, head, operation)?;
                check_slot(&slot, head, operation, suite)
            }
            (_, _, Effect::Allow) => {
                Err("the batch was allowed, but the receipt does not show the write and its path".into())
            }
        }
    }

    fn included(self, write: &Encoded, path: &Path, leaf: &ActionReceipt, suite: Suite) -> Result<(), String> {
        if path.index != self.operation_path.index || path.size != u64::from(leaf.writes) {
            return Err("the write is not that of this operation".into());
        }
        check_inclusion(suite, &merkle::leaf_hash(suite, &write.0), path, &leaf.writes_root)
    }
}

fn describe_batch(head: &BatchHead) -> String {
    let BatchHead { resource, legal_basis, effective, count, .. } = head;
    format!(
        "the batch has the digest that the leaf names: {count} operations on `{resource}`, effective {effective}, on the \
         basis `{legal_basis}`"
    )
}

/// What the state keeps of the record after the write.
fn slot_of(write: &Write, head: &BatchHead, operation: &RecordOp) -> Result<RecordSlot, String> {
    let name = codec::encode(&(RECORD_KIND, &head.resource, operation.record(), 0_u32));
    let key = Suite::Intl.tagged("gongxin-key-1", &[&name]);
    let Key { table, key: written } = &write.key;
    if *table != Table::Objects || written.as_slice() != key.as_bytes() {
        return Err("the write is to another place than that of the record".into());
    }
    let Some(Page(page)) = &write.page else {
        return Err("the write left nothing where the record should be".into());
    };
    let ([low, high, rest @ ..], torn) = (page, || "the write does not hold a record".to_owned());
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let (slot, behind) = rest.split_at_checked(length).ok_or_else(torn)?;
    if behind.iter().any(|byte| *byte != 0) {
        return Err(torn());
    }
    codec::decode("record slot", slot).map_err(|_| torn())
}

fn check_slot(slot: &RecordSlot, head: &BatchHead, operation: &RecordOp, suite: Suite) -> Result<String, String> {
    let before = match operation {
        RecordOp::Create { .. } => 0,
        RecordOp::Update { expected_version, .. } | RecordOp::Delete { expected_version, .. } => *expected_version,
    };
    if slot.version.checked_sub(1) != Some(before) || slot.commitment != operation.commitment() {
        return Err("the write holds another version or commitment than the operation makes".into());
    }
    // The ledger refuses such a commitment; that operation and slot agree on it makes it no digest of this suite.
    if let Some(commitment) = &slot.commitment {
        suite.check_digest(commitment).map_err(|error| format!("the commitment: {error}"))?;
    }
    if before == 0 {
        let entry = HistoryEntry {
            version: slot.version,
            operation: operation.clone(),
            legal_basis: head.legal_basis.clone(),
            effective: head.effective,
        };
        if slot.history != entry.chain(suite, &HistoryEntry::origin(suite)) {
            return Err("the write holds another history than that of a new record".into());
        }
    }
    let end = if slot.commitment.is_some() { "with this commitment" } else { "which ends the record" };
    Ok(format!("it made version {} of the record, {end}; its history has the head `{}`", slot.version, slot.history))
}
