//! A gateway's line to the validators: one after the other, as the client over HTTP does it, over a way that loses things.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use gongxin_chain_simulated::{Handle, SubmissionState, SubmitError, TransactionState};
use gongxin_client::wire::{Status, UNKNOWN_KEY_CODE};
use gongxin_client::{ClientError, Problem, Submitted, limits};
use gongxin_service_simulated::{Blocks, Validators};
use gongxin_types::{FinalizedBlock, Height, TransactionId};

use super::way::Way;
use crate::team::Nodes;
use crate::witness::Shared;

/// How often a stream is looked at for the next block.
const LOOK: Duration = Duration::from_millis(50);

/// The line of one gateway in one life.
pub(crate) struct Line(pub(crate) Arc<Inner>);

/// What its streams share with it.
pub(crate) struct Inner {
    pub(crate) gateway: usize,
    pub(crate) nodes: Nodes,
    pub(crate) validators: usize,
    pub(crate) way: Way,
    pub(crate) witness: Shared,
    /// Whom to ask first.
    pub(crate) preferred: AtomicUsize,
}

impl Validators for Line {
    fn submit(&self, bytes: Vec<u8>, within: Duration) -> BoxFuture<'_, Result<Submitted, ClientError>> {
        Box::pin(async move {
            match select(pin!(self.0.submit(&bytes)), pin!(self.0.way.pause(within))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(self.0.unreachable("no answer in time")),
            }
        })
    }

    fn status(&self, id: TransactionId) -> BoxFuture<'_, Result<Status, ClientError>> {
        Box::pin(self.0.status(id))
    }

    fn follow(&self, from: Height) -> Box<dyn Blocks> {
        Box::new(Following { line: Arc::clone(&self.0), next: from, failed: 0 })
    }
}

impl Inner {
    async fn submit(&self, bytes: &[u8]) -> Result<Submitted, ClientError> {
        let (mut pause, mut waited) = (limits::PAUSE_MIN, Duration::ZERO);
        for attempt in 1.. {
            let node = self.preferred();
            match self.hand(node, bytes).await {
                Err(ClientError::Refused(problem)) if problem.code != UNKNOWN_KEY_CODE || waited > limits::KEY_WAIT => {
                    return Err(ClientError::Refused(problem));
                }
                Err(_) => self.leave(node),
                taken => return taken,
            }
            if attempt % self.validators.max(1) == 0 {
                self.way.pause(pause).await;
                waited = waited.saturating_add(pause);
                pause = pause.saturating_mul(2).min(limits::PAUSE_MAX);
            }
        }
        Err(self.unreachable("there is none"))
    }

    /// Hands bytes to one of them.
    async fn hand(&self, node: usize, bytes: &[u8]) -> Result<Submitted, ClientError> {
        let handle = self.call(node).await?;
        let answer = handle.submit(bytes.to_vec()).await;
        self.hear().await?;
        match answer {
            Ok(submission) => Ok(match submission.state {
                SubmissionState::AlreadyFinal(at) => {
                    Submitted::Final { id: submission.id, height: at.height, index: at.index }
                }
                SubmissionState::Accepted | SubmissionState::AlreadyPending => Submitted::Pending { id: submission.id },
            }),
            Err(SubmitError::Busy { retry_after_ms }) => {
                Err(ClientError::Busy { retry_after: Duration::from_millis(retry_after_ms) })
            }
            Err(SubmitError::Invalid { reason }) => Err(refused(400, "invalid", reason)),
            Err(SubmitError::UnknownKey) => Err(refused(400, UNKNOWN_KEY_CODE, "no such key")),
            Err(SubmitError::Conflict) => Err(refused(409, "conflict", "its sequence number was used")),
            Err(SubmitError::Stopped) => Err(self.unreachable("it is stopping")),
        }
    }

    async fn status(&self, id: TransactionId) -> Result<Status, ClientError> {
        for _ in 0..self.validators {
            let node = self.preferred();
            let Ok(handle) = self.call(node).await else {
                self.leave(node);
                continue;
            };
            return Ok(match handle.transaction(id) {
                TransactionState::Unknown => Status::Unknown,
                TransactionState::Pending => Status::Pending,
                TransactionState::Final(_) => Status::Final,
                TransactionState::Expired => Status::Expired,
            });
        }
        Err(self.unreachable("none of them answers"))
    }

    /// Reaches a node.
    async fn call(&self, node: usize) -> Result<Handle, ClientError> {
        self.hear().await?;
        self.nodes.get(node).ok_or_else(|| self.unreachable("it does not run"))
    }

    /// Something arrives, on the way there or back.
    async fn hear(&self) -> Result<(), ClientError> {
        if self.way.carries(self.gateway).await {
            return Ok(());
        }
        self.way.gives_up().await;
        Err(self.unreachable("no answer"))
    }

    fn preferred(&self) -> usize {
        self.preferred.load(Ordering::Relaxed).checked_rem(self.validators).unwrap_or(0)
    }

    /// Asks another one from now on.
    fn leave(&self, node: usize) {
        self.preferred.store(node.saturating_add(1), Ordering::Relaxed);
    }

    fn unreachable(&self, reason: &str) -> ClientError {
        ClientError::Unreachable { server: format!("validator {}", self.preferred()), reason: reason.to_owned() }
    }
}

fn refused(status: u16, code: &str, words: impl Into<String>) -> ClientError {
    ClientError::Refused(Box::new(Problem::new(status, "", code, words)))
}

/// A stream of final blocks.
struct Following {
    line: Arc<Inner>,
    next: Height,
    /// Validators left since the last block.
    failed: usize,
}

impl Blocks for Following {
    fn next(&mut self) -> BoxFuture<'_, FinalizedBlock> {
        Box::pin(async move {
            loop {
                let node = self.line.preferred();
                if let Some(block) = self.from(node).await {
                    self.next = block.header.height.next();
                    self.failed = 0;
                    return block;
                }
                self.line.leave(node);
                self.failed += 1;
                let pause =
                    if self.failed.is_multiple_of(self.line.validators.max(1)) { limits::PAUSE_MAX } else { LOOK };
                self.line.way.pause(pause).await;
            }
        })
    }

    fn reject(&mut self, from: Height) {
        self.line.leave(self.line.preferred());
        self.next = from;
    }

    fn again(&mut self, from: Height) {
        self.next = from;
    }
}

impl Following {
    /// The next block from one of them; nothing where it does not run, has it not, or says nothing for too long.
    async fn from(&self, node: usize) -> Option<FinalizedBlock> {
        let mut silent = Duration::ZERO;
        while silent < limits::STREAM_STALL {
            let handle = self.line.nodes.get(node)?;
            let (first, last) = handle.archive_range().unwrap_or((self.next, Height::GENESIS));
            if first > self.next {
                return None;
            }
            if last < self.next {
                self.line.way.pause(LOOK).await;
                silent = silent.saturating_add(LOOK);
                continue;
            }
            let block = handle.block(self.next).await?;
            self.line.witness.shown(node, Arc::clone(&block));
            // What has been waiting comes in one go.
            let is_old = last.get().saturating_sub(self.next.get()) > 2;
            if is_old {
                self.line.way.pause(Duration::from_millis(1)).await;
            } else if !self.line.way.streams(self.line.gateway).await {
                return None;
            }
            return Some((*block).clone());
        }
        None
    }
}
