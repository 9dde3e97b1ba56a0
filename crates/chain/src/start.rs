//! From a configuration to a running node.

use std::io;
use std::sync::Arc;

use futures::FutureExt as _;
use gongxin_archive::Archive;
use gongxin_types::{FinalizedBlock, Genesis, codec};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::admission::Queues;
use crate::config::ValidatorConfig;
use crate::directory::{self, DirectoryError};
use crate::epochs::Epochs;
use crate::execution::Rules;
use crate::findings::Findings;
use crate::handle::Handle;
use crate::keeper;
use crate::ledger;
use crate::limits;
use crate::machine;
use crate::node::{Node, Parts, Tip};
use crate::planted::Planted;
use crate::recent::Recent;
use crate::rules::{self, Caches};
use crate::supervisor::{self, Lasting, StopReason};
use crate::views::Position;

/// Why a node did not start. Nothing was written, except the marker of a directory that was empty.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Genesis contradicts itself.
    #[error("this genesis is not one")]
    Genesis(#[source] gongxin_types::genesis::GenesisError),
    /// The rules cannot begin with this genesis.
    #[error("the rules cannot begin with this genesis")]
    Objects(#[source] gongxin_state::GenesisError),
    /// A time in the pacing contradicts another.
    #[error("pacing: {0}")]
    Pacing(&'static str),
    /// What is known of epochs cannot be used.
    #[error("{0}")]
    Epochs(String),
    /// The archive of blocks cannot be opened.
    #[error("the block archive cannot be opened")]
    Archive(#[source] io::Error),
    /// What was found out before cannot be read.
    #[error("`faults.log` or `proposals.log` of the data directory cannot be read")]
    Findings(#[source] io::Error),
    /// The newest archived block is not one.
    #[error("the newest archived block is damaged: move folder `blocks` away, and it fills again from the peers")]
    Damaged,
    /// No thread could be started.
    #[error("no thread could be started")]
    Thread(#[source] io::Error),
}

/// Starts a node on its own threads.
///
/// # Errors
/// See [`StartError`].
pub fn start(config: ValidatorConfig) -> Result<Handle, StartError> {
    check(&config)?;
    directory::examine(&config.directory, &config.genesis, config.caps.disk_free_bytes)?;
    directory::open(&config.directory, &config.genesis)?;
    let archive = Archive::open_with(&config.directory.join(directory::BLOCKS), config.caps.segment_blocks);
    let archive = archive.map_err(StartError::Archive)?;
    keeper::begin(&archive, config.caps.archive_for).map_err(StartError::Archive)?;
    let recent = Recent::load(&archive).map_err(StartError::Archive)?;
    let tip = newest(&archive)?;
    let epochs =
        Epochs::load(&config.directory, &config.genesis).map_err(|error| StartError::Epochs(error.to_string()))?;
    let findings = Findings::load(&config.directory).map_err(StartError::Findings)?;
    epochs.reach(tip.as_ref().map_or(0, |tip| tip.header.next_epoch()));
    let (submissions, submitted) = mpsc::channel(limits::ADMISSION_QUEUE_MAX);
    let (gossip_in, gossip) = mpsc::channel(limits::GOSSIP_QUEUE_MAX);
    let (spread, spreading) = mpsc::channel(limits::ADMISSION_QUEUE_MAX * 2);
    let (ask, questions) = mpsc::channel(limits::QUESTIONS_MAX);
    let (stop, stopping) = watch::channel(false);
    let (ended_with, end) = oneshot::channel();
    let gone = |_| Err(StopReason { reason: "its thread is gone".to_owned() });
    let verdict = end.map(move |end| end.unwrap_or_else(gone)).boxed().shared();
    let node = Arc::new(Node::new(Parts {
        rules: rules_of(&config.genesis, config.caps.newest_version, Planted::of(&config))?,
        genesis: config.genesis.clone(),
        role: config.role,
        pacing: config.pacing,
        caps: config.caps,
        clock: config.clock.clone(),
        archive,
        epochs,
        findings,
        peers: config.peers.iter().chain(&config.followers).copied().collect(),
        recent,
        tip,
        submissions,
        gossip: gossip_in,
    }));
    let position = Position::new(node.tip.borrow().header.epoch, node.tip.borrow().view);
    node.views.seen(position);
    let lasting = Lasting {
        queues: Arc::new(Mutex::new(Queues { submitted, gossip })),
        spread,
        spreading: Arc::new(Mutex::new(spreading)),
        questions: Arc::new(Mutex::new(questions)),
        stop: stopping,
    };
    let key = ledger::consensus_public_key(&config.key);
    let running = Arc::clone(&node);
    let (config, lasting) = (Arc::new(config), Arc::new(lasting));
    let around = Arc::clone(&config);
    let life = async move {
        let ended = supervisor::run(&config, &running, &lasting).await;
        if let Err(StopReason { reason }) = &ended {
            tracing::error!(reason, "the node stopped");
        }
        // Nobody may be left who waits.
        let _ = ended_with.send(ended);
    };
    let thread = machine::launch(&around, life).map_err(StartError::Thread)?;
    Ok(Handle::new(node, key, ask, stop, verdict, thread))
}

fn check(config: &ValidatorConfig) -> Result<(), StartError> {
    config.genesis.check().map_err(StartError::Genesis)?;
    let pacing = &config.pacing;
    if pacing.min_interval > pacing.heartbeat {
        return Err(StartError::Pacing("the least interval is above the heartbeat"));
    }
    if pacing.heartbeat >= pacing.leader_timeout {
        return Err(StartError::Pacing("the heartbeat is not below the leader timeout"));
    }
    if pacing.leader_timeout >= pacing.certification_timeout || pacing.certification_timeout >= pacing.skip_timeout {
        return Err(StartError::Pacing("leader, certification and skip timeout are not in ascending order"));
    }
    Ok(())
}

/// What the rules begin with.
pub(crate) fn rules_of(genesis: &Genesis, newest_version: u16, planted: Planted) -> Result<Rules, StartError> {
    Ok(Rules {
        suite: genesis.head.suite,
        network: ledger::network(genesis),
        newest_version,
        genesis: rules::genesis(genesis).map_err(StartError::Objects)?,
        caches: Caches::default(),
        planted,
    })
}

/// The newest archived block as the tip to begin with.
fn newest(archive: &Archive) -> Result<Option<Tip>, StartError> {
    let Some(extent) = archive.extent() else {
        return Ok(None);
    };
    let bytes = archive.get(extent.last).map_err(StartError::Archive)?.ok_or(StartError::Damaged)?;
    let block: FinalizedBlock = codec::decode("finalized block", &bytes).map_err(|_| StartError::Damaged)?;
    let view = ledger::view(&block.header);
    Ok(Some(Tip { header: Arc::new(block.header), certificate: block.certificate.map(Arc::new), view }))
}
