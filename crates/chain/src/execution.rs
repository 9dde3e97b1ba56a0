//! From a parent's state and a list of transactions to roots and receipts.
//!
//! The shape is prefetch, execute, merkleize: `state` says which pages a block needs, they are read in one batched
//! request per database, `state` runs on the loaded view away from the engine's threads, and what it wrote is merkleized.
//! `state` may ask for more pages a few times. Block 1 begins with the genesis pages, which no receipt lists: everyone
//! derives them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use commonware_glue::stateful::db::{Merkleized as _, Unmerkleized as _};
use commonware_runtime::{Handle, Spawner as _, Supervisor as _};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::header::StateRoot;
use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::{Height, List, Time, Transaction, TransactionId};

use crate::databases::{Batches, PageBytes, PageKey, Sealed};
use crate::limits;
use crate::mempool::Checked;
use crate::names::Runtime;
use crate::planted::{Bug, Planted};
use crate::rules::{self, BlockContext, Caches, ExecuteError, Executed, Freshness, View};

/// What does not change from block to block.
pub(crate) struct Rules {
    /// The network's suite.
    pub(crate) suite: Suite,
    /// The network.
    pub(crate) network: Digest,
    /// The newest version of the rules that this node executes.
    pub(crate) newest_version: u16,
    /// The pages that block 1 writes first.
    pub(crate) genesis: BTreeMap<Key, Page>,
    /// Caches of `state`.
    pub(crate) caches: Caches,
    /// A defect, in a simulation that looks for it.
    pub(crate) planted: Planted,
}

/// A block executed on its parent's state.
pub(crate) struct Outcome {
    /// Both databases with the block applied.
    pub(crate) sealed: Sealed,
    /// Their roots, as the header names them.
    pub(crate) state: List<StateRoot, { gongxin_types::limits::STATE_ROOTS_MAX }>,
}

/// Why a block could not be executed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecutionError {
    /// A transaction may not stand in this block at all.
    #[error("transaction {index} may not be included: {reason}")]
    Invalid {
        /// Its place.
        index: usize,
        /// Why.
        reason: String,
    },
    /// What was read is not what was written: a defect of our own, or damaged storage.
    #[error("the state is damaged: `{0}` does not decode")]
    Corrupt(&'static str),
    /// The block needs rules that this program does not have. Nobody can say whether it is right but a newer program.
    #[error(
        "blocks follow version {0} of the rules from here on, which this program does not have: start a newer one, which goes on from here"
    )]
    UnknownVersion(u16),
    /// `state` kept asking for pages.
    #[error("state asked for more pages than {} rounds can load", limits::PREFETCH_ROUNDS_MAX)]
    Rounds,
    /// The engine's storage failed or moved on; the engine decides what that means.
    #[error("state cannot be read: {0}")]
    Storage(String),
}

/// Executes transactions over their parent's state, without writing yet.
pub(crate) async fn evaluate(
    runtime: &Runtime,
    rules: &Arc<Rules>,
    (height, time): (Height, Time),
    transactions: &Arc<Vec<Transaction>>,
    batches: &Batches,
) -> Result<Executed, ExecutionError> {
    let genesis = first_pages(rules, height);
    let mut view = View::new();
    let mut wanted = rules::needs(rules.suite, transactions);
    for _ in 0..limits::PREFETCH_ROUNDS_MAX {
        load(batches, &wanted, genesis, &mut view).await?;
        if rules.planted.has(Bug::DoubleExecution) {
            transactions.iter().for_each(|transaction| view.insert(rules::replay_key(transaction), None));
        }
        let context = context(rules, height, rules.planted.time(time));
        let (loaded, verdict) = run(runtime, rules, context, view, transactions).await?;
        view = loaded;
        match verdict {
            Ok(executed) if executed.protocol_version > rules.newest_version => {
                return Err(ExecutionError::UnknownVersion(executed.protocol_version));
            }
            Ok(executed) => return Ok(rules.planted.executed(rules.suite, executed)),
            Err(ExecuteError::Missing(more)) => wanted = more,
            Err(ExecuteError::Invalid { index, reason }) => {
                return Err(ExecutionError::Invalid { index, reason: reason.to_string() });
            }
            Err(ExecuteError::Corrupt(what)) => return Err(ExecutionError::Corrupt(what)),
            Err(ExecuteError::UnknownVersion(version)) => return Err(ExecutionError::UnknownVersion(version)),
        }
    }
    Err(ExecutionError::Rounds)
}

/// Which of these transactions have a sequence number that their parent's state has seen.
pub(crate) async fn stale(offered: &[Arc<Checked>], batches: &Batches) -> Vec<TransactionId> {
    let names: Vec<PageKey> =
        offered.iter().map(|checked| PageKey::from(rules::replay_key(&checked.transaction).key)).collect();
    let keys: Vec<&PageKey> = names.iter().collect();
    let pages = batches.0.get_many(&keys).await.unwrap_or_default();
    let used = offered
        .iter()
        .zip(pages)
        .filter(|(checked, page)| rules::freshness(page.map(Page).as_ref(), &checked.transaction) != Freshness::Fresh);
    used.map(|(checked, _)| checked.id).collect()
}

