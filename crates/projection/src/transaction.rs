//! Transactions: where each stands, what it said, and what became of each of its actions.
//!
//! With an action, its receipt and the nouns as they were ([`Projection::noun_at`]) a past decision can be replayed
//! (PROTOCOL 16).

use gongxin_crypto::Digest;
use gongxin_types::{ActionResult, Height, Time, Transaction, TransactionId};
use rusqlite::params;

use crate::store::{self, Snapshot, decode, number};
use crate::{Answer, Location, Projection, ProjectionError};

/// A final transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionFact {
    /// Where it stands.
    pub location: Location,
    /// Consensus time of its block.
    pub time: Time,
    /// The transaction.
    pub transaction: Transaction,
    /// What became of its actions, in order.
    pub actions: Vec<ActionResult>,
}

impl Projection {
    /// Where a transaction stands, if it is final.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transaction(&self, id: &TransactionId) -> Result<Answer<Option<Location>>, ProjectionError> {
        self.store.read(|snapshot| find(snapshot, id))
    }

    /// A final transaction with what became of it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transaction_fact(&self, id: &TransactionId) -> Result<Answer<Option<TransactionFact>>, ProjectionError> {
        self.store.read(|snapshot| match find(snapshot, id)? {
            Some(location) => fact(snapshot, location),
            None => Ok(None),
        })
    }

    /// The transaction at a place, with what became of it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transaction_at(&self, location: Location) -> Result<Answer<Option<TransactionFact>>, ProjectionError> {
        self.store.read(|snapshot| fact(snapshot, location))
    }

    /// Identifiers of the transactions of a block, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transactions_of(&self, height: Height) -> Result<Answer<Vec<TransactionId>>, ProjectionError> {
        const QUERY: &str = "SELECT id FROM transactions WHERE height = ?1 ORDER BY position";
        self.store.read(|snapshot| {
            let found =
                snapshot.all("list transactions", QUERY, [number(height.get())], |row| row.get::<_, Vec<u8>>(0))?;
            let ids = found.iter().map(|id| Digest::new(id).map(TransactionId));
            ids.collect::<Result<_, _>>().map_err(|_| ProjectionError::Damaged { what: "transaction id" })
        })
    }
}

fn find(snapshot: &Snapshot<'_>, id: &TransactionId) -> Result<Option<Location>, ProjectionError> {
    const QUERY: &str = "SELECT height, position FROM transactions WHERE id = ?1";
    snapshot.one("find a transaction", QUERY, [id.0.as_bytes()], |row| {
        Ok(Location { height: store::height(row, 0)?, transaction: row.get(1)? })
    })
}

/// A transaction with what became of it.
pub(crate) fn fact(snapshot: &Snapshot<'_>, location: Location) -> Result<Option<TransactionFact>, ProjectionError> {
    const ACTION: &str = "read a transaction";
    let values = params![number(location.height.get()), location.transaction];
    let query =
        "SELECT body, headers.time FROM transactions JOIN headers USING (height) WHERE height = ?1 AND position = ?2";
    let found = snapshot.one(ACTION, query, values, |row| Ok((row.get::<_, Vec<u8>>(0)?, store::time(row, 1)?)))?;
    let Some((body, time)) = found else {
        return Ok(None);
    };
    let query = "SELECT receipt, writes FROM results WHERE height = ?1 AND position = ?2 ORDER BY action";
    let results =
        snapshot.all(ACTION, query, values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let actions = results.into_iter().map(|(receipt, writes)| {
        Ok(ActionResult { receipt: decode("receipt", &receipt)?, writes: decode("writes", &writes)? })
    });
    let actions = actions.collect::<Result<_, ProjectionError>>()?;
    let transaction = decode("transaction", &body)?;
    Ok(Some(TransactionFact { location, time, transaction, actions }))
}
