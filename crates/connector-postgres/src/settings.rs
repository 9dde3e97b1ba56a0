//! Settings: how to reach a PostgreSQL, as an operator writes it under `[database.postgres]`.
//!
//! ```toml
//! [database.postgres]
//! host = "10.1.2.3"                  # or the directory of a socket, such as "/run/postgresql"
//! port = 5432
//! database = "housing"
//! user = "gongxin"
//! password_file = "housing.password" # readable by its owner, or its group, alone
//! tls = "verify"                     # or "off", for a socket or the loopback alone
//! ca_file = "housing-ca.pem"
//! slot = "gongxin_housing"
//! publication = "gongxin_housing"
//! outbox = "public.gongxin_outbox"   # where tickets are rows; may be left out
//! slot_bytes_max = 4294967296
//! ```

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use gongxin_connector_api::{ConnectorError, Identifier, TableName};
use serde::Deserialize;

use crate::limits::SLOT_BYTES_MAX;

/// Whether the connection is encrypted and the server's certificate checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// The certificate must be of an authority in `ca_file` and of this host.
    Verify,
    /// None: only over a socket of the machine or its loopback.
    Off,
}

/// How to reach a PostgreSQL. It holds no secret: the password stays in its file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address, name, or the directory of a socket.
    pub host: String,
    /// The port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// The database.
    pub database: Identifier,
    /// The role.
    pub user: Identifier,
    /// The file with the role's password; none where the server trusts the socket's user.
    pub password_file: Option<PathBuf>,
    /// Encryption.
    #[serde(default = "default_tls")]
    pub tls: Tls,
    /// The certificates of the authorities that are trusted, as PEM.
    pub ca_file: Option<PathBuf>,
    /// The slot that keeps changes for us.
    pub slot: Identifier,
    /// The publication that says which changes.
    pub publication: Identifier,
    /// A table whose new rows are tickets: a column `ticket` of type `bytea`.
    pub outbox: Option<TableName>,
    /// How much of its log the server may keep on our account before this is a finding.
    #[serde(default = "default_slot_bytes_max")]
    pub slot_bytes_max: u64,
}

fn default_port() -> u16 {
    5432
}

fn default_tls() -> Tls {
    Tls::Verify
}

fn default_slot_bytes_max() -> u64 {
    SLOT_BYTES_MAX
}

impl Settings {
    /// Reads `[database.postgres]`; paths are relative to `folder`.
    ///
    /// # Errors
    /// When something is missing, unknown, or does not go together; the message says what.
    pub fn read(table: &toml::Table, folder: &Path) -> Result<Self, ConnectorError> {
        let bad = |what: String| ConnectorError::Config { what };
        let mut settings: Self =
            table.clone().try_into().map_err(|error: toml::de::Error| bad(error.message().to_owned()))?;
        for path in [&mut settings.password_file, &mut settings.ca_file].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConnectorError> {
        let bad = |what: &str| Err(ConnectorError::Config { what: what.to_owned() });
        let slot = self.slot.as_str();
        if !slot.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return bad("`slot` may have lower-case letters, digits and `_` alone");
        }
        match self.tls {
            Tls::Verify if self.is_socket() => bad("a socket has no TLS: set `tls = \"off\"`"),
            Tls::Verify if self.ca_file.is_none() => bad("`tls = \"verify\"` needs a `ca_file`"),
            Tls::Off if !self.stays_on_the_machine() => bad(
                "`tls = \"off\"` is for a socket or a loopback address alone: rows must not cross a network in the clear",
            ),
            _ => Ok(()),
        }
    }

    /// Whether `host` is the directory of a socket.
    pub(crate) fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    fn stays_on_the_machine(&self) -> bool {
        let loopback = || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.is_socket() || self.host == "localhost" || loopback()
    }
}
