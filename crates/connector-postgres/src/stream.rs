//! Stream: the server's messages as events, transaction by transaction.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use gongxin_connector_api::limits::{BATCH_BYTES_MAX, BATCH_CHANGES_MAX};
use gongxin_connector_api::{
    Batch, Bound, Change, ChangeKind, Changes, ConnectorError, Event, Position, TableName, Tickets,
};
use gongxin_types::Time;

use crate::Settings;
use crate::cause::ServerError;
use crate::pgoutput::{self, Datum, Message, RelationColumn};
use crate::relation::{Followed, Types};
use crate::value::unix_millis;
use crate::wire::{Frame, Wire};

/// The prefix under which `pg_logical_emit_message` carries tickets.
const PREFIX: &str = "gongxin";

/// A table of the stream.
enum Relation {
    /// A register of ours.
    Register(Followed),
    /// The outbox, and which of its columns is the ticket.
    Outbox(usize),
    /// Published, and not bound.
    Other,
}

/// The transaction that is being read.
#[derive(Default)]
struct Open {
    commit: Position,
    committed_at: Option<Time>,
    part: u32,
    changes: Vec<Change>,
    bytes: usize,
    tickets: Tickets,
}

/// The stream of one slot.
pub(crate) struct PostgresChanges {
    wire: Wire,
    settings: Settings,
    bounds: Vec<Arc<Bound>>,
    types: Types,
    relations: HashMap<u32, Relation>,
    open: Option<Open>,
    // Up to where the caller knows that there is nothing.
    told: Position,
    // The connector knows by it that we are still there.
    _alive: Arc<()>,
}

impl PostgresChanges {
    pub(crate) fn new(
        wire: Wire,
        settings: Settings,
        bounds: Vec<Arc<Bound>>,
        types: Types,
        told: Position,
        alive: Arc<()>,
    ) -> Self {
        Self { wire, settings, bounds, types, relations: HashMap::new(), open: None, told, _alive: alive }
    }

    async fn next_event(&mut self) -> Result<Event, ConnectorError> {
        loop {
            let frame = self.wire.frame().await.map_err(|error| understood(error, &self.settings))?;
            let event = match frame {
                Frame::Data(bytes) => self.message(&bytes)?,
                Frame::Alive(position) if self.open.is_none() && position > self.told => Some(Event::Idle { position }),
                Frame::Alive(_) => None,
            };
            if let Some(event) = event {
                match &event {
                    Event::Idle { position } => self.told = *position,
                    Event::Changes(batch) => self.told = batch.end.unwrap_or(self.told),
                }
                return Ok(event);
            }
        }
    }

    fn message(&mut self, bytes: &Bytes) -> Result<Option<Event>, ConnectorError> {
        let message = pgoutput::decode(bytes).map_err(|error| ConnectorError::Protocol { what: error.to_string() })?;
        match message {
            Message::Begin { commit, micros } => {
                let committed_at = unix_millis(micros).map(Time::from_millis);
                self.open = Some(Open { commit: Position(commit), committed_at, ..Open::default() });
            }
            Message::Commit { end, .. } => {
                let mut open = self.open.take().ok_or_else(out_of_place)?;
                let (unused, broken_tickets) = open.tickets.finish();
                let batch = Batch { end: Some(Position(end)), unused, broken_tickets, ..open.batch() };
                return Ok(Some(Event::Changes(batch)));
            }
            Message::Relation { id, schema, name, columns, .. } => {
                let relation = self.describe(schema, name, &columns)?;
                self.relations.insert(id, relation);
            }
            Message::Insert { relation, new } => self.insert(relation, &new, bytes.len())?,
            Message::Update { relation, old, new } => {
                if let Some(register) = self.register(relation)? {
                    let (bound, kinds) = (register.bound.clone(), register.updated(old.as_ref(), &new));
                    kinds.into_iter().try_for_each(|kind| self.push(&bound, kind, bytes.len()))?;
                }
            }
            Message::Delete { relation, old } => {
                if let Some(register) = self.register(relation)? {
                    let (bound, kind) = (register.bound.clone(), register.deleted(&old));
                    self.push(&bound, kind, bytes.len())?;
                }
            }
            Message::Truncate { relations } => {
                for relation in relations {
                    if let Some(register) = self.register(relation)? {
                        let bound = register.bound.clone();
                        self.push(&bound, ChangeKind::Truncated, bytes.len())?;
                    }
                }
            }
            Message::Logical { transactional: true, prefix: PREFIX, content } => {
                self.open.as_mut().ok_or_else(out_of_place)?.tickets.add(content);
            }
            Message::Logical { .. } | Message::Other => {}
        }
        Ok(self.open.as_mut().filter(|open| open.is_full()).map(|open| Event::Changes(open.part())))
    }

