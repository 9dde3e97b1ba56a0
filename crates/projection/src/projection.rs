//! Open a projection; subscribe to its height; throw it away.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gongxin_crypto::Digest;
use gongxin_types::{Genesis, Height, LegalClock};
use gongxin_verify::TrustedNetwork;
use rusqlite::{Connection, params};
use tokio::sync::watch;

use crate::offer::Writer;
use crate::store::{Store, insert, one};
use crate::{OpenError, ProjectionError, apply, header, schema, validator_set};

/// Name of the database.
const DATABASE_FILE: &str = "projection.sqlite";
/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// A verified copy of finalized blocks; safe to share between threads. One thread at a time writes, readers never wait.
pub struct Projection {
    trusted: RwLock<Arc<TrustedNetwork>>,
    pub(crate) store: Store,
    pub(crate) writer: Mutex<Writer>,
    pub(crate) heights: watch::Sender<Height>,
    pub(crate) clock: LegalClock,
}

impl Projection {
    /// Opens the projection of a network in a directory, or begins one with what genesis brings.
    ///
    /// # Errors
    /// When the directory holds another network's projection, one with other tables or a damaged one: each says what to
    /// do. Nothing is changed then.
    pub fn open(directory: &Path, genesis: &Genesis) -> Result<Self, OpenError> {
        genesis.check()?;
        let failed = |source| OpenError::Io { action: "create", path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(failed)?;
        let path = directory.join(DATABASE_FILE);
        let mut connection = connect(&path)?;
        let present = schema::is_present(&connection).map_err(|source| not_a_projection(&path, source))?;
        if present {
            check(&connection, directory, &path, &genesis.head.id())?;
        } else {
            begin(&mut connection, genesis)?;
        }
        let tip = header::last(&connection)?;
        let trusted = validator_set::follow(&connection, TrustedNetwork::from_head(&genesis.head))?;
        let (heights, _) = watch::channel(tip.height);
        Ok(Self {
            trusted: RwLock::new(Arc::new(trusted)),
            store: Store::new(&path, genesis.head.suite),
            writer: Mutex::new(Writer::new(connection, tip)),
            heights,
            clock: LegalClock::of(&genesis.head),
        })
    }

    /// Throws the projection in a directory away, whatever it is; the next [`Projection::open`] begins anew. No process
    /// may have it open.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn discard(directory: &Path) -> Result<(), OpenError> {
        for companion in COMPANIONS {
            let path = directory.join(format!("{DATABASE_FILE}{companion}"));
            match fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(OpenError::Io { action: "remove", path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The height, told anew whenever a block was applied. A slow reader misses heights in between, never the last.
    pub fn subscribe(&self) -> watch::Receiver<Height> {
        self.heights.subscribe()
    }

    /// The network it is of, with the validators of all epochs that were reached: a snapshot of what is trusted now.
    pub fn network(&self) -> Arc<TrustedNetwork> {
        Arc::clone(&self.trusted.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Trusts the validators of the next epoch too.
    pub(crate) fn trust(&self, network: TrustedNetwork) {
        *self.trusted.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(network);
    }
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(path).map_err(ProjectionError::storage("open"))?;
    schema::prepare(&connection).map_err(|source| not_a_projection(path, source))?;
    Ok(connection)
}

/// Tells a file that is something else from a disk that fails.
fn not_a_projection(path: &Path, source: rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match source.sqlite_error_code() {
        Some(NotADatabase | DatabaseCorrupt) => OpenError::NotAProjection { path: path.to_owned(), source },
        _ => ProjectionError::storage("open")(source).into(),
    }
}

/// Makes the tables and puts in genesis, all or nothing.
fn begin(connection: &mut Connection, genesis: &Genesis) -> Result<(), ProjectionError> {
    const ACTION: &str = "begin";
    let transaction = connection.transaction().map_err(ProjectionError::storage(ACTION))?;
    transaction.execute_batch(schema::TABLES).map_err(ProjectionError::storage(ACTION))?;
    let query = "INSERT INTO projection (one, version, network) VALUES (1, ?1, ?2)";
    insert(&transaction, query, params![schema::VERSION, genesis.head.id().as_bytes()])
        .map_err(ProjectionError::storage(ACTION))?;
    apply::genesis(&transaction, genesis)?;
    transaction.commit().map_err(ProjectionError::storage(ACTION))
}

/// Refuses a projection that is not the one that is meant.
fn check(connection: &Connection, directory: &Path, path: &Path, expected: &Digest) -> Result<(), OpenError> {
    let query = "SELECT version, network FROM projection";
    let found = one(connection, query, [], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)));
    let (version, network) = found
        .map_err(|source| not_a_projection(path, source))?
        .ok_or(ProjectionError::Damaged { what: "what it belongs to" })?;
    let directory: PathBuf = directory.to_owned();
    if version != schema::VERSION {
        return Err(OpenError::OtherVersion { directory, found: version, known: schema::VERSION });
    }
    if network != expected.as_bytes() {
        let found = Digest::new(&network).map_err(|_| ProjectionError::Damaged { what: "what it belongs to" })?;
        return Err(OpenError::OtherNetwork { directory, found: Box::new(found), expected: Box::new(*expected) });
    }
    Ok(())
}
