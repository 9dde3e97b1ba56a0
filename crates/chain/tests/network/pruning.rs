//! An archive that is sealed, thinned and pruned, and snapshots: nobody misses what was dropped, and what is begun from a
//! file has the same roots.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gongxin_archive::snapshot::SnapshotError;
use gongxin_chain::{
    Caps, Handle, Snapshot, SyncMode, ValidatorConfig, check_snapshot, make_snapshot, restore_snapshot,
};
use gongxin_types::{FinalizedBlock, Genesis, Height};
use gongxin_verify::TrustedNetwork;

use crate::town::{Town, contents, finish, reach, stop, until};

/// Whoever prunes, and whoever begins anew.
const PRUNED: usize = 3;

/// Segments of eight blocks, so that a test has some.
fn config(town: &Town, node: usize) -> ValidatorConfig {
    let config = town.config(node);
    let mut caps = Caps { segment_blocks: 8, ..config.caps };
    if node == PRUNED {
        caps.archive_for = Some(Duration::from_secs(1));
        caps.archive_blocks = 8;
        caps.snapshot_every = Some(Duration::from_secs(2));
    }
    ValidatorConfig { caps, ..config }
}

fn open(town: &Town) -> Vec<Handle> {
    (0..4).map(|node| town.first_start(config(town, node))).collect()
}

/// Does what has a runtime of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn restore(file: &Path, genesis: &Genesis, into: PathBuf) -> Result<Snapshot, SnapshotError> {
    let (file, genesis) = (file.to_path_buf(), genesis.clone());
    aside(move || restore_snapshot(&file, &genesis, &into)).await
}

/// What a block says, whoever certified it.
fn content(block: &FinalizedBlock) -> FinalizedBlock {
    FinalizedBlock { certificate: None, ..block.clone() }
}

fn first(node: &Handle) -> u64 {
    node.archive_range().map_or(0, |(first, _)| first.get())
}

/// Three keep everything, one keeps a second: it drops what is older, says so, serves the rest, starts again, and a follower
/// that begins at the first block finds it at the others.
#[tokio::test]
async fn one_validator_keeps_less() {
    let town = Town::new();
    let mut nodes = open(&town);
    let mut receipts = Vec::new();
    for sequence in 1..=3 {
        let height = finish(&nodes[0], town.evidence(sequence, &format!("deed {sequence}"))).await;
        receipts.push((height, nodes[0].block_bytes(height).await.unwrap()));
    }
    until(&nodes[PRUNED], |node| first(node) > 8).await;
    let kept_from = first(&nodes[PRUNED]);
    assert!(nodes[PRUNED].status().archive.snapshot.unwrap().get() >= kept_from);
    for node in &nodes[..3] {
        assert_eq!(first(node), 1);
    }
    // Sealed or not, a block in which something happened is the same bytes.
    let sealed = town.path(0).join("blocks").join("data-00000000.zst");
    until(&nodes[0], |_| sealed.exists()).await;
    for (height, bytes) in &receipts {
        assert_eq!(nodes[0].block_bytes(*height).await.as_ref(), Some(bytes));
    }
    nodes.pop().unwrap().stop().await;
    let back = gongxin_chain::start(config(&town, PRUNED)).unwrap();
    // The newest blocks are in memory too until a node stops.
    assert!(back.block(Height::new(1)).await.is_none() && back.subscribe(Height::new(1)).next().await.is_none());
    assert!(first(&back) >= kept_from, "what was dropped is not fetched again");
    finish(&back, town.evidence(9, "after the restart")).await;
    nodes.push(back);
    // State first, then blocks downwards: it asks those who have them.
    let follower = ValidatorConfig { sync: SyncMode::State, ..town.config(4) };
    let follower = gongxin_chain::start(follower).unwrap();
    until(&follower, |node| first(node) == 1).await;
    for height in 1..=kept_from {
        assert_eq!(content(&*reach(&follower, height).await), content(&*reach(&nodes[0], height).await));
    }
    nodes.push(follower);
    stop(&nodes).await;
}

/// Two of four keep less, so only one other keeps everything for either of them: nobody drops anything, and both say why.
#[tokio::test]
async fn nobody_drops_what_too_few_keep() {
    let town = Town::new();
    let thrifty = |node: usize| {
        let caps = config(&town, PRUNED).caps;
        let base = config(&town, node);
        if node > 0 { ValidatorConfig { caps, ..base } } else { base }
    };
    let nodes: Vec<Handle> = (0..4).map(|node| town.first_start(thrifty(node))).collect();
    until(&nodes[1], |node| node.status().archive.waits.is_some_and(|words| words.contains("1 other"))).await;
    assert_eq!((first(&nodes[1]), nodes[1].status().archive.full_needed), (1, 2));
    stop(&nodes).await;
}

