//! The limits of execution, each with the sum that led to it. What the ledger itself bounds is in `types`.

/// Longest encoded noun: its length stands in two bytes of its first page. A resource with 100 fields and full titles is
/// 60 KB; real catalogue entries have 20 fields and 4 KB.
pub const OBJECT_BYTES_MAX: usize = u16::MAX as usize;

/// Pages asked for at once of an organization: 200 bytes of names, kind, parent and division are two, long names three.
pub const ORGANIZATION_PAGES: u16 = 3;

/// Pages asked for at once of an officer: one key takes 45 bytes of about 150, what was given 40 more; three keys fit into two
/// pages.
pub const OFFICER_PAGES: u16 = 2;

/// Pages asked for at once of a gateway: address, two keys and a sealing key are about 230 bytes.
pub const GATEWAY_PAGES: u16 = 2;

/// Pages asked for at once of a duty: titles and a paragraph in two languages.
pub const DUTY_PAGES: u16 = 4;

/// Pages asked for at once of a resource: titles, a paragraph and six columns are about a kilobyte.
pub const RESOURCE_PAGES: u16 = 8;

/// Pages asked for at once of a grant: a dozen field names.
pub const GRANT_PAGES: u16 = 3;

/// Pages asked for at once of a proposal: 200 bytes, and 60 for each of a dozen members and their votes.
pub const PROPOSAL_PAGES: u16 = 8;

/// Pages asked for at once of an obligation: 150 bytes of identifiers, codes and names, a digest, an extension.
pub const OBLIGATION_PAGES: u16 = 2;

/// Obligations in one page of those due on a working day: 7 × 16 bytes, and 10 of lengths and counts, of 128.
pub const ENTRIES_PER_PAGE: usize = 7;

/// Pages asked for at once of the agenda, in every block: five that wait fit into the first.
pub const AGENDA_PAGES: u16 = 1;

/// Pages asked for at once of an act that waits: 200 bytes and an appointment.
pub const PENDING_PAGES: u16 = 4;

/// Pages asked for at once of what waits in one organization: five of it fit into the first.
pub const TRAY_PAGES: u16 = 1;

/// Pages asked for at once of the authorities of one organization: seven fit into the first.
pub const HEADS_PAGES: u16 = 1;

/// Pages asked for at once of the open proposals of an organization: 16 of 24 bytes.
pub(crate) const DOCKET_PAGES: u16 = 4;

/// Pages asked for at once of an alert: 200 bytes, and 60 for each of half a dozen organizations that confirm it.
pub const ALERT_PAGES: u16 = 4;

/// Pages asked for at once of the validators: 70 bytes each, seven of them.
pub const VALIDATOR_SET_PAGES: u16 = 4;

/// Decoded policy sets and parameters kept: the one in force, and neighbours while blocks of a change are executed
/// again on competing parents.
pub const CACHED_SETS_MAX: usize = 4;

/// Weight of a transaction itself: its signature in a batch (16 µs), identifier, replay window, two Merkle leaves.
pub const WEIGHT_TRANSACTION: u64 = 25;

/// Weight of any action: two nouns read, one policy decision, one page written and put into the engine's tree.
pub const WEIGHT_ACTION: u64 = 15;

/// Weight of one record operation, or of one further list of a reading: 2 µs of hashing, and one page read, written and
/// put into the engine's tree.
pub const WEIGHT_OPERATION: u64 = 6;

/// Weight of one reading above an action: two further signatures (2 × 16 µs), four nouns read, two pages written.
pub const WEIGHT_ACCESS: u64 = 50;

/// Weight of a term that begins to run, above an action: two pages of the index, and a second page of the obligation.
pub const WEIGHT_TERM: u64 = 3 * WEIGHT_OPERATION;

/// Weight of one vote of a validator in evidence: a single signature of Ed25519 takes 37 µs.
pub const WEIGHT_VOTE: u64 = 40;

/// Weight of an approval above an action: the act itself, its proposer and the rules for both.
pub const WEIGHT_APPROVAL: u64 = 30;

/// Weight of proposing rules of access: they are parsed, validated, and asked every question of the invariants, once per
/// validator, and only where the rules in force let the sender propose: 0.3 s for the largest sets, 12 ms for the default one.
pub const WEIGHT_POLICY_SET: u64 = 300_000;

/// Bytes of nouns that weigh one unit: decoding, hashing and writing 128 bytes take about a microsecond.
pub const BYTES_PER_WEIGHT: usize = 128;

/// Columns that name a row: as many as a request can give.
pub const KEY_FIELDS_MAX: usize = 8;
