//! The limits of this room, each with the sum that led to it. What the ledger itself bounds is in `types`.

use std::time::Duration;

/// State databases of the ledger, in the order of `gongxin_state::Table`: objects and lists.
pub const DATABASES: usize = 2;

/// Longest time a block's timestamp may lie after its parent's (PROTOCOL 8): after a halt time catches up in such steps.
pub const TIME_STEP_MS_MAX: u64 = 2_000;

/// How far a validator's clock may lag behind a block it votes for (PROTOCOL 8); beyond it, the validator waits.
pub const CLOCK_AHEAD_MS_MAX: u64 = 500;

/// A final block this far ahead of the own clock cannot be explained by delivery: the clock is wrong, voting stops.
/// Twice the allowance of a vote, because the finality of others may precede the own waiting.
pub const CLOCK_FAULT_MS: u64 = 2 * CLOCK_AHEAD_MS_MAX;

/// A clock further ahead than this of blocks that come live is suspected. A node counts as following with up to
/// [`VIEWS_BEHIND_MAX`] views to go, which at the heartbeat are 42 s; rounded up to a minute.
pub const CLOCK_AHEAD_FAULT_MS: u64 = 60_000;

/// So many more blocks whose proposers could have written a later time, than blocks with the longest step, make a
/// suspicion a finding: two rounds of leaders among four, so that one validator alone cannot raise it.
pub const CLOCK_SUSPICION_MAX: u32 = 8;

/// So many looks in a row must find a clock that was behind in agreement before its validator votes again: longer than
/// the heartbeat, or a clock a little more than a second behind would agree between two idle blocks.
pub const CLOCK_AGREEMENTS_MIN: u32 = 4;

/// Transactions waiting in one mempool: five seconds at 10,000 a second and some.
pub const MEMPOOL_TRANSACTIONS_MAX: usize = 60_000;

/// Bytes waiting in one mempool: sixteen full blocks.
pub const MEMPOOL_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Share of the mempool one organization may fill while others could want the rest: a half. A flood of one office
/// leaves the other half free (PROTOCOL 5).
pub const MEMPOOL_ORGANIZATION_SHARE: usize = 2;

/// Transactions of one proposal: above it the Merkle paths, receipts and fork batches of one block cost more latency
/// than a second block would.
pub const BLOCK_TRANSACTIONS_MAX: usize = 8_192;

/// Submissions that wait to be read, and transactions of one organization that wait for admission: a third of a second at
/// 12,000 a second. Full means `Busy`.
pub const ADMISSION_QUEUE_MAX: usize = 4_096;

/// Bytes of transactions that wait for admission: as much as may wait for a block.
pub const ADMISSION_BYTES_MAX: usize = MEMPOOL_BYTES_MAX;

/// Transactions read in one round, at least; the last message of gossip may exceed it. Reading takes some 3 µs each, and what
/// is read is put in order: 4,096 take 12 ms of one core at most.
pub const ADMISSION_READ_MAX: usize = ADMISSION_QUEUE_MAX;

/// Transactions admitted in one round: 1,024 signatures at 10 µs are 10 ms of one core.
pub const ADMISSION_BATCH_MAX: usize = 1_024;

/// Batches of gossip that wait for admission; beyond it they are dropped, and come again with the origin's resend.
pub const GOSSIP_QUEUE_MAX: usize = 256;

/// Bytes of one gossip message: about 400 evidence transactions; a message of this size leaves a 100 Mbit/s line in 20 ms.
pub const GOSSIP_BYTES_MAX: usize = 768 * 1_024;

/// How long accepted transactions are gathered before they are gossiped: well below a block interval, and at most
/// 125 messages a second to each peer.
pub const GOSSIP_WINDOW: Duration = Duration::from_millis(8);

/// After this long without finality an origin sends its transactions again: a peer may have been away.
pub const GOSSIP_RESEND: Duration = Duration::from_secs(2);

/// What a client is told to wait when a queue is full: about two full blocks.
pub const RETRY_AFTER_MS: u64 = 250;

/// Finalized transactions whose place is kept in memory: ten minutes at 1,700 a second, 40 bytes each. Older ones are
/// looked up in the archive by time.
pub const RECENT_TRANSACTIONS_MAX: usize = 1_000_000;

/// Replay windows kept in memory for admission: key and lane pairs that sent something lately, 200 bytes each.
pub const REPLAY_CACHE_MAX: usize = 32_768;

/// Newest final blocks kept in memory for those who follow: ten seconds of them at full pace.
pub const FEED_BLOCKS_MAX: usize = 256;

/// Bytes of those blocks; followers behind them are served from the archive.
pub const FEED_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Executed blocks that may wait for finality at once. Consensus keeps two or three in flight; a stalled finality with
/// many views still stays below this, and what is forgotten is executed again.
pub const EXECUTED_BLOCKS_MAX: usize = 64;

/// Rounds of prefetching for one block before it is given up as a defect of `state`.
pub const PREFETCH_ROUNDS_MAX: usize = 16;

/// Operations per message of state sync: 512 × 193 bytes and their proofs stay far below a block message.
pub const SYNC_OPERATIONS_MAX: u64 = 512;

/// Messages a second and peer on the channels of consensus: votes and certificates of 60 views a second and their repair.
pub const QUOTA_CONSENSUS: u32 = 256;

