//! Looks after the archive: seals what is full, takes snapshots of the state, and drops what need not be kept here.
//!
//! **Rule.** A node keeps every block unless its operator says otherwise (`archive_for`). Then it drops a sealed segment only
//! when all of this is true: every block in it is older than `archive_for`, and [`limits::RETAINED_BLOCKS`] newer ones are
//! here; a snapshot of its own of a later height stands on its disk; and f+1 other validators say that they hold every block
//! and keep it for good. So whoever lies or fails among them, one is left who has it. What it waits for is told to the
//! operator; a node never drops by accident what nobody else has.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commonware_runtime::{Clock as _, Handle, Spawner as _, Supervisor as _};
use gongxin_archive::Archive;

use crate::config::{Caps, ValidatorConfig};
use crate::databases::Databases;
use crate::ledger;
use crate::limits;
use crate::names::Runtime;
use crate::node::Node;
use crate::remedy::describe;
use crate::snapshot;

/// Folder of the snapshots inside the data directory.
pub(crate) const SNAPSHOTS: &str = "snapshots";

/// How long the keeper rests after a failure.
const PAUSE: Duration = Duration::from_secs(60);

/// What the keeper knows, for whoever asks.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Known>);

#[derive(Clone, Default)]
struct Known {
    snapshot: Option<u64>,
    waits: Option<String>,
}

impl Kept {
    /// Height of the newest snapshot on this disk.
    pub(crate) fn snapshot(&self) -> Option<u64> {
        self.known().snapshot
    }

    /// Why nothing is dropped though the operator wants it, if so.
    pub(crate) fn waits(&self) -> Option<String> {
        self.known().waits.clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes up what the operator wants of an archive: one that is to be full again is filled again.
pub(crate) fn begin(archive: &Archive, keeps_for: Option<Duration>) -> io::Result<()> {
    if keeps_for.is_none() && archive.kept_from() > 1 {
        archive.keep_from(1)?;
    }
    Ok(())
}

/// Works until the node stops; a failure is told, and tried again later.
pub(crate) async fn run(
    runtime: Runtime,
    config: Arc<ValidatorConfig>,
    node: Arc<Node>,
    databases: impl Future<Output = Databases>,
) {
    let databases = databases.await;
    node.kept.known().snapshot = newest(&config.directory.join(SNAPSHOTS));
    loop {
        runtime.sleep(limits::KEEPING).await;
        if let Err(error) = round(&runtime, &config, &node, &databases).await {
            tracing::error!(error = describe(&error), "the archive cannot be looked after");
            runtime.sleep(PAUSE).await;
        }
    }
}

async fn round(runtime: &Runtime, config: &ValidatorConfig, node: &Arc<Node>, databases: &Databases) -> io::Result<()> {
    while aside(runtime, node, Archive::seal_next).await? {
        tracing::debug!("a segment of the archive was sealed");
    }
    if is_snapshot_due(node, &config.caps)? {
        let folder = config.directory.join(SNAPSHOTS);
        if let Some(height) = snapshot::take(node, databases, &folder).await? {
            tracing::info!(height, "a snapshot of the state was taken");
            node.kept.known().snapshot = Some(height);
            forget_old(&folder)?;
        }
    }
    let target = droppable(node, &config.caps, &ledger::consensus_public_key(&config.key))?;
    node.kept.known().waits = target.as_ref().err().cloned();
    let wanted = target.ok().flatten().filter(|height| *height > node.archive.kept_from());
    if let Some(height) = wanted {
        let dropped = aside(runtime, node, move |archive| archive.keep_from(height)).await?;
        if dropped > 0 {
            tracing::info!(height, segments = dropped, "older blocks were dropped");
        }
    }
    let sizes = aside(runtime, node, Archive::sizes).await?;
    node.metrics.archive_bytes.set(sizes.plain.saturating_add(sizes.sealed));
    Ok(())
}

/// Does with the archive what takes its time, beside the engine's threads.
async fn aside<T: Send + 'static>(
    runtime: &Runtime,
    node: &Arc<Node>,
    work: impl FnOnce(&Archive) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let node = Arc::clone(node);
    let task: Handle<io::Result<T>> =
        runtime.child("keep").shared(true).spawn(move |_| async move { work(&node.archive) });
    match task.await {
        Ok(done) => done,
        // The node is going down.
        Err(_) => std::future::pending().await,
    }
}

fn is_snapshot_due(node: &Node, caps: &Caps) -> io::Result<bool> {
    let Some(every) = caps.snapshot_every else {
        return Ok(false);
    };
    let Some(newest) = node.kept.snapshot() else {
        return Ok(true);
    };
    // One whose block is no longer here is older than anything.
    let taken = node.archive.time(newest)?.unwrap_or(0);
    Ok(u128::from(node.final_time().millis().saturating_sub(taken)) >= every.as_millis())
}

/// Below which height blocks may be dropped, if any may and the operator wants it; or why not.
fn droppable(node: &Node, caps: &Caps, me: &[u8; 32]) -> io::Result<Result<Option<u64>, String>> {
    let (Some(keeps_for), Some(extent)) = (caps.archive_for, node.archive.extent()) else {
        return Ok(Ok(None));
    };
    let for_millis = u64::try_from(keeps_for.as_millis()).unwrap_or(u64::MAX);
    let old = node.archive.first_at(node.final_time().millis().saturating_sub(for_millis))?.unwrap_or(extent.first);
    let height = old.min(extent.last.saturating_sub(caps.archive_blocks));
    if height <= extent.first {
        return Ok(Ok(None));
    }
    let Some(snapshot) = node.kept.snapshot() else {
        return Ok(Err("there is no snapshot of a later height yet".to_owned()));
    };
    let (full, needed) = full_archives(node, me);
    if full < needed {
        let words = format!(
            "{full} other validators keep the full archive, and {needed} must before older blocks are dropped here"
        );
        return Ok(Err(words));
    }
    Ok(Ok(Some(height.min(snapshot))))
}

/// How many other validators hold every block and keep it, and how many must: one more than may lie.
pub(crate) fn full_archives(node: &Node, me: &[u8; 32]) -> (usize, usize) {
    let validators = node.epochs.validators(node.epochs.reached());
    let (Some(validators), Some(me)) = (validators, ledger::node_key(me)) else {
        return (0, 1);
    };
    let needed = (validators.len().saturating_sub(1) / 3).saturating_add(1);
    (node.holdings.full(&validators, &me, node.clock.steady()), needed)
}

/// The snapshots in a folder: height and file, the oldest first.
fn snapshots(folder: &Path) -> Vec<(u64, PathBuf)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let height = name.strip_prefix(snapshot::PREFIX).and_then(|rest| rest.parse::<u64>().ok());
        found.extend(height.map(|height| (height, entry.path())));
    }
    found.sort_unstable();
    found
}

fn newest(folder: &Path) -> Option<u64> {
    snapshots(folder).last().map(|(height, _)| *height)
}

fn forget_old(folder: &Path) -> io::Result<()> {
    let found = snapshots(folder);
    let surplus = found.len().saturating_sub(limits::SNAPSHOTS_KEPT);
    found.into_iter().take(surplus).try_for_each(|(_, path)| std::fs::remove_file(path))
}
