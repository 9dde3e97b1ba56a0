//! Snapshot: all rows of a register at one moment, in one read transaction on a thread of its own.
//!
//! The thread is one page ahead at most: it waits where nobody asks, and ends with whoever asked.

use std::sync::Arc;

use futures::future::BoxFuture;
use gongxin_connector_api::limits::{PAGE_BYTES_MAX, PAGE_ROWS_MAX};
use gongxin_connector_api::{Bound, ConnectorError, Key, KeyedRow, Page, Position, RowFault, Snapshot};
use rusqlite::{Connection, params_from_iter};
use tokio::sync::{mpsc, oneshot};

use crate::Settings;
use crate::install::position;
use crate::open::{open, refused};
use crate::row::{cell, columns, key_expressions, parameters};

/// A snapshot that is being read.
pub(crate) struct SqliteSnapshot {
    pages: mpsc::Receiver<Result<Page, ConnectorError>>,
    upto: Position,
}

impl SqliteSnapshot {
    /// Begins a snapshot after this key.
    pub(crate) async fn begin(
        settings: Settings,
        bound: Arc<Bound>,
        after: Option<Key>,
    ) -> Result<Self, ConnectorError> {
        let (sender, pages) = mpsc::channel(1);
        let (began, begin) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let connection = open(&settings, false).and_then(|connection| {
                connection.execute_batch("BEGIN").map_err(refused("let us read the register"))?;
                // The first read takes the snapshot.
                let upto = position(&connection)?.unwrap_or_default();
                Ok((connection, upto))
            });
            match connection {
                Ok((connection, upto)) => {
                    // Nobody waits for a snapshot that was given up.
                    if began.send(Ok(upto)).is_ok()
                        && let Err(error) = read(&connection, &bound, after.as_ref(), &sender)
                    {
                        sender.blocking_send(Err(error)).ok();
                    }
                }
                Err(error) => {
                    began.send(Err(error)).ok();
                }
            }
        });
        let ended = |_| ConnectorError::Protocol { what: "the reader of the register ended".to_owned() };
        Ok(Self { upto: begin.await.map_err(ended)??, pages })
    }
}

/// Reads page after page until the end, or until nobody asks any more.
fn read(
    connection: &Connection,
    bound: &Bound,
    after: Option<&Key>,
    pages: &mpsc::Sender<Result<Page, ConnectorError>>,
) -> Result<(), ConnectorError> {
    let order = key_expressions(bound).join(", ");
    let values = after.map(parameters).unwrap_or_default();
    let condition = if values.is_empty() {
        String::new()
    } else {
        let marks = (1..=values.len()).map(|index| format!("?{index}")).collect::<Vec<_>>().join(", ");
        format!("WHERE ({order}) > ({marks})")
    };
    let table = bound.binding.table.quoted();
    let statement = format!("SELECT {} FROM {table} {condition} ORDER BY {order}", columns(bound));
    let failed = refused("let us read the register");
    let mut statement = connection.prepare(&statement).map_err(&failed)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(&failed)?;
    let mut page = Page::default();
    let (mut bytes, mut latest) = (0_usize, after.cloned());
    while let Some(row) = rows.next().map_err(&failed)? {
        let mut cells = Vec::with_capacity(bound.columns().len());
        for (index, column) in bound.columns().iter().enumerate() {
            let value = row.get_ref(index).map_err(&failed)?;
            bytes = bytes.saturating_add(value.as_bytes_or_null().ok().flatten().map_or(9, <[u8]>::len));
            cells.push(cell(column, value));
        }
        page.rows.push(keyed(bound.row(cells), &mut latest));
        if page.rows.len() >= PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX {
            bytes = 0;
            if pages.blocking_send(Ok(std::mem::take(&mut page))).is_err() {
                return Ok(());
            }
        }
    }
    page.last = true;
    pages.blocking_send(Ok(page)).ok();
    Ok(())
}

fn keyed(
    row: Result<(Key, gongxin_types::row::Row), RowFault>,
    latest: &mut Option<Key>,
) -> Result<KeyedRow, RowFault> {
    match row {
        Ok((key, row)) => {
            *latest = Some(key.clone());
            Ok(KeyedRow { key, row })
        }
        Err(fault) => {
            let after = if fault.key.is_none() { latest.clone() } else { None };
            *latest = fault.key.clone().or_else(|| latest.take());
            Err(RowFault { after, ..fault })
        }
    }
}

impl Snapshot for SqliteSnapshot {
    fn page(&mut self) -> BoxFuture<'_, Result<Page, ConnectorError>> {
        // After the last page the reader is gone, and what follows is empty.
        Box::pin(async { self.pages.recv().await.unwrap_or(Ok(Page { rows: Vec::new(), last: true })) })
    }

    fn upto(&self) -> Position {
        self.upto
    }
}
