//! The router of a validator that has no block and takes any transaction that is one.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use gongxin_api::ValidatorPort;
use gongxin_api::validator;
use gongxin_api::validator_port::{
    Answer, Found, ProofError, StateProof, Submission, SubmitError, TransactionState, WaitOutcome,
};
use gongxin_client::wire::{OperatorReport, StatusReport};
use gongxin_crypto::Suite;
use gongxin_types::{
    Height, List, Network, NetworkHead, Time, Transaction, TransactionId, genesis::ConsensusKey, receipt::Key,
};

/// The validator's router.
pub(crate) fn router() -> Router {
    validator::router(Arc::new(Idle))
}

struct Idle;

fn ready<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(async move { answer })
}

impl ValidatorPort for Idle {
    fn submit(&self, bytes: Bytes) -> Answer<'_, Result<Submission, SubmitError>> {
        let submission = match Transaction::from_bytes(&bytes) {
            Ok(transaction) => Ok(Submission { id: transaction.id(Suite::Intl), position: None }),
            Err(error) => Err(SubmitError::Invalid { reason: error.to_string() }),
        };
        ready(submission)
    }

    fn wait_final(&self, _: TransactionId, _: Duration) -> Answer<'_, WaitOutcome> {
        ready(WaitOutcome::Timeout)
    }

    fn transaction(&self, _: TransactionId) -> Answer<'_, TransactionState> {
        ready(TransactionState::Unknown)
    }

    fn block(&self, _: Height) -> Answer<'_, Option<Bytes>> {
        ready(None)
    }

    fn follow(&self, _: Height) -> BoxStream<'static, Bytes> {
        stream::empty().boxed()
    }

    fn state_proof(&self, _: Key) -> Answer<'_, Result<StateProof, ProofError>> {
        ready(Err(ProofError::AbsenceUnprovable))
    }

    #[expect(clippy::expect_used, reason = "the name is a constant that is one")]
    fn network(&self) -> Network {
        Network::of(&NetworkHead {
            version: 1,
            name: "town".parse().expect("a name"),
            suite: Suite::Intl,
            protocol_version: 1,
            time: Time::from_millis(0),
            time_scale: 1,
            validators: List::empty(),
            objects: Suite::Intl.hash(&[b"objects"]),
        })
    }

    fn status(&self) -> StatusReport {
        StatusReport {
            network: Suite::Intl.hash(&[b"network"]),
            role: "validator".into(),
            height: Height::GENESIS,
            time: None,
            header: None,
            view: 0,
            epoch: 0,
            leader: false,
            leader_key: None,
            key: ConsensusKey([1; 32]),
            peers: 0,
            mempool_transactions: 0,
            mempool_bytes: 0,
            syncing: false,
            voting: false,
            clock_fault: false,
            operator: OperatorReport::default(),
        }
    }

    fn findings(&self) -> Found {
        Found::default()
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn metrics(&self) -> Answer<'_, String> {
        ready(String::new())
    }
}
