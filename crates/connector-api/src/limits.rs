//! The limits of a connector, each with the sum that led to it.

/// Registers of one gateway: one organization has some dozens of resources with a table behind them.
pub const REGISTERS_MAX: usize = 256;

/// Databases of one gateway.
pub const DATABASES_MAX: usize = 64;

/// Longest block of registers that is read: 256 registers of 128 columns at 60 bytes are 2 MB; nobody has that, a quarter will do.
pub const REGISTERS_BYTES_MAX: usize = 512 * 1_024;

/// Longest name of a table or a column: what PostgreSQL keeps (NAMEDATALEN − 1), 21 characters of Chinese.
pub const IDENTIFIER_BYTES_MAX: usize = 63;

/// Key columns of one resource, as in a request for access.
pub const KEY_COLUMNS_MAX: usize = 8;

/// Longest canonical key: eight columns of 500 bytes; what is longer cannot be indexed by most databases either.
pub const KEY_BYTES_MAX: usize = 4 * 1_024;

/// Longest canonical ticket: a key of 4 KiB, names of at most 64 bytes, a key, digests and a signature of below 200 each.
pub const TICKET_BYTES_MAX: usize = 8 * 1_024;

/// Longest canonical row that a connector hands on: the longest that a vault takes.
pub const ROW_BYTES_MAX: usize = 1_024 * 1_024;

/// Rows of one page of a snapshot. At 4 KiB a row 4 MiB; a page of small rows is worth one call.
pub const PAGE_ROWS_MAX: usize = 1_000;

/// Bytes of canonical rows after which a page ends, however few rows are in it.
pub const PAGE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Changes of one batch; a longer database transaction comes in parts. A RecordBatch has as many operations.
pub const BATCH_CHANGES_MAX: usize = 1_000;

/// Bytes of values after which a part of a database transaction ends.
pub const BATCH_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Tickets of one database transaction that may wait for their change at once: a ticket stands before its change, so a
/// statement of a thousand rows may be preceded by a thousand tickets; ten times as many, 10 MB at 1 KiB each.
pub const WAITING_TICKETS_MAX: usize = 10_000;

/// Operations that are applied by one call: one RecordBatch.
pub const APPLY_MAX: usize = 1_000;

/// Findings of one check: each column of each register could have one; what is beyond is not shown, and said.
pub const FINDINGS_MAX: usize = 1_000;

/// Most fraction digits of a decimal: what `numeric` of PostgreSQL prints by default at most is 16383; money and areas have 6.
pub const DECIMAL_SCALE_MAX: u8 = 18;

/// Longest decimal text: 38 digits, as in SQL databases that bound it, a sign and a point, with room.
pub const DECIMAL_BYTES_MAX: usize = 64;
