//! The limits of this room, each with the sum that led to it.

/// Largest archived block: transactions and receipts of a full block, receipts being up to three times as large.
pub const BLOCK_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Transactions of one archived block, as far as their identifiers are kept beside it: above what a proposal may hold.
pub const BLOCK_IDS_MAX: u32 = 65_536;

/// Blocks of one segment: an hour and a half of idle ones. What is not sealed yet is 8,192 × 800 B = 6.5 MB.
pub const SEGMENT_BLOCKS_MAX: u64 = 8_192;

/// Bytes of one segment; a new one is begun beyond it. Sealing one takes a second of one core.
pub const SEGMENT_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// Blocks of one compressed frame. A reader decompresses the whole frame of the block that it wants, and 512 idle
/// blocks are less than half a mebibyte; beyond that, larger frames save less than a hundredth.
pub const FRAME_BLOCKS_MAX: usize = 512;

/// Plain bytes after which a frame ends: one decompresses in about a millisecond.
pub const FRAME_BYTES: usize = 1_024 * 1_024;

/// Plain bytes that a frame may have at most: it ends after the block that exceeds [`FRAME_BYTES`], with its header and the
/// identifiers of its transactions.
pub const FRAME_BYTES_MAX: usize = FRAME_BYTES + BLOCK_BYTES_MAX + BLOCK_IDS_MAX as usize * 8 + 1_024;

/// Frames of one sealed segment: at most one for each of its blocks, of which backfill may have mixed two runs.
pub const FRAMES_MAX: u32 = 2 * SEGMENT_BLOCKS_MAX as u32;

/// Decompressed frames kept in memory: four readers at different places and their neighbours.
pub const FRAMES_KEPT: usize = 8;

/// Bytes of decompressed frames kept in memory, one more than fit.
pub const FRAMES_KEPT_BYTES: usize = 16 * 1_024 * 1_024;

/// Open files of segments that are read.
pub const READERS_MAX: usize = 16;

/// Of so many idle blocks in a row one keeps its certificate: a receipt may lead over 64 headers to a certificate, and a
/// reader that follows holds back at most these.
pub const CERTIFIED_EVERY: u64 = 16;

/// Bytes up to which a block is looked at as an idle one: header, certificate of the most validators that may be, and nothing.
pub const IDLE_BYTES_MAX: usize = 16 * 1_024;

/// How hard the compressor tries: 3 seals 64 MiB of full blocks in a third of a second; higher saves less than a twentieth.
pub const ZSTD_LEVEL: i32 = 3;

/// Plain bytes of one chunk of a snapshot, but for its block.
pub const CHUNK_BYTES_MAX: usize = 1_024 * 1_024;

/// Operations of one chunk of a snapshot: 193 bytes each at most stay below [`CHUNK_BYTES_MAX`].
pub const CHUNK_OPERATIONS_MAX: usize = 4_096;

/// Hashes that stand for what lies before a snapshot's operations: the peaks of a tree of 2⁶² leaves.
pub const PEAKS_MAX: usize = 64;

/// Operations of one table that a snapshot may claim: 2⁴⁰ of them would be 200 TB.
pub const OPERATIONS_MAX: u64 = 1 << 40;
