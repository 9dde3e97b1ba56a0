//! State from the archive alone: every archived block executed again, receipts compared.
//!
//! This is the way back when the engine's stores are lost or a newer engine cannot read them, and a check that anyone
//! may run on a copy. Receipts must come out the same, byte for byte; the engine's own roots are compared too and only
//! reported, because another engine may have others (PROTOCOL 9). Signatures were checked before the blocks became
//! final and are not checked again; that each block is the one its successor names is.

use std::io;
use std::path::Path;
use std::sync::Arc;

use commonware_glue::stateful::db::DatabaseSet;
use commonware_runtime::{Runner as _, Supervisor as _, tokio as engine_runtime};
use gongxin_archive::Archive;
use gongxin_types::{FinalizedBlock, Genesis, HeaderDigest, Height, codec};

use crate::databases::{self, Databases};
use crate::directory;
use crate::execution::{self, ExecutionError};
use crate::ledger;
use crate::limits;
use crate::names::Runtime;
use crate::planted::Planted;
use crate::rules::PROTOCOL_VERSIONS;
use crate::start::{self, StartError};

/// What a rebuild found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Height of the last block executed.
    pub height: Height,
    /// Transactions executed.
    pub transactions: u64,
    /// The first block whose engine roots differ from its header's, if any: another engine, not another state.
    pub other_roots_from: Option<Height>,
}

/// Why an archive cannot be executed again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Genesis does not fit.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A file could not be read or written.
    #[error("the archive or the new stores cannot be read or written")]
    Io(#[from] io::Error),
    /// A block is missing.
    #[error("block `{0}` is not in the archive; let the node fetch older blocks first")]
    Missing(Height),
    /// A block is not the one its successor or genesis leads to.
    #[error("block `{0}` does not follow the one before it")]
    Broken(Height),
    /// A block does not execute.
    #[error("block `{height}` does not execute: {reason}")]
    Execution {
        /// Which.
        height: Height,
        /// Why not.
        reason: String,
    },
    /// Receipts come out differently: tampering, or rules that are not those of the time.
    #[error("block `{0}` yields other receipts than archived")]
    OtherReceipts(Height),
}

/// Executes the archive of a stopped node from genesis on, into stores under `into`, which must not exist yet.
///
/// # Errors
/// See [`RebuildError`].
pub fn rebuild(directory: &Path, genesis: &Genesis, into: &Path) -> Result<Rebuilt, RebuildError> {
    let archive = Archive::open(&directory.join(directory::BLOCKS))?;
    std::fs::create_dir(into)?;
    let rules = Arc::new(start::rules_of(genesis, *PROTOCOL_VERSIONS.end(), Planted::none())?);
    let runtime = engine_runtime::Config::new().with_storage_directory(into.to_path_buf()).with_worker_threads(2);
    let genesis = ledger::genesis_header(genesis).digest();
    engine_runtime::Runner::new(runtime).start(|context| async move {
        let cache = databases::page_cache(limits::PAGE_CACHE_PAGES);
        let config = databases::config("", &cache);
        let databases = <Databases as DatabaseSet<Runtime>>::init(context.child("databases"), config, None).await;
        Box::pin(replay(&context, &archive, &rules, &databases, genesis)).await
    })
}

async fn replay(
    runtime: &Runtime,
    archive: &Archive,
    rules: &Arc<execution::Rules>,
    databases: &Databases,
    genesis: HeaderDigest,
) -> Result<Rebuilt, RebuildError> {
    let last = archive.extent().map_or(0, |extent| extent.last);
    let mut found = Rebuilt { height: Height::GENESIS, transactions: 0, other_roots_from: None };
    let mut parent = genesis;
    for number in 1..=last {
        let height = Height::new(number);
        let bytes = archive.get(number)?.ok_or(RebuildError::Missing(height))?;
        let block: FinalizedBlock =
            codec::decode("finalized block", &bytes).map_err(|_| RebuildError::Broken(height))?;
        if block.header.parent != parent || block.header.height != height {
            return Err(RebuildError::Broken(height));
        }
        parent = block.header.digest();
        let failed = |error: ExecutionError| RebuildError::Execution { height, reason: error.to_string() };
        let batches = <Databases as DatabaseSet<Runtime>>::new_batches(databases).await;
        let transactions = Arc::new(block.transactions);
        let at = (height, block.header.time);
        let executed = execution::evaluate(runtime, rules, at, &transactions, &batches).await.map_err(failed)?;
        if executed.receipts != block.receipts || executed.receipts_root != block.header.receipts_root {
            return Err(RebuildError::OtherReceipts(height));
        }
        let outcome = execution::seal(rules, height, &executed.writes, batches).await.map_err(failed)?;
        if outcome.state != block.header.state && found.other_roots_from.is_none() {
            found.other_roots_from = Some(height);
        }
        <Databases as DatabaseSet<Runtime>>::apply(databases, outcome.sealed).await;
        if number % limits::REBUILD_SYNC_BLOCKS == 0 || number == last {
            let _ = <Databases as DatabaseSet<Runtime>>::finalize(databases).await.durable().await;
        }
        found.height = height;
        found.transactions = found.transactions.saturating_add(transactions.len() as u64);
    }
    Ok(found)
}
