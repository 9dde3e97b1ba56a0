//! The limits of everything that goes over HTTP, on both sides, each with the sum that led to it.

use std::time::Duration;

/// One frame of the block stream: 4 MiB of transactions; receipts of 52,000 batch operations of 80 bytes each, one write
/// of at most 165 bytes per operation, are 8.6 MB; 4,600 readings of 900 bytes with 500 bytes of receipt and four writes
/// each stay below. Twice the larger sum.
pub const FRAME_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Transactions of one call to a validator: 512 are admitted in about 10 ms, and an eighth of its queue.
pub const BATCH_TRANSACTIONS_MAX: usize = 512;

/// Bytes of such a call: 512 notarisations take 0.2 MiB, eight batches of 1,000 records 4 MiB; one block holds no more.
pub const BATCH_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// A JSON answer: a page of 200 readings of 2 kB, or a receipt of 1 MiB and a sealed history beside it.
pub const ANSWER_BYTES_MAX: usize = 24 * 1_024 * 1_024;

/// Time for a TCP connection: peers are in one country, a lost SYN is sent again after one second.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// An idle connection is dropped after so long: before the server does, after ten seconds, or a call could meet the closing.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// One attempt at a validator: it waits five seconds for finality by itself, and a slow line takes a second each way.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(7);

/// One call to a gateway: it waits 25 seconds for finality by itself and gives up after 30.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(35);

/// Without a block for so long a stream has stalled: idle validators make one every 0.7 s, a view change takes two.
pub const STREAM_STALL: Duration = Duration::from_secs(6);

/// For how long a validator that does not know the key is asked again: it may be a block behind the one that said the key
/// is registered, and blocks come within a second of each other.
pub const KEY_WAIT: Duration = Duration::from_secs(2);

/// First pause after a failed attempt; doubles up to [`PAUSE_MAX`].
pub const PAUSE_MIN: Duration = Duration::from_millis(50);

/// Longest pause between attempts, whatever a peer's `Retry-After` says: a liar must not silence us for an hour.
pub const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Bytes of the signature headers of one call: three components, four parameters, one signature in base64.
pub const SIGNATURE_HEADER_BYTES_MAX: usize = 1_024;

/// Characters of a nonce: at least 8 to be unique among a day's calls, at most 128 to be kept for two minutes.
pub const NONCE_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;

/// Pages of one validator's findings that are read: it keeps some 600, 16 on a page.
pub const FINDINGS_PAGES_MAX: usize = 64;
