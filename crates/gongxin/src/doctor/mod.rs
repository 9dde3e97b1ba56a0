//! `gongxin doctor`: what is wrong with a configuration and all that it names, and what to do about it.
//!
//! It may be asked before a first start, beside a running process, and after one that ended. It writes nothing and starts nothing.
//! Every check has a test that breaks exactly that thing (`tests/e2e/doctor.rs`).

mod data;
mod keys;
mod limits;
mod machine;
mod reach;

use std::path::{Path, PathBuf};

use clap::Args;
use gongxin_types::NetworkHead;
use serde_json::json;

use crate::cli::Context;
use crate::config::{self, Either, GatewayConfig, NodeConfig};
use crate::failure::Failure;
use crate::serving::Serving;
use crate::{files, locked, output};

/// What to check.
#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// `node.toml` or `gateway.toml`; may be given several times [default: those of the folder]
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// File of the network that they should be of [default: the folder's, if it has one]
    #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
    network: Option<PathBuf>,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// As it should be.
    Well,
    /// It goes on so, and somebody should know.
    Note,
    /// It does not start, or does not go on for long.
    Wrong,
}

/// One finding.
struct Finding {
    config: String,
    check: &'static str,
    verdict: Verdict,
    what: String,
    todo: String,
}

/// Everything that was looked at.
struct Examination {
    config: String,
    findings: Vec<Finding>,
}

impl Examination {
    fn add(&mut self, check: &'static str, verdict: Verdict, what: impl Into<String>, todo: &str) {
        let (config, what, todo) = (self.config.clone(), what.into(), todo.to_owned());
        self.findings.push(Finding { config, check, verdict, what, todo });
    }

    fn well(&mut self, check: &'static str, what: impl Into<String>) {
        self.add(check, Verdict::Well, what, "");
    }

    fn note(&mut self, check: &'static str, what: impl Into<String>, todo: &str) {
        self.add(check, Verdict::Note, what, todo);
    }

    fn wrong(&mut self, check: &'static str, what: impl Into<String>, todo: &str) {
        self.add(check, Verdict::Wrong, what, todo);
    }

    /// A failure that says itself what to do.
    fn failed(&mut self, check: &'static str, failure: &Failure) {
        let words = failure.to_string();
        match words.rsplit_once("; ") {
            Some((what, todo)) => self.wrong(check, what, todo),
            None => self.wrong(check, words, ""),
        }
    }
}

/// Carries the command out.
pub(crate) fn run(arguments: &DoctorArgs, context: &Context) -> Result<(), Failure> {
    let configs = if arguments.config.is_empty() { folder_configs(context)? } else { arguments.config.clone() };
    let file = context.home.network_file(arguments.network.as_ref());
    let head = match (files::network(&file), &arguments.network) {
        (Ok(head), _) => Some(head),
        (Err(failure), Some(_)) => return Err(failure),
        (Err(_), None) => None,
    };
    let mut examination = Examination { config: String::new(), findings: Vec::new() };
    machine::limits(&mut examination);
    for path in &configs {
        examination.config = path.display().to_string();
        examine(path, AtHand { head: head.as_ref(), file: &file }, &mut examination);
    }
    print(&examination.findings, context);
    match examination.findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count() {
        0 => Ok(()),
        1 => Err(Failure::refused("one check found something wrong", None)),
        count => Err(Failure::refused(format_args!("{count} checks found something wrong"), None)),
    }
}

fn folder_configs(context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let layout = crate::setup::Layout::read(context.home.directory())?;
    let nodes = layout.validators.into_iter().map(|validator| validator.config);
    let gateways = layout.gateways.into_iter().map(|gateway| gateway.config);
    Ok(nodes.chain(gateways).map(|path| context.home.directory().join(path)).collect())
}

