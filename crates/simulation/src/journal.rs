//! The vote journal of a node on the simulated disk: kept aside, and put back as someone would who restores a backup.

use commonware_runtime::deterministic::Context;
use commonware_runtime::{Blob as _, ReadOptions, Storage as _, WriteOptions};

/// Files of a journal, by name.
pub(crate) type Backup = Vec<(Vec<u8>, Vec<u8>)>;

/// Copies a partition; nothing where it cannot be read.
pub(crate) async fn copy(runtime: &Context, partition: &str) -> Option<Backup> {
    let mut backup = Backup::new();
    for name in runtime.scan(partition).await.ok()? {
        let (blob, length) = runtime.open(partition, &name).await.ok()?;
        let bytes = blob.read_at(0, usize::try_from(length).ok()?, ReadOptions::default()).await.ok()?;
        backup.push((name, bytes.coalesce().as_ref().to_vec()));
    }
    Some(backup)
}

/// Puts a partition back as it was.
pub(crate) async fn put_back(runtime: &Context, partition: &str, backup: &Backup) -> Option<()> {
    runtime.remove(partition, None).await.ok()?;
    for (name, bytes) in backup {
        let (blob, _) = runtime.open(partition, name).await.ok()?;
        blob.write_at(0, bytes.clone(), WriteOptions::default()).await.ok()?;
        blob.sync().await.ok()?;
    }
    Some(())
}
