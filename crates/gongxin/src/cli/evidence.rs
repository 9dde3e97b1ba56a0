//! `gongxin evidence`: notarise a file's digest, and find it again.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{Action, BasisCode, Evidence, evidence::MediaType};

use super::{
    Context,
    acting::{How, act},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;
use crate::{files, output};

const PATH: &str = "/api/v1/evidence";
const COLUMNS: &[&str] = &["id", "organization", "media_type", "time", "height"];

/// Notarised digests.
#[derive(Subcommand)]
pub(crate) enum EvidenceCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Notarise the digest of a file
    Notarise(NotariseArgs),
    /// Print the digest that would be notarised
    Digest {
        /// The document
        file: PathBuf,
        /// The network's file [default: the folder's]
        #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
        network: Option<PathBuf>,
    },
}

/// What to notarise.
#[derive(Args)]
pub(crate) struct NotariseArgs {
    /// The document; it stays here, its digest goes on the ledger
    file: PathBuf,
    /// What kind of document it is
    #[arg(long, default_value = "application/octet-stream")]
    media_type: MediaType,
    /// The law it is notarised under, by its code in the network's list
    #[arg(long)]
    legal_basis: BasisCode,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: EvidenceCommand, context: &Context) -> Result<(), Failure> {
    match command {
        EvidenceCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        EvidenceCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        EvidenceCommand::Notarise(arguments) => {
            let network = files::network(&context.home.network_file(arguments.how.acting.network.as_ref()))?;
            let evidence = Evidence {
                digest: digest(&arguments.file, network.suite)?,
                media_type: arguments.media_type,
                legal_basis: arguments.legal_basis,
            };
            act(Action::NotariseEvidence(evidence), &arguments.how, context).await
        }
        EvidenceCommand::Digest { file, network } => {
            let network = files::network(&context.home.network_file(network.as_ref()))?;
            let digest = digest(&file, network.suite)?;
            output::print(context.format, &serde_json::json!({ "digest": digest }), &[]);
            Ok(())
        }
    }
}

/// Digest of a file of any size, read piece by piece.
fn digest(path: &std::path::Path, suite: Suite) -> Result<Digest, Failure> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path).map_err(|error| Failure::file(path, error))?;
    let mut hasher = suite.hasher();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = file.read(&mut buffer).map_err(|error| Failure::file(path, error))?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
}
