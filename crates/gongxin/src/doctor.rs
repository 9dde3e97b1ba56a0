//! `gongxin doctor`: check a configuration, its files, its ports and this machine's clock before anything starts.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use gongxin_types::{FinalizedBlock, Genesis};
use serde_json::json;

use crate::cli::Context;
use crate::config::{self, GatewayConfig, NodeConfig};
use crate::failure::Failure;
use crate::{files, office, output};

/// Free space below which a node is warned of.
const FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;
/// A clock further from the network's than this stops a validator from voting well (PROTOCOL 8).
const SKEW_MS_MAX: u64 = 2_000;

/// What to check.
#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// `node.toml` or `gateway.toml`; may be given several times [default: those of the folder]
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
}

struct Examination {
    findings: Vec<serde_json::Value>,
}

impl Examination {
    fn note(&mut self, what: &str, result: Result<String, String>) {
        let (ok, detail) = match result {
            Ok(detail) => (true, detail),
            Err(detail) => (false, detail),
        };
        self.findings.push(json!({ "check": what, "ok": ok, "detail": detail }));
    }
}

/// Carries the command out.
pub(crate) fn run(arguments: &DoctorArgs, context: &Context) -> Result<(), Failure> {
    let mut examination = Examination { findings: Vec::new() };
    let configs = if arguments.config.is_empty() { folder_configs(context)? } else { arguments.config.clone() };
    for path in &configs {
        examine(path, &mut examination);
    }
    let ill = examination.findings.iter().filter(|finding| finding.get("ok") == Some(&false.into())).count();
    output::print(context.format, &examination.findings.into(), &["check", "ok", "detail"]);
    if ill == 0 { Ok(()) } else { Err(Failure::refused(format_args!("{ill} checks found something"), None)) }
}

fn folder_configs(context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let layout = crate::setup::Layout::read(context.home.directory())?;
    let nodes = layout.validators.into_iter().map(|validator| validator.config);
    let gateways = layout.gateways.into_iter().map(|gateway| gateway.config);
    Ok(nodes.chain(gateways).map(|path| context.home.directory().join(path)).collect())
}

fn examine(path: &Path, examination: &mut Examination) {
    let whose = path.display().to_string();
    if let Ok(node) = config::read::<NodeConfig>(path) {
        examination.note(&whose, Ok(format!("validator `{}`", node.name)));
        files_of(path, &node.genesis, &node.key, &node.passphrase_file, examination);
        space(&config::beside(path, &node.directory), examination);
        listens(node.p2p, examination);
        listens(node.http, examination);
        clock(&format!("http://{}", node.http), examination);
        return;
    }
    match config::read::<GatewayConfig>(path) {
        Ok(gateway) => {
            examination.note(&whose, Ok(format!("gateway of `{}`", gateway.organization)));
            files_of(path, &gateway.genesis, &gateway.key, &gateway.passphrase_file, examination);
            space(&config::beside(path, &gateway.directory), examination);
            listens(gateway.http, examination);
            let names = office::origins(path, &gateway).map(|origins| {
                let names: Vec<String> = origins.iter().map(ToString::to_string).collect();
                format!("it is called {}", names.join(", "))
            });
            examination.note("origins", names.map_err(|failure| failure.to_string()));
        }
        Err(failure) => examination.note(&whose, Err(failure.to_string())),
    }
}

fn files_of(config: &Path, genesis: &Path, key: &Path, passphrase: &Path, examination: &mut Examination) {
    let genesis = files::genesis(&config::beside(config, genesis));
    let words = |genesis: Genesis| format!("network {}", genesis.head.id());
    examination.note("genesis", genesis.map(words).map_err(|failure| failure.to_string()));
    let opened = files::own_key(&config::beside(config, key), &config::beside(config, passphrase));
    examination.note("key", opened.map(|(key, _)| key.public().to_string()).map_err(|failure| failure.to_string()));
}

fn space(directory: &Path, examination: &mut Examination) {
    let place = directory.ancestors().find(|place| place.exists()).unwrap_or(Path::new("/"));
    let free = nix::sys::statvfs::statvfs(place)
        .map(|stat| stat.blocks_available().saturating_mul(stat.fragment_size()))
        .map_err(|error| format!("`{}`: {error}", place.display()));
    examination.note(
        "free space",
        free.and_then(|free| {
            let words = format!("{} MiB free for `{}`", free / 1024 / 1024, directory.display());
            if free < FREE_BYTES_MIN { Err(words) } else { Ok(words) }
        }),
    );
}

fn listens(address: SocketAddr, examination: &mut Examination) {
    let result = match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(format!("{address} is in use: the node runs, or something else does"))
        }
        Err(error) => Err(format!("{address}: {error}")),
    };
    examination.note("port", result);
}

/// Compares this machine's clock with the time of the latest block, where the node answers.
fn clock(url: &str, examination: &mut Examination) {
    let Ok(Some(block)) = crate::cli::block_on(latest_block(url)) else {
        return;
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis();
    let skew = u64::try_from(now).unwrap_or(u64::MAX).abs_diff(block.header.time.millis());
    let words = format!("{skew} ms between this clock and block {}", block.header.height);
    let wrong =
        || format!("{words}: set this clock right, such as by `timedatectl set-ntp true`, or the network stands");
    examination.note("clock", if skew > SKEW_MS_MAX { Err(wrong()) } else { Ok(words) });
}

async fn latest_block(url: &str) -> Result<Option<FinalizedBlock>, Failure> {
    let client = gongxin_client::ValidatorClient::new(vec![url.to_owned()]).map_err(crate::cli::fail)?;
    let Ok(status) = client.status().await else {
        return Ok(None);
    };
    client.block(status.height).await.map_err(crate::cli::fail)
}
