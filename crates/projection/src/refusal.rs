//! Refused actions: what was asked and not done, with the reason; as provable as what was done.

use gongxin_types::{ActionReceipt, OrganizationId, Time};
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::apply::Effect;
use crate::page::cut;
use crate::store::{self, decode, insert, number, rows};
use crate::{ActionLocation, Cursor, Location, Page, PageRequest, Projection, ProjectionError};

/// An action that had no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedAction {
    /// Its receipt, with the reason.
    pub receipt: ActionReceipt,
    /// Consensus time of its block.
    pub time: Time,
    /// Where it stands.
    pub at: ActionLocation,
}

impl Projection {
    /// Refused actions in the order of the ledger, of one sender's organization if one is named.
    ///
    /// # Errors
    /// Those of the database.
    pub fn refusals(
        &self,
        organization: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<RefusedAction>, ProjectionError> {
        let sent_by = organization.map_or("?1 IS NULL", |_| "organization = ?1");
        let query = format!(
            "SELECT receipt, headers.time, refusals.height, refusals.position, refusals.action
             FROM refusals JOIN results USING (height, position, action)
                 JOIN headers ON headers.height = refusals.height
             WHERE {sent_by} AND (refusals.height, refusals.position, refusals.action) > (?2, ?3, ?4)
             ORDER BY refusals.height, refusals.position, refusals.action LIMIT ?5"
        );
        let after = page.after.as_ref().and_then(Cursor::location);
        let (height, transaction, action) =
            after.map_or((-1, 0, 0), |at| (number(at.height().get()), at.transaction.transaction, at.action));
        let answer = self.store.read(|snapshot| {
            let values =
                params![organization.map(OrganizationId::as_str), height, transaction, action, rows(page.limit())];
            let found = snapshot.all("list refusals", &query, values, |row| {
                let at = Location { height: store::height(row, 2)?, transaction: row.get(3)? }.action(row.get(4)?);
                Ok((row.get::<_, Vec<u8>>(0)?, store::time(row, 1)?, at))
            })?;
            let decoded = found
                .into_iter()
                .map(|(receipt, time, at)| Ok(RefusedAction { receipt: decode("receipt", &receipt)?, time, at }));
            decoded.collect::<Result<Vec<_>, ProjectionError>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |refused| Cursor::of_location(refused.at)))
    }
}

/// Notes that an action was refused.
pub(crate) fn apply(effect: &Effect<'_>) -> Result<(), ProjectionError> {
    let database: &Connection = effect.database;
    let (height, position, action) = effect.columns();
    let query = "INSERT INTO refusals (height, position, action, organization) VALUES (?1, ?2, ?3, ?4)";
    insert(database, query, params![height, position, action, effect.receipt.sender.organization.as_str()])
        .map_err(ProjectionError::storage("note a refusal"))
}
