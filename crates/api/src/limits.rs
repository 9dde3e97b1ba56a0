//! The limits of everything that comes over HTTP, each with the sum that led to it.

use std::time::Duration;

pub use gongxin_client::limits::{BATCH_BYTES_MAX, BATCH_TRANSACTIONS_MAX, FRAME_BYTES_MAX};
pub use gongxin_types::limits::TRANSACTION_BYTES_MAX;

/// One request's headers together: a long path in a referrer, cookies of a proxy, our signature of 600 bytes; 8 KiB is
/// common for servers, twice that leaves room.
pub const HEADER_BYTES_MAX: usize = 16 * 1_024;

/// Path and query together: three identifiers of 64 bytes and a cursor of 700, in percent-encoding three times that.
pub const URI_BYTES_MAX: usize = 4 * 1_024;

/// What a connection buffers of a request's head: headers and request line, before we can say so politely.
pub const CONNECTION_BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// A request for one reading: 128 field names of 64 bytes, 8 key columns of 256, signatures; 12 kB, with room.
pub const ACCESS_BYTES_MAX: usize = 32 * 1_024;

/// A batch of 1,000 operations (0.5 MiB, 0.7 in base64) with its rows: up to 16 kB of JSON each on average.
pub const RECORDS_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Large bodies in memory at once, from the first byte to the answer: 8 × 16 MiB, and twice that once parsed, is 400 MB.
pub const LARGE_BODIES_MAX: usize = 8;

/// Rows of one call: one per operation of a batch, of which a transaction may hold several within its bytes.
pub const BODIES_MAX: usize = 4_096;

/// Items of a page unless asked otherwise.
pub const PAGE_ITEMS: usize = 50;

/// Items of a page at most: 200 resources of 128 fields each are 8 MB, 200 accesses are 0.4 MB.
pub const PAGE_ITEMS_MAX: usize = 200;

/// A cursor in a query: 200 bytes of whatever the office put in, in base64url, with room.
pub const CURSOR_BYTES_MAX: usize = 512;

/// Any answer's head must be there by then: a gateway waits 25 s for finality, the rest is reserve.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a validator waits for finality before it answers `pending`: far more than the usual 50 ms, less than the two
/// view changes after which a client had better ask another validator.
pub const FINAL_TIMEOUT: Duration = Duration::from_secs(5);

/// A client must send its headers within this time, or it occupies a connection for nothing.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A body must have arrived by then: 16 MiB over a 10 Mbit/s line take 14 s.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Connections open at once: some hundred offices' clients; each idle one costs about 10 kB.
pub const CONNECTIONS_MAX: usize = 4_096;

/// Block streams served at once: gateways and followers of 21 validators' organizations, three times over.
pub const STREAMS_MAX: usize = 64;

/// Running requests are given so long when the server stops.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// A signature may be made so long before or after the gateway's own time (DESIGN section 8).
pub const CREATED_SKEW_MS: u64 = 60_000;

/// Nonces remembered at once: 2 minutes at 2,000 calls a second, about 80 bytes each, 20 MB.
pub const NONCES_MAX: usize = 240_000;

/// Nonces of one officer remembered at once: 2 minutes at 250 calls a second, so that one officer cannot fill the memory
/// of all.
pub const NONCES_PER_OFFICER_MAX: usize = 30_000;

/// What a client is told to wait when nobody knows better, seconds.
pub const RETRY_AFTER_SECONDS: u64 = 1;

/// Findings on one page: proofs of contradictions are a kilobyte each in JSON, two certificates of 64 votes some 30.
pub const FINDINGS_PAGE_MAX: usize = 16;