/// Messages a second and peer on the channel that carries whole blocks.
pub const QUOTA_BLOCKS: u32 = 64;

/// Messages a second and peer on the channel of backfill: a restarted node fetches some hundred blocks a second.
pub const QUOTA_BACKFILL: u32 = 512;

/// Messages a second and peer on the channel of state sync.
pub const QUOTA_SYNC: u32 = 128;

/// Messages a second and peer on the channel of floor probes.
pub const QUOTA_PROBE: u32 = 16;

/// Messages a second and peer of transaction gossip, views and archive requests.
pub const QUOTA_OWN: u32 = 256;

/// Mailbox of every actor of the engine: bursts of one block's messages.
pub const MAILBOX: usize = 1_024;

/// Peers that may be added while a node runs: the engine sizes its mailboxes by their number when it starts.
pub const PEERS_TO_COME: usize = 4;

/// Memory for cached pages of all stores of a validator: 4,096 pages of 4 KiB are 16 MiB.
pub const PAGE_CACHE_PAGES: usize = 4_096;

/// Write buffer of each journal: one block of 4,000 transactions writes about 1 MiB to the busiest one.
pub const WRITE_BUFFER_BYTES: usize = 256 * 1_024;

/// Blocks that consensus' own store keeps for peers that lag: half a day idle, half an hour at full pace. Older ones
/// are in the archive.
pub const RETAINED_BLOCKS: usize = 65_536;

/// Blocks of operations the state databases keep behind the tip for nodes in state sync.
pub const RETAINED_OPERATIONS_BLOCKS: usize = 4_096;

/// Bytes of one archive segment; a new one is begun beyond it.
pub const SEGMENT_BYTES_MAX: u64 = 256 * 1_024 * 1_024;

/// Largest archived block: transactions and receipts of a full block, receipts being up to three times as large.
pub const ARCHIVED_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Free bytes on the data volume below which a validator stops before it writes halves: two blocks of every store.
pub const DISK_FREE_BYTES_MIN: u64 = 256 * 1_024 * 1_024;

/// What each page written in the last second adds to the least interval between blocks: 200 transactions a second write
/// some 400 pages and keep it at its 25 ms; 2,500 pages a second ask for 100 ms.
pub const INTERVAL_PER_WRITE: Duration = Duration::from_micros(40);

/// The least interval between blocks at full load: four or five blocks a second cost 4 % of a core and carry thousands of
/// transactions each.
pub const INTERVAL_MAX: Duration = Duration::from_millis(220);

/// Whoever writes so little that it asks for no more than this between blocks is no flood: 600 pages a second.
pub const MODEST_INTERVAL: Duration = Duration::from_millis(24);

/// Weight that one organization may put into a block beside others who write little: some hundred notarised digests, or one
/// batch. At worst 4 ms of one core before the others' transactions are final; at 25 blocks a second some thousand
/// transactions a second all the same.
pub const SHARE_WEIGHT_MAX: u64 = 4_000;

/// How often a leader looks who waits while the next block is not due: much less than the least interval.
pub const PACING_STEP: Duration = Duration::from_millis(5);

/// Searches of the archive for a transaction at once; each reads the identifiers of ten minutes of blocks, some 100 ms.
pub const SEARCHES_MAX: usize = 2;

/// Attempts to fill a proposal when waiting transactions turn out to be unusable; then an empty block is proposed.
pub const PROPOSAL_ATTEMPTS_MAX: usize = 8;

/// Newest headers kept for state proofs: a proof names one of them, and a certificate follows within a few.
pub const HEADS_MAX: usize = 128;

/// Views that consensus may be ahead of the own tip before this node calls itself behind: a few seconds of full pace.
pub const VIEWS_BEHIND_MAX: u64 = 64;

/// Views above all that a node has seen in which it may have voted all the same: it votes in the view that it is in, and leaders
/// do not stay for a second one; some for the order in which the engine tells.
pub const VIEWS_AHEAD_MAX: u64 = 8;

/// How often free disk space, the right to vote again and waiting callers are looked after.
pub const HOUSEKEEPING: Duration = Duration::from_millis(500);

/// How long an orderly stop may take before the rest is cut off.
pub const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How long a state proof may wait for the certificate of its header.
pub const PROOF_PATIENCE: Duration = Duration::from_secs(5);

/// State proofs waiting at once.
pub const QUESTIONS_MAX: usize = 64;

/// How long a peer may take to send a part of an archived block before another is asked.
pub const PART_PATIENCE: Duration = Duration::from_secs(2);

/// Blocks between two syncs to disk of a rebuild: a crash of it is answered by beginning again.
pub const REBUILD_SYNC_BLOCKS: u64 = 256;

/// Blocks handed to the application and not yet acknowledged; twice as many are kept in memory. Full ones take about
/// 6 MB each, and eight keep a catching-up node busy.
pub const PENDING_BLOCKS: usize = 8;

/// Blocks of each peer kept by the broadcast: those of its last turns as leader.
pub const BROADCAST_BLOCKS: usize = 4;

/// Clocks of two peers may differ by so much when they shake hands. Wide on purpose: a node whose clock is an hour off
/// shall connect, see that final blocks contradict it, and say so, rather than look as if its network were down.
pub const HANDSHAKE_SKEW_MAX: Duration = Duration::from_secs(2 * 3_600);
