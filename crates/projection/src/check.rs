//! Check the copy against itself: every history hashes to the head in its slot, every list to its own.

use std::fmt;

use gongxin_crypto::Digest;
use gongxin_types::access::ListSlot;
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::{Access, ListKey, RecordId};

use crate::store::{Snapshot, decode};
use crate::{Answer, Projection, ProjectionError};

/// Something that does not hash to what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A record whose history does not lead to its slot.
    Record {
        /// Its resource.
        resource: String,
        /// The record.
        record: RecordId,
    },
    /// A list whose readings do not lead to its head.
    List {
        /// The list.
        list: ListKey,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { resource, record } => {
                write!(formatter, "the history of record `{record}` of `{resource}` does not lead to its slot")
            }
            Self::List { list: ListKey::Record { record } } => {
                write!(formatter, "the readings of record `{record}` do not lead to the head of their list")
            }
            Self::List { list: ListKey::Resource { digest } } => {
                write!(formatter, "the readings under `{digest}` do not lead to the head of their list")
            }
        }
    }
}

impl Projection {
    /// Recomputes every history and every list of readings; the first finding of each kind of trouble is enough to
    /// rebuild. Reads everything: for tests and for `doctor`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check(&self) -> Result<Answer<Vec<Finding>>, ProjectionError> {
        self.store.read(|snapshot| {
            let mut findings = records(snapshot)?;
            findings.extend(lists(snapshot)?);
            Ok(findings)
        })
    }
}

fn records(snapshot: &Snapshot<'_>) -> Result<Vec<Finding>, ProjectionError> {
    const ACTION: &str = "check records";
    const QUERY: &str = "SELECT resource, record, entry, slot FROM records LEFT JOIN history USING (resource, record)
                         ORDER BY resource, record, version";
    let mut statement = snapshot.database.prepare(QUERY).map_err(ProjectionError::storage(ACTION))?;
    let mut rows = statement.query([]).map_err(ProjectionError::storage(ACTION))?;
    let mut findings = Vec::new();
    let mut current: Option<(String, RecordId, RecordSlot, RecordSlot)> = None;
    while let Some(row) = rows.next().map_err(ProjectionError::storage(ACTION))? {
        let read = || Ok((row.get(0)?, row.get(1).map(RecordId::new)?, row.get(2)?, row.get(3)?));
        let (resource, record, entry, slot): (String, RecordId, Vec<u8>, Vec<u8>) =
            read().map_err(ProjectionError::storage(ACTION))?;
        let same = current.as_ref().is_some_and(|(of, id, ..)| *of == resource && *id == record);
        if !same {
            findings.extend(current.take().and_then(finding));
            let origin = RecordSlot { version: 0, commitment: None, history: HistoryEntry::origin(snapshot.suite) };
            current = Some((resource, record, origin, decode("record slot", &slot)?));
        }
        if let Some((_, _, computed, _)) = &mut current {
            let entry: HistoryEntry = decode("history entry", &entry)?;
            let history = entry.chain(snapshot.suite, &computed.history);
            let version = computed.version.saturating_add(1);
            *computed = RecordSlot { version, commitment: entry.operation.commitment(), history };
        }
    }
    findings.extend(current.and_then(finding));
    Ok(findings)
}

fn finding((resource, record, computed, slot): (String, RecordId, RecordSlot, RecordSlot)) -> Option<Finding> {
    (computed != slot).then_some(Finding::Record { resource, record })
}

fn lists(snapshot: &Snapshot<'_>) -> Result<Vec<Finding>, ProjectionError> {
    const ACTION: &str = "check lists";
    const QUERY: &str = "SELECT list, head, access FROM access_lists JOIN accesses USING (height, position, action)
                         ORDER BY list, ordinal";
    let rows = snapshot.all(ACTION, QUERY, [], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let mut findings = Vec::new();
    let mut current: Option<(Vec<u8>, ListSlot)> = None;
    for (list, head, access) in rows {
        let before = current.take().filter(|(of, _)| *of == list).map(|(_, slot)| slot);
        let access: Access = decode("access", &access)?;
        let slot = before
            .unwrap_or_else(|| ListSlot::empty(snapshot.suite))
            .with(snapshot.suite, &access.digest(snapshot.suite));
        if slot.head != decode::<Digest>("head of a list", &head)? {
            findings.push(Finding::List { list: decode("list key", &list)? });
        }
        current = Some((list, slot));
    }
    Ok(findings)
}
