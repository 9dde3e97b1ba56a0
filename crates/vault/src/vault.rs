//! Open a vault, and everything between its calls and its database.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gongxin_crypto::{AeadKey, Digest, OperatingSystem, Passphrase, Randomness, SealingSecret, Suite, key_file};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::keys::{self, KeyRing};
use crate::{VaultError, schema};

/// Name of the file that holds the master key: an encrypted PKCS#8 key of 32 bytes.
pub(crate) const MASTER_FILE: &str = "vault-master.pem";
/// Name of the database.
pub(crate) const DATABASE_FILE: &str = "vault.sqlite";

/// An open vault; safe to share between threads.
pub struct Vault {
    pub(crate) ring: KeyRing,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

/// Which vault is meant.
struct Place<'a> {
    directory: &'a Path,
    network: &'a Digest,
    suite: Suite,
    randomness: Arc<dyn Randomness>,
}

impl Vault {
    /// Makes a new vault in a directory and opens it. A creation that was interrupted is taken up where it stopped.
    ///
    /// # Errors
    /// [`VaultError::Exists`] when there is one; those of files and database otherwise.
    pub fn create(
        directory: &Path,
        network: &Digest,
        suite: Suite,
        passphrase: &Passphrase,
    ) -> Result<Self, VaultError> {
        let place = Place { directory, network, suite, randomness: Arc::new(OperatingSystem) };
        if place.is_present()? {
            return Err(VaultError::Exists { directory: directory.to_owned() });
        }
        Self::made(place, passphrase)
    }

    /// Opens the vault in a directory.
    ///
    /// # Errors
    /// When there is none, when it is another network's, suite's or a newer program's, when the passphrase or the master
    /// key is another one, or when files or database fail.
    pub fn open(directory: &Path, network: &Digest, suite: Suite, passphrase: &Passphrase) -> Result<Self, VaultError> {
        let place = Place { directory, network, suite, randomness: Arc::new(OperatingSystem) };
        if !place.is_present()? {
            return Err(VaultError::Absent { directory: directory.to_owned() });
        }
        Self::opened(place, passphrase)
    }

