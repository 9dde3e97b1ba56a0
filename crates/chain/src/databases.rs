//! The two state databases: pages of objects, and ordered list heads whose absence can be proven.
//!
//! Both hold 128-byte pages under 32-byte keys, so that the engine's state sync works (fixed-size values). Their order
//! in every tuple and header is that of [`gongxin_types::receipt::Table`].

use std::num::{NonZeroU16, NonZeroUsize};

use commonware_cryptography::{Sha256, sha256};
use commonware_glue::stateful::db::{DatabaseSet, Shared};
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::{CacheRef, page_size};
use commonware_storage::journal::contiguous::fixed::Config as LogConfig;
use commonware_storage::mmr::{self, full::Config as TreeConfig};
use commonware_storage::qmdb::any;
use commonware_storage::qmdb::current::{FixedConfig, ordered, unordered};
use commonware_storage::translator::EightCap;
use commonware_utils::{NZU64, NZUsize};
use gongxin_types::limits::PAGE_BYTES;

use crate::limits;
use crate::names::Runtime;

/// Bytes of one chunk of the activity bitmap: one digest, the smallest and the one with the shortest proofs.
pub(crate) const CHUNK: usize = 32;

/// A page inside the engine.
pub(crate) type PageBytes = [u8; PAGE_BYTES];
/// A page's key inside the engine.
pub(crate) type PageKey = sha256::Digest;
/// Objects: presence can be proven.
pub(crate) type Objects =
    unordered::fixed::Db<mmr::Family, Runtime, PageKey, PageBytes, Sha256, EightCap, CHUNK, Sequential>;
/// Lists: presence and absence can be proven.
pub(crate) type Lists =
    ordered::fixed::Db<mmr::Family, Runtime, PageKey, PageBytes, Sha256, EightCap, CHUNK, Sequential>;
/// What is done to objects.
pub(crate) type ObjectsOperation = any::unordered::fixed::Operation<mmr::Family, PageKey, PageBytes>;
/// What is done to lists.
pub(crate) type ListsOperation = any::ordered::fixed::Operation<mmr::Family, PageKey, PageBytes>;
/// Both, as one unit of execution.
pub(crate) type Databases = (Shared<Objects>, Shared<Lists>);
/// Batches under construction.
pub(crate) type Batches = <Databases as DatabaseSet<Runtime>>::Unmerkleized;
/// Batches with their roots.
pub(crate) type Sealed = <Databases as DatabaseSet<Runtime>>::Merkleized;
/// What a header commits the engine to.
pub(crate) type Targets = <Databases as DatabaseSet<Runtime>>::SyncTargets;

/// Physical pages of 4 KiB; the engine keeps a checksum inside each. It can never change for an existing directory.
pub(crate) const fn page_bytes() -> NonZeroU16 {
    page_size(4_096)
}

/// One cache for all stores of a node.
pub(crate) fn page_cache(pages: usize) -> CacheRef {
    CacheRef::new(page_bytes(), NonZeroUsize::new(pages).unwrap_or(NZUsize!(64)))
}

/// The journal buffer of every store.
pub(crate) fn buffer() -> NonZeroUsize {
    NonZeroUsize::new(limits::WRITE_BUFFER_BYTES).unwrap_or(NZUsize!(4_096))
}

/// Where and how both databases are kept; `prefix` stands before the names of their stores.
pub(crate) fn config(prefix: &str, cache: &CacheRef) -> <Databases as DatabaseSet<Runtime>>::Config {
    (one(&format!("{prefix}objects"), cache), one(&format!("{prefix}lists"), cache))
}

fn one(name: &str, cache: &CacheRef) -> FixedConfig<EightCap, Sequential> {
    FixedConfig {
        merkle_config: TreeConfig {
            journal_partition: format!("{name}-tree-journal"),
            metadata_partition: format!("{name}-tree-metadata"),
            items_per_blob: NZU64!(1_048_576),
            write_buffer: buffer(),
            replay_buffer: buffer(),
            strategy: Sequential,
            page_cache: cache.clone(),
        },
        journal_config: LogConfig {
            partition: format!("{name}-log-journal"),
            items_per_blob: NZU64!(262_144),
            page_cache: cache.clone(),
            write_buffer: buffer(),
            replay_buffer: buffer(),
        },
        grafted_metadata_partition: format!("{name}-grafted-metadata"),
        translator: EightCap,
        init_cache: Some(NZUsize!(65_536)),
        init_buffer: NZUsize!(2_097_152),
        init_concurrency: (),
    }
}
