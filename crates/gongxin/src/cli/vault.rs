//! `gongxin vault`: a gateway's encrypted store of rows, salts and sealed responses.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use gongxin_projection::{PageRequest, Projection};
use gongxin_vault::Vault;
use serde_json::json;

use super::Context;
use crate::config::{self, GatewayConfig};
use crate::failure::{self, Failure};
use crate::output::Format;
use crate::{files, locked, office, output};

/// The encrypted store.
#[derive(Subcommand)]
pub(crate) enum VaultCommand {
    /// Show what it holds, by number
    Status {
        /// The gateway's configuration; the gateway must not run
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Name records of this office whose rows are missing, as after the restore of an older backup
    Check {
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
    let (VaultCommand::Status { config: path }
    | VaultCommand::Check { config: path }
    | VaultCommand::Rotate { config: path }) = command;
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
        VaultCommand::Check { .. } => return check(path, &config, &vault, context),
        VaultCommand::Rotate { .. } => {
            let rotated = vault.rotate().map_err(unusable)?;
            let period = gongxin_vault::outside(&directory.join("vault")).map_err(unusable)?.period;
            let words = format!("destroy backups of periods before {period}: they hold what was erased");
            json!({ "rewrapped": rotated.survivors, "damaged": rotated.damaged, "period": period, "next": words })
        }
    };
    output::print(context.format, &document, &[]);
    Ok(())
}

/// Compares the living records of the copy of the ledger with the rows that are here.
fn check(path: &Path, config: &GatewayConfig, vault: &Vault, context: &Context) -> Result<(), Failure> {
    let genesis = files::genesis(&config::beside(path, &config.genesis))?;
    let directory = config::beside(path, &config.directory);
    let projection = Projection::open(&directory.join("projection"), &genesis).map_err(unusable)?;
    let (mut looked_at, mut missing) = (0_u64, Vec::new());
    let mut resources = PageRequest::largest();
    loop {
        let page = projection.resources(Some(&config.organization), &resources).map_err(unusable)?;
        for resource in page.items {
            let resource = resource.noun.id;
            let mut records = PageRequest::largest();
            loop {
                let page = projection.records(&resource, &records).map_err(unusable)?;
                for fact in page.items.iter().filter(|fact| fact.slot.commitment.is_some()) {
                    looked_at = looked_at.saturating_add(1);
                    if !vault.versions(&resource, &fact.record).map_err(unusable)?.contains(&fact.slot.version) {
                        missing.push(json!({
                            "resource": resource, "record": fact.record, "version": fact.slot.version,
                        }));
                    }
                }
                let Some(next) = page.next else { break };
                records = PageRequest { after: Some(next), ..records };
            }
        }
        let Some(next) = page.next else { break };
        resources = PageRequest { after: Some(next), ..resources };
    }
    let height = projection.height().map_err(unusable)?;
    let found = missing.len();
    match context.format {
        Format::Json => {
            output::print(Format::Json, &json!({ "height": height, "records": looked_at, "missing": missing }), &[])
        }
        Format::Table => {
            output::line(&format!("{looked_at} living records as of block {height}, {found} without their row"));
            if found > 0 {
                output::print(Format::Table, &missing.into(), &["resource", "record", "version"]);
            }
        }
    }
    let words =
        format_args!("{found} records have no row here: write each of them anew, as an update, from the register");
    if found == 0 { Ok(()) } else { Err(Failure::refused(words, None)) }
}

fn open(path: &Path, config: &GatewayConfig, directory: &Path) -> Result<Vault, Failure> {
    let office = office::office_config(path, config)?;
    let head = &office.genesis.head;
    Vault::open(&directory.join("vault"), &head.id(), head.suite, &office.passphrase).map_err(unusable)
}

fn unusable(error: impl std::error::Error) -> Failure {
    Failure::usage(failure::chain(&error))
}
