//! Rotation: a new period key, survivors wrapped anew, the old key destroyed (PROTOCOL 30).
//!
//! What was erased before has no wrap left; copies of the files made earlier hold wraps that only the destroyed key
//! would open. Rotation runs in short database transactions, beside other work, and is taken up where it stopped when it
//! was interrupted.

use rusqlite::{Transaction, params};

use crate::column::number;
use crate::{Vault, VaultError, limits, schema};

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Items that survive under the new key.
    pub survivors: usize,
    /// Items whose wrap was altered on disk: they cannot be opened, before or after, and are reported when read.
    pub damaged: usize,
}

/// One wrap to be made anew.
struct Wrap {
    id: i64,
    period: i64,
    wrap: Vec<u8>,
}

impl Vault {
    /// Starts a new period and destroys the keys of all earlier ones.
    ///
    /// # Errors
    /// Those of database and randomness. A rotation that failed half-way leaves everything readable; the next one
    /// finishes it.
    pub fn rotate(&self) -> Result<Rotated, VaultError> {
        let current = self.begin_period()?;
        let mut rotated = Rotated::default();
        for table in schema::ITEM_TABLES {
            let mut after = 0;
            while let Some(last) = self.move_batch(table, current, after, &mut rotated)? {
                after = last;
            }
        }
        const ACTION: &str = "destroy the keys of earlier periods";
        self.write(ACTION, |database| {
            database
                .execute("DELETE FROM periods WHERE period < ?1", [current])
                .map(|_| ())
                .map_err(VaultError::storage(ACTION))
        })?;
        self.ring.keep_current_period();
        self.checkpoint()?;
        Ok(rotated)
    }

    fn begin_period(&self) -> Result<i64, VaultError> {
        const ACTION: &str = "begin a period";
        let (period, key) = self.write(ACTION, |database| {
            let last: i64 = database
                .query_row("SELECT max(period) FROM periods", [], |row| row.get(0))
                .map_err(VaultError::storage(ACTION))?;
            let period = last.saturating_add(1);
            let (key, wrap) = self.ring.new_period(period)?;
            database
                .execute("INSERT INTO periods (period, wrap) VALUES (?1, ?2)", params![period, wrap])
                .map_err(VaultError::storage(ACTION))?;
            Ok((period, key))
        })?;
        // Only now is the key on disk, and nothing may be wrapped under it before.
        self.ring.add_period(period, key);
        Ok(period)
    }

    /// Wraps the next items of a table anew; the last one's place, or none when the table is done.
    fn move_batch(
        &self,
        table: &str,
        current: i64,
        after: i64,
        rotated: &mut Rotated,
    ) -> Result<Option<i64>, VaultError> {
        const ACTION: &str = "wrap items anew";
        self.write(ACTION, |database| {
            let batch = read_batch(database, table, current, after).map_err(VaultError::storage(ACTION))?;
            let update = format!("UPDATE {table} SET period = ?2, wrap = ?3 WHERE id = ?1");
            let mut statement = database.prepare_cached(&update).map_err(VaultError::storage(ACTION))?;
            for Wrap { id, period, wrap } in &batch {
                let (period, wrap) = match self.ring.unwrap(*period, wrap) {
                    Some(key) => {
                        rotated.survivors = rotated.survivors.saturating_add(1);
                        self.ring.wrap(&key)?
                    }
                    None => {
                        rotated.damaged = rotated.damaged.saturating_add(1);
                        (current, wrap.clone())
                    }
                };
                statement.execute(params![id, period, wrap]).map_err(VaultError::storage(ACTION))?;
            }
            Ok(batch.last().map(|wrap| wrap.id))
        })
    }
}

fn read_batch(database: &Transaction<'_>, table: &str, current: i64, after: i64) -> rusqlite::Result<Vec<Wrap>> {
    let query = format!(
        "SELECT id, period, wrap FROM {table} WHERE id > ?1 AND period < ?2 AND wrap IS NOT NULL ORDER BY id LIMIT ?3"
    );
    let mut statement = database.prepare_cached(&query)?;
    let limit = number(limits::ROTATION_BATCH as u64);
    let rows = statement.query_map([after, current, limit], |row| {
        Ok(Wrap { id: row.get(0)?, period: row.get(1)?, wrap: row.get(2)? })
    })?;
    rows.collect()
}
