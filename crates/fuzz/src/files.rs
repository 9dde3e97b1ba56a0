//! Files that people hand to the program: configurations, nouns in JSON, key files, backups.

use std::cell::RefCell;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_backup::BackupError;
use gongxin_config::{GatewayConfig, NodeConfig, Plan};
use gongxin_crypto::{Passphrase, key_file as key_files};
use gongxin_types::{
    Action, Duty, Evidence, FaultEvidence, Gateway, Grant, NetworkHead, Officer, Organization, Parameters, PolicySet,
    Proposal, RecordBatch, Resource, Transaction, codec, proposal::Matter,
};
use serde::{Serialize, de::DeserializeOwned};
use tempfile::TempDir;

use crate::{Outcome, stable_json};

/// Opens the key files of the corpus.
pub const PASSPHRASE: &[u8] = b"correct horse battery staple";

/// Reads a configuration; what was read is written so that it reads the same again.
fn config<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Outcome {
    let Ok(config) = gongxin_config::parse::<T>(bytes) else {
        return Outcome::Refused;
    };
    let written = toml::to_string_pretty(&config).expect("a configuration can be written");
    let again: T = gongxin_config::parse(written.as_bytes()).expect("what we wrote, we read");
    assert_eq!(toml::to_string_pretty(&again).as_ref(), Ok(&written));
    Outcome::Accepted
}

/// `node.toml`.
pub(crate) fn node_config(bytes: &[u8]) -> Outcome {
    config::<NodeConfig>(bytes)
}

/// `gateway.toml`.
pub(crate) fn gateway_config(bytes: &[u8]) -> Outcome {
    config::<GatewayConfig>(bytes)
}

/// The plan of a network.
pub(crate) fn network_plan(bytes: &[u8]) -> Outcome {
    config::<Plan>(bytes)
}

/// Reads a noun from JSON; whoever writes it by hand gets a noun that has canonical bytes, and only the one.
fn noun<T: Serialize + DeserializeOwned + BorshSerialize + BorshDeserialize>(bytes: &[u8]) -> bool {
    let Some(noun) = stable_json::<T>(bytes) else {
        return false;
    };
    let encoded = codec::encode(&noun);
    let again: T = codec::decode("noun from JSON", &encoded).expect("what JSON may hold, the ledger may");
    assert_eq!(crate::shown(&again), crate::shown(&noun));
    true
}

/// Any noun that a command takes as a JSON file.
pub(crate) fn noun_json(bytes: &[u8]) -> Outcome {
    let readers: [fn(&[u8]) -> bool; 16] = [
        noun::<Action>,
        noun::<Duty>,
        noun::<Evidence>,
        noun::<FaultEvidence>,
        noun::<Gateway>,
        noun::<Grant>,
        noun::<Matter>,
        noun::<Proposal>,
        noun::<NetworkHead>,
        noun::<Officer>,
        noun::<Organization>,
        noun::<Parameters>,
        noun::<PolicySet>,
        noun::<RecordBatch>,
        noun::<Resource>,
        noun::<Transaction>,
    ];
    Outcome::of(readers.into_iter().filter(|read| read(bytes)).count() > 0)
}

/// A backup that is sealed to the key of the corpus. What opens is whole; what is whole may be sealed to another key.
pub(crate) fn backup(bytes: &[u8]) -> Outcome {
    let checked = gongxin_backup::check(bytes);
    let opened = gongxin_backup::open(bytes, &crate::sealing_secret()).and_then(|opened| {
        let cover = opened.cover().clone();
        opened.each(|entry, part| {
            let mut content = Vec::new();
            part.read_to_end(&mut content).map_err(|_| BackupError::Damaged)?;
            assert!(content.len() as u64 <= entry.bytes && content.len() <= bytes.len());
            Ok::<_, BackupError>(())
        })?;
        Ok(cover)
    });
    match (checked, opened) {
        (Ok(checked), Ok(opened)) => {
            assert_eq!(checked, opened);
            Outcome::Accepted
        }
        _ => Outcome::Refused,
    }
}

thread_local! {
    /// The file that every input is written to: key files are read by path, with their permissions.
    static FILE: RefCell<Option<(TempDir, PathBuf)>> = const { RefCell::new(None) };
}

/// An encrypted key file; it opens as a signing key or as a sealing key, never as both.
pub(crate) fn key_file(bytes: &[u8]) -> Outcome {
    let passphrase = Passphrase::from_bytes(PASSPHRASE).expect("a passphrase");
    FILE.with_borrow_mut(|file| {
        let (_, path) = file.get_or_insert_with(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("key.pem");
            (folder, path)
        });
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&*path);
        opened.and_then(|mut file| file.write_all(bytes)).expect("a file");
        let signing = key_files::read_signing_key(path, &passphrase).is_ok();
        let sealing = !signing && key_files::read_sealing_key(path, &passphrase).is_ok();
        let length = fs::metadata(&*path).expect("the file").len();
        assert!(!(signing || sealing) || length <= 8 * 1024);
        Outcome::of(signing || sealing)
    })
}
