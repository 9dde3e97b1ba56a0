//! Running a validator or a follower: starts the engine's room and serves it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gongxin_chain::{Caps, Clock, Handle, Peer, Role, SyncMode, ValidatorConfig};
use gongxin_types::genesis::ConsensusKey;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, NodeConfig, PeerConfig, Sync};
use crate::failure::{self, Failure};
use crate::port::{About, NodePort};
use crate::serving::{Serving, Standing};
use crate::{files, locked, logs, serve};

/// Which node.
#[derive(Args)]
pub(crate) struct NodeArgs {
    /// Its configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Stop when standard input ends: a parent that dies takes its nodes with it
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

/// Runs the node until it is told to stop, or cannot go on.
pub(crate) fn run(arguments: &NodeArgs) -> Result<(), Failure> {
    let config: NodeConfig = config::read(&arguments.config)?;
    logs::start();
    // All that can be found wrong by reading is found before anything is written, the lock included.
    let engine = engine_config(&arguments.config, &config)?;
    gongxin_chain::examine(&engine.directory, &engine.genesis, engine.caps.disk_free_bytes).map_err(unusable)?;
    let _locked = locked::take(&engine.directory)?;
    let about = About {
        name: config.name.clone(),
        network: engine.genesis.head.clone(),
        directory: engine.directory.clone(),
        floor_bytes: engine.caps.disk_free_bytes,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Failure::usage)?.block_on(async move {
        // The port is taken before anything else is written.
        let listener = serve::listen("http", config.http).await?;
        // Given back at once, for the engine to take.
        drop(serve::listen("p2p", config.p2p).await?);
        let asked = serve::asked_to_stop(arguments.stop_with_stdin)?;
        let handle = gongxin_chain::start(engine).map_err(unusable)?;
        tracing::info!(name = %config.name, http = %config.http, p2p = %config.p2p, "validator runs");
        let again = tokio::spawn(peers_again(arguments.config.clone(), handle.clone()));
        let router = gongxin_api::validator::router(Arc::new(NodePort::new(handle.clone(), about)));
        let stop = stopping(handle.clone(), asked);
        gongxin_api::serve(listener, router, stop).await.map_err(Failure::unreachable)?;
        again.abort();
        handle.stop().await;
        let ended = handle.wait().await;
        tracing::info!("validator stopped");
        ended.map_err(|stopped| Failure::unreachable(stopped.reason))
    })
}

/// At every SIGHUP reads again where others are reached, so that a new member is let in without a stop. A file that cannot be
/// read changes nothing.
async fn peers_again(path: PathBuf, handle: Handle) {
    let Ok(mut asked) = signal(SignalKind::hangup()) else {
        tracing::error!("SIGHUP cannot be listened to: new peers are let in by the next start");
        return;
    };
    while asked.recv().await.is_some() {
        match config::read::<NodeConfig>(&path) {
            Ok(config) => {
                let peers: Vec<Peer> = config.peers.iter().chain(&config.followers).map(peer).collect();
                tracing::info!(peers = peers.len(), "peers are read again");
                handle.set_peers(peers);
            }
            Err(failure) => tracing::error!(%failure, "peers stay as they are"),
        }
    }
}

fn unusable(error: impl std::error::Error) -> Failure {
    Failure::usage(failure::chain(&error))
}

/// Ends when the node is told to stop, or has stopped by itself.
async fn stopping(handle: Handle, asked: impl Future<Output = ()>) {
    tokio::select! {
        () = asked => {}
        ended = handle.wait() => {
            if let Err(stopped) = ended {
                tracing::error!(reason = %stopped.reason, "the node cannot go on");
            }
        }
    }
}

/// What the engine's room is started with, from the files that the configuration names.
fn engine_config(path: &Path, config: &NodeConfig) -> Result<ValidatorConfig, Failure> {
    let (key, _) = files::own_key(&config::beside(path, &config.key), &config::beside(path, &config.passphrase_file))?;
    let genesis = files::genesis(&config::beside(path, &config.genesis))?;
    let public = gongxin_chain::consensus_public_key(&key.expose_seed());
    let serving = Serving::of_node(path, config, &genesis, None);
    if !config.follower && serving.standing(&ConsensusKey(public)) != Standing::Serves {
        let epoch = serving.epoch();
        tracing::warn!(
            epoch,
            "this key is none of the validators that are known here: the node follows while it is not"
        );
    }
    let addresses = config.peers.iter().map(|peer| peer.address.ip()).chain([config.p2p.ip()]);
    let allow_private_addresses = addresses.into_iter().any(is_private);
    let caps = keeping(config)?;
    let disk_free_bytes = config.disk_free_bytes_min.unwrap_or(caps.disk_free_bytes);
    Ok(ValidatorConfig {
        directory: config::beside(path, &config.directory),
        listen: config.p2p,
        key: key.expose_seed(),
        genesis,
        peers: config.peers.iter().map(peer).collect(),
        followers: config.followers.iter().map(peer).collect(),
        role: if config.follower { Role::Follower } else { Role::Validator },
        sync: match config.sync {
            Sync::Replay => SyncMode::Replay,
            Sync::State => SyncMode::State,
        },
        pacing: gongxin_chain::Pacing::default(),
        caps: Caps { disk_free_bytes, ..caps },
        clock: Clock::default(),
        allow_private_addresses,
        #[cfg(feature = "planted")]
        bug: planted_bug()?,
    })
}

/// What is kept of the archive, and how often a snapshot is taken.
fn keeping(config: &NodeConfig) -> Result<Caps, Failure> {
    const HOUR: Duration = Duration::from_secs(3_600);
    let least = gongxin_chain::limits::ARCHIVE_DAYS_MIN;
    if let Some(days) = config.archive_days.filter(|days| *days < least) {
        let words =
            format!("`archive_days = {days}`: blocks are kept for {least} days at least, or always without this line");
        return Err(Failure::usage(words));
    }
    if config.snapshot_hours == Some(0) {
        return Err(Failure::usage("`snapshot_hours = 0`: an hour at least lies between two snapshots"));
    }
    let hours = config.snapshot_hours.or(config.archive_days.map(|_| 24));
    Ok(Caps {
        archive_for: config.archive_days.map(|days| HOUR.saturating_mul(24).saturating_mul(days)),
        snapshot_every: hours.map(|hours| HOUR.saturating_mul(hours)),
        ..Caps::default()
    })
}

/// The defect that a test wants in this validator.
#[cfg(feature = "planted")]
fn planted_bug() -> Result<Option<gongxin_chain::Bug>, Failure> {
    let name = std::env::var("GONGXIN_PLANT").ok();
    name.map(|name| name.parse()).transpose().map_err(|words: String| Failure::usage(words))
}

fn peer(peer: &PeerConfig) -> Peer {
    Peer { public_key: peer.key.0, address: peer.address }
}

/// Loopback and private networks: the operator named such an address, so such addresses are meant.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_loopback() || four.is_private() || four.is_link_local(),
        IpAddr::V6(six) => six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local(),
    }
}
