//! The limits of this connector, each with the sum that led to it.

use std::time::Duration;

/// How long a statement waits for another's lock: the department's own transactions are shorter, or its users would complain.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a quiet outbox is looked at. A look at an unchanged file costs some 10 µs, so this is 0.05 % of a core.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// What an outbox may hold unless the configuration says otherwise: a day of ten changes a second.
pub(crate) const OUTBOX_ROWS_MAX: u64 = 1_000_000;