    fn insert(&mut self, relation: u32, new: &[Datum<'_>], bytes: usize) -> Result<(), ConnectorError> {
        match self.relations.get(&relation).ok_or_else(out_of_place)? {
            Relation::Register(register) => {
                let (bound, kind) = (register.bound.clone(), register.created(new));
                self.push(&bound, kind, bytes)
            }
            Relation::Outbox(column) => {
                let ticket = match new.get(*column) {
                    Some(Datum::Binary(ticket)) => *ticket,
                    // Counted as a broken ticket.
                    _ => &[],
                };
                self.open.as_mut().ok_or_else(out_of_place)?.tickets.add(ticket);
                Ok(())
            }
            Relation::Other => Ok(()),
        }
    }

    fn push(&mut self, bound: &Bound, kind: ChangeKind, bytes: usize) -> Result<(), ConnectorError> {
        let open = self.open.as_mut().ok_or_else(out_of_place)?;
        let resource = bound.resource.id.clone();
        let ticket = open.tickets.take(&resource, &kind);
        open.changes.push(Change { resource, kind, ticket });
        open.bytes = open.bytes.saturating_add(bytes);
        Ok(())
    }

    fn register(&self, relation: u32) -> Result<Option<&Followed>, ConnectorError> {
        match self.relations.get(&relation).ok_or_else(out_of_place)? {
            Relation::Register(register) => Ok(Some(register)),
            Relation::Outbox(_) | Relation::Other => Ok(None),
        }
    }

    fn describe(&self, schema: &str, name: &str, columns: &[RelationColumn<'_>]) -> Result<Relation, ConnectorError> {
        let is = |table: &TableName| {
            let own = table.schema.as_ref().map_or("public", |schema| schema.as_str());
            own == schema && table.name.as_str() == name
        };
        if let Some(bound) = self.bounds.iter().find(|bound| is(&bound.binding.table)) {
            return Followed::new(bound.clone(), columns, &self.types).map(Relation::Register);
        }
        if self.settings.outbox.as_ref().is_some_and(is) {
            let column = columns.iter().position(|column| column.name == "ticket");
            return column.map(Relation::Outbox).ok_or_else(|| ConnectorError::Config {
                what: format!("the outbox `{schema}.{name}` has no column `ticket`"),
            });
        }
        Ok(Relation::Other)
    }
}

impl Open {
    fn is_full(&self) -> bool {
        self.changes.len() >= BATCH_CHANGES_MAX || self.bytes >= BATCH_BYTES_MAX
    }

    /// What is there so far, as a part that is not the last.
    fn part(&mut self) -> Batch {
        let part = Self {
            commit: self.commit,
            committed_at: self.committed_at,
            part: self.part,
            changes: std::mem::take(&mut self.changes),
            ..Self::default()
        };
        self.part = self.part.saturating_add(1);
        self.bytes = 0;
        part.batch()
    }

    fn batch(self) -> Batch {
        Batch {
            commit: self.commit,
            committed_at: self.committed_at,
            part: self.part,
            changes: self.changes,
            end: None,
            unused: Vec::new(),
            broken_tickets: 0,
        }
    }
}

fn out_of_place() -> ConnectorError {
    ConnectorError::Protocol { what: "a message out of its place".to_owned() }
}

/// What an error of the server's means for whoever follows it.
pub(crate) fn understood(error: ConnectorError, settings: &Settings) -> ConnectorError {
    let ConnectorError::Refused { source, .. } = &error else { return error };
    let Some(server) = source.downcast_ref::<ServerError>() else { return error };
    match server.code.as_str() {
        // object_in_use
        "55006" => ConnectorError::InUse { name: settings.slot.to_string(), process: process_in(&server.message) },
        // undefined_object: of slot and publication, the one that the message names.
        "42704" if server.message.contains("publication") => {
            ConnectorError::NotInstalled { name: settings.publication.to_string() }
        }
        "42704" => ConnectorError::NotInstalled { name: settings.slot.to_string() },
        _ => error,
    }
}

/// The number in `replication slot "…" is active for PID 123`.
fn process_in(message: &str) -> i64 {
    message.rsplit(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

impl Changes for PostgresChanges {
    fn next(&mut self) -> BoxFuture<'_, Result<Event, ConnectorError>> {
        Box::pin(self.next_event())
    }

    fn confirm(&mut self, upto: Position) -> BoxFuture<'_, Result<(), ConnectorError>> {
        Box::pin(async move {
            // What was not handed out cannot be on our side.
            if upto > self.told {
                return Err(ConnectorError::Config { what: format!("{upto} was not handed out yet") });
            }
            self.wire.confirm(upto);
            Ok(())
        })
    }
}
