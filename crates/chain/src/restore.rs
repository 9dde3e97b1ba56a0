//! Snapshots of nodes that do not run: made, checked, and begun from.
//!
//! A snapshot is read to its end before anything is written. Then the state is built from it beside, and put in place only
//! if its roots are those of the header, which the network's validators signed. A restored validator has no memory of
//! its votes: it follows until that is safe (PROTOCOL 11), whatever mark was there before.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use commonware_consensus::marshal::standard::Standard;
use commonware_glue::stateful::SyncPlan;
use commonware_glue::stateful::db::DatabaseSet;
use commonware_runtime::{Runner as _, Supervisor as _, tokio as engine_runtime};
use commonware_storage::archive::{Archive as _, prunable};
use commonware_storage::journal::contiguous::Many;
use commonware_storage::journal::contiguous::fixed::Journal;
use commonware_storage::mmr::Location;
use commonware_storage::qmdb::any::operation::Operation as Engine;
use commonware_storage::qmdb::any::{ordered, unordered};
use commonware_storage::qmdb::sync::Database;
use commonware_utils::NZU64;
use commonware_utils::range::NonEmptyRange;
use gongxin_archive::Archive;
use gongxin_archive::snapshot::{self, Contents, Operation, Reader, SnapshotError, TableKind};
use gongxin_types::header::StateRoot;
use gongxin_types::{FinalizedBlock, Genesis, Header, Height, Time, codec};
use gongxin_verify::TrustedNetwork;

use crate::block::{Block, BlockConfig, Body};
use crate::databases::{self, Databases, Lists, ListsOperation, Objects, ObjectsOperation, PageKey};
use crate::directory::{self, DirectoryError};
use crate::engine;
use crate::epochs::Epochs;
use crate::ledger;
use crate::limits;
use crate::names::{BlockStore, Runtime, Scheme};
use crate::recent::prefix;

/// Where a state is built before it is put in place.
const DRAFT: &str = "restoring";

/// A snapshot as people look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The block after which it is the state.
    pub height: Height,
    /// Its time.
    pub time: Time,
    /// Operations on objects and on lists.
    pub operations: [u64; 2],
}

impl Snapshot {
    fn of(contents: &Contents) -> Self {
        let header = contents.header();
        Self {
            height: header.height,
            time: header.time,
            operations: TableKind::ALL.map(|one| contents.operations(one)),
        }
    }
}

/// Checks a snapshot from bytes and keys alone: that the network's validators signed its block, and that its operations are
/// the state that the block's header names. The state is built for that in `scratch`, which must not exist, and removed.
///
/// # Errors
/// See [`SnapshotError`].
pub fn check_snapshot(file: &Path, network: &TrustedNetwork, scratch: &Path) -> Result<Snapshot, SnapshotError> {
    let contents = snapshot::check(open(file)?, network)?;
    let _cleared = Cleared::make(scratch)?;
    build(file, network, &contents, scratch, None)?;
    Ok(Snapshot::of(&contents))
}

/// Puts a checked snapshot into the empty data directory of a node that does not run. The node begins from it without
/// any peer, and fetches blocks after and before it from its peers.
///
/// # Errors
/// See [`SnapshotError`]; nothing is changed then.
pub fn restore_snapshot(file: &Path, genesis: &Genesis, directory: &Path) -> Result<Snapshot, SnapshotError> {
    let failed = |error: DirectoryError| SnapshotError::Database(crate::remedy::describe(&error));
    let network = TrustedNetwork::from_head(&genesis.head);
    let contents = snapshot::check(open(file)?, &network)?;
    directory::may_restore(directory, genesis).map_err(failed)?;
    let draft = directory.join(DRAFT);
    fs::create_dir_all(directory)?;
    let cleared = Cleared::make(&draft)?;
    build(file, &network, &contents, &draft.join(directory::ENGINE), Some(genesis))?;
    let blocks = Archive::open(&draft.join(directory::BLOCKS))?;
    let ids: Vec<u64> = contents.block.transactions.iter().map(|one| prefix(&one.id(network.suite))).collect();
    let header = contents.header();
    blocks.put(header.height.get(), header.time.millis(), &contents.block_bytes, &ids)?;
    drop(blocks);
    directory::restored(directory, &draft, genesis, &contents.epochs).map_err(failed)?;
    drop(cleared);
    Ok(Snapshot::of(&contents))
}

