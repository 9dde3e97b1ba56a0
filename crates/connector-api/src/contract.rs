//! Contract: the promises of a connector, as tests that each must pass against its real database.
//!
//! A connector's own tests make a [`Department`]: a database with the table of [`bound`], empty, and a way to write to it as
//! the department's application would. Each function here is one promise and fails by a panic that says what was broken.
#![expect(clippy::expect_used, clippy::panic, reason = "a contract fails where it is broken: that is what it is for")]

mod cast;
mod following;
mod reading;
mod writing;

use futures::future::BoxFuture;
use gongxin_types::row::Row;

use crate::{Connector, Event, Key, Position};

pub use cast::{binding, bound, key, resource, row, sample, ticket_for};
pub use following::{
    a_ticket_goes_with_its_change, changes_come_once_and_in_order, confirmed_changes_are_forgotten,
    long_transactions_come_in_parts, one_at_a_time_follows,
};
pub use reading::{a_snapshot_goes_on_after_a_key, a_snapshot_is_one_moment, rows_are_canonical, schema_that_fits};
pub use writing::{diverged_rows_are_left_alone, what_is_final_is_applied_once_and_in_order, what_waits_is_listed};

/// One statement of the department's application.
#[derive(Clone, Debug)]
pub enum Step {
    /// A ticket, before its change.
    Ticket(Vec<u8>),
    /// A new row.
    Insert(Row),
    /// Other values under this key.
    Update(Key, Row),
    /// A row is taken out.
    Delete(Key),
    /// A change waits in the pending table: operation, ticket, canonical row.
    Ask([u8; 16], Vec<u8>, Option<Vec<u8>>),
}

/// A department's database, and its application.
pub trait Department: Send {
    /// The connector, installed, with the one register of [`bound`].
    fn connector(&self) -> &dyn Connector;

    /// Runs these statements in one database transaction.
    fn commit(&mut self, steps: Vec<Step>) -> BoxFuture<'_, ()>;
}

/// Whatever comes until a position beyond which there is nothing of ours: the batches in their order.
pub async fn drain(
    connector: &dyn Connector,
    from: Option<Position>,
    changes_expected: usize,
) -> (Vec<crate::Batch>, Position) {
    let mut changes = connector.changes(from).await.expect("changes can be followed");
    let (mut batches, mut seen, mut end) = (Vec::new(), 0, from.unwrap_or_default());
    while seen < changes_expected {
        match changes.next().await.expect("changes go on") {
            Event::Idle { position } => end = position,
            Event::Changes(batch) => {
                seen += batch.changes.len();
                end = batch.end.unwrap_or(end);
                batches.push(batch);
            }
        }
    }
    // A transaction is whole with its last part.
    while batches.last().is_some_and(|batch| batch.end.is_none()) {
        if let Event::Changes(batch) = changes.next().await.expect("changes go on") {
            end = batch.end.unwrap_or(end);
            batches.push(batch);
        }
    }
    (batches, end)
}
