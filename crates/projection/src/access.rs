//! Accesses 访问: every reading that was put to the ledger, allowed or refused, and the lists that the allowed ones stand in.

use gongxin_types::access::ListSlot;
use gongxin_types::receipt::Event;
use gongxin_types::{Access, Decision, ListKey, OfficerId, OrganizationId, RequestId, ResourceId, Time, codec};
use rusqlite::{Row, ToSql, params};
use serde::Serialize;

use crate::apply::Effect;
use crate::page::cut;
use crate::store::{self, decode, insert, number, rows};
use crate::{ActionLocation, Answer, Cursor, Location, Page, PageRequest, Projection, ProjectionError};

/// A reading that was put to the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessEntry {
    /// The leaf.
    pub access: Access,
    /// Allowed, or refused and why. Only an allowed one is listed, and only for that one was anything released.
    pub decision: Decision,
    /// Consensus time of its block.
    pub time: Time,
    /// Where it stands.
    pub at: ActionLocation,
}

const COLUMNS: &str =
    "accesses.access, accesses.decision, headers.time, accesses.height, accesses.position, accesses.action";
const TABLES: &str = "accesses JOIN headers ON headers.height = accesses.height";
const AFTER: &str = "(accesses.height, accesses.position, accesses.action) > (?2, ?3, ?4)";
const ORDER: &str = "ORDER BY accesses.height, accesses.position, accesses.action LIMIT ?5";

impl Projection {
    /// The readings in one list, in its order: complete exactly when they hash to the list's head.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accesses_by_list(&self, list: &ListKey, page: &PageRequest) -> Result<Page<AccessEntry>, ProjectionError> {
        let query = format!(
            "SELECT {COLUMNS} FROM access_lists JOIN {TABLES}
             WHERE accesses.height = access_lists.height AND accesses.position = access_lists.position
                AND accesses.action = access_lists.action AND list = ?1 AND {AFTER}
             ORDER BY ordinal LIMIT ?5"
        );
        self.accesses_where(&query, &codec::encode(list), page)
    }

    /// Count and head of a list; `None` when nobody ever read what it is about.
    ///
    /// # Errors
    /// Those of the database.
    pub fn access_list(&self, list: &ListKey) -> Result<Answer<Option<ListSlot>>, ProjectionError> {
        const ACTION: &str = "read the head of a list";
        self.store.read(|snapshot| {
            let query = "SELECT ordinal, head FROM access_lists WHERE list = ?1 ORDER BY ordinal DESC LIMIT 1";
            let found = snapshot.one(ACTION, query, [codec::encode(list)], |row| {
                Ok((store::unsigned(row, 0)?, row.get::<_, Vec<u8>>(1)?))
            })?;
            found.map(|(count, head)| Ok(ListSlot { count, head: decode("head of a list", &head)? })).transpose()
        })
    }

    /// What became of one request: the reading that took effect, else the latest that was refused.
    ///
    /// # Errors
    /// Those of the database.
    pub fn access_by_request(
        &self,
        officer: &OfficerId,
        request: &RequestId,
    ) -> Result<Answer<Option<AccessEntry>>, ProjectionError> {
        let query = format!(
            "SELECT {COLUMNS} FROM {TABLES} LEFT JOIN access_lists USING (height, position, action)
             WHERE officer = ?1 AND request = ?2
             ORDER BY ordinal IS NULL, accesses.height DESC, accesses.position DESC, accesses.action DESC LIMIT 1"
        );
        self.store.read(|snapshot| {
            let values = params![officer.as_bytes(), request.as_bytes()];
            snapshot.one("find a request", &query, values, raw)?.map(RawEntry::decode).transpose()
        })
    }

    /// All readings, in the order of the ledger.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accesses(&self, page: &PageRequest) -> Result<Page<AccessEntry>, ProjectionError> {
        self.accesses_where(
            &format!("SELECT {COLUMNS} FROM {TABLES} WHERE ?1 IS NULL AND {AFTER} {ORDER}"),
            &None::<i64>,
            page,
        )
    }

    /// The readings of one resource, in the order of the ledger.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accesses_by_resource(
        &self,
        resource: &ResourceId,
        page: &PageRequest,
    ) -> Result<Page<AccessEntry>, ProjectionError> {
        let query = format!("SELECT {COLUMNS} FROM {TABLES} WHERE resource = ?1 AND {AFTER} {ORDER}");
        self.accesses_where(&query, &resource.to_string(), page)
    }

    /// The readings of one organization's officers, in the order of the ledger.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accesses_by_reader(
        &self,
        reader: &OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<AccessEntry>, ProjectionError> {
        let query = format!("SELECT {COLUMNS} FROM {TABLES} WHERE reader = ?1 AND {AFTER} {ORDER}");
        self.accesses_where(&query, &reader.as_str(), page)
    }

    /// The readings of one officer, in the order of the ledger.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accesses_by_officer(
        &self,
        officer: &OfficerId,
        page: &PageRequest,
    ) -> Result<Page<AccessEntry>, ProjectionError> {
        let query = format!("SELECT {COLUMNS} FROM {TABLES} WHERE officer = ?1 AND {AFTER} {ORDER}");
        self.accesses_where(&query, officer.as_bytes(), page)
    }

    fn accesses_where(
        &self,
        query: &str,
        value: &dyn ToSql,
        page: &PageRequest,
    ) -> Result<Page<AccessEntry>, ProjectionError> {
        let after = page.after.as_ref().and_then(Cursor::location);
        let (height, transaction, action) =
            after.map_or((-1, 0, 0), |at| (number(at.height().get()), at.transaction.transaction, at.action));
        let answer = self.store.read(|snapshot| {
            let values = params![value, height, transaction, action, rows(page.limit())];
            let found = snapshot.all("list accesses", query, values, raw)?;
            found.into_iter().map(RawEntry::decode).collect::<Result<Vec<_>, ProjectionError>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |entry| Cursor::of_location(entry.at)))
    }
}

