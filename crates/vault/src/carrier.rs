//! Which transaction carries a response on its way to the ledger: changed by one at a time, concluded or forgotten.

use gongxin_types::{OfficerId, RequestId, Time, TransactionId};
use rusqlite::params;

use crate::column::{millis, number, time, transaction_id};
use crate::keys::Sealed;
use crate::{Lookup, Response, Vault, VaultError, limits, sealed_part};

/// The transaction that carries a response's leaf, as it is found without opening anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The transaction.
    pub transaction: TransactionId,
    /// From when on it can no longer become final.
    pub valid_until: Time,
}

/// A response whose access is not known to be final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// A number of its own in this vault, which says nothing about it.
    pub number: i64,
    /// The reader's officer.
    pub officer: OfficerId,
    /// The identifier the reader chose.
    pub request: RequestId,
    /// What carries its leaf now.
    pub carrier: Carrier,
}

/// What became of putting a response into another transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It is carried by the new one.
    Changed,
    /// Somebody else had changed it before: this is what counts.
    Other(Response),
    /// There is no such response, or no longer.
    Absent,
}

impl Vault {
    /// Puts a response into another transaction, when the one it is in expired; sealed bytes and leaf stay. Of several who
    /// do so at once one succeeds, and the others learn what it did: `before` are the bytes that the caller saw expire.
    ///
    /// # Errors
    /// [`VaultError::Damaged`]; those of the database.
    pub fn resubmit_response(
        &self,
        before: &Response,
        transaction: &[u8],
        carrier: &Carrier,
    ) -> Result<Carried, VaultError> {
        const ACTION: &str = "change the transaction of a response";
        let (officer, request) = (&before.officer, &before.request);
        self.write(ACTION, |database| {
            let Lookup::Present(mut response) = self.find_response(database, officer, request)? else {
                return Ok(Carried::Absent);
            };
            if response.transaction != before.transaction {
                return Ok(Carried::Other(response));
            }
            response.transaction = transaction.to_vec();
            let Sealed { period, wrap, sealed } = self.seal_response(&response)?;
            let update =
                "UPDATE responses SET period = ?3, wrap = ?4, sealed = ?5, transaction_id = ?6, valid_until = ?7
                          WHERE officer = ?1 AND request = ?2";
            let id = carrier.transaction.0;
            let values = params![
                officer.as_bytes(),
                request.as_bytes(),
                period,
                wrap,
                sealed,
                id.as_bytes(),
                millis(carrier.valid_until)
            ];
            database.execute(update, values).map_err(VaultError::storage(ACTION))?;
            Ok(Carried::Changed)
        })
    }

    /// Destroys a response whose access never became final, unless it was put into another transaction than this one
    /// meanwhile. Whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_response(&self, unfinished: &Unfinished) -> Result<bool, VaultError> {
        const ACTION: &str = "forget a response";
        let (officer, request, carrier) = (&unfinished.officer, &unfinished.request, &unfinished.carrier);
        self.write(ACTION, |database| {
            let delete = "DELETE FROM responses
                          WHERE officer = ?1 AND request = ?2 AND transaction_id = ?3 AND expires IS NULL";
            let values = params![officer.as_bytes(), request.as_bytes(), carrier.transaction.0.as_bytes()];
            let forgotten = database.execute(delete, values).map_err(VaultError::storage(ACTION))? > 0;
            if forgotten {
                sealed_part::forget(database, officer, request)?;
            }
            Ok(forgotten)
        })
    }

    /// The responses whose access is not known to be final, oldest first: what to send again, or to conclude. One whose
    /// transaction was altered on disk hides no other, and is left to its reader, who finds it by its request.
    ///
    /// # Errors
    /// Those of the database.
    pub fn unfinished_responses(&self) -> Result<Vec<Unfinished>, VaultError> {
        const ACTION: &str = "list unfinished responses";
        self.read(ACTION, |database| {
            let query = "SELECT id, officer, request, transaction_id, valid_until FROM responses
                         WHERE expires IS NULL AND transaction_id IS NOT NULL ORDER BY id LIMIT ?1";
            let mut statement = database.prepare_cached(query).map_err(VaultError::storage(ACTION))?;
            let rows = statement
                .query_map([number(limits::UNFINISHED_MAX as u64)], |row| {
                    let Ok(transaction) = transaction_id(&row.get::<_, Vec<u8>>(3)?) else {
                        return Ok(None);
                    };
                    Ok(Some(Unfinished {
                        number: row.get(0)?,
                        officer: row.get(1).map(OfficerId::new)?,
                        request: row.get(2).map(RequestId::new)?,
                        carrier: Carrier { transaction, valid_until: time(row.get(4)?) },
                    }))
                })
                .map_err(VaultError::storage(ACTION))?;
            rows.filter_map(Result::transpose).collect::<Result<_, _>>().map_err(VaultError::storage(ACTION))
        })
    }
}
