//! `gongxin network`: what names a network and checks its certificates.

use std::path::PathBuf;

use clap::Subcommand;

use super::Context;
use crate::failure::Failure;
use crate::{files, output};

/// Networks and their files.
#[derive(Subcommand)]
pub(crate) enum NetworkCommand {
    /// Show a network file: identity, suite, validators
    Show {
        /// The network's file [default: the folder's]
        #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
        network: Option<PathBuf>,
    },
}

/// Carries the command out.
pub(crate) fn run(command: &NetworkCommand, context: &Context) -> Result<(), Failure> {
    let NetworkCommand::Show { network } = command;
    let head = files::network(&context.home.network_file(network.as_ref()))?;
    let document = serde_json::json!({ "network": head.id(), "head": head });
    match context.format {
        output::Format::Json => output::print(output::Format::Json, &document, &[]),
        output::Format::Table => {
            let head = document.get("head").cloned().unwrap_or_default();
            output::line(&format!(
                "network {}",
                document.get("network").and_then(|id| id.as_str()).unwrap_or_default()
            ));
            for name in ["name", "suite", "protocol_version", "time", "time_scale"] {
                output::line(&format!("{name}: {}", head.get(name).unwrap_or(&serde_json::Value::Null)));
            }
            output::print(
                context.format,
                head.get("validators").unwrap_or(&serde_json::Value::Null),
                &["name", "organization", "key"],
            );
        }
    }
    Ok(())
}
