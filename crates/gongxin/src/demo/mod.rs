//! `gongxin demo`: the whole platform on one machine, as child processes of one command.
//!
//! Makes the network on its first start, starts every validator and gateway, waits until each answers, loads the
//! register of administrative divisions, and stops its children in order when it is told to. It touches nothing it
//! did not start.

mod children;
mod data;
mod governance;
mod load;
mod ports;
mod register;
mod talk;
mod words;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gongxin_crypto::Suite;

use crate::cli::Context;
use crate::failure::Failure;
use crate::home;
use crate::setup::{self, Layout, write::LAYOUT};
use crate::{locked, output::Format};
use children::Children;
use talk::Talk;

/// First port of the demonstration unless told otherwise.
pub(crate) const BASE_PORT: u16 = 20_260;

/// How to show it.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DemoArgs {
    /// Where the network lives [default: `gongxin/demo` in your data folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// First of fourteen ports on this machine [default: 20260, or those it was made with]
    #[arg(long, value_name = "N")]
    base_port: Option<u16>,
    /// Load no records
    #[arg(long)]
    no_load: bool,
    /// Start no gateways, and so load no records: the bare ledger, to be measured
    #[arg(long)]
    validators_only: bool,
    /// Folder of the divisions, one file per year [default: the shared data, or the copy in the repository]
    #[arg(long, value_name = "DIR")]
    divisions: Option<PathBuf>,
    #[command(subcommand)]
    story: Option<StoryCommand>,
}

/// A story instead of the platform.
#[derive(Subcommand)]
enum StoryCommand {
    /// Watch four institutions admit a fifth, change a rule, lose a key and expel a liar, step by step 治理
    Governance(governance::GovernanceArgs),
}

/// Carries the command out.
pub(crate) fn run(arguments: DemoArgs, context: &Context) -> Result<(), Failure> {
    if let Some(StoryCommand::Governance(arguments)) = &arguments.story {
        return governance::run(arguments, context);
    }
    let directory = arguments.dir.clone().unwrap_or_else(home::default_directory);
    let _locked = locked::take(&directory)?;
    // Paths in what is printed are absolute, wherever the reader stands.
    let directory = directory.canonicalize().map_err(|error| Failure::file(&directory, error))?;
    let talk = Talk::new(context.format);
    let mut layout = open_network(&directory, arguments.base_port, &talk)?;
    if arguments.validators_only {
        layout.gateways.clear();
    }
    ports::check(&layout)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(Failure::usage)?.block_on(show(arguments, directory, layout, talk))
}

/// The network in the folder, made on the first start.
fn open_network(directory: &Path, base_port: Option<u16>, talk: &Talk) -> Result<Layout, Failure> {
    if !directory.join(LAYOUT).exists() {
        talk.note(&format!("making a network of six offices in {}", directory.display()));
        setup::create(&setup::demo_plan::demo(base_port.unwrap_or(BASE_PORT))?, directory, Suite::Intl)?;
    }
    match base_port {
        Some(base) => setup::move_ports(directory, &setup::demo_plan::demo(base)?),
        None => Layout::read(directory),
    }
}

async fn show(arguments: DemoArgs, directory: PathBuf, layout: Layout, talk: Talk) -> Result<(), Failure> {
    let mut stop = children::Stop::listen()?;
    let mut children = Children::none();
    let shown = async {
        children.launch(&directory, &layout)?;
        children.wait_ready(&talk).await?;
        talk.ready(&directory, &layout, &children);
        let loads = !arguments.no_load && !arguments.validators_only;
        if loads {
            let data = data::find(arguments.divisions.as_deref())?;
            load::run(&directory, &layout, &data, &talk).await?;
        }
        if talk.format() == Format::Table && !arguments.validators_only {
            words::what_to_try(&directory, &layout, !loads);
        }
        children.wait_any().await
    };
    let ended = tokio::select! {
        result = shown => result,
        () = stop.asked() => Ok(()),
    };
    talk.note("stopping: gateways first, then validators");
    children.stop().await;
    ended
}
