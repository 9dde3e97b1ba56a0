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
use gongxin_types::NetworkHead;

use crate::cli::Context;
use crate::config::{self, Either};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, Format};
use crate::setup::Layout;
use ask::{Asker, Round};

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
    /// Who the validators are, where a file of the network is at hand.
    network: Option<NetworkHead>,
}

/// Carries the command out.
pub(crate) async fn run(arguments: StatusArgs, context: &Context) -> Result<(), Failure> {
    let targets = targets(&arguments, context)?;
    let network = targets.network.clone();
    let asker = Asker::new(targets)?;
    if context.format == Format::Table && !arguments.once && live::is_possible() {
        return live::run(&asker, network.as_ref()).await;
    }
    let round = asker.round().await;
    let network = meant(&round, network.as_ref());
    let findings = judge::judge(&round, network);
    match context.format {
        Format::Json => output::print(Format::Json, &show::document(&round, network, &findings), &[]),
        Format::Table => output::line(&show::text(&round, network, &findings)),
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

/// The network that is at hand, unless nobody who answers is of it: then it is another one that was asked for.
fn meant<'a>(round: &Round, network: Option<&'a NetworkHead>) -> Option<&'a NetworkHead> {
    network.filter(|network| round.answering().any(|(_, answer)| answer.report.network == network.id()))
}

fn targets(arguments: &StatusArgs, context: &Context) -> Result<Targets, Failure> {
    let known = files::network(&context.home.network_file(None)).ok();
    if !arguments.validators.is_empty() {
        let validators = arguments.validators.iter().map(|url| (None, url.trim_end_matches('/').to_owned())).collect();
        return Ok(Targets { validators, network: known, ..Targets::default() });
    }
    let Some(path) = &arguments.config else {
        let layout = Layout::read(context.home.directory())?;
        let validators = layout.validators.into_iter().map(|one| (Some(one.name.to_string()), one.http)).collect();
        let gateways = layout.gateways.into_iter().map(|one| (one.organization.to_string(), one.http)).collect();
        return Ok(Targets { validators, gateways, network: known });
    };
    let head = |genesis: &PathBuf| files::genesis(&config::beside(path, genesis)).ok().map(|genesis| genesis.head);
    Ok(match config::read_either(path)? {
        Either::Node(node) => Targets {
            validators: vec![(Some(node.name.to_string()), format!("http://{}", node.http))],
            gateways: Vec::new(),
            network: head(&node.genesis),
        },
        Either::Gateway(gateway) => Targets {
            validators: gateway.validators.iter().map(|url| (None, url.clone())).collect(),
            gateways: vec![(gateway.organization.to_string(), format!("http://{}", gateway.http))],
            network: head(&gateway.genesis),
        },
    })
}
