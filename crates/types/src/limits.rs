//! The limits of everything that stands on the ledger, each with the sum that led to it.

/// Longest slug (organization, resource, field, code): room for `housing-and-urban-rural-development` and more.
pub const SLUG_BYTES_MAX: usize = 64;

/// Longest official title: 50 characters of Chinese (编制指南 2017, name) or a line of English.
pub const TITLE_BYTES_MAX: usize = 256;

/// Longest official description: 256 characters of Chinese at 3 bytes, and as much English again.
pub const DESCRIPTION_BYTES_MAX: usize = 1_024;

/// Longest network address of a gateway: a DNS name (255) and a port.
pub const ADDRESS_BYTES_MAX: usize = 264;

/// Longest media type (RFC 6838 §4.2 allows 127 on either side of the slash; registered ones stay below this).
pub const MEDIA_TYPE_BYTES_MAX: usize = 128;

/// Fields of one resource. The widest real table in the sample data has 20; registers stay well below 128.
pub const FIELDS_MAX: usize = 128;

/// Keys of one officer at a time, revoked ones included until they are forgotten.
pub const OFFICER_KEYS_MAX: usize = 8;

/// Roles of one officer: all there are.
pub const ROLES_MAX: usize = 8;

/// What an officer was given: the appointment, each role, the latest new key.
pub const GIVEN_MAX: usize = ROLES_MAX + 2;

/// Acts about one organization's officers that wait for their second pair of eyes. Acts that need two are rare; a head who
/// finds the list full turns some of them down.
pub const PENDING_MAX: usize = 16;

/// Authorities of one organization at a time: heads, deputies and their successors.
pub const HEADS_MAX: usize = 16;

/// Operations of one record batch (DESIGN section 5).
pub const BATCH_OPERATIONS_MAX: usize = 1_000;

/// Actions of one transaction: a window of readings is the largest, tens of milliseconds of a busy gateway.
pub const ACTIONS_MAX: usize = 256;

/// Lanes of one key: parallel senders of one office. State per key is bounded by lanes × 72 bytes.
pub const LANES_MAX: u16 = 64;

/// Bits of the replay window per key and lane (RFC 4303 §3.4.3, PROTOCOL 1).
pub const REPLAY_WINDOW_BITS: u64 = 512;

/// A transaction may be valid at most this long after the block that carries it (PROTOCOL 1).
pub const VALID_FOR_MS_MAX: u64 = 600_000;

/// Largest encoded transaction: 256 readings of about 900 bytes, or 1,000 operations of about 80, with room.
pub const TRANSACTION_BYTES_MAX: usize = 512 * 1_024;

/// Largest sum of transaction bytes in a block: 4,000 transactions of 300 bytes are 1.2 MB; one second of a 32 Mbit/s line.
pub const BLOCK_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Largest sum of weights of a block's transactions; one unit is about a microsecond of one core in the worst case, and a block
/// must execute within half the leader timeout of two seconds on two cores shared by four validators: 1 s × 2 / 4 = 0.5 s, less
/// what the terms may take that run out before its first transaction.
pub const BLOCK_WEIGHT_MAX: u64 = 500_000 - DUE_WEIGHT_MAX;

/// Weight of the terms that run out in one block: 1,000 obligations looked at, two pages read and one written of each, 15 each,
/// and the pages of the index they stand in.
pub const DUE_WEIGHT_MAX: u64 = 20_000;

/// Obligations looked at in one block because their term runs out; the others follow in the blocks after it (PROTOCOL 17). A
/// block of them writes 170 KB of pages.
pub const FIRINGS_MAX: usize = 1_000;

/// Working days whose terms run out in one block: at the fastest calendar of a test network, 20 days pass from block to block.
pub const FIRING_DAYS_MAX: usize = 32;

/// Legal seconds in a second of a test network: ten days. A block is at most two seconds after its parent.
pub const TIME_SCALE_MAX: u32 = 864_000;

/// Working days of an obligation's term: a year has about 250. The longest statutory terms are 20, twice.
pub const TERM_WORKING_DAYS_MAX: u16 = 250;

/// Mondays to Fridays off in one year: 13 days are holidays by law, and each may draw weekdays to it; the most so far were 23.
pub const DAYS_OFF_MAX: usize = 64;

/// Weekends worked in one year: the most so far were 12.
pub const DAYS_WORKED_MAX: usize = 32;

/// Notices for one year: its own, and changes of it; the most so far were two.
pub const NOTICES_MAX: usize = 4;

/// Years of one change of the calendar: a notice's own and the one before.
pub const NOTICE_YEARS_MAX: usize = 4;

/// Years of a calendar: 20 known and as many lifetimes of this program to come. 64 × 250 bytes are 16 KB, read once per change.
pub const CALENDAR_YEARS_MAX: usize = 64;

