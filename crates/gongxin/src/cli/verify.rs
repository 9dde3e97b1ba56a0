//! `gongxin verify`: check a receipt, or evidence against validators, with the network's public keys alone; no server is
//! asked.

use std::path::PathBuf;

use clap::Args;
use gongxin_types::{FaultEvidence, limits};
use serde_json::{Value, json};

use super::Context;
use crate::failure::Failure;
use crate::{files, output};

/// What to check, and against which network.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The receipt, or the evidence
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
    if let Some(evidence) = evidence(&receipt) {
        return convict(arguments, context, evidence, &network);
    }
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

/// What an evidence file holds; nothing where it is none (docs/spec/fault.md, section 4).
fn evidence(bytes: &[u8]) -> Option<Result<FaultEvidence, serde_json::Error>> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    document.get("evidence")?;
    Some(serde_json::from_value(document))
}

fn convict(
    arguments: &VerifyArgs,
    context: &Context,
    evidence: Result<FaultEvidence, serde_json::Error>,
    network: &[u8],
) -> Result<(), Failure> {
    let file = arguments.file.display();
    let evidence =
        evidence.map_err(|error| Failure::usage(format_args!("`{file}` cannot be read as evidence: {error}")))?;
    let network = gongxin_verify::network::parse(network).map_err(Failure::usage)?;
    let convicted = gongxin_verify::fault::check(&network, &evidence)
        .map_err(|error| Failure::refused(format_args!("`{file}` does not verify: {error}"), None))?;
    let digest = evidence.digest(network.suite);
    let name = |key| {
        let known = network.sets().flat_map(|(_, set)| &set.validators).find(|one| one.key == key);
        known.map_or_else(|| key.to_string(), |one| format!("{} of {}, key {key}", one.name, one.organization))
    };
    match context.format {
        output::Format::Json => {
            output::print(context.format, &json!({ "ok": true, "digest": digest, "convicted": convicted }), &[]);
        }
        output::Format::Table => {
            output::line(&format!("✓ evidence: its signatures verify, digest {digest}"));
            for key in &convicted {
                output::line(&format!("✓ convicts: {}", name(*key)));
            }
            if let FaultEvidence::Proposal(proposal) = &evidence {
                output::line(&format!(
                    "✓ signed by: {}; whether the block is invalid it does not say",
                    name(proposal.validator)
                ));
            }
        }
    }
    Ok(())
}