/// A network with some documents, stopped; a snapshot of its first validator.
async fn stopped_with_snapshot() -> (Town, PathBuf) {
    let town = Town::new();
    let nodes = open(&town);
    let mut last = Height::GENESIS;
    for sequence in 1..=3 {
        last = finish(&nodes[0], town.evidence(sequence, &format!("deed {sequence}"))).await;
    }
    reach(&nodes[0], last.get() + 2).await;
    stop(&nodes).await;
    drop(nodes);
    let file = town.directory.path().join("ledger.snapshot");
    let (from, genesis, to) = (town.path(0), town.genesis.clone(), file.clone());
    let made = aside(move || make_snapshot(&from, &genesis, &to)).await.unwrap();
    assert!(made.height > last && made.operations[0] > 0);
    let network = TrustedNetwork::from_head(&town.genesis.head);
    let (to, scratch) = (file.clone(), town.directory.path().join("scratch"));
    let checked = aside(move || check_snapshot(&to, &network, &scratch)).await.unwrap();
    assert_eq!(checked, made);
    assert!(!town.directory.path().join("scratch").exists());
    (town, file)
}

/// A wiped validator begins from a file while nobody else runs: at its height, with its roots, and without a vote. Then the
/// others come back, it goes on with them, and has every block from the first on.
#[tokio::test]
async fn a_wiped_validator_begins_from_a_file() {
    let (town, file) = stopped_with_snapshot().await;
    fs::rename(town.path(PRUNED), town.directory.path().join("gone")).unwrap();
    let restored = restore(&file, &town.genesis, town.path(PRUNED)).await.unwrap();
    let again = restore(&file, &town.genesis, town.path(PRUNED)).await.unwrap_err();
    assert!(again.to_string().contains("already"), "{again}");
    let back = gongxin_chain::start(town.config(PRUNED)).unwrap();
    assert_eq!(back.status().height, restored.height);
    let mut nodes = vec![back];
    nodes.extend((0..3).map(|node| gongxin_chain::start(config(&town, node)).unwrap()));
    until(&nodes[0], |node| node.status().height > restored.height && first(node) == 1 && node.status().voting).await;
    finish(&nodes[0], town.evidence(7, "after the restore")).await;
    for height in 1..=restored.height.get() + 1 {
        assert_eq!(content(&*reach(&nodes[0], height).await), content(&*reach(&nodes[1], height).await));
    }
    stop(&nodes).await;
}

/// Cut short anywhere, one byte changed anywhere, of another network, or no snapshot at all: refused by name, nothing written.
#[tokio::test]
async fn what_is_no_snapshot_of_this_network_is_refused() {
    let (town, file) = stopped_with_snapshot().await;
    let whole = fs::read(&file).unwrap();
    let bad = town.directory.path().join("bad.snapshot");
    let empty = town.directory.path().join("empty");
    let refusal = |bytes: &[u8]| {
        fs::write(&bad, bytes).unwrap();
        let error = restore_snapshot(&bad, &town.genesis, &empty).unwrap_err();
        assert!(!empty.exists());
        error
    };
    for place in (0..whole.len()).step_by(whole.len() / 40) {
        let cut = refusal(&whole[..place]);
        assert!(matches!(cut, SnapshotError::Cut | SnapshotError::NotOne), "{place}: {cut}");
        let mut changed = whole.clone();
        changed[place] ^= 1;
        let _ = refusal(&changed);
    }
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(matches!(refusal(&changed), SnapshotError::Changed));
    assert!(matches!(refusal(&[&whole[..], b"x"].concat()), SnapshotError::Changed));
    assert!(matches!(refusal(b"something else that is long enough"), SnapshotError::NotOne));
    let mut other = town.genesis.clone();
    other.head.time = other.head.time.plus_millis(1);
    let before = contents(&town.path(0));
    let error = restore(&file, &other, empty.clone()).await.unwrap_err();
    assert!(matches!(error, SnapshotError::OtherNetwork { .. }), "{error}");
    assert!(!empty.exists());
    assert_eq!(contents(&town.path(0)), before);
    let error = restore(&file, &town.genesis, town.path(0)).await.unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
    assert_eq!(contents(&town.path(0)), before);
}
