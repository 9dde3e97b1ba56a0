//! The folder where commands look for what they are not told: network file, gateways, keys of officers.
//!
//! `--home DIR`, `GONGXIN_HOME`, or the demonstration's folder. A member's own folder needs no layout: then every
//! command is told what it needs.

use std::path::{Path, PathBuf};

use gongxin_types::{OfficerId, OrganizationId};

use crate::failure::Failure;
use crate::setup::write::{Layout, NETWORK, OfficerLayout};

/// A network's folder.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    directory: PathBuf,
}

impl Home {
    /// The folder given, or the demonstration's.
    pub(crate) fn new(given: Option<&PathBuf>) -> Self {
        Self { directory: given.cloned().unwrap_or_else(default_directory) }
    }

    /// The folder itself.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The network file: the one given, or the folder's.
    pub(crate) fn network_file(&self, given: Option<&PathBuf>) -> PathBuf {
        given.cloned().unwrap_or_else(|| self.directory.join(NETWORK))
    }

    /// Base URL of an organization's gateway, where the folder knows it.
    pub(crate) fn gateway(&self, organization: &OrganizationId) -> Option<String> {
        let layout = Layout::read(&self.directory).ok()?;
        layout.gateways.into_iter().find(|gateway| gateway.organization == *organization).map(|gateway| gateway.http)
    }

    /// Base URLs of the validators.
    pub(crate) fn validators(&self) -> Result<Vec<String>, Failure> {
        Ok(Layout::read(&self.directory)?.validators.into_iter().map(|validator| validator.http).collect())
    }

    /// An officer by identifier, or by `organization/label` where the folder knows one; paths are absolute.
    pub(crate) fn officer(&self, name: &str) -> Result<Known, Failure> {
        let layout = Layout::read(&self.directory).ok();
        let officers = layout.into_iter().flat_map(|layout| layout.officers);
        let found = officers.into_iter().find(|officer| officer.id.to_string() == name || label(officer) == name);
        match (found, name.parse::<OfficerId>()) {
            (Some(officer), _) => Ok(Known {
                id: officer.id,
                organization: Some(officer.organization.clone()),
                key: Some(self.directory.join(&officer.key)),
                passphrase_file: Some(self.directory.join(&officer.passphrase_file)),
            }),
            (None, Ok(id)) => Ok(Known { id, organization: None, key: None, passphrase_file: None }),
            (None, Err(_)) => Err(Failure::usage(format_args!(
                "`--as {name}`: neither an officer's identifier nor one of `{}`",
                self.directory.display()
            ))),
        }
    }
}

/// What the folder knows of an officer.
pub(crate) struct Known {
    /// The identifier.
    pub(crate) id: OfficerId,
    /// For whom.
    pub(crate) organization: Option<OrganizationId>,
    /// The encrypted key.
    pub(crate) key: Option<PathBuf>,
    /// Its passphrase.
    pub(crate) passphrase_file: Option<PathBuf>,
}

fn label(officer: &OfficerLayout) -> String {
    let stem = officer.key.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    format!("{}/{stem}", officer.organization)
}

/// Where the demonstration lives unless told otherwise.
pub(crate) fn default_directory() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or_else(home).unwrap_or_else(|| PathBuf::from(".")).join("gongxin/demo")
}