/// Policies of one policy set.
pub const POLICIES_MAX: usize = 256;

/// Bytes of one policy's source.
pub const POLICY_BYTES_MAX: usize = 8 * 1_024;

/// Bytes of the Cedar schema.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1_024;

/// Deciding policies named in one receipt.
pub const DECIDING_POLICIES_MAX: usize = 32;

/// How long members may vote: a quarter of a year covers any council's calendar.
pub const VOTING_MS_MAX: u64 = 92 * 24 * 3_600_000;

/// How far ahead the height may lie at which a proposal takes effect: five days of blocks every 100 ms, a month of idle ones.
pub const EFFECTIVE_AHEAD_MAX: u64 = 4_320_000;

/// Accepted proposals that wait for their height or their turn, one a block. A vote that would accept one more is refused, and
/// may be cast again.
pub const AGENDA_MAX: usize = 64;

/// Validators of one epoch: 3f+1 with f = 21.
pub const VALIDATORS_MAX: usize = 64;

/// Headers from an entry's block to the first certified one (PROTOCOL 7).
pub const BUNDLE_HEADERS_MAX: usize = 64;

/// Hashes of one Merkle path: trees of up to 2⁴⁰ leaves.
pub const PATH_MAX: usize = 40;

/// Bytes of the engine's consensus context inside a header.
pub const ENGINE_CONTEXT_BYTES_MAX: usize = 256;

/// Longest encoded header: every bounded part at its largest, with room.
pub const HEADER_BYTES_MAX: usize = 2_048;

/// State databases named in a header.
pub const STATE_ROOTS_MAX: usize = 4;

/// Lists that one reading stands in: lives of one key whose history is shown. Codes in the real register have up to 3.
pub const ACCESS_LISTS_MAX: usize = 16;

/// Events of one action: one per list that a reading stands in.
pub const EVENTS_MAX: usize = ACCESS_LISTS_MAX;

/// Bytes of one text value in a row.
pub const VALUE_BYTES_MAX: usize = 64 * 1_024;

/// Fixed size of a value in the state databases (PROTOCOL 12).
pub const PAGE_BYTES: usize = 128;

/// Nouns of one kind in genesis.
pub const GENESIS_NOUNS_MAX: usize = 4_096;

/// Epoch changes in a receipt, the newest ones. Whoever knows none of them takes a newer network file.
pub const BUNDLE_EPOCHS_MAX: usize = 64;

/// Epoch changes in a network file: one a month for 85 years.
pub const NETWORK_EPOCHS_MAX: usize = 1_024;

/// Bytes of a receipt file: 64 headers of 600 bytes in base64, a certificate of 64 signatures, a large access leaf, and 64
/// epoch changes of 24 KiB (64 votes, 64 validators).
pub const RECEIPT_FILE_BYTES_MAX: usize = 3 * 1_024 * 1_024;

/// Bytes of a network file: 1,024 epoch changes of seven validators, 4 KiB each; of 64 validators, some 160.
pub const NETWORK_FILE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Bytes of an epoch change: 64 votes of 66 bytes, 64 validators of 200, a header of 1,024, with room.
pub const EPOCH_CHANGE_BYTES_MAX: usize = 32 * 1_024;

/// Open proposals of one member, from version 2 of the rules on: more are not a debate.
pub const PROPOSALS_OPEN_MAX: usize = 16;

/// The least number of validators of a set that members vote on: fewer bear no fault (3f + 1 with f = 1).
pub const VALIDATORS_MIN: usize = 4;

/// Transactions of one message between nodes: 768 KiB of them, none below 190 bytes, are 4,140. More would be many small
/// allocations and no transactions.
pub const PEER_TRANSACTIONS_MAX: usize = 4_608;

/// Organizations that confirm one alert: all that validators can belong to.
pub const ALERT_CONFIRMATIONS_MAX: usize = VALIDATORS_MAX;

/// Epochs back from the serving one whose validators can still be convicted: those a receipt reaches ([`BUNDLE_EPOCHS_MAX`]).
pub const FAULT_EPOCHS_MAX: u64 = 64;

/// Alerts that one organization raises, confirms or takes back within an hour of consensus time: every other validator
/// silent and heard again, with room. A page each: 64 organizations write 33 pages a minute at most, and cannot grow the
/// ledger by more than 1.2 MB of alerts an hour, at 150 bytes each.
pub const ALERTS_PER_HOUR_MAX: u16 = 128;

/// That hour.
pub const ALERT_WINDOW_MS: u64 = 3_600_000;

/// Bytes of evidence in a transaction: two headers, two certificates of 64 votes of 66 bytes, with room.
pub const FAULT_EVIDENCE_BYTES_MAX: usize = 2 * (HEADER_BYTES_MAX + 64 * 66 + 128);