/// Takes up a reading, whatever was decided; its receipt says in which lists it stands now.
pub(crate) fn apply(effect: &Effect<'_>, access: &Access) -> Result<(), ProjectionError> {
    const ACTION: &str = "record an access";
    let (height, position, action) = effect.columns();
    let query = "INSERT INTO accesses
            (height, position, action, resource, reader, officer, request, gateway, decision, access)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = params![
        height,
        position,
        action,
        access.resource.to_string(),
        access.reader.as_str(),
        access.officer.as_bytes(),
        access.request_id.as_bytes(),
        access.gateway.as_bytes(),
        codec::encode(&effect.receipt.decision),
        codec::encode(access),
    ];
    insert(effect.database, query, values).map_err(ProjectionError::storage(ACTION))?;
    let query =
        "INSERT INTO access_lists (list, ordinal, head, height, position, action) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    for event in &effect.receipt.events {
        if let Event::AccessListed { list, count, head } = event {
            let values = params![codec::encode(list), number(*count), codec::encode(head), height, position, action];
            insert(effect.database, query, values).map_err(ProjectionError::storage(ACTION))?;
        }
    }
    Ok(())
}

struct RawEntry {
    access: Vec<u8>,
    decision: Vec<u8>,
    time: Time,
    at: ActionLocation,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<RawEntry> {
    let at = Location { height: store::height(row, 3)?, transaction: row.get(4)? }.action(row.get(5)?);
    Ok(RawEntry { access: row.get(0)?, decision: row.get(1)?, time: store::time(row, 2)?, at })
}

impl RawEntry {
    fn decode(self) -> Result<AccessEntry, ProjectionError> {
        let (access, decision) = (decode("access", &self.access)?, decode("decision", &self.decision)?);
        Ok(AccessEntry { access, decision, time: self.time, at: self.at })
    }
}
