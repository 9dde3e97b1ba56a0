//! `gongxin vault`: a gateway's encrypted store of rows, salts and sealed responses.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use gongxin_vault::Vault;
use serde_json::json;

use super::Context;
use crate::config::{self, GatewayConfig};
use crate::failure::{self, Failure};
use crate::{locked, office, output};

/// The encrypted store.
#[derive(Subcommand)]
pub(crate) enum VaultCommand {
    /// Show what it holds, by number
    Status {
        /// The gateway's configuration; the gateway must not run
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make a new period key, re-wrap what survives and destroy the old one: erasures become final
    Rotate {
        /// The gateway's configuration; the gateway must not run
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// Carries the command out.
pub(crate) fn run(command: &VaultCommand, context: &Context) -> Result<(), Failure> {
    let (VaultCommand::Status { config: path } | VaultCommand::Rotate { config: path }) = command;
    let config: GatewayConfig = config::read(path)?;
    let directory = config::beside(path, &config.directory);
    let _locked = locked::take(&directory)?;
    let vault = open(path, &config, &directory)?;
    let document = match command {
        VaultCommand::Status { .. } => {
            let staged = vault.staged().map_err(unusable)?;
            json!({
                "directory": directory.join("vault"),
                "staged": staged.rows.len(),
                "unreadable": staged.unreadable.len(),
            })
        }
        VaultCommand::Rotate { .. } => {
            let rotated = vault.rotate().map_err(unusable)?;
            json!({ "rewrapped": rotated.survivors, "damaged": rotated.damaged })
        }
    };
    output::print(context.format, &document, &[]);
    Ok(())
}

fn open(path: &Path, config: &GatewayConfig, directory: &Path) -> Result<Vault, Failure> {
    let office = office::office_config(path, config)?;
    let head = &office.genesis.head;
    Vault::open(&directory.join("vault"), &head.id(), head.suite, &office.passphrase).map_err(unusable)
}

fn unusable(error: impl std::error::Error) -> Failure {
    Failure::usage(failure::chain(&error))
}
