//! Joins the engine's room and the validator's routes: neither knows the other.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gongxin_api::validator_port::{
    Answer, Found, Position, ProofError, StateProof, Submission, SubmitError, TransactionState, ValidatorPort,
    WaitOutcome,
};
use gongxin_chain::{FinalPosition, Handle, Role, SubmissionState};
use gongxin_client::wire::{ArchiveReport, HEARD_MAX, OperatorReport, StatusReport};
use gongxin_types::{
    Height, List, Network, NetworkHead, Slug, TransactionId, bundle::Epoch, genesis::ConsensusKey, limits, receipt::Key,
};

use crate::disk;

/// A running node as its routes see it.
pub(crate) struct NodePort {
    handle: Handle,
    about: About,
}

/// What the node itself does not know of itself.
pub(crate) struct About {
    /// Its name.
    pub(crate) name: Slug,
    /// The network.
    pub(crate) network: NetworkHead,
    /// Its data directory.
    pub(crate) directory: PathBuf,
    /// Free bytes below which it stops.
    pub(crate) floor_bytes: u64,
}

impl NodePort {
    /// The routes' view of this node.
    pub(crate) fn new(handle: Handle, about: About) -> Self {
        Self { handle, about }
    }

    /// What its operator looks at.
    fn operator(&self, status: &gongxin_chain::Status) -> OperatorReport {
        let heard = status.heard.iter().copied().map(ConsensusKey).take(HEARD_MAX).collect();
        OperatorReport {
            name: Some(self.about.name.clone()),
            program: Some(env!("CARGO_PKG_VERSION").to_owned()),
            protocol_version: status.last_final.as_ref().map(|header| header.protocol_version),
            clock: Some(status.clock),
            heard: List::new(heard).ok(),
            not_voting: status.not_voting.clone(),
            not_ready: self.handle.ready().err(),
            faults: status.faults,
            archive: Some(ArchiveReport {
                first: status.archive.first,
                keeps_all: status.archive.keeps_all,
                full_elsewhere: u64::try_from(status.archive.full_elsewhere).unwrap_or(u64::MAX),
                full_needed: u64::try_from(status.archive.full_needed).unwrap_or(u64::MAX),
                snapshot: status.archive.snapshot,
                waits: status.archive.waits.clone(),
            }),
            disk: disk::room(&self.about.directory, self.about.floor_bytes),
        }
    }
}

fn position(position: FinalPosition) -> Position {
    Position { height: position.height, index: position.index }
}

impl ValidatorPort for NodePort {
    fn submit(&self, bytes: Bytes) -> Answer<'_, Result<Submission, SubmitError>> {
        Box::pin(async move {
            let submission = self.handle.submit(bytes).await.map_err(|error| match error {
                gongxin_chain::SubmitError::Busy { retry_after_ms } => SubmitError::Busy { retry_after_ms },
                gongxin_chain::SubmitError::Invalid { reason } => SubmitError::Invalid { reason },
                gongxin_chain::SubmitError::UnknownKey => SubmitError::UnknownKey,
                gongxin_chain::SubmitError::Conflict => SubmitError::Conflict,
                gongxin_chain::SubmitError::Stopped => SubmitError::Stopped,
            })?;
            let place = match submission.state {
                SubmissionState::AlreadyFinal(place) => Some(position(place)),
                SubmissionState::Accepted | SubmissionState::AlreadyPending => None,
            };
            Ok(Submission { id: submission.id, position: place })
        })
    }

    fn wait_final(&self, id: TransactionId, patience: Duration) -> Answer<'_, WaitOutcome> {
        Box::pin(async move {
            match self.handle.wait_final(id, patience).await {
                gongxin_chain::WaitOutcome::Final(place) => WaitOutcome::Final(position(place)),
                gongxin_chain::WaitOutcome::Expired => WaitOutcome::Expired,
                gongxin_chain::WaitOutcome::Timeout => WaitOutcome::Timeout,
                gongxin_chain::WaitOutcome::Stopped => WaitOutcome::Stopped,
            }
        })
    }

    fn transaction(&self, id: TransactionId) -> Answer<'_, TransactionState> {
        let state = match self.handle.transaction(id) {
            gongxin_chain::TransactionState::Unknown => TransactionState::Unknown,
            gongxin_chain::TransactionState::Pending => TransactionState::Pending,
            gongxin_chain::TransactionState::Final(place) => TransactionState::Final(position(place)),
            gongxin_chain::TransactionState::Expired => TransactionState::Expired,
        };
        Box::pin(std::future::ready(state))
    }

    fn block(&self, height: Height) -> Answer<'_, Option<Bytes>> {
        Box::pin(self.handle.block_bytes(height))
    }

    fn first(&self) -> Option<Height> {
        self.handle.archive_range().map(|(first, _)| first)
    }

    fn follow(&self, from: Height) -> BoxStream<'static, Bytes> {
        let subscription = self.handle.subscribe(from);
        futures::stream::unfold(subscription, |mut subscription| async move {
            let (_, bytes) = subscription.next_bytes().await?;
            Some((bytes, subscription))
        })
        .boxed()
    }

    fn state_proof(&self, key: Key) -> Answer<'_, Result<StateProof, ProofError>> {
        Box::pin(async move {
            let proof = self.handle.state_proof(key).await.map_err(|error| match error {
                gongxin_chain::ProofError::AbsenceUnprovable => ProofError::AbsenceUnprovable,
                other => ProofError::NotNow { reason: other.to_string() },
            })?;
            let mut headers = vec![proof.header];
            headers.extend(proof.headers);
            Ok(StateProof {
                headers,
                certificate: proof.certificate,
                key: proof.key,
                page: proof.page,
                proof: proof.proof,
            })
        })
    }

    fn network(&self) -> Network {
        let changes = self.handle.epoch_changes();
        let epochs = changes.iter().take(limits::NETWORK_EPOCHS_MAX).map(Epoch::from).collect();
        Network { epochs: List::new(epochs).unwrap_or(List::empty()), ..Network::of(&self.about.network) }
    }

    fn status(&self) -> StatusReport {
        let status = self.handle.status();
        let operator = self.operator(&status);
        StatusReport {
            network: self.about.network.id(),
            role: match status.role {
                Role::Validator => "validator".into(),
                Role::Follower => "follower".into(),
            },
            height: status.height,
            time: status.last_final.as_ref().map(|header| header.time),
            header: status.last_final.as_ref().map(gongxin_types::Header::digest),
            view: status.view,
            epoch: status.epoch,
            leader: status.leader,
            leader_key: status.leader_key.map(ConsensusKey),
            key: ConsensusKey(status.key),
            peers: u64::try_from(status.peers_seen).unwrap_or(u64::MAX),
            mempool_transactions: u64::try_from(status.mempool_transactions).unwrap_or(u64::MAX),
            mempool_bytes: u64::try_from(status.mempool_bytes).unwrap_or(u64::MAX),
            syncing: status.syncing,
            voting: status.voting,
            clock_fault: status.clock_fault,
            operator,
        }
    }

    fn findings(&self) -> Found {
        let gongxin_chain::Found { watching, findings } = self.handle.findings();
        Found { watching, findings }
    }

    fn ready(&self) -> Result<(), String> {
        self.handle.ready()
    }

    fn metrics(&self) -> Answer<'_, String> {
        Box::pin(std::future::ready(self.handle.metrics()))
    }
}
