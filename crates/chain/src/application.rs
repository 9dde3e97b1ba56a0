//! The ledger as the engine's application: propose, process, and what follows from finality.
//!
//! A block is executed once per node: the proposer keeps what it computed, a validator what it verified, and finality
//! finds receipts and batches ready. A block is rejected only for what can never become right; a timestamp ahead of the
//! own clock only delays (PROTOCOL 8). `finalized` may be told of a block again after a crash: all it does is idempotent
//! by height.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_consensus::types::Height as EngineHeight;
use commonware_cryptography::{Digestible as _, sha256};
use commonware_glue::stateful::db::DatabaseSet;
use commonware_glue::stateful::{Application, Finality, Input, Proposed};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use commonware_storage::mmr::Location;
use commonware_storage::qmdb::sync::Target;
use commonware_utils::range::NonEmptyRange;
use futures::StreamExt as _;
use gongxin_crypto::{Digest, merkle};
use gongxin_types::alert::RejectionCode;
use gongxin_types::genesis::{ConsensusKey, validators_root};
use gongxin_types::header::StateRoot;
use gongxin_types::{Header, Transaction, TransactionId, limits as ledger_limits};
use tokio::sync::Notify;

use crate::block::{Block, Body};
use crate::clock;
use crate::databases::{Batches, Databases, Sealed, Targets};
use crate::execution::{self, ExecutionError};
use crate::finality;
use crate::findings::Rejected;
use crate::flight::InFlight;
use crate::ledger;
use crate::limits;
use crate::mempool::{Checked, Room};
use crate::names::{Commitment, OrdererMailbox, Runtime, Scheme, VoteContext};
use crate::node::{Executed, Node};
use crate::planted::Bug;
use crate::recent::FinalPosition;
use crate::signatures;
use crate::validity;
use crate::watcher;

/// The application; every clone speaks for the same node.
#[derive(Clone)]
pub(crate) struct Ledger {
    node: Arc<Node>,
    genesis: Block,
    orderer: OrdererMailbox,
    /// Rung when a final block shows that this machine's clock is wrong.
    clock_fault: Arc<Notify>,
}

impl Ledger {
    pub(crate) fn new(node: Arc<Node>, genesis: Block, orderer: OrdererMailbox, clock_fault: Arc<Notify>) -> Self {
        Self { node, genesis, orderer, clock_fault }
    }

    /// What goes into a proposal, executed; what may not be included is dropped and the rest tried again.
    async fn fill(
        &self,
        runtime: &Runtime,
        parent: &Header,
        taken: &HashSet<TransactionId>,
        batches: &Batches,
    ) -> Option<(gongxin_types::Time, Body, crate::rules::Executed)> {
        let waiting = self.node.mempool().waiting(taken);
        let room = Room {
            transactions: limits::BLOCK_TRANSACTIONS_MAX,
            bytes: ledger_limits::BLOCK_BYTES_MAX,
            weight: ledger_limits::BLOCK_WEIGHT_MAX,
            share: self.node.load().share(self.node.clock.steady(), &waiting),
        };
        let height = parent.height.next();
        let mut attempt = 0;
        while attempt <= limits::PROPOSAL_ATTEMPTS_MAX {
            let time = clock::proposed(parent.time, self.node.clock.now());
            // The last attempt is an empty block: it is always valid, and keeps time and finality going.
            let empty = attempt == limits::PROPOSAL_ATTEMPTS_MAX;
            attempt += 1;
            let offered = if empty { Vec::new() } else { self.node.mempool().offer(room, time, taken) };
            let body = body_of(&offered);
            match execution::evaluate(runtime, &self.node.rules, (height, time), &body.transactions, batches).await {
                Ok(executed) => return Some((time, body, executed)),
                Err(ExecutionError::Invalid { index, reason }) => {
                    let id = body.ids.get(index).copied();
                    tracing::debug!(?id, reason, "a waiting transaction can no longer be included");
                    self.node.mempool().remove(&id);
                    let stale = execution::stale(&offered, batches).await;
                    self.node.mempool().remove(&stale);
                }
                Err(ExecutionError::Rounds) if !empty => {
                    // What no validator could load stands in no block: better none of these than no block.
                    tracing::warn!(transactions = body.ids.len(), "transactions that need too many rounds are dropped");
                    self.node.mempool().remove(&body.ids);
                    attempt = limits::PROPOSAL_ATTEMPTS_MAX;
                }
                Err(
                    error @ (ExecutionError::Storage(_)
                    | ExecutionError::Corrupt(_)
                    | ExecutionError::UnknownVersion(_)),
                ) => {
                    return self.breaks(&error).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "no proposal");
                    return None;
                }
            }
        }
        None
    }
}

