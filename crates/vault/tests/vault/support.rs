//! An office with a vault of its own, in a directory that goes away.

use gongxin_crypto::{Digest, Passphrase, Suite};
use gongxin_types::row::{CellText, Row, Salt, Value};
use gongxin_types::{Height, List, RecordId, ResourceId, Time, TransactionId};
use gongxin_vault::{NewBody, Staging, Vault};

pub(crate) const SUITE: Suite = Suite::Intl;

/// A directory with the vault of civil-affairs.
pub(crate) struct Office {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) vault: Vault,
}

pub(crate) fn network() -> Digest {
    SUITE.hash(&[b"test network"])
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::from_bytes(b"correct horse").unwrap()
}

pub(crate) fn office() -> Office {
    let directory = tempfile::tempdir().unwrap();
    let vault = Vault::create(&directory.path().join("vault"), &network(), SUITE, &passphrase()).unwrap();
    Office { directory, vault }
}

impl Office {
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("vault")
    }

    /// Closes the vault and opens it again, as a restarted gateway does.
    pub(crate) fn restart(self) -> Self {
        let Self { directory, vault } = self;
        drop(vault);
        let vault = Vault::open(&directory.path().join("vault"), &network(), SUITE, &passphrase()).unwrap();
        Self { directory, vault }
    }

    /// Every byte of every file of the vault.
    pub(crate) fn bytes_on_disk(&self) -> Vec<u8> {
        let mut files: Vec<_> = std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().flat_map(|path| std::fs::read(path).unwrap()).collect()
    }
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub(crate) fn divisions() -> ResourceId {
    "civil-affairs/divisions".parse().unwrap()
}

pub(crate) fn record(number: u8) -> RecordId {
    RecordId::new([number; 16])
}

pub(crate) fn transaction(number: u64) -> TransactionId {
    TransactionId(SUITE.hash(&[&number.to_le_bytes()]))
}

pub(crate) fn row(code: &str, name: &str) -> Row {
    let text = |text: &str| Value::Text(CellText::new(text).unwrap());
    Row(List::new(vec![text(code), text(name)]).unwrap())
}

pub(crate) fn salt(number: u8) -> Salt {
    Salt([number; 32])
}

pub(crate) fn key(code: &str) -> Vec<String> {
    vec![code.into()]
}

/// One version of a record, made by the first action of its transaction.
pub(crate) fn body(record_number: u8, version: u32, code: &str, name: &str) -> NewBody {
    NewBody {
        action: 0,
        operation: 0,
        resource: divisions(),
        record: record(record_number),
        version,
        key: key(code),
        salt: salt(record_number.wrapping_add(version as u8)),
        row: row(code, name),
    }
}

pub(crate) fn staging(number: u64, bodies: Vec<NewBody>) -> Staging {
    let bytes = format!("bytes of transaction {number}").into_bytes();
    Staging { transaction: transaction(number), valid_until: Time::from_millis(600_000), bytes, bodies }
}

/// Stages one version and makes it final at a height.
pub(crate) fn write(office: &Office, height: u64, body: NewBody) {
    office.vault.stage(&staging(height, vec![body])).unwrap();
    office.vault.settle(&transaction(height), Height::new(height), 0, &[0]).unwrap();
}
