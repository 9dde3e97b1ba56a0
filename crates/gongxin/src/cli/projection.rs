//! `gongxin projection`: a gateway's verified copy of the ledger; thrown away and rebuilt at will.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gongxin_projection::Projection;
use serde_json::json;

use super::{Context, block_on, fail};
use crate::config::{self, GatewayConfig};
use crate::failure::{self, Failure};
use crate::{files, locked, output};

/// The copy of the ledger.
#[derive(Subcommand)]
pub(crate) enum ProjectionCommand {
    /// Show how far it has come
    Status(OfGateway),
    /// Build it again from the validators' blocks, beside the old one, and compare both
    Rebuild(RebuildArgs),
}

/// Whose copy.
#[derive(Args)]
pub(crate) struct OfGateway {
    /// The gateway's configuration; the gateway must not run
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// How to rebuild.
#[derive(Args)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    gateway: OfGateway,
    /// Keep the old copy, and only say whether the new one is equal
    #[arg(long)]
    compare: bool,
}

/// Carries the command out.
pub(crate) fn run(command: ProjectionCommand, context: &Context) -> Result<(), Failure> {
    match command {
        ProjectionCommand::Status(arguments) => status(&arguments, context),
        ProjectionCommand::Rebuild(arguments) => block_on(rebuild(&arguments, context)),
    }
}

fn unusable(error: impl std::error::Error) -> Failure {
    Failure::usage(failure::chain(&error))
}

fn status(arguments: &OfGateway, context: &Context) -> Result<(), Failure> {
    let config: GatewayConfig = config::read(&arguments.config)?;
    let directory = config::beside(&arguments.config, &config.directory);
    let _locked = locked::take(&directory)?;
    let genesis = files::genesis(&config::beside(&arguments.config, &config.genesis))?;
    let projection = Projection::open(&directory.join("projection"), &genesis).map_err(unusable)?;
    let tip = projection.tip().map_err(unusable)?;
    let document = json!({
        "network": genesis.head.id(),
        "height": tip.height,
        "time": tip.time,
        "content": projection.content().map_err(unusable)?.value.to_string(),
    });
    output::print(context.format, &document, &[]);
    Ok(())
}

async fn rebuild(arguments: &RebuildArgs, context: &Context) -> Result<(), Failure> {
    let path = &arguments.gateway.config;
    let config: GatewayConfig = config::read(path)?;
    let directory = config::beside(path, &config.directory);
    let _locked = locked::take(&directory)?;
    let genesis = files::genesis(&config::beside(path, &config.genesis))?;
    let (old_path, new_path) = (directory.join("projection"), directory.join("projection.new"));
    if new_path.exists() {
        std::fs::remove_dir_all(&new_path).map_err(|error| Failure::file(&new_path, error))?;
    }
    let old = Projection::open(&old_path, &genesis).map_err(unusable)?;
    let new = Projection::open(&new_path, &genesis).map_err(unusable)?;
    let target = old.height().map_err(unusable)?;
    let client = gongxin_client::ValidatorClient::new(&config.validators).map_err(fail)?;
    let mut blocks = client.follow(new.height().map_err(unusable)?.next());
    while new.height().map_err(unusable)? < target {
        new.offer(blocks.next().await).map_err(unusable)?;
    }
    let (before, anew) = (old.content().map_err(unusable)?, new.content().map_err(unusable)?);
    let differing = before.value.differences(&anew.value);
    drop((old, new));
    if arguments.compare {
        std::fs::remove_dir_all(&new_path).map_err(|error| Failure::file(&new_path, error))?;
    } else {
        std::fs::remove_dir_all(&old_path).map_err(|error| Failure::file(&old_path, error))?;
        std::fs::rename(&new_path, &old_path).map_err(|error| Failure::file(&old_path, error))?;
    }
    output::print(
        context.format,
        &json!({ "height": target, "equal": differing.is_empty(), "differing": differing }),
        &[],
    );
    if differing.is_empty() {
        Ok(())
    } else {
        Err(Failure::refused("the copy differs from one built anew from the blocks", None))
    }
}
