//! Headers and certificates: the chain that everything else hangs on.

use gongxin_crypto::merkle;
use gongxin_types::header::EngineContext;
use gongxin_types::receipt::BlockReceipts;
use gongxin_types::{Certificate, FinalizedBlock, Genesis, Header, HeaderDigest, Height, List, Time, codec};
use rusqlite::{Connection, params};

use crate::store::{Snapshot, decode, insert, number, one};
use crate::{Answer, Location, Projection, ProjectionError, transaction};

impl Projection {
    /// The height everything answered now is true at.
    ///
    /// # Errors
    /// Those of the database.
    pub fn height(&self) -> Result<Height, ProjectionError> {
        Ok(self.tip()?.height)
    }

    /// Consensus time of the last block.
    ///
    /// # Errors
    /// Those of the database.
    pub fn time(&self) -> Result<Time, ProjectionError> {
        Ok(self.tip()?.time)
    }

    /// The last header; that of genesis before the first block.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tip(&self) -> Result<Header, ProjectionError> {
        let answer = self.store.read(|snapshot| header_at(snapshot, snapshot.height))?;
        answer.value.ok_or(ProjectionError::Damaged { what: "header" })
    }

    /// The header at a height, if it was applied.
    ///
    /// # Errors
    /// Those of the database.
    pub fn header(&self, height: Height) -> Result<Answer<Option<Header>>, ProjectionError> {
        self.store.read(|snapshot| header_at(snapshot, height))
    }

    /// The certificate of the block at a height, where it has one of its own.
    ///
    /// # Errors
    /// Those of the database.
    pub fn certificate(&self, height: Height) -> Result<Answer<Option<Certificate>>, ProjectionError> {
        self.store.read(|snapshot| certificate_at(snapshot, height))
    }

    /// The whole block at a height, as it was offered; none for genesis.
    ///
    /// # Errors
    /// Those of the database.
    pub fn block(&self, height: Height) -> Result<Answer<Option<FinalizedBlock>>, ProjectionError> {
        const QUERY: &str = "SELECT transactions, due, writes FROM blocks WHERE height = ?1";
        self.store.read(|snapshot| {
            let values = [number(height.get())];
            let found = snapshot.one("read a block", QUERY, values, |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            let (Some((count, due, writes)), Some(header)) = (found, header_at(snapshot, height)?) else {
                return Ok(None);
            };
            let mut transactions = Vec::new();
            let mut receipts = BlockReceipts {
                due: decode("writes", &due)?,
                transactions: Vec::new(),
                writes: decode("writes", &writes)?,
            };
            for position in 0..count {
                let fact = transaction::fact(snapshot, Location { height, transaction: position })?;
                let fact = fact.ok_or(ProjectionError::Damaged { what: "transaction" })?;
                transactions.push(fact.transaction);
                receipts.transactions.push(gongxin_types::TransactionReceipts { actions: fact.actions });
            }
            let certificate = certificate_at(snapshot, height)?;
            Ok(Some(FinalizedBlock { header, certificate, transactions, receipts }))
        })
    }
}

pub(crate) fn header_at(snapshot: &Snapshot<'_>, height: Height) -> Result<Option<Header>, ProjectionError> {
    const QUERY: &str = "SELECT header FROM headers WHERE height = ?1";
    let found = snapshot.one("read a header", QUERY, [number(height.get())], |row| row.get::<_, Vec<u8>>(0))?;
    found.map(|bytes| decode("header", &bytes)).transpose()
}

pub(crate) fn certificate_at(snapshot: &Snapshot<'_>, height: Height) -> Result<Option<Certificate>, ProjectionError> {
    const QUERY: &str = "SELECT certificate FROM certificates WHERE height = ?1";
    let found = snapshot.one("read a certificate", QUERY, [number(height.get())], |row| row.get::<_, Vec<u8>>(0))?;
    found.map(|bytes| decode("certificate", &bytes)).transpose()
}

/// The header that was applied last.
pub(crate) fn last(database: &Connection) -> Result<Header, ProjectionError> {
    const QUERY: &str = "SELECT header FROM headers ORDER BY height DESC LIMIT 1";
    let found =
        one(database, QUERY, [], |row| row.get::<_, Vec<u8>>(0)).map_err(ProjectionError::storage("read a header"))?;
    decode("header", &found.ok_or(ProjectionError::Damaged { what: "header" })?)
}

/// The digest of the header that was applied at a height.
pub(crate) fn digest_at(database: &Connection, height: Height) -> Result<Option<HeaderDigest>, ProjectionError> {
    const QUERY: &str = "SELECT digest FROM headers WHERE height = ?1";
    one(database, QUERY, [number(height.get())], |row| row.get(0).map(HeaderDigest))
        .map_err(ProjectionError::storage("read a header"))
}

pub(crate) fn put(database: &Connection, header: &Header) -> rusqlite::Result<()> {
    let query = "INSERT INTO headers (height, digest, time, header) VALUES (?1, ?2, ?3, ?4)";
    let (height, time) = (number(header.height.get()), number(header.time.millis()));
    insert(database, query, params![height, header.digest().0, time, codec::encode(header)])
}

pub(crate) fn put_certificate(
    database: &Connection,
    height: Height,
    certificate: &Certificate,
) -> rusqlite::Result<()> {
    let query = "INSERT INTO certificates (height, certificate) VALUES (?1, ?2)";
    insert(database, query, params![number(height.get()), codec::encode(certificate)])
}

/// The header before the first block, which everyone derives from genesis and nobody certifies.
pub(crate) fn of_genesis(genesis: &Genesis) -> Header {
    let (head, suite) = (&genesis.head, genesis.head.suite);
    let validators_root = head.validators_root();
    Header {
        version: 1,
        network: head.id(),
        protocol_version: head.protocol_version,
        height: Height::GENESIS,
        parent: HeaderDigest([0; 32]),
        time: head.time,
        transactions_root: merkle::root_of_hashes(suite, &[]),
        receipts_root: BlockReceipts::default().root(suite),
        state: List::empty(),
        epoch: 0,
        validators_root,
        next_validators_root: validators_root,
        engine: EngineContext(List::empty()),
    }
}