fn print(findings: &[Finding], context: &Context) {
    let word = |verdict| match verdict {
        Verdict::Well => "well",
        Verdict::Note => "note",
        Verdict::Wrong => "WRONG",
    };
    let document = findings.iter().map(|finding| {
        json!({
            "config": finding.config,
            "check": finding.check,
            "ok": finding.verdict != Verdict::Wrong,
            "verdict": word(finding.verdict).to_lowercase(),
            "what": finding.what,
            "todo": finding.todo,
        })
    });
    match context.format {
        output::Format::Json => output::print(context.format, &document.collect(), &[]),
        output::Format::Table => {
            let mut config = None;
            for finding in findings {
                if config != Some(&finding.config) && !finding.config.is_empty() {
                    output::line(&format!("{}:", finding.config));
                }
                config = Some(&finding.config);
                output::line(&format!("  {:<5} {:<12} {}", word(finding.verdict), finding.check, finding.what));
                if !finding.todo.is_empty() {
                    output::line(&format!("{:21}→ {}", "", finding.todo));
                }
            }
        }
    }
}

/// The network file at hand, if it can be read.
#[derive(Clone, Copy)]
struct AtHand<'a> {
    head: Option<&'a NetworkHead>,
    file: &'a Path,
}

fn examine(path: &Path, network: AtHand<'_>, examination: &mut Examination) {
    match config::read_either(path) {
        Ok(Either::Node(node)) => examine_node(path, &node, network, examination),
        Ok(Either::Gateway(gateway)) => examine_gateway(path, &gateway, network, examination),
        Err(failure) => {
            let todo = "correct the line that it names; `gongxin init` writes files of this form";
            examination.wrong("config", failure.to_string(), todo);
        }
    }
}

fn examine_node(path: &Path, node: &NodeConfig, network: AtHand<'_>, examination: &mut Examination) {
    examination.well("config", format!("node `{}`", node.name));
    data::permissions(path, examination);
    let directory = config::beside(path, &node.directory);
    let is_running = locked::is_held(&directory);
    let floor = node.disk_free_bytes_min.unwrap_or_else(|| gongxin_chain::Caps::default().disk_free_bytes);
    let genesis = keys::genesis(&config::beside(path, &node.genesis), network.head, examination);
    let key = keys::own(&config::beside(path, &node.key), &config::beside(path, &node.passphrase_file), examination);
    let http = format!("http://{}", node.http);
    if let Some(genesis) = &genesis {
        let mut serving = Serving::of_node(path, node, genesis, Some(network.file));
        reach::newer(&mut serving, std::slice::from_ref(&http), examination);
        if let Some((key, _)) = &key {
            keys::votes(node, key, &serving, examination);
        }
        reach::peers(node, &serving, examination);
        data::of_node(&directory, node, genesis, examination);
    }
    machine::disk(&directory, floor, examination);
    reach::port("p2p", node.p2p, is_running, examination);
    reach::port("http", node.http, is_running, examination);
    reach::answers(&[http], is_running, genesis.as_ref(), examination);
}

fn examine_gateway(path: &Path, gateway: &GatewayConfig, network: AtHand<'_>, examination: &mut Examination) {
    examination.well("config", format!("gateway of `{}`", gateway.organization));
    data::permissions(path, examination);
    let directory = config::beside(path, &gateway.directory);
    let is_running = locked::is_held(&directory);
    let genesis = keys::genesis(&config::beside(path, &gateway.genesis), network.head, examination);
    let passphrase_file = config::beside(path, &gateway.passphrase_file);
    let key = keys::own(&config::beside(path, &gateway.key), &passphrase_file, examination);
    if let (Some(genesis), Some((key, passphrase))) = (&genesis, &key) {
        keys::registered(gateway, key, genesis, examination);
        data::vault(&directory, genesis, passphrase, examination);
    }
    machine::disk(&directory, limits::GATEWAY_FREE_BYTES_MIN, examination);
    reach::port("http", gateway.http, is_running, examination);
    reach::origins(path, gateway, examination);
    let serving = genesis.as_ref().map(|genesis| {
        let mut serving = Serving::of_gateway(genesis, Some(network.file));
        reach::newer(&mut serving, &gateway.validators, examination);
        serving
    });
    reach::validators(gateway, genesis.as_ref(), serving.as_ref(), examination);
}
