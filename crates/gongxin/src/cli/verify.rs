//! `gongxin verify`: check a receipt with the network's public keys alone; no server is asked.

use std::path::PathBuf;

use clap::Args;
use gongxin_types::limits;

use super::Context;
use crate::failure::Failure;
use crate::{files, output};

/// What to check, and against which network.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The receipt
    file: PathBuf,
    /// The network's file [default: the folder's]
    #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
    network: Option<PathBuf>,
}

/// Carries the command out.
pub(crate) fn run(arguments: &VerifyArgs, context: &Context) -> Result<(), Failure> {
    let receipt = files::read(&arguments.file, limits::RECEIPT_FILE_BYTES_MAX)?;
    let path = context.home.network_file(arguments.network.as_ref());
    let network = files::read(&path, limits::NETWORK_FILE_BYTES_MAX)?;
    let report = gongxin_verify::bundle::verify(&receipt, &network);
    match context.format {
        output::Format::Json => {
            let document = serde_json::to_value(&report).map_err(Failure::usage)?;
            output::print(context.format, &document, &[]);
        }
        output::Format::Table => {
            for step in &report.steps {
                output::line(&format!("{} {}: {}", if step.ok { "✓" } else { "✗" }, step.name, step.detail));
            }
        }
    }
    match report.exit() {
        0 => Ok(()),
        1 => Err(Failure::refused(format_args!("`{}` does not verify", arguments.file.display()), None)),
        _ => Err(Failure::usage(format_args!("`{}` cannot be read as a receipt", arguments.file.display()))),
    }
}