/// The genesis pages, for the block that writes them.
fn first_pages(rules: &Rules, height: Height) -> Option<&BTreeMap<Key, Page>> {
    (height == Height::GENESIS.next()).then_some(&rules.genesis)
}

/// What `state` is told of a block.
pub(crate) fn context(rules: &Rules, height: Height, time: Time) -> BlockContext {
    BlockContext { suite: rules.suite, network: rules.network, height, time }
}

type Run = (View, Result<Executed, ExecuteError>);

/// Runs `state` where it may take its time; a block without transactions is not worth the way.
async fn run(
    runtime: &Runtime,
    rules: &Arc<Rules>,
    context: BlockContext,
    mut view: View,
    transactions: &Arc<Vec<Transaction>>,
) -> Result<Run, ExecutionError> {
    if transactions.is_empty() {
        let verdict = rules::execute(&context, &rules.caches, &mut view, transactions);
        return Ok((view, verdict));
    }
    let (rules, transactions) = (Arc::clone(rules), Arc::clone(transactions));
    let task: Handle<Run> = runtime.child("execute").shared(true).spawn(move |_| async move {
        let verdict = rules::execute(&context, &rules.caches, &mut view, &transactions);
        (view, verdict)
    });
    match task.await {
        Ok(run) => Ok(run),
        // The node is going down. No verdict may come of that: neither a vote nor a broken promise.
        Err(_) => std::future::pending().await,
    }
}

/// Loads pages into the view: one batched read per database.
async fn load(
    batches: &Batches,
    wanted: &BTreeSet<Key>,
    genesis: Option<&BTreeMap<Key, Page>>,
    view: &mut View,
) -> Result<(), ExecutionError> {
    let mut read: [Vec<PageKey>; limits::DATABASES] = Default::default();
    for key in wanted {
        match genesis {
            // Nothing lies under genesis: what it does not write is absent.
            Some(pages) => view.insert(*key, pages.get(key).copied()),
            None => match key.table {
                Table::Objects => read[0].push(PageKey::from(key.key)),
                Table::Lists => read[1].push(PageKey::from(key.key)),
            },
        }
    }
    let [objects, lists] = read;
    if !objects.is_empty() {
        let keys: Vec<&PageKey> = objects.iter().collect();
        let pages = batches.0.get_many(&keys).await.map_err(storage)?;
        fill(view, Table::Objects, &objects, pages);
    }
    if !lists.is_empty() {
        let keys: Vec<&PageKey> = lists.iter().collect();
        let pages = batches.1.get_many(&keys).await.map_err(storage)?;
        fill(view, Table::Lists, &lists, pages);
    }
    Ok(())
}

fn fill(view: &mut View, table: Table, keys: &[PageKey], pages: Vec<Option<PageBytes>>) {
    for (key, page) in keys.iter().zip(pages) {
        view.insert(Key { table, key: key.0 }, page.map(Page));
    }
}

/// Writes what was executed and computes the roots.
pub(crate) async fn seal(
    rules: &Rules,
    height: Height,
    writes: &BTreeMap<Key, Option<Page>>,
    batches: Batches,
) -> Result<Outcome, ExecutionError> {
    let (mut objects, mut lists) = batches;
    let genesis = first_pages(rules, height).into_iter().flatten();
    let genesis = genesis.filter(|(key, _)| !writes.contains_key(key)).map(|(key, page)| (key, Some(*page)));
    for (key, page) in genesis.chain(writes.iter().map(|(key, page)| (key, *page))) {
        let (name, page) = (PageKey::from(key.key), page.map(|page| page.0));
        match key.table {
            Table::Objects => objects = objects.write(name, page),
            Table::Lists => lists = lists.write(name, page),
        }
    }
    let objects = objects.merkleize().await.map_err(storage)?;
    let lists = lists.merkleize().await.map_err(storage)?;
    let sealed = (objects, lists);
    Ok(Outcome { state: roots(&sealed), sealed })
}

/// The roots of sealed batches, in the order of the tables.
fn roots(sealed: &Sealed) -> List<StateRoot, { gongxin_types::limits::STATE_ROOTS_MAX }> {
    let objects = StateRoot {
        root: sealed.0.root().0,
        operations_root: sealed.0.ops_root().0,
        start: *sealed.0.sync_boundary(),
        end: *sealed.0.bounds().tip.size,
    };
    let lists = StateRoot {
        root: sealed.1.root().0,
        operations_root: sealed.1.ops_root().0,
        start: *sealed.1.sync_boundary(),
        end: *sealed.1.bounds().tip.size,
    };
    List::new(vec![objects, lists]).unwrap_or_default()
}

fn storage(error: impl std::fmt::Debug) -> ExecutionError {
    ExecutionError::Storage(format!("{error:?}"))
}
