//! `gongxin status`: how a network is, at a glance, and what needs somebody's attention.
//!
//! Live on a terminal, refreshed in place; once for programs, pipes and terminals that cannot. It asks what anyone who reaches the
//! ports may ask (`/v1/status`, `/readyz`, `/metrics`), holds no key and changes nothing.

mod ask;
mod judge;
mod limits;
mod live;
mod show;

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::config::{self, Either};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, Format};
use crate::serving::Serving;
use crate::setup::Layout;
use ask::Asker;

/// Whom to ask, and how to show it.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Base URL of a validator; may be given several times [default: all validators and gateways of the folder]
    #[arg(long = "validator", value_name = "URL")]
    validators: Vec<String>,
    /// Ask the node of this `node.toml`, or the gateway of this `gateway.toml` and its validators
    #[arg(long, value_name = "FILE", conflicts_with = "validators")]
    config: Option<PathBuf>,
    /// Once, on a terminal too
    #[arg(long)]
    once: bool,
}

/// Whom to ask.
#[derive(Default)]
struct Targets {
    /// Base URLs of validators, with their names where they are known.
    validators: Vec<(Option<String>, String)>,
    /// Base URLs of gateways, with their organizations.
    gateways: Vec<(String, String)>,
    /// Who validates, where a file of the network is at hand.
    serving: Option<Serving>,
}

/// Carries the command out.
pub(crate) async fn run(arguments: StatusArgs, context: &Context) -> Result<(), Failure> {
    let mut asker = Asker::new(targets(&arguments, context)?)?;
    if context.format == Format::Table && !arguments.once && live::is_possible() {
        return live::run(&mut asker).await;
    }
    let round = asker.round().await;
    let findings = judge::judge(&round);
    match context.format {
        Format::Json => output::print(Format::Json, &show::document(&round, &findings), &[]),
        Format::Table => output::line(&show::text(&round, &findings)),
    }
    if round.answering().next().is_none() {
        return Err(Failure::unreachable("no validator answers"));
    }
    match findings.iter().filter(|finding| finding.weight == judge::Weight::Wrong).count() {
        0 => Ok(()),
        1 => Err(Failure::refused("one thing needs attention", None)),
        count => Err(Failure::refused(format_args!("{count} things need attention"), None)),
    }
}

fn targets(arguments: &StatusArgs, context: &Context) -> Result<Targets, Failure> {
    let file = context.home.network_file(None);
    if !arguments.validators.is_empty() {
        let validators = arguments.validators.iter().map(|url| (None, url.trim_end_matches('/').to_owned())).collect();
        return Ok(Targets { validators, serving: Serving::of_file(&file), ..Targets::default() });
    }
    let Some(path) = &arguments.config else {
        let folder = context.home.directory();
        let layout = Layout::read(folder)?;
        let serving = Serving::of_folder(&file, folder, &layout);
        let validators = layout.validators.into_iter().map(|one| (Some(one.name.to_string()), one.http)).collect();
        let gateways = layout.gateways.into_iter().map(|one| (one.organization.to_string(), one.http)).collect();
        return Ok(Targets { validators, gateways, serving });
    };
    let genesis = |genesis: &PathBuf| files::genesis(&config::beside(path, genesis)).ok();
    Ok(match config::read_either(path)? {
        Either::Node(node) => Targets {
            validators: vec![(Some(node.name.to_string()), format!("http://{}", node.http))],
            gateways: Vec::new(),
            serving: genesis(&node.genesis).map(|genesis| Serving::of_node(path, &node, &genesis, Some(&file))),
        },
        Either::Gateway(gateway) => Targets {
            validators: gateway.validators.iter().map(|url| (None, url.clone())).collect(),
            gateways: vec![(gateway.organization.to_string(), format!("http://{}", gateway.http))],
            serving: genesis(&gateway.genesis).map(|genesis| Serving::of_gateway(&genesis, Some(&file))),
        },
    })
}
