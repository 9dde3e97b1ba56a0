//! The connector of one PostgreSQL database.

use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use gongxin_connector_api::limits::{APPLY_MAX, FINDINGS_MAX};
use gongxin_connector_api::{
    Bound, Changes, Connector, ConnectorError, Finding, Health, Key, Ordered, Outcome, Position, Problem, Snapshot,
    Waiting,
};
use gongxin_types::ResourceId;
use gongxin_types::row::Row;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::Client;

use crate::cause::refused;
use crate::connect::{connect, encoding};
use crate::limits::{CONNECT_TIMEOUT, RELEASE_INTERVAL};
use crate::relation::Types;
use crate::slot::{Server, Slot};
use crate::snapshot::PostgresSnapshot;
use crate::stream::{PostgresChanges, understood};
use crate::wire::Wire;
use crate::{Settings, apply, check, select, slot};

/// The registers of one PostgreSQL database.
pub struct PostgresConnector {
    settings: Settings,
    bounds: Vec<Arc<Bound>>,
    // One session for questions; snapshots and the stream have their own.
    session: Mutex<Option<Client>>,
    // The server's process of our latest stream, and whether that is still held by somebody.
    latest: Mutex<Option<(i32, Weak<()>)>>,
}

impl std::fmt::Debug for PostgresConnector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PostgresConnector").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The session in use; it is there as long as this is held.
struct Session<'a>(MutexGuard<'a, Option<Client>>);

impl Session<'_> {
    fn client(&mut self) -> Result<&mut Client, ConnectorError> {
        // It was put there when the session was taken.
        self.0.as_mut().ok_or_else(|| ConnectorError::Protocol { what: "a session without a connection".to_owned() })
    }
}

impl PostgresConnector {
    /// A connector for these registers. Nothing is connected yet.
    pub fn new(settings: Settings, bounds: Vec<Bound>) -> Self {
        Self {
            settings,
            bounds: bounds.into_iter().map(Arc::new).collect(),
            session: Mutex::new(None),
            latest: Mutex::new(None),
        }
    }

    /// Makes the slot, from which on the server keeps changes for us: an explicit act, followed by a full pass, which finds
    /// what happened before.
    ///
    /// # Errors
    /// When the server is away or refuses, as when the slot is there already.
    pub async fn create_slot(&self) -> Result<Position, ConnectorError> {
        let mut session = self.session().await?;
        slot::create(session.client()?, &self.settings).await
    }

    /// Drops the slot and everything in it that was not read, so that the server can forget: an explicit act, too. It is no
    /// error when it is not there.
    ///
    /// # Errors
    /// When the server is away or refuses, as when the slot is in use.
    pub async fn drop_slot(&self) -> Result<(), ConnectorError> {
        let mut session = self.session().await?;
        slot::drop(session.client()?, &self.settings).await.map_err(|error| understood(error, &self.settings))
    }

