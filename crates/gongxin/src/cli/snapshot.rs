//! `gongxin snapshot`: the state after one final block as one file, that a node begins from.

use std::path::PathBuf;

use clap::Subcommand;
use gongxin_archive::snapshot::SnapshotError;
use gongxin_chain::Snapshot;
use serde_json::json;

use super::Context;
use crate::config::{self, NodeConfig};
use crate::failure::{self, Failure};
use crate::{files, locked, output};

/// The state as a file.
#[derive(Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Write the state of a stopped node into a file; a running one takes its own (`snapshot_hours`)
    Make {
        /// The file; it must not be there
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The node's configuration; the node must not run
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Check a file with the network's public keys alone: who signed its block, and that it is the state of that block
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The network's file
        #[arg(long, value_name = "FILE")]
        network: PathBuf,
        /// A folder for as long as it takes; it must not be there [default: beside the file]
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
    },
    /// Put a file into the empty data directory of a node: checked, and all of it, or nothing
    Restore {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The node's configuration; the node must not run
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// Carries the command out.
pub(crate) fn run(command: &SnapshotCommand, context: &Context) -> Result<(), Failure> {
    let (made, file) = match command {
        SnapshotCommand::Make { file, config: path } => {
            let config: NodeConfig = config::read(path)?;
            let genesis = files::genesis(&config::beside(path, &config.genesis))?;
            let directory = config::beside(path, &config.directory);
            let _locked = locked::take(&directory)?;
            let made = gongxin_chain::make_snapshot(&directory, &genesis, file);
            (made.map_err(|error| Failure::usage(failure::chain(&error)))?, file)
        }
        SnapshotCommand::Check { file, network, scratch } => {
            let (_, network) = files::network_file(network)?;
            let beside = || {
                let mut name = file.as_os_str().to_owned();
                name.push(".scratch");
                PathBuf::from(name)
            };
            let scratch = scratch.clone().unwrap_or_else(beside);
            (gongxin_chain::check_snapshot(file, &network, &scratch).map_err(refused)?, file)
        }
        SnapshotCommand::Restore { file, config: path } => {
            let config: NodeConfig = config::read(path)?;
            let genesis = files::genesis(&config::beside(path, &config.genesis))?;
            let directory = config::beside(path, &config.directory);
            (gongxin_chain::restore_snapshot(file, &genesis, &directory).map_err(refused)?, file)
        }
    };
    let Snapshot { height, time, operations: [objects, lists] } = made;
    let document = json!({
        "file": file, "height": height, "time": time, "objects": objects, "lists": lists,
    });
    output::print(context.format, &document, &[]);
    Ok(())
}

fn refused(error: SnapshotError) -> Failure {
    Failure::usage(failure::chain(&error))
}
