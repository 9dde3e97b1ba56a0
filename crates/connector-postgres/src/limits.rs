//! The limits of this connector, each with the sum that led to it.

/// Columns of a table: what PostgreSQL allows.
pub(crate) const COLUMNS_MAX: usize = 1_600;

/// Longest text of the server's within a message: names have 63 bytes, four per character where an encoding is converted.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// Tables of one TRUNCATE: a cascade over every table of a large schema.
pub(crate) const TRUNCATED_MAX: usize = 10_000;

/// Digits of a `numeric` in its binary form, in groups of four: beyond 64 characters no decimal of ours has.
pub(crate) const NUMERIC_GROUPS_MAX: usize = 32;

#[cfg(feature = "client")]
pub(crate) use client::*;

/// Limits of connections, slots and settings.
#[cfg(feature = "client")]
mod client {
    use std::time::Duration;

    /// Longest frame of the replication protocol that is read: one row with all its columns. A row of ours has at most 1 MiB;
    /// columns that are published and not bound may be larger, and a photograph has some MiB.
    pub(crate) const FRAME_BYTES_MAX: usize = 64 * 1_024 * 1_024;

    /// Types with a definition of their own (domains, enumerations) that are known of one database.
    pub(crate) const TYPES_MAX: usize = 20_000;

    /// Longest password, and longest certificate file: a bundle of a department's own authorities.
    pub(crate) const PASSWORD_BYTES_MAX: usize = 1_024;

    /// How long one connection may take, TLS and authentication included.
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// How often we look whether the server has noticed that a stream of ours was given up; it does within milliseconds.
    pub(crate) const RELEASE_INTERVAL: Duration = Duration::from_millis(10);

    /// How often we say how far we are, though nobody asks: a fifth of the server's shortest usual `wal_sender_timeout` (60 s),
    /// and twice again, so that the positions of an idle slot move on.
    pub(crate) const STATUS_INTERVAL: Duration = Duration::from_secs(5);

    /// What a slot may keep unless the configuration says otherwise: an hour of 1 MB/s, an eighth of a small server's disk.
    pub(crate) const SLOT_BYTES_MAX: u64 = 4 * 1_024 * 1_024 * 1_024;
}