/// Writes the state of a node that does not run into a file.
///
/// # Errors
/// When the node's stores cannot be read, or it did not stop in order, or the file cannot be written.
pub fn make_snapshot(directory: &Path, genesis: &Genesis, file: &Path) -> io::Result<Snapshot> {
    let archive = Archive::open(&directory.join(directory::BLOCKS))?;
    let epochs = Epochs::load(directory, genesis).map_err(io::Error::other)?;
    let stores = directory.join(directory::ENGINE);
    if !stores.exists() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no state in `{}`", directory.display())));
    }
    run(&stores, |context| async move {
        let cache = databases::page_cache(limits::PAGE_CACHE_PAGES);
        let config = databases::config("", &cache);
        let databases = <Databases as DatabaseSet<Runtime>>::init(context.child("databases"), config, None).await;
        let (bytes, header) = whose(&archive, &databases).await?;
        crate::snapshot::write(&databases, &bytes, &epochs.changes(), file).await?;
        let operations =
            [0, 1].map(|table| header.state.get(table).map_or(0, |root| root.end.saturating_sub(root.start)));
        Ok(Snapshot { height: header.height, time: header.time, operations })
    })
}

/// The newest archived block whose state the databases still lead to, with a certificate of its own.
async fn whose(archive: &Archive, databases: &Databases) -> io::Result<(Vec<u8>, Header)> {
    let last = archive.extent().map_or(0, |extent| extent.last);
    let ends = (*databases.0.read().await.bounds().end, *databases.1.read().await.bounds().end);
    for height in (last.saturating_sub(limits::HEADS_MAX as u64)..=last).rev() {
        let Some(bytes) = archive.get(height)? else { break };
        let Ok(block) = codec::decode::<FinalizedBlock>("finalized block", &bytes) else { break };
        let reached = matches!(&*block.header.state, [objects, lists] if objects.end <= ends.0 && lists.end <= ends.1);
        if block.certificate.is_some() && reached {
            return Ok((bytes, block.header));
        }
    }
    Err(io::Error::other("no block of the archive fits the state: start the node and stop it in order"))
}

fn open(file: &Path) -> io::Result<BufReader<File>> {
    File::open(file).map(|file| BufReader::with_capacity(1 << 20, file))
}

fn run<T, F: Future<Output = T>>(folder: &Path, work: impl FnOnce(Runtime) -> F) -> T {
    let runtime = engine_runtime::Config::new().with_storage_directory(folder.to_path_buf()).with_worker_threads(2);
    engine_runtime::Runner::new(runtime).start(|context| Box::pin(work(context)))
}

/// Builds the state below a folder and compares its roots; with a genesis, all that a node begins from.
fn build(
    file: &Path,
    network: &TrustedNetwork,
    contents: &Contents,
    folder: &Path,
    genesis: Option<&Genesis>,
) -> Result<(), SnapshotError> {
    run(folder, |context| async move {
        let cache = databases::page_cache(limits::PAGE_CACHE_PAGES);
        let (objects_config, lists_config) = databases::config("", &cache);
        let [objects_root, lists_root] = &*contents.header().state else {
            return Err(SnapshotError::Malformed("its header does not name two tables"));
        };
        let (mut reader, _) = Reader::begin(open(file)?, network)?;
        let journal = objects_config.journal_config.clone();
        let objects: Journal<Runtime, ObjectsOperation> =
            Journal::init_at_size(context.child("objects_log"), journal, objects_root.start).await.map_err(database)?;
        let journal = lists_config.journal_config.clone();
        let lists: Journal<Runtime, ListsOperation> =
            Journal::init_at_size(context.child("lists_log"), journal, lists_root.start).await.map_err(database)?;
        let (mut objects, mut lists) = (objects, lists);
        while let Some((table, operations)) = reader.operations()? {
            match table {
                TableKind::Objects => {
                    let operations: Vec<ObjectsOperation> = operations.into_iter().filter_map(object).collect();
                    objects = objects.append_many(Many::Flat(&operations)).await.map_err(database)?.0;
                }
                TableKind::Lists => {
                    let operations: Vec<ListsOperation> = operations.into_iter().filter_map(list).collect();
                    lists = lists.append_many(Many::Flat(&operations)).await.map_err(database)?.0;
                }
            }
        }
        let (objects, lists) = (objects.sync().await.map_err(database)?, lists.sync().await.map_err(database)?);
        let peaks = contents.head.objects.iter().map(|peak| PageKey::from(*peak)).collect();
        let range = range(objects_root)?;
        let built = <Objects as Database>::from_sync_result(
            context.child("objects"),
            objects_config,
            objects,
            Some(peaks),
            range,
            NZU64!(limits::SNAPSHOT_OPERATIONS),
        );
        let built = built.await.map_err(database)?;
        compare(objects_root, built.root().0, built.ops_root().0, TableKind::Objects)?;
        built.sync().await.map_err(database)?;
        let peaks = contents.head.lists.iter().map(|peak| PageKey::from(*peak)).collect();
        let range = self::range(lists_root)?;
        let built = <Lists as Database>::from_sync_result(
            context.child("lists"),
            lists_config,
            lists,
            Some(peaks),
            range,
            NZU64!(limits::SNAPSHOT_OPERATIONS),
        );
        let built = built.await.map_err(database)?;
        compare(lists_root, built.root().0, built.ops_root().0, TableKind::Lists)?;
        built.sync().await.map_err(database)?;
        match genesis {
            Some(genesis) => begin(&context, genesis, contents).await,
            None => Ok(()),
        }
    })
}