fn body_of(offered: &[Arc<Checked>]) -> Body {
    Body {
        transactions: Arc::new(offered.iter().map(|checked| checked.transaction.clone()).collect()),
        ids: offered.iter().map(|checked| checked.id).collect(),
        encoded: offered.iter().map(|checked| checked.bytes.clone()).collect(),
    }
}

/// Root of the transactions tree.
fn transactions_root(suite: gongxin_crypto::Suite, body: &Body) -> Digest {
    let leaves: Vec<Digest> = body
        .transactions
        .iter()
        .zip(&body.ids)
        .map(|(transaction, id)| merkle::leaf_hash(suite, &Transaction::leaf(id, &transaction.signature)))
        .collect();
    merkle::root_of_hashes(suite, &leaves)
}

impl Application<Runtime> for Ledger {
    type SigningScheme = Scheme;
    type Context = VoteContext;
    type Block = Block;
    type Databases = Databases;
    type Captured = ();
    type Provider = ();
    type Input = ();

    fn sync_targets(block: &Block) -> Targets {
        let initial = <Databases as DatabaseSet<Runtime>>::initial_sync_targets();
        match &*block.header().state {
            [objects, lists] => (
                target(objects).unwrap_or_else(|| initial.0.clone()),
                target(lists).unwrap_or_else(|| initial.1.clone()),
            ),
            // Genesis: nothing has been executed.
            _ => initial,
        }
    }

    async fn genesis(&mut self) -> Block {
        self.genesis.clone()
    }

    async fn propose(
        &mut self,
        (runtime, context): (Runtime, VoteContext),
        ancestry: impl Ancestry<Block>,
        batches: Batches,
        _input: Input<(), ()>,
    ) -> Option<Proposed<Self, Runtime>> {
        let (parent, flight) = InFlight::of(&self.node, ancestry).await?;
        let parent_header = parent.inner().header().clone();
        let forgets = self.node.rules.planted.has(Bug::ForgottenEpochCheck);
        if parent_header.next_epoch() != context.round.epoch().get() && !forgets {
            // The last block of an epoch, which others certified and this node did not execute: it is proposed again.
            self.node.epochs.executed(&parent_header);
            return None;
        }
        let (time, body, executed) = self.fill(&runtime, &parent_header, &flight.ids, &batches).await?;
        let height = parent_header.height.next();
        let rules = &self.node.rules;
        let double = rules.planted.double(&runtime, rules, &parent_header, (time, &body, &executed), &batches).await;
        let outcome = match execution::seal(rules, height, &executed.writes, batches).await {
            Ok(outcome) => outcome,
            Err(error) => return self.breaks(&error).await,
        };
        let header = Header {
            version: 1,
            network: rules.network,
            protocol_version: executed.protocol_version,
            height,
            parent: ledger::header_digest(&parent.digest()),
            time,
            transactions_root: transactions_root(rules.suite, &body),
            receipts_root: rules.planted.claim(executed.receipts_root),
            state: outcome.state,
            epoch: context.round.epoch().get(),
            validators_root: parent_header.next_validators_root,
            next_validators_root: self.next_validators_root(&executed, parent_header.next_validators_root),
            engine: ledger::engine_context(&context)?,
        };
        let block = Block::new(header, context, body);
        rules.planted.twin(&block, double);
        self.remember(&block, executed);
        self.node.metrics.proposed_blocks_total.add(1);
        Some(Proposed { block, merkleized: outcome.sealed })
    }

