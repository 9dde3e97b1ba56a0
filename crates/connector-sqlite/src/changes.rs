//! Changes: the outbox as events, in its order.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use gongxin_connector_api::fault::Reason;
use gongxin_connector_api::limits::{BATCH_BYTES_MAX, BATCH_CHANGES_MAX};
use gongxin_connector_api::{
    Batch, Bound, Change, ChangeKind, Changes, Column, ConnectorError, Event, Key, NewRow, Position, RowFault, Tickets,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::connector::blocking;
use crate::install::widths;
use crate::limits::POLL_INTERVAL;
use crate::open::refused;
use crate::row::cell;

/// Follows one outbox.
pub(crate) struct SqliteChanges {
    // A look that nobody waits for any more leaves here what it found.
    state: Arc<Mutex<State>>,
    told: Position,
    // Held as long as we follow: nobody else does meanwhile.
    _turn: tokio::sync::OwnedMutexGuard<()>,
}

struct State {
    connection: Connection,
    bounds: Arc<Vec<Arc<Bound>>>,
    // Up to where everything was read.
    read: Position,
    // What was in the outbox at one moment, and is not all read yet.
    reading: Option<Reading>,
    // What `PRAGMA data_version` said when there was nothing new.
    seen: Option<i64>,
    ready: Option<Batch>,
}

/// All rows of the outbox up to the latest at one moment: those of whole transactions.
#[derive(Default)]
struct Reading {
    upto: Position,
    part: u32,
    tickets: Tickets,
}

impl SqliteChanges {
    /// Begins after this position, if everything after it is there.
    pub(crate) fn new(
        connection: Connection,
        bounds: Arc<Vec<Arc<Bound>>>,
        from: Option<Position>,
        turn: tokio::sync::OwnedMutexGuard<()>,
    ) -> Result<Self, ConnectorError> {
        let missing = || ConnectorError::NotInstalled { name: "gongxin_outbox".to_owned() };
        let latest = crate::install::position(&connection)?.ok_or_else(missing)?;
        let statement = "SELECT min(seq) FROM gongxin_outbox";
        let first: Option<i64> =
            connection.query_row(statement, [], |row| row.get(0)).map_err(refused("let us read its outbox"))?;
        // Of an empty outbox everything up to the latest row was cleared.
        let before_first = first.map_or(latest, |first| Position(u64::try_from(first).unwrap_or(0).saturating_sub(1)));
        let read = match from {
            Some(from) if from > latest => return Err(ConnectorError::WentBack { from, found: latest }),
            Some(from) if from < before_first => return Err(ConnectorError::Gap { from, found: before_first }),
            Some(from) => from,
            None => before_first,
        };
        let state = State { connection, bounds, read, reading: None, seen: None, ready: None };
        Ok(Self { state: Arc::new(Mutex::new(state)), told: read, _turn: turn })
    }

    async fn next_event(&mut self) -> Result<Event, ConnectorError> {
        loop {
            blocking(&self.state, State::look).await?;
            let found = self.state.lock().unwrap_or_else(PoisonError::into_inner).ready.take();
            if let Some(batch) = found {
                self.told = batch.end.unwrap_or(self.told);
                return Ok(Event::Changes(batch));
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

impl State {
    /// Looks for what comes next and makes it ready. A file that nobody wrote to is not searched.
    fn look(&mut self) -> Result<(), ConnectorError> {
        if self.ready.is_some() {
            return Ok(());
        }
        let failed = refused("let us read its outbox");
        let version: i64 = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(failed)?;
        if self.reading.is_none() {
            if self.seen == Some(version) {
                return Ok(());
            }
            let missing = || ConnectorError::NotInstalled { name: "gongxin_outbox".to_owned() };
            let latest = crate::install::position(&self.connection)?.ok_or_else(missing)?;
            if latest < self.read {
                return Err(ConnectorError::WentBack { from: self.read, found: latest });
            }
            if latest == self.read {
                self.seen = Some(version);
                return Ok(());
            }
            self.reading = Some(Reading { upto: latest, ..Reading::default() });
        }
        self.seen = None;
        self.read_part()
    }

    fn read_part(&mut self) -> Result<(), ConnectorError> {
        let Some(mut reading) = self.reading.take() else { return Ok(()) };
        let failed = refused("let us read its outbox");
        let statement = "SELECT * FROM gongxin_outbox WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
        let mut statement = self.connection.prepare_cached(statement).map_err(&failed)?;
        let number = |position: Position| i64::try_from(position.0).unwrap_or(i64::MAX);
        let mut rows = statement.query((number(self.read), number(reading.upto))).map_err(&failed)?;
        let mut gathered = Gathered { changes: Vec::new(), bytes: 0, end: self.read };
        let mut is_full = false;
        while !is_full && let Some(row) = rows.next().map_err(&failed)? {
            gathered.take(row, &self.bounds, &mut reading.tickets).map_err(&failed)?;
            is_full = gathered.changes.len() >= BATCH_CHANGES_MAX || gathered.bytes >= BATCH_BYTES_MAX;
        }
        let commit = reading.upto;
        // Where no ticket waits for its change, it can be gone on from here as well.
        let is_end = !is_full || gathered.end == reading.upto || !reading.tickets.is_waiting();
        self.read = if is_full { gathered.end } else { reading.upto };
        let part = reading.part;
        let (end, (unused, broken_tickets)) = if is_end {
            (Some(self.read), reading.tickets.finish())
        } else {
            reading.part = reading.part.saturating_add(1);
            self.reading = Some(reading);
            (None, (Vec::new(), 0))
        };
        let changes = gathered.changes;
        self.ready = Some(Batch { commit, committed_at: None, part, changes, end, unused, broken_tickets });
        Ok(())
    }
}

struct Gathered {
    changes: Vec<Change>,
    bytes: usize,
    end: Position,
}

impl Gathered {
    /// Takes one row of the outbox.
    fn take(&mut self, row: &Row<'_>, bounds: &[Arc<Bound>], tickets: &mut Tickets) -> rusqlite::Result<()> {
        let seq: i64 = row.get(0)?;
        self.end = Position(u64::try_from(seq).unwrap_or(0));
        let act = row.get_ref(2)?;
        let act = act.as_str().unwrap_or_default();
        if act == "ticket" {
            // What is no blob is counted as a broken ticket.
            tickets.add(row.get_ref(3)?.as_blob().unwrap_or_default());
            return Ok(());
        }
        let number = row.get::<_, Option<i64>>(1)?.and_then(|number| usize::try_from(number).ok());
        let Some(bound) = number.and_then(|number| bounds.get(number)) else { return Ok(()) };
        let (keys, _) = widths(bounds);
        let first_new = 4 + keys;
        let mut values = Vec::with_capacity(bound.columns().len());
        for index in 0..bound.columns().len() {
            let value = row.get_ref(first_new + index)?;
            self.bytes = self.bytes.saturating_add(length(value));
            values.push(value);
        }
        let old = |column: (usize, &Column)| row.get_ref(4 + column.0).map(|value| (column.1.clone(), value));
        let old = bound.key_columns().enumerate().map(old).collect::<rusqlite::Result<Vec<_>>>()?;
        for kind in kinds(bound, act, &old, &values) {
            let resource = bound.resource.id.clone();
            let ticket = tickets.take(&resource, &kind);
            self.changes.push(Change { resource, kind, ticket });
        }
        Ok(())
    }
}

fn length(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 9,
    }
}

/// One row of the outbox as changes: two where the key changed.
fn kinds(bound: &Bound, act: &str, old: &[(Column, ValueRef<'_>)], new: &[ValueRef<'_>]) -> Vec<ChangeKind> {
    let before = || key(bound, old);
    let after = || bound.row(bound.columns().iter().zip(new).map(|(column, value)| cell(column, *value)));
    let unreadable = |fault: RowFault| vec![ChangeKind::Unreadable(fault)];
    match act {
        "insert" => match after() {
            Ok((key, row)) => vec![ChangeKind::Created { key, row: NewRow::Whole(row) }],
            Err(fault) => unreadable(fault),
        },
        "update" => match (before(), after()) {
            (Ok(before), Ok((key, row))) if before != key => {
                vec![ChangeKind::Deleted { key: before }, ChangeKind::Created { key, row: NewRow::Whole(row) }]
            }
            (_, Ok((key, row))) => vec![ChangeKind::Updated { key, row: NewRow::Whole(row) }],
            (before, Err(fault)) => {
                let key = fault.key.clone().or(before.ok());
                unreadable(RowFault { key, ..fault })
            }
        },
        _ => match before() {
            Ok(key) => vec![ChangeKind::Deleted { key }],
            Err(fault) => unreadable(fault),
        },
    }
}

fn key(bound: &Bound, old: &[(Column, ValueRef<'_>)]) -> Result<Key, RowFault> {
    let value = |(column, value): &(Column, ValueRef<'_>)| {
        column.value(cell(column, *value)).map_err(|reason| bound.fault(Some(column), reason))
    };
    let values = old.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    Key::new(values).map_err(|_| bound.fault(bound.key_columns().next(), Reason::Missing))
}

impl Changes for SqliteChanges {
    fn next(&mut self) -> BoxFuture<'_, Result<Event, ConnectorError>> {
        Box::pin(self.next_event())
    }

    fn confirm(&mut self, upto: Position) -> BoxFuture<'_, Result<(), ConnectorError>> {
        Box::pin(async move {
            if upto > self.told {
                return Err(ConnectorError::Config { what: format!("{upto} was not handed out yet") });
            }
            let last = i64::try_from(upto.0).unwrap_or(i64::MAX);
            blocking(&self.state, move |state| {
                let cleared = state.connection.execute("DELETE FROM gongxin_outbox WHERE seq <= ?1", [last]);
                cleared.map(|_| ()).map_err(refused("clear its outbox"))
            })
            .await
        })
    }
}