/// Leaves the block where ordering looks for it, and says that the state is to be taken over at it.
async fn begin(runtime: &Runtime, genesis: &Genesis, contents: &Contents) -> Result<(), SnapshotError> {
    let no_key = || SnapshotError::Untrusted("a key among the validators is not an Ed25519 key".to_owned());
    let keys = genesis.head.validators.iter().filter_map(|one| ledger::node_key(&one.key.0));
    let genesis_leader = keys.min().ok_or_else(no_key)?;
    let config = BlockConfig { suite: genesis.head.suite, genesis_leader };
    let context = ledger::vote_context(contents.header(), &config.genesis_leader);
    let context = context.ok_or(SnapshotError::Malformed("its header has no consensus context"))?;
    let transactions = contents.block.transactions.clone();
    let body = Body {
        ids: transactions.iter().map(|one| one.id(genesis.head.suite)).collect(),
        encoded: transactions.iter().map(|one| codec::encode(one).into()).collect(),
        transactions: transactions.into(),
    };
    let block = Block::new(contents.header().clone(), context, body);
    let (height, digest) = (contents.header().height.get(), ledger::commitment(contents.header().digest()));
    let cache = databases::page_cache(limits::PAGE_CACHE_PAGES);
    let store: BlockStore = prunable::Archive::init(runtime.child("blocks"), engine::store(&cache, "blocks", config))
        .await
        .map_err(database)?;
    let store = store.put(height, digest, &std::sync::Arc::new(block)).await.map_err(database)?;
    store.sync().await.map_err(database)?;
    let validators = contents.epochs.iter().rfind(|change| change.epoch() == contents.header().epoch);
    let validators = validators.map_or(genesis.head.validators.len(), |change| change.validators.len());
    let certificate = contents.block.certificate.as_ref();
    let finalization = certificate.and_then(|certificate| ledger::finalization(certificate, validators));
    let finalization = finalization.ok_or(SnapshotError::Malformed("its certificate cannot be read"))?;
    let plan: SyncPlan<Runtime, Scheme, Standard<Block>> = SyncPlan::init(runtime.child("plan"), "plan").await;
    let _ = plan.set_floor(finalization).await;
    Ok(())
}

fn range(root: &StateRoot) -> Result<NonEmptyRange<Location>, SnapshotError> {
    NonEmptyRange::new(Location::new(root.start)..Location::new(root.end))
        .map_err(|_| SnapshotError::Malformed("its header names an empty range of operations"))
}

fn compare(
    named: &StateRoot,
    root: [u8; 32],
    operations_root: [u8; 32],
    table: TableKind,
) -> Result<(), SnapshotError> {
    let same = root == named.root && operations_root == named.operations_root;
    if same { Ok(()) } else { Err(SnapshotError::OtherState(table.name())) }
}

/// What the reader has not let through is nothing.
fn object(operation: Operation) -> Option<ObjectsOperation> {
    Some(match operation {
        Operation::Removed { key } => Engine::Delete(PageKey::from(key)),
        Operation::Written { key, page } => Engine::Update(unordered::Update(PageKey::from(key), page.0)),
        Operation::Committed { floor } => Engine::CommitFloor(None, Location::new(floor)),
        Operation::Linked { .. } => return None,
    })
}

fn list(operation: Operation) -> Option<ListsOperation> {
    Some(match operation {
        Operation::Removed { key } => Engine::Delete(PageKey::from(key)),
        Operation::Linked { key, page, next } => {
            Engine::Update(ordered::Update { key: PageKey::from(key), value: page.0, next_key: PageKey::from(next) })
        }
        Operation::Committed { floor } => Engine::CommitFloor(None, Location::new(floor)),
        Operation::Written { .. } => return None,
    })
}

fn database(error: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Database(error.to_string())
}

/// A folder that is gone again when its work is done or has failed.
struct Cleared(PathBuf);

impl Cleared {
    fn make(folder: &Path) -> io::Result<Self> {
        fs::create_dir(folder)?;
        Ok(Self(folder.to_path_buf()))
    }
}

impl Drop for Cleared {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
