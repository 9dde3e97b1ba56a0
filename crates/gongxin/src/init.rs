//! `gongxin init`: make a network from a plan.

use std::path::PathBuf;

use clap::Args;
use gongxin_crypto::Suite;
use serde_json::json;

use crate::cli::Context;
use crate::failure::Failure;
use crate::{config, output, setup};

/// What to make, and where.
#[derive(Args)]
pub(crate) struct InitArgs {
    /// Folder of the new network
    #[arg(long, value_name = "DIR", required_unless_present = "print_plan")]
    dir: Option<PathBuf>,
    /// Plan of the network, TOML [default: the demonstration's]
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// First port of the demonstration's plan
    #[arg(long, default_value_t = crate::demo::BASE_PORT, conflicts_with = "plan")]
    base_port: u16,
    /// Print the plan and make nothing
    #[arg(long)]
    print_plan: bool,
}

/// Carries the command out.
pub(crate) fn run(arguments: &InitArgs, context: &Context) -> Result<(), Failure> {
    let plan: setup::Plan = match &arguments.plan {
        Some(path) => config::read(path)?,
        None => setup::demo_plan::demo(arguments.base_port)?,
    };
    if arguments.print_plan {
        output::line(toml::to_string_pretty(&plan).map_err(Failure::usage)?.trim_end());
        return Ok(());
    }
    let directory = arguments.dir.clone().unwrap_or_default();
    let genesis = setup::create(&plan, &directory, Suite::Intl)?;
    let document = json!({
        "network": genesis.head.id(),
        "directory": directory,
        "validators": genesis.head.validators.len(),
        "organizations": genesis.objects.organizations.len(),
    });
    output::print(context.format, &document, &[]);
    Ok(())
}
