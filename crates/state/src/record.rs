//! Record 记录: create, update and delete rows as commitments, in batches (PROTOCOL 18, 19).
//!
//! A batch is one action: write `i` of its receipt belongs to operation `i`, and one bad operation refuses the whole. Later
//! operations of a batch see earlier ones, so a record may be created, changed and deleted in one batch. The slot keeps
//! the head of a chain over all operations: a record's history is provably complete. A deleted record stays deleted; what
//! returns under the same name is a new record.

use gongxin_types::receipt::Event;
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::{ActionCode, RecordBatch, RecordOp, Refusal};

use crate::key;
use crate::policy::{Context, DataFacts, ResourceFacts, ResourceKind};
use crate::resource::published;
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn write(scene: &mut Scene<'_>, batch: &RecordBatch) -> Judged {
    let count = Count::of(batch);
    ensure(!batch.operations.is_empty(), Refusal::Malformed)?;
    for commitment in batch.operations.iter().filter_map(RecordOp::commitment) {
        scene.known_digest(&commitment)?;
    }
    scene.known_basis(&batch.legal_basis)?;
    let resource = published(scene, &batch.resource)?;
    let owner = scene.facts_of(&batch.resource.organization)?;
    let facts = ResourceFacts::data(ResourceKind::Record, owner, DataFacts::from(&*resource));
    for action in count.kinds() {
        let context = Context { legal_basis: Some(batch.legal_basis.clone()), ..scene.at_now() };
        scene.permit(action, facts.clone(), context)?;
    }
    scene.own(&batch.resource.organization)?;
    let (Some(first), suite) = (batch.operations.first(), scene.block.suite) else {
        return Ok(());
    };
    let mut entry = HistoryEntry {
        version: 0,
        operation: first.clone(),
        legal_basis: batch.legal_basis.clone(),
        effective: batch.effective,
    };
    for operation in &batch.operations {
        let key = key::record(&batch.resource, &operation.record());
        let before: Option<RecordSlot> = scene.view.slot(&key)?;
        let (version, head) = match before {
            None => (0, HistoryEntry::origin(suite)),
            Some(ref slot) => (slot.version, slot.history),
        };
        expected(operation, before.as_ref())?;
        entry.version = version.checked_add(1).ok_or(Refusal::Malformed)?;
        entry.operation = operation.clone();
        let after = RecordSlot {
            version: entry.version,
            commitment: operation.commitment(),
            history: entry.chain(suite, &head),
        };
        scene.view.put_slot(key, &after)?;
    }
    scene.emit(Event::RecordsWritten { created: count.created, updated: count.updated, deleted: count.deleted });
    Ok(())
}

/// Refuses an operation on a record that is not as the operation expects it.
fn expected(operation: &RecordOp, before: Option<&RecordSlot>) -> Judged {
    match operation {
        RecordOp::Create { .. } => ensure(before.is_none(), Refusal::AlreadyExists),
        RecordOp::Update { expected_version, .. } | RecordOp::Delete { expected_version, .. } => {
            let living = before.filter(|slot| slot.commitment.is_some()).ok_or(Refusal::UnknownRecord)?;
            ensure(living.version == *expected_version, Refusal::VersionMismatch)
        }
    }
}

/// How many operations of each kind there are.
#[derive(Default)]
struct Count {
    created: u32,
    updated: u32,
    deleted: u32,
}

impl Count {
    fn of(batch: &RecordBatch) -> Self {
        let mut count = Self::default();
        for operation in &batch.operations {
            let kind = match operation {
                RecordOp::Create { .. } => &mut count.created,
                RecordOp::Update { .. } => &mut count.updated,
                RecordOp::Delete { .. } => &mut count.deleted,
            };
            *kind = kind.saturating_add(1);
        }
        count
    }

    /// The kinds there are, in the order of the rules' requests.
    fn kinds(&self) -> impl Iterator<Item = ActionCode> + use<> {
        let kinds = [
            (self.created, ActionCode::RecordCreate),
            (self.updated, ActionCode::RecordUpdate),
            (self.deleted, ActionCode::RecordDelete),
        ];
        kinds.into_iter().filter(|(count, _)| *count > 0).map(|(_, action)| action)
    }
}
