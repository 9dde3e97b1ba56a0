//! Snapshot: all rows of a register at one moment, by binary `COPY` out of a read-only transaction.
//!
//! The server sends as fast as we read, and we read when a page is asked for; neither side holds more than a page. The
//! transaction is `REPEATABLE READ`, so the rows are those of one moment however long the pass takes; a pass that is
//! interrupted goes on after its last key, at another moment.

use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use gongxin_connector_api::limits::{PAGE_BYTES_MAX, PAGE_ROWS_MAX};
use gongxin_connector_api::{Bound, Cell, ConnectorError, Key, KeyedRow, Page, Position, RowFault, Snapshot};
use tokio_postgres::{Client, CopyOutStream};

use crate::Settings;
use crate::cause::refused;
use crate::limits::{COLUMNS_MAX, FRAME_BYTES_MAX};
use crate::select;
use crate::value::Kind;

/// The first bytes of binary `COPY` (PostgreSQL 15, documentation, COPY, "Binary Format").
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// A snapshot that is being read.
pub(crate) struct PostgresSnapshot {
    // Held for the transaction, which ends with it.
    _client: Client,
    database: String,
    bound: Arc<Bound>,
    kinds: Vec<Kind>,
    rows: Pin<Box<CopyOutStream>>,
    buffer: BytesMut,
    upto: Position,
    latest: Option<Key>,
    begun: bool,
    ended: bool,
    // The digits of decimals, one text per column, used again for each row.
    written: Vec<String>,
}

impl PostgresSnapshot {
    /// Begins a snapshot after this key, on a connection of its own.
    pub(crate) async fn begin(
        client: Client,
        settings: &Settings,
        bound: Arc<Bound>,
        after: Option<&Key>,
    ) -> Result<Self, ConnectorError> {
        let failed = refused("let us read the register", settings.database.as_str());
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(&failed)?;
        // The first statement takes the snapshot; the position is read after it was taken.
        let statement = "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8";
        let upto: i64 = client.query_one(statement, &[]).await.and_then(|row| row.try_get(0)).map_err(&failed)?;
        let kinds = select::kinds(&client, settings, &bound).await?;
        let by_bytes = select::by_bytes(&client, settings, &bound).await?;
        let order = select::order(&bound, &kinds, &by_bytes).join(", ");
        let condition =
            after.map_or(String::new(), |key| format!("WHERE ({order}) > ({})", select::literals(key).join(", ")));
        let columns = select::columns(&bound);
        let table = select::table(&bound.binding.table);
        let statement =
            format!("COPY (SELECT {columns} FROM {table} {condition} ORDER BY {order}) TO STDOUT (FORMAT binary)");
        let rows = Box::pin(client.copy_out(&statement).await.map_err(&failed)?);
        let width = kinds.len();
        Ok(Self {
            _client: client,
            database: settings.database.to_string(),
            bound,
            kinds: kinds.into_iter().map(|(kind, _)| kind).collect(),
            rows,
            buffer: BytesMut::new(),
            upto: Position(u64::try_from(upto).unwrap_or(0)),
            latest: after.cloned(),
            begun: false,
            ended: false,
            written: vec![String::new(); width],
        })
    }

    async fn next_page(&mut self) -> Result<Page, ConnectorError> {
        let mut page = Page::default();
        let mut bytes = 0_usize;
        while !self.ended && page.rows.len() < PAGE_ROWS_MAX && bytes < PAGE_BYTES_MAX {
            match self.take_tuple()? {
                Some(mut tuple) => {
                    bytes = bytes.saturating_add(tuple.len());
                    let row = self.row(&mut tuple, &page)?;
                    page.rows.push(row);
                }
                None if self.ended => {}
                None => self.fill().await?,
            }
        }
        page.last = self.ended;
        self.latest = page.position().cloned().or_else(|| self.latest.take());
        Ok(page)
    }

    async fn fill(&mut self) -> Result<(), ConnectorError> {
        match self.rows.next().await {
            Some(Ok(chunk)) if self.buffer.is_empty() => {
                // The chunk is one row, nearly always: it is taken over without a copy.
                self.buffer = chunk.try_into_mut().unwrap_or_else(|chunk| BytesMut::from(&chunk[..]));
                Ok(())
            }
            Some(Ok(chunk)) => {
                self.buffer.extend_from_slice(&chunk);
                if self.buffer.len() > FRAME_BYTES_MAX {
                    return Err(ConnectorError::Limit { what: "bytes of one row", max: FRAME_BYTES_MAX });
                }
                Ok(())
            }
            Some(Err(error)) => Err(refused("go on with the register", &self.database)(error)),
            None => Err(broken("a copy without an end")),
        }
    }

    /// The next whole tuple, the header and the end of the copy apart.
    fn take_tuple(&mut self) -> Result<Option<Bytes>, ConnectorError> {
        if !self.begun {
            let header = SIGNATURE.len().saturating_add(8);
            let Some(start) = self.buffer.get(..header) else { return Ok(None) };
            if !start.starts_with(SIGNATURE) || start.iter().skip(SIGNATURE.len()).any(|byte| *byte != 0) {
                return Err(broken("a copy of another form"));
            }
            self.buffer.advance(header);
            self.begun = true;
        }
        let Some(length) = tuple_length(&self.buffer)? else { return Ok(None) };
        if length == 0 {
            self.ended = true;
            return Ok(None);
        }
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    fn row(&mut self, tuple: &mut Bytes, page: &Page) -> Result<Result<KeyedRow, RowFault>, ConnectorError> {
        let mut rest: &[u8] = tuple;
        rest.advance(2);
        let mut cells = Vec::with_capacity(self.kinds.len());
        for (kind, written) in self.kinds.iter().zip(&mut self.written) {
            let length = rest.try_get_i32().map_err(|_| broken("a row that is cut short"))?;
            let Ok(length) = usize::try_from(length) else {
                cells.push(Cell::Null);
                continue;
            };
            let (bytes, left) = rest.split_at_checked(length).ok_or_else(|| broken("a row that is cut short"))?;
            cells.push(kind.cell(bytes, written));
            rest = left;
        }
        Ok(match self.bound.row(cells) {
            Ok((key, row)) => Ok(KeyedRow { key, row }),
            Err(fault) if fault.key.is_some() => Err(fault),
            Err(fault) => Err(RowFault { after: page.position().or(self.latest.as_ref()).cloned(), ..fault }),
        })
    }
}

/// Length of the tuple at the beginning of the buffer, once all of it is there; 0 for the end of the copy.
fn tuple_length(buffer: &[u8]) -> Result<Option<usize>, ConnectorError> {
    let mut rest = buffer;
    let Ok(count) = rest.try_get_i16() else { return Ok(None) };
    if count == -1 {
        return Ok(Some(0));
    }
    let count = usize::try_from(count).ok().filter(|count| *count <= COLUMNS_MAX);
    for _ in 0..count.ok_or_else(|| broken("a row of no width"))? {
        let Ok(length) = rest.try_get_i32() else { return Ok(None) };
        let length = usize::try_from(length).unwrap_or(0);
        if rest.len() < length {
            return Ok(None);
        }
        rest.advance(length);
    }
    Ok(Some(buffer.len().saturating_sub(rest.len())))
}

fn broken(what: &str) -> ConnectorError {
    ConnectorError::Protocol { what: what.to_owned() }
}

impl Snapshot for PostgresSnapshot {
    fn page(&mut self) -> BoxFuture<'_, Result<Page, ConnectorError>> {
        Box::pin(self.next_page())
    }

    fn upto(&self) -> Position {
        self.upto
    }
}