    async fn session(&self) -> Result<Session<'_>, ConnectorError> {
        let mut session = self.session.lock().await;
        if session.as_ref().is_none_or(Client::is_closed) {
            *session = Some(connect(&self.settings).await?);
        }
        Ok(Session(session))
    }

    fn bound(&self, resource: &ResourceId) -> Result<&Arc<Bound>, ConnectorError> {
        let bound = self.bounds.iter().find(|bound| bound.resource.id == *resource);
        bound.ok_or_else(|| ConnectorError::Unbound { resource: resource.clone() })
    }

    async fn read_row(&self, resource: &ResourceId, key: &Key) -> Result<Option<Row>, ConnectorError> {
        let bound = self.bound(resource)?;
        let mut session = self.session().await?;
        select::row(session.client()?, &self.settings, bound, key, "").await
    }

    async fn begin_snapshot(
        &self,
        resource: &ResourceId,
        after: Option<&Key>,
    ) -> Result<Box<dyn Snapshot>, ConnectorError> {
        let bound = self.bound(resource)?.clone();
        let client = connect(&self.settings).await?;
        Ok(Box::new(PostgresSnapshot::begin(client, &self.settings, bound, after).await?))
    }

    /// Looks whether the slot can go on from here, and starts the stream.
    async fn follow(&self, from: Option<Position>) -> Result<Box<dyn Changes>, ConnectorError> {
        let settings = &self.settings;
        let name = settings.database.as_str();
        let mut latest = self.latest.lock().await;
        let mut session = self.session().await?;
        let client = session.client()?;
        let server = Server::read(client, settings).await?;
        if let Some(from) = from.filter(|from| *from > server.position) {
            return Err(ConnectorError::WentBack { from, found: server.position });
        }
        let slot = self.free_slot(client, latest.as_ref()).await?;
        if let Some(from) = from {
            slot.goes_on_from(from)?;
        }
        let statement = "SELECT 1 FROM pg_publication WHERE pubname = $1";
        let published = client.query_opt(statement, &[&settings.publication.as_str()]).await;
        if published.map_err(refused("tell what is published", name))?.is_none() {
            return Err(ConnectorError::NotInstalled { name: settings.publication.to_string() });
        }
        let encoding = encoding(client, name).await?;
        let types = Types::read(client, name).await?;
        let begin = from.or(slot.confirmed);
        let wire = Wire::start(settings, encoding, begin).await.map_err(|error| understood(error, settings))?;
        let alive = Arc::new(());
        *latest = Some((wire.process, Arc::downgrade(&alive)));
        let begin = begin.unwrap_or_default();
        Ok(Box::new(PostgresChanges::new(wire, settings.clone(), self.bounds.clone(), types, begin, alive)))
    }

    /// The slot, once nobody uses it. The server takes a moment to notice that a stream of ours was given up; whoever else is
    /// there is named.
    async fn free_slot(&self, client: &Client, latest: Option<&(i32, Weak<()>)>) -> Result<Slot, ConnectorError> {
        let name = || self.settings.slot.to_string();
        let missing = || ConnectorError::NotInstalled { name: name() };
        let given_up = latest.filter(|(_, alive)| alive.strong_count() == 0).map(|(process, _)| *process);
        let until = tokio::time::Instant::now() + CONNECT_TIMEOUT;
        loop {
            let slot = Slot::read(client, &self.settings).await?.ok_or_else(missing)?;
            if slot.is_lost() {
                return Err(missing());
            }
            let Some(process) = slot.process else { return Ok(slot) };
            if given_up != Some(process) || tokio::time::Instant::now() > until {
                return Err(ConnectorError::InUse { name: name(), process: process.into() });
            }
            tokio::time::sleep(RELEASE_INTERVAL).await;
        }
    }

    async fn look(&self) -> Result<Vec<Finding>, ConnectorError> {
        let mut session = self.session().await?;
        let mut findings = check::check(session.client()?, &self.settings, &self.bounds).await?;
        findings.truncate(FINDINGS_MAX);
        Ok(findings)
    }

    async fn state(&self) -> Result<Health, ConnectorError> {
        let mut session = self.session().await?;
        let client = session.client()?;
        let server = Server::read(client, &self.settings).await?;
        let slot = Slot::read(client, &self.settings).await?;
        // What would let changes pass unseen is looked for every time.
        let findings = check::check(client, &self.settings, &self.bounds).await?;
        let findings = findings.into_iter().filter(|finding| {
            matches!(
                finding.problem,
                Problem::Slot | Problem::Publication | Problem::Backlog | Problem::ReplicaIdentity
            )
        });
        let confirmed = slot.as_ref().and_then(|slot| slot.confirmed);
        Ok(Health {
            identity: server.identity,
            started: server.started,
            position: server.position,
            confirmed,
            behind: confirmed.map_or(0, |confirmed| server.position.0.saturating_sub(confirmed.0)),
            kept: slot.map_or(0, |slot| slot.kept),
            kept_max: self.settings.slot_bytes_max,
            findings: findings.collect(),
        })
    }

    async fn write(&self, operations: &[Ordered]) -> Result<Vec<Outcome>, ConnectorError> {
        if operations.len() > APPLY_MAX {
            return Err(ConnectorError::Limit { what: "operations to apply at once", max: APPLY_MAX });
        }
        let mut session = self.session().await?;
        apply::apply(session.client()?, &self.settings, &self.bounds, operations).await
    }

    async fn list_waiting(&self) -> Result<Vec<Waiting>, ConnectorError> {
        let mut session = self.session().await?;
        apply::waiting(session.client()?, &self.settings).await
    }
}

impl Connector for PostgresConnector {
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, ConnectorError>> {
        Box::pin(self.look())
    }

    fn snapshot<'a>(
        &'a self,
        resource: &'a ResourceId,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>, ConnectorError>> {
        Box::pin(self.begin_snapshot(resource, after))
    }

    fn row<'a>(&'a self, resource: &'a ResourceId, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, ConnectorError>> {
        Box::pin(self.read_row(resource, key))
    }

    fn changes(&self, from: Option<Position>) -> BoxFuture<'_, Result<Box<dyn Changes>, ConnectorError>> {
        Box::pin(self.follow(from))
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Vec<Waiting>, ConnectorError>> {
        Box::pin(self.list_waiting())
    }

    fn apply<'a>(&'a self, operations: &'a [Ordered]) -> BoxFuture<'a, Result<Vec<Outcome>, ConnectorError>> {
        Box::pin(self.write(operations))
    }

    fn health(&self) -> BoxFuture<'_, Result<Health, ConnectorError>> {
        Box::pin(self.state())
    }
}
