//! The limits of the projection, each with the sum that led to it.

use gongxin_types::limits::BUNDLE_HEADERS_MAX;

/// Blocks that wait for a certificate: with the one that brings it they must fit into one receipt (PROTOCOL 7).
pub const WAITING_BLOCKS_MAX: usize = BUNDLE_HEADERS_MAX - 1;

/// Bytes of the blocks that wait: a full block is 4 MiB of transactions and about as much of receipts and writes; eight of
/// those in a row without a certificate do not happen in a network that is alive.
pub const WAITING_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Items of one page unless fewer are asked for.
pub const PAGE_ITEMS: usize = 100;

/// Most items of one page: a thousand accesses of about 1 KiB are 1 MiB.
pub const PAGE_ITEMS_MAX: usize = 1_000;

/// Longest text of a cursor: resource (129), record (32) and separators.
pub const CURSOR_BYTES_MAX: usize = 256;

/// Lines of one record's history that are read at once: weekly changes for two hundred years.
pub const HISTORY_LINES_MAX: usize = 10_000;

/// Connections kept for readers; more are opened for a moment when more readers come at once. Each holds 2 MiB of cache.
pub const READERS_KEPT: usize = 8;

/// How long a connection waits for another's lock, in milliseconds: longer than the largest block takes to apply.
pub const BUSY_TIMEOUT_MS: u64 = 10_000;