    async fn process(
        &mut self,
        (runtime, context): (Runtime, VoteContext),
        ancestry: impl Ancestry<Block>,
        batches: Batches,
        finality: Finality,
    ) -> Option<Sealed> {
        let mut ancestry = ancestry;
        let (Some(block), Some(parent)) = (ancestry.next().await, ancestry.next().await) else {
            // The orderer keeps the newest final block, and asks peers for what is not final: only one that is going down
            // gives up a search. No verdict may come of that: a block is not invalid for it.
            return std::future::pending().await;
        };
        let block = block.inner();
        self.node.views.led_by(context.leader.clone());
        let leader = ConsensusKey(ledger::key_bytes(&context.leader));
        if let Err((code, reason)) = validity::check(&self.node, block, parent.inner().header()) {
            return self.reject(block, leader, code, &reason);
        }
        if finality == Finality::Candidate {
            // In short steps: a clock that was behind may be set right meanwhile.
            let mut wait = clock::wait(block.header().time, self.node.clock.now());
            while !wait.is_zero() {
                runtime.sleep(wait.min(limits::HOUSEKEEPING)).await;
                wait = clock::wait(block.header().time, self.node.clock.now());
            }
            if let Err(reason) = signatures::check_block(&runtime, &self.node, block).await {
                return self.reject(block, leader, RejectionCode::Signature, &reason);
            }
        }
        let begun = Instant::now();
        let (height, time) = (block.number(), block.header().time);
        let evaluated =
            execution::evaluate(&runtime, &self.node.rules, (height, time), block.transactions(), &batches).await;
        let executed = match evaluated {
            Ok(executed) => executed,
            Err(
                error @ (ExecutionError::Storage(_) | ExecutionError::Corrupt(_) | ExecutionError::UnknownVersion(_)),
            ) => return self.breaks(&error).await,
            Err(error) => return self.reject(block, leader, RejectionCode::Transaction, &error.to_string()),
        };
        if executed.receipts_root != block.header().receipts_root {
            return self.reject(block, leader, RejectionCode::Receipts, "its receipts are others");
        }
        if executed.protocol_version != block.header().protocol_version {
            return self.reject(
                block,
                leader,
                RejectionCode::Rules,
                "it names another version of the rules than the one in force",
            );
        }
        let next = self.next_validators_root(&executed, block.header().validators_root);
        if next != block.header().next_validators_root {
            return self.reject(
                block,
                leader,
                RejectionCode::Rules,
                "it announces other validators than were decided on",
            );
        }
        let outcome = match execution::seal(&self.node.rules, height, &executed.writes, batches).await {
            Ok(outcome) => outcome,
            Err(error) => return self.breaks(&error).await,
        };
        if outcome.state != block.header().state {
            return self.reject(block, leader, RejectionCode::State, "its state is another");
        }
        self.node.metrics.execution_microseconds_total.add(begun.elapsed().as_micros() as u64);
        self.remember(block, executed);
        if self.node.rules.planted.has(Bug::LostAcknowledgement) {
            self.node.waiters().settle(FinalPosition { height, index: 0 }, block.ids());
        }
        Some(outcome.sealed)
    }

    async fn capture(
        &mut self,
        _context: (Runtime, VoteContext),
        _block: &Block,
        _batches: &Sealed,
        _readers: <Databases as DatabaseSet<Runtime>>::Readers,
    ) {
    }

    async fn finalized(
        &mut self,
        (runtime, _): (Runtime, VoteContext),
        block: &Block,
        _captured: (),
        _readers: <Databases as DatabaseSet<Runtime>>::Readers,
    ) {
        let (digest, parent_time) = (block.digest(), self.node.final_time());
        let height = EngineHeight::new(block.number().get());
        let certificate = match self.node.certificate(&digest) {
            Some(certificate) => Some(certificate),
            // The store's certificate of this height may be that of this very block.
            None => {
                let stored = self.orderer.get_finalization(height).await;
                let stored = stored.filter(|finalization| finalization.proposal.payload == digest);
                stored.and_then(|finalization| ledger::certificate(&finalization)).map(Arc::new)
            }
        };
        let node = Arc::clone(&self.node);
        let archived = block.clone();
        let task = runtime.child("archive").shared(true).spawn(move |_| async move {
            finality::settle(&node, &archived, certificate);
        });
        // The engine acknowledges the block only after this: a block it will not deliver again is in the archive.
        if task.await.is_err() {
            // The node is going down; the block must not be acknowledged.
            std::future::pending::<()>().await;
        }
        if self.node.judge_clock(parent_time, block.header().time) {
            self.clock_fault.notify_one();
        }
    }
}

impl Ledger {
    fn remember(&self, block: &Block, executed: crate::rules::Executed) {
        let crate::rules::Executed { receipts, writes, validators, .. } = executed;
        let height = block.number().get();
        if !self.node.rules.planted.has(Bug::ForgottenEpochCheck) {
            self.node.epochs.executed(block.header());
        }
        self.node.remember(block.digest(), Executed { height, receipts, writes, validators });
    }

    /// The root over those who validate after a block in whose epoch those of `serving` do.
    fn next_validators_root(&self, executed: &crate::rules::Executed, serving: Digest) -> Digest {
        let next = executed.validators.as_ref();
        next.map_or(serving, |set| validators_root(self.node.rules.suite, &set.validators))
    }

    /// This machine's disk has failed: the node ends, and no verdict comes of it. A block is not invalid for that.
    async fn breaks<T>(&self, error: &ExecutionError) -> T {
        self.node.breaks(error.to_string());
        std::future::pending().await
    }

    fn reject(&self, block: &Block, leader: ConsensusKey, reason: RejectionCode, words: &str) -> Option<Sealed> {
        self.node.metrics.rejected_blocks_total.add(1);
        tracing::warn!(?block, reason = words, "block rejected");
        let header = ledger::header_digest(&block.digest());
        if let Some((proposal, reason)) = self.node.findings.rejected(Rejected { header, leader, reason }) {
            watcher::signed_invalid(&self.node, proposal, reason);
        }
        None
    }
}

/// What a header commits one database to.
fn target(root: &StateRoot) -> Option<Target<commonware_storage::mmr::Family, Commitment>> {
    let range = NonEmptyRange::new(Location::new(root.start)..Location::new(root.end)).ok()?;
    Some(Target::new(sha256::Digest(root.operations_root), range))
}
