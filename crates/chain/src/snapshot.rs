//! The state as a file, written while the node goes on.
//!
//! What is written is what state sync would send: the operations of both databases up to one final block, and hashes that
//! stand for what lies before. The databases keep them for some thousand blocks, so they may grow meanwhile.

use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use commonware_storage::mmr::Location;
use commonware_storage::qmdb::any::operation::Operation as Engine;
use commonware_utils::NZU64;
use gongxin_archive::snapshot::{Head, Operation, Peaks, TableKind, Writer};
use gongxin_types::header::StateRoot;
use gongxin_types::receipt::Page;
use gongxin_types::{EpochChange, FinalizedBlock, Header, List, codec};

use crate::databases::{Databases, ListsOperation, ObjectsOperation};
use crate::limits;
use crate::names::Commitment;
use crate::node::Node;

/// How a snapshot of a node's own is called; its height follows.
pub(crate) const PREFIX: &str = "snapshot-";

/// Writes the state after the newest final block that has a certificate into a folder; its height. Nothing if there is no
/// such block at this moment, or its snapshot is there.
pub(crate) async fn take(node: &Node, databases: &Databases, folder: &Path) -> io::Result<Option<u64>> {
    std::fs::create_dir_all(folder)?;
    let tip = node.tip.borrow().clone();
    let height = tip.header.height.get();
    let path = folder.join(format!("{PREFIX}{height:012}"));
    if tip.certificate.is_none() || !reaches(databases, &tip.header).await || path.exists() {
        return Ok(None);
    }
    let Some(block) = node.archive.get(height)? else {
        return Ok(None);
    };
    write(databases, &block, &node.epochs.changes(), &path).await?;
    Ok(Some(height))
}

/// Whether the databases have come as far as a block.
async fn reaches(databases: &Databases, header: &Header) -> bool {
    let ends = (*databases.0.read().await.bounds().end, *databases.1.read().await.bounds().end);
    matches!(&*header.state, [objects, lists] if objects.end <= ends.0 && lists.end <= ends.1)
}

/// Writes the state after a block that the databases have reached.
pub(crate) async fn write(
    databases: &Databases,
    block_bytes: &[u8],
    changes: &[EpochChange],
    path: &Path,
) -> io::Result<()> {
    let block: FinalizedBlock = codec::decode("finalized block", block_bytes).map_err(failed)?;
    let header = &block.header;
    let [objects, lists] = &*header.state else {
        return Err(failed("the block names no state"));
    };
    let known: Vec<EpochChange> =
        changes.iter().filter(|change| change.header.height <= header.height).cloned().collect();
    let objects_peaks = databases.0.read().await.pinned_nodes_at(Location::new(objects.start)).await.map_err(failed)?;
    let lists_peaks = databases.1.read().await.pinned_nodes_at(Location::new(lists.start)).await.map_err(failed)?;
    let head = Head {
        version: 1,
        network: header.network,
        epochs: u32::try_from(known.len()).map_err(failed)?,
        objects: peaks(objects_peaks)?,
        lists: peaks(lists_peaks)?,
    };
    let mut file = Writer::begin(path, &head, &known, block_bytes)?;
    let mut next = objects.start;
    while let Some(count) = step(next, objects) {
        let (size, at) = (Location::new(objects.end), Location::new(next));
        let read = databases.0.read().await.ops_historical_proof(size, at, count).await;
        let (_, operations) = read.map_err(failed)?;
        let plain = operations.iter().map(object).collect::<io::Result<Vec<_>>>()?;
        file.operations(TableKind::Objects, &plain)?;
        next = advance(next, plain.len())?;
    }
    let mut next = lists.start;
    while let Some(count) = step(next, lists) {
        let (size, at) = (Location::new(lists.end), Location::new(next));
        let read = databases.1.read().await.ops_historical_proof(size, at, count).await;
        let (_, operations) = read.map_err(failed)?;
        let plain = operations.iter().map(list).collect::<io::Result<Vec<_>>>()?;
        file.operations(TableKind::Lists, &plain)?;
        next = advance(next, plain.len())?;
    }
    file.finish()
}

fn step(next: u64, range: &StateRoot) -> Option<NonZeroU64> {
    NonZeroU64::new(range.end.saturating_sub(next)).map(|left| left.min(NZU64!(limits::SNAPSHOT_OPERATIONS)))
}

fn advance(next: u64, read: usize) -> io::Result<u64> {
    let read = u64::try_from(read).ok().filter(|read| *read > 0);
    read.and_then(|read| next.checked_add(read)).ok_or_else(|| failed("the database returned nothing"))
}

fn peaks(digests: Vec<Commitment>) -> io::Result<Peaks> {
    List::new(digests.into_iter().map(|digest| digest.0).collect()).map_err(failed)
}

fn object(operation: &ObjectsOperation) -> io::Result<Operation> {
    Ok(match operation {
        Engine::Delete(key) => Operation::Removed { key: key.0 },
        Engine::Update(update) => Operation::Written { key: update.0.0, page: Page(update.1) },
        Engine::CommitFloor(None, floor) => Operation::Committed { floor: **floor },
        Engine::CommitFloor(Some(_), _) => return Err(failed("an operation has what this ledger never writes")),
    })
}

fn list(operation: &ListsOperation) -> io::Result<Operation> {
    Ok(match operation {
        Engine::Delete(key) => Operation::Removed { key: key.0 },
        Engine::Update(update) => {
            Operation::Linked { key: update.key.0, page: Page(update.value), next: update.next_key.0 }
        }
        Engine::CommitFloor(None, floor) => Operation::Committed { floor: **floor },
        Engine::CommitFloor(Some(_), _) => return Err(failed("an operation has what this ledger never writes")),
    })
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("a snapshot of the state cannot be written: {error}"))
}