    /// Opens the vault in a directory, or makes one where there is none, on a machine with this randomness.
    ///
    /// # Errors
    /// Those of [`Vault::open`] and [`Vault::create`].
    pub fn open_or_create(
        directory: &Path,
        network: &Digest,
        suite: Suite,
        passphrase: &Passphrase,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, VaultError> {
        let place = Place { directory, network, suite, randomness };
        if place.is_present()? { Self::opened(place, passphrase) } else { Self::made(place, passphrase) }
    }

    fn made(place: Place<'_>, passphrase: &Passphrase) -> Result<Self, VaultError> {
        let failed = |source| VaultError::Io { action: "create", path: place.directory.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(place.directory).map_err(failed)?;
        let master = place.make_master(passphrase)?;
        place.make_tables(&master)?;
        Self::opened(place, passphrase)
    }

    fn opened(place: Place<'_>, passphrase: &Passphrase) -> Result<Self, VaultError> {
        let mut writer = place.connect()?;
        let (version, index_wrap) = place.check(&writer)?;
        let path = place.master_path();
        if !path.exists() {
            return Err(VaultError::NoMasterKey { path });
        }
        let master = place.read_master(passphrase)?;
        let index = keys::unwrap_index_key(place.suite, &master, place.network, &index_wrap)
            .ok_or(VaultError::OtherMasterKey { path })?;
        let ring = KeyRing::new(place.suite, master, index, Arc::clone(&place.randomness));
        load_periods(&writer, &ring)?;
        schema::upgrade(&mut writer, version).map_err(VaultError::storage("bring its tables up to this version"))?;
        let reader = place.connect()?;
        Ok(Self { ring, writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// Runs one database transaction; what it wrote is on disk when this returns.
    pub(crate) fn write<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(VaultError::storage(action))?;
        let value = work(&transaction)?;
        transaction.commit().map_err(VaultError::storage(action))?;
        Ok(value)
    }

    /// Reads one consistent state.
    pub(crate) fn read<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let mut connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction().map_err(VaultError::storage(action))?;
        work(&transaction)
    }

    /// Moves what the write-ahead log holds into the database and empties the log, so that deleted keys are gone from both.
    pub(crate) fn checkpoint(&self) -> Result<(), VaultError> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(VaultError::storage("empty the write-ahead log"))
    }
}

impl Place<'_> {
    fn master_path(&self) -> PathBuf {
        self.directory.join(MASTER_FILE)
    }

    fn database_path(&self) -> PathBuf {
        self.directory.join(DATABASE_FILE)
    }

    /// Whether there is a whole vault: its tables are made last, in one database transaction.
    fn is_present(&self) -> Result<bool, VaultError> {
        if !self.database_path().exists() {
            return Ok(false);
        }
        schema::is_present(&self.connect()?).map_err(VaultError::storage("look for its tables"))
    }

    fn connect(&self) -> Result<Connection, VaultError> {
        let path = self.database_path();
        let connection = Connection::open(&path).map_err(VaultError::storage("open its database"))?;
        schema::prepare(&connection).map_err(VaultError::storage("open its database"))?;
        Ok(connection)
    }

    fn make_master(&self, passphrase: &Passphrase) -> Result<AeadKey, VaultError> {
        if !self.master_path().exists() {
            // The key file of a sealing key: 32 random bytes in a form that `openssl` opens too.
            let master = SealingSecret::generate_of(&*self.randomness)?;
            key_file::write_sealing_key(&self.master_path(), &master, passphrase)?;
        }
        self.read_master(passphrase)
    }

    fn read_master(&self, passphrase: &Passphrase) -> Result<AeadKey, VaultError> {
        let secret = key_file::read_sealing_key(&self.master_path(), passphrase)?;
        Ok(AeadKey::new(&secret.expose_seed()))
    }

    fn make_tables(&self, master: &AeadKey) -> Result<(), VaultError> {
        const ACTION: &str = "make its tables";
        let path = self.database_path();
        // Made before the database opens it, so that no other user can ever read it; its log inherits the mode.
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        made.map_err(|source| VaultError::Io { action: "create", path, source })?;
        let mut connection = self.connect()?;
        let transaction = connection.transaction().map_err(VaultError::storage(ACTION))?;
        transaction.execute_batch(schema::TABLES).map_err(VaultError::storage(ACTION))?;
        transaction.execute_batch(schema::UPGRADE).map_err(VaultError::storage(ACTION))?;
        let index = AeadKey::generate_of(&*self.randomness)?;
        let index_wrap = keys::wrap_index_key(&*self.randomness, self.suite, master, self.network, &index)?;
        let row = (schema::VERSION, self.network.as_bytes(), self.suite.id(), index_wrap);
        transaction
            .execute("INSERT INTO vault (one, version, network, suite, index_key) VALUES (1, ?1, ?2, ?3, ?4)", row)
            .map_err(VaultError::storage(ACTION))?;
        let ring = KeyRing::new(self.suite, master.clone(), index, Arc::clone(&self.randomness));
        let (_, wrap) = ring.new_period(1)?;
        transaction
            .execute("INSERT INTO periods (period, wrap) VALUES (1, ?1)", [wrap])
            .map_err(VaultError::storage(ACTION))?;
        transaction.commit().map_err(VaultError::storage(ACTION))
    }

    /// Refuses a vault that is not the one that is meant; gives its version and the wrapped index key.
    fn check(&self, connection: &Connection) -> Result<(u32, Vec<u8>), VaultError> {
        const ACTION: &str = "read what it belongs to";
        let (version, network, suite, index_key): (u32, Vec<u8>, u8, Vec<u8>) = connection
            .query_row("SELECT version, network, suite, index_key FROM vault", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
            .map_err(VaultError::storage(ACTION))?
            .ok_or_else(|| VaultError::Absent { directory: self.directory.to_owned() })?;
        let directory = self.directory.to_owned();
        if version > schema::VERSION {
            return Err(VaultError::Newer { directory, found: version, known: schema::VERSION });
        }
        if suite != self.suite.id() {
            return Err(VaultError::OtherSuite { directory, found: suite, expected: self.suite.name() });
        }
        if network != self.network.as_bytes() {
            let found = Digest::new(&network).unwrap_or_else(|_| self.suite.hash(&[]));
            return Err(VaultError::OtherNetwork {
                directory,
                found: Box::new(found),
                expected: Box::new(*self.network),
            });
        }
        Ok((version, index_key))
    }
}

fn load_periods(connection: &Connection, ring: &KeyRing) -> Result<(), VaultError> {
    const ACTION: &str = "read its period keys";
    let mut statement =
        connection.prepare("SELECT period, wrap FROM periods ORDER BY period").map_err(VaultError::storage(ACTION))?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .map_err(VaultError::storage(ACTION))?;
    for row in rows {
        let (period, wrap) = row.map_err(VaultError::storage(ACTION))?;
        ring.add_period(period, ring.open_period(period, &wrap)?);
    }
    Ok(())
}
