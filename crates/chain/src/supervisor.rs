//! The thread a node lives on: starts the engine, watches its parts, and starts it again where the right to vote changes.
//!
//! A run ends when someone stops the node, when any part of it ends, when the disk is nearly full, when this machine's
//! clock proves behind or another process votes with its key (the node goes on without voting), when its clock is set right again
//! or is set back (timers and rates of the engine are kept in this clock, and would stand still), or when a validator without
//! the right to vote has seen enough to get it back (it goes on with voting). In-process restarts keep the handle: callers notice a short pause.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use commonware_runtime::{Clock as _, Handle, Spawner as _, Supervisor as _};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, select_all};
use tokio::sync::{Mutex, mpsc, watch};

use crate::admission::{self, Queues};
use crate::backfill;
use crate::clock::{self, Standing};
use crate::config::{Role, ValidatorConfig};
use crate::directory::{self, VoteRight};
use crate::engine::{self, Running, Voting};
use crate::keeper;
use crate::ledger;
use crate::limits;
use crate::machine;
use crate::mempool::Checked;
use crate::names::{Commitment, Finalization, Runtime};
use crate::node::Node;
use crate::questions::{self, Question};
use crate::remedy::{describe, explained};

/// Why a node stopped by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node stopped: {reason}")]
pub struct StopReason {
    /// What happened, for an operator.
    pub reason: String,
}

/// How a node ended, for all who wait for that.
pub(crate) type Verdict = Shared<BoxFuture<'static, Result<(), StopReason>>>;

/// What outlives the runs of the engine.
pub(crate) struct Lasting {
    pub(crate) queues: Arc<Mutex<Queues>>,
    pub(crate) spread: mpsc::Sender<Arc<Checked>>,
    pub(crate) spreading: Arc<Mutex<mpsc::Receiver<Arc<Checked>>>>,
    pub(crate) questions: Arc<Mutex<mpsc::Receiver<Question>>>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// How a run ended.
pub(crate) enum Ending {
    Stopped,
    Failed(String),
    MayVoteAbove(Box<Finalization>),
    ClockBehind,
    ClockRight,
    ClockSetBack,
    Twin,
}

/// Runs a node until it stops.
pub(crate) async fn run(
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Arc<Lasting>,
) -> Result<(), StopReason> {
    let failed = |reason: String| StopReason { reason };
    loop {
        let voting =
            voting(config, is_behind(node) || node.twin().is_some()).map_err(|error| failed(describe(&error)))?;
        node.metrics.voting.set(0);
        tracing::info!(voting = matches!(voting, Voting::Above { .. }), height = %node.final_height(), "node starts");
        node.views.begin(node.clock.steady());
        node.ready.store(false, Ordering::Relaxed);
        match machine::one_run(config, node, lasting, voting).await {
            Ending::Stopped => return Ok(()),
            Ending::Failed(text) => return Err(failed(explained(config, node, text))),
            Ending::MayVoteAbove(finalization) => {
                let (bytes, epoch) =
                    (ledger::finalization_bytes(&finalization), finalization.proposal.round.epoch().get());
                let granted = directory::grant_votes(&config.directory, epoch, Some(&bytes));
                granted.map_err(|error| failed(describe(&error)))?;
                tracing::info!(
                    epoch,
                    view = finalization.proposal.round.view().get(),
                    "this validator votes again above a view"
                );
            }
            Ending::ClockBehind => tracing::error!("this validator does not vote until the clock is set right"),
            Ending::Twin => tracing::error!("this validator does not vote until it is started again"),
            Ending::ClockSetBack => tracing::warn!("this machine's clock was set back"),
            Ending::ClockRight => tracing::info!("this machine's clock agrees with final blocks again"),
        }
    }
}

fn is_behind(node: &Node) -> bool {
    matches!(node.clock_standing(), Standing::Behind(_))
}

/// Whether the next run votes.
fn voting(config: &ValidatorConfig, is_kept_from: bool) -> Result<Voting, directory::DirectoryError> {
    if config.role == Role::Follower || is_kept_from {
        return Ok(Voting::Withheld);
    }
    Ok(match directory::vote_right(&config.directory)? {
        VoteRight::Withheld => Voting::Withheld,
        VoteRight::Above { epoch, floor: None } => Voting::Above { epoch, floor: None },
        VoteRight::Above { epoch, floor: Some(bytes) } => match ledger::read_finalization(&bytes) {
            Some(finalization) => Voting::Above { epoch, floor: Some(Box::new(finalization)) },
            None => Voting::Withheld,
        },
    })
}

/// Starts the parts of a run and waits for the first thing that ends it.
pub(crate) async fn first_ending(
    context: &Runtime,
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Lasting,
    voting: Voting,
) -> Ending {
    let votes = matches!(voting, Voting::Above { .. });
    // Beside another process with its key it is never safe to vote.
    let may_return = config.role == Role::Validator && !votes && node.twin().is_none();
    let running = tokio::select! {
        biased;
        running = engine::start(context, config, node, lasting, voting) => running,
        () = stopped(lasting.stop.clone()) => return Ending::Stopped,
    };
    let running = match running {
        Ok(running) => running,
        Err(error) => return Ending::Failed(error.to_string()),
    };
    let clock_fault = Arc::clone(&running.clock_fault);
    let parts = surround(context, config, node, lasting, running);
    let ended = parts.into_iter().map(|(name, handle)| -> BoxFuture<'_, Ending> {
        Box::pin(async move {
            let result = handle.await;
            Ending::Failed(format!(
                "`{name}` ended: {}",
                result.err().map_or_else(|| "without an error".to_owned(), |error| error.to_string())
            ))
        })
    });
    tokio::select! {
        biased;
        (ending, _, _) = select_all(ended) => ending,
        () = stopped(lasting.stop.clone()) => Ending::Stopped,
        reason = node.broken() => Ending::Failed(reason),
        () = clock_fault.notified(), if votes => Ending::ClockBehind,
        () = node.twin_found.notified(), if votes => Ending::Twin,
        ending = keep_house(context, config, node, may_return) => ending,
    }
}

