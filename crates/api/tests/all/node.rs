//! A node with three real blocks that says what the test told it to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use gongxin_api::{
    ValidatorPort, validator,
    validator_port::{
        Answer, Found, Position, ProofError, StateProof, Submission, SubmitError, TransactionState, WaitOutcome,
    },
};
use gongxin_client::wire::{OperatorReport, StatusReport};
use gongxin_crypto::Suite;
use gongxin_types::{
    ActionCode, ActionReceipt, ActionResult, Certificate, FinalizedBlock, GrantId, Header, HeaderDigest, Height, List,
    Network, NetworkHead, Time, TransactionId, TransactionReceipts,
    alert::Finding,
    codec,
    genesis::ConsensusKey,
    header::EngineContext,
    receipt::{BlockReceipts, Key, Page},
    transaction::{Actor, Sender},
};

use crate::{
    call::key,
    office::{allowed, digest, id},
};

/// Blocks that the node has: heights 1 to 3.
pub(crate) const BLOCKS: u64 = 3;

pub(crate) struct FakeNode {
    pub(crate) submitted: Mutex<Vec<Bytes>>,
    pub(crate) answer: Mutex<Result<Submission, SubmitError>>,
    pub(crate) waited: Mutex<WaitOutcome>,
    pub(crate) state: Mutex<TransactionState>,
    pub(crate) proof: Mutex<Result<(), ProofError>>,
    pub(crate) first: Mutex<u64>,
}

/// The router of a node, and the node.
pub(crate) fn validator() -> (Router, Arc<FakeNode>) {
    let node = Arc::new(FakeNode {
        submitted: Mutex::default(),
        answer: Mutex::new(Ok(Submission { id: transaction(), position: None })),
        waited: Mutex::new(WaitOutcome::Final(position())),
        state: Mutex::new(TransactionState::Unknown),
        proof: Mutex::new(Ok(())),
        first: Mutex::new(1),
    });
    (validator::router(node.clone()), node)
}

pub(crate) fn transaction() -> TransactionId {
    TransactionId(digest("transaction"))
}

pub(crate) fn position() -> Position {
    Position { height: Height::new(2), index: 1 }
}

fn certificate(height: u64) -> Certificate {
    Certificate { epoch: 0, view: height, parent_view: 0, header: HeaderDigest([0; 32]), votes: List::empty() }
}

fn header(height: u64) -> Header {
    Header {
        version: 1,
        network: digest("network"),
        protocol_version: 1,
        height: Height::new(height),
        parent: HeaderDigest([0; 32]),
        time: Time::from_millis(1_785_571_200_000),
        transactions_root: digest("transactions"),
        receipts_root: digest("receipts"),
        state: List::empty(),
        epoch: 0,
        validators_root: digest("validators"),
        next_validators_root: digest("validators"),
        engine: EngineContext(List::empty()),
    }
}

/// A block with one receipt.
pub(crate) fn block(height: u64) -> FinalizedBlock {
    let receipt = ActionReceipt {
        version: 1,
        transaction: transaction(),
        index: 0,
        sender: Sender {
            organization: id("housing"),
            actor: Actor::Officer(id(&"01".repeat(16))),
            key: key(1).public(),
        },
        action: ActionCode::GrantRevoke,
        action_digest: digest(&GrantId::new([1; 16]).to_string()),
        decision: allowed(),
        policy_revision: 1,
        requests_digest: digest("requests"),
        writes: 0,
        writes_root: digest("writes"),
        events: List::empty(),
    };
    let actions = vec![ActionResult { receipt, writes: vec![] }];
    FinalizedBlock {
        header: header(height),
        certificate: Some(certificate(height)),
        transactions: vec![],
        receipts: BlockReceipts { transactions: vec![TransactionReceipts { actions }], ..BlockReceipts::default() },
    }
}

fn ready<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(async move { answer })
}

impl ValidatorPort for FakeNode {
    fn submit(&self, bytes: Bytes) -> Answer<'_, Result<Submission, SubmitError>> {
        self.submitted.lock().unwrap().push(bytes);
        ready(self.answer.lock().unwrap().clone())
    }

    fn wait_final(&self, _: TransactionId, _: Duration) -> Answer<'_, WaitOutcome> {
        ready(*self.waited.lock().unwrap())
    }

    fn transaction(&self, _: TransactionId) -> Answer<'_, TransactionState> {
        ready(*self.state.lock().unwrap())
    }

    fn block(&self, height: Height) -> Answer<'_, Option<Bytes>> {
        let first = *self.first.lock().unwrap();
        ready((first..=BLOCKS).contains(&height.get()).then(|| codec::encode(&block(height.get())).into()))
    }

    fn first(&self) -> Option<Height> {
        Some(Height::new(*self.first.lock().unwrap()))
    }

    fn follow(&self, from: Height) -> BoxStream<'static, Bytes> {
        // After the last block the stream stays open, as a live one does.
        let blocks = (from.get()..=BLOCKS).map(|height| Bytes::from(codec::encode(&block(height))));
        stream::iter(blocks).chain(stream::pending()).boxed()
    }

    fn state_proof(&self, key: Key) -> Answer<'_, Result<StateProof, ProofError>> {
        let mut page = [0; 128];
        page[0] = 7;
        ready(self.proof.lock().unwrap().clone().map(|()| StateProof {
            headers: vec![header(2), header(3)],
            certificate: certificate(3),
            key,
            page: Some(Page(page)),
            proof: vec![1, 2, 3],
        }))
    }

    fn network(&self) -> Network {
        Network::of(&NetworkHead {
            version: 1,
            name: "town".parse().unwrap(),
            suite: Suite::Intl,
            protocol_version: 1,
            time: header(BLOCKS).time,
            time_scale: 1,
            validators: List::empty(),
            objects: digest("objects"),
        })
    }

    fn status(&self) -> StatusReport {
        StatusReport {
            network: digest("network"),
            role: "validator".into(),
            height: Height::new(BLOCKS),
            time: Some(header(BLOCKS).time),
            header: Some(header(BLOCKS).digest()),
            view: 5,
            epoch: 0,
            leader: false,
            leader_key: None,
            key: ConsensusKey([1; 32]),
            peers: 3,
            mempool_transactions: 0,
            mempool_bytes: 0,
            syncing: false,
            voting: true,
            clock_fault: false,
            operator: OperatorReport::default(),
        }
    }

    fn findings(&self) -> Found {
        let finding = |number: u8| Finding::SilentValidator { validator: ConsensusKey([number; 32]) };
        Found { watching: true, findings: (0..40).map(finding).collect() }
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn metrics(&self) -> Answer<'_, String> {
        ready("gongxin_finalized_height 3\n".into())
    }
}
