//! A stage that cannot be set: no verdict on the ledger, and a run that counts as failed all the same.

use std::fmt::Display;
use std::path::Path;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the stage cannot be set: {0}")]
pub struct Trouble(pub(crate) String);

impl Trouble {
    /// A folder that cannot be used.
    pub fn of(folder: &Path, error: &std::io::Error) -> Self {
        Self(format!("{}: {error}", folder.display()))
    }
}

/// Puts what was being done in front of an error.
pub(crate) trait During<T> {
    fn during(self, what: impl Display) -> Result<T, Trouble>;
}

impl<T, E: Display> During<T> for Result<T, E> {
    fn during(self, what: impl Display) -> Result<T, Trouble> {
        self.map_err(|error| Trouble(format!("{what}: {error}")))
    }
}
