//! Settings: where the file is, as an operator writes it under `[database.sqlite]`.
//!
//! ```toml
//! [database.sqlite]
//! file = "housing.db"
//! outbox_rows_max = 1000000
//! ```

use std::path::{Path, PathBuf};

use gongxin_connector_api::ConnectorError;
use serde::Deserialize;

use crate::limits::OUTBOX_ROWS_MAX;

/// Where a SQLite register is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file.
    pub file: PathBuf,
    /// How many rows may wait in the outbox before this is a finding.
    #[serde(default = "default_rows")]
    pub outbox_rows_max: u64,
}

fn default_rows() -> u64 {
    OUTBOX_ROWS_MAX
}

impl Settings {
    /// Reads `[database.sqlite]`; the path is relative to `folder`.
    ///
    /// # Errors
    /// When something is missing or unknown; the message says what.
    pub fn read(table: &toml::Table, folder: &Path) -> Result<Self, ConnectorError> {
        let settings: Result<Self, toml::de::Error> = table.clone().try_into();
        let mut settings = settings.map_err(|error| ConnectorError::Config { what: error.message().to_owned() })?;
        settings.file = folder.join(&settings.file);
        Ok(settings)
    }
}