type Parts = Vec<(&'static str, Handle<()>)>;

/// Starts this room's own tasks around the engine's.
fn surround(
    context: &Runtime,
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Lasting,
    running: Running,
) -> Parts {
    let Running { orderer, databases, own, archived, mut parts, .. } = running;
    let databases = databases.shared();
    let (kept, stated) = (databases.clone(), databases.clone());
    let keeping = keeper::run(context.child("keeper"), Arc::clone(config), Arc::clone(node), kept);
    parts.push(("archive keeper", context.child("keep_archive").spawn(move |_| keeping)));
    let me = ledger::consensus_public_key(&config.key);
    let filling = backfill::run(context.child("archive_backfill"), Arc::clone(node), me, own, archived);
    parts.push(("archive backfill", context.child("backfill_archive").spawn(move |_| filling)));
    let (queues, spread, questions) =
        (Arc::clone(&lasting.queues), lasting.spread.clone(), Arc::clone(&lasting.questions));
    let (admitting, answering, place) = (Arc::clone(node), Arc::clone(node), config.directory.clone());
    let own = context.child("own");
    parts.push((
        "admission",
        context.child("admission").spawn(move |_| async move {
            let databases = stated.await;
            directory::forget_restored(&place);
            admitting.ready.store(true, Ordering::Relaxed);
            let answers = own.child("questions");
            let asked = databases.clone();
            let answering =
                own.child("answers").spawn(move |_| questions::run(answers, answering, asked, orderer, questions));
            admission::run(own.child("admit"), admitting, databases, queues, spread).await;
            answering.abort();
        }),
    ));
    parts
}

/// Looks after disk space, callers who went away, the clock, and the right to vote again.
async fn keep_house(context: &Runtime, config: &ValidatorConfig, node: &Arc<Node>, may_return: bool) -> Ending {
    let mut agreements = 0_u32;
    let (mut looked, mut time) = (node.clock.steady(), node.clock.now());
    loop {
        context.sleep(limits::HOUSEKEEPING).await;
        let (passed, before) = (node.clock.steady().saturating_sub(looked), time);
        (looked, time) = (node.clock.steady(), node.clock.now());
        if clock::was_set_back(before, time, passed) {
            return Ending::ClockSetBack;
        }
        node.metrics.syncing.set(u64::from(node.syncing()));
        node.waiters().forget_closed();
        if let Err(error) = directory::check_room(&config.directory, config.caps.disk_free_bytes) {
            return Ending::Failed(describe(&error));
        }
        if is_behind(node) {
            agreements = if clock::agrees(node.final_time(), time) { agreements.saturating_add(1) } else { 0 };
            if agreements >= limits::CLOCK_AGREEMENTS_MIN {
                node.forgive_clock();
                if config.role == Role::Validator {
                    return Ending::ClockRight;
                }
            }
            continue;
        }
        let within = |digest: &Commitment| node.is_within_epoch(digest);
        let floor = (may_return && node.ready.load(Ordering::Relaxed))
            .then(|| node.views.safe_floor(|epoch| node.epochs.validators(epoch), within));
        if let Some(finalization) = floor.flatten() {
            return Ending::MayVoteAbove(Box::new(finalization));
        }
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender means that nobody can use the node any more.
    let _ = stop.wait_for(|stop| *stop).await;
}
