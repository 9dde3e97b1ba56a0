//! The connector of one SQLite file.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use gongxin_connector_api::limits::{APPLY_MAX, FINDINGS_MAX};
use gongxin_connector_api::{
    Bound, Changes, Connector, ConnectorError, Finding, Health, Key, Ordered, Outcome, Position, Snapshot, Waiting,
};
use gongxin_types::ResourceId;
use gongxin_types::row::Row;
use rusqlite::Connection;

use crate::changes::SqliteChanges;
use crate::open::{open, refused};
use crate::snapshot::SqliteSnapshot;
use crate::{Settings, apply, check, install, row};

/// The registers of one SQLite file.
pub struct SqliteConnector {
    settings: Settings,
    bounds: Arc<Vec<Arc<Bound>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for SqliteConnector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SqliteConnector").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Runs what waits for the disk where waiting is allowed.
pub(crate) async fn blocking<S: Send + 'static, T: Send + 'static>(
    state: &Arc<Mutex<S>>,
    work: impl FnOnce(&mut S) -> Result<T, ConnectorError> + Send + 'static,
) -> Result<T, ConnectorError> {
    let state = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        // A connection is as good after somebody else's panic as before: SQLite undoes what was not committed.
        work(&mut state.lock().unwrap_or_else(PoisonError::into_inner))
    });
    task.await.map_err(ended)?
}

fn ended(error: tokio::task::JoinError) -> ConnectorError {
    ConnectorError::Protocol { what: format!("the thread of the register ended: {error}") }
}

impl SqliteConnector {
    /// A connector for these registers. Nothing is opened yet.
    pub fn new(settings: Settings, bounds: Vec<Bound>) -> Self {
        let bounds = Arc::new(bounds.into_iter().map(Arc::new).collect());
        Self { settings, bounds, turn: Arc::default() }
    }

    /// Puts triggers and outbox into the file, from where on changes are kept for us: an explicit act, followed by a full pass,
    /// which finds what happened before.
    ///
    /// # Errors
    /// When the file cannot be written, or they are there already.
    pub async fn install(&self) -> Result<(), ConnectorError> {
        self.with(true, install::install).await
    }

    /// Takes triggers and outbox out of the file, and what was not read with them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn uninstall(&self) -> Result<(), ConnectorError> {
        self.with(true, |connection, _| install::uninstall(connection)).await
    }

    /// Runs something with a connection of its own.
    async fn with<T: Send + 'static>(
        &self,
        write: bool,
        work: impl FnOnce(&mut Connection, &[Arc<Bound>]) -> Result<T, ConnectorError> + Send + 'static,
    ) -> Result<T, ConnectorError> {
        let (settings, bounds) = (self.settings.clone(), self.bounds.clone());
        tokio::task::spawn_blocking(move || work(&mut open(&settings, write)?, &bounds)).await.map_err(ended)?
    }

    fn bound(&self, resource: &ResourceId) -> Result<Arc<Bound>, ConnectorError> {
        let bound = self.bounds.iter().find(|bound| bound.resource.id == *resource);
        bound.cloned().ok_or_else(|| ConnectorError::Unbound { resource: resource.clone() })
    }

    async fn follow(&self, from: Option<Position>) -> Result<Box<dyn Changes>, ConnectorError> {
        let in_use = |_| ConnectorError::InUse { name: "gongxin_outbox".to_owned(), process: 0 };
        let turn = self.turn.clone().try_lock_owned().map_err(in_use)?;
        let bounds = self.bounds.clone();
        let settings = self.settings.clone();
        let begin = move || SqliteChanges::new(open(&settings, true)?, bounds, from, turn);
        let changes = tokio::task::spawn_blocking(begin).await.map_err(ended)??;
        Ok(Box::new(changes))
    }

    async fn state(&self) -> Result<Health, ConnectorError> {
        let (settings, max) = (self.settings.clone(), self.settings.outbox_rows_max);
        self.with(false, move |connection, bounds| {
            let findings = check::outbox(connection, &settings, bounds)?;
            let position = install::position(connection)?;
            let kept: i64 = match position {
                Some(_) => connection
                    .query_row("SELECT count(*) FROM gongxin_outbox", [], |row| row.get(0))
                    .map_err(refused("let us count its outbox"))?,
                None => 0,
            };
            let kept = u64::try_from(kept).unwrap_or(0);
            let identity = settings.file.display().to_string();
            let position = position.unwrap_or_default();
            let confirmed = Some(Position(position.0.saturating_sub(kept)));
            Ok(Health {
                identity,
                started: String::new(),
                position,
                confirmed,
                behind: kept,
                kept,
                kept_max: max,
                findings,
            })
        })
        .await
    }
}

impl Connector for SqliteConnector {
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, ConnectorError>> {
        let settings = self.settings.clone();
        Box::pin(self.with(false, move |connection, bounds| {
            let mut findings = check::tables(connection, bounds)?;
            findings.extend(check::outbox(connection, &settings, bounds)?);
            findings.truncate(FINDINGS_MAX);
            Ok(findings)
        }))
    }

    fn snapshot<'a>(
        &'a self,
        resource: &'a ResourceId,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>, ConnectorError>> {
        Box::pin(async move {
            let bound = self.bound(resource)?;
            let snapshot = SqliteSnapshot::begin(self.settings.clone(), bound, after.cloned()).await?;
            Ok(Box::new(snapshot) as Box<dyn Snapshot>)
        })
    }

    fn row<'a>(&'a self, resource: &'a ResourceId, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, ConnectorError>> {
        Box::pin(async move {
            let (bound, key) = (self.bound(resource)?, key.clone());
            self.with(false, move |connection, _| row::row(connection, &bound, &key)).await
        })
    }

    fn changes(&self, from: Option<Position>) -> BoxFuture<'_, Result<Box<dyn Changes>, ConnectorError>> {
        Box::pin(self.follow(from))
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Vec<Waiting>, ConnectorError>> {
        Box::pin(self.with(false, |connection, _| apply::waiting(connection)))
    }

    fn apply<'a>(&'a self, operations: &'a [Ordered]) -> BoxFuture<'a, Result<Vec<Outcome>, ConnectorError>> {
        Box::pin(async move {
            if operations.len() > APPLY_MAX {
                return Err(ConnectorError::Limit { what: "operations to apply at once", max: APPLY_MAX });
            }
            let operations = operations.to_vec();
            self.with(true, move |connection, bounds| apply::apply(connection, bounds, &operations)).await
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<Health, ConnectorError>> {
        Box::pin(self.state())
    }
}
