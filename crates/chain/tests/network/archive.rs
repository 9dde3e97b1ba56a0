//! The archive of blocks, and the engine's stores beside it: what a crash tears is mended, what is damaged is not served
//! and not touched, what is gone is fetched again.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use gongxin_chain::{Handle, StartError, WaitOutcome};
use gongxin_types::{Height, TransactionId};

use crate::town::{PATIENCE, Town, contents, finish, reach, stop, until};

/// The validator whose files are broken.
const BROKEN: usize = 3;

/// Four validators with some documents final, the last one stopped.
async fn town_with_one_stopped() -> (Town, Vec<Handle>, TransactionId) {
    let town = Town::new();
    let mut nodes = town.open();
    let mut last = None;
    for sequence in 1..=5 {
        let (id, bytes) = town.evidence(sequence, &format!("deed {sequence}"));
        finish(&nodes[BROKEN], (id, bytes)).await;
        last = Some(id);
    }
    nodes.pop().unwrap().stop().await;
    (town, nodes, last.unwrap())
}

/// Starts the broken one again; it is whole when it has every block from the first on and the document.
async fn comes_back(town: &Town, nodes: &[Handle], id: TransactionId) -> Handle {
    let back = gongxin_chain::start(town.config(BROKEN)).unwrap();
    let tip = nodes[0].status().height;
    let whole = |node: &Handle| {
        node.archive_range().is_some_and(|(first, last)| first == Height::new(1) && last >= tip) && node.status().voting
    };
    until(&back, whole).await;
    assert!(matches!(back.wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));
    for height in 1..=tip.get() {
        // Two nodes may hold different certificates of one block.
        let (one, other) = (reach(&back, height).await, reach(&nodes[0], height).await);
        assert_eq!((&one.header, &one.receipts), (&other.header, &other.receipts));
        assert_eq!(one.transactions, other.transactions);
    }
    back
}

/// A crash in the middle of a record: the torn end is dropped, and the archive goes on behind what is whole. The index is
/// only a cache.
#[tokio::test]
async fn a_torn_record_is_dropped() {
    let (town, mut nodes, id) = town_with_one_stopped().await;
    let blocks = town.path(BROKEN).join("blocks");
    let log = blocks.join("data-00000000.log");
    let whole = fs::read(&log).unwrap();
    // The beginning of a record, as large as a real one, that never came to its end.
    OpenOptions::new().append(true).open(&log).unwrap().write_all(&whole[..200]).unwrap();
    fs::remove_file(blocks.join("data-00000000.idx")).unwrap();
    nodes.push(comes_back(&town, &nodes, id).await);
    stop(&nodes).await;
}

/// One changed byte in the middle, or a cut that took records with it: the start is refused with file, place and remedy,
/// nothing is touched; with the folder moved away it fills again from the peers, down to the first block.
#[tokio::test]
async fn a_damaged_archive_is_refused_and_fills_again() {
    let (town, mut nodes, id) = town_with_one_stopped().await;
    let blocks = town.path(BROKEN).join("blocks");
    let log = blocks.join("data-00000000.log");
    let whole = fs::read(&log).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damaged in [&changed[..], &whole[..whole.len() / 2]] {
        fs::write(&log, damaged).unwrap();
        let before = contents(&town.path(BROKEN));
        let error = gongxin_chain::start(town.config(BROKEN)).err().unwrap();
        let StartError::Archive(cause) = &error else { panic!("{error}") };
        let words = cause.to_string();
        assert!(words.contains(&*log.display().to_string()) && words.contains("move folder"), "{words}");
        assert_eq!(contents(&town.path(BROKEN)), before);
    }
    fs::rename(&blocks, town.directory.path().join("moved-away")).unwrap();
    nodes.push(comes_back(&town, &nodes, id).await);
    stop(&nodes).await;
}

/// A part of the state is gone while the archive is there: the start ends with folder and remedy. With all of the
/// engine's stores moved away, the validator follows first, executes everything again, and votes when that is safe.
#[tokio::test]
async fn without_its_stores_a_validator_begins_again() {
    let (town, mut nodes, id) = town_with_one_stopped().await;
    let engine = town.path(BROKEN).join("engine");
    fs::remove_dir_all(engine.join("objects-log-journal-blobs")).unwrap();
    let ended = gongxin_chain::start(town.config(BROKEN)).unwrap();
    let reason = tokio::time::timeout(PATIENCE, ended.wait()).await.unwrap().unwrap_err().reason;
    assert!(reason.contains(&*engine.display().to_string()) && reason.contains("move that folder away"), "{reason}");
    drop(ended);
    fs::rename(&engine, town.directory.path().join("moved-away")).unwrap();
    nodes.push(comes_back(&town, &nodes, id).await);
    stop(&nodes).await;
}
